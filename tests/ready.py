"""A Python that has loaded Lectern and waits: each command is a process that is forked from it.

What a command does is tested in a process of its own, with its own arguments, environment, folder, pipes, signals and
exit code, and what it costs to start Python and to load NumPy, PyAV, onnxruntime and, where it is wanted, PyTorch is
paid once. What is loaded when is tested elsewhere, with processes that begin with nothing, and so is what is read while
Python starts: each set of those variables has a Python of its own.

Run as a program, this file is that Python.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import io
import os
import pickle
import runpy
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from pkgutil import iter_modules
from subprocess import DEVNULL, PIPE, STDOUT, TimeoutExpired
from typing import Any

MODULES = (
    "av",
    "filelock",
    "httpcore2",
    "httpx2",
    "hibari",
    "numpy.random",
    "onnxruntime",
    "regex",
    "tqdm.auto",
    "yaml",
    "desktop.cli",
    "desktop.commands.download",
    "desktop.commands.narrate",
    "desktop.commands.say",
    "desktop.commands.voices",
    "engine.builtin.voice",
    "engine.builtin.neural.model",
    "engine.weights.client",
    "engine.weights.download",
)
S1_MODULES = (*MODULES, "torch", "engine.speech.s1_engine")
READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "OMP_", "CXX")
"""How names of variables begin that Python or a library reads when it is loaded."""
MAX_BYTES = 2**20  # of a request
N_STREAMS = 3
PID_BYTES = 16

_worked_s = 0.0


def worked_s() -> float:
    """Return the CPU seconds of all commands that ended: they are nobody's children here."""
    return _worked_s


def _add(seconds: float) -> None:
    global _worked_s
    _worked_s += seconds


class Ready:
    """Starts commands, each forked from a Python that was started when the first was asked for."""

    def __init__(self, modules: Iterable[str] = MODULES) -> None:
        self._modules = tuple(modules)
        self._pythons: dict[frozenset[tuple[str, str]], _Python] = {}

    def start(
        self,
        arguments: Iterable[str | bytes | os.PathLike[str]],
        folder: Path,
        environment: dict[str, str],
        streams: Sequence[int] = (PIPE,) * N_STREAMS,
    ) -> Command:
        """As `subprocess.Popen` with `python -m desktop` in a session of its own; `streams` are standard input, output
        and error, a descriptor or `PIPE` each."""
        key = frozenset((name, value) for name, value in environment.items() if name.startswith(READ_AT_START))
        if key not in self._pythons:
            self._pythons[key] = _Python(environment, self._modules)
        return self._pythons[key].start([*map(os.fsdecode, arguments)], folder, environment, streams)

    def close(self) -> None:
        for python in self._pythons.values():
            python.close()


class Command:
    """A command that runs, as `subprocess.Popen` has one, which can wait for its own children only.

    Its pipes and its process do not outlive a `with` block.
    """

    def __init__(self, pid: int, told: int, pipes: Sequence[Any]) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self.stdin, self.stdout, self.stderr = pipes
        self._told = told

    def __enter__(self) -> Command:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()
        self.wait()
        for pipe in filter(None, (self.stdin, self.stdout, self.stderr)):
            with suppress(BrokenPipeError):
                pipe.close()

    def poll(self) -> int | None:
        with suppress(TimeoutExpired):
            self.wait(0)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        if self.returncode is None:
            if not select.select([self._told], [], [], timeout)[0]:
                raise TimeoutExpired(["lectern"], timeout or 0.0)
            code, seconds = os.read(self._told, 64).split()
            os.close(self._told)
            self.returncode = int(code)
            _add(float(seconds))
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):  # it has ended, which is not told yet
                os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def communicate(self, data: bytes = b"", timeout: float | None = None) -> tuple[bytes, bytes]:
        """Give `data`, and return all that is said once it has ended; it is killed when that takes too long."""
        with ThreadPoolExecutor(N_STREAMS) as threads:
            threads.submit(_give, self.stdin, data)
            output, errors = (threads.submit(pipe.read) if pipe else None for pipe in (self.stdout, self.stderr))
            try:
                self.wait(timeout)
            finally:
                self.kill()
        return output.result() if output else b"", errors.result() if errors else b""


