"""Runs `lectern install-pytorch` as a process of its own, for the window: what it says, how far it is, how it ended."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass
from enum import StrEnum, auto

from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal

import engine
import engine.machine
from desktop.common.messages import Mend, Message

END_LIMIT_MS = 15_000
"""pip and uv tidy up when they are interrupted; then they are killed."""
COMMAND = ("-P", "-m", "desktop", "install-pytorch")
_PERCENT = re.compile(r"(\d+) %")
_PREFIX = "lectern: "
UNFORESEEN = "Installing PyTorch ended in a way that was not foreseen."


class InstallPhase(StrEnum):
    THERE = auto()  # PyTorch is installed, as far as can be seen without loading it
    WANTED = auto()  # it is not, or it does not load
    RUNNING = auto()
    STOPPING = auto()
    FAILED = auto()


@dataclass(frozen=True, slots=True)
class InstallView:
    """Describes the installation. While running: `line` is the installer's last, `percent` of what it downloads now,
    None where it does not say. `problem` is why it failed, or why what is there does not load."""

    phase: InstallPhase = InstallPhase.THERE
    line: str = ""
    percent: int | None = None
    problem: Message | None = None


class PyTorchInstall(QObject):
    """Starts it, cancels it, and blocks nowhere."""

    changed = Signal(object)
    """`InstallView`"""
    installed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.view = InstallView()
        self._errors = ""
        self._output = ""
        self._process = QProcess(self)
        self._process.readyReadStandardOutput.connect(self._read)
        self._process.readyReadStandardError.connect(self._read_errors)
        self._process.finished.connect(self._finish)
        self._process.errorOccurred.connect(self._take_error)
        self._killing = QTimer(self, singleShot=True, interval=END_LIMIT_MS)
        self._killing.timeout.connect(self._process.kill)

    def look(self, problem: Message | None = None) -> None:
        """See whether PyTorch is there; `problem` says why an engine could not load it."""
        if self.view.phase in (InstallPhase.THERE, InstallPhase.WANTED):
            is_wanted = problem is not None or not engine.machine.is_torch_installed()
            self._show(InstallView(InstallPhase.WANTED if is_wanted else InstallPhase.THERE, problem=problem))

    def install(self) -> None:
        """Start the installer, unless it runs already."""
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            return
        self._errors = self._output = ""
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("PYTHONIOENCODING", "utf-8")
        self._process.setProcessEnvironment(environment)
        self._show(InstallView(InstallPhase.RUNNING, "Looking which PyTorch suits this computer"))
        self._process.start(sys.executable, COMMAND)
        self._process.closeWriteChannel()

    def cancel(self) -> None:
        """Stop the installer. It may take seconds until all is tidied up."""
        if self.view.phase is not InstallPhase.RUNNING:
            return
        self._show(InstallView(InstallPhase.STOPPING, "Stopping"))
        self._end()
        self._killing.start()

    def close(self) -> None:
        """End it with the application, and wait for that."""
        if self._process.state() is QProcess.ProcessState.NotRunning:
            return
        self._process.finished.disconnect(self._finish)
        self._end()
        if not self._process.waitForFinished(END_LIMIT_MS):
            self._process.kill()
            self._process.waitForFinished(END_LIMIT_MS)

    def _end(self) -> None:
        if sys.platform == "win32":  # a console program gets no message there; its children must not stay behind
            command = ["taskkill", "/F", "/T", "/PID", str(self._process.processId())]
            subprocess.run(command, capture_output=True, check=False, creationflags=engine.machine.NO_CONSOLE)
        else:
            self._process.terminate()

    def _read(self) -> None:
        self._output += bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        *lines, self._output = self._output.split("\n")
        if lines and self.view.phase is InstallPhase.RUNNING:
            found = _PERCENT.search(lines[-1])
            self._show(InstallView(InstallPhase.RUNNING, lines[-1].strip(), int(found[1]) if found else None))

    def _read_errors(self) -> None:
        self._errors += bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")

    def _finish(self, code: int, status: QProcess.ExitStatus) -> None:
        self._killing.stop()
        is_good = code == 0 and status is QProcess.ExitStatus.NormalExit
        if is_good:
            self._show(InstallView(InstallPhase.THERE))
            self.installed.emit()
        elif self.view.phase is InstallPhase.STOPPING:
            self._show(InstallView(InstallPhase.WANTED))
        else:
            said = self._errors.strip().splitlines()
            self._fail(said[-1].removeprefix(_PREFIX) if said else UNFORESEEN)

    def _take_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:  # then `finished` does not come
            self._fail(f"PyTorch cannot be installed, because {sys.executable} does not start.")

    def _fail(self, words: str) -> None:
        self._show(InstallView(InstallPhase.FAILED, problem=Message(words, mend=Mend.TRY_AGAIN)))

    def _show(self, view: InstallView) -> None:
        if view != self.view:
            self.view = view
            self.changed.emit(view)
