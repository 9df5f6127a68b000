"""A client's request for speech as work for the engine, and from what that makes to the bytes that are sent."""

from __future__ import annotations

import time
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.audio.encoding import StreamEncoder
from engine.audio.fades import fade_in
from engine.audio.tempo import TempoChanger
from engine.errors import TextError
from engine.server.forms import SoundForm, SpeechForm
from engine.server.metrics import Metrics
from engine.server.timing import Timing
from engine.server.voice_book import VoiceBook
from engine.server.worker import Channel
from engine.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    CancelToken,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentRestarted,
    SegmentStarted,
    SegmentTiming,
    SourceMap,
    SpeechEngine,
    SpeechEvent,
    SpeechRequest,
    Voice,
    WholeSegments,
)

CUT_FADE_SAMPLES = 256
SILENCE_SAMPLES = SAMPLE_RATE_HZ // 5
PIECE_BYTES = 64
"""What a piece needs besides its sound, roughly."""


class SoundChain:
    """Change speed and loudness, and encode: float32 mono at 44.1 kHz in, bytes out. Used by one thread at a time."""

    def __init__(self, form: SoundForm) -> None:
        self._tempo = None if form.speed == 1 else TempoChanger(form.speed, SAMPLE_RATE_HZ)
        self._gain = np.float32(10 ** (form.volume_db / 20))
        is_bare = form.format == "wav" and not form.has_header
        self._encoder = StreamEncoder(
            "pcm" if is_bare else form.format, rate_hz=form.rate_hz, bits_per_s=form.bits_per_s, whole=form.is_whole
        )
        self._is_over = False
        self._speed = form.speed
        self._lead_samples = 0.0 if self._tempo is None else self._tempo.lead_samples

    def seconds_at(self, sample: int) -> float:
        """Return when a sample that is written is heard in what is sent, to a tenth of a millisecond."""
        place = max(0.0, sample - self._lead_samples) / self._speed / SAMPLE_RATE_HZ
        return round(place + self._encoder.delay_s, 4)

    def write(self, samples: np.ndarray) -> bytes:
        """Take float32 `(n,)`, and return the bytes that are ready to be sent, maybe none."""
        if self._tempo is not None:
            samples = self._tempo.push(samples)
        return self._encoder.write(samples * self._gain)

    def finish(self) -> bytes:
        """Return the rest of the bytes; nothing is written afterwards."""
        self._is_over = True
        rest = b"" if self._tempo is None else self._encoder.write(self._tempo.flush() * self._gain)
        return rest + self._encoder.finish()

    def discard(self) -> None:
        """Close the encoder instead of `finish`; after it, nothing happens."""
        if not self._is_over:
            self._is_over = True
            self._encoder.discard()


