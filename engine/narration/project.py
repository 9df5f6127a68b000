"""A narration project: a folder with the book, what a person wants of it, and the sound of its sentences.

Every file but the log is written whole and then put in its place. One process at a time works on a project; any number
may look at it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import Self

from engine.errors import NarrationError
from engine.files.disk import as_output_error, let_go, set_aside, try_lock, write_whole
from engine.narration.document import Document
from engine.narration.edits import PlannedChapter, as_read, chapters_from_json, chapters_to_json, is_complete
from engine.narration.picture import Picture
from engine.narration.project_files import (
    BOOK_DICTIONARY,
    BOOK_NAME,
    CHAPTERS_NAME,
    COVER_NAME,
    EDITS_NAME,
    FILE_MODE,
    LOCK_NAME,
    SETTINGS_NAME,
    VOICE_NAME,
    Edits,
    book_from_json,
    book_of,
    book_to_json,
    edits_from_json,
    edits_to_json,
    read_json,
    read_voice,
    write_json,
    write_voice,
)
from engine.narration.sentences import CutChapter, Edit, LeftOut, Sentence, cut_chapter, may_silence, place_of
from engine.narration.settings import NarrationSettings, settings_from_json, settings_to_json
from engine.narration.store import SoundStore
from engine.text.dictionary import read_dictionary
from engine.types import Pronunciation, Voice


class Project:
    """Open a project. A context manager; with `is_writer` it holds the project's lock, and may change it.

    Opening raises `NarrationError` ("busy", "no_project", "newer", "damaged"), `OutputError`.
    """

    def __init__(self, folder: Path, *, is_writer: bool = True) -> None:
        self.folder = folder
        self._lock: int | None = None
        self.mended: list[Path] = []  # damaged files that are made anew, where they are kept
        if is_writer:
            if not (folder / BOOK_NAME).is_file():
                raise NarrationError("no_project", folder)
            self._lock = _locked(folder)
        try:
            self._read()
            self.sounds = SoundStore(folder, is_writer=is_writer)
        except BaseException:
            self._unlock()
            raise

    @classmethod
    def create(cls, folder: Path, document: Document, source: Path, settings: NarrationSettings) -> Self:
        """Make a project for `document` in `folder`, and open it. Where there is one, it is updated to the document,
        keeping what was chosen and spoken.

        Raises as opening does.
        """
        with as_output_error(folder):
            folder.mkdir(parents=True, exist_ok=True)
        lock = _locked(folder)
        try:
            is_new = not (folder / BOOK_NAME).exists()
            if is_new:
                write_json(folder / SETTINGS_NAME, settings_to_json(settings))
            if document.cover:
                write_whole(folder / COVER_NAME, document.cover, mode=FILE_MODE)
            # Last: a folder that has it is a project.
            write_json(folder / BOOK_NAME, book_to_json(book_of(document, source)))
        finally:
            let_go(lock)
        return cls(folder)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: BaseException | None, _: TracebackType | None) -> None:
        try:
            if self._lock is not None and kind is None:
                self.sounds.close()
        finally:
            self.sounds.abandon()
            self._unlock()

    def close(self) -> None:
        """Write what is not on the disk yet, and release the lock. Raises `OutputError`."""
        self.__exit__(None, None, None)

    @property
    def spoken_settings(self) -> NarrationSettings:
        """Return the settings with the book's own pronunciations before the person's. Raises `PronunciationError`."""
        own = read_dictionary(self.folder / BOOK_DICTIONARY)
        return replace(self.settings, pronunciations=(*own, *self.settings.pronunciations)) if own else self.settings

    # --- what is wanted

    def set_settings(self, settings: NarrationSettings) -> None:
        """Keep `settings`, on the disk too. Raises `OutputError`."""
        if settings != self.settings:
            write_json(self.folder / SETTINGS_NAME, settings_to_json(settings))
            self.settings = settings

    def chapters_as_read(self) -> tuple[PlannedChapter, ...]:
        """Return the chapters as the book has them, without a person's choices."""
        return as_read(self.book.titles, self.book.texts)

    def set_chapters(self, chapters: Iterable[PlannedChapter]) -> None:
        """Keep the chapters' order, titles, what each consists of, and which are left out.

        Raises `OutputError`, `NarrationError` ("no_chapter": they would lose text of the book, or have some twice).
        """
        chapters = tuple(chapters)
        if not is_complete(chapters, self.book.texts):
            raise NarrationError("no_chapter", self.folder, ", ".join(chapter.title for chapter in chapters))
        if chapters != self.chapters:
            write_json(self.folder / CHAPTERS_NAME, chapters_to_json(chapters, self.book.texts))
            self.chapters = chapters

    def edit_sentence(self, sentence: Sentence, text: str) -> None:
        """Change a sentence to say `text`; "" leaves it out, its own words take the edit back. Raises `OutputError`."""
        was = self._edits.get(sentence.chapter, {}).get(place_of(sentence.start, sentence.end))
        words = None if text.strip() == sentence.original else text.strip()
        self._set_edit(sentence, Edit(sentence.original, words, was.take if was else 0))

    def redo_sentence(self, sentence: Sentence) -> None:
        """Mark a sentence to be spoken anew, with another seed. Raises `OutputError`."""
        was = self._edits.get(sentence.chapter, {}).get(place_of(sentence.start, sentence.end))
        text = was.text if was and was.was == sentence.original else None
        self._set_edit(sentence, Edit(sentence.original, text, sentence.take + 1))

    def keep_voice(self, engine: str, voice: Voice) -> None:
        """Keep the voice that `engine` has improvised for this book; without references it needs none. Raises
        `OutputError`."""
        write_voice(self.folder / VOICE_NAME, engine, voice)

    def kept_voice(self, engine: str) -> Voice | None:
        """Return the voice that `keep_voice` was given for `engine`; None where there is none.

        A file that is damaged is set aside (`mended`) by who may write: the same engine improvises the same voice
        again, from the same text and seed.
        """
        path = self.folder / VOICE_NAME
        try:
            return read_voice(path, engine)
        except NarrationError:
            if self._lock is not None:
                self.mended.append(set_aside(path) or path)
            return None

    # --- what is to be spoken

    def cut(self, number: int) -> CutChapter:
        """Cut the chapter that was read with `number` into sentences, when it is first asked for (a novel in a few
        seconds).

        Raises `PronunciationError`.
        """
        language, entries = self.settings.language, self.spoken_settings.pronunciations
        made_of = language, entries if may_silence(entries) else ()
        if number not in self._cut or self._cut[number][0] != made_of:
            edits = self._edits.get(number, {})
            text, declared = self.book.texts[number], self.book.declared(number)
            self._cut[number] = made_of, cut_chapter(number, text, language, edits, made_of[1], declared)
        return self._cut[number][1]

    def contents(self, chapter: PlannedChapter) -> CutChapter:
        """Return the sentences of a chapter that is narrated, which keep their places in what was read."""
        whole = CutChapter()
        for piece in chapter.pieces:
            whole += self.cut(piece.chapter).within(piece.start, piece.end)
        return whole

    def included(self) -> tuple[PlannedChapter, ...]:
        """Return the chapters that are narrated, in order."""
        return tuple(chapter for chapter in self.chapters if chapter.is_included)

    def sentences(self) -> list[Sentence]:
        """Return all sentences that are to be spoken, in order."""
        return [sentence for chapter in self.included() for sentence in self.contents(chapter).sentences]

    def sentence(self, chapter: int, index: int) -> Sentence:
        """Return the sentence `index` of the chapter that was read with the number `chapter`. Raises `NarrationError`
        ("no_sentence")."""
        if 0 <= chapter < len(self.book.texts) and 0 <= index < len(self.cut(chapter).sentences):
            return self.cut(chapter).sentences[index]
        raise NarrationError("no_sentence", self.folder, f"{chapter + 1}.{index + 1}")

    def left_out(self) -> dict[str, int]:
        """Count the characters that are not to be spoken, by reason."""
        counts = dict(self.book.left_out)
        for chapter in self.chapters:
            contents = self.contents(chapter)
            more = contents.left_out if chapter.is_included else {LeftOut.CHAPTER: contents.n_chars}
            for reason, n in more.items():
                counts[str(reason)] = counts.get(str(reason), 0) + n
        return {reason: n for reason, n in counts.items() if n}

    def cover(self) -> Picture | None:
        """Read the cover; None where there is none, or none that can be shown: a book is worth more than its cover."""
        path = self.folder / COVER_NAME
        return Picture.of(path.read_bytes()) if path.is_file() else None

    # --- inside

    def _read(self) -> None:
        book = read_json(self.folder, BOOK_NAME, book_from_json)
        if book is None:
            raise NarrationError("no_project", self.folder)
        self.book = book
        self.settings = read_json(self.folder, SETTINGS_NAME, settings_from_json) or NarrationSettings()
        kept = read_json(self.folder, CHAPTERS_NAME, lambda values: (chapters_from_json(values, book.texts),))
        # Where the book was read anew and has other chapters, choices about the old ones mean nothing.
        self.chapters = (kept[0] if kept is not None else None) or self.chapters_as_read()
        self._edits: Edits = read_json(self.folder, EDITS_NAME, edits_from_json) or {}
        self._cut: dict[int, tuple[tuple[str | None, tuple[Pronunciation, ...]], CutChapter]] = {}

    def _set_edit(self, sentence: Sentence, edit: Edit) -> None:
        place = place_of(sentence.start, sentence.end)
        edits = {number: dict(by_place) for number, by_place in self._edits.items()}
        edits.setdefault(sentence.chapter, {})[place] = edit
        if edit == Edit(sentence.original):
            del edits[sentence.chapter][place]
        write_json(self.folder / EDITS_NAME, edits_to_json(edits))
        self._edits = edits
        self._cut.pop(sentence.chapter, None)

    def _unlock(self) -> None:
        if self._lock is not None:
            let_go(self._lock)
            self._lock = None


def is_project(folder: Path) -> bool:
    """Return whether `folder` is a narration project."""
    try:
        return (folder / BOOK_NAME).is_file()
    except (OSError, ValueError):  # too long for a path, or with a NUL byte in it
        return False


def _locked(folder: Path) -> int:
    """The descriptor that holds the project. The file stays, so that nobody locks one that was removed."""
    with as_output_error(folder):
        descriptor = os.open(folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, FILE_MODE)
    if not try_lock(descriptor):
        os.close(descriptor)
        raise NarrationError("busy", folder)
    return descriptor
