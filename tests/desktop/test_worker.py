"""Work in threads: what comes of it arrives in the GUI thread, in order, unless it was cancelled or nobody waits."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

import engine
from desktop.common.errors import InputError
from desktop.worker import Failure, Worker, ignore
from tests.waiting import wait_until


@pytest.fixture(params=[True, False], ids=["ordered", "each in a thread"])
def worker(qtbot: QtBot, request: pytest.FixtureRequest) -> Iterator[Worker]:  # noqa: ARG001
    worker = Worker("test", is_ordered=request.param)
    yield worker
    worker.close()


def test_a_result_arrives_in_the_gui_thread(worker: Worker, qtbot: QtBot) -> None:
    arrived: list[tuple[threading.Thread, threading.Thread]] = []
    worker.do(threading.current_thread, lambda did: arrived.append((did, threading.current_thread())))
    qtbot.waitUntil(lambda: bool(arrived))
    did, got = arrived[0]
    assert did is not threading.main_thread()
    assert got is threading.main_thread()


def test_nothing_arrives_in_the_middle_of_a_click(worker: Worker, qtbot: QtBot) -> None:
    arrived: list[int] = []
    is_done = threading.Event()

    def work() -> int:
        is_done.set()
        return 1

    worker.do(work, arrived.append)
    assert is_done.wait(30)
    assert arrived == []
    qtbot.waitUntil(lambda: arrived == [1])


@pytest.mark.parametrize("error", [engine.TextError("empty"), InputError("missing", "a"), PermissionError("no")])
def test_what_may_go_wrong_arrives_as_it_is(worker: Worker, qtbot: QtBot, error: Failure) -> None:
    def work() -> None:
        raise error

    failures: list[Failure] = []
    worker.do(work, ignore, failures.append)
    qtbot.waitUntil(lambda: failures == [error])


def test_only_what_is_expected_is_handed_over(worker: Worker, qtbot: QtBot) -> None:
    def work() -> None:
        raise KeyError("a bug")

    failures: list[KeyError] = []
    worker.do(work, ignore, failures.append, KeyError)
    qtbot.waitUntil(lambda: len(failures) == 1)
    with qtbot.captureExceptions() as raised:
        worker.do(work, ignore, ignore)
        qtbot.waitUntil(lambda: len(raised) == 1)
        worker.do(work, ignore)
        qtbot.waitUntil(lambda: len(raised) == 2)
    assert {kind for kind, *_ in raised} == {KeyError}


def test_values_arrive_one_by_one_and_then_the_end(worker: Worker, qtbot: QtBot) -> None:
    arrived: list[int | None] = []
    worker.follow(lambda _: iter(range(3)), arrived.append, lambda: arrived.append(None))
    qtbot.waitUntil(lambda: arrived == [0, 1, 2, None])


def test_an_error_ends_the_values(worker: Worker, qtbot: QtBot) -> None:
    def work(_: engine.CancelToken) -> Iterator[int]:
        yield 1
        raise engine.TextError("empty")

    arrived: list[object] = []
    worker.follow(work, arrived.append, lambda: arrived.append("end"), lambda error: arrived.append(str(error)))
    qtbot.waitUntil(lambda: len(arrived) == 2)
    assert arrived[0] == 1
    assert arrived[1] != "end"


def test_cancelled_work_ends_and_nothing_of_it_arrives(worker: Worker, qtbot: QtBot) -> None:
    ended = threading.Event()

    def work(cancel: engine.CancelToken) -> Iterator[int]:
        yield 1
        wait_until(lambda: cancel.cancelled, "the token is the one that was returned")
        ended.set()
        yield 2

    arrived: list[int] = []
    token = worker.follow(work, arrived.append, lambda: arrived.append(-1))
    qtbot.waitUntil(lambda: arrived == [1])
    token.cancel()
    assert ended.wait(30)
    later: list[int] = []
    worker.do(lambda: 3, later.append)
    qtbot.waitUntil(lambda: later == [3])
    assert arrived == [1]


def test_ordered_work_is_done_one_after_the_other(qtbot: QtBot) -> None:
    worker = Worker("test")
    arrived: list[int] = []
    for number in range(20):
        worker.do(lambda number=number: number, arrived.append)
    qtbot.waitUntil(lambda: arrived == list(range(20)))
    worker.close()


@pytest.mark.parametrize("forgets", [False, True])
def test_closing_waits_for_what_is_asked_or_forgets_it(qtbot: QtBot, forgets: bool) -> None:
    worker, go_on, done = Worker("test"), threading.Event(), list[int]()
    has_begun = threading.Event()

    def first() -> None:
        has_begun.set()
        assert go_on.wait(30)
        done.append(1)

    arrived: list[object] = []
    worker.do(first, arrived.append)
    worker.do(lambda: done.append(2), arrived.append)
    assert has_begun.wait(30)
    threading.Timer(0.1, go_on.set).start()  # while `close` waits
    worker.close(forgets=forgets)
    assert done == ([1] if forgets else [1, 2])
    worker.do(lambda: done.append(3), arrived.append)
    qtbot.wait(1)
    assert arrived == []
    assert 3 not in done


def test_work_that_never_ends_is_left_behind(qtbot: QtBot) -> None:  # noqa: ARG001
    worker, stuck = Worker("test", is_ordered=False), threading.Event()
    worker.do(lambda: stuck.wait(60), ignore)
    worker.close()
    stuck.set()


def test_a_thread_that_is_left_behind_never_holds_the_worker(qtbot: QtBot) -> None:
    """Else it would delete a QObject of the GUI thread; that was a crash."""
    for _ in range(50):
        worker, stuck = Worker("test", is_ordered=False), threading.Event()
        worker.do(lambda stuck=stuck: stuck.wait(60), ignore)
        worker.follow(lambda _, stuck=stuck: iter(lambda: stuck.wait(60), True), ignore, lambda: None)
        gone = weakref.ref(worker)
        worker.close()
        del worker
        gc.collect(0)  # it is young, and all that other tests left is not looked through fifty times
        assert gone() is None
        stuck.set()
        qtbot.wait(0)
