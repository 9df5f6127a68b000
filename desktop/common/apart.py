"""Runs a generator in a process of its own: work in pure Python would take the GUI thread's turns, a library would stay
loaded, and what hangs or crashes ends only that process. No Qt here."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import Any

import engine

POLL_S = 0.05


class EndedEarlyError(Exception):
    """Reports that the process ended before its work did, with `exit_code` (minus a signal's number)."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__(f"the process ended early, with code {exit_code}")
        self.exit_code = exit_code


def found_apart(find: Callable[..., Iterable[Any]], *arguments: Any, cancel: engine.CancelToken) -> Iterator[Any]:
    """Yield what `find(*arguments)` yields there, as it comes; once `cancel` is set the process is ended, and this too.
    `find` is a function of a module; all that it takes and gives can be pickled, and what it raises is only printed.
    Blocks: for a thread. Raises `EndedEarlyError`."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_send_found, args=(find, arguments, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        while not cancel.cancelled:
            if not ours.poll(POLL_S):
                continue
            found = ours.recv()
            if not found:
                return
            yield found[0]
    except EOFError:
        child.join()
        raise EndedEarlyError(child.exitcode) from None
    finally:
        child.kill()
        child.join()
        child.close()
        ours.close()


def _send_found(find: Callable[..., Iterable[Any]], arguments: tuple[Any, ...], pipe: Connection) -> None:
    with suppress(BrokenPipeError):  # nobody waits for it any more
        for found in find(*arguments):
            pipe.send((found,))
        pipe.send(())
