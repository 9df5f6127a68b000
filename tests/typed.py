"""A `lectern` for the PATH of a shell: what is typed there runs as ever, and is forked from what has loaded it.

A shell, its pipes and its quoting are tried with the command's own arguments, streams, folder and environment; what it
costs to start Python and to load Lectern is paid once (tests/ready.py). Run as a program, this file is that `lectern`:
it hands all of that over, and ends as the command did.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ready import Command, Ready  # not for the program, which is to start quickly

STREAMS = (0, 1, 2)
MAX_BYTES = 2**20


@contextlib.contextmanager
def typed_lectern(program: Path, ready: Ready) -> Iterator[None]:
    """Have `program` be `lectern` for the length of the block."""
    with (
        tempfile.TemporaryDirectory(prefix="typed-") as folder,  # short: a socket's name has 107 bytes at most
        socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asked,
    ):
        address = f"{folder}/lectern"
        program.write_text(
            f'#!/bin/sh\nexec "{sys.executable}" -I -S "{__file__}" "{address}" "$@"\n', encoding="utf-8"
        )
        program.chmod(0o755)
        asked.bind(address)
        asked.listen()
        answering = threading.Thread(target=_answer_all, args=(asked, ready))
        answering.start()
        try:
            yield
        finally:
            asked.shutdown(socket.SHUT_RDWR)
            answering.join()


def _answer_all(asked: socket.socket, ready: Ready) -> None:
    """Until it is shut down."""
    with ThreadPoolExecutor() as waiting:
        while True:
            try:
                caller, _ = asked.accept()
            except OSError:
                return
            request, streams, _, _ = socket.recv_fds(caller, MAX_BYTES, len(STREAMS))
            arguments, folder, environment = pickle.loads(request)
            command = ready.start(arguments, Path(folder), environment, streams)
            for stream in streams:
                os.close(stream)
            waiting.submit(_tell_end, caller, command)


def _tell_end(caller: socket.socket, command: Command) -> None:
    with caller, command, contextlib.suppress(BrokenPipeError):  # who typed it may not wait any more
        caller.send(b"%d" % command.pid)
        caller.send(b"%d" % command.wait())


def main(address: str, arguments: list[str]) -> int:
    """Have the command run, interrupt it when this is interrupted, and return its exit code."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as ask:
        ask.connect(address)
        socket.send_fds(ask, [pickle.dumps((arguments, os.getcwd(), dict(os.environ)))], STREAMS)  # noqa: PTH109
        pid = int(ask.recv(MAX_BYTES))
        signal.signal(signal.SIGINT, lambda number, _: os.kill(pid, number))
        code = int(ask.recv(MAX_BYTES))
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2:]))
