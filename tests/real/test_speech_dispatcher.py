"""The real speech-dispatcher, its own clients and Lectern as its voice, heard through a null sink."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desktops import require, running
from ready import Ready
from waiting import LIMIT_S, wait_until

from tests.real.conftest import Lectern

pytestmark = pytest.mark.slow

RATE_HZ = 48_000  # the monitor's

# Runs in the system's Python, which has speech-dispatcher's own client: as Orca does, one request after the other, with
# callbacks. Each step of the script in argv[1] is [method, argument…]; "say" and "key" wait for their end.
CLIENT = """
import json, sys, threading, time
import speechd

client = speechd.SSIPClient("orca-like")
client.set_output_module("lectern")
told = []

def wait_for(call, *arguments, stop_after_s=None, limit_s=120, **options):
    begun, over = threading.Event(), threading.Event()
    began = time.monotonic()
    def callback(kind, index_mark=None, **_):
        told.append([kind, index_mark, round(time.monotonic() - began, 3)])
        begun.set()
        if kind in ("end", "cancel"):
            over.set()
    call(*arguments, callback=callback, **options)
    if stop_after_s is not None:
        begun.wait(limit_s)
        time.sleep(stop_after_s)
        began = time.monotonic()
        client.stop()
    if not over.wait(limit_s):
        told.append(["never ended", None, 0])
    return over.is_set()

for name, *arguments in json.loads(sys.argv[1]):
    if name == "say":
        wait_for(client.speak, *arguments)
    elif name == "say and stop":
        wait_for(client.speak, arguments[0], stop_after_s=arguments[1])
    elif name == "keys":
        for _ in range(arguments[0]):
            client.key("a")
        # The daemon loses a message's end where it is starved of time (mouth.STOP_AFTER_S): whoever hears nothing tries
        # again, and is heard then.
        while not wait_for(client.speak, "z", limit_s=15) and len(told) < 100:
            told.pop()
    else:
        getattr(client, name)(*arguments)
json.dump(told, sys.stdout)
client.close()
"""


class Desktop:
    """A person's session: their own configuration, speech-dispatcher, and Lectern where `lectern` runs."""

    def __init__(self, sound: Any, log: Path, ready: Ready) -> None:
        self.sound = sound
        # XDG_* are the tests' own, and would lead past the home of the sound server.
        kept = {key: value for key, value in sound.environment.items() if not key.startswith("XDG_")}
        self.environment = kept | {"XDG_RUNTIME_DIR": sound.environment["XDG_RUNTIME_DIR"], "XDG_SESSION_TYPE": "x11"}
        self.environment["PULSE_LATENCY_MSEC"] = "60"
        self.runtime = Path(self.environment["XDG_RUNTIME_DIR"])
        self._log = log
        self.lectern = Lectern(log.parent, self.environment, ready)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            command, env=self.environment, capture_output=True, encoding="utf-8", timeout=3 * LIMIT_S, check=False
        )

    @contextmanager
    def daemon(self) -> Iterator[None]:
        program = require("speech-dispatcher", "speech-dispatcher")
        with self._log.open("ab") as log:
            options: dict[str, Any] = {"env": self.environment, "stdout": log, "stderr": log}
            with running(program, "--run-single", "--timeout", "0", **options):
                socket = self.runtime / "speech-dispatcher/speechd.sock"
                wait_until(socket.exists, "the daemon listens")
                yield

    @contextmanager
    def tray(self) -> Iterator[subprocess.Popen[bytes]]:
        with (
            self._log.open("ab") as log,
            running(
                sys.executable, "-m", "desktop", "--background", env=self.environment, stdout=log, stderr=log
            ) as process,
        ):
            self.wait_for_lectern()
            yield process

    def wait_for_lectern(self) -> None:
        wait_until((self.runtime / "lectern/speech").exists, "Lectern takes requests for sound")

    def spd_say(self, *arguments: str) -> np.ndarray:
        """What is heard of it: float32, from the first sound to the last."""
        with self.sound.monitor.recording() as stop:
            done = self.run(require("spd-say", "speech-dispatcher"), "--wait", *arguments)
            assert (done.returncode, done.stderr) == (0, "")
            return sounding(stop())

    def ssip(self, *steps: list[Any]) -> list[list[Any]]:
        done = self.run("/usr/bin/python3", "-c", CLIENT, json.dumps(steps))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def modules(self) -> list[int]:
        """The processes of Lectern's module."""
        return self._processes("desktop.speech_dispatcher")

    def end_lectern(self) -> None:
        """End what a module has started in the background, and would leave there; it may only just begin."""
        for pid in self._processes("-m desktop --background"):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self._processes("-m desktop --background"), "Lectern has ended")

    def _processes(self, words: str) -> list[int]:
        found = self.run("pgrep", "--full", "--", words).stdout.split()
        ours = f"XDG_RUNTIME_DIR={self.runtime}".encode()
        return [int(pid) for pid in found if ours in _environment_of(pid)]


