"""Real programs around Lectern: its own command as a process, and a PulseAudio server of the tests' own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pytest
from desktops import require
from ready import S1_MODULES, Command, Ready
from waiting import LIMIT_S

COMMAND_LIMIT_S = 3 * LIMIT_S  # PyTorch is loaded and kernels are compiled: ten seconds of a core for oneself
APPLICATION_MODULES = ("desktop.commands.remote", "desktop.app")
WATCH_SOURCE = Path(__file__).parents[1] / "offline" / "watch.c"
SINK_RATE_HZ = 48_000
PULSE_PROGRAMS = ("pulseaudio", "parec", "pactl")


@pytest.fixture(autouse=True)
def no_lectern_is_left(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a Lectern to itself: it would answer on the bus that all tests share."""
    yield
    left = _left_to_themselves(request.node.nodeid)
    deadline = time.monotonic() + LIMIT_S
    while left and time.monotonic() < deadline:
        time.sleep(0.05)
        left = _left_to_themselves(request.node.nodeid)
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert not left, "a Lectern that this test started, or had started, runs on"


def _left_to_themselves(test: str) -> list[int]:
    """The processes of Lectern that descend from `test` and from nobody that lives."""
    found: list[int] = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            is_lectern = b"\0-m\0desktop\0" in (folder / "cmdline").read_bytes()
            if is_lectern and f"PYTEST_CURRENT_TEST={test} (".encode() in (folder / "environ").read_bytes():
                parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
                found += [int(folder.name)] if b"PYTEST_CURRENT_TEST" not in _environment_of(parent) else []
        except OSError:
            continue  # it has ended, or is somebody else's
    return found


def _environment_of(pid: int) -> bytes:
    if pid == os.getpid():
        return b"PYTEST_CURRENT_TEST"  # which is not what it was started with
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except PermissionError:
        return b""


def lectern_command(*arguments: str | bytes | os.PathLike[str]) -> list[str | bytes | os.PathLike[str]]:
    return [sys.executable, "-m", "desktop", *arguments]


