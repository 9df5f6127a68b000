"""A run in which a worker dies: small runs of their own, with the hooks and the command line of `make test`."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 240.0  # for a small run on a busy machine; one that hangs never ends
FAULT_LIMIT_S = 20  # what a test may take where one hangs
FRAME = """
import ctypes, os, signal, subprocess, sys, time
from pathlib import Path

def leave_a_child():
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with Path("children").open("a") as children:
        children.write(f"{child.pid}\\n")
    child.returncode = 0  # or its end would be waited for

def wait_for_children(n):
    while Path("children").read_text().count("\\n") < n:
        time.sleep(0.01)
"""
GOES_ON = (
    FRAME
    + """
import pytest
@pytest.mark.parametrize("i", range(1000))
def test_that_goes_on(i):
    if i == 0:
        leave_a_child()
    time.sleep(1)
"""
)


def small_run(folder: Path, *options: str, **modules: str) -> subprocess.Popen[bytes]:
    """`make test`'s pytest in `folder`, over `modules` instead of this repository's tests, in two workers."""
    tests = folder / "tests"
    shutil.copytree(ROOT / "tests" / "offline", tests / "offline")
    for path in (ROOT / "tests").glob("*.py"):
        if not path.name.startswith("test_"):
            shutil.copy(path, tests)
    shutil.copy(ROOT / "pyproject.toml", folder)
    for name, source in modules.items():
        (tests / f"test_{name}.py").write_text(source, encoding="utf-8")
    command = re.search(r"-m (pytest\b.*)", _recipe("test"))
    assert command is not None
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    with (folder / "said").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", *shlex.split(command[1]), "-n", "2", *options],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
        )


def _recipe(target: str) -> str:
    shown = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, encoding="utf-8", check=True, timeout=60
    )
    return shown.stdout


def end_of(run: subprocess.Popen[bytes], folder: Path) -> str:
    """What the run said. It ends by itself, red, and nothing that it started is left."""
    try:
        assert run.wait(LIMIT_S) != 0
    finally:
        if run.poll() is None:
            run.kill()
    for line in (folder / "children").read_text().splitlines():
        wait_until(lambda pid=line: not Path(f"/proc/{pid}").exists(), "the test's child has ended", LIMIT_S)
    return (folder / "said").read_text(encoding="utf-8", errors="replace")


DEATHS = {
    "os._exit": ("os._exit(0)", "ended with status 0"),
    "SIGKILL": ("os.kill(os.getpid(), signal.SIGKILL)", "was killed by SIGKILL"),
    "a crash": ("ctypes.string_at(0)", "was killed by SIGSEGV"),
    "a fork that stays": (
        "import warnings; warnings.simplefilter('ignore'); os.fork() or time.sleep(1000); os._exit(3)",
        "ended with status 3",
    ),
    "a hang": ("time.sleep(1000)", "ended with status 1"),
    "a stop": ("os.kill(os.getpid(), signal.SIGSTOP)", "said nothing for "),
}


HANGS = ("a hang", "a stop")
LAST = "SIGKILL"  # how the last worker dies; it looks like a crash in every other


@pytest.mark.slow
@pytest.mark.parametrize("death", [death for death in DEATHS if death != LAST])
def test_a_worker_that_dies_ends_the_run_at_once(death: str, tmp_path: Path) -> None:
    options = ("-o", f"faulthandler_timeout={FAULT_LIMIT_S}") if death in HANGS else ()
    said = _run_that_dies(death, tmp_path, *options, n_children=2 if options else 3, goes_on=GOES_ON)
    assert "test_before" not in said, said


@pytest.mark.slow
def test_so_does_the_last_worker_with_work(tmp_path: Path) -> None:
    _run_that_dies(LAST, tmp_path, n_children=2, short="def test_short(): pass")


def _run_that_dies(death: str, folder: Path, *options: str, n_children: int, **others: str) -> str:
    code, how = DEATHS[death]
    lines = ("leave_a_child()", f"wait_for_children({n_children})", code)
    dies = f"{FRAME}\ndef test_before(): leave_a_child()\n\ndef test_that_dies():\n    " + "\n    ".join(lines)
    said = end_of(small_run(folder, *options, dies=dies, **others), folder)
    assert "FAILED tests/test_dies.py::test_that_dies" in said, said
    assert re.search(rf"Worker gw\d {re.escape(how)}.* while it ran tests/test_dies.py::test_that_dies\.", said), said
    return said
