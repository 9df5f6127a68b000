"""What holds for every test: a home of its own, no network, and GPU tests that say so when they cannot run."""

from __future__ import annotations

import functools
import gc
import locale
import os
import runpy
import shutil
import signal
import sys
import tempfile
import warnings
from collections.abc import Generator, Iterator
from itertools import accumulate
from operator import itemgetter
from pathlib import Path
from types import ModuleType

import pytest
from disturbance import OVERLOADED

from desktop.application.garbage import collect_garbage

pytest_plugins = ["cpu_seconds", "desktops", "qt_messages", "workers"]

REAL = Path(__file__).parent / "real"
OFFLINE = Path(__file__).parent / "offline"
COMPILE_ONCE = Path(__file__).parent / "compile_once"
COMPILED = Path(__file__).parents[1] / "build" / "tests-compiled"
SLOW_LENGTH = 40
"""Of a test that is marked so, beside one that is not."""
COMPILERS = ("c++", "g++", "clang++")  # as engine/s1/native/build.py looks for them, which few tests need to load


def pytest_configure() -> None:
    """One thread for PyTorch, in children too: tiny tensors gain nothing from a second, which spins and, on a busy
    computer, waits for its turn at each of ten thousand steps (four times the time). Bytecode is kept, whatever the
    environment says: each of a thousand processes would compile all that it imports. In a locale without UTF-8
    (LC_ALL=C) Qt would warn in each test that it takes another. And Ctrl+C ends things."""
    if locale.getencoding().upper() != "UTF-8":
        os.environ["LC_ALL"] = "C.UTF-8"
    os.environ["OMP_NUM_THREADS"] = "1"
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # in a shell's background; children would ignore it too
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # under nohup; a child gets the default in place of a handler
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


