"""Lectern where PyTorch is not installed, or does not load: what needs none works, and the rest says what to do.

Each command is a process of its own, in which torch, torchaudio and tiktoken are hidden. The window is the whole
application, its buttons are clicked, and the installer is a script of the test's.
"""

from __future__ import annotations

import json
import os
import shutil
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot

import engine
import engine.audio
import engine.machine
from desktop.app import App
from desktop.common.paths import settings_path
from desktop.common.state import EnginePhase
from desktop.platform.single_instance import SingleInstance
from desktop.s1.pytorch_install import InstallPhase

TESTS = Path(__file__).parents[1]
TINY = TESTS / "golden" / "tiny_s1" / "checkpoint"
COMMAND = "lectern install-pytorch"
LIMIT_MS = 60_000
START_LIMIT_MS = 240_000
NO_INDEX = "http://127.0.0.1:1"


@pytest.fixture
def bare(lectern: Any) -> Any:
    """`lectern` on a computer without PyTorch."""
    lectern.environment["PYTHONPATH"] = os.pathsep.join([str(TESTS / "without_torch"), os.environ["PYTHONPATH"]])
    lectern.environment["LECTERN_PYTORCH_INDEX"] = NO_INDEX
    return lectern


def test_the_blocker_blocks(bare: Any) -> None:
    done = bare("doctor")
    assert b"--  PyTorch: not installed; only S1 Mini needs it" in done.stdout
    assert f"Install PyTorch: {COMMAND}".encode() in done.stdout
    assert b"ok  built-in voice" in done.stdout
    assert b"ok  resampling" in done.stdout
    assert (done.returncode, done.stderr) == (0, b"")


def write_book(folder: Path) -> None:
    (folder / "book.txt").write_text("Chapter 1\n\nIt was late. Nobody spoke.\n")


@pytest.mark.parametrize(
    "words",
    [
        "say Hello. -o a.wav",
        "say Hello. -o a.opus --voice built-in/f2",
        f"say Hello. -o a.mp3 --checkpoint {TINY} --voice built-in",
        "narrate book.txt --dry-run",
        "narrate book.txt -o book.m4b",
        "voices list",
        "dictionary list",
        "dictionary add Nguyen win",
        f"checkpoint verify {TINY}",
        "--help",
        "status --help",
        "install-desktop",
    ],
)
def test_what_needs_none_works(bare: Any, words: str) -> None:
    write_book(bare.folder)
    done = bare(*words.split())
    assert b"Traceback" not in done.stderr
    assert done.returncode == 0, done.stderr


def test_a_checkpoint_that_was_found_gives_way_to_the_built_in_voice(bare: Any) -> None:
    bare.environment["LECTERN_CHECKPOINT"] = str(TINY)
    done = bare("say", "Hello.", "-o", "a.wav")
    assert done.returncode == 0, done.stderr
    assert b"Speaking with the built-in voice, because PyTorch, which S1 Mini needs, is not here" in done.stderr
    assert COMMAND.encode() in done.stderr
    assert engine.audio.read_audio(bare.folder / "a.wav").size > 10_000


@pytest.mark.parametrize(
    "words",
    [
        f"say Hello. -o a.wav --checkpoint {TINY}",
        f"say Hello. -o a.wav --checkpoint {TINY} --device cpu",
        f"narrate book.txt --checkpoint {TINY} --device cpu",
        f"codec encode sound.wav codes.npy --checkpoint {TINY}",
        f"codec decode codes.npy sound2.wav --checkpoint {TINY}",
        "bench",
        f"voices gallery -o takes --checkpoint {TINY}",
        f"serve --listen 127.0.0.1:0 --checkpoint {TINY}",
    ],
)
def test_who_asks_for_s1_mini_is_told_the_one_command(bare: Any, words: str) -> None:
    write_book(bare.folder)
    np.save(bare.folder / "codes.npy", np.zeros((10, 4), np.int64))
    with engine.audio.AudioWriter(bare.folder / "sound.wav") as writer:
        writer.write(np.zeros(44_100, np.float32))
    done = bare(*words.split())
    assert done.returncode == 2, done.stderr
    assert b"S1 Mini needs PyTorch, and torch is not installed." in done.stderr
    assert COMMAND.encode() in done.stderr
    assert b"Traceback" not in done.stderr
    assert "a.wav" not in bare.files()


