"""Calls that cannot be interrupted, made in threads that can be left behind."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Background(Generic[T]):
    """Run `call` in a thread of its own, which does not keep the program from ending.

    Whoever waits for it can stop waiting: the call then ends by itself at some time, and its result is lost. So it must
    not change anything that matters by then.
    """

    def __init__(self, call: Callable[[], T]) -> None:
        self._call = call
        self._done = threading.Event()
        self._results: list[T] = []
        self._error: BaseException | None = None
        threading.Thread(target=self._run, name="hub", daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Wait for the call, for `seconds` at most, and return whether it has ended."""
        return self._done.wait(seconds)

    def result(self) -> T:
        """Return what the call returned, or raise what it raised. Only once it has ended."""
        if self._error is not None:
            raise self._error
        return self._results[0]

    def _run(self) -> None:
        try:
            self._results.append(self._call())
        except BaseException as error:  # noqa: BLE001  it is raised again where somebody waits
            self._error = error
        finally:
            self._done.set()
