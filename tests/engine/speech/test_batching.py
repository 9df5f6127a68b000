"""S1Engine speaking several requests at once: each as it would alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from at_once import slow_but

from engine.errors import TextError
from engine.speech.s1_engine import S1Engine
from engine.types import (
    CancelToken,
    PcmChunk,
    Reference,
    SegmentDone,
    SegmentRestarted,
    SegmentStarted,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
    as_batching,
)

VOICE = Voice("narrator", (Reference("As I was saying.", np.random.default_rng(0).integers(0, 1000, (4, 9))),))
TEXTS = ("Yes.", "So be it. And so on.", "No.", "A somewhat longer one.", "Well.")


def request(text: str, seed: int = 1, max_attempts: int = 1) -> SpeechRequest:
    return SpeechRequest(text, VOICE, SpeechOptions(seed=seed, language="en", max_attempts=max_attempts))


@pytest.fixture(scope="module", params=slow_but(["kernels"], ["operators", "kernels"]))
def engine(
    request: pytest.FixtureRequest, tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[S1Engine]:
    cache = tmp_path_factory.mktemp("kernels") if request.param == "kernels" else None
    loaded = S1Engine.load(tiny_checkpoint, "cpu", "float32", cache_folder=cache)
    yield loaded
    loaded.close()


@pytest.fixture(autouse=True)
def short_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.speech.s1_engine.max_speech_frames", lambda text: 4 + len(text))


def by_request(events: Iterator[tuple[int, SpeechEvent]]) -> dict[int, list[SpeechEvent]]:
    found: dict[int, list[SpeechEvent]] = defaultdict(list)
    for number, event in events:
        found[number].append(event)
    return found


def samples(events: list[SpeechEvent]) -> np.ndarray:
    """What is left of them after restarts."""
    kept: list[np.ndarray] = []
    done: list[np.ndarray] = []
    for event in events:
        match event:
            case PcmChunk():
                kept.append(event.samples)
            case SegmentRestarted():
                kept = []
            case SegmentDone():
                done, kept = done + kept, []
    return np.concatenate(done)


def test_each_sounds_as_it_would_alone(engine: S1Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """More of them than there is room for, one of two segments, events in each one's order."""
    assert as_batching(engine) is engine
    assert engine.max_batch >= 2
    monkeypatch.setattr("engine.s1.decode.decoder.MAX_BATCH", 3)
    requests = [request(text, seed) for seed, text in enumerate(TEXTS)]
    found = by_request(engine.speak_batch(requests, CancelToken()))
    assert sorted(found) == list(range(len(TEXTS)))
    for number, one in enumerate(requests):
        alone = list(engine.speak(one, CancelToken()))
        kinds = [type(event) for event in found[number] if not isinstance(event, PcmChunk)]
        assert kinds == [type(event) for event in alone if not isinstance(event, PcmChunk)]
        assert [e.segment for e in found[number] if isinstance(e, SegmentStarted)] == [
            e.segment for e in alone if isinstance(e, SegmentStarted)
        ]
        np.testing.assert_allclose(samples(found[number]), samples(alone), atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["int8", "bfloat16"])
def test_where_batches_are_exact_no_bit_differs(precision: str, tiny_checkpoint: Path, tmp_path: Path) -> None:
    loaded = S1Engine.load(tiny_checkpoint, "cpu", precision, cache_folder=tmp_path)
    if loaded.status().is_batch_exact:
        requests = [request(text, seed) for seed, text in enumerate(TEXTS)]
        found = by_request(loaded.speak_batch(requests, CancelToken()))
        for number, one in enumerate(requests):
            np.testing.assert_array_equal(samples(found[number]), samples(list(loaded.speak(one, CancelToken()))))
    loaded.close()


@pytest.mark.slow
def test_what_goes_wrong_is_tried_again_beside_the_others(engine: S1Engine) -> None:
    """Random weights never come to an end: whether alone or not, the same attempts."""
    requests = [request(text, seed, max_attempts=2) for seed, text in enumerate(TEXTS)]
    found = by_request(engine.speak_batch(requests, CancelToken()))
    assert all(any(isinstance(e, SegmentRestarted) for e in events) for events in found.values())
    for number, one in enumerate(requests):
        alone = list(engine.speak(one, CancelToken()))
        assert [e.attempts for e in found[number] if isinstance(e, SegmentDone)] == [
            e.attempts for e in alone if isinstance(e, SegmentDone)
        ]
        np.testing.assert_allclose(samples(found[number]), samples(alone), atol=1e-5)


def test_cancelled_it_ends_without_segment_done(engine: S1Engine) -> None:
    cancel, after = CancelToken(), 0
    for _, event in engine.speak_batch([request(text) for text in TEXTS], cancel):
        assert not isinstance(event, SegmentDone)
        after += cancel.cancelled
        if isinstance(event, PcmChunk):
            cancel.cancel()
    assert after == 0


def test_closed_it_can_be_used_again(engine: S1Engine) -> None:
    events = engine.speak_batch([request(text) for text in TEXTS], CancelToken())
    for _ in range(4):
        next(events)
    events.close()  # type: ignore[attr-defined]
    assert len(by_request(engine.speak_batch([request("Yes.")], CancelToken()))) == 1


def test_one_that_cannot_be_spoken_ends_it(engine: S1Engine) -> None:
    with pytest.raises(TextError):
        list(engine.speak_batch([request("Yes."), request("")], CancelToken()))
    assert list(engine.speak_batch([], CancelToken())) == []
