"""Where a run's CPU time goes: `pytest --cpu 30` lists, when it ends, the 30 tests and files that took most of it.

A pytest plugin (named in tests/conftest.py). Counted are a worker's own seconds and those of its children, of commands
(tests/ready.py) and of engine processes (tests/forked_engines.py) that ended during the test, fixtures included; the
clock would tell of waiting, which costs nothing here. What a worker takes beside its tests (imports, collection)
stands below.
"""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import ready

if TYPE_CHECKING:
    from xdist.workermanage import WorkerController

BESIDE = "beside the tests"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--cpu", type=int, default=0, metavar="N", help="list the N tests with most CPU seconds")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--cpu"):
        config.pluginmanager.register(CPUSeconds(), "lectern-cpu-seconds")


class CPUSeconds:
    """Counts in each worker, and adds up where the run is led from."""

    def __init__(self) -> None:
        self._seconds: Counter[str] = Counter()
        self._n_processes = 0

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        before = _used_s()
        try:
            return (yield)
        finally:
            self._seconds[item.nodeid.partition("@")[0]] += _used_s() - before  # type: ignore[assignment]

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if (output := getattr(session.config, "workeroutput", None)) is not None:
            output["cpu"] = {**self._seconds, BESIDE: _used_s() - self._seconds.total()}

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: WorkerController) -> None:
        self._seconds.update(getattr(node, "workeroutput", {}).get("cpu", {}))
        self._n_processes += 1

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        n_shown = config.getoption("--cpu")
        beside = self._seconds.pop(BESIDE, 0)
        files: Counter[str] = Counter()
        for test, seconds in self._seconds.items():
            files[test.partition("::")[0]] += seconds  # type: ignore[assignment]
        terminalreporter.section(f"{self._seconds.total():.0f} CPU seconds")
        for counted in (self._seconds, files):
            for name, seconds in counted.most_common(n_shown):
                terminalreporter.line(f"{seconds:8.1f} s  {name}")
            terminalreporter.line("")
        if self._n_processes:
            terminalreporter.line(f"{beside:8.1f} s  {BESIDE}, in {self._n_processes} workers")


def _used_s() -> float:
    times = os.times()
    own_s = times.user + times.system + times.children_user + times.children_system
    forked = sys.modules.get("forked_engines")  # which Linux alone has
    return own_s + ready.worked_s() + (forked.worked_s() if forked else 0.0)