@pytest.fixture(scope="session", autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """HOME, the XDG folders and, on Windows, those of the user's data in a temporary folder, and no way to the sound
    server of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE", "WIN_PD_OVERRIDE_LOCAL_APPDATA", "WIN_PD_OVERRIDE_APPDATA"):
            patch.setenv(name, str(home))
        for name in ("config", "data", "state", "cache"):
            patch.setenv(f"XDG_{name.upper()}_HOME", str(home / name))
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        patch.setenv("XDG_RUNTIME_DIR", str(runtime))
        for name in ("PULSE_SERVER", "PULSE_RUNTIME_PATH", "PULSE_COOKIE"):
            patch.delenv(name, raising=False)
        # hides, in children, what goes wrong when a buffered standard output is flushed
        patch.delenv("PYTHONUNBUFFERED", raising=False)
        yield home


@pytest.fixture(scope="session", autouse=True)
def network_log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The file that holds each attempt to reach beyond this machine; see tests/offline/sitecustomize.py."""
    log = tmp_path_factory.mktemp("network") / "attempts"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LECTERN_TEST_NETWORK_LOG", str(log))
        patch.setenv("PYTHONPATH", str(OFFLINE), prepend=os.pathsep)
        runpy.run_path(str(OFFLINE / "sitecustomize.py"))
        yield log


@pytest.fixture(scope="session", autouse=True)
def compiled_once() -> Iterator[None]:
    """The kernels for the CPU are compiled once, for all workers, homes and runs: 13 s each time. See compile_once."""
    compiler = next(filter(None, map(shutil.which, (os.environ.get("CXX", ""), *COMPILERS))), None)
    if compiler is None or sys.platform != "linux":
        yield  # what needs a compiler will say so
        return
    COMPILED.mkdir(parents=True, exist_ok=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CXX", str(COMPILE_ONCE))
        patch.setenv("LECTERN_TEST_COMPILER", compiler)
        patch.setenv("LECTERN_TEST_COMPILED", str(COMPILED))
        yield


@pytest.fixture(scope="session", autouse=True)
def engines_are_forked(private_home: Path, network_log: Path, compiled_once: None) -> Iterator[None]:  # noqa: ARG001
    """Engine processes begin with what they need already loaded; see tests/forked_engines.py."""
    if sys.platform != "linux":
        yield
        return
    from forked_engines import forked_engines  # late: it cannot be loaded everywhere

    folder = Path(tempfile.mkdtemp(prefix="forked-"))  # with a short name: there is a socket in it
    with forked_engines(folder):
        yield
    shutil.rmtree(folder)


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(network_log: Path) -> Iterator[None]:
    yield
    if network_log.exists():
        attempts = network_log.read_text(encoding="utf-8")
        network_log.unlink()
        pytest.fail(f"this test tried to reach beyond this machine:\n{attempts}", pytrace=False)


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks for the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    cuda_items = [item for item in items if item.get_closest_marker("cuda")]
    reason = _why_no_cuda() if cuda_items else None
    if reason is not None:
        for item in cuda_items:
            item.add_marker(pytest.mark.skip(reason=reason))
    for item in items:
        if _is_real(item):
            item.add_marker("real")
    _share_out(items)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(obj: object) -> list[pytest.Item] | None:
    """A module that a test file imports late is no test: pytest would load it to see whether it is a class."""
    return [] if issubclass(type(obj), ModuleType) else None


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """What is found and imported stays to the end, half a million objects: garbage is not looked for among them, now
    or in any test, where it would take half a second each time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol() -> Generator[None, bool, bool]:
    """Circles of Python objects end in this thread, as in the application: left to Python they end in whatever thread
    allocates, and with them QObjects of tests that were over long ago (seen: Qt's warnings, a crash)."""
    try:
        return (yield)
    finally:
        collect_garbage()


def _share_out(items: list[pytest.Item]) -> None:
    """For pytest-xdist: a file stays in one process, which makes its fixtures once. Of those with real programs, which
    wait more than they compute, each test goes wherever there is room, as its fixtures are its own; all along they have
    their share, so that something is computed while they wait. What takes long is begun first, so that none of it is
    left over when there is nothing more to do beside it."""
    units: dict[str, list[pytest.Item]] = {}
    for number, item in enumerate(items):
        marker = item.get_closest_marker("xdist_group")
        if marker is None:
            marker = pytest.mark.xdist_group(f"real {number}" if _is_real(item) else str(item.path))
            item.add_marker(marker)
        units.setdefault(marker.args[0], []).append(item)
    placed: list[tuple[float, list[pytest.Item]]] = []
    for is_real in (True, False):
        kind = _mixed([unit for unit in units.values() if _is_real(unit[0]) == is_real])
        kind.sort(key=_length, reverse=True)
        lengths = list(map(_length, kind))
        placed += zip((end / sum(lengths) for end in accumulate(lengths)), kind, strict=True)
    items[:] = [item for _, unit in sorted(placed, key=itemgetter(0)) for item in unit]


def _mixed(units: list[list[pytest.Item]]) -> list[list[pytest.Item]]:
    """Those of each file all along, not one after the other: a file's tests are alike, and either all wait, so that
    nothing is computed beside them, or all compute."""
    files: dict[Path, list[list[pytest.Item]]] = {}
    for unit in units:
        files.setdefault(unit[0].path, []).append(unit)
    placed = [((number + 0.5) / len(file), unit) for file in files.values() for number, unit in enumerate(file)]
    return [unit for _, unit in sorted(placed, key=itemgetter(0))]


def _length(unit: list[pytest.Item]) -> int:
    """About how long it takes, in tests that are not slow."""
    return sum(SLOW_LENGTH if item.get_closest_marker("slow") else 1 for item in unit)


def _is_real(item: pytest.Item) -> bool:
    return _is_below_real(item.path)


@functools.cache
def _is_below_real(path: Path) -> bool:
    return REAL in path.parents


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished(ids: list[str]) -> None:
    """Else every process makes every file's fixtures, and the run takes as long again."""
    if not all("@" in id_ for id_ in ids):
        pytest.exit("The tests of a file would not stay in one process. Run `make test`, or without -n.", returncode=4)


def _why_no_cuda() -> str | None:
    import torch  # late: 2 to 7 s, and most runs hold no cuda test

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns about an old driver where it also answers False
        if torch.cuda.is_available():
            return None
    if torch.version.cuda is None:
        return "this PyTorch was built without CUDA"
    return f"PyTorch for CUDA {torch.version.cuda} finds no GPU, or no driver that is new enough"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = terminalreporter.stats.get("skipped", [])
    overloaded = [report for report in reports if OVERLOADED in str(report.longrepr)]
    if overloaded:
        terminalreporter.section("too busy", sep="!", yellow=True, bold=True)
        names = "\n".join(report.nodeid.partition("@")[0] for report in overloaded)
        terminalreporter.line(f"Skipped: {OVERLOADED}:\n{names}", yellow=True, bold=True)
    skipped = [report for report in reports if "cuda" in report.keywords]
    if skipped:
        reason = skipped[0].longrepr[2].removeprefix("Skipped: ")
        terminalreporter.section("no GPU", sep="!", yellow=True, bold=True)
        terminalreporter.line(f"cuda tests skipped: {len(skipped)}, because {reason}.", yellow=True, bold=True)
