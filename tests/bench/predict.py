"""Predict frames a second on cards that nobody here has: `PYTHONPATH=tests python tests/bench/predict.py`.

Nothing of it is measured. The launches, phases and bytes are those of the engine's own kernels at full sizes; what a
card needs for them is assumed, as printed.
"""

# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

from dataclasses import dataclass

LAUNCH_US = 1.75
"""From one kernel to the next within a graph: 1.5 to 2 µs, as published."""
WAIT_US = 1.2
"""For all programs of a launch, one for each multiprocessor: as published for grids of that size, 1 to 1.5 µs."""
RAMP_US = 1.5
"""Of a phase, in which memory is not yet, or no longer, busy: a launch's programs begin with nothing."""
RAMP_WITHIN_US = 0.7
"""The same where the first tile was asked for before waiting."""
CHOICE_US = 6.0
"""For drawing a code, 32 halvings by one program: ten a frame."""
SHARE_OF_BANDWIDTH = 0.92
"""That a large copy reaches."""
LATENCY_US = 0.7
"""Of memory: with the bytes that are asked for at a time it bounds what a multiprocessor reads."""
POSITIONS = 500
"""Behind the prompt and its voice."""


@dataclass(frozen=True, slots=True)
class Card:
    gb_per_s: float
    n_processors: int


CARDS = {
    "RTX 3060": Card(360, 28),
    "RTX 4060 Ti": Card(288, 34),
    "RTX 4090": Card(1008, 128),
    "H200": Card(4800, 132),
}


@dataclass(frozen=True, slots=True)
class Frame:
    n_launches: int
    n_phases: int
    n_bytes: int
    tile_bytes: int

    @property
    def is_at_once(self) -> bool:
        return self.n_launches < self.n_phases


def frame_of(bits: int | None, *, at_once: bool) -> Frame:
    """Count a frame's launches, phases and bytes, by the kernels' own shapes."""
    from triton_targets import full_size_launches

    from engine.s1.triton.sizes import TILE_WEIGHTS

    launches = full_size_launches(bits, 1 if at_once else None)
    kv_bytes = 28 * 2 * 8 * 128 * 2 * POSITIONS
    n_bytes = sum(launch.n_bytes for launch in launches) + kv_bytes
    n_phases = sum(launch.n_phases for launch in launches)
    return Frame(len(launches), n_phases, n_bytes, TILE_WEIGHTS * (bits or 16) // 8)


def milliseconds(frame: Frame, card: Card) -> float:
    """Predict the time of a frame."""
    n_tiles = 2  # the one that is multiplied with and the next; or of two programs on a multiprocessor
    in_flight = card.n_processors * n_tiles * frame.tile_bytes
    gb_per_s = min(SHARE_OF_BANDWIDTH * card.gb_per_s, in_flight / LATENCY_US / 1e3)
    reading_ms = frame.n_bytes / gb_per_s / 1e6
    if frame.is_at_once:
        gaps_us = frame.n_launches * LAUNCH_US + frame.n_phases * (WAIT_US + RAMP_WITHIN_US)
    else:
        gaps_us = frame.n_launches * (LAUNCH_US + RAMP_US)
    return reading_ms + (gaps_us + 10 * CHOICE_US) / 1e3


def main() -> None:
    print(  # noqa: T201
        f"Assumed: a launch {LAUNCH_US} µs, a wait {WAIT_US}, a phase's ramp {RAMP_US} ({RAMP_WITHIN_US} in one), "
        f"a choice {CHOICE_US};\n{SHARE_OF_BANDWIDTH:.0%} of the bandwidth, latency {LATENCY_US} µs, "
        f"{POSITIONS} positions."
    )
    for bits in (None, 8, 4):
        for at_once in (False, True):
            frame = frame_of(bits, at_once=at_once)
            print(f"{bits or 16} bits, {frame.n_launches} launches, {frame.n_phases} phases:")  # noqa: T201
            for name, card in CARDS.items():
                ms = milliseconds(frame, card)
                share = frame.n_bytes / ms / 1e6 / card.gb_per_s
                print(f"  {name}: {1e3 / ms:.0f} frames/s, {share:.0%} of its bandwidth")  # noqa: T201


if __name__ == "__main__":
    main()
