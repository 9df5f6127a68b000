"""From a text to the segments that are spoken one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from engine.errors import OptionError, TextError
from engine.notes import TextNotes
from engine.text.blocks import Block, iter_blocks
from engine.text.clean import clean_block, one_line, plain_line
from engine.text.detection import Surroundings, Told, document_language, guess_language, paragraph_language
from engine.text.ipa import canonical_ipa
from engine.text.mapped_text import MappedText, joined
from engine.text.markers import canonical_markers, marker_spans, source_starts
from engine.text.normalise import spoken_form
from engine.text.noted import Noted, paragraphs
from engine.text.pieces import is_speakable, speakable_pieces
from engine.text.pronunciation import Pronouncer
from engine.text.scripts import is_written_as
from engine.text.symbols import collapse_space
from engine.types import LANGUAGES, MAX_TEXT_CHARS, LanguageSpan, Phonemes, Pronunciation, Segment, SpeechRequest

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
        declared=request.languages,
        notes=request.notes,
    )


def iter_segments(
    text: str,
    language: str | None = None,
    *,
    clean: bool = True,
    normalise: bool = False,
    markers: bool = True,
    pronunciations: Sequence[Pronunciation] = (),
    declared: Sequence[LanguageSpan] = (),
    notes: TextNotes | None = None,
) -> Iterator[Segment]:
    """Yield the segments of `text`, made as they are asked for; `language` None detects it.

    `declared` is what a file says of the text's languages, an inner span after those around it; the text may contradict
    it. With `clean` what a reader would not say is left out: markup within lines, addresses, emoji. With `normalise`
    what is written short is said in words. `pronunciations` come before that. With `markers` names of emotions in
    parentheses are acted out where `find_markers` finds them; else they are read. A text with `notes` has paragraphs
    and no other structure, and only decoration is cleaned away.

    Raises `TextError` and `OptionError` at once, and "nothing_to_speak" when the first segment is asked for.
    """
    check_text(text)
    if language is not None and language not in LANGUAGES:
        raise OptionError(name="language", found=language, expected=", ".join(LANGUAGES))
    noted = Noted(notes) if notes is not None else None
    wording = None
    if normalise or pronunciations or noted:
        wording = _Wording(Pronouncer(pronunciations), normalise, noted)
    languages = _Languages(text, language, declared)
    line_of = one_line if not clean else clean_block if noted is None else plain_line
    return _segments(text, languages, line_of, wording, noted, acts=markers)


class _Wording:
    """From a piece as it is written to what is said: the person's dictionary, then the language's habits."""

    def __init__(self, pronouncer: Pronouncer, normalise: bool, noted: Noted | None) -> None:
        self._pronouncer, self._normalise, self._noted = pronouncer, normalise, noted

    def __call__(self, piece: MappedText, language: str) -> tuple[MappedText, tuple[Phonemes, ...]]:
        """Return what is said, and how parts of it sound."""
        given = self._noted.given(piece) if self._noted else ()
        parts = self._pronouncer.parts(piece, language, given)
        phonemes = tuple(
            Phonemes(*part.text.source.span(0, len(part.text)), canonical_ipa(part.ipa)) for part in parts if part.ipa
        )
        texts = [
            part.text if part.is_given or not self._normalise else spoken_form(part.text, language) for part in parts
        ]
        worded = texts[0] if len(texts) == 1 else joined(texts)
        return (piece if worded.text == piece.text else collapse_space(worded)), phonemes


NEARBY_CHARS = 500
"""Around a paragraph, where other paragraphs may show what its signs are."""


class _Languages:
    """Tell the language of each paragraph and sentence of a text, in order."""

    def __init__(self, text: str, chosen: str | None, declared: Sequence[LanguageSpan]) -> None:
        self._text = text
        self._whole, self._parts = _divided(declared, len(text))
        document = Told(chosen) if chosen is not None else document_language(text, self._whole)
        self._around = Surroundings(document, len(text), chosen is not None)
        self._open: list[LanguageSpan] = []  # parts that have begun, an inner one after those around it

    def of_paragraph(self, line: MappedText) -> Told:
        start, end = line.source.starts[0], line.source.ends[-1]
        nearby = self._text[max(0, start - NEARBY_CHARS) : end + NEARBY_CHARS]
        told = paragraph_language(line.text, self._around, self._declared(start, end), nearby)
        self._around.add(told, len(line.text))
        return told

    def of_sentence(self, piece: MappedText, paragraph: Told) -> Told:
        """The paragraph's language, unless the file declares another for the whole sentence, or it is in another
        script."""
        declared = self._declared(piece.source.starts[0], piece.source.ends[-1])
        if declared and declared not in (paragraph.language, paragraph.unvoiced):
            return paragraph_language(piece.text, self._around, declared)
        if paragraph.unvoiced or is_written_as(piece.text, paragraph.language):
            return paragraph
        return paragraph_language(piece.text, self._around)

    def _declared(self, start: int, end: int) -> str:
        """The language of the innermost part around `[start, end)`, "" for none; asked for in the text's order."""
        while self._parts and self._parts[-1].start <= start:
            self._open.append(self._parts.pop())
        self._open = [part for part in self._open if part.end > start]
        return next((part.code for part in reversed(self._open) if part.end >= end), "")