def _give(pipe: Any, data: bytes) -> None:
    if pipe is not None and not pipe.closed:
        with suppress(BrokenPipeError), pipe:
            pipe.write(data)


class _Python:
    def __init__(self, environment: dict[str, str], modules: tuple[str, ...]) -> None:
        self._asked, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, __file__, str(theirs.fileno()), *modules],
                pass_fds=[theirs.fileno()],
                env=environment,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
            )
        if not self._asked.recv(1):
            said, _ = self._process.communicate()
            raise RuntimeError(f"Lectern cannot be loaded:\n{said.decode()}")

    def start(self, arguments: list[str], folder: Path, environment: dict[str, str], streams: Sequence[int]) -> Command:
        ours, theirs, made = [], [], []
        for number, stream in enumerate(streams):
            if stream != PIPE:
                ours.append(None)
                theirs.append(stream)
                continue
            read, write = os.pipe()
            own, given = (write, read) if number == 0 else (read, write)
            ours.append(os.fdopen(own, "wb" if number == 0 else "rb"))
            theirs.append(given)
            made.append(given)
        told, tells = os.pipe()
        made.append(tells)
        try:
            request = pickle.dumps((arguments, str(folder), environment))
            socket.send_fds(self._asked, [request], [*theirs, tells])
        finally:
            for descriptor in made:
                os.close(descriptor)
        return Command(int(os.read(told, PID_BYTES)), told, ours)

    def close(self) -> None:
        self._asked.close()
        self._process.communicate()


def _wait_for_a_command(asked: socket.socket) -> None:
    """Return in a new process for each command that is asked for; its standard streams, folder and environment are as
    they were requested. What it left is told by a second process, whose child it is."""
    while True:
        request, streams, _, _ = socket.recv_fds(asked, MAX_BYTES, N_STREAMS + 1)
        if not request:
            sys.exit()
        if os.fork() == 0:
            break
        for descriptor in streams:
            os.close(descriptor)
    asked.close()
    told = streams.pop()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if pid := os.fork():
        for descriptor in (*streams, *range(N_STREAMS)):
            os.close(descriptor)
        os.write(told, b"%*d" % (PID_BYTES, pid))
        _, status, used = os.wait4(pid, 0)
        os.write(told, b" %d %f" % (os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime))
        os._exit(0)
    os.close(told)
    os.setsid()
    for number, descriptor in enumerate(streams):
        os.dup2(descriptor, number)
        os.close(descriptor)
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        old, is_terminal = getattr(sys, name), os.isatty(number)
        binary = open(number, "wb" if number else "rb", closefd=False)  # noqa: SIM115  (as Python has them)
        new = io.TextIOWrapper(binary, old.encoding, old.errors, line_buffering=is_terminal or name == "stderr")
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    arguments, folder, environment = pickle.loads(request)
    os.chdir(folder)
    sys.path[0] = folder  # as `python -m` has it
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    libc = ctypes.CDLL(None)
    if hasattr(libc, "on_exit"):  # C++'s destructors are left out once Python has ended: PyTorch's take 0.2 s each time
        libc.on_exit(libc._exit, None)
    sys.argv = ["lectern", *arguments]


def load(modules: Iterable[str]) -> None:
    """Load `modules`, and what takes half a second each when a language is told and when the natural voice speaks."""
    import engine.text.languages as languages

    for name in (*modules, *(f"{languages.__name__}.{one.name}" for one in iter_modules(languages.__path__))):
        importlib.import_module(name)
    from engine.builtin.neural.model import open_network
    from engine.text.classifier import probabilities

    probabilities("words")
    network = open_network()  # which is there as long as it is held
    assert len(os.listdir("/proc/self/task")) == 1, "a library began a thread, which a fork would not have"  # noqa: PTH208
    gc.collect()
    for one in gc.get_objects():  # never to be freed: a command that ends would copy each page of them for it
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(one))
    gc.freeze()
    assert network


def main() -> None:
    """Wait, and be the command that is asked for."""
    asked = socket.socket(fileno=int(sys.argv[1]))
    load(sys.argv[2:])
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who tells what a command left is not waited for
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    asked.send(b".")
    _wait_for_a_command(asked)
    runpy.run_module("desktop", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
