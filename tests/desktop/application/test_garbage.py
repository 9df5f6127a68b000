"""Circles of Python objects end in the GUI thread, whichever thread allocates."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from desktop.application.garbage import GarbageCollector


class Circle(QObject):
    """Holds itself, so that only a collection ends it."""

    def __init__(self) -> None:
        super().__init__()
        self.itself = self


@pytest.fixture(autouse=True)
def python_collects() -> Iterator[None]:
    """As in any program, and unlike in these tests."""
    gc.collect()
    gc.enable()
    yield
    gc.disable()


@pytest.fixture
def collector(qtbot: QtBot) -> Iterator[GarbageCollector]:  # noqa: ARG001
    collector = GarbageCollector()
    yield collector
    collector.stop()


def allocate() -> None:
    """Far more than makes Python collect all generations."""
    for _ in range(40):
        assert len([[] for _ in range(5000)]) == 5000


def ended_in() -> list[threading.Thread]:
    """The thread in which a circle ended, once it has; it is let go of here."""
    threads: list[threading.Thread] = []
    weakref.finalize(Circle(), lambda: threads.append(threading.current_thread()))
    return threads


def allocate_elsewhere() -> None:
    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()


@pytest.mark.usefixtures("collector")
def test_a_circle_ends_in_the_gui_thread(qtbot: QtBot) -> None:
    threads = ended_in()
    allocate_elsewhere()
    assert threads == []
    qtbot.waitUntil(lambda: bool(threads), timeout=60_000)
    assert threads == [threading.main_thread()]


def test_afterwards_python_collects_by_itself_again(collector: GarbageCollector) -> None:
    assert not gc.isenabled()
    for _ in range(2):
        collector.stop()
    assert gc.isenabled()
    threads = ended_in()
    allocate_elsewhere()
    assert len(threads) == 1


def test_one_that_was_off_stays_off(qtbot: QtBot) -> None:  # noqa: ARG001
    gc.disable()
    GarbageCollector().stop()
    assert not gc.isenabled()
