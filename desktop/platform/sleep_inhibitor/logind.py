"""Keeps a Linux computer awake: systemd's `systemd-inhibit` holds the inhibitor for as long as its child lives.

Its child is `cat`, which reads from a pipe of ours: it ends when the pipe's end here is closed, and the kernel closes
that however this program ends. A D-Bus call would need the same and a connection that is served meanwhile.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess

PROGRAM = "systemd-inhibit"
_END_LIMIT_S = 5.0
_REFUSAL_LIMIT_S = 0.2


class LogindInhibitor:
    def __init__(self, program: str = PROGRAM) -> None:
        self.problem = ""
        self._program = shutil.which(program)
        self._child: subprocess.Popen[bytes] | None = None
        if self._program is None:
            self.problem = f"The computer may fall asleep meanwhile, because {program} is not installed."

    def hold(self) -> None:
        if self._program is None or (self._child is not None and self._child.poll() is None):
            return
        self.release()
        command = [
            *(self._program, "--what=sleep:idle", "--mode=block", "--who=Lectern", "--why=A book is being narrated"),
            "cat",
        ]
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        except OSError as error:
            self.problem = f"The computer may fall asleep meanwhile, because {PROGRAM} failed ({error.strerror})."
            return
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_REFUSAL_LIMIT_S)
            self._note_refusal(self._child)

    def release(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        assert child.stdin is not None
        assert child.stderr is not None
        child.stdin.close()
        try:
            child.wait(_END_LIMIT_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        child.stderr.close()

    def _note_refusal(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stderr is not None
        words = child.stderr.read().decode(errors="replace").strip().splitlines()
        reason = words[-1].rstrip(".") if words else f"exit code {child.returncode}"
        self.problem = f"The computer may fall asleep meanwhile, because the system refused to stay awake ({reason})."
        self.release()
