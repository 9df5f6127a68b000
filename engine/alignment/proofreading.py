"""Whether a sound says all of its text, once, and nothing else: by what the way through the example saves where it may
leap a word, go back over one, or rest while something else is heard."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

import numpy as np

from engine.alignment.path import EDGE_COST, EDGE_FRAMES, MAX_STEP, STEP_COSTS

_SKIP, _AGAIN, _EXTRA = 6.0, 1.5, 3.0
"""What a leap costs: over a word, back over one or two, and to where something else is heard."""
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
    plain, *leaping = _costs(distances, starts, ends)
    return Proof(*(round(max(0.0, plain - cost), 2) for cost in leaping))


def _costs(distances: np.ndarray, starts: np.ndarray, ends: np.ndarray) -> list[float]:
    """Compute the cost of the best way that makes no leaps, and of those that may make leaps of one kind each: side by
    side, since a call for a row takes as long as one for four."""
    m = distances.shape[1]
    stay, _, two, three = STEP_COSTS
    leap_costs = np.array([[_SKIP], [_AGAIN], [_EXTRA]], np.float32)
    strange = _STRANGE * float(np.median(distances))
    edge = EDGE_COST * np.arange(min(EDGE_FRAMES, m), dtype=np.float32)
    padded = np.full((1 + len(leap_costs), m + MAX_STEP), np.inf, np.float32)
    rows = padded[:, MAX_STEP:]
    rows[:, : len(edge)] = distances[0, : len(edge)] + edge
    _, skip, again, extra = rows
    lasts = np.maximum(ends - np.arange(_LAST_FRAMES)[:, None], starts)
    resting = np.full(len(ends), np.inf, np.float32)  # after each word, while something strange is heard
    for distance in distances[1:]:
        said = rows[1:, lasts].min(axis=1) + leap_costs
        none_or_one = np.minimum(rows + stay, padded[:, 2:-1])
        rows[:] = np.minimum(none_or_one, np.minimum(padded[:, 1:-2] + two, padded[:, :-3] + three))
        skip[starts[2:]] = np.minimum(skip[starts[2:]], said[0, :-2])
        again[starts] = np.minimum(again[starts], said[1])
        again[starts[:-1]] = np.minimum(again[starts[:-1]], said[1, 1:])
        extra[starts[1:]] = np.minimum(extra[starts[1:]], resting[:-1])
        resting = np.minimum(resting, said[2]) + strange
        rows += distance
    costs = [float(cost) for cost in (rows[:, -len(edge) :] + edge[::-1]).min(axis=1)]
    if len(ends) > 1:
        costs[1] = min(costs[1], float(skip[ends[-2]]) + _SKIP)
    costs[3] = min(costs[3], float(resting[-1]))
    return costs
