"""Columns on a PDF's page, read one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median
from typing import Protocol, TypeVar

_MAX_LINES = 400  # what has more is no page of a book
_MIN_LINES = 8
_MAX_COLUMNS = 6
_MIN_SHARE = 0.12  # of the page's lines that a column has, and of its width from one column to the next
_MIN_FILL = 0.55  # of its column that a line of prose has; the cells of a table have less


class _Line(Protocol):
    @property
    def x(self) -> float: ...
    @property
    def y(self) -> float: ...
    @property
    def size(self) -> float: ...
    @property
    def width(self) -> float: ...
    def __hash__(self) -> int: ...


_L = TypeVar("_L", bound=_Line)


def in_reading_order(lines: list[_L], width: float, left: float, *, from_right: bool) -> tuple[list[_L], int]:
    """Sort lines column by column where there are columns, and return how many there are.

    Lines across them, and what stands above and below those, come in between. On a page that reads `from_right` two
    columns are found, no more, and the right one comes first.
    """
    if not _MIN_LINES <= len(lines) <= _MAX_LINES:
        return lines, 1
    sides = _halves(lines, width, left) if from_right else _many(lines, width) or _two(lines, width, left)
    if not sides:
        return lines, 1
    n_columns = len(set(sides.values()))
    switches = sum(sides.get(line, 0) != sides.get(other, 0) for line, other in pairwise(lines))
    in_file_order = [sides[line] for line in lines if line in sides]
    if switches <= 3 * n_columns and in_file_order[0] == min(in_file_order):
        return lines, n_columns  # the file has them in order
    ordered: list[_L] = []
    band: list[_L] = []
    for line in sorted(lines, key=lambda line: -line.y):
        if line in sides:
            band.append(line)
        else:
            ordered += [*sorted(band, key=sides.__getitem__), line]
            band = []
    return [*ordered, *sorted(band, key=sides.__getitem__)], n_columns


def _many(lines: Sequence[_L], width: float) -> Mapping[_L, int] | None:
    """The lines of three or more columns with the number of theirs, from 1 at the left; None where there are fewer."""
    clusters: list[list[_L]] = []
    for line in sorted(lines, key=lambda line: line.x):
        if not clusters or line.x - clusters[-1][0].x > 3 * line.size:
            clusters.append([])
        clusters[-1].append(line)
    clusters = [cluster for cluster in clusters if len(cluster) >= max(4, _MIN_SHARE * len(lines))]
    if not 3 <= len(clusters) <= _MAX_COLUMNS:
        return None
    edges = [min(line.x for line in cluster) for cluster in clusters]
    gaps = [b - a for a, b in pairwise(edges)]
    if min(gaps) < _MIN_SHARE * width:
        return None
    gaps.append(median(gaps))
    columns = [
        [line for line in cluster if 0.8 * line.width < gap] for cluster, gap in zip(clusters, gaps, strict=True)
    ]
    for column, gap in zip(columns, gaps, strict=True):
        if not column or median(line.width for line in column) < _MIN_FILL * gap:
            return None
    for column, following in pairwise(columns):
        n_beside = sum(any(abs(line.y - other.y) < other.size for other in column) for line in following)
        if n_beside < 0.5 * min(len(column), len(following)):
            return None
    return {line: number for number, column in enumerate(columns, 1) for line in column}


def _two(lines: Sequence[_L], width: float, left: float) -> Mapping[_L, int] | None:
    middle = left + width / 2
    right = [line for line in lines if line.x > middle - 0.05 * width]
    edge = median(line.x for line in right) if right else 0.0
    right = [line for line in right if abs(line.x - edge) < 3 * line.size and line.width < 0.55 * width]
    in_left = [line for line in lines if line.x < middle - 0.05 * width and line.x + 0.8 * line.width < edge]
    side_by_side = sum(any(abs(line.y - other.y) < other.size for other in in_left) for line in right)
    if side_by_side < 0.25 * len(lines) or len(in_left) < 0.25 * len(lines):
        return None
    if min(median(line.width for line in side) for side in (in_left, right)) < _MIN_FILL * width / 4:
        return None
    return {line: 1 if line in in_left else 2 for line in [*in_left, *right]}


def _halves(lines: Sequence[_L], width: float, left: float) -> Mapping[_L, int] | None:
    """The right one is the first. Lines end at the right there, and begin anywhere."""
    middle = left + width / 2
    in_right = [line for line in lines if line.x > middle - 0.05 * width]
    in_left = [line for line in lines if line.x < middle and line.x + 0.8 * line.width < middle + 0.05 * width]
    n_beside = sum(any(abs(line.y - other.y) < other.size for other in in_left) for line in in_right)
    if min(len(in_left), n_beside) < 0.25 * len(lines):
        return None
    return {line: 1 if line in in_right else 2 for line in [*in_left, *in_right]}
