"""A reading that goes on from a later segment, for engines that always speak a whole text."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice

from engine.text import request_segments
from engine.types import (
    BookmarkReached,
    CancelToken,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentRestarted,
    SegmentStarted,
    SourceMap,
    SpeechEngine,
    SpeechEvent,
    SpeechRequest,
    WordsPlaced,
)

SHORT_REST_CODE_POINTS = 100
"""A rest shorter than this does not show its language, so it keeps that of its first segment."""


def speak_from(
    engine: SpeechEngine, request: SpeechRequest, first_segment: int, cancel: CancelToken
) -> Iterator[SpeechEvent]:
    """Yield the events of `engine.speak(request)` from segment `first_segment` on; none when there is no such
    segment."""
    if first_segment == 0:
        yield from engine.speak(request, cancel)
        return
    segments = request_segments(request)
    first = next(islice(segments, first_segment, None), None)
    if first is None:
        return
    for event in engine.speak(rest_from(request, first), cancel):
        yield shifted(event, first.index, first.start)


def rest_from(request: SpeechRequest, first: Segment) -> SpeechRequest:
    """Return `request` without the text before `first`: same voice, same seed."""
    rest, options = request.after(first.start), request.options
    if len(rest.text) < SHORT_REST_CODE_POINTS and options.language is None:
        options = replace(options, language=first.language)
    return replace(rest, options=options)


def shifted(event: SpeechEvent, n_segments: int, n_code_points: int) -> SpeechEvent:
    """Shift an event of the rest of a text to its place in the whole: that many segments and code points later."""

    def shift(segment: Segment) -> Segment:
        return replace(
            segment,
            index=segment.index + n_segments,
            start=segment.start + n_code_points,
            end=segment.end + n_code_points,
            source=SourceMap(later(segment.source.starts), later(segment.source.ends)),
            phonemes=tuple(
                replace(part, start=part.start + n_code_points, end=part.end + n_code_points)
                for part in segment.phonemes
            ),
            delivery=segment.delivery.shifted(n_code_points),
        )

    def later(offsets: array[int]) -> array[int]:
        return array("I", [offset + n_code_points for offset in offsets])

    match event:
        case SegmentStarted():
            return SegmentStarted(shift(event.segment))
        case SegmentDone():
            return replace(event, segment=shift(event.segment))
        case SegmentRestarted() | BookmarkReached():
            return replace(event, segment=event.segment + n_segments)
        case PcmChunk() | WordsPlaced():
            words = tuple(
                replace(word, start=word.start + n_code_points, end=word.end + n_code_points) for word in event.words
            )
            return replace(event, segment=event.segment + n_segments, words=words)
