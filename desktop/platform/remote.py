"""Finds the running instance for the command line, commands it, and starts it. No Qt here."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import engine.machine
from desktop.common.errors import RemoteError, StartError
from desktop.common.paths import log_folder
from desktop.common.protocol import (
    MAX_LINE_BYTES,
    MAX_TEXT_BYTES,
    Command,
    CommandName,
    ProtocolError,
    Reply,
    decode_reply,
    encode_command,
    n_bytes,
    socket_address,
)

ANSWER_LIMIT_S = 5.0
START_LIMIT_S = 20.0
POLL_S = 0.05
N_CHUNK_BYTES = 65_536


def send(command: Command, timeout_s: float = ANSWER_LIMIT_S) -> Reply | None:
    """Send `command` to the running instance, and wait for its answer; None where nobody is running.

    Raises `RemoteError` within `timeout_s`, and `RuntimeFolderError`.
    """
    found = n_bytes(command.text)
    if found > MAX_TEXT_BYTES:
        raise RemoteError("too_long", found=found, limit=MAX_TEXT_BYTES)
    exchange = _exchange_by_pipe if sys.platform == "win32" else _exchange_by_socket
    try:
        line = exchange(encode_command(command), timeout_s)
    except TimeoutError as error:
        raise RemoteError("no_answer", limit_s=timeout_s) from error
    except OSError as error:
        raise RemoteError("bad_answer") from error
    if line is None:
        return None
    try:
        return decode_reply(line)
    except ProtocolError as error:
        raise RemoteError("bad_answer") from error


def start_tray(limit_s: float = START_LIMIT_S) -> Reply:
    """Start Lectern in the background, apart from this process and its terminal, and return its first answer.

    Where another start wins the race, that one answers. Raises `StartError`, `RemoteError`.
    """
    check_desktop()
    log = log_folder() / "start.log"
    log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    deadline = time.monotonic() + limit_s
    with log.open("wb") as errors:
        process = _start_detached(errors.fileno())
    threading.Thread(target=process.wait, name="lectern-ends", daemon=True).start()  # no zombie of who lives on
    while time.monotonic() < deadline:
        reply = send(Command(CommandName.STATUS), max(POLL_S, deadline - time.monotonic()))
        if reply is not None:
            return reply
        if process.poll():
            raise StartError("ended", detail=_last_line(log), log=log)
        time.sleep(POLL_S)
    raise StartError("no_answer", limit_s=limit_s, log=log)


def check_desktop() -> None:
    """Raise `StartError` where no window can be shown. `QT_QPA_PLATFORM` names a place of its own."""
    if importlib.util.find_spec("PySide6") is None:  # as after `make say`
        raise StartError("no_window")
    if sys.platform == "linux" and not any(
        os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    ):
        raise StartError("no_desktop")


def tray_command() -> list[str]:
    """Compose the command that starts Lectern in the background. `-P`: a folder that is called "desktop" where the
    person stands is not taken for the program."""
    return [sys.executable, "-P", "-m", "desktop", "--background"]


def _start_detached(errors_fd: int) -> subprocess.Popen[bytes]:
    flags = 0
    if sys.platform == "win32":
        # Not DETACHED_PROCESS: a process without any console gives its children one each, which is seen.
        flags = engine.machine.NO_CONSOLE | subprocess.CREATE_NEW_PROCESS_GROUP
    return subprocess.Popen(
        tray_command(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors_fd,
        cwd=Path.home(),
        start_new_session=True,  # Windows has none, and takes the flags instead
        creationflags=flags,
    )


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return last.removeprefix("lectern: ")


# --- one line there, one line back; None where nobody listens. Raise OSError ------------------------------------------


def _exchange_by_socket(line: bytes, timeout_s: float) -> bytes | None:
    deadline = time.monotonic() + timeout_s
    with socket.socket(socket.AF_UNIX) as client:
        if not _connect(client, deadline):
            return None
        try:
            client.settimeout(_left(deadline))
            client.sendall(line)
        except (BrokenPipeError, ConnectionResetError):
            pass  # it refused what it had seen so far, and may have said why
        answer = bytearray()
        while not answer.endswith(b"\n") and len(answer) <= MAX_LINE_BYTES:
            client.settimeout(_left(deadline))
            part = client.recv(N_CHUNK_BYTES)
            if not part:
                break
            answer += part
    return bytes(answer)


def _connect(client: socket.socket, deadline: float) -> bool:
    """False where nobody listens."""
    while True:
        try:
            client.settimeout(_left(deadline))
            client.connect(socket_address())
        except (FileNotFoundError, ConnectionRefusedError):
            return False
        except BlockingIOError:  # many are waiting before us: a Unix socket does not queue, it says "again"
            time.sleep(POLL_S)
        else:
            return True


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _exchange_by_pipe(line: bytes, timeout_s: float) -> bytes | None:
    """A named pipe knows no time limit, so a thread waits for it, and is left behind when time is up."""
    answers: list[bytes | OSError | None] = []

    def talk() -> None:
        try:
            with Path(socket_address()).open("r+b", buffering=0) as pipe:
                pipe.write(line)
                answers.append(pipe.readline(MAX_LINE_BYTES))
        except FileNotFoundError:
            answers.append(None)
        except OSError as error:
            answers.append(error)

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if not answers:
        raise TimeoutError
    if isinstance(answers[0], OSError):
        raise answers[0]
    return answers[0]
