"""Several requests at once, spoken by an engine's process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.types import CancelToken, SpeechEngine, SpeechEvent, SpeechRequest, as_batching


@dataclass(frozen=True, slots=True)
class SpeakBatch:
    """Yields what `BatchingEngine.speak_batch` does; an engine that does not batch speaks one after the other."""

    requests: tuple[SpeechRequest, ...]

    def __call__(self, engine: SpeechEngine, cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        if (batching := as_batching(engine)) is not None:
            yield from batching.speak_batch(self.requests, cancel)
            return
        for number, request in enumerate(self.requests):
            for event in engine.speak(request, cancel):
                yield number, event
