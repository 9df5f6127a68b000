"""Asks the person about browser extensions that want to read, keeps the answers, and ends what is read for one that
was sent away."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Signal

import engine.server
from desktop.common.messages import Message, explain
from desktop.speech.controller import Controller
from desktop.speech.page_reader import PageReader
from desktop.worker import Failure, Worker, ignore
from engine.server import PairingRequest, PairingView

EXPIRY_MS = 1000


class Browsers(QObject):
    """Owns the list of those that are allowed. Lives in the GUI thread."""

    view_changed = Signal(object)
    """A `PairingView`."""
    asked = Signal(object)
    """A `PairingRequest` that is new."""
    failed = Signal(object)
    """A `Message`: an answer could not be kept."""
    _changed = Signal()

    def __init__(self, path: Path, controller: Controller, disk: Worker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._disk = disk
        self.pairings = engine.server.Pairings(path)
        self.reader = PageReader(controller, self)
        self.view: PairingView = self.pairings.view
        self._expiry = QTimer(self, interval=EXPIRY_MS)
        self._expiry.timeout.connect(self.pairings.expire)
        self._changed.connect(self._take, Qt.ConnectionType.QueuedConnection)
        self.pairings.subscribe(self._changed.emit)
        if self.pairings.was_damaged:
            words = Message("The list of browser extensions that may read was damaged.", "Allow yours again.")
            QTimer.singleShot(0, self, lambda: self.failed.emit(words))

    def allow(self, request: PairingRequest) -> None:
        """Let who made `request` have pages read."""
        self._disk.do(lambda: self.pairings.allow(request), ignore, self._fail)

    def refuse(self, request: PairingRequest) -> None:
        """Do not let it."""
        self.pairings.refuse(request)

    def remove(self, origin: str) -> None:
        """Let the extension `origin` have pages read no more."""
        self._disk.do(lambda: self.pairings.remove(origin), ignore, self._fail)

    def _fail(self, error: Failure) -> None:
        self.failed.emit(Message(str(error)) if isinstance(error, OSError) else explain(error))
        self.view_changed.emit(self.view)  # the question stands

    def _take(self) -> None:
        before, self.view = self.view, self.pairings.view
        if self.view == before:
            return
        (self._expiry.start if self.view.asking is not None else self._expiry.stop)()
        self.reader.keep_only(frozenset(one.origin for one in self.view.paired))
        self.view_changed.emit(self.view)
        if self.view.asking is not None and self.view.asking != before.asking:
            self.asked.emit(self.view.asking)
