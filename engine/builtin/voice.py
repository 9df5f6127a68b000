"""The speech engine that is always there: espeak-ng behind the `SpeechEngine` protocol.

Plain, but clear, and first audio comes in about 7 ms. Its limits are espeak-ng's: Japanese kana are
read well, but each kanji is called "Chinese letter", since espeak-ng has no kanji readings; the same
happens to Chinese characters in any language but Chinese. Korean hangul and all alphabets are read.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

from engine.builtin.espeak import loaded_espeak
from engine.builtin.names import BUILT_IN, DISPLAY_NAME
from engine.builtin.phonemes import PhonemeSpan
from engine.builtin.shaping import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS, Sound, shaped
from engine.builtin.synthesis import spoken_blocks
from engine.errors import BuiltInVoiceError, VoiceError
from engine.text import request_segments
from engine.text.languages import all_records, record_of
from engine.text.markers import spoken_without_markers
from engine.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE_HZ,
    CancelToken,
    EngineStatus,
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


@dataclass(frozen=True, slots=True)
class _Variant:
    """A timbre for any language (`suffix`), or an accent (`voice`) of one `language`, the others staying usual."""

    suffix: str = ""
    language: str = ""
    voice: str = ""

    def voice_for(self, language: str) -> str:
        return self.voice if self.language == language else record_of(language).espeak_voice + self.suffix


def variants() -> tuple[str, ...]:
    """List the names after "built-in/": timbres ("f2", "Annie"), then accents ("en-gb-scotland"). Raises
    `BuiltInVoiceError`."""
    return tuple(_read_catalogue()[1])


class BuiltInVoice:
    """Speaks with espeak-ng, as a `SpeechEngine`. Any number may exist and speak from any thread: they take turns by
    segment.

    Raises `BuiltInVoiceError` when espeak-ng cannot be used.
    """

    def __init__(self) -> None:
        self._version, self._variants = _read_catalogue()
        self._by_folded_name = {name.casefold(): variant for name, variant in self._variants.items()}
        self._closed = False

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """Speak `request`, voice "" or "built-in", or "built-in/NAME" with a name of `variants()` in any case.

        Of the options, the language and the cleaning apply. Raises `VoiceError` here, and `TextError` and
        `BuiltInVoiceError` when iterated.
        """
        if self._closed:
            raise BuiltInVoiceError("the built-in voice was closed")
        return self._speak(request, self._variant(request.voice.name), cancel)

    def status(self) -> EngineStatus:
        return EngineStatus(name=DISPLAY_NAME, device="CPU", precision=f"espeak-ng {self._version}")

    def close(self) -> None:
        """Speak no more; nothing is held between two segments that could be given back."""
        self._closed = True

    def _variant(self, name: str) -> _Variant:
        if name in ("", BUILT_IN):
            return _Variant()
        folded = name.removeprefix(f"{BUILT_IN}/").casefold()
        variant = self._by_folded_name.get(folded) if name.startswith(f"{BUILT_IN}/") else None
        if variant is None:
            known = (BUILT_IN, *(f"{BUILT_IN}/{known}" for known in self._variants))
            raise VoiceError("unknown", name, known=known)
        return variant

    def _speak(self, request: SpeechRequest, variant: _Variant, cancel: CancelToken) -> Iterator[SpeechEvent]:
        for segment in request_segments(request):
            if cancel.cancelled:
                return
            yield SegmentStarted(segment)
            max_samples = request.options.max_frames * FRAME_SAMPLES
            yield from _speak_segment(segment, variant.voice_for(segment.language), max_samples, cancel)


def _speak_segment(
    segment: Segment, voice: str, max_samples: int, cancel: CancelToken
) -> Iterator[PcmChunk | SegmentDone]:
    """`max_samples` 0: to its end."""
    started_s = time.perf_counter()
    waited_s = 0.0  # for the consumer, between two chunks
    first_s: float | None = None
    n_samples = 0
    problem: SegmentProblem | None = SegmentProblem.SILENT
    text, source = spoken_without_markers(segment)
    reached = -1  # where the last word began: of several said for one that is written, the first stands for all
    pause_ms = PARAGRAPH_PAUSE_MS if segment.ends_paragraph else SENTENCE_PAUSE_MS
    phonemes = [PhonemeSpan(*source.within(part.start, part.end), part.ipa) for part in segment.phonemes]
    with closing(spoken_blocks(text, voice, lambda: cancel.cancelled, phonemes)) as blocks:
        for sound in shaped(blocks, pause_ms):
            if cancel.cancelled:
                return
            problem = SegmentProblem.FRAME_CAP if sound.ran_away else None
            samples = sound.samples[: max_samples - n_samples] if max_samples else sound.samples
            n_samples += len(samples)
            now_s = time.perf_counter()
            first_s = first_s or now_s
            words = tuple(word for word in _words(sound, source, reached) if word.at_sample < n_samples)
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


def _words(sound: Sound, source: SourceMap, reached: int) -> Iterator[Word]:
    """The words at their places in the request's text, those that begin after `reached`."""
    for word in sound.words:
        start, end = source.span(word.start, word.end)
        if start > reached:
            yield Word(start, end, word.at_sample)
            reached = start


def _read_catalogue() -> tuple[str, dict[str, _Variant]]:
    """espeak-ng's version, and its variants by name. Takes about 7 ms."""
    with loaded_espeak() as espeak:
        version = espeak.version()
        timbres = espeak.voices("variant")
        voices = espeak.voices()
    found: dict[str, _Variant] = {}
    languages = {code: record.code for record in all_records() for code in record.espeak_codes or (record.code,)}
    for timbre in sorted(timbres, key=lambda voice: voice.identifier.casefold()):
        name = timbre.identifier.removeprefix("!v/")
        found[name] = _Variant(suffix=f"+{name}")
    for voice in sorted(voices, key=lambda voice: voice.identifier.casefold()):
        name = voice.languages[0]
        language = languages.get(name.split("-")[0])
        # A script in a voice's identifier (en-Shaw, cmn-Latn-pinyin) says that it reads no ordinary text.
        if language is not None and not re.search(r"-[A-Z][a-z]{3}\b", voice.identifier):
            found[name] = _Variant(language=language, voice=voice.identifier)
    return version, found
