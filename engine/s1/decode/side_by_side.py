"""Several requests spoken side by side: each in a row of its own."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence

from engine.types import SpeechEvent, SpeechRequest

Speak = Callable[[SpeechRequest], Iterator[SpeechEvent]]


def speak_side_by_side(
    n_rows: int, requests: Sequence[SpeechRequest], speak: Speak
) -> Generator[tuple[int, SpeechEvent]]:
    """Yield the events of `speak(request)` for all of `requests`, each with its request's number. At most `n_rows` at
    a time; when one is over, the next takes its place."""
    waiting = deque(enumerate(requests))
    speaking: deque[tuple[int, Iterator[SpeechEvent]]] = deque()
    try:
        while waiting or speaking:
            if waiting and len(speaking) < n_rows:
                number, request = waiting.popleft()
                speaking.append((number, speak(request)))
                number, events = speaking[-1]
            else:
                number, events = speaking.popleft()
                speaking.append((number, events))
            event = next(events, None)
            if event is None:
                speaking.pop()
            else:
                yield number, event
    finally:
        for _, events in speaking:
            if isinstance(events, Generator):
                events.close()
