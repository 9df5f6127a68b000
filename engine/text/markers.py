"""Emotion and tone markers: English names in parentheses that S1 Mini acts out instead of reading."""

from __future__ import annotations

import re
from dataclasses import dataclass

from engine.text.mapped_text import MappedText
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
_SPACED_MARKER = re.compile(rf"\s?{MARKER.pattern}\s?", re.IGNORECASE)
_NO_SPACE_BEFORE = frozenset(",.;:!?…)]}»”’。，、！？")


def find_markers(text: str) -> list[Marker]:
    """Find the markers in `text`, in order: any case, spaces inside tolerated, full-width parentheses too."""
    return [Marker(match.start(), match.end(), _name(match)) for match in MARKER.finditer(text)]


def canonical_markers(text: MappedText) -> MappedText:
    """Give each marker the one spelling that the model knows: `(whispering)`."""

    def spell(match: re.Match[str]) -> str | None:
        canonical = f"({_name(match)})"
        return None if match[0] == canonical else canonical

    return text.sub(MARKER, spell)


def remove_markers(text: MappedText) -> MappedText:
    """Leave out the markers of `text`, for a voice that would read them out, and the spaces around them."""

    def close_up(match: re.Match[str]) -> str:
        before = match.string[: match.start()][-1:]
        after = match.string[match.end() : match.end() + 1]
        spaced = match[0][0].isspace() or match[0][-1].isspace()
        return " " if spaced and before and after and after not in _NO_SPACE_BEFORE and not before.isspace() else ""

    return text.sub(_SPACED_MARKER, close_up).strip()


def spoken_without_markers(segment: Segment) -> tuple[str, SourceMap]:
    """Return the segment's text without markers, and its map; empty when it was nothing else."""
    spoken = remove_markers(MappedText(segment.text, segment.source))
    return spoken.text, spoken.source


def _name(match: re.Match[str]) -> str:
    return " ".join(match[1].lower().split())
