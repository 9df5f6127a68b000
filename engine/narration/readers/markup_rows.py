"""Rows of tables in markup: short cells are one line of text, with tabs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING

from engine.narration.readers.building import Block, shifted
from engine.types import LanguageSpan

if TYPE_CHECKING:
    from engine.narration.readers.markup import Zone

_MAX_CELL_CHARS = 200
"""A longer one is a column of a page that a table lays out."""


@dataclass(slots=True)
class Row:
    """Hold a row that is being read: the number of its first block, where each cell's blocks begin, its anchors."""

    first: int
    cells: list[int] = field(default_factory=list)
    anchors: list[str] = field(default_factory=list)


def merge_row(row: Row, blocks: list[Block], zones: list[Zone], anchors: dict[str, int], around: list[Row]) -> None:
    """Make one block of a row's, where its cells are short; `around` are the rows that it stands in."""
    own = blocks[row.first :]
    cells = [blocks[start:end] for start, end in pairwise([*row.cells, len(blocks)]) if start < end]
    is_one_line = (
        len(cells) > 1
        and sum(map(len, cells)) == len(own)
        and all(sum(len(block.text) for block in cell) <= _MAX_CELL_CHARS for cell in cells)
        and not any(block.level for block in own)
    )
    if is_one_line:
        blocks[row.first :] = [_joined([_joined(cell, ", ") for cell in cells], "\t")]
        linked = sum(zone.n_linked_chars for zone in zones[row.first :])
        zones[row.first :] = [zones[row.first]._replace(n_linked_chars=linked)]
        for anchor in row.anchors:
            anchors[anchor] = min(anchors[anchor], row.first)
    if around:
        around[-1].anchors += row.anchors


def _joined(blocks: Sequence[Block], sign: str) -> Block:
    """One block of several, with `sign` between them, but for a space where one ends with a sign of its own."""
    text = ""
    languages: list[LanguageSpan] = []
    for block in blocks:
        if text:
            text += sign if sign == "\t" or text[-1].isalnum() else " "
        languages += shifted(block.languages, len(text))
        text += block.text
    return Block(text, languages=tuple(languages))
