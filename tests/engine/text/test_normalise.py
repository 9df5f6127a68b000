"""What is written short is said as a reader of each of the 13 languages would say it; the rest stays to the letter."""

import random
import subprocess
import sys

import pytest
from tables import table_rows

from engine.text import iter_segments
from engine.text.languages import all_records
from engine.types import LANGUAGES, SpeechOptions, SpeechRequest


def say(text: str, language: str) -> str:
    return " ".join(segment.text for segment in iter_segments(text, language, normalise=True))


@pytest.mark.slow
def test_no_word_is_torn_apart() -> None:
    """What is written short is a whole word: letters of any alphabet go on with it, as in "Stéphane" and "Drôle"."""
    for record in all_records():
        tables = (record.title_abbreviations, record.number_abbreviations, record.abbreviations)
        for short in {key.rstrip(".") for table in tables for key in table if key.rstrip(".").isalpha()}:
            for letter in "éÉßłяع":
                words = f"({short}{letter}n) ({letter}n{short})"
                assert say(words, record.code) == words


def test_offsets_lead_to_what_is_written() -> None:
    text = "First,  Dr. Who paid $3.50 for **5 km** in Chapter IV of Henry VIII."
    (segment,) = iter_segments(text, "en", normalise=True)
    for said, written in (
        ("Doctor", "Dr. "),
        ("3 dollars and 50 cents", "$3.50"),
        ("5 kilometres", "5 km"),
        ("Chapter", "Chapter"),
        ("4", "IV"),
        ("Henry", "Henry"),
        ("the Eighth", "VIII"),
        ("paid", "paid"),
    ):
        start = segment.text.index(said)
        assert text[slice(*segment.source.span(start, start + len(said)))] == written
    assert (segment.start, segment.end) == (0, len(text))


def test_the_map_always_fits() -> None:
    dice = random.Random(5)
    pieces = [word for row in table_rows() for word in row.written.split()]
    for _ in range(400):
        language = dice.choice(LANGUAGES)
        text = " ".join(dice.choices(pieces, k=14))
        for segment in iter_segments(text, language, normalise=True):
            assert len(segment.text) == len(segment.source.starts) == len(segment.source.ends)
            assert list(segment.source.starts) == sorted(segment.source.starts)
            assert list(segment.source.ends) == sorted(segment.source.ends)
            assert segment.start <= segment.source.starts[0]
            assert segment.source.ends[-1] <= segment.end


def test_it_can_be_switched_off() -> None:
    from engine.text import request_segments

    def said(options: SpeechOptions) -> str:
        return next(request_segments(SpeechRequest("It is 5 km.", options=options))).text

    assert said(SpeechOptions()) == "It is 5 kilometres."
    assert said(SpeechOptions(normalise=False)) == "It is 5 km."


def test_a_plain_sentence_needs_no_library() -> None:
    program = (
        "import sys; from engine.text import iter_segments;"
        "print(next(iter_segments('It was plain, and it cost $5.', 'en', normalise=True)).text);"
        "print([name for name in ('num2words', 'regex') if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert told.stdout == "It was plain, and it cost 5 dollars.\n[]\n"


@pytest.mark.slow
def test_numbers_without_end_cost_no_more_than_their_length() -> None:
    for text in (  # longer than the digits that Python makes a number of
        "1" * 5000,
        "1," * 5000,
        "1 000 " * 1500,
        "XVI" * 1500,
        "a.b" * 2000,
        "$" * 2500 + "5",
        "5 " * 5000,
    ):
        for language in ("en", "fr", "de", "zh"):
            assert say(f"a {text} b", language)
