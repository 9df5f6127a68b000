"""The most likely way through an example, frame by frame of what is heard: dynamic time warping that can go on.

Each frame that is heard is at one frame of the example, and from one to the next the example goes on by none to three:
so the whole of a row is computed at once, and rows can be compared with each other however fast somebody speaks.
"""

from __future__ import annotations

import numpy as np

MAX_STEP = 3
STEP_COSTS = (0.3, 0.0, 0.15, 0.8)
"""Of going on by none, one, two or three frames, beside distances of about 1."""
EDGE_FRAMES = 30
EDGE_COST = 0.5
"""Of each frame of the example that is not heard, at its beginning or its end; of `EDGE_FRAMES` at most."""
_MIN_ROWS = 256


class Path:
    """Finds the way through an example of `n_example` frames, which is more than 0."""

    def __init__(self, n_example: int) -> None:
        self.n_example = n_example
        self.n_rows = 0
        self._mean_distances = np.zeros(0, np.float32)  # of each row, to all of the example
        # The cost of the best way to each place; before the first are three that cannot be.
        self._costs = np.full((_MIN_ROWS, n_example + MAX_STEP), np.inf, np.float32)
        self._traced = np.zeros(0, np.int64)

    def cut(self, n_rows: int) -> None:
        """Forget all rows from `n_rows` on."""
        self.n_rows = min(self.n_rows, max(0, n_rows))
        self._traced = self._traced[: self.n_rows]
        self._mean_distances = self._mean_distances[: self.n_rows]

    def extend(self, distances: np.ndarray) -> None:
        """Go on through `(n, n_example)`, the next frames' distances to the example's."""
        self._make_room(self.n_rows + len(distances))
        self._mean_distances = np.concatenate((self._mean_distances, distances.mean(axis=1)))
        stay, _, two, three = (np.float32(cost) for cost in STEP_COSTS)
        scratch = np.empty(self.n_example, np.float32)
        for distance in distances:
            row = self._costs[self.n_rows, MAX_STEP:]
            if self.n_rows == 0:
                row[:] = np.inf
                n = min(EDGE_FRAMES, self.n_example)
                row[:n] = distance[:n] + np.float32(EDGE_COST) * np.arange(n, dtype=np.float32)
            else:
                before = self._costs[self.n_rows - 1]
                np.add(before[3:], stay, out=row)
                np.minimum(row, before[2:-1], out=row)
                np.add(before[1:-2], two, out=scratch)
                np.minimum(row, scratch, out=row)
                np.add(before[:-3], three, out=scratch)
                np.minimum(row, scratch, out=row)
                row += distance
            self.n_rows += 1

    def end(self, *, is_whole: bool) -> int:
        """Find where in the example the last row is; `is_whole`: all of the example was said, so it is at the end or
        near."""
        row = self._costs[self.n_rows - 1, MAX_STEP:]
        if is_whole:
            n = min(EDGE_FRAMES, self.n_example)
            tail = row[-n:] + np.float32(EDGE_COST) * np.arange(n - 1, -1, -1, dtype=np.float32)
            best = self.n_example - n + int(tail.argmin())
            if np.isfinite(row[best]):
                return best
        return int(row.argmin())

    @property
    def best_cost(self) -> float:
        """The cost of the best way so far, for each row."""
        return float(self._costs[self.n_rows - 1].min()) / self.n_rows

    def unlikeness(self, places: np.ndarray) -> np.ndarray:
        """Compute for each row how far what is heard is from what it should be on the way `places`, int `(n_rows,)`: 1
        is as far as from anything else."""
        costs = self._costs[np.arange(self.n_rows), places + MAX_STEP]
        steps = np.array(STEP_COSTS)[np.diff(places)]
        distances = np.diff(costs, prepend=0.0) - np.concatenate(([0.0], steps))
        return distances / max(1e-6, float(self._mean_distances.mean()))

    def trace(self, end: int) -> np.ndarray:
        """Follow the way back from `end`: for each row its place in the example, int `(n_rows,)`."""
        stay, one, two, three = STEP_COSTS
        found = np.empty(self.n_rows, np.int64)
        known, place = self._traced, end
        for i in range(self.n_rows - 1, -1, -1):
            if i < len(known) and known[i] == place:
                found[: i + 1] = known[: i + 1]
                break
            found[i] = place
            if i > 0:
                three_cost, two_cost, one_cost, stay_cost = self._costs[i - 1, place : place + 4].tolist()
                steps = (stay_cost + stay, one_cost + one, two_cost + two, three_cost + three)
                place -= steps.index(min(steps))
        self._traced = found
        return found

    def _make_room(self, n_rows: int) -> None:
        if n_rows > len(self._costs):
            larger = np.full((max(n_rows, 2 * len(self._costs)), self._costs.shape[1]), np.inf, np.float32)
            larger[: self.n_rows] = self._costs[: self.n_rows]
            self._costs = larger