class Speaking:
    """Speak `form` through `chain` into a channel of bytes, and keep what a text that follows should be spoken with.

    With `timing` the channel is one of `TimedPiece`s. A segment that begins anew is sent again from its beginning: what
    was sent cannot be taken back, and nothing of the text may be lost. Where the sound is sent whole, only what was
    good is in it.
    """

    def __init__(
        self, form: SpeechForm, chain: SoundChain, voices: VoiceBook, metrics: Metrics, timing: Timing | None = None
    ) -> None:
        self.form, self._chain, self._voices, self._metrics = form, chain, voices, metrics
        self._timing = timing
        self._asked_s = time.monotonic()
        self.voice: Voice | None = None
        self.seed: int | None = None
        self.n_samples = 0

    def __call__(self, engine: SpeechEngine, channel: Channel[Any]) -> None:
        """Speak, and finish the sound."""
        try:
            self.speak(engine, channel)
            data = self._chain.finish()
            self._put(channel, data, data if self._timing is None else self._timing.rest(data))
        finally:
            self._chain.discard()

    def speak(self, engine: SpeechEngine, channel: Channel[Any]) -> None:
        """Speak, so that more can follow through the same chain."""
        options = self.form.options
        if (voice := self.voice) is None:
            voice, seed = self._voices.find(engine, self.form.voice)
            options = options if options.seed is not None else replace(options, seed=seed)
        request = SpeechRequest(self.form.text, voice, options, self.form.notes)
        for event, chunks in self._events(engine, request, channel.cancel):
            data = b"".join([self._write(samples) for samples in chunks])
            self._put(channel, data, data if self._timing is None else self._timing.piece(event, request.text, data))

    def follow(self, text: str) -> Speaking:
        """Return the work that speaks another text with the same voice."""
        options = self.form.options
        if options.seed is None and self.seed is not None:
            options = replace(options, seed=self.seed)
        form = replace(self.form, text=text, options=options)
        next_one = Speaking(form, self._chain, self._voices, self._metrics, self._timing)
        next_one.voice = self.voice
        return next_one

    def _events(
        self, engine: SpeechEngine, request: SpeechRequest, cancel: CancelToken
    ) -> Iterator[tuple[SpeechEvent, Sequence[np.ndarray]]]:
        """Each event, and the sound that is sent with it, float32 `(n,)` each: as it comes, or segment by segment where
        it is sent so or whole.

        Of a text in which there is nothing to speak a short silence: clients that send one sentence after the other
        wait for something."""
        try:
            yield from self._speech(engine, request, cancel)
        except TextError as error:
            if error.problem not in ("empty", "nothing_to_speak"):
                raise
            yield from _silence(request.text)

    def _speech(
        self, engine: SpeechEngine, request: SpeechRequest, cancel: CancelToken
    ) -> Iterator[tuple[SpeechEvent, Sequence[np.ndarray]]]:
        by_segment = self.form.sound.is_whole or (self._timing is not None and self._timing.by_segment)
        segments = WholeSegments() if by_segment else None
        cut = _Cut(self.form.options.max_frames * FRAME_SAMPLES)
        for event in engine.speak(request, cancel):
            if isinstance(event, SegmentStarted | SegmentRestarted):
                cut.begin()
            elif isinstance(event, PcmChunk):
                event = replace(event, samples=cut(event.samples))
            if segments:
                yield event, segments.take(event)
            else:
                yield event, [event.samples] if isinstance(event, PcmChunk) else ()
            if isinstance(event, SegmentDone):
                self.voice, self.seed = event.voice, event.seed
                self._metrics.count_segment(event)

    def _write(self, samples: np.ndarray) -> bytes:
        if not self.n_samples:
            self._metrics.first_audio_s.observe(time.monotonic() - self._asked_s)
        self.n_samples += samples.size
        return self._chain.write(samples)

    @staticmethod
    def _put(channel: Channel[Any], data: bytes, item: Any) -> None:
        """Put `item`, which holds `data`; nothing where there is none."""
        if item:
            channel.put(item, len(data) + PIECE_BYTES)


def _silence(text: str) -> Iterator[tuple[SpeechEvent, Sequence[np.ndarray]]]:
    samples = np.zeros(SILENCE_SAMPLES, np.float32)
    segment = Segment(0, "", 0, len(text), "", SourceMap(array("I"), array("I")))
    yield SegmentStarted(segment), ()
    yield PcmChunk(samples, SAMPLE_RATE_HZ, 0), ()
    yield SegmentDone(segment, samples.size, SegmentTiming(0.0, samples.size / SAMPLE_RATE_HZ, 0.0)), [samples]


class _Cut:
    """No segment becomes longer than `limit` samples, and one that would ends softly; 0 for no limit."""

    def __init__(self, limit: int) -> None:
        self._limit, self._n = limit, 0

    def begin(self) -> None:
        self._n = 0

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        before, self._n = self._n, self._n + samples.size
        if not self._limit or self._n < self._limit:
            return samples
        rest = samples[: max(0, self._limit - before)].copy()
        n_fade = min(CUT_FADE_SAMPLES, rest.size)
        rest[rest.size - n_fade :] *= fade_in(n_fade)[::-1]
        return rest
