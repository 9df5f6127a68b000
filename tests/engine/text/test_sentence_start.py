from __future__ import annotations

import pytest

from engine.text import sentence_start

TEXT = "One is here. Two is there.\n\nThree, too. (laughing) Four."


@pytest.mark.parametrize(
    ("at", "begins"),
    [("One", "One"), ("here", "One"), ("Two", "Two"), ("there.", "Two"), ("too", "Three"), ("Four", "(laughing)")],
)
def test_the_sentence_around_a_position(at: str, begins: str) -> None:
    assert sentence_start(TEXT, TEXT.index(at)) == TEXT.index(begins)


@pytest.mark.parametrize("position", [len("One is here. Two is there.\n"), len(TEXT)])
def test_between_and_after_sentences_it_is_the_position_itself(position: int) -> None:
    assert sentence_start(TEXT, position) == position


def test_far_into_a_long_text_only_the_neighbourhood_counts() -> None:
    sentence = "Here are several words in a row. "
    text = sentence * 50_000
    at = len(sentence) * 40_000
    assert sentence_start(text, at + 9) == at


@pytest.mark.parametrize("text", ["", "\n\n", "…", "a\x00b"])
def test_where_nothing_is_spoken(text: str) -> None:
    assert sentence_start(text, len(text)) == len(text)
