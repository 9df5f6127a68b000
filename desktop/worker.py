"""Does work that is too slow for the GUI thread in a thread of its own, and brings what comes of it back to the GUI."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import TypeVar, overload

from PySide6.QtCore import QObject, Qt, Signal

import engine
from desktop.common.errors import DesktopError

T = TypeVar("T")
E = TypeVar("E", bound=BaseException)
Failure = engine.EngineError | DesktopError | OSError
"""What work may fail with where nothing else is said."""
EXPECTED = (engine.EngineError, DesktopError, OSError)

_Expected = type[BaseException] | tuple[type[BaseException], ...]


class Worker(QObject):
    """Does work in threads. Lives in the GUI thread, where all that it brings is handed over: queued, so never in the
    middle of a click.

    Ordered, it has one thread, and does one piece of work after the other. Else each piece has a thread, which is left
    behind if it never ends: for questions to a network that may stay without an answer.
    """

    _posted = Signal(object, object)
    """(the work's token, what to call in the GUI thread)"""

    def __init__(self, name: str, parent: QObject | None = None, *, is_ordered: bool = True) -> None:
        super().__init__(parent)
        self._name = name
        self._pool = ThreadPoolExecutor(1, name) if is_ordered else None
        self._is_closed = False
        self._posted.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    @overload
    def do(self, work: Callable[[], T], then: Callable[[T], object]) -> engine.CancelToken: ...
    @overload
    def do(
        self, work: Callable[[], T], then: Callable[[T], object], failed: Callable[[Failure], object]
    ) -> engine.CancelToken: ...
    @overload
    def do(
        self, work: Callable[[], T], then: Callable[[T], object], failed: Callable[[E], object], expected: type[E]
    ) -> engine.CancelToken: ...
    def do(
        self,
        work: Callable[[], T],
        then: Callable[[T], object],
        failed: Callable[..., object] | None = None,
        expected: _Expected = EXPECTED,
    ) -> engine.CancelToken:
        """Do `work`, and call `then` with its result or `failed` with its error, where it is one of those `expected`;
        another is a bug, and is raised in the GUI thread. Cancelling the returned token drops work that has not begun,
        and the answer of work that has."""

        def run(token: engine.CancelToken) -> None:
            result = work()
            self._post(token, lambda: then(result))

        return self._start(run, failed or ignore, expected if failed is not None else ())

    @overload
    def follow(
        self,
        work: Callable[[engine.CancelToken], Iterable[T]],
        each: Callable[[T], object],
        then: Callable[[], object],
    ) -> engine.CancelToken: ...
    @overload
    def follow(
        self,
        work: Callable[[engine.CancelToken], Iterable[T]],
        each: Callable[[T], object],
        then: Callable[[], object],
        failed: Callable[[Failure], object],
    ) -> engine.CancelToken: ...
    @overload
    def follow(
        self,
        work: Callable[[engine.CancelToken], Iterable[T]],
        each: Callable[[T], object],
        then: Callable[[], object],
        failed: Callable[[E], object],
        expected: type[E],
    ) -> engine.CancelToken: ...
    def follow(
        self,
        work: Callable[[engine.CancelToken], Iterable[T]],
        each: Callable[[T], object],
        then: Callable[[], object],
        failed: Callable[..., object] | None = None,
        expected: _Expected = EXPECTED,
    ) -> engine.CancelToken:
        """Do `work`, and call `each` with every value that it yields, at last `then`, or `failed` as `do` does. Work is
        given the token that is returned, to end soon after it is cancelled; from then on nothing is called."""

        def run(token: engine.CancelToken) -> None:
            for value in work(token):
                if token.cancelled:
                    return
                self._post(token, partial(each, value))
            self._post(token, then)

        return self._start(run, failed or ignore, expected if failed is not None else ())

    def close(self, *, forgets: bool = False) -> None:
        """Hand nothing over any more. An ordered worker waits for the work that it does, and for all that it was asked
        to do, unless it `forgets` what has not begun."""
        self._is_closed = True
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=forgets)

    # --- inside

    def _start(
        self, run: Callable[[engine.CancelToken], None], failed: Callable[..., object], expected: _Expected
    ) -> engine.CancelToken:
        token = engine.CancelToken()
        if self._is_closed:
            return token
        if self._pool is not None:
            self._pool.submit(self._attempt, token, run, failed, expected)
        else:
            arguments = (token, run, failed, expected)
            threading.Thread(target=self._attempt, args=arguments, name=self._name, daemon=True).start()
        return token

    def _attempt(
        self,
        token: engine.CancelToken,
        run: Callable[[engine.CancelToken], None],
        failed: Callable[..., object],
        expected: _Expected,
    ) -> None:
        """On the work's thread."""
        if token.cancelled:
            return
        try:
            run(token)
        except expected as error:
            self._post(token, partial(failed, error))
        except BaseException as error:  # noqa: BLE001  the top of this thread: a bug is raised where it is seen
            self._post(token, partial(_raise, error))

    def _post(self, token: engine.CancelToken, call: Callable[[], object]) -> None:
        with suppress(RuntimeError):  # this object is gone: the program ends
            self._posted.emit(token, call)

    def _hand_over(self, token: engine.CancelToken, call: Callable[[], object]) -> None:
        if not self._is_closed and not token.cancelled:
            call()


def ignore(_: object) -> None:
    """Do nothing with an answer that nobody needs."""


def _raise(error: BaseException) -> None:
    raise error
