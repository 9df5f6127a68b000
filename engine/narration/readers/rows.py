"""Rows of tables: short cells are one line of text, with tabs between them; longer ones stay paragraphs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, pairwise

from engine.narration.readers.building import Block, shifted
from engine.narration.styles import StyleKind, StyleSpan, moved
from engine.types import LanguageSpan

_MAX_CELL_CHARS = 200
"""A longer one is a column of a page that a table lays out."""


@dataclass(slots=True)
class Row:
    """Hold a row that is being read: the number of its first block, where each cell's blocks begin, its anchors."""

    first: int
    cells: list[int] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)

    def merged(self, blocks: Sequence[Block]) -> Block | None:
        """Return one block for those that are read since the row began; None where they are no line of a table."""
        cells = [blocks[start:end] for start, end in pairwise([*self.cells, len(blocks)]) if start < end]
        is_one_line = (
            len(cells) > 1
            and sum(map(len, cells)) == len(blocks) - self.first
            and all(sum(len(block.text) for block in cell) <= _MAX_CELL_CHARS for cell in cells)
            and not any(block.level or "\t" in block.text for block in blocks[self.first :])
        )
        if not is_one_line:
            return None
        line = _joined([_joined(cell, ", ") for cell in cells], "\t")
        return replace(line, styles=(StyleSpan(0, len(line.text), StyleKind.ROW), *line.styles))


def _joined(blocks: Sequence[Block], sign: str) -> Block:
    """One block of several, with `sign` between them, but for a space where one ends with a sign of its own."""
    text = ""
    languages: list[LanguageSpan] = []
    styles: list[StyleSpan] = []
    for block in blocks:
        if text:
            text += sign if sign == "\t" or text[-1].isalnum() else " "
        languages += shifted(block.languages, len(text))
        styles += moved(block.styles, len(text))
        text += block.text
    before, after = (tuple(chain.from_iterable(getattr(b, side) for b in blocks)) for side in ("before", "after"))
    return Block(text, languages=tuple(languages), styles=tuple(styles), before=before, after=after)
