"""Paths as espeak-ng can be given them on Windows, whose code page (here the Western one) lacks most letters."""

from __future__ import annotations

import pytest

from desktop.common.messages import explain_at_prompt
from engine.builtin import espeak
from engine.builtin.espeak import loaded_espeak
from engine.builtin.windows_path import path_for_c
from engine.errors import BuiltInVoiceError

SHORT = r"C:\Users\EDE1~1\data"


def spelt(folder: str, short: str = SHORT, max_bytes: int = 60) -> bytes | None:
    return path_for_c(folder, max_bytes, lambda _: short, "cp1252")


def test_a_path_is_given_in_the_systems_code_page() -> None:
    assert spelt(r"C:\Program Files\data") == rb"C:\Program Files\data"
    assert spelt(r"C:\Users\Zoë\data") == b"C:\\Users\\Zo\xeb\\data"  # UTF-8 would name another folder


def test_what_the_code_page_lacks_and_what_is_too_long_goes_by_its_short_name() -> None:
    assert spelt(r"C:\Users\Łukasz\data") == SHORT.encode()
    assert spelt("C:\\" + "a" * 60) == SHORT.encode()


def test_a_disk_without_short_names_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = r"D:\Łukasz\data"
    assert spelt(folder, short=folder) is None
    monkeypatch.setattr(espeak, "IS_WINDOWS", True)
    monkeypatch.setattr(espeak, "path_for_c", lambda folder, n_bytes: spelt(f"{folder}ł", f"{folder}ł", n_bytes))
    with pytest.raises(BuiltInVoiceError) as caught, loaded_espeak():
        pass
    assert caught.value.problem == "path"
    assert "English letters" in explain_at_prompt(caught.value).remedy
