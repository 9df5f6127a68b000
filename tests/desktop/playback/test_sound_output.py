"""What an open device says of the ear, with PortAudio's calls made by hand at the worst moments."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

import desktop.playback.sound_output
from desktop.playback.output_device import OutputDevice
from desktop.playback.sound_output import SoundOutput

RATE_HZ = 44_100
BLOCK = 441


@pytest.fixture
def output(monkeypatch: pytest.MonkeyPatch) -> SoundOutput:
    stream = SimpleNamespace(latency=0.1, abort=lambda: None, close=lambda: None)
    monkeypatch.setattr(desktop.playback.sound_output, "open_stream", lambda *_: stream)
    return SoundOutput(OutputDevice("a device", RATE_HZ, 1), 0.1, lambda: None)


def take_block(output: SoundOutput) -> None:
    times: Any = SimpleNamespace(outputBufferDacTime=0.1, currentTime=0.0)
    output._fill(np.zeros((BLOCK, 1), np.float32), BLOCK, times, SimpleNamespace(output_underflow=False))


def test_sound_after_a_silence_is_not_heard_before_its_block_is_timed(
    output: SoundOutput, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the block's leaving the ring and its time being noted, the time of the last one is what is known: from
    that, the first sound had been there long before it was asked for."""
    output.ring.write(np.ones(BLOCK, np.float32), 0)
    take_block(output)
    now_s = time.monotonic() + 10.0  # of silence
    monkeypatch.setattr(time, "monotonic", lambda: now_s)
    start = output.ring.written_samples
    output.ring.write(np.ones(BLOCK, np.float32), 0)
    output.ring.read_into(np.zeros(BLOCK, np.float32))  # and just then somebody asks
    assert output.heard_samples() == start
    output.ring.write(np.ones(BLOCK, np.float32), 0)
    take_block(output)
    now_s += 0.2
    assert output.heard_samples() > start
    assert output.heard_at(start) > now_s - 0.3


def test_a_device_that_opens_slowly_is_not_stalled(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now_s[0])

    def open_slowly(*_: Any) -> Any:
        now_s[0] += 2 * desktop.playback.sound_output.STALL_S
        return SimpleNamespace(latency=0.1, abort=lambda: None, close=lambda: None)

    monkeypatch.setattr(desktop.playback.sound_output, "open_stream", open_slowly)
    assert not SoundOutput(OutputDevice("a device", RATE_HZ, 1), 0.1, lambda: None).is_stalled
