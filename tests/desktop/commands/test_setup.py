"""`lectern setup`: the real command, at a terminal and without one, in a home of its own; what each answer does."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from waiting import LIMIT_S

import engine
from desktop.cli import run
from desktop.commands import setup
from desktop.common.errors import PyTorchError
from desktop.common.paths import APP_ID
from desktop.s1.pytorch_build import SuitableBuild

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a terminal of its own, and a desktop's menu")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DATA", "CONFIG", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    for name in ("HF_TOKEN", "LECTERN_CHECKPOINT"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return tmp_path


def entry(home: Path) -> Path:
    return home / "data" / "applications" / f"{APP_ID}.desktop"


def at_a_terminal(answers: str) -> tuple[int, str]:
    """The real command with a terminal for its input: its code, and what it said."""
    import pty

    ours, theirs = pty.openpty()
    try:
        os.write(ours, answers.encode())
        command = [sys.executable, "-P", "-m", "desktop", "setup", "--build", "cpu"]
        done = subprocess.run(
            command, stdin=theirs, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    return done.returncode, done.stderr


def test_what_is_refused_is_not_done_and_what_is_there_is_not_asked_for(home: Path) -> None:
    code, said = at_a_terminal("no\nn\n")
    assert (code, entry(home).exists()) == (0, False)
    assert "Put Lectern into the desktop's menu? [Y/n]" in said
    assert "Download S1 Mini (3.6 GB)? [Y/n]" in said
    code, said = at_a_terminal("what\n\nn\n")
    assert (code, entry(home).exists()) == (0, True)
    assert "Type y for yes" in said
    code, said = at_a_terminal("n\n")
    assert code == 0
    assert "Lectern is in the desktop's menu." in said
    assert "All is set up. Start Lectern: lectern" in said


def test_without_a_terminal_it_asks_nobody(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert run(["setup"]) == 2
    assert "lectern setup --yes" in capsys.readouterr().err
    assert list(home.iterdir()) == []


# --- PyTorch, and what comes after it


@pytest.fixture
def computer(home: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A computer without PyTorch: what its driver suits, what is called, and what fails, as a test sets it."""
    facts: dict[str, Any] = {"build": "cu128", "called": [], "raises": None, "home": home}

    def install(arguments: Any) -> int:
        facts["called"].append(arguments.build)
        if facts["raises"]:
            raise facts["raises"]
        return 0

    monkeypatch.setattr(setup, "suitable_build", lambda: SuitableBuild(facts["build"], "because"))
    monkeypatch.setattr(setup, "is_whole", lambda _build: False)
    monkeypatch.setattr(setup, "install_pytorch", install)
    return facts


@pytest.mark.parametrize(
    ("driver", "options", "installed"),
    [
        ("cu128", [], ["auto"]),
        ("cpu", [], []),
        ("cpu", ["--build", "cpu"], ["cpu"]),
        ("cpu", ["--build", "cu126"], ["cu126"]),
    ],
)
def test_pytorch_is_proposed_where_a_gpu_is_or_a_build_was_named(
    computer: dict[str, Any],
    capsys: pytest.CaptureFixture[str],
    driver: str,
    options: list[str],
    installed: list[str],
) -> None:
    computer["build"] = driver
    assert run(["setup", "--yes", *options]) == 0
    assert computer["called"] == installed
    said = capsys.readouterr().err
    assert ("the built-in voice is the better choice" in said) == (installed == [])
    assert ("waits for a login" in said) == bool(installed)


def test_a_step_that_fails_is_said_and_the_others_are_done(
    computer: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    computer["raises"] = PyTorchError("system_python")
    assert run(["setup", "--yes"]) == 2
    said = capsys.readouterr().err
    assert "closed to other packages" in said
    assert "run this again: lectern setup" in said
    assert entry(computer["home"]).exists()


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_licence_is_waited_for_then_downloaded_and_warmed_up(
    computer: dict[str, Any], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    refusals = [engine.HubError("licence_not_accepted"), engine.HubError("licence_not_accepted"), None]
    folders = [None, Path("/s1")]
    done: list[str] = []

    def check() -> None:
        if refusal := refusals.pop(0):
            raise refusal

    monkeypatch.setenv("HF_TOKEN", "hf_of_a_test")
    monkeypatch.setattr(setup.engine.weights, "check_licence", check)
    monkeypatch.setattr(setup, "find_checkpoint_for_command", lambda *_: folders.pop(0))
    monkeypatch.setattr(setup, "download", lambda *_: done.append("download"))
    monkeypatch.setattr(setup, "_warm_up", lambda *_: done.append("warm-up"))
    monkeypatch.setattr(sys, "stdin", _Terminal("n\ny\ny\n\ny\n"))  # menu, PyTorch, download, twice "is it accepted"
    assert run(["setup"]) == 0
    assert computer["called"] == ["auto"]
    assert done == ["download", "warm-up"]
    assert capsys.readouterr().err.count("Is it accepted now? [Y/n]") == 2
