"""Frames to chunks: no seam where they meet; and what happens when memory runs out on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import partialmethod
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.audio.fades import EdgeFader
from engine.errors import DeviceError
from engine.s1.decode.stepper import Stepper
from engine.speech.chunks import FADE_MS, ChunkMaker
from engine.speech.codec import Codec, DecodeStream, PendingSound
from engine.speech.pacing import Pace, Playback
from engine.speech.s1_engine import S1Engine
from engine.types import (
    CancelToken,
    PcmChunk,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
)

FRAME_S = 2048 / 44_100


@pytest.fixture(scope="module")
def codec(tiny_checkpoint: Path) -> Codec:
    return Codec.load(tiny_checkpoint, "cpu")


@pytest.fixture
def frames() -> list[np.ndarray]:
    return list(np.random.default_rng(3).integers(0, 1000, (60, 4)))


class Clock:
    """Seconds that pass when somebody says so."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def known_pace(frame_s: float = 0.008) -> Pace:
    pace = Pace()
    for _ in range(9):
        pace.saw_frame(frame_s)
        for n in (2, 4, 8, 16, 32, 43):
            pace.saw_codec(n, 0.01 + 0.002 * n)
    return pace


def make_chunks(codec: Codec, frames: list[np.ndarray], pace: Pace) -> list[np.ndarray]:
    clock = Clock()
    maker = ChunkMaker(codec, pace, Playback(pace, FRAME_S), lambda _: None, clock)
    found = []
    for frame in frames:
        clock.now_s += 0.008
        found += list(maker.add(frame))
    return found + list(maker.finish())


@pytest.mark.parametrize("pace", [known_pace, Pace, lambda: known_pace(0.03)])
def test_no_seam_at_the_edges_of_chunks(codec: Codec, frames: list[np.ndarray], pace: Callable[[], Pace]) -> None:
    """The samples around each edge are those of one call for the whole, to rounding; nor does the slope jump there."""
    pieces = make_chunks(codec, frames, pace())
    assert len(pieces) >= 4
    whole = next(codec.decode(np.stack(frames, axis=1)))
    fader = EdgeFader(FADE_MS, codec.sample_rate)
    expected = np.concatenate((fader.feed(whole), fader.finish()))
    found = np.concatenate(pieces)
    assert found.shape == expected.shape
    np.testing.assert_allclose(found, expected, atol=1e-5)
    edges = np.cumsum([len(piece) for piece in pieces])[:-1]
    steps = np.abs(np.diff(expected))
    for edge in edges:
        around = slice(edge - 3, edge + 3)
        np.testing.assert_allclose(np.abs(np.diff(found))[around], steps[around], atol=2e-5)


