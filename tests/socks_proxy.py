"""A SOCKS 5 proxy (RFC 1928, RFC 1929) of the tests' own, on loopback: it connects, and notes to where."""

from __future__ import annotations

import contextlib
import ipaddress
import select
import socket
import socketserver
import struct
import threading
from typing import Any

SUCCEEDED, REFUSED = 0, 5


class SocksProxy(socketserver.ThreadingTCPServer):
    """`targets` are the computers and ports that it was asked for, in order; with a password it wants `ada`'s."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self, password: str = "") -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.password = password
        self.targets: list[tuple[str, int]] = []
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}, name="socks proxy")

    def __enter__(self) -> SocksProxy:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.server_address[1]}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        pass  # a client that is gone


class _Handler(socketserver.BaseRequestHandler):
    server: SocksProxy  # pyright: ignore[reportIncompatibleVariableOverride]

    def handle(self) -> None:
        if not self._greet():
            return
        _, command, _, kind = self._take(4)
        if kind == 3:
            host = self._take(self._take(1)[0]).decode()
        else:
            host = str(ipaddress.ip_address(self._take(4 if kind == 1 else 16)))
        (port,) = struct.unpack(">H", self._take(2))
        self.server.targets.append((host, port))
        assert command == 1
        try:
            line = socket.create_connection((host, port), timeout=10)
        except OSError:
            self._answer(REFUSED)
            return
        self._answer(SUCCEEDED)
        with line:
            self._carry(line)

    def _greet(self) -> bool:
        version, n_methods = self._take(2)
        methods = self._take(n_methods)
        if version != 5 or (2 if self.server.password else 0) not in methods:
            self.request.sendall(b"\x05\xff")
            return False
        if not self.server.password:
            self.request.sendall(b"\x05\x00")
            return True
        self.request.sendall(b"\x05\x02")
        name = self._take(self._take(2)[1])
        password = self._take(self._take(1)[0])
        is_right = (name, password.decode()) == (b"ada", self.server.password)
        self.request.sendall(b"\x01\x00" if is_right else b"\x01\x01")
        return is_right

    def _answer(self, code: int) -> None:
        self.request.sendall(struct.pack(">BBBBIH", 5, code, 0, 1, 0, 0))

    def _carry(self, line: socket.socket) -> None:
        lines = {self.request: line, line: self.request}
        with contextlib.suppress(OSError):
            while True:
                ready, _, _ = select.select(list(lines), [], [])
                for one in ready:
                    if not (data := one.recv(65_536)):
                        return
                    lines[one].sendall(data)

    def _take(self, n_bytes: int) -> bytes:
        data = b""
        while len(data) < n_bytes:
            more = self.request.recv(n_bytes - len(data))
            if not more:
                raise ConnectionError
            data += more
        return data
