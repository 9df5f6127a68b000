"""From a segment to its events, whichever of the built-in voices makes the sound."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing

from engine.audio.delivery import delivered
from engine.builtin.kana import in_kana
from engine.builtin.phonemes import GivenPhonemes
from engine.builtin.shaping import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS, Sound
from engine.builtin.synthesis import SpokenWord
from engine.text import request_segments
from engine.text.languages import record_of
from engine.text.markers import spoken_without_markers
from engine.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    CancelToken,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentProblem,
    SegmentStarted,
    SegmentTiming,
    SourceMap,
    SpeechEvent,
    SpeechRequest,
    Word,
)

Speaker = Callable[[str, Sequence[GivenPhonemes], Segment, int, Callable[[], bool]], Generator[Sound]]
"""Speaks a text, which is a segment's without its markers, with the phonemes that are given for parts of it and so many
milliseconds of silence after it; the last is polled, and tells whether nobody wants to hear it any more."""


def speak_request(request: SpeechRequest, speaker: Speaker, cancel: CancelToken) -> Iterator[SpeechEvent]:
    """Yield the events of `request`, each segment spoken by `speaker`. Raises `TextError`, and what `speaker` does."""
    events = _speak(request, speaker, cancel)
    return delivered(events) if request.notes is not None else events


def _speak(request: SpeechRequest, speaker: Speaker, cancel: CancelToken) -> Generator[SpeechEvent]:
    for segment in request_segments(request):
        if cancel.cancelled:
            return
        yield SegmentStarted(segment)
        yield from _speak_segment(segment, speaker, request.options.max_frames * FRAME_SAMPLES, cancel)


def _speak_segment(
    segment: Segment, speaker: Speaker, max_samples: int, cancel: CancelToken
) -> Iterator[PcmChunk | SegmentDone]:
    """`max_samples` 0: to its end."""
    started_s = time.perf_counter()
    waited_s = 0.0  # for the consumer, between two chunks
    first_s: float | None = None
    n_samples = 0
    problem: SegmentProblem | None = SegmentProblem.SILENT
    text, source, given = said(segment)
    reached = -1  # where the last word began: of several said for one that is written, the first stands for all
    pause_ms = PARAGRAPH_PAUSE_MS if segment.ends_paragraph else SENTENCE_PAUSE_MS
    if segment.delivery.pause_ms is not None:
        pause_ms = 0  # it comes from `delivered`
    with closing(speaker(text, given, segment, pause_ms, lambda: cancel.cancelled)) as sounds:
        for sound in sounds:
            if cancel.cancelled:
                return
            problem = SegmentProblem.FRAME_CAP if sound.ran_away else None
            samples = sound.samples[: max_samples - n_samples] if max_samples else sound.samples
            n_samples += len(samples)
            now_s = time.perf_counter()
            first_s = first_s or now_s
            words = tuple(word for word in placed_words(sound.words, source, reached) if word.at_sample < n_samples)
            reached = words[-1].start if words else reached
            yield PcmChunk(samples, SAMPLE_RATE_HZ, segment.index, words)
            waited_s += time.perf_counter() - now_s
            if n_samples == max_samples:
                break
    if cancel.cancelled:
        return
    done_s = time.perf_counter()
    timing = SegmentTiming(
        compute_s=done_s - started_s - waited_s,
        audio_s=n_samples / SAMPLE_RATE_HZ,
        ttfa_ms=((first_s or done_s) - started_s) * 1000,
    )
    yield SegmentDone(segment, n_samples, timing, problem=problem)


def said(segment: Segment) -> tuple[str, SourceMap, list[GivenPhonemes]]:
    """Return what a built-in voice says for `segment`, with its map and the phonemes that are given for parts of it."""
    text, source = spoken_without_markers(segment)
    if record_of(segment.language).espeak_needs_kana:
        text, source = in_kana(text, source)
    places = [(source.within(part.start, part.end), part.ipa) for part in segment.phonemes]
    return text, source, [GivenPhonemes(start, end, ipa) for (start, end), ipa in places if start < end]


def placed_words(words: Sequence[SpokenWord], source: SourceMap, reached: int = -1) -> Iterator[Word]:
    """Yield `words` at their places in the request's text, those that begin after `reached`."""
    for word in words:
        start, end = source.span(word.start, word.end)
        if start > reached:
            yield Word(start, end, word.at_sample)
            reached = start
