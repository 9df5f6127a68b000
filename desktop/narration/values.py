"""Defines what the narration window shows: frozen values, made in the worker and rendered in the window. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum, auto
from pathlib import Path

import engine
import engine.narration
from desktop.common.messages import Message
from engine.registry import always_there


class JobPhase(StrEnum):
    """Names what is happening to one book. What was begun and is neither paused nor over goes on by itself, after a
    restart too."""

    READING = auto()  # the document
    READY = auto()  # nothing was asked for yet, or it was changed after it was done
    WAITING = auto()  # another book is narrated
    NARRATING = auto()
    WRITING = auto()  # the audiobook
    PAUSED = auto()
    DONE = auto()
    FAILED = auto()


WORKING = (JobPhase.WAITING, JobPhase.NARRATING, JobPhase.WRITING)
"""What a pause stops."""


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """Describes a chapter. Rows stand in the order in which they are narrated; `pieces` is what one consists of.
    `begins` is the place of its first sentence: the number of a chapter as it was read, and the index in it."""

    pieces: tuple[engine.narration.Piece, ...]
    title: str
    is_included: bool
    n_sentences: int = 0
    n_spoken: int = 0
    seconds: float = 0.0
    begins: tuple[int, int] | None = None

    @property
    def plan(self) -> engine.narration.PlannedChapter:
        return engine.narration.PlannedChapter(self.title, self.pieces, self.is_included)


@dataclass(frozen=True, slots=True)
class ChapterSentence:
    """Describes one sentence of a chapter's text: where it begins, its words as they are spoken, and whether they are
    yet."""

    chapter: int
    index: int
    start: int
    text: str
    begins_paragraph: bool
    is_alone: bool
    """All of its paragraph, as a heading is."""
    is_spoken: bool = False


@dataclass(frozen=True, slots=True)
class ChapterText:
    """Holds what the chapter of `pieces` in the book `job` says, to be divided; empty where it cannot be read."""

    job: str
    pieces: tuple[engine.narration.Piece, ...]
    sentences: tuple[ChapterSentence, ...] = ()


@dataclass(frozen=True, slots=True)
class WarningRow:
    """Describes a sentence to listen to: its place, its words as they are spoken, and why."""

    chapter: int
    index: int
    text: str
    chapter_title: str
    reason: str
    has_sound: bool = True


@dataclass(frozen=True, slots=True)
class JobView:
    """Describes a book in the queue. `name` is the job's, for requests: its project's folder. `progress` is a line that
    says how far it is."""

    name: str
    title: str
    author: str = ""
    phase: JobPhase = JobPhase.READY
    fraction: float = 0.0
    progress: str = ""
    chapters: tuple[ChapterRow, ...] = ()
    warnings: tuple[WarningRow, ...] = ()
    settings: engine.narration.NarrationSettings = field(default_factory=engine.narration.NarrationSettings)
    target: Path = Path()
    problem: Message | None = None
    notes: tuple[str, ...] = ()
    written: Path | None = None
    """The audiobook, or the folder of its chapters, where the book is done and it is still there."""

    @property
    def is_changeable(self) -> bool:
        return self.phase is not JobPhase.READING


@dataclass(frozen=True, slots=True)
class NarratedText:
    """Holds the text of the narration `job` as it was read, to be read along: `key` names the file's content where that
    is still there. `places` are by chapter the spans of its sentences in its text, and `words` what tells where a
    sentence's words are in that text and in its sound; those of one that says something else now are not told."""

    job: str
    key: str
    source: Path
    document: engine.narration.Document
    places: tuple[tuple[tuple[int, int], ...], ...]
    seconds: float
    words: tuple[tuple[Callable[[], tuple[engine.Word, ...]], ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Playing:
    """Says what is being heard of a book: a place in it, or nothing. `word` is its span in the chapter's text, where
    somebody reads along."""

    job: str = ""
    chapter: int = -1
    index: int = -1
    is_waiting: bool = False
    problem: Message | None = None
    is_paused: bool = False
    word: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Speaker:
    """Says which engine speaks, and from which checkpoint, if it needs one; with other engines' own voices they do."""

    engine: str = field(default_factory=lambda: always_there().name)
    checkpoint: Path | None = None
    voices_folder: Path = Path()
