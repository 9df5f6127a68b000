"""What the notes on a text change in its way to segments: where it is cut, what is said, how pieces are delivered."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from engine.notes import Bookmark, Delivery, Emphasis, Manner, Pause, Phonemes, Saying, TextNotes
from engine.text.blocks import MAX_BLOCK_CODEPOINTS, Block, BlockKind, cut_line
from engine.text.mapped_text import MappedText, joined
from engine.text.pieces import Range, speakable_pieces
from engine.text.say_as import said_as
from engine.text.scripts import is_written_as
from engine.text.ssml_values import MAX_PAUSE_MS
from engine.types import LANGUAGES, Segment

_PARAGRAPH = re.compile(r"(?:(?!\n\n).)+", re.DOTALL)
_IS_ENDED = re.compile(r"[.!?…:;؟۔。！？：；]\W*\Z")


def paragraphs(text: str) -> Iterator[Block]:
    """Yield the paragraphs of a text that has no other structure, as blocks; long ones in several."""
    for paragraph in _PARAGRAPH.finditer(text):
        start, end = paragraph.span()
        is_first = True
        while start < end:
            stop = end if end - start <= MAX_BLOCK_CODEPOINTS else cut_line(text, start, start + MAX_BLOCK_CODEPOINTS)
            yield Block(BlockKind.TEXT, ((start, stop),), is_first)
            start, is_first = stop, False


class Noted:
    """Applies the notes of one text; segments are delivered in the text's order."""

    def __init__(self, notes: TextNotes) -> None:
        self._notes = notes
        self._stretch_starts = [stretch.start for stretch in notes.stretches]
        fixed: list[Saying | Phonemes] = [*notes.sayings, *notes.phonemes]
        self._fixed = sorted(fixed, key=lambda span: span.start)
        self._fixed_starts = [span.start for span in self._fixed]
        edges = {edge for stretch in notes.stretches for edge in (stretch.start, stretch.end)}
        edges.update(pause.at for pause in notes.pauses if pause.ms != 0)
        self._cuts = sorted(edge for edge in edges if not self._is_inside_fixed(edge))
        self._settled: set[int] = set()  # sayings whose words have been put in their place
        self._open_emphases: list[Emphasis] = []
        self._n_pauses = self._n_emphases = self._n_bookmarks = 0  # how many are done with

    def manner_at(self, place: int) -> Manner:
        """Return the manner in which the code point at `place` is spoken."""
        stretches = self._notes.stretches
        i = bisect_right(self._stretch_starts, place) - 1
        return stretches[i].manner if i >= 0 and place < stretches[i].end else Manner()

    def language_of(self, text: MappedText, told: str) -> str:
        """Return the language in which `text` is read, where it was `told` to be in another: the notes' own, unless no
        voice speaks it or the text is in another script."""
        declared = self.manner_at(text.source.starts[0]).language
        return declared if declared in LANGUAGES and is_written_as(text.text, declared) else told

    def said(self, line: MappedText, language: str) -> MappedText:
        """Put what is said for parts of `line`, which is in `language`, in their place."""
        parts: list[MappedText] = []
        done = 0
        for span in self._fixed_in(line):
            start, end = line.source.within(span.start, span.end)
            if not isinstance(span, Saying) or start < done or start >= end:
                continue
            written = line.slice(start, end)
            words = said_as(written.text, span.kind, span.form, self.language_of(written, language))
            if words is not None:
                self._settled.add(span.start)
                is_begun = line.source.starts[start] > span.start  # it is said in the line before
                parts += [line.slice(done, start), written.replaced("" if is_begun and span.kind == "alias" else words)]
                done = end
        return joined([*parts, line.slice(done, len(line))]) if parts else line

    def pieces(self, line: MappedText, language: str) -> Iterator[tuple[Range, bool]]:
        """Yield the pieces of `line`, cut where the notes want it, and whether each goes on without a pause."""
        if not line.text:
            return
        starts = line.source.starts
        first, last = bisect_right(self._cuts, starts[0]), bisect_left(self._cuts, line.source.ends[-1])
        cuts = sorted({0, *(bisect_left(starts, cut) for cut in self._cuts[first:last]), len(line)})
        fixed = [line.source.within(span.start, span.end) for span in self._fixed_in(line)]
        for begin, end in pairwise(cuts):
            part = line.slice(begin, end)
            ranges = speakable_pieces(part.text, self.language_of(part, language))
            whole = _joined_over([(begin + a, begin + b) for a, b in ranges], fixed)
            for i, (a, b) in enumerate(whole):
                goes_on = i == len(whole) - 1 and end < len(line) and not _IS_ENDED.search(line.text, a, b)
                yield (a, b), goes_on

    def given(self, piece: MappedText) -> list[tuple[int, int, str]]:
        """Find the ranges of `piece` that are said as they stand, and how they sound where the notes tell."""
        ranges = [
            (*piece.source.within(span.start, span.end), span.ipa if isinstance(span, Phonemes) else "")
            for span in self._fixed_in(piece)
            if isinstance(span, Phonemes) or span.start in self._settled
        ]
        return [(start, end, ipa) for start, end, ipa in ranges if start < end]

    def delivered(self, segment: Segment, following: int | None, *, goes_on: bool) -> Segment:
        """Add to `segment` how it is to sound. `following`: where the next one begins, None for the last."""
        taken = list(self._pauses_until(following))
        before = [pause.ms or 0 for pause in taken if segment.index == 0 and pause.at <= segment.start]
        after = [pause for pause in taken if pause.at >= segment.end]
        told = [(pause.at, pause.ms) for pause in after if pause.ms is not None]
        pause_ms = min(MAX_PAUSE_MS, sum(ms for _, ms in told)) if told else None
        if goes_on and not after and not segment.ends_paragraph:
            pause_ms = 0
        delivery = Delivery(
            replace(self.manner_at(segment.start), language=""),
            min(MAX_PAUSE_MS, sum(before)),
            pause_ms,
            self._emphases_in(segment),
            self._bookmarks_until(following, max([segment.end - 1, *(at for at, _ in told)])),
        )
        return replace(segment, delivery=delivery)

    def _pauses_until(self, following: int | None) -> Iterator[Pause]:
        pauses = self._notes.pauses
        while self._n_pauses < len(pauses) and (following is None or pauses[self._n_pauses].at <= following):
            yield pauses[self._n_pauses]
            self._n_pauses += 1

    def _emphases_in(self, segment: Segment) -> tuple[Emphasis, ...]:
        emphases = self._notes.emphases
        self._open_emphases = [emphasis for emphasis in self._open_emphases if emphasis.end > segment.start]
        while self._n_emphases < len(emphases) and emphases[self._n_emphases].start < segment.end:
            self._open_emphases.append(emphases[self._n_emphases])
            self._n_emphases += 1
        return tuple(emphasis for emphasis in self._open_emphases if emphasis.end > segment.start)

    def _bookmarks_until(self, following: int | None, last: int) -> tuple[Bookmark, ...]:
        """Those up to the place `last`; all that are left, where nothing follows."""
        bookmarks, first = self._notes.bookmarks, self._n_bookmarks
        while self._n_bookmarks < len(bookmarks) and (following is None or bookmarks[self._n_bookmarks].at <= last):
            self._n_bookmarks += 1
        return bookmarks[first : self._n_bookmarks]

    def _is_inside_fixed(self, place: int) -> bool:
        i = bisect_left(self._fixed_starts, place) - 1
        return i >= 0 and place < self._fixed[i].end

    def _fixed_in(self, text: MappedText) -> Sequence[Saying | Phonemes]:
        """The sayings and phonemes that lie in `text`, or partly."""
        if not text.text or not self._fixed:
            return ()
        first = max(0, bisect_right(self._fixed_starts, text.source.starts[0]) - 1)
        last = bisect_left(self._fixed_starts, text.source.ends[-1])
        return [span for span in self._fixed[first:last] if span.end > text.source.starts[0]]


def _joined_over(pieces: Sequence[Range], fixed: Sequence[Range]) -> list[Range]:
    """Join pieces that were cut within one of `fixed`."""
    joined_pieces: list[Range] = []
    starts = [start for start, _ in fixed]
    for start, end in pieces:
        i = bisect_left(starts, start) - 1
        if joined_pieces and i >= 0 and fixed[i][1] > start:
            joined_pieces[-1] = (joined_pieces[-1][0], end)
        else:
            joined_pieces.append((start, end))
    return joined_pieces