def _environment_of(pid: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return b""


def sounding(samples: np.ndarray) -> np.ndarray:
    places = np.flatnonzero(np.abs(samples) > 0.01)
    assert places.size, "nothing was heard"
    return samples[places[0] : places[-1] + 1]


@pytest.fixture
def desktop(x_display: str, sound_server: Any, tmp_path: Path, ready: Ready) -> Iterator[Desktop]:  # noqa: ARG001
    desktop = Desktop(sound_server, tmp_path / "log", ready)
    assert desktop.lectern("speechd", "install").returncode == 0
    with desktop.daemon():
        yield desktop
    wait_until(lambda: not desktop.modules(), "no module is left")
    desktop.end_lectern()
    assert desktop.lectern("speechd", "remove").returncode == 0
    log = (tmp_path / "log").read_text(errors="replace")
    assert "Traceback" not in log, log


def kinds(told: list[list[Any]]) -> list[str]:
    return [f"{kind} {mark}" if mark else kind for kind, mark, _ in told]


def test_spd_say_and_a_screen_readers_client_speak_with_lectern(desktop: Desktop) -> None:
    listed = desktop.run("spd-say", "-O").stdout.split()
    assert "lectern" in listed
    assert "espeak-ng" in listed
    assert "Lectern" in desktop.run("spd-say", "-o", "lectern", "-L").stdout
    german = "Die Straße ist heute sehr lang, und der Weg nach Hause auch."
    first = desktop.spd_say("-o", "lectern", "-l", "de", german)  # said at once, and Lectern is started meanwhile
    assert 2 < len(first) / RATE_HZ < 7
    desktop.wait_for_lectern()
    try:
        heard = desktop.spd_say("-l", "de", german)  # Lectern is the usual voice, too
        assert 2 < len(heard) / RATE_HZ < 7
        assert np.abs(heard).max() > 0.1
        faster = desktop.spd_say("-l", "de", "-r", "60", german)
        assert len(faster) < 0.8 * len(heard)
        told = desktop.ssip(
            ["set_language", "de"],
            ["say", "Ein Satz. Noch ein Satz ist hier."],
            ["set_data_mode", "ssml"],
            ["say", '<speak>Eins <mark name="a"/>zwei, <mark name="b"/>drei und vier.</speak>'],
            ["set_data_mode", "text"],
            ["set_priority", "important"],
            ["say and stop", "Dieser Satz ist lang, und er wird nicht bis an sein Ende gesprochen. " * 5, 1.0],
            ["set_priority", "text"],
            ["keys", 1000],
        )
        assert kinds(told[:2]) == ["begin", "end"]
        assert kinds(told[2:6]) == ["begin", "index_marks a", "index_marks b", "end"]
        assert kinds(told[6:8]) == ["begin", "cancel"]
        assert told[7][2] < 5  # 1 ms to 50 ms on a computer that has nothing else to do
        assert kinds(told[-2:]) == ["begin", "end"]  # of the last: the keys before it were passed over
        assert len(desktop.modules()) == 1
    finally:
        desktop.lectern("quit")
    wait_until(lambda: not (desktop.runtime / "lectern/speech").exists(), "Lectern is gone")


def test_lectern_or_its_module_killed_in_mid_word_is_no_silence(desktop: Desktop) -> None:
    text = "This sentence is spoken while things go wrong, and it has to be heard to its end. And so has this one."
    with desktop.tray() as tray, desktop.sound.monitor.recording() as stop:
        speaking = subprocess.Popen(["spd-say", "-w", "-l", "en", text], env=desktop.environment)
        desktop.sound.monitor.wait_for_sound()
        tray.kill()  # setpriv has become Lectern
        assert speaking.wait(LIMIT_S) == 0
        assert len(sounding(stop())) / RATE_HZ > 4
    (module,) = desktop.modules()
    speaking = subprocess.Popen(["spd-say", "-w", "-l", "en", text * 5], env=desktop.environment)
    desktop.sound.monitor.wait_for_sound()
    os.kill(module, signal.SIGKILL)

    def is_heard() -> bool:
        with desktop.sound.monitor.recording() as stop_recording:
            desktop.run("spd-say", "-l", "en", "Another voice of the system says this.")
            return bool(np.abs(stop_recording()).max() > 0.01)

    wait_until(is_heard, "another voice speaks")  # not at once: what was said before clogs the daemon for a moment
    assert desktop.modules() == []
    speaking.kill()  # it never hears of the end of what its module was saying, whichever module that is
    speaking.wait()
