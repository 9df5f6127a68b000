"""Commands that a person can paste, for sh and for Windows' two prompts."""

from __future__ import annotations

import shlex

import pytest

from desktop.common import shell_words
from desktop.common.shell_words import join, one_after_the_other, quote

WORDS = ["plain", "two words", "it's", "", "a&b"]


def test_sh_reads_the_words_back() -> None:
    assert shlex.split(join(WORDS)) == WORDS
    assert one_after_the_other("a", "b") == "a && b"


def test_windows_gets_double_quotes_and_no_sign_of_shs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shell_words, "IS_WINDOWS", True)
    assert quote(r"C:\Users\Zoë\S1 Mini") == r'"C:\Users\Zoë\S1 Mini"'
    assert quote(r"C:\S1") == r"C:\S1"
    assert join(WORDS) == 'plain "two words" it\'s "" "a&b"'
    assert "&&" not in one_after_the_other("a", "b")
