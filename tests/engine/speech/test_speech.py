"""S1Engine from request to samples, on the tiny checkpoint."""

from __future__ import annotations

import gc
import itertools
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import OptionError, TextError
from engine.s1.decode.guard import max_speech_frames
from engine.speech.pacing import FIRST_CHUNK_FRAMES, LEAST_FRAMES, Pace
from engine.speech.s1_engine import S1Engine, derive_seed
from engine.types import (
    CancelToken,
    PcmChunk,
    Reference,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
)

TEXT = "Yes. No. (laughing) So be it."


@pytest.fixture(scope="module")
def engine(tiny_checkpoint: Path) -> Iterator[S1Engine]:
    loaded = S1Engine.load(tiny_checkpoint, "cpu")
    yield loaded
    loaded.close()


def test_a_voice_is_read_once_and_sounds_the_same(engine: S1Engine, tiny_checkpoint: Path, tmp_path: Path) -> None:
    """With kernels as without, and the second time as the first."""
    fast = S1Engine.load(tiny_checkpoint, "cpu", "float32", cache_folder=tmp_path)
    assert fast.status().how == "kernels"
    codes = np.random.default_rng(0).integers(0, 1000, (4, 9))
    voice = Voice("narrator", (Reference("As I was saying.", codes),))
    request = SpeechRequest("Yes.", voice, SpeechOptions(seed=1, max_attempts=1, max_frames=FEW))
    said = [np.concatenate(chunks(list(e.speak(request, CancelToken())))) for e in (engine, fast, fast)]
    assert len(fast.prefixes) == 1
    np.testing.assert_allclose(said[1], said[0], atol=1e-5)
    np.testing.assert_array_equal(said[2], said[1])
    fast.close()


@pytest.fixture
def prompts(monkeypatch: pytest.MonkeyPatch) -> list[torch.Tensor]:
    """Every prompt that the model is given."""
    seen: list[torch.Tensor] = []
    import engine.speech.s1_engine as speech

    generate = speech.generate

    def watching(model, prompt, *rest):
        seen.append(prompt)
        return generate(model, prompt, *rest)

    monkeypatch.setattr(speech, "generate", watching)
    return seen


FEW = 6
"""Frames of a segment, where its end is not what is looked at."""


def speak(
    engine: S1Engine, text: str = TEXT, seed: int | None = 1, max_attempts: int = 1, max_frames: int = 0
) -> list[SpeechEvent]:
    options = SpeechOptions(seed=seed, max_attempts=max_attempts, max_frames=max_frames)
    return list(engine.speak(SpeechRequest(text, options=options), CancelToken()))


def chunks(events: list[SpeechEvent], segment: int | None = None) -> list[np.ndarray]:
    found = [e for e in events if isinstance(e, PcmChunk)]
    return [e.samples for e in found if segment is None or e.segment == segment]


@pytest.mark.slow
def test_events_come_in_order_and_account_for_every_sample(engine: S1Engine) -> None:
    events = speak(engine)
    kinds = [kind.__name__ for kind, _ in itertools.groupby(type(e) for e in events)]
    assert kinds == ["SegmentStarted", "PcmChunk", "SegmentDone"] * 3
    started = [e.segment for e in events if isinstance(e, SegmentStarted)]
    assert [s.text for s in started] == ["Yes.", "No.", "(laughing) So be it."]
    assert [TEXT[s.start : s.end] for s in started] == ["Yes.", "No.", "(laughing) So be it."]
    for done in (e for e in events if isinstance(e, SegmentDone)):
        samples = np.concatenate(chunks(events, done.segment.index))
        assert samples.dtype == np.float32
        assert len(samples) == done.n_samples
        assert done.n_samples % 2048 == 0
        assert 0 < done.n_samples <= 2048 * max_speech_frames(done.segment.text)
        assert done.timing.audio_s == pytest.approx(done.n_samples / 44_100)
        assert 0 < done.timing.ttfa_ms <= done.timing.compute_s * 1000
        assert abs(samples[0]) < 1e-3  # no click where segments meet
        assert abs(samples[-1]) < 1e-3
        assert np.abs(samples).max() <= 1.0


@pytest.mark.parametrize("live", [False, True])
def test_the_first_chunk_comes_after_a_few_frames(engine: S1Engine, live: bool) -> None:
    engine.pace = Pace()  # nothing is known yet: however slow this computer is, the size is the usual one
    options = SpeechOptions(seed=1, max_attempts=1, live=live)
    first = chunks(list(engine.speak(SpeechRequest("Yes.", options=options), CancelToken())), 0)[0]
    n_held_back = round(4.0 * 44.1)
    assert len(first) == FIRST_CHUNK_FRAMES * 2048 - n_held_back


