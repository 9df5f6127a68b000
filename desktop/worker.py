"""Work that is too slow for the GUI thread, one piece after the other, and what is done with what comes of it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

import engine
from desktop.common.errors import DesktopError
from desktop.common.messages import Message, explain

T = TypeVar("T")
Failed = Callable[[Message], object]


class Worker(QObject):
    """A thread of its own. `then` and `failed` are called in the GUI thread, in the order of the work."""

    _finished = Signal(object, object, object)

    def __init__(self, name: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._pool = ThreadPoolExecutor(1, name)
        self._is_closed = False
        # Queued: what is done before one looks is handed over later all the same, and not in the middle of a click.
        self._finished.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def do(self, work: Callable[[], T], then: Callable[[T], object], failed: Failed) -> None:
        """`failed` is told what the engine, the desktop or the system says; anything else is a bug, and is raised."""
        if self._is_closed:
            return
        future = self._pool.submit(work)
        future.add_done_callback(lambda done: self._tell(done, then, failed))

    def close(self) -> None:
        """What was asked for is still done; nobody is told."""
        self._is_closed = True
        self._pool.shutdown(wait=True)

    def _tell(self, future: Future[Any], then: Callable[[Any], object], failed: Failed) -> None:
        if not self._is_closed:
            self._finished.emit(future, then, failed)

    def _hand_over(self, future: Future[Any], then: Callable[[Any], object], failed: Failed) -> None:
        if self._is_closed:
            return
        try:
            result = future.result()
        except (engine.EngineError, DesktopError) as error:
            failed(explain(error))
        except OSError as error:
            failed(Message(f"The system refused something: {error}.", "Mend that and try again."))
        else:
            then(result)
