"""S1Engine: a request becomes events. The one place where text, model and codec meet."""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from engine.audio.delivery import delivered
from engine.errors import AudioFileError, CheckpointError, CodesFileError, DeviceError, VoiceError
from engine.machine.device import describe
from engine.machine.memory import give_back_memory, is_out_of_memory, memory_bytes, peak_memory_bytes
from engine.s1.decode import (
    Decoder,
    Prefix,
    PrefixCache,
    Rows,
    RunawayGuard,
    VoiceLock,
    generate,
    max_speech_frames,
    speak_side_by_side,
)
from engine.s1.model import DualAr, Sampler, Tokenizer, build_prompt, common_boundaries, n_reference_positions
from engine.speech.chunks import ChunkMaker
from engine.speech.codec import Codec
from engine.speech.compute_clock import ComputeClock
from engine.speech.keeping_up import open_parts
from engine.speech.pacing import Ladder, Pace, Playback
from engine.text import acted_text, request_segments
from engine.types import (
    CancelToken,
    EngineStatus,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SegmentTiming,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
)
from engine.voice_library.library import VoiceLibrary
from engine.voice_library.loading import VoiceCache

log = logging.getLogger(__name__)


class S1Engine:
    """Speaks with S1 Mini in this process; a `SpeechEngine`."""

    def __init__(self, decoder: Decoder, codec: Codec, find_voice: Callable[[str], Voice] = Voice) -> None:
        """`find_voice` gives the references of a voice that a request only names."""
        self._loaded: _Loaded | None = _Loaded(decoder, codec, PrefixCache(), find_voice)
        self.pace = Pace()
        codec.when_short_of_memory = self.prefixes.clear

    @classmethod
    def load(
        cls,
        folder: Path,
        device: str = "auto",
        precision: str = "auto",
        voices_folder: Path | None = None,
        before_codec: Callable[[], object] = lambda: None,
        cache_folder: Path | None = None,
        compiling: Callable[[float], object] = lambda _: None,
    ) -> S1Engine:
        """Load a checkpoint folder onto "auto", "cuda" or "cpu", in one of `PRECISIONS`.

        Voices that a request names are looked for in `voices_folder`, and encoded when they are first
        used. `before_codec` is called half-way, `compiling` before that on a GPU, with the share done. What is
        compiled is kept in `cache_folder`; None compiles nothing.
        Raises `CheckpointError`, `DeviceError` or `OptionError`.
        """
        decoder, codec = open_parts(folder, device, precision, cache_folder, compiling, before_codec)
        model = decoder.model
        if codec.n_codebooks != model.config.n_codebooks:
            raise CheckpointError(
                "config", folder / "codec.pth", "num_codebooks", str(codec.n_codebooks), str(model.config.n_codebooks)
            )
        if voices_folder is None:
            return cls(decoder, codec)

        cache = VoiceCache(VoiceLibrary(voices_folder))
        return cls(decoder, codec, lambda name: cache.load(name, codec.encode, codec.n_codebooks))

    @property
    def _parts(self) -> _Loaded:
        assert self._loaded is not None, "closed"
        return self._loaded

    @property
    def decoder(self) -> Decoder:
        return self._parts.decoder

    @property
    def codec(self) -> Codec:
        return self._parts.codec

    @property
    def prefixes(self) -> PrefixCache:
        return self._parts.prefixes

    @property
    def model(self) -> DualAr:
        return self.decoder.model

    @property
    def tokenizer(self) -> Tokenizer:
        return self.decoder.tokenizer

    def status(self) -> EngineStatus:
        device = self.model.device
        made = self.decoder
        how = made.how
        if self.codec.is_short_of_memory:
            how += f"; short of memory, so that the codec takes {self.codec.max_chunk_frames} frames at a time"
        memory, peak = memory_bytes(device), peak_memory_bytes(device)
        precision, is_exact = made.precision.name, made.is_batch_exact
        return EngineStatus("S1 Mini", describe(device), precision, memory, how, peak, self.max_batch, is_exact)

    def close(self) -> None:
        device = self.model.device
        self._loaded = None  # the last reference to the weights but for those in circles
        give_back_memory(device)

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """See `SpeechEngine.speak`. A text of several segments keeps one voice: that of the request's
        references, or the one improvised at its beginning."""
        return self._speak(request, self.decoder.rows_for_one, self.pace, cancel)

    def _speak(
        self, request: SpeechRequest, open_rows: Callable[[], Rows], pace: Pace, cancel: CancelToken
    ) -> Iterator[SpeechEvent]:
        events = self._spoken(request, open_rows, pace, cancel)
        return delivered(events) if request.notes is not None else events

    def _spoken(
        self, request: SpeechRequest, open_rows: Callable[[], Rows], pace: Pace, cancel: CancelToken
    ) -> Generator[SpeechEvent]:
        """As `speak`; each attempt at a segment is made in a row of what `open_rows` gives it."""
        options, voice = request.options, request.voice
        if voice.name and not voice.references:
            voice = self._parts.find_voice(voice.name)
        seed = secrets.randbits(63) if options.seed is None else options.seed
        locks = {"": self._lock(voice)}
        frame_s = self.codec.frame_length / self.codec.sample_rate
        playback = Playback(pace, frame_s) if options.live else None
        run = _Run(options, seed, locks[""], playback, pace, open_rows, cancel)
        for segment in request_segments(request):
            if cancel.cancelled:
                return
            yield SegmentStarted(segment)
            name = segment.delivery.manner.voice
            if name not in locks:
                locks[name] = self._lock_of_note(name) or locks[""]
            done = yield from self._speak_segment(segment, replace(run, lock=locks[name]))
            if done is None:
                return
            yield replace(done, voice=locks[""].voice) if name else done

    def _lock(self, voice: Voice) -> VoiceLock:
        return VoiceLock(
            voice,
            lambda reference: n_reference_positions(self.tokenizer, reference),
            self.model.config.max_prompt_len // 2,
        )

    def _lock_of_note(self, name: str) -> VoiceLock | None:
        """Keep the voice that a note on the text asks for; None for one that is not here."""
        if "/" in name or "\\" in name:  # whoever wrote the text may not name files
            return None
        try:
            return self._lock(self._parts.find_voice(name))
        except (VoiceError, AudioFileError, CodesFileError):
            return None

    @property
    def max_batch(self) -> int:
        return self.decoder.max_batch

    def speak_batch(self, requests: Sequence[SpeechRequest], cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        """See `BatchingEngine.speak_batch`."""
        rows = self.decoder.rows_for(len(requests))

        def speak(request: SpeechRequest) -> Iterator[SpeechEvent]:
            return self._speak(request, lambda: rows, Pace(), cancel)  # how fast one of several is, is its own affair

        yield from speak_side_by_side(rows.max_rows, requests, speak)

    def _speak_segment(self, segment: Segment, run: _Run) -> Generator[SpeechEvent, None, SegmentDone | None]:
        """Attempts with one seed after the other, until one is sound or none is left. None when cancelled.

        One that runs out of memory is made again, once, with the same seed and all memory that can be had.
        """
        clock, options, lock = ComputeClock(), run.options, run.lock
        prompt = torch.from_numpy(
            build_prompt(self.tokenizer, self.codec.n_codebooks, lock.voice.references, acted_text(segment))
        )
        prefix = Prefix(self.prefixes, common_boundaries(self.tokenizer, lock.voice.references))
        attempt, has_freed = 1, False
        while True:
            attempt_seed = derive_seed(run.seed, segment.index, attempt)
            take = yield from self._attempt(segment, prompt, prefix, attempt_seed, clock, run)
            if run.cancel.cancelled:
                return None
            if take.problem is SegmentProblem.INTERRUPTED:
                if has_freed:
                    raise DeviceError("out_of_memory", describe(self.model.device), take.detail)
                has_freed = True
                self._free_memory(take.detail)
            elif take.problem is None or attempt == options.max_attempts:
                break
            else:
                attempt += 1
            with clock.paused():
                yield SegmentRestarted(segment.index, take.problem, attempt)
        lock.learn(acted_text(segment), take.codes, SegmentProblem.FRAME_CAP if take.is_cut else take.problem)
        n_samples = take.codes.shape[1] * self.codec.frame_length
        timing = SegmentTiming(clock.compute_s, n_samples / self.codec.sample_rate, clock.ttfa_ms)
        return SegmentDone(segment, n_samples, timing, attempt, run.seed, take.problem, lock.voice)

    def _attempt(
        self,
        segment: Segment,
        prompt: torch.Tensor,
        prefix: Prefix,
        seed: int,
        clock: ComputeClock,
        run: _Run,
    ) -> Generator[SpeechEvent, None, _Take]:
        """One generation of a segment: chunks as they are due. Out of memory it ends as INTERRUPTED."""
        options = run.options
        max_frames = min(max_speech_frames(segment.text), self.model.config.max_seq_len - prompt.shape[1])
        is_cut = 0 < options.max_frames < max_frames  # it ends there as wished: no sign that anything went wrong
        max_frames = options.max_frames if is_cut else max_frames
        generator = torch.Generator(self.model.device).manual_seed(seed)
        sampler = Sampler(options.temperature, options.top_p, options.repetition_penalty, generator)
        guard = RunawayGuard(max_frames)
        sizes = run.playback or Ladder()
        maker = ChunkMaker(self.codec, run.pace, sizes, guard.hear)

        def sound() -> Iterator[np.ndarray]:
            for codes in generate(run.open_rows(), prompt, sampler, max_frames, run.cancel, prefix):
                frame = codes.cpu().numpy()
                is_over = guard.see_frame(frame)
                yield from maker.add(frame)
                if is_over:
                    break
            if not run.cancel.cancelled:
                yield from maker.finish()

        pieces, problem, detail = sound(), None, ""
        while True:
            try:  # around the making alone: what a listener raises is the listener's
                samples = next(pieces, None)
            except Exception as error:
                if not is_out_of_memory(error):
                    raise
                problem, detail = SegmentProblem.INTERRUPTED, str(error)
                break
            if samples is None:
                break
            clock.note_audio()
            with clock.paused():
                yield PcmChunk(samples, self.codec.sample_rate, segment.index)
        is_cut = is_cut and maker.codes.shape[1] == max_frames
        problem = problem or (None if is_cut else guard.problem)
        take = _Take(maker.codes, problem, detail, is_cut)
        if take.problem is not None:
            sizes.take_back(maker.n_sent_frames)
        return take

    def _free_memory(self, why: str) -> None:
        log.warning("out of memory, trying again with what can be freed: %s", why)
        self.prefixes.clear()
        give_back_memory(self.model.device)


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What takes memory, or holds what does: an engine lets go of all of it at once."""

    decoder: Decoder
    codec: Codec
    prefixes: PrefixCache
    find_voice: Callable[[str], Voice]


@dataclass(frozen=True, slots=True)
class _Run:
    """A request being spoken: what all its segments share. `playback`: of whoever listens meanwhile, if anybody."""

    options: SpeechOptions
    seed: int
    lock: VoiceLock
    playback: Playback | None
    pace: Pace
    open_rows: Callable[[], Rows]
    cancel: CancelToken


@dataclass(frozen=True, slots=True)
class _Take:
    """What an attempt came to: codes int64 (n_codebooks, n_frames). `detail` of an interruption. `is_cut`: it was to
    be no longer, so that its text says more."""

    codes: np.ndarray
    problem: SegmentProblem | None
    detail: str = ""
    is_cut: bool = False


def derive_seed(seed: int, segment: int, attempt: int) -> int:
    """A seed for one attempt at one segment: the same wherever and whenever it is asked for."""
    digest = hashlib.blake2b(f"{seed}/{segment}/{attempt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