@pytest.mark.slow
def test_same_seed_same_samples_another_seed_others(engine: S1Engine) -> None:
    first, again, other = (np.concatenate(chunks(speak(engine, "Yes. No.", seed=s, max_frames=FEW))) for s in (5, 5, 6))
    assert np.array_equal(first, again)
    assert not np.array_equal(first[: len(other)], other[: len(first)])


@pytest.mark.slow
def test_who_listens_gets_the_same_sound_in_other_chunks(engine: S1Engine) -> None:
    quick = Pace()
    for n in (2, 4, 8, 16, 32, 43):
        quick.saw_codec(n, 0.001)
        quick.saw_frame(0.001)
    quick.saw_frame = quick.saw_codec = lambda *_: None  # type: ignore[method-assign]  # this computer may be busy
    engine.pace = quick
    options = SpeechOptions(seed=5, max_attempts=1, live=True)
    pieces = chunks(list(engine.speak(SpeechRequest("Yes.", options=options), CancelToken())))
    assert len(pieces[0]) == LEAST_FRAMES * 2048 - round(4.0 * 44.1)
    expected = np.concatenate(chunks(speak(engine, "Yes.", seed=5)))
    np.testing.assert_allclose(np.concatenate(pieces), expected, atol=1e-5)


def test_without_a_seed_one_is_drawn_and_reported(engine: S1Engine) -> None:
    events = speak(engine, "Yes.", seed=None, max_frames=FEW)
    (done,) = (e for e in events if isinstance(e, SegmentDone))
    assert done.seed is not None
    again = speak(engine, "Yes.", seed=done.seed, max_frames=FEW)
    assert np.array_equal(np.concatenate(chunks(again)), np.concatenate(chunks(events)))


def test_an_improvised_voice_is_kept_through_the_text(engine: S1Engine, prompts: list[torch.Tensor]) -> None:
    speak(engine, max_frames=FEW)
    first, second, third = prompts
    begin, end = engine.tokenizer.semantic_begin_id, engine.tokenizer.semantic_end_id
    n_frames = [int(((p[0] >= begin) & (p[0] <= end)).sum()) for p in (first, second, third)]
    assert n_frames[0] == 0
    assert n_frames[1] > 0  # the first sentence's own frames are the reference
    assert n_frames[2] >= n_frames[1]
    spoken = engine.tokenizer.encode("Yes.")
    assert (
        second[0, 1:].tolist()[: len(engine.tokenizer.encode("<|speaker:0|>")) + len(spoken)][-len(spoken) :] == spoken
    )


def test_a_request_of_its_own_goes_on_in_the_voice_learned(engine: S1Engine, prompts: list[torch.Tensor]) -> None:
    done = [e for e in speak(engine, max_frames=FEW) if isinstance(e, SegmentDone)][1]
    assert done.voice is not None
    options = SpeechOptions(seed=1, max_attempts=1, max_frames=FEW)
    request = SpeechRequest("(laughing) So be it.", done.voice, options)
    assert list(engine.speak(request, CancelToken()))
    assert torch.equal(prompts[-1], prompts[2])  # as if it had not been interrupted


def test_a_chosen_voice_leads_every_prompt(engine: S1Engine, prompts: list[torch.Tensor]) -> None:
    codes = np.random.default_rng(0).integers(0, 1000, (4, 9))
    voice = Voice("narrator", (Reference("As I was saying.", codes),))
    request = SpeechRequest(TEXT, voice, SpeechOptions(seed=1, max_attempts=1, max_frames=FEW))
    assert list(engine.speak(request, CancelToken()))
    expected = [engine.tokenizer.semantic_begin_id + c for c in codes[0]]
    for prompt in prompts:
        row = prompt[0].tolist()
        frames = [t for t in row if engine.tokenizer.semantic_begin_id <= t <= engine.tokenizer.semantic_end_id]
        assert frames == expected


def test_a_cancelled_run_ends_without_segment_done(engine: S1Engine) -> None:
    cancel, after = CancelToken(), 0
    for event in engine.speak(SpeechRequest(TEXT, options=SpeechOptions(seed=1)), cancel):
        assert not isinstance(event, SegmentDone)
        after += cancel.cancelled
        if isinstance(event, PcmChunk):
            cancel.cancel()
    assert after == 0


def test_closing_the_iterator_is_as_good_as_cancelling(engine: S1Engine) -> None:
    events = engine.speak(SpeechRequest(TEXT, options=SpeechOptions(seed=1)), CancelToken())
    assert isinstance(next(events), SegmentStarted)
    assert isinstance(next(events), PcmChunk)
    events.close()  # type: ignore[attr-defined]
    assert chunks(speak(engine, "Yes.", max_frames=FEW))


class Scripted:
    """Stands where `generate` does: each call yields what the next script says."""

    def __init__(self, scripts: list[list[int]]) -> None:
        self.scripts, self.seeds = scripts, list[int]()

    def __call__(self, model, prompt, sampler, max_frames, cancel, prefix) -> Iterator[torch.Tensor]:  # noqa: ARG002
        self.seeds.append(sampler.generator.initial_seed())
        for code in self.scripts.pop(0)[:max_frames]:
            yield torch.tensor([code, 1, 2, 3])


