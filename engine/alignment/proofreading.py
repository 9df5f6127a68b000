"""Whether a sound says all of its text, once, and nothing else: by what the way through the example saves where it may
leap a word, go back over one, or rest while something else is heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from engine.alignment.path import EDGE_COST, EDGE_FRAMES, MAX_STEP, STEP_COSTS

_LEAP_COSTS = {"skip": 6.0, "again": 1.5, "extra": 3.0}
_STRANGE = 0.8
"""What a frame costs that is no part of the text, in the median of all distances."""
_LAST_FRAMES = 3
"""From so many of a word's last frames a leap may begin."""


class Flaw(Enum):
    """Name what is wrong with a reading."""

    SKIPPED = auto()  # a word is not there
    REPEATED = auto()  # one or two came again
    STRANGE = auto()  # something is heard that is not in the text


@dataclass(frozen=True, slots=True)
class Proof:
    """Holds what each kind of leap saves, in distances of about 1 for a frame of 10 ms; 0 where none does."""

    skipped: float = 0.0
    repeated: float = 0.0
    strange: float = 0.0

    @property
    def flaws(self) -> tuple[Flaw, ...]:
        """List what is likely to be wrong."""
        found = ((self.skipped, Flaw.SKIPPED), (self.repeated, Flaw.REPEATED), (self.strange, Flaw.STRANGE))
        return tuple(flaw for saved, flaw in found if saved > FLAW_LIMITS[flaw])


FLAW_LIMITS = {Flaw.SKIPPED: 4.0, Flaw.REPEATED: 1.0, Flaw.STRANGE: 6.0}
"""One of 200 good sentences is above one of them (tests/bench/RESULTS.md)."""


def proof_of(distances: np.ndarray, begins: np.ndarray) -> Proof:
    """Read a whole sound with its `distances` to the example, float32 `(n_heard, n_example)`, whose words begin at
    `begins`."""
    starts = np.unique(np.concatenate(([0], begins)))
    ends = np.append(starts[1:], distances.shape[1]) - 1
    plain = _cost(distances, starts, ends, "")
    saved = [max(0.0, plain - _cost(distances, starts, ends, leap)) for leap in _LEAP_COSTS]
    return Proof(*(round(value, 2) for value in saved))


def _cost(distances: np.ndarray, starts: np.ndarray, ends: np.ndarray, leap: str) -> float:
    """Compute the cost of the best way that may make leaps of one kind, or none ("")."""
    m = distances.shape[1]
    stay, _, two, three = STEP_COSTS
    leap_cost = _LEAP_COSTS.get(leap, np.inf)
    strange = _STRANGE * float(np.median(distances)) if leap == "extra" else np.inf
    edge = EDGE_COST * np.arange(min(EDGE_FRAMES, m), dtype=np.float32)
    padded = np.full(m + MAX_STEP, np.inf, np.float32)
    row = padded[MAX_STEP:]
    row[: len(edge)] = distances[0, : len(edge)] + edge
    resting = np.full(len(ends), np.inf, np.float32)  # after each word, while something strange is heard
    for distance in distances[1:]:
        new = np.minimum(np.minimum(row + stay, padded[2:-1]), np.minimum(padded[1:-2] + two, padded[:-3] + three))
        if leap:
            said = np.minimum.reduce([row[np.maximum(ends - i, starts)] for i in range(_LAST_FRAMES)]) + leap_cost
            if leap == "skip":
                new[starts[2:]] = np.minimum(new[starts[2:]], said[:-2])
            elif leap == "again":
                new[starts] = np.minimum(new[starts], said)
                new[starts[:-1]] = np.minimum(new[starts[:-1]], said[1:])
            else:
                new[starts[1:]] = np.minimum(new[starts[1:]], resting[:-1])
                resting = np.minimum(resting, said) + strange
        row[:] = new + distance
    costs = [float((row[-len(edge) :] + edge[::-1]).min()), float(resting[-1])]
    if leap == "skip" and len(ends) > 1:
        costs.append(float(row[ends[-2]]) + leap_cost)
    return min(costs)
