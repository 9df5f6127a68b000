"""Recognised words are compared as a listener would: spelling, numbers and signs are no errors."""

import pytest
from word_errors import said_words, word_errors

SAME = (
    ("It's half past six.", "It’s half past 6"),
    ("The harbour is grey.", "the harbor is gray!"),
    ("In the spring of 1998, twelve percent", "In the spring of nineteen ninety-eight 12%"),
    ("four hundred million years", "400 million years"),
    ("on the third of November", "on the 3rd of November"),
    ("1,200 or 3.5", "one thousand, two hundred or three point five"),
    ("Doctor Harris", "Dr. Harris"),
)


@pytest.mark.parametrize(("said", "heard"), SAME, ids=[said for said, _ in SAME])
def test_what_sounds_the_same_is_no_error(said: str, heard: str) -> None:
    assert word_errors(said, heard) == 0, (said_words(said), said_words(heard))


def test_words_are_counted_that_are_changed_added_or_missing() -> None:
    assert word_errors("the old harbour", "the cold harbor") == 1
    assert word_errors("the old harbour", "the harbor") == 1
    assert word_errors("the old harbour", "at the old the harbor") == 2
    assert word_errors("the old harbour", "") == 3
