"""Finds this computer's NVIDIA GPUs by their driver's own program: no PyTorch, which the window's process never
imports. And what S1 Mini can do with them, in a sentence."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

from PySide6.QtCore import QObject, QProcess, QTimer, Signal

LIMIT_MS = 20_000
"""A driver that wakes its GPU takes seconds."""
END_LIMIT_MS = 1000
MIB = 2**20
GIB = 2**30
NEEDED_BYTES = 4 * GIB
"""What S1 Mini takes on a GPU, in whole GiB (docs/s1-mini.md)."""
SPARE_BYTES = GIB
"""What a desktop and a browser take there."""
QUERY = ("--query-gpu=name,memory.total", "--format=csv,noheader,nounits")


@dataclass(frozen=True, slots=True)
class Graphics:
    name: str
    memory_bytes: int


class GraphicsProbe(QObject):
    """Asks the driver's program once, and blocks nowhere."""

    found = Signal(object)
    """A tuple of `Graphics`, the one with the most memory first; empty where there is no driver that works."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.SeparateChannels)
        self._process.finished.connect(self._take)
        self._process.errorOccurred.connect(self._take_error)
        self._timer = QTimer(self, singleShot=True, interval=LIMIT_MS)
        self._timer.timeout.connect(self._process.kill)

    def ask(self) -> None:
        if self._process.state() is not QProcess.ProcessState.NotRunning:
            return
        program = shutil.which("nvidia-smi")
        if program is None:
            self.found.emit(())
            return
        self._process.start(program, QUERY)
        self._process.closeWriteChannel()
        self._timer.start()

    def close(self) -> None:
        """End the program; `found` is not emitted any more."""
        self._process.finished.disconnect(self._take)
        self._process.kill()
        self._process.waitForFinished(END_LIMIT_MS)

    def _take(self, code: int, status: QProcess.ExitStatus) -> None:
        self._timer.stop()
        said = bytes(self._process.readAllStandardOutput().data()).decode("utf-8", "replace")
        is_good = code == 0 and status is QProcess.ExitStatus.NormalExit
        self.found.emit(read_graphics(said) if is_good else ())

    def _take_error(self, error: QProcess.ProcessError) -> None:
        if error is QProcess.ProcessError.FailedToStart:  # then `finished` does not come
            self._timer.stop()
            self.found.emit(())


def read_graphics(said: str) -> tuple[Graphics, ...]:
    """Read lines like "NVIDIA GeForce RTX 3060, 12288" (MiB); those that are something else are left out."""
    found = []
    for line in said.splitlines():
        name, _, memory = line.rpartition(",")
        if name.strip() and memory.strip().isdecimal():
            found.append(Graphics(name.strip(), int(memory) * MIB))
    return tuple(sorted(found, key=lambda graphics: graphics.memory_bytes, reverse=True))


def what_it_can_do(found: tuple[Graphics, ...]) -> str:
    """Say to the person who is offered S1 Mini what these GPUs can do with it."""
    if not found:
        return "No NVIDIA GPU was found here; without one it speaks slower than real time on most computers."
    best = found[0]
    memory = f"{best.memory_bytes / GIB:.0f} GB"
    if best.memory_bytes < SPARE_BYTES + NEEDED_BYTES:
        if best.memory_bytes >= NEEDED_BYTES:
            return f"This computer's {best.name} with {memory} has just about room for it."
        return f"This computer's {best.name} has {memory} of memory, and about 4 GB are needed."
    return f"This computer's {best.name} with {memory} has room for it."
