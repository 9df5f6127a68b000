"""Which languages a book's sentences are in: what its file declares, against what its text says."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.narration.document import Chapter, Document
from engine.narration.project import Project
from engine.narration.reading import read_document
from engine.narration.report import report_on
from engine.narration.settings import NarrationSettings
from engine.types import LanguageSpan

ENGLISH = "He turned to the door and said something that nobody in the room could understand at all."
GERMAN = "Der alte Mann ging am Morgen durch den Wald, und niemand wusste, wohin er wollte."
SWEDISH = "Det var en gång en flicka som bodde i skogen med sin mormor, och hon hade en katt som hette Misse."


@pytest.mark.parametrize(
    ("declared", "text", "language", "warning"),
    [
        ("en", ENGLISH, "en", ""),
        ("en", GERMAN, "de", "The file says that it is in English, and its text is in German."),
        ("de", ENGLISH, "en", "The file says that it is in German, and its text is in English."),
        ("en", SWEDISH, None, "The file says that it is in English, and its text is in Swedish."),
        ("nl", "Hotel Parijs", "nl", ""),
    ],
)
def test_a_declared_language_holds_unless_the_text_contradicts(
    tmp_path: Path, declared: str, text: str, language: str | None, warning: str
) -> None:
    path = tmp_path / "page.html"
    path.write_text(f'<html lang="{declared}"><body><p>{text}</p><p>{text}</p></body></html>', "utf-8")
    document = read_document(path)
    assert document.language == language
    assert document.warnings == ((warning,) if warning else ())


def test_a_long_book_is_judged_by_more_than_its_first_pages(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    preface, text = f"<p>{ENGLISH}</p>" * 30, f"<p>{GERMAN}</p>" * 300
    path.write_text(f'<html lang="de"><body>{preface}{text}</body></html>', "utf-8")
    assert read_document(path).language == "de"
    path.write_text(f'<html lang="en"><body>{preface}{text}</body></html>', "utf-8")
    assert read_document(path).language == "de"


def test_parts_that_the_file_declares_are_read_so_and_kept_with_the_project(tmp_path: Path) -> None:
    text = f"{ENGLISH}\n\nPardon, Madame.\n\n{ENGLISH}\n\n{SWEDISH}"
    span = LanguageSpan(text.index("Pardon"), text.index("Madame") + 7, "fr")
    document = Document("A Book", "", "en", (Chapter("One", "It rains."), Chapter("Two", text, (span,))))
    with Project.create(tmp_path / "project", document, Path("book.html"), NarrationSettings()) as project:
        languages = [(sentence.language, sentence.unvoiced_language) for sentence in project.sentences()]
        assert languages == [("en", ""), ("en", ""), ("fr", ""), ("en", ""), ("en", "sv")]
        report = report_on(project)
        assert (report.languages, report.unvoiced_languages) == ({"en": 3, "fr": 1}, {"sv": 1})
    with Project(tmp_path / "project") as project:
        assert project.book.languages == ((), (span,))
        project.set_settings(NarrationSettings(language="en"))
        assert {sentence.language for sentence in project.sentences()} == {"en"}
