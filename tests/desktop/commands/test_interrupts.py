"""Signals that end a command."""

from __future__ import annotations

import signal
import sys
import threading
import time

import pytest

from desktop.commands.interrupts import Interrupted, signals_cancel, signals_interrupt, wait_for_signal
from engine import CancelToken


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends signals to no thread")
def test_a_signal_that_does_not_wake_the_main_thread_ends_what_waits_for_one() -> None:
    """As one that comes just before it sleeps: here another thread gets it, and the main one is left to notice."""

    def send() -> None:
        is_near.wait()
        time.sleep(0.2)  # so that the other sleeps by then; it need not
        signal.pthread_kill(threading.get_ident(), signal.SIGTERM)

    is_near, sender = threading.Event(), threading.Thread(target=send)
    sender.start()
    with signals_interrupt():
        is_near.set()
        with pytest.raises(Interrupted) as interrupted:
            wait_for_signal()
    sender.join()
    assert interrupted.value.exit_code == 128 + signal.SIGTERM


def test_what_fails_because_it_was_asked_to_end_is_no_failure() -> None:
    def work(*, is_asked_to_end: bool) -> None:
        with signals_cancel(CancelToken()):
            if is_asked_to_end:
                signal.raise_signal(signal.SIGTERM)
            raise OSError("what it was about")

    with pytest.raises(Interrupted) as interrupted:
        work(is_asked_to_end=True)
    assert interrupted.value.exit_code == 128 + signal.SIGTERM
    with pytest.raises(OSError, match="about"):
        work(is_asked_to_end=False)
