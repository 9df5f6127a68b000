"""A document as the reader holds it: nothing lost where long chapters are cut, places that lead where they say."""

from __future__ import annotations

from pathlib import Path

import pytest
from long_book import pages

from desktop.common.content_key import key_of
from desktop.reader.book import MAX_PART_CHARS, Book, make_book
from engine import LanguageSpan
from engine.narration import Chapter, Document

PARAGRAPHS = pages(400, 1).partition("\n\n")[2]


def book(*chapters: Chapter, language: str | None = "en") -> Book:
    return make_book("key", Path("a.epub"), Document("A", "B", language, chapters))


@pytest.mark.parametrize(
    "text",
    [
        PARAGRAPHS,
        PARAGRAPHS.replace("\n\n", "\n"),
        PARAGRAPHS.replace("\n\n", " "),
        "字" * (2 * MAX_PART_CHARS + 3),
        "One.\n\n" + "\n" * 3 + "x" * MAX_PART_CHARS,
        "short",
    ],
    ids=["paragraphs", "lines", "sentences", "signs", "gaps", "short"],
)
def test_long_chapters_are_cut_and_nothing_is_lost(text: str) -> None:
    made = book(Chapter("One", "Before."), Chapter("Two", text), Chapter("Three", "After."))
    assert "".join(part.text for part in made.parts) == f"Before.{text}After."
    assert all(0 < len(part.text) <= MAX_PART_CHARS for part in made.parts)
    assert [part.start for part in made.parts] == [0, *(part.end for part in made.parts[:-1])]
    assert made.parts[1].title == "Two"
    if text is PARAGRAPHS:
        assert made.parts[2].title == "Two (2)"
        assert made.parts[1].text.endswith("\n\n")
    for place in (0, 6, 7, 8, made.n_chars - 7, made.n_chars - 1, made.n_chars, made.n_chars + 5):
        part = made.parts[made.part_at(place)]
        assert part.start <= place
        assert place < part.end or part is made.parts[-1]


def test_each_part_has_what_is_declared_of_it() -> None:
    text = "a" * 50_000 + "\n\n" + "b" * 90_000
    spans = (LanguageSpan(10, 20, "fr"), LanguageSpan(49_000, 60_000, "de"))
    first, second = book(Chapter("", text, spans)).parts
    assert (len(first.text), second.title) == (50_002, "(2)")
    assert first.languages == (
        LanguageSpan(0, 50_002, "en"),
        LanguageSpan(10, 20, "fr"),
        LanguageSpan(49_000, 50_002, "de"),
    )
    assert second.languages == (LanguageSpan(0, 90_000, "en"), LanguageSpan(0, 9_998, "de"))
    assert book(Chapter("", "x", spans[:0]), language=None).parts[0].languages == ()


def test_a_book_is_known_by_its_content(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").write_bytes(b"one")
    (tmp_path / "c").write_bytes(b"two")
    keys = [key_of(tmp_path / name) for name in "abc"]
    assert keys[0] == keys[1] != keys[2]
