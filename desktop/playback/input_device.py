"""Microphones, as the sound server names them or else PortAudio: found and opened. Importing this loads neither."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from types import ModuleType

from desktop.common.errors import PlaybackError, RecordingError
from desktop.playback.output_device import device_names, find_device, start_stream
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
    found_name, rate_hz, _, index, server_key = find_device(_sounddevice(), "input", name, 1, RecordingError)
    return InputDevice(found_name, rate_hz, index, server_key)


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
