"""Engine processes, each forked from a Python that has loaded what engines need: a new one takes a second to do so.

`tests/offline/sitecustomize.py` has every Python of the tests ask here for what `multiprocessing` would spawn. It gets
its standard streams, folder, environment, limits and blocked signals from where it is asked for. Where a Python would
be begun in another way than the one here was, it is spawned.

Run as a program, this file is that Python. It loads nothing before it is first asked.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from multiprocessing import forkserver, popen_fork, popen_forkserver, resource_tracker, spawn, util
from multiprocessing.context import reduction, set_spawning_popen  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any

VARIABLE = "LECTERN_TEST_FORKED_ENGINES"
"""Names the folder of the Python that forks; without it processes are spawned."""
MODULES = (
    *("torch", "onnxruntime", "numpy.fft", "numpy.ma", "numpy.random", "regex", "espeakng_loader"),
    *("engine.host.child", "engine.host.work", "engine.alignment", "engine.speech.entry", "engine.speech.s1_engine"),
    *("engine.builtin.entry", "engine.builtin.example", "engine.builtin.voice", "engine.builtin.neural.model"),
)
READ_AT_START = ("PYTHON", "LD_", "LC_", "LANG", "OMP_", "MKL_")
LIMITS = ("NOFILE", "FSIZE", "AS", "DATA", "CPU", "NPROC", "CORE")
MAX_BYTES = 2**20  # of a request
N_STREAMS = 3


class _ForkedPopen(popen_forkserver.Popen):
    """Of a process that is another's child: what it left is told through a pipe."""

    method = "spawn"

    def _launch(self, process_obj: Any) -> None:
        import resource

        folder, data = Path(os.environ[VARIABLE]), io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump(spawn.get_preparation_data(process_obj._name), data)
            reduction.dump(process_obj, data)
        finally:
            set_spawning_popen(None)
        limits = {name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in LIMITS}
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        request = pickle.dumps((str(Path.cwd()), dict(os.environ), limits, blocked))
        self.sentinel, tells = os.pipe()
        reads, writes = os.pipe()
        self.finalizer = util.Finalize(self, util.close_fds, (self.sentinel, writes))  # type: ignore[attr-defined]
        given = [tells, reads, resource_tracker.getfd(), *range(N_STREAMS), *self._fds]  # type: ignore[attr-defined]
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asked:
                asked.connect(str(folder / "asked"))
                socket.send_fds(asked, [request], given)
        finally:
            os.close(tells)
            os.close(reads)
        self.pid = forkserver.read_signed(self.sentinel)  # type: ignore[attr-defined]
        (folder / f"{os.getpid()}.{self.pid}").touch()
        with open(writes, "wb", closefd=False) as pipe:
            pipe.write(data.getbuffer())


def replace_spawning(module: Any) -> None:
    """`module` is Python's `multiprocessing.popen_spawn_posix`."""
    spawned = module.Popen

    def start(process_obj: Any) -> popen_fork.Popen:
        return _ForkedPopen(process_obj) if _is_served() else spawned(process_obj)

    module.Popen = start


def children(pid: int) -> list[int]:
    """The processes that were forked here for the process `pid` and have not ended."""
    numbers = [int(path.suffix[1:]) for path in Path(os.environ[VARIABLE]).glob(f"{pid}.*")]
    return [number for number in numbers if Path(f"/proc/{number}").exists()]


def worked_s() -> float:
    """Return the CPU seconds of all that ended: they are nobody's children here."""
    global _worked_s, _n_read
    with suppress(KeyError, FileNotFoundError), Path(os.environ[VARIABLE], "seconds").open("rb") as file:
        file.seek(_n_read)
        told = file.read()
        _n_read += len(told)
        _worked_s += sum(map(float, told.split()))
    return _worked_s


_worked_s, _n_read = 0.0, 0


@contextmanager
def forked_engines(folder: Path) -> Iterator[None]:
    """Fork what is to be spawned, in all processes that see this one's environment; `folder` has a short name."""
    path = folder / "asked"
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asked:
        asked.bind(str(path))
        asked.listen(128)
        (folder / "by").write_bytes(_begun_by())
        python = subprocess.Popen(
            [sys.executable, *_options(), __file__, str(asked.fileno()), str(folder)], pass_fds=[asked.fileno()]
        )
    os.environ[VARIABLE] = str(folder)
    try:
        yield
    finally:
        del os.environ[VARIABLE]
        python.terminate()
        python.wait()


def _begun_by() -> bytes:
    """By what a Python would be begun here and now: its options, and the variables that are read then."""
    variables = {name: value for name, value in os.environ.items() if name.startswith(READ_AT_START)}
    return pickle.dumps((sys.executable, _options(), sorted(variables.items())))


def _options() -> list[str]:
    """Without the one that has no bytecode written, which a shell may have set and tests/conftest.py takes back."""
    options = util._args_from_interpreter_flags()  # type: ignore[attr-defined]
    return [option for option in options if option != "-B"]


def _is_served() -> bool:
    folder = os.environ.get(VARIABLE)
    return folder is not None and Path(folder, "by").read_bytes() == _begun_by()


def _wait_until_asked(asked: socket.socket, seconds: Path) -> int:
    """Return in a new process for each that is asked for, once it is as it would be there: what it is to read."""
    from ready import load

    is_loaded = False
    while True:
        client, _ = asked.accept()
        with client:
            request, given, _, _ = socket.recv_fds(client, MAX_BYTES, forkserver.MAXFDS_TO_SEND)
        if not is_loaded:
            load(MODULES)
            is_loaded = True
        if request and os.fork() == 0:
            break
        for descriptor in given:
            os.close(descriptor)
    asked.close()
    tells, reads, tracker, *rest = given
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if pid := os.fork():
        _tell(pid, tells, (reads, tracker, *rest), seconds)
    os.close(tells)
    os.setsid()
    for number, descriptor in enumerate(rest[:N_STREAMS]):
        os.dup2(descriptor, number)
        os.close(descriptor)
    _be_there(*pickle.loads(request))
    forkserver._forkserver._inherited_fds = rest[N_STREAMS:]  # type: ignore[attr-defined]
    resource_tracker._resource_tracker._fd = tracker  # type: ignore[attr-defined]
    return reads


def _tell(pid: int, tells: int, others: tuple[int, ...], seconds: Path) -> None:
    """Tell which process it is, and what it left."""
    with suppress(OSError):  # who asked was killed meanwhile
        forkserver.write_signed(tells, pid)  # type: ignore[attr-defined]
    for descriptor in (*others, *range(N_STREAMS)):
        os.close(descriptor)
    _, status, used = os.wait4(pid, 0)
    with seconds.open("ab") as file:
        file.write(b"%f\n" % (used.ru_utime + used.ru_stime))
    with suppress(OSError):  # nobody asks any more
        forkserver.write_signed(tells, os.waitstatus_to_exitcode(status))  # type: ignore[attr-defined]
    os._exit(0)


def _be_there(
    folder: str, environment: dict[str, str], limits: dict[str, tuple[int, int]], blocked: set[signal.Signals]
) -> None:
    import resource

    for name, limit in limits.items():
        resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), limit)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    tempfile.tempdir = None
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def main() -> None:
    """Wait, and be the process that is asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # who tells what a process left is not waited for
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    reads = _wait_until_asked(socket.socket(fileno=int(sys.argv[1])), Path(sys.argv[2], "seconds"))
    try:
        sys.exit(spawn._main(reads, os.dup(reads)))  # type: ignore[attr-defined]
    except EOFError:
        sys.exit(1)  # who asked was killed meanwhile


if __name__ == "__main__":
    main()
