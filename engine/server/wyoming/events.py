"""Events as they come from a client that may send anything, and go to one that may not take them."""

from __future__ import annotations

import asyncio

from wyoming.event import Event, async_read_event, async_write_event

from engine.server.worker import ReaderGone

MAX_EVENT_BYTES = 1 << 20
"""Of an event's data: a text of 20 000 characters has a tenth of that. The package itself sets no bound."""


class EventReader:
    """Reads events, in the place of a stream that the package reads from."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader

    async def read(self) -> Event | None:
        """Return the next event; None at the end, and for what is no event."""
        try:
            event = await async_read_event(self)  # type: ignore[arg-type]
        except (AttributeError, KeyError, TypeError, RecursionError, EOFError, OSError):  # JSON, but no event; the end
            return None
        return event if event is not None and isinstance(event.type, str) and isinstance(event.data, dict) else None

    async def readline(self) -> bytes:
        """Raises `ValueError` for a line that is too long."""
        return await self._reader.readline()

    async def readexactly(self, n_bytes: int) -> bytes:
        """Raises `ValueError` for more than `MAX_EVENT_BYTES`."""
        if n_bytes > MAX_EVENT_BYTES:
            raise ValueError(n_bytes)
        return await self._reader.readexactly(n_bytes)


class EventWriter:
    """Sends events, and gives a client up that does not take them."""

    def __init__(self, writer: asyncio.StreamWriter, stall_s: float) -> None:
        self._writer, self._stall_s = writer, stall_s

    async def write(self, event: Event) -> None:
        """Send `event`. Raises `ReaderGone`."""
        try:
            async with asyncio.timeout(self._stall_s):
                await async_write_event(event, self._writer)
        except (TimeoutError, OSError):
            raise ReaderGone from None
