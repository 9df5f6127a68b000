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
    done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stdout) == (0, told), done.stderr