def _divided(declared: Sequence[LanguageSpan], n: int) -> tuple[str, list[LanguageSpan]]:
    """What is declared for the whole text of `n` signs, and the other declarations, the first in the text last."""
    whole = [span.code for span in declared if span.start <= 0 and span.end >= n]
    parts = [span for span in declared if span.start > 0 or span.end < n]
    return whole[-1] if whole else "", sorted(parts, key=lambda span: (-span.start, span.end))


def _segments(
    text: str,
    languages: _Languages,
    line_of: Callable[[str, Block], MappedText],
    wording: _Wording | None,
    noted: Noted | None,
    *,
    acts: bool,
) -> Iterator[Segment]:
    pending: Segment | None = None  # held back until it is known whether its paragraph goes on
    starts_paragraph = goes_on = False
    n_segments = 0

    def closed(segment: Segment, following: int | None) -> Segment:
        segment = replace(segment, ends_paragraph=starts_paragraph or following is None)
        return noted.delivered(segment, following, goes_on=goes_on) if noted else segment

    for block in iter_blocks(text) if noted is None else paragraphs(text):
        starts_paragraph = starts_paragraph or block.starts_paragraph
        line = line_of(text, block)
        if not line.text:
            continue
        line = canonical_markers(line) if acts else line
        acted = source_starts(line)
        paragraph = languages.of_paragraph(line)
        line = noted.said(line, paragraph.language) if noted else line
        if noted:
            pieces = noted.pieces(line, paragraph.language)
        else:
            pieces = ((piece, False) for piece in speakable_pieces(line.text, paragraph.language))
        for (start, end), is_joined in pieces:
            piece = line.slice(start, end)
            first, last = piece.source.starts[0], piece.source.ends[-1]
            told = languages.of_sentence(piece, paragraph)
            if noted and (language := noted.language_of(piece, told.language)) != told.language:
                told = Told(language)
            phonemes: tuple[Phonemes, ...] = ()
            if wording is not None:
                piece, phonemes = wording(piece, told.language)
                if not is_speakable(piece.text):
                    continue  # the person wants it unsaid
            if pending:
                yield closed(pending, first)
            spans = marker_spans(piece, acted, text) if acts else ()
            pending = Segment(
                n_segments,
                piece.text,
                first,
                last,
                told.language,
                piece.source,
                markers=spans,
                unvoiced_language=told.unvoiced,
                phonemes=phonemes,
            )
            n_segments += 1
            starts_paragraph, goes_on = False, is_joined
    if pending is None:
        raise TextError("nothing_to_speak")
    yield closed(pending, None)


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
