"""A forked engine process is what a spawned one would be (tests/forked_engines.py)."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import forked_engines
import pytest
from waiting import LIMIT_S, wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="engine processes are forked on Linux only")


def tell(pipe: Any) -> None:
    """What a process has from the one that asks for it, and what has been loaded for it."""
    sys.stderr.write("heard\n")
    own = (forked_engines.VARIABLE, "LINES", "COLUMNS")  # the latter two readline's, which tells Python nothing of them
    variables = {name: value for name, value in os.environ.items() if name not in own}
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    pipe.send((Path.cwd(), variables, limits, blocked, tempfile.gettempdir(), sys.path, "torch" in sys.modules))


def end(how: Callable[[], object]) -> None:
    how()


def crash() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    sys.exit(3)


def told(folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, ...]:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=tell, args=(theirs,))
    with monkeypatch.context() as patch, ours:
        patch.chdir(folder)
        patch.setenv("LECTERN_TEST_VARIABLE", str(folder))
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        limits = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (limits[0] - 1, limits[1]))
        try:
            child.start()
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        said = ours.recv()
        child.join(LIMIT_S)
    assert child.exitcode == 0
    child.close()
    return said  # type: ignore[no-any-return]


def test_it_has_what_a_spawned_one_has_and_more_is_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    *forked, has_torch = told(tmp_path, monkeypatch)
    with monkeypatch.context() as patch:
        patch.delenv(forked_engines.VARIABLE)
        *spawned, spawned_has_torch = told(tmp_path, monkeypatch)
    assert forked == spawned
    assert (has_torch, spawned_has_torch) == (True, False)
    assert capfd.readouterr().err == "heard\nheard\n"


def test_where_a_python_would_be_begun_in_another_way_it_is_spawned(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    assert not told(tmp_path, monkeypatch)[-1]


@pytest.mark.parametrize(("how", "code"), [(leave, 3), (crash, -signal.SIGKILL)])
def test_how_it_ends_is_told(how: Callable[[], object], code: int) -> None:
    child = multiprocessing.get_context("spawn").Process(target=end, args=(how,))
    child.start()
    assert child.pid in forked_engines.children(os.getpid())
    child.join(LIMIT_S)
    assert child.exitcode == code
    assert child.pid not in forked_engines.children(os.getpid())
    child.close()


ASK = """
import multiprocessing, os, signal
from multiprocessing import reduction

if __name__ == "__main__":
    reduction.dump = lambda *_: None  # of what is to be done, nothing is said
    multiprocessing.get_context("spawn").Process(target=print).start()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_who_is_killed_while_it_asks_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "ask.py").write_text(ASK)
    with (tmp_path / "said").open("w+") as said:
        asked = subprocess.Popen([sys.executable, tmp_path / "ask.py"], stdout=said, stderr=said)
        assert asked.wait(LIMIT_S) == -signal.SIGKILL
        wait_until(lambda: not forked_engines.children(asked.pid), "the process has ended")
        said.seek(0)
        assert said.read() == ""
