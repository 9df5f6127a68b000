"""A narrated project as an audiobook: one file or one a chapter, at one loudness, with subtitles if asked for."""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from engine.audio.loudness import Levelling, LoudnessMeter, corrected, levelled, levelling_for
from engine.audio.writing import check_output
from engine.errors import OutputError
from engine.files.disk import as_output_error, move
from engine.narration.book_file import ChapterMark, Tags, writing_book
from engine.narration.epub_overlay import AUDIO_TYPES, write_overlay
from engine.narration.project import Project
from engine.narration.recipe import Recipe
from engine.narration.subtitles import write_subtitles, write_words
from engine.narration.timeline import PlacedChapter, Timeline, lay_out, sound_of
from engine.types import SAMPLE_RATE_HZ, CancelToken

_MEASURE_SHARE = 0.15
"""Of the work of an export that measures loudness; encoding is the rest."""
SAMPLE_S = 180
"""Of sound that a limiter is tried on: enough for a tenth of a decibel, 32 MB."""
_REPORT_EVERY_SAMPLES = 10 * SAMPLE_RATE_HZ


class ExportStage(StrEnum):
    """Name what an export is doing."""

    MEASURING = "measuring"
    ENCODING = "encoding"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class ExportProgress:
    """Describe how far an export is. `paths` are what was written, once it is DONE."""

    stage: ExportStage
    fraction: float
    paths: tuple[Path, ...] = ()


class _CancelledError(Exception):
    """Leaves the writers' blocks by the door that throws their files away."""


def export(project: Project, recipe: Recipe, target: Path, cancel: CancelToken) -> Iterator[ExportProgress]:
    """Write what the project's settings ask for: the file `target`, or with `per_chapter` the files of a folder of that
    name.

    A cancelled export leaves nothing, and just ends. Raises `NarrationError` ("not_finished" and others),
    `OutputError`.
    """
    settings = project.settings
    if not settings.per_chapter:
        check_output(target)
    poll = _Poll(cancel)
    try:
        timeline = lay_out(project, recipe, poll)
        levelling = Levelling()
        if settings.loudness_lufs is not None:
            meter, sample = LoudnessMeter(), _Sample(timeline.n_samples)
            for fraction, chunk in _counted(sound_of(timeline, project.sounds), timeline.n_samples, cancel):
                meter.hear(chunk)
                sample.hear(chunk)
                if fraction is not None:
                    yield ExportProgress(ExportStage.MEASURING, _MEASURE_SHARE * fraction)
            asked = levelling_for(meter.loudness(), settings.loudness_lufs)
            levelling = corrected(asked, sample.chunks, poll)
        job = _Job(project, timeline, levelling, cancel, poll)
        for fraction in job.write_chapters(target) if settings.per_chapter else job.write_whole(target):
            yield ExportProgress(ExportStage.ENCODING, _MEASURE_SHARE + (1 - _MEASURE_SHARE) * fraction)
    except _CancelledError:
        return
    yield ExportProgress(ExportStage.DONE, 1.0, job.paths)


class _Poll:
    """Called often, wherever something takes time; raises when cancelled."""

    def __init__(self, cancel: CancelToken) -> None:
        self._cancel = cancel

    def __call__(self) -> None:
        if self._cancel.cancelled:
            raise _CancelledError


class _Sample:
    """Some minutes of a long sound, from everywhere in it."""

    def __init__(self, n_samples: int) -> None:
        self.chunks: list[np.ndarray] = []
        self._share = min(1.0, SAMPLE_S * SAMPLE_RATE_HZ / max(1, n_samples))
        self._n_heard = self._n_kept = 0

    def hear(self, chunk: np.ndarray) -> None:
        if self._n_kept <= self._share * self._n_heard:
            self.chunks.append(chunk)
            self._n_kept += len(chunk)
        self._n_heard += len(chunk)


