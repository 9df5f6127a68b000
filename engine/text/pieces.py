"""Sentences made into pieces fit to speak: markers attached, nothing silent, none too long."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise

from engine.text.blocks import grapheme_boundary
from engine.text.markers import MARKER, find_markers
from engine.text.sentences import CLOSERS, sentence_ends

MAX_WEIGHT = 300
"""Of a piece: about 20 s of speech. A Latin letter weighs 1, an East Asian sign 3."""

_EAST_ASIAN_WEIGHT = 3
_EAST_ASIAN = re.compile("[^\0-\u10ff\u1200-\u2e7f]")
_MAX_SILENT_CODEPOINTS = 16  # a longer run of signs without a letter or digit is dropped, not attached

_NOT_BEFORE = r"(?![\s»›!?;:)\]}…%。、，])"
_CLAUSE_ENDS = (  # best first
    re.compile(rf"(?:(?<=\w{{5}})\.|[!?…؟۔])[{CLOSERS}]*(?=\s)|[。！？]+[」』”’）]*"),
    re.compile(rf"[;:؛][{CLOSERS}]*(?=\s)|[；：][」』”’）]*|\s[—–-](?=\s)|[—―](?=\w)"),
    re.compile(rf"[,،][{CLOSERS}]*(?=\s)|[，、][」』”’）]*"),
    re.compile(rf"(?<![«¿¡(\[„)])\s{_NOT_BEFORE}"),
)

Range = tuple[int, int]


def speakable_pieces(line: str, language: str) -> list[Range]:
    """Cut `line` into ranges, in order, none empty, each without outer white space and with something to say.

    A marker goes with the sentence after it, or before it if it is the last; so do signs that nobody says.
    """
    ends = sentence_ends(line, language)
    sentences = [_stripped(line, start, end) for start, end in pairwise([0, *ends]) if line[start:end].strip()]
    pieces = [piece for sentence in _attached(line, sentences) for piece in _split(line, *sentence)]
    return _attached(line, pieces)


def is_speakable(text: str) -> bool:
    """Tell whether there is a letter or a digit in `text`; a marker's name is made of letters."""
    return any(map(str.isalnum, text))


def _attached(line: str, ranges: Iterable[Range]) -> list[Range]:
    """Join ranges that cannot stand alone to a neighbour, or drop them where they are long and silent."""
    attached: list[Range] = []
    waiting: Range | None = None  # markers, or signs at the very beginning: they go with the next sentence
    last_end = 0  # of what is attached, without the signs that followed it
    for start, end in ranges:
        text = line[start:end]
        if not is_speakable(text):
            if waiting or not attached:
                first = waiting[0] if waiting else start
                waiting = (first, end) if end - first <= _MAX_SILENT_CODEPOINTS else waiting
            elif end - last_end <= _MAX_SILENT_CODEPOINTS:
                attached[-1] = (attached[-1][0], end)
        elif _is_only_markers(text):
            waiting = (waiting[0] if waiting else start, end)
        else:
            attached.append((waiting[0] if waiting else start, end))
            waiting, last_end = None, end
    if waiting and attached:
        attached[-1] = (attached[-1][0], waiting[1])
    elif waiting and is_speakable(line[slice(*waiting)]):
        attached.append(waiting)
    return attached


def _is_only_markers(text: str) -> bool:
    return bool(MARKER.search(text)) and not is_speakable(MARKER.sub("", text))


def _split(line: str, start: int, end: int) -> Iterator[Range]:
    """Cut a sentence over `MAX_WEIGHT` into parts of similar weight, at the best places near the ideal ones."""
    if (end - start) * _EAST_ASIAN_WEIGHT <= MAX_WEIGHT:
        yield start, end
        return
    if end - start <= MAX_WEIGHT and not _EAST_ASIAN.search(line, start, end):
        yield _stripped(line, start, end)
        return
    sentence = line[start:end]
    weights = [0, *accumulate(map(_weight, sentence))]
    inside_markers = {i for marker in find_markers(sentence) for i in range(marker.start + 1, marker.end)}
    cut = 0
    while weights[-1] - weights[cut] > MAX_WEIGHT:
        begin, cut = cut, _best_cut(sentence, weights, cut, inside_markers)
        yield _stripped(line, start + begin, start + cut)
    if cut < len(sentence):
        yield _stripped(line, start + cut, end)


def _best_cut(sentence: str, weights: list[int], begin: int, inside_markers: set[int]) -> int:
    """Find where the piece from `begin` ends: not before half the ideal weight, nor beyond `MAX_WEIGHT` if it can."""
    remaining = weights[-1] - weights[begin]
    ideal = weights[begin] + remaining / -(-remaining // MAX_WEIGHT)
    lowest = bisect_left(weights, (weights[begin] + ideal) / 2)
    highest = bisect_right(weights, weights[begin] + MAX_WEIGHT) - 1
    for clause_end in _CLAUSE_ENDS:
        cuts = [match.end() for match in clause_end.finditer(sentence, begin, highest + 1)]
        cuts = [cut for cut in cuts if lowest <= cut <= highest and cut not in inside_markers]
        if cuts:
            return min(cuts, key=lambda cut: abs(weights[cut] - ideal))
    hard = grapheme_boundary(sentence, bisect_left(weights, ideal))
    while hard in inside_markers:
        hard += 1
    return hard


def _weight(sign: str) -> int:
    return _EAST_ASIAN_WEIGHT if _EAST_ASIAN.match(sign) else 1


def _stripped(line: str, start: int, end: int) -> Range:
    text = line[start:end]
    return start + len(text) - len(text.lstrip()), end - len(text) + len(text.rstrip())
