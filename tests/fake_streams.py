"""Streams, events and graphs of a pretended card: who has waited for whom, and what a captured region may not do.

A stream counts what it was given. Who waits for a stream knows its count from then on; so does the host, and all that
is begun later. A tensor may be read where the count of its last writing is known (these are vector clocks).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch

Clock = dict[int, int]
"""By a stream's number: how much of what it was given is known to be done."""


class CaptureError(RuntimeError):
    """Something was done while a graph was captured that cannot be repeated by the device alone."""


class OrderError(RuntimeError):
    """A stream reads what another one writes, and has not waited for it; or a graph reads what is no more."""


@dataclass(eq=False)
class Storage:
    """A piece of the card's memory. `written`: by which stream, and the how-manieth thing it did. `tensors`: weak
    references to those that lie in it."""

    n_bytes: int
    captured_in: Graph | None
    tensors: dict[int, Any] = field(default_factory=dict)
    written: tuple[int, int] | None = None
    is_free: bool = False


class Streams:
    """All streams of a card, the host's knowledge of them, and the graph that is being captured, if any."""

    def __init__(self) -> None:
        self.host: Clock = {}
        self.all: list[Stream] = []
        self.capture: Graph | None = None
        self.is_quick = True
        """What an event is asked for is done already, whoever asks."""
        self.default = self.current = Stream(self)

    def expect_no_capture(self, what: str) -> None:
        if self.capture is not None:
            raise CaptureError(f"{what} while a graph is captured")

    @contextmanager
    def entered(self, stream: Stream | None) -> Iterator[None]:
        before = self.current
        self.current = stream or before
        try:
            yield
        finally:
            self.current = before

    def host_waits_for(self, *streams: Stream) -> None:
        for stream in streams:
            _learn(self.host, stream.clock)

    def run(self, read: list[Storage], written: list[Storage]) -> None:
        """Give the current stream something to do."""
        if self.capture is not None:  # which does nothing yet
            self.capture.note(read, written)
            return
        stream = self.current
        _learn(stream.clock, self.host)
        stream.clock[stream.number] = stream.clock.get(stream.number, 0) + 1
        for storage in read:
            stream.expect_known(storage)
        for storage in written:
            storage.written = stream.number, stream.clock[stream.number]


class Stream:
    """A stream of a card; PyTorch's names."""

    def __init__(self, streams: Streams) -> None:
        self._streams, self.number = streams, len(streams.all)
        self.clock: Clock = {}
        streams.all.append(self)

    def wait_stream(self, other: Stream) -> None:
        _learn(self.clock, other.clock)

    def wait_event(self, event: Event) -> None:
        _learn(self.clock, event.clock)

    def record_event(self, event: Event | None = None) -> Event:
        made = event or Event(self._streams, has_timing=False)
        made.record(self)
        return made

    def synchronize(self) -> None:
        self._streams.expect_no_capture("waiting for a stream")
        self._streams.host_waits_for(self)

    def query(self) -> bool:
        self._streams.expect_no_capture("asking a stream")
        return self._streams.is_quick

    def expect_known(self, storage: Storage) -> None:
        """Expect that what wrote into `storage` is done when this stream comes to it. Raises `OrderError`."""
        if storage.written is None:
            return
        writer, count = storage.written
        if self.clock.get(writer, 0) < count:
            raise OrderError(f"stream {self.number} reads what stream {writer} writes, and does not wait for it")


class Event:
    """An event of a card; PyTorch's names."""

    def __init__(self, streams: Streams, *, has_timing: bool) -> None:
        self._streams, self._has_timing = streams, has_timing
        self.clock: Clock = {}
        self._is_recorded = False

    def record(self, stream: Stream | None = None) -> None:
        source = stream or self._streams.current
        _learn(source.clock, self._streams.host)
        self.clock, self._is_recorded = dict(source.clock), True

    def wait(self, stream: Stream | None = None) -> None:
        (stream or self._streams.current).wait_event(self)

    def query(self) -> bool:
        self._streams.expect_no_capture("asking an event")
        if self._streams.is_quick:
            _learn(self._streams.host, self.clock)
        return self._streams.is_quick

    def synchronize(self) -> None:
        self._streams.expect_no_capture("waiting for an event")
        _learn(self._streams.host, self.clock)

    def elapsed_time(self, end: Event) -> float:
        if not (self._has_timing and end._has_timing and self._is_recorded and end._is_recorded):
            raise RuntimeError("Both events must be recorded, and have timing, before their times are asked for.")
        if any(self._streams.host.get(number, 0) < count for number, count in end.clock.items()):
            raise RuntimeError("Both events must be completed before their times are asked for.")
        return 1.0


class Graph:
    """A captured graph: what it reads and writes, which has to be there whenever it is repeated."""

    _numbers = itertools.count()

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self.generators: list[torch.Generator] = []
        self._read: dict[int, Storage] = {}
        self._written: dict[int, Storage] = {}
        self._is_captured = False
        self.n_launches = self.n_replays = 0
        """What it does, each time; and how often it did."""

    def register_generator_state(self, generator: torch.Generator) -> None:
        self.generators.append(generator)

    def capture_begin(self, pool: object = None, capture_error_mode: str = "global") -> None:  # noqa: ARG002
        self._streams.expect_no_capture("capturing another")
        if self._streams.current is self._streams.default:
            raise CaptureError("the default stream cannot be captured")
        self._streams.capture = self

    def capture_end(self) -> None:
        self._streams.capture, self._is_captured = None, True

    def note(self, read: list[Storage], written: list[Storage]) -> None:
        self.n_launches += 1
        self._read |= {id(s): s for s in read if s.captured_in is not self}
        self._written |= {id(s): s for s in written}

    def replay(self) -> None:
        self._streams.expect_no_capture("repeating another")
        if not self._is_captured:
            raise CaptureError("repeated before it was captured")
        lost = [s for s in (*self._read.values(), *self._written.values()) if s.is_free and s.captured_in is not self]
        if lost:
            raise OrderError(f"a graph uses {len(lost)} pieces of memory that are no more")
        self.n_replays += 1
        self._streams.run(list(self._read.values()), list(self._written.values()))

    def reset(self) -> None:
        self._is_captured = False


def _learn(clock: Clock, other: Clock) -> None:
    for number, count in other.items():
        clock[number] = max(clock.get(number, 0), count)
