"""The engine shared: what is not the person's own reading asks here, from any thread, and waits its turn. No Qt here.

One copy of the model serves everybody, in the order that `turns.py` tells.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import Protocol

import numpy as np

import engine
import engine.host
from desktop.speech.turns import Turn
from engine import AudioCodec, CancelToken, EngineStatus, SegmentRestarted, SpeechEngine, SpeechEvent, SpeechRequest
from engine.host import Work as EngineWork

MAX_UNREAD = 16
"""Events on their way to a client; with more the engine waits. A chunk is 2 s of sound at most."""
POLL_S = 0.02  # a frame lasts 46 ms


class Client:
    """Holds what a client asks for, and what is made of it: written in the engine thread, read in the client's own."""

    def __init__(
        self, request: SpeechRequest | EngineWork, on_read: Callable[[], object], turn: Turn = Turn.PROGRAM
    ) -> None:
        """`on_read` is called whenever there is room again."""
        self.request, self.turn = request, turn
        self._on_read = on_read
        self._changed = threading.Condition()
        self._events: deque[object] = deque()
        self._is_over = False
        self._error: engine.EngineError | None = None

    # --- in the engine thread

    @property
    def is_full(self) -> bool:
        return len(self._events) >= MAX_UNREAD

    @property
    def has_room(self) -> bool:
        """Whether it is worth going on with, once it was full."""
        return len(self._events) <= MAX_UNREAD // 4

    def on_event(self, _epoch: int, event: object) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify()

    def on_begin(self, epoch: int, speaker: str) -> None: ...

    def on_end(self, _epoch: int) -> None:
        self._finish(None)

    def on_failure(self, _epoch: int, error: engine.EngineError) -> None:
        self._finish(error)

    def _finish(self, error: engine.EngineError | None) -> None:
        with self._changed:
            self._is_over, self._error = True, error
            self._changed.notify()

    # --- in the client's thread

    def events(self, cancel: CancelToken) -> Iterator[object]:
        """Yield what is made, to its end or `cancel`. Raises the `EngineError` that ended it."""
        while not cancel.cancelled:
            with self._changed:
                if not self._events and not self._is_over:
                    self._changed.wait(POLL_S)
                    continue
                if not self._events:
                    break
                event = self._events.popleft()
            self._on_read()
            yield event
        if self._error is not None and not cancel.cancelled:
            raise self._error


class EngineOwner(Protocol):
    """Has the engines: the engine thread."""

    def add_client(self, client: Client) -> None: ...
    def remove_client(self, client: Client) -> None: ...
    def note_room(self) -> None:
        """Note that a client has room again."""
        ...

    def engine_status(self) -> EngineStatus: ...
    def has_codec(self) -> bool: ...


class SharedEngine:
    """Speaks with somebody else's engines, as a `SpeechEngine`; used by one thread, of which there may be many. It has
    a codec while the engine that is to speak takes recordings."""

    def __init__(self, owner: EngineOwner, turn: Turn = Turn.PROGRAM) -> None:
        self._owner, self._turn = owner, turn

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """See `SpeechEngine.speak`. A segment that was interrupted has a `SegmentRestarted`."""
        return self._ask(request, cancel)  # type: ignore[return-value]

    @property
    def max_batch(self) -> int:
        """How many texts are worth giving at a time: 1 while the engine is not open, and where it gains nothing by
        more."""
        return self._owner.engine_status().max_batch

    def speak_batch(self, requests: Sequence[SpeechRequest], cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        """See `BatchingEngine.speak_batch`. The events come when all is spoken: interrupted, all begins anew."""
        said = list_since_restart(self._ask(engine.host.SpeakBatch(requests), cancel))
        return iter(()) if cancel.cancelled else iter(said)  # type: ignore[arg-type]

    def status(self) -> EngineStatus:
        return self._owner.engine_status()

    def close(self) -> None:
        """Leave the engine as it is: it is not this one's to close."""

    @property
    def codec(self) -> AudioCodec | None:
        """The engine's codec; None where it takes no recordings (see `engine.codec_of`)."""
        return SharedCodec(self._ask) if self._owner.has_codec() else None

    def _ask(self, request: SpeechRequest | EngineWork, cancel: CancelToken) -> Iterator[object]:
        client = Client(request, self._owner.note_room, self._turn)
        self._owner.add_client(client)
        try:
            yield from client.events(cancel)
        finally:
            self._owner.remove_client(client)


class OneByOne:
    """Has sentences spoken one at a time by another engine, as a `SpeechEngine`: for a voice whose engine is not the
    one that speaks several at once."""

    def __init__(self, shared: SpeechEngine) -> None:
        self._shared = shared

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        return self._shared.speak(request, cancel)

    def status(self) -> EngineStatus:
        return self._shared.status()

    def close(self) -> None:
        """Leave the engine as it is: it is not this one's to close."""


class SharedCodec:
    """Encodes and decodes with the shared engine's codec. Raises `EngineError`."""

    def __init__(self, ask: Callable[[EngineWork, CancelToken], Iterator[object]]) -> None:
        self._ask = ask
        (facts,) = self._all(engine.host.DescribeCodec())
        assert isinstance(facts, engine.host.CodecFacts)
        self.n_codebooks, self.sample_rate = facts.n_codebooks, facts.sample_rate

    def encode(self, samples: np.ndarray) -> np.ndarray:
        return np.concatenate(list(self.encode_in_pieces(samples)), axis=1)

    def encode_in_pieces(self, samples: np.ndarray) -> Iterator[np.ndarray]:
        return iter(self._all(engine.host.EncodeRecording(samples)))  # type: ignore[arg-type]

    def decode(self, codes: np.ndarray) -> Iterator[np.ndarray]:
        return iter(self._all(engine.host.DecodeCodes(codes)))  # type: ignore[arg-type]

    def _all(self, work: EngineWork) -> list[object]:
        return list_since_restart(self._ask(work, CancelToken()))


def list_since_restart(made: Iterator[object]) -> list[object]:
    """List what a work makes, without what it made before it was interrupted."""
    kept: list[object] = []
    for value in made:
        if isinstance(value, SegmentRestarted):
            kept.clear()
        else:
            kept.append(value)
    return kept
