"""A preview: each character of a text is spoken, or left out for a reason, once."""

import random

import pytest
from alice import CHAPTER_TEXTS

from engine.errors import TextError
from engine.narration.document import n_chars
from engine.narration.preview import TextPreview, preview_text
from engine.types import Pronunciation, SpeechOptions


def told(text: str, options: SpeechOptions | None = None) -> tuple[TextPreview, list[tuple[str, str]]]:
    preview = preview_text(text, options)
    assert preview.n_spoken_chars + sum(n for _, n in preview.left_out) == preview.n_source_chars == n_chars(text)
    assert [part.start for part in preview.unspoken] == sorted(part.start for part in preview.unspoken)
    return preview, [(part.reason.value, text[part.start : part.end]) for part in preview.unspoken]


@pytest.mark.parametrize("text", CHAPTER_TEXTS)
def test_all_of_a_plain_text_is_spoken(text: str) -> None:
    preview, unspoken = told(text)
    assert unspoken == []
    assert preview.n_spoken_chars == n_chars(text)


@pytest.mark.parametrize(
    ("text", "unspoken"),
    [
        ("# A title\n\nSome **bold** words.", [("markup", "#"), ("markup", "**"), ("markup", "**")]),
        (
            "See [the page](https://example.com/a/b) now.",
            [("markup", "["), ("address", "](https://example.com/a/b)")],
        ),
        ("It is at https://example.com/a?b=1, I think.", [("address", "https://"), ("address", "/a?b=1")]),
        ("Good 😀👍🏽 morning, so → there.", [("emoji", "😀👍🏽"), ("emoji", "→")]),
        ("A fact.[12] Another one[^3] too.", [("footnote", "[12]"), ("footnote", "[^3]")]),
        (
            "In<b>side</b> a tag. <!-- a note -->",
            [("markup", "<b>"), ("markup", "</b>"), ("markup", "<!-- a note -->")],
        ),
        ("A word¹ of 5 km² and x³, so.²³", [("footnote", "¹"), ("footnote", "²³")]),
        ("co\u00adoper\u200bation is here", [("invisible", "\u00ad"), ("invisible", "\u200b")]),
        ("One.\n\n* * *\n\nTwo.", [("signs", "* * *")]),
        ("> quoted text\n> goes on here.", [("markup", ">"), ("markup", ">")]),
        ("[1]: https://example.com/page\n\nText here.", [("address", "[1]: https://example.com/page")]),
        ("😀\n\n***", [("emoji", "😀"), ("signs", "***")]),
    ],
)
def test_what_is_left_out_and_why(text: str, unspoken: list[tuple[str, str]]) -> None:
    assert told(text)[1] == unspoken


def test_what_the_dictionary_leaves_unsaid() -> None:
    options = SpeechOptions(pronunciations=(Pronunciation("sic", ""), Pronunciation("teh", "the")))
    preview, unspoken = told("It was teh sic end.", options)
    assert unspoken == [("dictionary", "sic")]
    assert [segment.text for segment in preview.segments] == ["It was the end."]


def test_a_text_without_words_is_all_left_out() -> None:
    preview, unspoken = told("--- ***\n\n ")
    assert preview.segments == ()
    assert unspoken == [("signs", "--- ***")]
    assert told("")[1] == []


def test_what_no_text_may_hold_is_told() -> None:
    with pytest.raises(TextError):
        preview_text("a\0b")


def test_any_text_adds_up() -> None:
    dice = random.Random(11)
    pieces = (
        *(
            "word ",
            "*",
            "**",
            "_",
            "#",
            "[",
            "](",
            ")",
            "https://a.b/c ",
            "<b>",
            "😀",
            "\u200b",
            ".",
            "! ",
            "\n",
            "\n\n",
        ),
        *(
            "> ",
            "| a | b |",
            "`code`",
            "&amp;",
            "e\u0301",
            "漢字。",
            "(whispering)",
            "3 km ",
            "Dr. ",
            "…",
            "[^1]",
            "-----",
        ),
    )
    for _ in range(150):
        told("".join(dice.choices(pieces, k=40)))