class _Job:
    def __init__(
        self, project: Project, timeline: Timeline, levelling: Levelling, cancel: CancelToken, poll: _Poll
    ) -> None:
        self._project, self._timeline, self._levelling, self._cancel = project, timeline, levelling, cancel
        self._poll = poll
        self._cover = project.cover()
        book = project.book
        self._tags = Tags(book.title, book.author, language=project.settings.language or book.language or "")
        self.paths: tuple[Path, ...] = ()

    def write_whole(self, target: Path) -> Iterator[float]:
        """Yields fractions."""
        marks = [ChapterMark(chapter.title, chapter.start, chapter.end) for chapter in self._timeline.chapters]
        with writing_book(target, self._tags, marks, self._cover) as writer:
            for fraction, chunk in self._sound(self._timeline):
                writer.write(chunk)
                if fraction is not None:
                    yield fraction
        self.paths = (target, *self._write_subtitles(target, self._timeline))

    def write_chapters(self, folder: Path) -> Iterator[float]:
        """All or none: they are made in a folder beside it, and moved when the last is whole."""
        ending = self._project.settings.format
        n_chapters = len(self._timeline.chapters)
        with _folder_beside(folder) as made:
            for i, chapter in enumerate(self._timeline.chapters):
                part = self._timeline.of_chapter(i)
                path = made / f"{_file_name(i + 1, n_chapters, chapter)}.{ending}"
                tags = replace(
                    self._tags, title=chapter.title, album=self._tags.title, track=i + 1, n_tracks=n_chapters
                )
                with writing_book(path, tags, cover=self._cover) as writer:
                    for fraction, chunk in self._sound(part):
                        writer.write(chunk)
                        if fraction is not None:
                            yield (chapter.start + fraction * part.n_samples) / self._timeline.n_samples
                self._write_subtitles(path, part)
            self.paths = tuple(_moved(made, folder))

    def _write_subtitles(self, audio: Path, timeline: Timeline) -> list[Path]:
        """Those that the settings ask for, beside the sound that they belong to."""
        settings = self._project.settings
        paths = [audio.with_suffix(f".{kind}") for kind in settings.subtitles]
        for path in paths:
            if path.suffix == ".epub":
                self._write_overlay(path, audio, timeline)
            elif path.suffix == ".json":
                write_words(path, timeline, audio)
            else:
                write_subtitles(path, timeline, by_word=settings.by_word)
        return paths

    def _write_overlay(self, path: Path, audio: Path, timeline: Timeline) -> None:
        """An EPUB has sound of its own where that of the audiobook is none for it."""
        if audio.suffix.lower() in AUDIO_TYPES:
            write_overlay(path, timeline, self._project, audio, self._poll)
            return
        passing = path.with_name(f".lectern-{secrets.token_hex(8)}.m4b")
        try:
            with writing_book(passing, self._tags) as writer:
                for _, chunk in self._sound(timeline):
                    writer.write(chunk)
            write_overlay(path, timeline, self._project, passing, self._poll)
        finally:
            passing.unlink(missing_ok=True)

    def _sound(self, timeline: Timeline) -> Iterator[tuple[float | None, np.ndarray]]:
        sound = levelled(sound_of(timeline, self._project.sounds), self._levelling)
        return _counted(sound, timeline.n_samples, self._cancel)


def _counted(
    chunks: Iterable[np.ndarray], n_samples: int, cancel: CancelToken
) -> Iterator[tuple[float | None, np.ndarray]]:
    """The chunks, every few seconds of them with the fraction that is through. Raises when cancelled."""
    n_done = n_reported = 0
    for chunk in chunks:
        if cancel.cancelled:
            raise _CancelledError
        n_done += len(chunk)
        if n_done - n_reported >= _REPORT_EVERY_SAMPLES:
            n_reported = n_done
            yield n_done / n_samples, chunk
        else:
            yield None, chunk


_UNFIT_FOR_NAMES = re.compile(r'[\\/:*?"<>|\x00-\x1f]+')


def file_name_of(title: str) -> str:
    """Make a file's name of `title` that every file system takes, of 120 bytes at most."""
    name = " ".join(_UNFIT_FOR_NAMES.sub(" ", title).split()).strip(". ")
    while len(name.encode()) > 120:
        name = name[:-1]
    return name.rstrip(". ") or "Book"


def _file_name(number: int, n_chapters: int, chapter: PlacedChapter) -> str:
    width = max(2, len(str(n_chapters)))
    return f"{number:0{width}} - {file_name_of(chapter.title)}"


@contextlib.contextmanager
def _folder_beside(folder: Path) -> Iterator[Path]:
    """An empty folder that is gone after the block, with what is left in it. Raises `OutputError`."""
    target = folder.resolve()
    if not target.parent.is_dir():
        raise OutputError("folder_missing", folder, detail=str(target.parent))
    if target.exists() and not target.is_dir():
        raise OutputError("not_allowed", folder, detail="it is a file, and a folder is to be written")
    made = target.with_name(f".lectern-{secrets.token_hex(8)}.part")
    try:
        with as_output_error(folder):
            made.mkdir()
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _moved(made: Path, folder: Path) -> Iterator[Path]:
    with as_output_error(folder):
        if not folder.exists():
            names = sorted(path.name for path in made.iterdir())
            move(made, folder)
            yield from (folder / name for name in names)
            return
        for path in sorted(made.iterdir()):
            yield move(path, folder / path.name)
