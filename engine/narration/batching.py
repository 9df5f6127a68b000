"""Engines that speak several requests at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol, runtime_checkable

from engine.types import CancelToken, SpeechEvent, SpeechRequest


@runtime_checkable
class BatchingEngine(Protocol):
    """Beside what a `SpeechEngine` is."""

    @property
    def max_batch(self) -> int: ...

    def speak_batch(self, requests: Sequence[SpeechRequest], cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        """The events of all requests, each with the number of its request; in any order between requests."""
        ...
