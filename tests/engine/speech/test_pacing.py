"""Chunk sizes, on a clock of their own: who listens at 1x never runs dry, and does not wait long."""

from __future__ import annotations

import pytest

from engine.speech.pacing import (
    FIRST_CHUNK_FRAMES,
    LEAST_FRAMES,
    MAX_CHUNK_FRAMES,
    RESERVE_S,
    Pace,
    Playback,
    first_size,
    next_size,
)

FRAME_S = 2048 / 44_100


def pace_of(frame_s: float, pass_s: float, per_frame_s: float) -> Pace:
    """A device whose codec takes `pass_s` and, for each frame, `per_frame_s`; measured at a few sizes."""
    pace = Pace()
    for _ in range(5):
        pace.saw_frame(frame_s)
        for n in (2, 4, 8, 16, 32, 43):
            pace.saw_codec(n, pass_s + n * per_frame_s)
    return pace


class Run:
    """An utterance of `n_frames` on a device, its pace known or found out: what a listener at 1x goes through."""

    def __init__(self, device: Pace, known: Pace, n_frames: int = 900) -> None:
        playback = Playback(known, FRAME_S)
        now_s, self.sizes, self.headrooms_s = 0.0, list[int](), list[float]()
        heard_until_s: float | None = None
        self.longest_gap_s = 0.0
        self.first_s = 0.0
        while sum(self.sizes) < n_frames:
            size = playback.size(now_s)
            frame_s = device.chunk_s(1) - device._pass_s(1)
            for _ in range(size):
                known.saw_frame(frame_s)
            known.saw_codec(size, device._pass_s(size))
            now_s += device.chunk_s(size)
            if heard_until_s is None:
                self.first_s = heard_until_s = now_s
            self.headrooms_s.append(heard_until_s - now_s)
            self.longest_gap_s = max(self.longest_gap_s, now_s - heard_until_s)
            heard_until_s = max(heard_until_s, now_s) + size * FRAME_S
            playback.send(size, now_s)
            self.sizes.append(size)


DEVICES = {
    "data centre": (0.0017, 0.008, 0.0005),
    "desktop GPU": (0.008, 0.010, 0.002),
    "small GPU": (0.025, 0.012, 0.006),
    "CPU, int8": (0.020, 0.035, 0.014),
    "CPU, just fast enough": (0.024, 0.040, 0.018),
    "a slow codec": (0.010, 0.150, 0.010),
    "RTF 0.97": (0.035, 0.010, 0.0095),
}


@pytest.mark.parametrize("name", DEVICES)
def test_playback_at_1x_never_starves_once_it_has_begun(name: str) -> None:
    device = pace_of(*DEVICES[name])
    run = Run(device, pace_of(*DEVICES[name]))
    assert run.longest_gap_s == 0.0
    assert all(a <= 2 * b for a, b in zip(run.sizes[1:], run.sizes, strict=False)) or name == "a slow codec"
    assert max(run.sizes) <= MAX_CHUNK_FRAMES


@pytest.mark.parametrize("name", ["data centre", "desktop GPU", "small GPU"])
def test_sound_comes_after_a_few_frames_and_chunks_grow(name: str) -> None:
    run = Run(pace_of(*DEVICES[name]), pace_of(*DEVICES[name]))
    assert LEAST_FRAMES <= run.sizes[0] <= FIRST_CHUNK_FRAMES
    assert run.sizes[-1] == MAX_CHUNK_FRAMES
    late = run.headrooms_s[len(run.sizes) // 2 : -1]
    assert min(late) >= 0.99 * RESERVE_S  # when the next chunk arrives, so much is still unheard


def test_a_device_that_is_not_known_yet_is_found_out() -> None:
    run = Run(pace_of(*DEVICES["desktop GPU"]), Pace())
    assert run.sizes[0] == FIRST_CHUNK_FRAMES
    assert run.sizes[-1] == MAX_CHUNK_FRAMES
    assert run.longest_gap_s == 0.0


def test_a_device_slower_than_sound_speaks_early_all_the_same() -> None:
    slow = pace_of(0.060, 0.030, 0.020)
    run = Run(slow, slow)
    assert run.sizes[0] == FIRST_CHUNK_FRAMES
    assert run.longest_gap_s > 0


def test_a_slower_device_begins_with_more() -> None:
    sizes = [first_size(pace_of(frame_s, 0.02, 0.005), FRAME_S) for frame_s in (0.002, 0.02, 0.03, 0.037)]
    assert sizes == sorted(sizes)
    assert sizes[0] == LEAST_FRAMES < sizes[-1]


def test_little_headroom_makes_small_chunks() -> None:
    pace = pace_of(0.02, 0.02, 0.005)
    sizes = [next_size(pace, FRAME_S, headroom_s, 32) for headroom_s in (0.1, 0.5, 1.0, 2.0)]
    assert sizes == sorted(sizes)
    assert sizes[0] < 4
    assert sizes[-1] == MAX_CHUNK_FRAMES
    assert all(pace.chunk_s(n) <= h - RESERVE_S for n, h in zip(sizes[2:], (1.0, 2.0), strict=True))


def test_one_slow_call_counts_for_little() -> None:
    pace = pace_of(0.008, 0.01, 0.002)
    expected = pace.chunk_s(4)
    pace.saw_frame(3.0)  # something was compiled
    pace.saw_codec(4, 5.0)
    assert pace.chunk_s(4) == expected


def test_what_was_not_measured_is_guessed_too_slow_rather_than_too_fast() -> None:
    pace = Pace()
    pace.saw_frame(0.0)
    pace.saw_codec(4, 0.04)
    assert (pace.chunk_s(2), pace.chunk_s(4), pace.chunk_s(8)) == (0.04, 0.04, 0.08)


def test_after_a_gap_or_a_restart_headroom_is_counted_anew() -> None:
    playback = Playback(Pace(), 0.05)
    playback.send(4, 10.0)
    assert playback.headroom_s(10.1) == pytest.approx(0.1)
    playback.send(8, 10.1)
    assert playback.headroom_s(10.1) == pytest.approx(0.5)
    playback.take_back(8)
    assert playback.headroom_s(10.1) == pytest.approx(0.1)
    assert playback.headroom_s(99.0) == 0.0
    playback.send(4, 99.0)
    assert playback.headroom_s(99.0) == pytest.approx(0.2)
