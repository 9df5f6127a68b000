"""What keeps generation from running away, and what keeps a text in one voice."""

from __future__ import annotations

import numpy as np
import pytest

from engine.s1.decode.guard import STUCK_FRAMES, RunawayGuard, max_speech_frames, usual_speech_frames
from engine.s1.decode.voice_lock import ENOUGH_FRAMES, MAX_FRAMES, VoiceLock
from engine.types import Reference, SegmentProblem, Voice

LOUD = np.full(100, 0.1, dtype=np.float32)
FRAMES_PER_S = 44_100 / 2048


def guard_after(codes: list[int], samples: np.ndarray, max_frames: int = 1000) -> tuple[RunawayGuard, list[bool]]:
    guard = RunawayGuard(max_frames)
    stops = [guard.see_frame(np.array([code, 1, 2])) for code in codes]
    guard.hear(samples)
    return guard, stops


def test_sound_speech_has_no_problem() -> None:
    guard, stops = guard_after([1, 2, 3, 3, 3, 4] * 20, LOUD)
    assert guard.problem is None
    assert not any(stops)


def test_one_token_over_and_over_is_stuck() -> None:
    guard, stops = guard_after([1, *[2] * STUCK_FRAMES], LOUD)
    assert stops == [False] * STUCK_FRAMES + [True]
    assert guard.problem == SegmentProblem.STUCK


def test_an_end_that_never_comes() -> None:
    assert guard_after(list(range(30)), LOUD, max_frames=30)[0].problem == SegmentProblem.FRAME_CAP
    assert guard_after(list(range(29)), LOUD, max_frames=30)[0].problem is None


def test_silence() -> None:
    assert guard_after([1, 2], LOUD * 0.02)[0].problem == SegmentProblem.SILENT
    assert guard_after([], LOUD[:0])[0].problem == SegmentProblem.SILENT


# Spoken by hand with a watch, slowly: the cap must leave room for that.
@pytest.mark.parametrize(
    ("text", "slow_s"),
    [
        ("Yes.", 1.5),
        ("Testing one two three.", 3.0),
        ("In 1984, 2025 people; 100 of 1000.", 11.0),
        ("(laughing) Don't go.", 4.0),
        ("你好，世界。今天天气怎么样？", 6.0),
        ("こんにちは、世界。今日はいい天気ですね。", 7.0),
        ("안녕하세요, 세계. 오늘 날씨가 좋네요.", 6.0),
        ("مرحبا بالعالم، كيف حالك اليوم؟", 5.0),
    ],
)
def test_the_cap_leaves_room_for_slow_speech_and_not_for_minutes(text: str, slow_s: float) -> None:
    cap_s = max_speech_frames(text) / FRAMES_PER_S
    assert slow_s < cap_s < max(8.0, 5 * slow_s)
    assert usual_speech_frames(text) / FRAMES_PER_S < cap_s / 2


def lock(references: tuple[Reference, ...] = (), max_positions: int = 3000) -> VoiceLock:
    return VoiceLock(Voice("", references), lambda r: 5 + r.codes.shape[1], max_positions)


def codes(n_frames: int) -> np.ndarray:
    return np.arange(3 * n_frames).reshape(3, n_frames)


def n_frames(voice: VoiceLock) -> list[int]:
    return [r.codes.shape[1] for r in voice.voice.references]


def test_a_chosen_voice_stays_as_it_is() -> None:
    chosen = (Reference("a", codes(4)),)
    voice = lock(chosen)
    voice.learn("text", codes(50), None)
    assert voice.voice.references == chosen


def test_an_improvised_voice_is_learned_until_there_is_enough() -> None:
    voice = lock()
    for n in (60, 100, 80, 70):
        voice.learn("text", codes(n), None)
    assert n_frames(voice) == [60, 100, 80]
    assert sum(n_frames(voice)) >= ENOUGH_FRAMES


def test_what_goes_wrong_is_not_imitated() -> None:
    voice = lock()
    voice.learn("text", codes(60), SegmentProblem.SILENT)
    assert n_frames(voice) == []
    voice.learn("one", codes(60), None)
    voice.learn("two", codes(400), SegmentProblem.FRAME_CAP)
    assert n_frames(voice) == [60]
    voice.learn("three", codes(60), None)
    assert n_frames(voice) == [60, 60]


def test_a_first_segment_that_ran_away_still_gives_its_timbre() -> None:
    voice = lock()
    voice.learn("one two three", codes(900), SegmentProblem.STUCK)
    assert n_frames(voice) == [usual_speech_frames("one two three")]


def test_references_fit_their_share_of_the_prompt() -> None:
    voice = lock(max_positions=105)
    voice.learn("one", codes(300), None)
    assert n_frames(voice) == [100]
    voice.learn("two", codes(3), None)
    assert n_frames(voice) == [100]
    whole = lock()
    whole.learn("one", codes(200), None)
    whole.learn("two", codes(MAX_FRAMES), None)  # would be over 30 s with it
    assert n_frames(whole) == [200]
