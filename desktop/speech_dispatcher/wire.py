"""speech-dispatcher's protocol for output modules, as bytes: commands in, replies, events and sound out.

The daemon plays the sound ("server audio", from 0.11 on): it alone knows the device, and falls silent the moment
somebody asks it to. What is on its way to it is kept short: it reads one piece of sound when it has played another.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Iterator

MAX_LINE_BYTES = 4 * 2**20
"""The daemon sends a line of text whole; what is longer is cut into lines, and no memory grows without end."""

PIPE_BYTES = 4096
"""What lies in the pipe is heard although it was stopped, unless the daemon drops it: 46 ms of sound at 44.1 kHz."""


class Wire:
    """Reads lines on one descriptor and writes on another; any thread may write, a block at a time."""

    def __init__(self, input_fd: int, output_fd: int) -> None:
        self._input_fd, self._output_fd = input_fd, output_fd
        self._writing = threading.Lock()
        if sys.platform == "linux":
            import fcntl

            with contextlib.suppress(OSError):  # a file or a terminal, as when somebody tries it by hand
                fcntl.fcntl(output_fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)

    def lines(self) -> Iterator[str]:
        """Yield what comes in, without its line ends, until the other side is gone."""
        waiting = bytearray()
        while data := self._read():
            waiting += data
            *whole, rest = waiting.split(b"\n") if b"\n" in data else [waiting]
            for line in whole:
                yield line.decode("utf-8", "replace").removesuffix("\r")
            waiting = rest
            if len(waiting) > MAX_LINE_BYTES:
                yield waiting.decode("utf-8", "replace")
                waiting = bytearray()

    def reply(self, *lines: str) -> None:
        """Write whole lines. Raises BrokenPipeError where nobody is there any more."""
        self._write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))

    def sound(self, samples: bytes, rate_hz: int) -> None:
        """Give int16 samples, mono, to be played. Waits while enough is on its way."""
        head = (
            f"705-bits=16\n705-num_channels=1\n705-sample_rate={rate_hz}\n705-num_samples={len(samples) // 2}\n"
            f"705-big_endian={int(sys.byteorder == 'big')}\n705-AUDIO\0"
        )
        escaped = samples.replace(b"\x7d", b"\x7d\x5d").replace(b"\n", b"\x7d\x2a")
        self._write(head.encode() + escaped + b"\n705 AUDIO\n")

    def _read(self) -> bytes:
        try:
            return os.read(self._input_fd, 65_536)
        except OSError:
            return b""

    def _write(self, data: bytes) -> None:
        with self._writing:
            view = memoryview(data)
            while view:
                view = view[os.write(self._output_fd, view) :]
