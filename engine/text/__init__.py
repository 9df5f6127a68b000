"""From a text to what is said: cleaned, cut into sentences, each with its language and its place in the source."""

from engine.text.detection import detect_language
from engine.text.markers import MARKERS, Marker, find_markers, remove_markers, spoken_without_markers
from engine.text.pronunciation import check_pronunciation
from engine.text.segment import MAX_TEXT_CHARS, check_text, iter_segments, request_segments, sentence_start

__all__ = [
    "MARKERS",
    "MAX_TEXT_CHARS",
    "Marker",
    "check_pronunciation",
    "check_text",
    "detect_language",
    "find_markers",
    "iter_segments",
    "remove_markers",
    "request_segments",
    "sentence_start",
    "spoken_without_markers",
]
