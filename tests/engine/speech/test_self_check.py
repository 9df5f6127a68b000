"""What S1 Mini needs of this computer, checked in a process of its own: what works, what is not there, what hangs."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from waiting import wait_until

from engine import TorchError
from engine.machine import TorchReport, torch_check
from engine.machine.torch_check import is_torch_installed, require_torch
from engine.speech.self_check import PARTS, PartCheck, check_s1_parts


def parts(cache_folder: Path, limit_s: float = 280) -> dict[str, str]:
    """The problem of each part that was checked."""
    found = check_s1_parts(cache_folder, limit_s)
    return {check.part: check.problem for check in found if isinstance(check, PartCheck)}


def put_torch(folder: Path, body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another PyTorch, before the one that is here."""
    (folder / "torch").mkdir()
    (folder / "torch" / "__init__.py").write_text(body)
    monkeypatch.setenv("PYTHONPATH", str(folder), prepend=os.pathsep)


@pytest.mark.slow
def test_all_parts_are_loaded_and_used(tmp_path: Path) -> None:
    found = list(check_s1_parts(tmp_path, 280))
    assert [check for check in found if isinstance(check, PartCheck)] == [PartCheck(part) for part in PARTS]
    (report,) = [report for report in found if isinstance(report, TorchReport)]
    assert report.version.startswith("2.")
    assert sorted(path.name.split("-")[0] for path in tmp_path.iterdir()) == ["codec", "stack"]  # compiled, and kept


@pytest.mark.slow
def test_without_a_compiler_only_the_kernels_are_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert parts(tmp_path) == {"torch": "", "codec": "", "kernels": "no_compiler"}


@pytest.mark.slow
def test_a_compiler_that_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    compiler = tmp_path / "c++"
    compiler.write_text("#!/bin/sh\necho 'error: unknown value for -march' >&2; exit 1\n")
    compiler.chmod(0o755)
    monkeypatch.setenv("CXX", str(compiler))
    (kernels,) = [check for check in check_s1_parts(tmp_path, 280) if getattr(check, "part", "") == "kernels"]
    assert kernels == PartCheck("kernels", "compiler_failed", "error: unknown value for -march")


def test_one_that_hangs_is_ended_in_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_torch(tmp_path, "import time\ntime.sleep(600)", monkeypatch)
    start = time.monotonic()
    assert parts(tmp_path, limit_s=2) == {"torch": "late"}
    assert time.monotonic() - start < 60


def test_one_that_crashes_ends_only_its_own_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put_torch(tmp_path, "import os\nos.abort()", monkeypatch)
    assert parts(tmp_path) == {"torch": "crashed"}


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "missing"),
        (ModuleNotFoundError("No module named 'sympy'", name="sympy"), "broken"),  # one that it needs
        (ImportError("undefined symbol: torch_exception_get_what_without_backtrace"), "broken"),
        (OSError("libtorch.so: cannot open shared object file"), "broken"),
        (SyntaxError("invalid syntax"), "broken"),
    ],
)
def test_each_way_not_to_load_is_typed(monkeypatch: pytest.MonkeyPatch, error: Exception, problem: str) -> None:
    def fail(_: str) -> None:
        raise error

    monkeypatch.setattr(torch_check.importlib, "import_module", fail)
    with pytest.raises(TorchError) as caught:
        require_torch()
    assert (caught.value.problem, caught.value.package) == (problem, "torch")


def test_what_is_installed_is_told_without_loading_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_torch_installed()
    monkeypatch.setattr(torch_check.importlib.util, "find_spec", lambda name: None if name == "tiktoken" else name)
    assert not is_torch_installed()


def test_it_ends_with_whoever_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The doctor's window is closed: its process is killed in the middle of a check."""
    told = f"pathlib.Path({str(tmp_path / 'pid')!r}).write_text(str(os.getpid()))"
    put_torch(tmp_path, f"import os, pathlib, time\n{told}\ntime.sleep(600)", monkeypatch)
    ask = f"list(check_s1_parts(Path({str(tmp_path)!r})))"
    code = f"from pathlib import Path\nfrom engine.speech.self_check import check_s1_parts\n{ask}"
    with subprocess.Popen([sys.executable, "-c", code]) as owner:
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "", "the check runs", 120)
        owner.kill()
    pid = int((tmp_path / "pid").read_text())
    wait_until(lambda: not is_running(pid), "the check is over", 60)


def is_running(pid: int) -> bool:
    """Whether a process is there that is more than a number somebody has not asked for yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
