"""Does work that is too slow for the GUI thread in a thread of its own, and brings what comes of it back to the GUI."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar, overload

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

    _arrived = Signal(object, object)
    """(the work's token, an `_Arrival`)"""

    def __init__(self, name: str, parent: QObject | None = None, *, is_ordered: bool = True) -> None:
        super().__init__(parent)
        self._name = name
        self._pool = ThreadPoolExecutor(1, name) if is_ordered else None
        self._answers: dict[engine.CancelToken, _Answers] = {}  # of the work that has not ended
        self._arrived.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)
        self._outlet = _Outlet(self._arrived.emit)

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

        def once(_: engine.CancelToken) -> Iterator[T]:
            yield work()

        return self._start(once, _Answers(then, _do_nothing, failed, expected))

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

        return self._start(work, _Answers(each, then, failed, expected))

    def close(self, *, forgets: bool = False) -> None:
        """Hand nothing over any more; whoever made the worker closes it. An ordered worker waits for the work that it
        does, and for all that it was asked to do, unless it `forgets` what has not begun."""
        self._outlet.close()
        self._answers.clear()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=forgets)

    # --- inside

    def _start(self, work: Callable[[engine.CancelToken], Iterable[object]], answers: _Answers) -> engine.CancelToken:
        token = engine.CancelToken()
        if self._outlet.is_closed:
            return token
        self._answers[token] = answers
        if self._pool is not None:
            self._pool.submit(_attempt, self._outlet, token, work)
        else:
            threading.Thread(target=_attempt, args=(self._outlet, token, work), name=self._name, daemon=True).start()
        return token

    def _hand_over(self, token: engine.CancelToken, arrival: _Arrival) -> None:
        answers = self._answers.get(token)
        if answers is None:  # closed
            return
        if not isinstance(arrival, _Value):
            del self._answers[token]
        if token.cancelled:
            return
        match arrival:
            case _Value(value):
                answers.each(value)
            case _End():
                answers.then()
            case _Failed(error):
                if answers.failed is None or not isinstance(error, answers.expected):
                    raise error
                answers.failed(error)


@dataclass(frozen=True, slots=True)
class _Answers:
    """What is called in the GUI thread. They stay with the worker: see `_Outlet`."""

    each: Callable[[Any], object]
    then: Callable[[], object]
    failed: Callable[..., object] | None
    expected: _Expected


@dataclass(frozen=True, slots=True)
class _Value:
    value: object


@dataclass(frozen=True, slots=True)
class _End:
    pass


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


_Arrival = _Value | _End | _Failed


class _Outlet:
    """Brings what arrives from the work's thread to the worker, until that is closed.

    It is all of the worker that a thread holds: a thread that is left behind and held the worker itself would be the
    last to let go of it, and so delete a QObject in the wrong thread, in the middle of what the GUI does with it.
    """

    def __init__(self, emit: Callable[[engine.CancelToken, _Arrival], None]) -> None:
        self._emit: Callable[[engine.CancelToken, _Arrival], None] | None = emit
        self._lock = threading.Lock()

    @property
    def is_closed(self) -> bool:
        return self._emit is None

    def bring(self, token: engine.CancelToken, arrival: _Arrival) -> None:
        with self._lock, suppress(RuntimeError):  # the worker is gone with its parent: the program ends
            if self._emit is not None:
                self._emit(token, arrival)

    def close(self) -> None:
        with self._lock:
            self._emit = None


def _attempt(
    outlet: _Outlet, token: engine.CancelToken, work: Callable[[engine.CancelToken], Iterable[object]]
) -> None:
    """Do one piece of work, on its thread."""
    end: _End | _Failed = _End()
    try:
        if not token.cancelled:
            for value in work(token):
                if token.cancelled:
                    break
                outlet.bring(token, _Value(value))
    except BaseException as error:  # noqa: BLE001  the top of this thread: a bug is raised where it is seen
        end = _Failed(error)
    outlet.bring(token, end)


def _do_nothing() -> None:
    pass


def ignore(_: object) -> None:
    """Do nothing with an answer that nobody needs."""
