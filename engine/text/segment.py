"""From a text to the segments that are spoken one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.errors import OptionError, TextError
from engine.text.blocks import Block, iter_blocks
from engine.text.clean import clean_block, one_line
from engine.text.detection import detect_language, guess_language, paragraph_language
from engine.text.ipa import canonical_ipa
from engine.text.mapped_text import MappedText, joined
from engine.text.markers import canonical_markers, marker_spans, source_starts
from engine.text.normalise import spoken_form
from engine.text.pieces import is_speakable, speakable_pieces
from engine.text.pronunciation import Pronouncer
from engine.text.symbols import collapse_space
from engine.types import LANGUAGES, MAX_TEXT_CHARS, Phonemes, Pronunciation, Segment, SpeechRequest

_UNFIT = re.compile("[\0\ud800-\udfff]")


def check_text(text: str) -> None:
    """Raise `TextError` if `text` is empty, longer than `MAX_TEXT_CHARS` or holds what is no character."""
    if len(text) > MAX_TEXT_CHARS:
        raise TextError("too_long", found=len(text), limit=MAX_TEXT_CHARS)
    if not text or text.isspace():
        raise TextError("empty")
    unfit = _UNFIT.search(text)
    if unfit:
        raise TextError("nul_byte" if unfit[0] == "\0" else "lone_surrogate", position=unfit.start())


def request_segments(request: SpeechRequest) -> Iterator[Segment]:
    """Yield the segments that an engine speaks for `request`; see `iter_segments`."""
    options = request.options
    return iter_segments(
        request.text,
        options.language,
        clean=options.clean,
        normalise=options.normalise,
        markers=options.markers,
        pronunciations=options.pronunciations,
    )


def iter_segments(
    text: str,
    language: str | None = None,
    *,
    clean: bool = True,
    normalise: bool = False,
    markers: bool = True,
    pronunciations: Sequence[Pronunciation] = (),
) -> Iterator[Segment]:
    """Yield the segments of `text`, made as they are asked for; `language` None detects it.

    With `clean` what a reader would not say is left out: markup within lines, addresses, emoji. With `normalise` what
    is written short is said in words. `pronunciations` come before that. With `markers` names of emotions in
    parentheses are acted out where `find_markers` finds them; else they are read.

    Raises `TextError` and `OptionError` at once, and "nothing_to_speak" when the first segment is asked for.
    """
    check_text(text)
    if language is not None and language not in LANGUAGES:
        raise OptionError(name="language", found=language, expected=", ".join(LANGUAGES))
    wording = _Wording(Pronouncer(pronunciations), normalise) if normalise or pronunciations else None
    return _segments(text, language, clean_block if clean else one_line, wording, acts=markers)


class _Wording:
    """From a piece as it is written to what is said: the person's dictionary, then the language's habits."""

    def __init__(self, pronouncer: Pronouncer, normalise: bool) -> None:
        self._pronouncer, self._normalise = pronouncer, normalise

    def __call__(self, piece: MappedText, language: str) -> tuple[MappedText, tuple[Phonemes, ...]]:
        """Return what is said, and how parts of it sound."""
        parts = self._pronouncer.parts(piece, language)
        phonemes = tuple(
            Phonemes(*part.text.source.span(0, len(part.text)), canonical_ipa(part.ipa)) for part in parts if part.ipa
        )
        texts = [
            part.text if part.is_given or not self._normalise else spoken_form(part.text, language) for part in parts
        ]
        worded = texts[0] if len(texts) == 1 else joined(texts)
        return (piece if worded.text == piece.text else collapse_space(worded)), phonemes


def _segments(
    text: str, chosen: str | None, line_of: Callable[[str, Block], MappedText], wording: _Wording | None, *, acts: bool
) -> Iterator[Segment]:
    document = chosen or detect_language(text)
    pending: Segment | None = None  # held back until it is known whether its paragraph goes on
    starts_paragraph = False
    n_segments = 0
    for block in iter_blocks(text):
        starts_paragraph = starts_paragraph or block.starts_paragraph
        line = line_of(text, block)
        if not line.text:
            continue
        line = canonical_markers(line) if acts else line
        acted = source_starts(line)
        language = paragraph_language(line.text, document, chosen=chosen is not None)
        for start, end in speakable_pieces(line.text, language):
            piece = line.slice(start, end)
            first, last = piece.source.starts[0], piece.source.ends[-1]
            phonemes: tuple[Phonemes, ...] = ()
            if wording is not None:
                piece, phonemes = wording(piece, language)
                if not is_speakable(piece.text):
                    continue  # the person wants it unsaid
            if pending:
                yield replace(pending, ends_paragraph=starts_paragraph)
            spans = marker_spans(piece, acted, text) if acts else ()
            pending = Segment(
                n_segments, piece.text, first, last, language, piece.source, markers=spans, phonemes=phonemes
            )
            n_segments += 1
            starts_paragraph = False
    if pending is None:
        raise TextError("nothing_to_speak")
    yield replace(pending, ends_paragraph=True)


WINDOW_CHARS = 8192


def sentence_start(text: str, position: int) -> int:
    """Find where the sentence around `position` begins, in code points of `text`; between sentences, `position` itself.

    Looks at the paragraph around it only, and guesses its language, so it takes milliseconds in a text of any length
    (the classifier that decides hard cases takes half a second when it is first asked).
    """
    paragraph = text.rfind("\n\n", max(0, position - WINDOW_CHARS), position)
    first = paragraph + 2 if paragraph >= 0 else max(0, position - WINDOW_CHARS)
    window = text[first : position + WINDOW_CHARS // 4]
    begun = position
    try:
        for segment in iter_segments(window, guess_language(window)):
            if first + segment.start > position:
                break
            begun = first + segment.start if first + segment.end > position else position
    except TextError:  # nothing is spoken here
        return position
    return begun
