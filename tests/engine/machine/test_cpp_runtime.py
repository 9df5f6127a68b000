"""Microsoft's C++ runtime: found in the system, else in a package that brings it, else named to the person."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.common.messages import explain, explain_at_prompt
from engine.builtin.espeak import loaded_espeak
from engine.builtin.neural.model import _onnxruntime
from engine.errors import BuiltInVoiceError, TorchError
from engine.machine import cpp_runtime
from engine.machine.cpp_runtime import LIBRARIES, missing_cpp_runtime
from engine.machine.torch_check import require_torch


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cpp_runtime, "IS_NEEDED", True)


class Loader:
    """Loads what is among `names`, the system's, or lies in `folder`."""

    def __init__(self, names: tuple[str, ...], folder: str = "") -> None:
        self.names, self.folder = names, folder
        self.loaded: list[str] = []

    def __call__(self, path: str) -> object:
        if path not in self.names and not (self.folder and Path(path).parent.name == self.folder):
            raise OSError("[WinError 126] The specified module could not be found")
        self.loaded.append(path)
        return self


@pytest.mark.usefixtures("windows")
def test_the_systems_own_is_enough() -> None:
    loader = Loader(LIBRARIES)
    assert missing_cpp_runtime(loader) == ()
    assert loader.loaded == list(LIBRARIES)


@pytest.mark.usefixtures("windows")
def test_what_the_system_lacks_comes_from_qts_wheel() -> None:
    loader = Loader(LIBRARIES[:2], folder="shiboken6")
    assert missing_cpp_runtime(loader) == ()
    assert Path(loader.loaded[-1]).name == "msvcp140.dll"


@pytest.mark.usefixtures("windows")
def test_what_is_nowhere_is_named() -> None:
    assert missing_cpp_runtime(Loader(LIBRARIES[:2])) == ("msvcp140.dll",)


def test_other_systems_need_none() -> None:
    assert missing_cpp_runtime(Loader(())) == ()


@pytest.mark.usefixtures("windows")
def test_who_needs_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missing_cpp_runtime, "__defaults__", (Loader(()),))
    errors: list[BuiltInVoiceError | TorchError] = []
    for use in (loaded_espeak().__enter__, _onnxruntime, require_torch):
        with pytest.raises((BuiltInVoiceError, TorchError)) as caught:
            use()
        errors.append(caught.value)
    assert [type(error) for error in errors] == [BuiltInVoiceError, BuiltInVoiceError, TorchError]
    for error in errors:
        for explained in (explain(error), explain_at_prompt(error)):
            assert "Visual C++" in explained.sentence
            assert "msvcp140.dll" in explained.sentence
            assert "vc_redist" in explained.remedy
