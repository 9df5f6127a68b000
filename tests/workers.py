"""A worker of pytest-xdist that dies ends the run: at once, red, with its test's name, and leaves no process behind.

A pytest plugin (named in tests/conftest.py). xdist would start another worker and go on; where that one comes too late
for work, all wait for ever (xdist 3.8). And what took one worker away is to be mended, not to be run around.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

MARK = "LECTERN_TEST_RUN"
"""In the environment of all that a run starts, and unlike in any other run: so that nothing of it needs to stay."""
TICK_S = 1.0
SILENCE = 1.2  # of faulthandler's limit: a worker that is stopped cannot end itself, nor say anything
START_S = 300.0  # at least, until it has found its tests
CLOSED_AFTER_S = 3.0  # a dead worker's pipe is closed at once, unless a child of it holds the other end
INTERRUPTED = "keyboard-interrupt"  # xdist's word


@pytest.hookimpl(tryfirst=True)  # before xdist starts them
def pytest_sessionstart(session: pytest.Session) -> None:
    plugins = session.config.pluginmanager
    if plugins.hasplugin("dsession"):
        os.environ[MARK] = uuid.uuid4().hex
        plugins.register(Workers(session.config), "lectern-workers")


class Workers:
    """Watches the workers of one run, from the process that gives them their tests."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._limit_s = SILENCE * float(config.getini("faulthandler_timeout"))
        self._silent_s: Counter[WorkerController] = Counter()  # counted in ticks: Ctrl+Z stops this clock too
        self._gone_s: Counter[WorkerController] = Counter()
        self._collected: set[WorkerController] = set()
        self._first_down: WorkerController | None = None  # where the watch saw it, and not its pipe
        self._was_silent = False
        self._is_over = threading.Event()
        self._watch = threading.Thread(target=self._look_often, name="watches the workers", daemon=True)

    @pytest.hookimpl(optionalhook=True)
    def pytest_configure_node(self, node: WorkerController) -> None:
        self._silent_s[node] = 0
        if not self._watch.is_alive():
            self._watch.start()

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodeready(self, node: WorkerController) -> None:
        self._silent_s[node] = 0

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node: WorkerController) -> None:
        self._silent_s[node] = 0
        self._collected.add(node)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._silent_s[report.node] = 0  # type: ignore[attr-defined]  # xdist's own

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController, error: object) -> None:
        if error is None:  # it has done its work
            del self._silent_s[node]
        elif error == INTERRUPTED:
            self._end_the_run(f"Worker {node.gateway.id} was interrupted{_while(self._test_of(node))}.", 2)
        else:
            first = self._first_down or node
            test = self._test_of(first)
            sentence = f"Worker {first.gateway.id} {self._how_it_died(first)}{_while(test)}."
            if test is not None:
                self._report(first, test, sentence)
            self._end_the_run(f"{sentence} The run ends here.", 1)

    def pytest_sessionfinish(self) -> None:
        self._is_over.set()

    # --- a death

    def _test_of(self, node: WorkerController) -> str | None:
        """The test that the worker had begun, or was about to begin."""
        scheduler = self._config.pluginmanager.getplugin("dsession").sched  # type: ignore[union-attr]
        for unit in scheduler.assigned_work.get(node, {}).values():
            for test, is_done in unit.items():
                if not is_done:
                    return test
        return None

    def _how_it_died(self, node: WorkerController) -> str:
        if self._was_silent:
            return f"said nothing for {self._silent_s[node]:.0f} s (stopped, or stuck) and was killed"
        process = _process(node)
        try:
            status = process.wait(CLOSED_AFTER_S)
        except subprocess.TimeoutExpired:
            return "no longer answers"
        if status < 0:
            return f"was killed by {signal.Signals(-status).name}"
        limit = self._config.getini("faulthandler_timeout")
        return f"ended with status {status} (see above: a crash, os._exit, or a test that took over {limit} s)"

    def _report(self, node: WorkerController, test: str, sentence: str) -> None:
        """As a failed test, for the summary and for whatever else reads reports."""
        file = test.partition("::")[0]
        report = pytest.TestReport(test, (file, None, file), {}, "failed", sentence, "call")
        report.node = node  # type: ignore[attr-defined]
        self._config.hook.pytest_runtest_logreport(report=report)

    def _end_the_run(self, reason: str, exit_code: int) -> NoReturn:
        self._is_over.set()
        end_marked(os.environ[MARK], *map(_process, self._silent_s))
        pytest.exit(reason, exit_code)

    # --- the watch, in a thread

    def _look_often(self) -> None:
        while not self._is_over.wait(TICK_S):
            for node in list(self._silent_s):
                self._look_at(node)

    def _look_at(self, node: WorkerController) -> None:
        self._silent_s[node] += TICK_S  # type: ignore[assignment]
        if _process(node).poll() is not None:
            self._gone_s[node] += TICK_S  # type: ignore[assignment]
            if self._gone_s[node] > CLOSED_AFTER_S:
                self._first_down = self._first_down or node
                end_marked(os.environ[MARK])
        elif 0 < self._limit_s < self._silent_s[node] and (node in self._collected or self._silent_s[node] > START_S):
            self._first_down, self._was_silent = node, True
            self._is_over.set()
            _process(node).kill()


def end_marked(token: str, *workers: subprocess.Popen[bytes]) -> None:
    """Kill all that was started with `token` in its environment, whoever is its parent now; elsewhere than on Linux,
    `workers` alone."""
    for worker in workers:
        worker.kill()
    mark = f"{MARK}={token}".encode()
    deadline = time.monotonic() + 10
    while sys.platform == "linux" and (marked := _marked(mark)) and time.monotonic() < deadline:
        for pid in marked:  # again and again: one may have been starting another
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        time.sleep(0.02)


def _marked(mark: bytes) -> list[int]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            environment = (folder / "environ").read_bytes()  # empty for those that have ended
        except OSError:
            continue
        if mark in environment.split(b"\0") and int(folder.name) != os.getpid():
            found.append(int(folder.name))
    return found


def _process(node: WorkerController) -> subprocess.Popen[bytes]:
    return node.gateway._io.popen  # type: ignore[attr-defined]  # execnet tells it nowhere else


def _while(test: str | None) -> str:
    return " while it ran no test" if test is None else f" while it ran {test.rpartition('@')[0] or test}"