def test_a_chunk_that_is_on_its_way_is_sent_when_it_is_there_or_when_the_next_is_due(
    codec: Codec, frames: list[np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a GPU, where the codec works beside the frames that follow."""
    ready_after = {0: 10_000, 1: 3, 2: 10_000}
    begun: list[Later] = []

    class Later(PendingSound):
        def __init__(self, sound: PendingSound, n_polls: int) -> None:
            super().__init__(torch.from_numpy(sound.result()), 0.001)
            self.n_polls = n_polls

        @property
        def is_ready(self) -> bool:
            self.n_polls -= 1
            return self.n_polls < 0

    begin = DecodeStream._begin

    def begin_later(self: DecodeStream, codes: np.ndarray) -> PendingSound:
        begun.append(Later(begin(self, codes), ready_after.get(len(begun), 0)))
        return begun[-1]

    monkeypatch.setattr(DecodeStream, "_begin", begin_later)
    clock, pace = Clock(), Pace()
    maker = ChunkMaker(codec, pace, Playback(pace, FRAME_S), lambda _: None, clock)
    sent_at = [i for i, frame in enumerate(frames, 1) for _ in maker.add(frame)]
    # the first is waited for, the second comes three frames late, the third is never seen to be ready: it is waited
    # for when the next is due, which is ready at once
    assert sent_at == [4, 12 + 3, 28 + 32, 28 + 32]
    rest = list(maker.finish())
    assert sum(map(len, rest)) == round(FADE_MS * 44.1)
    assert sum(len(sound.result()) for sound in begun) == 60 * codec.frame_length
    assert maker.codes.shape == (4, 60)
    assert maker.n_sent_frames == 60


@pytest.fixture
def engine(tiny_checkpoint: Path) -> Iterator[S1Engine]:
    loaded = S1Engine.load(tiny_checkpoint, "cpu")
    yield loaded
    loaded.close()


def speak(engine: S1Engine) -> list[SpeechEvent]:
    options = SpeechOptions(seed=1, max_attempts=1)
    return list(engine.speak(SpeechRequest("Yes.", options=options), CancelToken()))


def samples(events: list[SpeechEvent]) -> np.ndarray:
    restarts = [i for i, event in enumerate(events) if isinstance(event, SegmentRestarted)]
    after = events[restarts[-1] :] if restarts else events
    return np.concatenate([e.samples for e in after if isinstance(e, PcmChunk)])


def fail_for_want_of_memory(on_calls: set[int], call: Callable) -> Callable:
    n_calls = 0

    def sometimes(*arguments, **names):
        nonlocal n_calls
        n_calls += 1
        if n_calls in on_calls:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 MiB.")
        return call(*arguments, **names)

    return sometimes


@pytest.mark.slow
def test_a_codec_that_runs_out_of_memory_goes_on_in_smaller_chunks(
    engine: S1Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    expected = samples(speak(engine))
    upsample = engine.codec.model.decoder.forward
    monkeypatch.setattr(engine.codec.model.decoder, "forward", fail_for_want_of_memory({2}, upsample))
    engine.prefixes.held_bytes = 1
    with caplog.at_level(logging.WARNING):
        events = speak(engine)
    assert not any(isinstance(e, SegmentRestarted) for e in events)
    np.testing.assert_allclose(samples(events), expected, atol=1e-5)  # nothing twice, nothing lost
    assert engine.codec.max_chunk_frames <= 4  # half of the second chunk
    assert engine.prefixes.held_bytes == 0
    assert "frames at a time" in caplog.text
    assert engine.status().how.endswith(f"the codec takes {engine.codec.max_chunk_frames} frames at a time")


def fail_when_frames_are_made(monkeypatch: pytest.MonkeyPatch, on_calls: set[int]) -> None:
    """Prompts that are read, and steps, are counted together."""
    sometimes = fail_for_want_of_memory(on_calls, lambda method, *arguments: method(*arguments))
    for name in ("begin", "run"):
        monkeypatch.setattr(Stepper, name, partialmethod(_counted, sometimes, getattr(Stepper, name)))


def _counted(stepper: Stepper, sometimes: Callable, method: Callable, *arguments: object) -> object:
    return sometimes(method, stepper, *arguments)


@pytest.mark.slow
@pytest.mark.parametrize("call", [1, 7])
def test_generation_that_runs_out_of_memory_begins_again_once_all_is_freed(
    engine: S1Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, call: int
) -> None:
    before = speak(engine)
    fail_when_frames_are_made(monkeypatch, {call})
    with caplog.at_level(logging.WARNING):
        events = speak(engine)
    (restart,) = [e for e in events if isinstance(e, SegmentRestarted)]
    assert (restart.problem, restart.attempt) == (SegmentProblem.INTERRUPTED, 1)
    done, expected = (next(e for e in found if isinstance(e, SegmentDone)) for found in (events, before))
    assert (done.attempts, done.problem, done.n_samples) == (1, expected.problem, expected.n_samples)
    np.testing.assert_allclose(samples(events), samples(before), atol=1e-5)  # the seed is the same
    assert "out of memory" in caplog.text


def test_memory_that_cannot_be_had_is_an_error(engine: S1Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    fail_when_frames_are_made(monkeypatch, {3, 6})
    with pytest.raises(DeviceError) as caught:
        speak(engine)
    assert caught.value.problem == "out_of_memory"
    assert caught.value.device == "CPU"
    assert "20.00 MiB" in caught.value.detail


def test_what_is_no_want_of_memory_is_not_tried_again(engine: S1Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("shapes do not match")

    monkeypatch.setattr(engine.model, "slow", fail)
    with pytest.raises(RuntimeError, match="shapes"):
        speak(engine)