SOUND = list(range(20))
RUNAWAY = list(range(1000))
STUCK = [9] * 100


@pytest.mark.parametrize(
    ("bad", "problem"),
    [(RUNAWAY, SegmentProblem.FRAME_CAP), (STUCK, SegmentProblem.STUCK), ([], SegmentProblem.SILENT)],
)
def test_what_goes_wrong_is_tried_again_with_another_seed(
    engine: S1Engine, monkeypatch: pytest.MonkeyPatch, bad: list[int], problem: SegmentProblem
) -> None:
    scripted = Scripted([bad, SOUND])
    monkeypatch.setattr("engine.speech.s1_engine.generate", scripted)
    events = speak(engine, "Yes.", max_attempts=3)
    (restart,) = (e for e in events if isinstance(e, SegmentRestarted))
    assert (restart.segment, restart.problem, restart.attempt) == (0, problem, 2)
    assert len(set(scripted.seeds)) == 2
    (done,) = (e for e in events if isinstance(e, SegmentDone))
    assert (done.attempts, done.problem, done.n_samples) == (2, None, 20 * 2048)
    after = events[events.index(restart) + 1 :]
    assert sum(len(e.samples) for e in after if isinstance(e, PcmChunk)) == done.n_samples


def test_what_stays_wrong_is_reported_and_not_dropped(engine: S1Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    scripted = Scripted([RUNAWAY, RUNAWAY, STUCK, SOUND])
    monkeypatch.setattr("engine.speech.s1_engine.generate", scripted)
    events = speak(engine, "Yes. No.", max_attempts=3)
    first, second = (e for e in events if isinstance(e, SegmentDone))
    assert (first.attempts, first.problem) == (3, SegmentProblem.STUCK)
    assert first.n_samples == 64 * 2048
    assert (second.attempts, second.problem) == (1, None)


def test_a_segment_that_is_to_be_short_is_cut_and_not_tried_again(
    engine: S1Engine, prompts: list[torch.Tensor]
) -> None:
    """Nothing is computed beyond, and it is no sign that anything went wrong."""
    options = SpeechOptions(seed=1, max_attempts=3, max_frames=5)
    events = list(engine.speak(SpeechRequest(TEXT, options=options), CancelToken()))
    done = [event for event in events if isinstance(event, SegmentDone)]
    assert [event.n_samples for event in done] == [5 * 2048] * 3
    assert [sum(piece.size for piece in chunks(events, n)) for n in range(3)] == [5 * 2048] * 3
    assert all(event.problem is None and event.attempts == 1 for event in done)
    assert len(prompts) == 3
    assert done[0].voice is not None
    assert [reference.codes.shape[1] for reference in done[0].voice.references] == [5]


def test_seeds_are_told_apart_by_segment_and_attempt() -> None:
    seeds = {derive_seed(seed, segment, attempt) for seed in range(5) for segment in range(5) for attempt in range(5)}
    assert len(seeds) == 125
    assert all(0 <= seed < 2**63 for seed in seeds)


@pytest.mark.parametrize(("text", "problem"), [("", "empty"), ("a\x00b", "nul_byte"), ("a\ud800", "lone_surrogate")])
def test_a_text_that_cannot_be_spoken(engine: S1Engine, text: str, problem: str) -> None:
    with pytest.raises(TextError) as caught:
        speak(engine, text)
    assert caught.value.problem == problem


@pytest.mark.parametrize(
    "option",
    [
        {"temperature": 0.05},
        {"temperature": float("nan")},
        {"top_p": 1.5},
        {"repetition_penalty": 0.5},
        {"seed": -1},
        {"language": "tlh"},
    ],
)
def test_options_outside_their_limits(option: dict) -> None:
    with pytest.raises(OptionError) as caught:
        SpeechOptions(**option)
    assert caught.value.name == next(iter(option))


def test_status_tells_the_truth(engine: S1Engine) -> None:
    status = engine.status()
    assert (status.name, status.device, status.precision, status.memory_bytes) == ("S1 Mini", "CPU", "float32", None)
    assert status.peak_memory_bytes is not None
    assert status.peak_memory_bytes > 2**27  # PyTorch alone is more


def test_a_closed_engine_lets_go_of_its_weights(tiny_checkpoint: Path, tmp_path: Path) -> None:
    closed = S1Engine.load(tiny_checkpoint, "cpu", voices_folder=tmp_path)
    speak(closed, "Yes.", max_frames=FEW)
    weights = [weakref.ref(closed.model.norm.weight), weakref.ref(closed.codec.model.quantizer)]
    closed.close()
    gc.collect()  # modules stand in circles
    assert [found() for found in weights] == [None, None]
