"""A process ends, whatever the sound system does meanwhile."""

from __future__ import annotations

import subprocess
import sys

import pytest
from waiting import LIMIT_S

PROGRAM = """
import sys
import threading
from desktop.playback.sound_thread import SOUND_THREAD, import_sounddevice
for _ in range(2):
    sounddevice = import_sounddevice()
terminate = sounddevice._terminate
def tell_and_terminate():
    print(threading.current_thread().name)
    terminate()
sounddevice._terminate = tell_and_terminate
if sys.argv[1] == "hangs":
    SOUND_THREAD._work.put(threading.Event().wait)
"""


@pytest.mark.parametrize(("what", "told"), [("is well", "PortAudio\n"), ("hangs", "")])
def test_portaudio_is_ended_where_it_began_and_not_waited_for(what: str, told: str) -> None:
    """By the main thread it would be asked while it is busy with something else."""
    command = [sys.executable, "-c", PROGRAM, what]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stdout) == (0, told), done.stderr


CALLS = """
import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor
from desktop.common.errors import PlaybackError, RecordingError
from desktop.playback.input_device import find_input_device, input_names, open_input
from desktop.playback.output_device import find_output_device, open_stream, output_names, refresh_devices
from desktop.playback.sound_thread import import_sounddevice

sounddevice = import_sounddevice()
threads, calls = set(), set()


class Told:
    def __init__(self, library):
        self.library = library

    def __getattr__(self, name):
        found = getattr(self.library, name)
        if name.startswith("Pa_"):
            threads.add(threading.current_thread().name)
            calls.add(name)
        return found


sounddevice._lib = Told(sounddevice._lib)


def use(work):
    with contextlib.suppress(PlaybackError, RecordingError):  # no device is needed
        work()


def both(find, open_it):
    stream = open_it(find())
    stream.close()


works = [
    output_names,
    input_names,
    refresh_devices,
    lambda: both(find_output_device, lambda found: open_stream(found, 0.1, lambda *_: None, lambda: None)),
    lambda: both(find_input_device, lambda found: open_input(found, lambda *_: None, lambda: None)),
]
with ThreadPoolExecutor(8) as pool:
    list(pool.map(use, works * 8))
print(*threads, "Pa_Initialize" in calls, "Pa_Terminate" in calls)
"""


def test_portaudio_is_called_by_one_thread_whoever_asks() -> None:
    """Begun by two at once it hung for ever, under Windows in half of the starts."""
    done = subprocess.run(
        [sys.executable, "-c", CALLS], capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
    )
    assert done.stdout == "PortAudio True True\n", done.stderr
