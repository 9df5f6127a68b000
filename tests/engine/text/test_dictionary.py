"""The dictionary's file: kept whole, read back, and what is wrong with it told."""

import json
from pathlib import Path

import pytest

from engine.errors import PronunciationError
from engine.text.dictionary import read_dictionary, with_pronunciation, without_pronunciation, write_dictionary
from engine.types import Pronunciation

ENTRIES = (
    Pronunciation("GIF", "jif", match_case=True),
    Pronunciation(r"\bv(\d+)", r"version \1", "en", is_pattern=True),
    Pronunciation("重庆", "虫庆", "zh"),
    Pronunciation("sic", ""),
    Pronunciation("Nguyen", "", ipa="nʊˈjɛn"),
)


def test_what_is_kept_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "config" / "dictionary.json"
    assert read_dictionary(path) == ()
    write_dictionary(path, ENTRIES)
    assert read_dictionary(path) == ENTRIES
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    values = json.loads(path.read_text(encoding="utf-8"))
    assert values["entries"][3] == {"written": "sic", "spoken": ""}  # as before there were sounds
    assert values["entries"][4] == {"written": "Nguyen", "spoken": "", "ipa": "nʊˈjɛn"}


def test_an_entry_takes_the_place_of_the_one_for_the_same_writing() -> None:
    changed = with_pronunciation(ENTRIES, Pronunciation("GIF", "giff"))
    assert changed == (Pronunciation("GIF", "giff"), *ENTRIES[1:])
    assert with_pronunciation(ENTRIES, Pronunciation("GIF", "gif", "de"))[-1] == Pronunciation("GIF", "gif", "de")
    with pytest.raises(PronunciationError):
        with_pronunciation(ENTRIES, Pronunciation("(", "", is_pattern=True))


def test_entries_are_removed_by_what_is_written() -> None:
    both = (*ENTRIES, Pronunciation("GIF", "gif", "de"))
    assert without_pronunciation(both, "GIF") == ENTRIES[1:]
    assert without_pronunciation(both, "GIF", "de") == ENTRIES
    with pytest.raises(PronunciationError) as caught:
        without_pronunciation(ENTRIES, "JPEG")
    assert (caught.value.problem, caught.value.written) == ("unknown", "JPEG")


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "damaged"),
        ("[]", "damaged"),
        ("{" * 50_000, "damaged"),
        ('{"version": 2, "entries": []}', "damaged"),
        ('{"version": 1, "entries": [{"written": "a"}]}', "damaged"),
        ('{"version": 1, "entries": [{"written": "a", "spoken": 3}]}', "damaged"),
        ('{"version": 1, "entries": [{"written": "a", "spoken": "b", "patern": true}]}', "damaged"),
        ('{"version": 1, "entries": [{"written": "(", "spoken": "b", "pattern": true}]}', "pattern"),
        ('{"version": 1, "entries": [{"written": "a", "spoken": "b", "language": "sv"}]}', "language"),
        ('{"version": 1, "entries": [{"written": "a", "spoken": "b", "ipa": 3}]}', "damaged"),
        ('{"version": 1, "entries": [{"written": "a", "spoken": "b", "ipa": "7"}]}', "ipa"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, content: str, problem: str) -> None:
    path = tmp_path / "dictionary.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(PronunciationError) as caught:
        read_dictionary(path)
    assert caught.value.problem == problem


def test_a_folder_in_its_place_is_told(tmp_path: Path) -> None:
    with pytest.raises(PronunciationError) as caught:
        read_dictionary(tmp_path)
    assert caught.value.problem == "unreadable"