def test_a_voice_of_s1_mini_is_kept_and_told(bare: Any) -> None:
    bare.environment["LECTERN_CHECKPOINT"] = str(TINY)
    tone = 0.3 * np.sin(2 * np.pi * 200 * np.arange(12 * 44_100) / 44_100).astype(np.float32)
    with engine.audio.AudioWriter(bare.folder / "anna.wav") as writer:
        writer.write(tone)
    added = bare("voices", "add", "Anna", "anna.wav", "--text", "Early in the morning the harbour was still quiet.")
    assert added.returncode == 0, added.stderr
    assert COMMAND.encode() in added.stderr
    assert b"Anna" in bare("voices", "list").stdout
    said = bare("say", "Hello.", "-o", "a.wav", "--voice", "Anna")
    assert said.returncode == 2
    assert COMMAND.encode() in said.stderr


@pytest.mark.parametrize("command", ["serve", "webui"])
def test_other_programs_are_answered(bare: Any, command: str) -> None:
    bare.environment["BROWSER"] = "true"
    bare.environment["LECTERN_CHECKPOINT"] = str(TINY)
    with bare.start(command, "--listen", "127.0.0.1:0") as process:
        lines = []
        while b" answers at " not in (line := process.stderr.readline()):
            assert line, lines
            lines.append(line)
        address = line.split(b" answers at ")[1].split()[0].decode().rstrip("/")
        request = urllib.request.Request(
            f"{address}/v1/tts", json.dumps({"text": "Hello."}).encode(), {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            assert answer.read().startswith(b"RIFF")


# --- a PyTorch that does not load


BROKEN = (
    ("raise ImportError('undefined symbol: torch_exception_get_what_without_backtrace')", "undefined symbol"),
    ("raise OSError('libtorch_cpu.so: cannot open shared object file')", "libtorch_cpu.so"),
    ("", "has no attribute '__version__'"),  # what an interrupted removal leaves
    ("import os; os.kill(os.getpid(), 11)", "crashes when it is loaded"),
)


def test_a_broken_pytorch_is_told_by_the_doctor(lectern: Any) -> None:
    """All of them come from one Python that has none yet."""
    torch = lectern.folder / "broken" / "torch"
    torch.mkdir(parents=True)
    lectern.environment["PYTHONPATH"] = os.pathsep.join([str(torch.parent), os.environ["PYTHONPATH"]])
    for body, said in BROKEN:
        (torch / "__init__.py").write_text(body)
        done = lectern("doctor")
        lines = done.stdout.decode().splitlines()
        (line,) = [line for line in lines if line.startswith("--  PyTorch: ")]
        assert said in line
        assert f"      Install PyTorch: {COMMAND}" in lines
        assert (done.returncode, done.stderr) == (0, b"")
        if "os.kill" not in body:
            spoken = lectern("say", "Hello.", "-o", "a.wav", "--checkpoint", str(TINY), "--device", "cpu")
            assert spoken.returncode == 2
            assert b"what is installed does not load" in spoken.stderr
            assert COMMAND.encode() in spoken.stderr


def test_a_torchaudio_that_does_not_load_disturbs_nobody(lectern: Any) -> None:
    """It did once: nothing could be resampled. Nothing imports it now."""
    (lectern.folder / "broken" / "torchaudio").mkdir(parents=True)
    (lectern.folder / "broken" / "torchaudio" / "__init__.py").write_text("raise OSError('undefined symbol')")
    lectern.environment["PYTHONPATH"] = os.pathsep.join([str(lectern.folder / "broken"), os.environ["PYTHONPATH"]])
    with engine.audio.AudioWriter(lectern.folder / "sound.opus") as writer:  # 48 kHz
        writer.write((0.1 * np.sin(np.arange(44_100) / 20)).astype(np.float32))
    done = lectern.anew("codec", "encode", "sound.opus", "codes.npy", "--checkpoint", TINY)
    assert done.returncode == 0, done.stderr
    assert np.load(lectern.folder / "codes.npy").shape[1] >= 21


# --- the window


INSTALLER = """
if [ -e "{folder}/fail" ]; then echo "error: No space left on device (os error 28)" >&2; exit 1; fi
trap 'touch "{folder}/tidied"; exit 130' INT
echo "Downloading torch (750.0MiB)"; echo "Downloading triton (250.0MiB)"; echo " Downloaded torch"
while [ ! -e "{folder}/go" ]; do sleep 0.05; done
touch "{folder}/came"
"""


class Window:
    """The application, whose windows are looked at and clicked."""

    def __init__(self, app: App, folder: Path, qtbot: QtBot) -> None:
        self.app, self.folder, self._qtbot = app, folder, qtbot
        self.dialog, self.panel = app.s1.dialog, app.s1.dialog.pytorch

    def until(self, what: str, is_so: Any, limit_ms: int = LIMIT_MS) -> None:
        self._qtbot.waitUntil(is_so, timeout=limit_ms)
        assert is_so(), what

    def until_phase(self, phase: InstallPhase) -> None:
        self.until(phase, lambda: self.app.s1.pytorch.view.phase is phase, START_LIMIT_MS)

    def click(self, words: str, inside: QWidget) -> None:
        """As a mouse does, where the button is."""
        buttons = inside.findChildren(QAbstractButton)
        (button,) = [b for b in buttons if b.isVisible() and b.text().replace("&", "") == words]
        assert button.isEnabled(), words
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    @property
    def engine(self) -> EnginePhase:
        return self.app.controller.state.engine.phase


@pytest.fixture
def window(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, qtbot: QtBot) -> Iterator[Window]:
    """Started on a computer without PyTorch, with S1 Mini's files in the folder that was chosen."""
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    came = tmp_path / "came"
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\n{INSTALLER.format(folder=tmp_path)}")
    uv.chmod(0o755)
    files = shutil.copytree(TINY, tmp_path / "files")
    monkeypatch.setenv("LECTERN_UV", str(uv))
    monkeypatch.setenv("LECTERN_PYTORCH_INDEX", NO_INDEX)
    monkeypatch.setenv("LECTERN_TEST_TORCH_CAME", str(came))
    monkeypatch.setenv("PYTHONPATH", str(TESTS / "without_torch"), prepend=os.pathsep)
    monkeypatch.setattr(engine.machine, "is_torch_installed", came.exists)  # here, where other tests have loaded it
    settings_path().parent.mkdir(parents=True)
    settings = {"version": 1, "device": "cpu", "checkpoint_folder": str(files), "load_at_start": True}
    settings_path().write_text(json.dumps(settings))
    instance = SingleInstance()
    assert instance.claim()
    app = App(instance, is_background=False)
    yield Window(app, tmp_path, qtbot)
    app.shut_down()


@pytest.mark.slow
def test_a_press_brings_pytorch_and_s1_mini(window: Window) -> None:
    app, panel = window.app, window.panel
    window.until("S1 Mini fails", lambda: window.engine is EnginePhase.FAILED, START_LIMIT_MS)
    window.until("it is told", lambda: "needs PyTorch" in app.window.notices.problem.accessibleName())
    window.click("Get S1 Mini…", app.window.notices.problem)
    window.until("the window is there", window.dialog.isVisible)
    assert panel.isVisible()
    assert "needs PyTorch" in panel.title.text()
    assert COMMAND in panel.line.text()

    (window.folder / "fail").touch()
    window.click("Install PyTorch", panel)
    window.until_phase(InstallPhase.FAILED)
    assert "the disk is full" in panel.line.text()

    (window.folder / "fail").unlink()
    window.click("Install PyTorch again", panel)
    window.until("its progress is seen", lambda: panel.bar.isVisible() and panel.bar.value() == 75)
    assert panel.line.text() == "Downloaded torch: 75 %"
    window.click("Stop installing", panel)
    window.until_phase(InstallPhase.WANTED)
    assert (window.folder / "tidied").exists()
    assert window.engine is EnginePhase.FAILED

    window.click("Install PyTorch", panel)
    window.until_phase(InstallPhase.RUNNING)
    window.dialog.close()  # it goes on
    (window.folder / "go").touch()
    window.until("S1 Mini is loaded, without a restart", lambda: window.engine is EnginePhase.READY, START_LIMIT_MS)
    assert not panel.isVisibleTo(window.dialog)
    assert not app.window.notices.problem.isVisible()


@pytest.mark.slow
def test_quitting_ends_the_installer(window: Window) -> None:
    window.app.show_login()
    window.until("the panel is there", window.panel.isVisible)
    window.click("Install PyTorch", window.panel)
    window.until("it runs", lambda: window.panel.bar.value() == 75)
    window.app.s1.pytorch.close()
    assert (window.folder / "tidied").exists()
