"""Microphones, as the sound server names them or else PortAudio: found and opened. Importing this loads neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import engine
from desktop.common.errors import PlaybackError, RecordingError
from desktop.playback.output_device import device_names, meaning, place_of, quiet_libraries, reason, start_stream
from desktop.playback.sound_thread import SOUND_THREAD, Stream, import_sounddevice


@dataclass(frozen=True, slots=True)
class InputDevice:
    """An input of one channel. `rate_hz` is the codec's own unless the device refused it; `index` None is PortAudio's
    default; `server_key` is the sound server's name of the one that is meant behind it, "" its default."""

    name: str
    rate_hz: int
    index: int | None = None
    server_key: str = ""


def find_input_device(name: str = "") -> InputDevice:
    """Ask for the microphone called `name`, or for the default. Raises `RecordingError`."""
    return SOUND_THREAD.call(lambda: _find_input_device(name))


def _find_input_device(name: str) -> InputDevice:
    sd = _sounddevice()
    try:
        index, server_key = place_of(sd, "input", name)
        found: Any = sd.query_devices(index, kind="input")
    except LookupError:
        raise RecordingError("no_device", detail=name) from None
    except (sd.PortAudioError, ValueError) as error:
        raise RecordingError("no_device", detail=reason(error)) from error
    refusal = "no sample rate suits it"
    for rate_hz in (engine.SAMPLE_RATE_HZ, int(found["default_samplerate"])):
        if not engine.MIN_RATE_HZ <= rate_hz <= engine.MAX_RATE_HZ:
            continue
        try:
            with quiet_libraries(), meaning(server_key):
                sd.check_input_settings(device=index, samplerate=rate_hz, channels=1, dtype="float32")
        except sd.PortAudioError as error:
            refusal = reason(error)
        else:
            return InputDevice(name or found["name"], rate_hz, index, server_key)
    raise RecordingError("refused", detail=refusal)


def input_names() -> list[str]:
    """The microphones that can be asked for by name. Raises `RecordingError` "no_library"."""
    return device_names(_sounddevice(), "input")


def open_input(device: InputDevice, callback: Callable[..., None], on_finished: Callable[[], None]) -> Stream:
    """Open `device` and start it: a float32 stream of one channel that gives `callback` its samples. Raises
    `RecordingError`."""
    sd = _sounddevice()
    return start_stream(sd, partial(sd.InputStream, channels=1), device, callback, on_finished, RecordingError)


def _sounddevice() -> ModuleType:
    try:
        return import_sounddevice()
    except PlaybackError as error:
        raise RecordingError("no_library", detail=error.detail) from error