class Lectern:
    """Runs `lectern` in a folder of its own."""

    def __init__(self, folder: Path, environment: dict[str, str], ready: Ready) -> None:
        self.folder = folder
        self.environment = environment
        self.ready = ready

    def __call__(
        self, *arguments: str | bytes | os.PathLike[str], stdin: bytes = b"", limit_s: float = COMMAND_LIMIT_S
    ) -> subprocess.CompletedProcess[bytes]:
        """A command in a process of its own, forked from one that has loaded what it needs."""
        with self.start(*arguments) as command:
            output, errors = command.communicate(stdin, limit_s)
            return subprocess.CompletedProcess(arguments, command.wait(), output, errors)

    def anew(
        self, *arguments: str | bytes | os.PathLike[str], stdin: bytes = b"", limit_s: float = COMMAND_LIMIT_S
    ) -> subprocess.CompletedProcess[bytes]:
        """A command whose Python starts with nothing: for what is read or limited when a process starts."""
        return subprocess.run(
            lectern_command(*arguments),
            input=stdin,
            capture_output=True,
            cwd=self.folder,
            env=self.environment,
            timeout=limit_s,
            check=False,
        )

    def start(self, *arguments: str | bytes | os.PathLike[str], stdin: int = PIPE) -> Command:
        """The running process, forked as well; it does not outlive a `with` block."""
        return self.ready.start(arguments, self.folder, self.environment, (stdin, PIPE, PIPE))

    @contextmanager
    def start_anew(self, *arguments: str | os.PathLike[str]) -> Iterator[subprocess.Popen[bytes]]:
        """The running process, whose Python started with nothing; it does not outlive the block."""
        with subprocess.Popen(
            lectern_command(*arguments),
            cwd=self.folder,
            env=self.environment,
            stdin=PIPE,
            stdout=PIPE,
            stderr=PIPE,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def files(self) -> list[str]:
        """What lies in the folder, hidden files too."""
        return sorted(path.name for path in self.folder.iterdir())


@pytest.fixture(scope="session")
def ready() -> Iterator[Ready]:
    """What commands are forked from."""
    with closing(Ready()) as ready:
        yield ready


@pytest.fixture(scope="session")
def ready_for_s1() -> Iterator[Ready]:
    """The same, with PyTorch."""
    with closing(Ready(S1_MODULES)) as ready:
        yield ready


@pytest.fixture(scope="session")
def ready_application() -> Iterator[Ready]:
    """The same, with what the application's window needs."""
    with closing(Ready(APPLICATION_MODULES)) as ready:
        yield ready


@pytest.fixture
def lectern(tmp_path: Path, ready: Ready) -> Lectern:
    """`lectern` in an empty folder, on a computer without sound."""
    folder = tmp_path / "work"
    folder.mkdir()
    return Lectern(folder, {key: value for key, value in os.environ.items() if key != "LECTERN_CHECKPOINT"}, ready)


@pytest.fixture(scope="session")
def network_watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library to preload into programs whose native code is to be watched, too; see tests/offline/watch.c."""
    library = tmp_path_factory.mktemp("watch") / "watch.so"
    command = [require("cc", "g++"), "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, WATCH_SOURCE, "-ldl"]
    subprocess.run(command, check=True)
    return library


class Monitor:
    """Records what the sink plays, all the time.

    It also keeps the sink quick: a null sink that nobody listens to takes 2 s of sound at a time.
    """

    def __init__(self, environment: dict[str, str], sink: str = "nul") -> None:
        command = ["parec", "-d", f"{sink}.monitor", "--format=s16le", f"--rate={SINK_RATE_HZ}", "--channels=1"]
        self._process = subprocess.Popen([*command, "--latency-msec=20"], stdout=PIPE, env=environment)
        self._received = bytearray()
        self._grown = threading.Condition()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        if self._process.stdout:
            self._process.stdout.close()

    def wait_for_sound(self, limit_s: float = LIMIT_S) -> None:
        """Return when something has been heard, from now on."""
        with self.hearing(limit_s):
            pass

    @contextmanager
    def hearing(self, limit_s: float = LIMIT_S) -> Iterator[None]:
        """Something is heard from here on: waited for when the block is over, in which it may come and go."""
        start = self._position()
        yield

        def is_loud() -> bool:  # what came since it was asked last
            nonlocal start
            begin, start = start, self._position()
            return bool(np.abs(self._since(begin)).max(initial=0) > 0.02)

        with self._grown:
            heard = self._grown.wait_for(is_loud, limit_s)
        assert heard, "nothing was heard"

    def listen(self) -> Callable[[], bool]:
        """For who cannot wait here: whether something has been heard, from now on."""
        start = self._position()
        return lambda: bool(np.abs(self._since(start)).max(initial=0) > 0.02)

    @contextmanager
    def recording(self) -> Iterator[Callable[[], np.ndarray]]:
        """What is played from now on; the yielded function ends it and returns float32 `(n,)` at 48 kHz."""
        start = self._position()

        def stop() -> np.ndarray:
            on_its_way = self._position() + SINK_RATE_HZ  # half a second
            with self._grown:
                self._grown.wait_for(lambda: self._position() >= on_its_way, 20)
                return self._since(start)

        yield stop

    def _position(self) -> int:
        return len(self._received) // 2 * 2

    def _since(self, start: int) -> np.ndarray:
        return np.frombuffer(bytes(self._received[start : self._position()]), np.int16).astype(np.float32) / 32768

    def _read(self) -> None:
        assert self._process.stdout is not None
        while data := self._process.stdout.read1(4096):  # type: ignore[attr-defined]
            with self._grown:
                self._received += data
                self._grown.notify_all()


@dataclass(frozen=True, slots=True)
class SoundServer:
    """A PulseAudio server with one null sink, which takes sound at the pace of a real one."""

    environment: dict[str, str]
    process: subprocess.Popen[bytes]
    monitor: Monitor

    def unload_sink(self) -> None:
        subprocess.run(["pactl", "unload-module", "module-null-sink"], env=self.environment, check=True)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def sound_server(tmp_path: Path) -> Iterator[SoundServer]:
    missing = [program for program in PULSE_PROGRAMS if shutil.which(program) is None]
    if missing and shutil.which("pipewire"):
        pytest.skip("PipeWire runs this desktop and excludes PulseAudio, which the sound tests start for themselves")
    if missing:
        pytest.fail(f"no {', '.join(missing)}: sudo apt install pulseaudio pulseaudio-utils libasound2-plugins")
    home = tmp_path / "sound"
    home.mkdir()
    runtime = Path(tempfile.mkdtemp(prefix="sound-"))  # a short one: sockets in it have names of 107 bytes at most
    environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime)}
    command = ["pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--log-target=stderr"]
    for module in ("module-native-protocol-unix", f"module-null-sink sink_name=nul rate={SINK_RATE_HZ}"):
        command += ["-L", module]
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    try:
        _wait_until_it_answers(environment, home / "log")
        with closing(Monitor(environment)) as monitor:
            yield SoundServer(environment, process, monitor)
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(runtime, ignore_errors=True)


def _wait_until_it_answers(environment: dict[str, str], log: Path) -> None:
    """Ask until the server has made its socket; pactl then waits for the answer itself."""
    deadline = time.monotonic() + LIMIT_S
    while subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False).returncode:
        if time.monotonic() > deadline:
            pytest.fail(f"PulseAudio did not start:\n{log.read_text(encoding='utf-8')}")
        threading.Event().wait(0.05)


@pytest.fixture
def loud_lectern(lectern: Lectern, sound_server: SoundServer) -> Lectern:
    """`lectern` on a computer with sound."""
    return Lectern(lectern.folder, sound_server.environment, lectern.ready)
