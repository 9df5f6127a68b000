"""The server's metrics, in Prometheus' text format."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator

from engine.machine.process_memory import resident_bytes
from engine.types import EngineStatus, SegmentDone

FIRST_AUDIO_BOUNDS_S = (0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30)
RTF_BOUNDS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 2, 5)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Histogram:
    """Count values by upper bounds. Its lock makes it safe from any thread."""

    def __init__(self, bounds: tuple[float, ...]) -> None:
        self._bounds = bounds
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0
        self._lock = threading.Lock()

    def observe(self, value: float) -> None:
        """Count one value."""
        place = next((i for i, bound in enumerate(self._bounds) if value <= bound), len(self._bounds))
        with self._lock:
            self._counts[place] += 1
            self._sum += value

    def lines(self, name: str) -> Iterator[str]:
        """Yield the histogram's lines in Prometheus' text format."""
        with self._lock:
            counts, total = list(self._counts), self._sum
        n = 0
        for bound, count in zip((*map(str, self._bounds), "+Inf"), counts, strict=True):
            n += count
            yield f'{name}_bucket{{le="{bound}"}} {n}'
        yield f"{name}_sum {total:.6f}"
        yield f"{name}_count {n}"


class Metrics:
    """Count what the server does, and write it in Prometheus' text format."""

    def __init__(self) -> None:
        self.first_audio_s = Histogram(FIRST_AUDIO_BOUNDS_S)
        self.rtf = Histogram(RTF_BOUNDS)
        self._requests: Counter[tuple[str, str, int]] = Counter()
        self._audio_s = 0.0
        self._n_doubtful = 0

    def count_request(self, method: str, route: str, status: int) -> None:
        """Count a request that was answered. Called in the event loop only."""
        self._requests[method, route, status] += 1

    def count_segment(self, done: SegmentDone) -> None:
        """Count a segment that was spoken. Called in the worker's thread only."""
        self.rtf.observe(done.timing.rtf)
        self._audio_s += done.timing.audio_s
        self._n_doubtful += done.problem is not None

    def text(self, status: EngineStatus, n_waiting: int, is_busy: bool) -> str:
        """Write all metrics in Prometheus' text format."""
        lines: list[str] = []

        def add(name: str, kind: str, text: str, *values: str) -> None:
            lines.extend((f"# HELP {name} {text}", f"# TYPE {name} {kind}", *values))

        requests = sorted(self._requests.items())
        add(
            "lectern_requests_total",
            "counter",
            "Requests answered.",
            *(
                f'lectern_requests_total{{method="{method}",path="{route}",status="{code}"}} {n}'
                for (method, route, code), n in requests
            ),
        )
        add("lectern_queue_waiting", "gauge", "Requests waiting.", f"lectern_queue_waiting {n_waiting}")
        add("lectern_engine_busy", "gauge", "1 while it speaks.", f"lectern_engine_busy {int(is_busy)}")
        name = "lectern_first_audio_seconds"
        add(name, "histogram", "From a request to its first sound, waiting included.", *self.first_audio_s.lines(name))
        add("lectern_rtf", "histogram", "Computing time over sound.", *self.rtf.lines("lectern_rtf"))
        add("lectern_audio_seconds_total", "counter", "Sound made.", f"lectern_audio_seconds_total {self._audio_s:.3f}")
        name = "lectern_doubtful_segments_total"
        add(name, "counter", "Segments whose sound is doubtful.", f"{name} {self._n_doubtful}")
        name = "lectern_resident_memory_bytes"
        if (resident := resident_bytes()) is not None:
            add(name, "gauge", "Memory of this process.", f"{name} {resident}")
        name = "lectern_device_memory_bytes"
        if status.memory_bytes is not None:
            add(name, "gauge", "Memory held on the GPU.", f"{name} {status.memory_bytes}")
        return "\n".join(lines) + "\n"
