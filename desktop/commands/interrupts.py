"""Ctrl-C and its kin: anywhere they end the program by an exception; while it speaks they set a token first."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

from engine import CancelToken

LOOK_S = 0.5
# SIGHUP: the terminal was closed. Windows has none.
_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))


class Interrupted(BaseException):
    """Reports that a signal asked the program to end; like KeyboardInterrupt, no error."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number


def _interrupt(number: int, _frame: FrameType | None) -> None:
    raise Interrupted(number)


@contextmanager
def signals_interrupt() -> Iterator[None]:
    """Have each of the signals raise `Interrupted` in the main thread."""
    with _handling(_interrupt):
        yield


def wait_for_signal() -> NoReturn:
    """Sleep until one of them raises `Interrupted`. Python looks for signals before it sleeps and when it is woken: one
    that comes between the two would never be seen if it slept for ever."""
    while True:
        time.sleep(LOOK_S)


@contextmanager
def signals_cancel(cancel: CancelToken) -> Iterator[None]:
    """Have the first signal set `cancel`, and raise `Interrupted` at the end of the block, whatever else it ends with;
    a second raises at once.

    Work that polls the token then ends in good order: no exception flies through foreign code.
    """
    received: list[int] = []

    def handle(number: int, _frame: FrameType | None) -> None:
        received.append(number)
        if cancel.cancelled:
            raise Interrupted(number)
        cancel.cancel()

    with _handling(handle):
        try:
            yield
        except Exception:
            if not received:  # else it is of what ends, and nobody's concern
                raise
        if received:
            raise Interrupted(received[0])


@contextmanager
def _handling(handler: Callable[[int, FrameType | None], Any]) -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    for number in _SIGNALS:
        if before[number] is not signal.SIG_IGN:  # nohup and background jobs ignore some on purpose
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number in _SIGNALS:
            signal.signal(number, before[number])
