"""A voice heard, and a voice recorded, on the command line."""

from __future__ import annotations

import select
import sys
import time

import numpy as np

import engine
import engine.audio
from desktop.commands.interrupts import signals_cancel
from desktop.common.errors import RecordingError
from desktop.common.terminal import Terminal
from desktop.playback.input_device import find_input_device
from desktop.playback.player import Player, find_output_device
from desktop.playback.recorder import Recorder

COUNTDOWN_S = 3
POLL_S = 0.1
METER_WIDTH = 20


def hear(samples: np.ndarray, rate_hz: int) -> None:
    """Play float32 `(n,)` to its end. Raises `PlaybackError`, `Interrupted`."""
    if rate_hz != engine.SAMPLE_RATE_HZ:
        changer = engine.audio.StreamResampler(rate_hz, engine.SAMPLE_RATE_HZ)
        samples = np.concatenate((changer.push(samples), changer.flush()))
    cancel = engine.CancelToken()
    with signals_cancel(cancel), Player(find_output_device(), cancel) as player:
        player.play(samples)
        player.drain()


def record(text: str, terminal: Terminal) -> tuple[np.ndarray, int]:
    """Ask for `text` to be read aloud, and record that until Enter is pressed, standard input ends, or there is no more
    room. Return samples float32 `(n,)` and their rate. Raises `RecordingError`, `Interrupted`."""
    device = find_input_device()
    terminal.say(f"Read this aloud, as it comes naturally:\n\n  {text}\n")
    for left in range(COUNTDOWN_S, 0, -1):
        terminal.progress(f"Recording in {left} …")
        time.sleep(1)
    with Recorder(device) as recorder:
        terminal.say(f"Recording from {device.name}. Press Enter when you are done.")
        while not recorder.is_full and not _is_enter_pressed():
            if recorder.is_lost:
                raise RecordingError("vanished", detail=device.name)
            full = round(METER_WIDTH * min(1.0, recorder.level))
            terminal.progress(f"{recorder.seconds:4.1f} s  ▕{'█' * full}{' ' * (METER_WIDTH - full)}▏")
        recorder.stop()
        terminal.clear()
        return recorder.samples(), device.rate_hz


def _is_enter_pressed() -> bool:
    """Waits a moment for it."""
    if sys.stdin is None:
        time.sleep(POLL_S)
        return False
    if sys.platform == "win32":
        import msvcrt

        time.sleep(POLL_S)
        return msvcrt.kbhit() and msvcrt.getwch() in "\r\n"
    ready, _, _ = select.select([sys.stdin], [], [], POLL_S)
    if not ready:
        return False
    sys.stdin.readline()
    return True
