"""A narration's report, in words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import engine
import engine.narration
from desktop.narration.words import MAX_UNSAID, outline, report_words, unvoiced_lines, wordless_lines


def report_of(tmp_path: Path, text: str, *entries: engine.Pronunciation) -> engine.narration.NarrationReport:
    document = engine.narration.Document("A Book", "", "en", (engine.narration.Chapter("One", text),))
    settings = engine.narration.NarrationSettings(pronunciations=entries)
    with engine.narration.Project.create(tmp_path / "project", document, Path("book.txt"), settings) as project:
        return engine.narration.report_on_narration(project)


def test_what_the_dictionary_leaves_unsaid_is_listed_with_how_often(tmp_path: Path) -> None:
    silent = (engine.Pronunciation("ibid", ""), engine.Pronunciation("§", ""))
    report = report_of(tmp_path, "It rains §. Ibid. It § snows.", *silent)
    assert report.adds_up
    for lines in (report_words(report), outline(report)):
        assert "Left unsaid by the dictionary: “§” (2 times), “Ibid.”" in lines
        assert f"  {len('§§Ibid.'):>10,}  left out: what the dictionary leaves unsaid" in lines
        assert f"  {len('Itrains.Itsnows.'):>10,}  not spoken yet" in lines


def test_a_long_list_is_shortened(tmp_path: Path) -> None:
    words = [f"word{'x' * i}" for i in range(MAX_UNSAID + 3)]
    text = " ".join(f"Here is {word} again." for word in words)
    report = report_of(tmp_path, text, *(engine.Pronunciation(word, "") for word in words))
    (line,) = (line for line in report_words(report) if "unsaid by" in line)
    assert line.count("“") == MAX_UNSAID
    assert line.endswith("and 3 more")


def test_the_languages_are_named_and_those_that_no_voice_speaks(tmp_path: Path) -> None:
    text = (
        "It rains and it snows, and nobody knows why.\n\nEs regnet, und niemand weiß, warum es nicht aufhört.\n\n"
        "Det var en gång en flicka som bodde i skogen med sin mormor."
    )
    report = report_of(tmp_path, text)
    warning = "1 sentence looks like Swedish, which no voice speaks: what is heard of it will not be right."
    assert unvoiced_lines(report) == [warning]
    for lines in (report_words(report), outline(report)):
        assert "Sentences by language: English (1), German (1)" in lines
        assert warning in lines


def test_sentences_that_cannot_be_marked_word_by_word_are_told_with_what_helps(tmp_path: Path) -> None:
    report = report_of(tmp_path, "It rains.")
    assert wordless_lines(report) == []
    (line,) = wordless_lines(replace(report, n_wordless=1))
    assert line.startswith("1 sentence cannot be marked word by word: ")
    assert line.endswith("Made again, by one that does, they can.")
    assert line in report_words(replace(report, n_wordless=1))
