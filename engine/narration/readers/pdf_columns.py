"""The order in which the pieces of a PDF's page are read: columns one after the other, what goes across them between.

A gutter is a place that text stands on both sides of and that only what goes across the columns crosses. The page is
divided at the one that most lines stand beside, and each side of it again, until there is none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from engine.narration.readers.pdf_layout import Line, rows_of

_MIN_COLUMN_LINES = 4
_MIN_FILL = 0.5  # of its column that a line of prose has; the cells of a table have less
_MIN_WIDTH = 5  # of a column, in sizes of its letters: what is narrower are numbers or signs of a list
_MIN_GUTTER = 0.7  # in sizes
_CELL_GAP = 2.5  # in sizes
_MAX_DEPTH = 8
_MAX_GUTTERS = 60  # places that are tried
_MAX_LINES = 3_000  # of a page that columns are looked for on
_BESIDE_SIZE = 0.08  # by which a picture's words differ in size from the text


@dataclass(frozen=True, slots=True)
class Ordered:
    """Hold a page's lines as they are read. `n_columns` is how many stand side by side, `is_uncertain` whether
    something stood beside the text that is no column."""

    lines: tuple[Line, ...]
    n_columns: int
    is_uncertain: bool


_Row = list[Line]


@dataclass(frozen=True, slots=True)
class _Band:
    """What stands between two lines that go across a gutter, in rows from above."""

    left: list[_Row]
    right: list[_Row]

    @property
    def pieces(self) -> list[Line]:
        return _flat([*self.left, *self.right])


def _flat(rows: Sequence[_Row]) -> list[Line]:
    return [piece for row in rows for piece in row]


def in_reading_order(pieces: Sequence[Line], *, from_right: bool) -> Ordered:
    """Order the pieces of a page, and join those that make a line; on a page that reads `from_right`, the right column
    comes first."""
    if not pieces or len(pieces) > _MAX_LINES:
        return Ordered(tuple(_joined(pieces, from_right)), 1, False)
    groups, n_columns, is_uncertain = _divided(list(pieces), from_right, 0)
    lines = [line for group in groups for line in _with_edges(_joined(group, from_right))]
    return Ordered(tuple(lines), n_columns, is_uncertain)


_Divided = tuple[list[list[Line]], int, bool]


def _divided(pieces: list[Line], from_right: bool, depth: int) -> _Divided:
    """Groups of pieces, one read after the other."""
    gutter = _best_gutter(pieces) if depth < _MAX_DEPTH and len(pieces) >= _MIN_COLUMN_LINES else None
    if gutter is None:
        return [pieces], 1, False
    groups: list[list[Line]] = []
    n_columns, is_uncertain = 1, False
    across: list[Line] = []
    for band, above in _bands(rows_of(pieces), gutter):
        across += above
        is_columns, is_beside = _are_columns(band), _is_beside(band)
        if not is_columns and not is_beside:
            across += band.pieces
            continue
        if across:
            part = _divided(across, from_right, depth + 1)
            groups += part[0]
            n_columns, is_uncertain = max(n_columns, part[1]), is_uncertain or part[2]
            across = []
        left, right = (_divided(_flat(side), from_right, depth + 1) for side in (band.left, band.right))
        sides = (right, left) if from_right else (left, right)
        if is_beside:  # the text first, then what stands beside it
            sides = (left, right) if len(band.left) > len(band.right) else (right, left)
        else:
            n_columns = max(n_columns, left[1] + right[1])
        groups += [*sides[0][0], *sides[1][0]]
        is_uncertain = is_uncertain or is_beside or left[2] or right[2]
    if across:
        part = _divided(across, from_right, depth + 1) if len(across) < len(pieces) else ([across], 1, False)
        groups += part[0]
        n_columns, is_uncertain = max(n_columns, part[1]), is_uncertain or part[2]
    return groups, n_columns, is_uncertain


def _best_gutter(pieces: list[Line]) -> float | None:
    """The place of the gutter that most lines stand beside."""
    rows = rows_of(pieces)
    counts = Counter(round(place / 3) for place in _ends_and_gaps(rows))
    best, most = None, 0
    for key, _ in counts.most_common(_MAX_GUTTERS):
        place = key * 3.0
        n_beside = sum(
            2 * min(len(band.left), len(band.right)) + 1
            for band, _ in _bands(rows, place)
            if _are_columns(band) or _is_beside(band)
        )
        if n_beside > most:
            best, most = place, n_beside
    return best


def _ends_and_gaps(rows: Sequence[_Row]) -> Iterator[float]:
    """Places where gutters may be: between pieces of a row, and beside where pieces begin that stand alone."""
    left = min(row[0].x0 for row in rows)
    right = max(piece.x1 for row in rows for piece in row)
    for row in rows:
        yield from ((a.x1 + b.x0) / 2 for a, b in pairwise(row) if b.x0 - a.x1 > _MIN_GUTTER * min(a.size, b.size))
        yield from (piece.x0 - 3 for piece in row if piece.x0 - left > _MIN_WIDTH * piece.size)
        yield from (piece.x1 + 3 for piece in row if right - piece.x1 > _MIN_WIDTH * piece.size)


def _bands(rows: Sequence[_Row], gutter: float) -> list[tuple[_Band, list[Line]]]:
    """What stands on both sides of the gutter, from above, each with what crosses it before."""
    bands: list[tuple[_Band, list[Line]]] = [(_Band([], []), [])]
    for row in rows:
        n_left = sum(piece.x1 <= gutter + 1 for piece in row)
        if n_left < len(row) and row[n_left].x0 < gutter - 1:
            if bands[-1][0].left or bands[-1][0].right:
                bands.append((_Band([], []), []))
            bands[-1][1].extend(row)
            continue
        if n_left:
            bands[-1][0].left.append(row[:n_left])
        if n_left < len(row):
            bands[-1][0].right.append(row[n_left:])
    return bands


def _extents(side: Sequence[_Row]) -> list[tuple[float, float, float]]:
    """Where each row begins, ends, and at what height it stands."""
    return [(row[0].x0, max(piece.x1 for piece in row), row[0].y) for row in side]


def _are_columns(band: _Band) -> bool:
    """Whether both sides hold lines of prose, side by side."""
    n_left, n_right = len(band.left), len(band.right)
    if min(n_left, n_right) < 2 or n_left + n_right < 2 * _MIN_COLUMN_LINES:
        return False
    left, right = _extents(band.left), _extents(band.right)
    size = median(piece.size for piece in band.pieces)
    begin, edge = min(row[0] for row in left), min(row[0] for row in right)
    if edge - max(row[1] for row in left) < _MIN_GUTTER * size * 0.7:
        return False
    widths = median(row[1] - row[0] for row in left), median(row[1] - row[0] for row in right)
    pitch = edge - begin
    if min(widths) < _MIN_WIDTH * size or min(widths) < _MIN_FILL * min(pitch, max(row[1] for row in right) - begin):
        return False
    n_beside = sum(right[-1][2] - size < row[2] < right[0][2] + size for row in left)
    n_beside = min(n_beside, sum(left[-1][2] - size < row[2] < left[0][2] + size for row in right))
    return n_beside >= min(_MIN_COLUMN_LINES, n_left, n_right) and n_beside >= 2


def _is_beside(band: _Band) -> bool:
    """Whether one side holds lines of the text and the other a few words of their own, as at a picture."""
    if not band.left or not band.right:
        return False
    few, many = sorted((band.left, band.right), key=len)
    if len(many) < 3:
        return False
    few_rows, many_rows = _extents(few), _extents(many)
    size = median(piece.size for piece in _flat(many))
    if median(row[1] - row[0] for row in few_rows) < _MIN_WIDTH * size:
        return False
    if median(row[1] - row[0] for row in many_rows) < 2 * _MIN_WIDTH * size:
        return False
    other_size = abs(median(piece.size for piece in _flat(few)) - size) > _BESIDE_SIZE * size
    n_level = sum(any(abs(row[2] - other[2]) < 1 for other in many_rows) for row in few_rows)
    is_within = many_rows[-1][2] - size < few_rows[0][2] < many_rows[0][2] + size
    return is_within and (other_size or n_level == 0)


def _joined(pieces: Sequence[Line], from_right: bool) -> list[Line]:
    """One line for each row."""
    lines: list[Line] = []
    for row in rows_of(pieces):
        turned = from_right or (row[0].is_from_right and all(piece.is_from_right for piece in row))
        in_order = row[::-1] if turned else row
        largest = max(row, key=lambda piece: len(piece.text))
        lines.append(
            replace(
                largest,
                text=" ".join(piece.text for piece in in_order),
                x0=row[0].x0,
                x1=max(piece.x1 for piece in row),
                order=min(piece.order for piece in row),
                marks=tuple(mark for piece in in_order for mark in piece.marks),
                is_row=_is_table_row(row),
            )
        )
    return lines


def _is_table_row(row: Sequence[Line]) -> bool:
    """Whether the pieces of a row are cells: far apart, though the words in them are not."""
    is_apart = any(b.x0 - a.x1 > _CELL_GAP * max(a.size, b.size) for a, b in pairwise(row))
    return is_apart and (len(row) == 2 or any(" " in piece.text for piece in row))


def _with_edges(lines: list[Line]) -> list[Line]:
    """The lines with the edges of their column: where most begin, and where the longest end."""
    counts: dict[int, int] = {}
    for line in lines:
        counts[round(line.x0)] = counts.get(round(line.x0), 0) + 1
    common = max(counts.values(), default=0)
    left = min((x for x, n in counts.items() if n >= max(2, 0.25 * common)), default=0)
    left = left if common > 1 else min((line.x0 for line in lines), default=0.0)
    right = max((line.x1 for line in lines), default=0.0)
    return [replace(line, left=float(left), right=right) for line in lines]
