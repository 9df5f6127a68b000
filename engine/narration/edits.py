"""What a person does to a document's chapters: order, names, what is left out, joined or divided; as a value.

A plan names places in a document's chapters and never holds their text, so the document stays as it was read.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from engine.errors import PlanError
from engine.narration.document import Chapter, Document, Omission, OmissionReason

_VERSION = 1


@dataclass(frozen=True, slots=True)
class Piece:
    """`[start, end)` of the text of the document's chapter with the number `chapter`, from 0."""

    chapter: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PlannedChapter:
    """One chapter as it is to be; `included` False leaves it out."""

    title: str
    pieces: tuple[Piece, ...]
    included: bool = True


@dataclass(frozen=True, slots=True)
class ChapterPlan:
    """Every character of the document's chapters is in exactly one piece, whatever was done; positions count from 0.

    Every operation gives a new plan, and raises IndexError for a position that is not there.
    """

    document: str  # which document it is for: see `fingerprint`
    chapters: tuple[PlannedChapter, ...]

    @classmethod
    def of(cls, document: Document) -> ChapterPlan:
        """The chapters as they were read."""
        whole = [(Piece(i, 0, len(chapter.text)),) for i, chapter in enumerate(document.chapters)]
        chapters = map(PlannedChapter, (chapter.title for chapter in document.chapters), whole)
        return cls(fingerprint(document), tuple(chapters))

    def moved(self, position: int, to: int) -> ChapterPlan:
        """The chapter at `position`, so that it stands at `to`."""
        chapters = list(self.chapters)
        chapters.insert(self._checked(to), chapters.pop(self._checked(position)))
        return replace(self, chapters=tuple(chapters))

    def renamed(self, position: int, title: str) -> ChapterPlan:
        return self._with(position, replace(self.chapters[self._checked(position)], title=" ".join(title.split())))

    def included(self, position: int, included: bool) -> ChapterPlan:
        """The chapter at `position` spoken, or left out."""
        return self._with(position, replace(self.chapters[self._checked(position)], included=included))

    def merged(self, position: int) -> ChapterPlan:
        """The chapter at `position` and the next one as one, with the first one's title, included if either was."""
        first, second = self.chapters[self._checked(position)], self.chapters[self._checked(position + 1)]
        pieces = list(first.pieces)
        for piece in second.pieces:
            last = pieces[-1]
            if (last.chapter, last.end) == (piece.chapter, piece.start):
                pieces[-1] = replace(last, end=piece.end)
            else:
                pieces.append(piece)
        both = PlannedChapter(first.title, tuple(pieces), first.included or second.included)
        return replace(self, chapters=(*self.chapters[:position], both, *self.chapters[position + 2 :]))

    def split(self, position: int, offset: int, title: str, document: Document) -> ChapterPlan:
        """The chapter at `position` in two, the second with `title`; `offset` counts in its text as `applied` gives it.

        Raises `PlanError` ("empty") where one of them would be empty.
        """
        chapter = self.chapters[self._checked(position)]
        first: list[Piece] = []
        second: list[Piece] = []
        begin = 0
        for piece in chapter.pieces:
            text = document.chapters[piece.chapter].text[piece.start : piece.end]
            lead = len(text) - len(text.lstrip())
            cut = piece.start + lead + min(max(offset - begin, -lead), len(text) - lead)
            first += [replace(piece, end=cut)] if cut > piece.start else []
            second += [replace(piece, start=cut)] if cut < piece.end else []
            begin += len(text.strip()) + len(_BETWEEN)
        halves = [
            replace(chapter, pieces=tuple(first)),
            replace(chapter, title=" ".join(title.split()), pieces=tuple(second)),
        ]
        if not all(_text(half, document) for half in halves):
            raise PlanError("empty")
        return replace(self, chapters=(*self.chapters[:position], *halves, *self.chapters[position + 1 :]))

    def applied(self, document: Document) -> Document:
        """`document` with its chapters as planned; what is left out is an omission. Raises `PlanError`."""
        self.check(document)
        texts = [(chapter, _text(chapter, document)) for chapter in self.chapters]
        chapters = tuple(Chapter(chapter.title, text) for chapter, text in texts if chapter.included)
        left_out = tuple(
            Omission(OmissionReason.CHOICE, text, chapter.title) for chapter, text in texts if not chapter.included
        )
        return replace(document, chapters=chapters, omissions=(*document.omissions, *left_out))

    def check(self, document: Document) -> None:
        """Raise `PlanError` unless the plan is for `document`: "other_document", "damaged"."""
        if self.document != fingerprint(document):
            raise PlanError("other_document")
        ends = [0] * len(document.chapters)
        pieces = [piece for chapter in self.chapters for piece in chapter.pieces]
        for piece in sorted(pieces, key=lambda piece: (piece.chapter, piece.start)):
            if not 0 <= piece.chapter < len(ends) or ends[piece.chapter] != piece.start or piece.end < piece.start:
                raise PlanError("damaged")
            ends[piece.chapter] = piece.end
        if ends != [len(chapter.text) for chapter in document.chapters]:
            raise PlanError("damaged")

    def to_json(self) -> str:
        return json.dumps({"version": _VERSION, **asdict(self)}, ensure_ascii=False, indent=1)

    @classmethod
    def from_json(cls, text: str) -> ChapterPlan:
        """The plan that `to_json` wrote. Raises `PlanError` ("damaged") for anything else."""
        try:
            values = json.loads(text)
            if values["version"] != _VERSION:
                raise PlanError("damaged")
            chapters = tuple(
                PlannedChapter(
                    _of_type(str, chapter["title"]),
                    tuple(Piece(*(_of_type(int, p[name]) for name in _PIECE_FIELDS)) for p in chapter["pieces"]),
                    _of_type(bool, chapter["included"]),
                )
                for chapter in values["chapters"]
            )
            return cls(_of_type(str, values["document"]), chapters)
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise PlanError("damaged") from error

    def _checked(self, position: int) -> int:
        if not 0 <= position < len(self.chapters):
            raise IndexError(position)
        return position

    def _with(self, position: int, chapter: PlannedChapter) -> ChapterPlan:
        return replace(self, chapters=(*self.chapters[:position], chapter, *self.chapters[position + 1 :]))


_BETWEEN = "\n\n"
_T = TypeVar("_T")
_PIECE_FIELDS = ("chapter", "start", "end")


def fingerprint(document: Document) -> str:
    """The same for the same chapters' texts, whatever their titles."""
    digest = hashlib.sha256()
    for chapter in document.chapters:
        digest.update(f"{len(chapter.text)}:{chapter.text}".encode())
    return digest.hexdigest()


def _text(chapter: PlannedChapter, document: Document) -> str:
    texts = (document.chapters[piece.chapter].text[piece.start : piece.end].strip() for piece in chapter.pieces)
    return _BETWEEN.join(filter(None, texts))


def _of_type(kind: type[_T], value: object) -> _T:
    if type(value) is not kind:
        raise TypeError(kind)
    return value
