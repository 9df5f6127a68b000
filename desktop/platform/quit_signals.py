"""Ends the application in order when a signal asks for that."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication


class signals_quit:  # noqa: N801  reads as a verb in a `with`
    """Has SIGINT, SIGTERM and SIGHUP end the event loop. Python runs its handlers only between its own instructions, so
    a socket that the signal writes to wakes the loop up."""

    def __init__(self, application: QApplication) -> None:
        self._application = application

    def __enter__(self) -> None:
        self._near, self._far = socket.socketpair()
        for end in (self._near, self._far):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._near.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(self._drain)
        self._before_fd = signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)
        self._before = {}
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if (number := getattr(signal, name, None)) is not None:
                self._before[number] = signal.signal(number, lambda *_: self._application.quit())

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._before_fd)
        self._notifier.setEnabled(False)
        for end in (self._near, self._far):
            end.close()

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            self._near.recv(64)
