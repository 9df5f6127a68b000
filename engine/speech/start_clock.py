"""An estimate of how far an engine's start is, and how long it still takes, by what its stages took the last time."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from engine.files.json_files import keep_object, object_in
from engine.opening import Report, StartStage

USUAL_SHARES = {
    StartStage.IMPORTING: 0.25,
    StartStage.LOADING_MODEL: 0.25,
    StartStage.COMPILING: 0.0,  # most starts have nothing to compile
    StartStage.LOADING_CODEC: 0.2,
    StartStage.WARMING_UP: 0.3,
}
"""Where nobody knows what it took."""
COMPILED_SHARE = 0.7
"""Of what is left then, where there is something to compile after all, whatever comes before and after it."""


class StartClock:
    """Report each stage of a start as it begins, and how long the rest takes, by what the stages took the last time.

    Times are kept in the file `path`, by `key`: what makes starts differ in length. A file that cannot be read or
    written counts as none; without one, shares are usual ones and nothing is estimated.
    """

    def __init__(
        self, report: Report, path: Path | None, key: str, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._report, self._path, self._key, self._clock = report, path, key, clock
        self._last = self._read().get(key)
        self._took_s: dict[StartStage, float] = {}
        self._stage: StartStage | None = None
        self._done = self._done_before = 0.0
        self._since_s = clock()

    def begin(self, stage: StartStage) -> None:
        """Report that `stage` begins."""
        self.part(stage, 0.0)

    def part(self, stage: StartStage, share: float) -> None:
        """Report that `share` of `stage` is done, 0 to 1; the stage before it is over."""
        if stage is not self._stage:
            self._close_stage()
            self._stage, self._done_before = stage, self._done
        expected = self._last or {stage.value: share for stage, share in USUAL_SHARES.items()}
        stages = list(StartStage)
        before = sum(expected.get(s.value, 0.0) for s in stages[: stages.index(stage)])
        done = before + share * expected.get(stage.value, 0.0)
        total = sum(expected.values())
        fraction = done / total if total else 0.0
        if stage is StartStage.COMPILING and self._last is None:
            fraction = self._done_before + share * COMPILED_SHARE * (1 - self._done_before)
        self._done = max(self._done, fraction)
        self._report(stage, self._done, total - done if self._last else None)

    def finish(self, *once: StartStage) -> None:
        """Save what the stages took, for the next time, but for those that come only `once`: the engine is ready."""
        self._close_stage()
        times = self._read() | {self._key: {s.value: seconds for s, seconds in self._took_s.items() if s not in once}}
        keep_object(self._path, times)

    def _close_stage(self) -> None:
        now_s = self._clock()
        if self._stage is not None:
            self._took_s[self._stage] = self._took_s.get(self._stage, 0.0) + now_s - self._since_s
        self._since_s = now_s

    def _read(self) -> dict[str, dict[str, float]]:
        """Only what looks like times."""
        return {key: times for key, times in object_in(self._path).items() if _are_times(times)}


def _are_times(times: object) -> bool:
    if not isinstance(times, dict) or not times:
        return False
    return all(isinstance(seconds, int | float) and seconds >= 0 for seconds in times.values())
