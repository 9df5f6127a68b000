"""`lectern dictionary` as a process, and what speaks with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engine.audio import read_audio


@pytest.fixture
def speaking(lectern: Any, tmp_path: Path) -> Any:
    """`lectern` with settings of its own."""
    lectern.environment["XDG_CONFIG_HOME"] = str(tmp_path / "config")
    return lectern


def told(done: Any) -> list[str]:
    assert done.returncode == 0, done.stderr
    return done.stdout.decode().splitlines()


def test_entries_are_kept_listed_tried_and_removed(speaking: Any) -> None:
    assert told(speaking("dictionary", "list")) == []
    assert speaking("dictionary", "add", "GIF", "jif").returncode == 0
    assert speaking("dictionary", "add", "--pattern", "--lang", "en", r"\bv(\d+)", r"version \1").returncode == 0
    assert told(speaking("dictionary", "list")) == ["GIF → “jif”", r"\bv(\d+) → “version \1” (en, pattern)"]
    assert told(speaking("dictionary", "try", "The GIF of v2 is 5 km long. And more.", "--lang", "en")) == [
        "The jif of version 2 is 5 kilometres long.",
        "And more.",
    ]
    assert speaking("dictionary", "remove", "GIF").returncode == 0
    gone = speaking("dictionary", "remove", "GIF")
    assert gone.returncode == 2
    assert gone.stderr.startswith(b"lectern: The dictionary has no entry for GIF.")


def test_a_sound_is_kept_shown_spoken_and_checked(speaking: Any) -> None:
    kept = speaking("dictionary", "add", "Nguyen", "--ipa", "/nʊˈjɛn/")
    assert kept.returncode == 0
    assert kept.stderr.decode().splitlines()[0] == "Kept: Nguyen → /nʊˈjɛn/, else as it is written"
    assert "the built-in voice" in kept.stderr.decode().splitlines()[1]
    assert speaking("dictionary", "add", "Tran", "tran", "--ipa", "tɹɑːn").returncode == 0
    assert told(speaking("dictionary", "list"))[1] == "Tran → /tɹɑːn/, else “tran”"
    assert told(speaking("dictionary", "try", "Dr Nguyen met Tran.")) == ["Dr Nguyen /nʊˈjɛn/ met tran /tɹɑːn/."]
    for wrong, sentence in (
        ("ŋ7", "The sound of Ng holds “7”, which is no sign"),
        ("//", "The sound of Ng has no letter"),
    ):
        done = speaking("dictionary", "add", "Ng", "--ipa", wrong)
        assert done.returncode == 2
        assert done.stderr.decode().startswith(f"lectern: {sentence}")
    nothing = speaking("dictionary", "add", "Ng")
    assert nothing.returncode == 2
    assert b"SPOKEN, or --ipa" in nothing.stderr


def test_a_bad_pattern_is_refused_in_one_sentence(speaking: Any) -> None:
    done = speaking("dictionary", "add", "--pattern", "(", "x")
    assert done.returncode == 2
    assert done.stderr.decode().count("\n") == 1
    assert done.stderr.startswith(b"lectern: The regular expression ( has a mistake")
    assert told(speaking("dictionary", "list")) == []


def test_what_is_said_follows_the_dictionary(speaking: Any) -> None:
    text = "Yes, GIF."
    assert speaking("say", text, "-o", "before.wav").returncode == 0
    assert speaking("dictionary", "add", "GIF", "graphics interchange format").returncode == 0
    assert speaking("say", text, "-o", "after.wav").returncode == 0
    before, after = (read_audio(Path(speaking.folder) / name).size for name in ("before.wav", "after.wav"))
    assert after > 1.5 * before


def test_a_damaged_dictionary_stops_no_speech(speaking: Any) -> None:
    speaking("dictionary", "add", "GIF", "jif")
    path = Path(speaking.environment["XDG_CONFIG_HOME"]) / "lectern" / "dictionary.json"
    path.write_text("{")
    done = speaking("say", "Yes.", "-o", "a.wav")
    assert done.returncode == 0
    assert b"Speaking without the dictionary: The dictionary" in done.stderr
