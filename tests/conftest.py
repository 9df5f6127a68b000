"""What holds for every test: a home of its own, no network, and GPU tests that say so when they cannot run."""

from __future__ import annotations

import os
import runpy
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

pytest_plugins = ["desktops"]

OFFLINE = Path(__file__).parent / "offline"
CUDA_SKIPS = pytest.StashKey[tuple[int, str]]()


def pytest_configure() -> None:
    """One thread for PyTorch, in children too: tiny tensors gain nothing from a second, which spins and, on a busy
    computer, waits for its turn at each of ten thousand steps (four times the time)."""
    os.environ["OMP_NUM_THREADS"] = "1"


@pytest.fixture(scope="session", autouse=True)
def private_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """HOME and the XDG folders in a temporary folder, and no way to the sound server of whoever runs the tests."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(home))
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


@pytest.fixture(autouse=True)
def nothing_leaves_this_machine(network_log: Path) -> Iterator[None]:
    yield
    if network_log.exists():
        attempts = network_log.read_text(encoding="utf-8")
        network_log.unlink()
        pytest.fail(f"this test tried to reach beyond this machine:\n{attempts}", pytrace=False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    cuda_items = [item for item in items if item.get_closest_marker("cuda")]
    reason = _why_no_cuda() if cuda_items else None
    if reason is None:
        return
    for item in cuda_items:
        item.add_marker(pytest.mark.skip(reason=reason))
    config.stash[CUDA_SKIPS] = (len(cuda_items), reason)


def _why_no_cuda() -> str | None:
    import torch  # late: 2 to 7 s, and most runs hold no cuda test

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch warns about an old driver where it also answers False
        if torch.cuda.is_available():
            return None
    if torch.version.cuda is None:
        return "this PyTorch was built without CUDA"
    return f"PyTorch for CUDA {torch.version.cuda} finds no GPU, or no driver that is new enough"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if CUDA_SKIPS in config.stash:
        count, reason = config.stash[CUDA_SKIPS]
        terminalreporter.section("no GPU", sep="!", yellow=True, bold=True)
        terminalreporter.line(f"cuda tests skipped: {count}, because {reason}.", yellow=True, bold=True)
