"""Emotion and tone markers: English names in parentheses that S1 Mini acts out instead of reading."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from engine.text.mapped_text import MappedText, joined
from engine.types import Segment, SourceMap

MARKERS: dict[str, tuple[str, ...]] = {
    "basic emotions": (
        *("angry", "sad", "excited", "surprised", "satisfied", "delighted", "scared", "worried", "upset", "nervous"),
        *("frustrated", "depressed", "empathetic", "embarrassed", "disgusted", "moved", "proud", "relaxed"),
        *("grateful", "confident", "interested", "curious", "confused", "joyful"),
    ),
    "advanced emotions": (
        *("disdainful", "unhappy", "anxious", "hysterical", "indifferent", "impatient", "guilty", "scornful"),
        *("panicked", "furious", "reluctant", "keen", "disapproving", "negative", "denying", "astonished", "serious"),
        *("sarcastic", "conciliative", "comforting", "sincere", "sneering", "hesitating", "yielding", "painful"),
        *("awkward", "amused"),
    ),
    "tones": ("in a hurry tone", "shouting", "screaming", "whispering", "soft tone"),
    "effects": (
        *("laughing", "chuckling", "sobbing", "crying loudly", "sighing", "panting", "groaning", "crowd laughing"),
        *("background laughter", "audience laughing"),
    ),
}
"""The names S1 Mini was published with, by group."""


@dataclass(frozen=True, slots=True)
class Marker:
    """`name` as the model knows it; `[start, end)` includes the parentheses."""

    start: int
    end: int
    name: str


def _name_pattern() -> str:
    names = sorted((name for group in MARKERS.values() for name in group), key=len, reverse=True)
    return "|".join(name.replace(" ", r"\s{1,8}") for name in names)


MARKER = re.compile(rf"[(（]\s{{0,8}}({_name_pattern()})\s{{0,8}}[)）]", re.IGNORECASE)
"""A marker's name in parentheses, wherever it stands; `find_markers` tells which are markers."""

_OPENERS = "\"'“„«‘「『¿¡"
_OPENED = re.compile(rf"(?:(?<!\S)|\A)[{_OPENERS}]\Z")
_CLOSERS = "\"'”’»“)）]」』"
_JOINING = re.compile(r"(?:and|or|und|oder|et|ou|y|o|e|en|of|i|lub|и|или)\b", re.IGNORECASE)
_CLAUSE_SIGNS = ",;:،؛，、；：—–"
_SENTENCE_SIGNS = ".!?…؟۔。！？"
_NO_SPACE_BEFORE = frozenset(",.;:!?…)]}»”’。，、！？")
_SIGN_AFTER = frozenset(",.;:!?…)]،؛؟。，、！？；：")


def find_markers(text: str) -> list[Marker]:
    """Find the markers in `text`, a paragraph or a sentence, in order.

    Any case, spaces inside and full-width parentheses are tolerated. A marker stands where a sentence or a clause
    begins, or at a sentence's very end, after its punctuation: "They (moved) the table." has none.
    """
    found: list[Marker] = []
    for match in MARKER.finditer(text):
        reached = found[-1].end if found else 0
        if _is_placed(text, match, reached):
            found.append(Marker(match.start(), match.end(), _name(match)))
    return found


def _is_placed(text: str, match: re.Match[str], reached: int) -> bool:
    """Tell whether what stands around `match` makes it a marker; the one before it ended at `reached`."""
    begin = match.start()
    while begin > 0 and text[begin - 1].isspace():
        begin -= 1
    following = text[match.end() : match.end() + 64].lstrip()
    if begin == 0 or (reached and begin == reached):
        return True
    sign = text[begin - 1]
    if sign in _OPENERS and (begin == 1 or text[begin - 2].isspace()):
        return following[:1] not in _SIGN_AFTER and following[:1] not in tuple(_CLOSERS)
    closed = begin
    while closed > 0 and text[closed - 1] in _CLOSERS:
        closed -= 1
    if closed > 0 and text[closed - 1] in _SENTENCE_SIGNS:
        return not following.strip(_SENTENCE_SIGNS + _CLOSERS + " ") or following[0] not in _SIGN_AFTER
    if sign in ":：" and following[:1].islower():  # "Status: (negative) so far"
        return False
    if following[:1].isdigit() or _JOINING.match(following):  # "(relaxed) 1, (nervous) 2", "calm, (sad) or angry"
        return False
    return sign in _CLAUSE_SIGNS and following != "" and following[0] not in _SIGN_AFTER


def canonical_markers(text: MappedText) -> MappedText:
    """Give each marker the one spelling that the model knows: `(whispering)`."""
    starts = {marker.start for marker in find_markers(text.text)}

    def spell(match: re.Match[str]) -> str | None:
        canonical = f"({_name(match)})"
        return None if match.start() not in starts or match[0] == canonical else canonical

    return text.sub(MARKER, spell) if starts else text


def source_starts(line: MappedText) -> frozenset[int]:
    """Return where the markers of `line` begin in the source it came from."""
    return frozenset(line.source.starts[marker.start] for marker in find_markers(line.text))


def marker_spans(piece: MappedText, starts: frozenset[int], source: str) -> tuple[tuple[int, int], ...]:
    """Return the spans of the markers in `piece`, a part of a line of `source` whose own begin at `starts` there.

    What is cut out of a line may begin with a name in parentheses that is none there; those that a dictionary put in
    have no parentheses in the source.
    """
    placed = {marker.start for marker in find_markers(piece.text)}

    def is_marker(start: int) -> bool:
        origin = piece.source.starts[start]
        return origin in starts or (start in placed and source[origin] not in "(（")

    return tuple(match.span() for match in MARKER.finditer(piece.text) if is_marker(match.start()))


def remove_markers(text: MappedText, spans: Iterable[tuple[int, int]]) -> MappedText:
    """Leave out the markers at `spans` of `text`, for a voice that would read them out, and the spaces around them."""
    parts: list[MappedText] = []
    done = 0
    for start, end in spans:
        begin, reached = start, end
        while begin > done and text.text[begin - 1].isspace():
            begin -= 1
        while reached < len(text) and text.text[reached].isspace():
            reached += 1
        parts.append(text.slice(done, begin))
        is_spaced = reached - begin > end - start
        is_spaced = is_spaced and not _OPENED.search(text.text, max(0, begin - 2), begin)
        if is_spaced and any(parts) and text.text[reached : reached + 1] not in ("", *_NO_SPACE_BEFORE):
            parts.append(text.slice(begin, reached).replaced(" "))
        done = reached
    return joined([*parts, text.slice(done, len(text))]).strip() if parts else text


def spoken_without_markers(segment: Segment) -> tuple[str, SourceMap]:
    """Return the segment's text without markers, and its map; empty when it was nothing else."""
    spoken = remove_markers(MappedText(segment.text, segment.source), segment.markers)
    return spoken.text, spoken.source


def acted_text(segment: Segment) -> str:
    """Return the segment's text for a voice that acts markers out: other names lose their parentheses, and are read."""
    starts = {start for start, _ in segment.markers}
    return MARKER.sub(lambda match: match[0] if match.start() in starts else match[1], segment.text)


def _name(match: re.Match[str]) -> str:
    return " ".join(match[1].lower().split())
