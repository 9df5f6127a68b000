from .decoding import decode_text
from .detection import detect_language
from .dictionary import read_dictionary, with_pronunciation, without_pronunciation, write_dictionary
from .languages import language_names
from .markers import MARKERS, Marker, acted_text, find_markers, remove_markers, spoken_without_markers
from .other_languages import name_of_language
from .pronunciation import check_pronunciation
from .segment import check_text, iter_segments, request_segments, sentence_start
from .ssml import MarkedText, read_ssml

__all__ = [
    "MARKERS",
    "MarkedText",
    "Marker",
    "acted_text",
    "check_pronunciation",
    "check_text",
    "decode_text",
    "detect_language",
    "find_markers",
    "iter_segments",
    "language_names",
    "name_of_language",
    "read_dictionary",
    "read_ssml",
    "remove_markers",
    "request_segments",
    "sentence_start",
    "spoken_without_markers",
    "with_pronunciation",
    "without_pronunciation",
    "write_dictionary",
]
