"""Sound that counts only when its segment is done: until then a segment may begin again, or never end."""

from __future__ import annotations

import numpy as np

from engine.types import PcmChunk, SegmentDone, SegmentRestarted, SegmentStarted, SpeechEvent


class WholeSegments:
    """Hears the events of one request, and gives a segment's sound once it is done.

    What was heard of a segment that begins anew is forgotten; of one that never ends nothing is given. For whoever
    writes or sends what cannot be taken back.
    """

    def __init__(self) -> None:
        self._held: list[np.ndarray] = []

    def take(self, event: SpeechEvent) -> list[np.ndarray]:
        """The chunks, float32 `(n_samples,)` each, of the segment that `event` ends; empty with any other event."""
        match event:
            case PcmChunk(samples):
                self._held.append(samples)
            case SegmentStarted() | SegmentRestarted():
                self._held = []
            case SegmentDone():
                whole, self._held = self._held, []
                return whole
        return []
