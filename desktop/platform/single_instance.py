"""Keeps Lectern to one instance for each user, which takes commands on a local socket."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtNetwork import QLocalServer, QLocalSocket

from desktop.common.errors import RuntimeFolderError
from desktop.common.paths import runtime_folder
from desktop.common.protocol import (
    MAX_LINE_BYTES,
    ProtocolError,
    Reply,
    decode_command,
    encode_reply,
    session_number,
    socket_address,
)

REQUEST_LIMIT_MS = 10_000
MAX_CLIENTS = 32
STICKY_PRIVATE = 0o1600
"""Programs that clean $XDG_RUNTIME_DIR leave a file with the sticky bit alone (XDG base directory specification)."""


class SingleInstance(QObject):
    """Claims the one place, and takes commands in it. `claim` once; then each request comes as
    `command_received(Command, reply)`, and `reply(Reply)` answers it, at once or later. A request that cannot be read
    is answered here. Nothing a client does or leaves undone waits on the GUI thread."""

    command_received = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock: IO[bytes] | None = None
        self._server = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        self._server.newConnection.connect(self._greet)
        self._clients: list[_Client] = []  # the oldest first

    def claim(self) -> bool:
        """Become the one; False where another is. Raises `RuntimeFolderError`.

        The lock ends with its process, however that ends, so who holds it may take over a dead one's socket.
        """
        if self._lock is not None:
            return True
        folder = runtime_folder()
        session = session_number()
        lock = _try_lock(folder / (f"lock-{session}" if session else "lock"))
        if lock is None:
            return False
        address = socket_address()
        QLocalServer.removeServer(address)
        if not self._server.listen(address):
            lock.close()
            raise RuntimeFolderError(folder, self._server.errorString())
        self._lock = lock
        return True

    def release(self) -> None:
        """Stop listening, and let the next one in."""
        self._server.close()
        for client in list(self._clients):
            client.drop()
        if self._lock is not None:
            self._lock.close()
            self._lock = None

    def _greet(self) -> None:
        while (connection := self._server.nextPendingConnection()) is not None:
            if len(self._clients) >= MAX_CLIENTS:  # one that came and says nothing makes room
                next((client for client in self._clients if not client.was_asked), self._clients[0]).drop()
            client = _Client(connection, self.command_received.emit, self)
            self._clients.append(client)
            client.gone.connect(self._forget)
            client.read()

    def _forget(self, client: _Client) -> None:
        if client in self._clients:  # it may say twice that it is gone
            self._clients.remove(client)
            client.deleteLater()


class _Client(QObject):
    """One connection: it has `REQUEST_LIMIT_MS` for one line, gets one answer, and is gone."""

    gone = Signal(object)

    def __init__(self, connection: QLocalSocket, emit: Callable[[object, object], None], parent: QObject) -> None:
        super().__init__(parent)
        self._connection = connection
        connection.setParent(self)
        connection.setReadBufferSize(65_536)  # the rest waits in the kernel: each turn of the event loop is short
        self._emit = emit
        self._line = bytearray()
        self.was_asked = False
        self._was_answered = False
        connection.readyRead.connect(self.read)
        connection.disconnected.connect(self._end)
        self._limit = QTimer(self, singleShot=True, interval=REQUEST_LIMIT_MS)
        self._limit.timeout.connect(self.drop)
        self._limit.start()

    def read(self) -> None:
        """Take what has come; the first whole line is the request, and what follows it is dropped."""
        data = self._connection.readAll().data()
        if self.was_asked:
            return
        self._line += data
        if b"\n" in data:
            self._ask(bytes(self._line[: self._line.index(b"\n")]))
        elif len(self._line) > MAX_LINE_BYTES:
            self.was_asked = True
            self.answer(Reply(False, f"A request has at most {MAX_LINE_BYTES:,} bytes."))

    def answer(self, reply: Reply) -> None:
        """Once; later ones, and those to a client that has left, are dropped."""
        if self._was_answered:
            return
        self._was_answered = True
        self._limit.start()  # now to take the answer
        self._connection.write(encode_reply(reply))
        self._connection.flush()  # the answer to "quit" leaves before the program ends
        self._connection.disconnectFromServer()  # after all is written

    def drop(self) -> None:
        self._connection.abort()
        self._end()

    def _ask(self, line: bytes) -> None:
        self.was_asked = True
        self._limit.stop()
        self._line.clear()
        try:
            command = decode_command(line)
        except ProtocolError as error:
            self.answer(Reply(False, str(error)))
        else:
            self._emit(command, self.answer)

    def _end(self) -> None:
        self.was_asked = self._was_answered = True
        self._limit.stop()
        self.gone.emit(self)


def _try_lock(path: Path) -> IO[bytes] | None:
    """`path`, open and locked until it is closed; None where another process has it."""
    lock = path.open("ab")
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.fchmod(lock.fileno(), STICKY_PRIVATE)
    except OSError:
        lock.close()
        return None
    return lock
