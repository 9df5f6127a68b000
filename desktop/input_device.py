"""Microphones as PortAudio knows them: found and opened. Importing this does not load PortAudio."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

import engine
from desktop.errors import PlaybackError, RecordingError
from desktop.output_device import devices, import_sounddevice, index_of, quiet_libraries, reason


@dataclass(frozen=True, slots=True)
class InputDevice:
    """An input of one channel. `rate_hz` is the codec's own unless the device refused it; `index` None is PortAudio's
    default."""

    name: str
    rate_hz: int
    index: int | None = None


def find_input_device(name: str = "") -> InputDevice:
    """Ask PortAudio for the microphone called `name`, or for the default. Raises `RecordingError`."""
    sd = _sounddevice()
    try:
        index = index_of(sd, "input", name) if name else None
        if name and index is None:
            raise RecordingError("no_device", detail=name)
        found: Any = sd.query_devices(index, kind="input")
    except (sd.PortAudioError, ValueError) as error:
        raise RecordingError("no_device", detail=reason(error)) from error
    refusal = "no sample rate suits it"
    for rate_hz in (engine.SAMPLE_RATE_HZ, int(found["default_samplerate"])):
        if not engine.MIN_RATE_HZ <= rate_hz <= engine.MAX_RATE_HZ:
            continue
        try:
            with quiet_libraries():
                sd.check_input_settings(device=index, samplerate=rate_hz, channels=1, dtype="float32")
        except sd.PortAudioError as error:
            refusal = reason(error)
        else:
            return InputDevice(found["name"], rate_hz, index)
    raise RecordingError("refused", detail=refusal)


def input_names() -> list[str]:
    """The microphones that can be asked for by name. Raises `RecordingError` "no_library"."""
    return [name for _, name in devices(_sounddevice(), "input")]


def open_input(device: InputDevice, callback: Callable[..., None], on_finished: Callable[[], None]) -> Any:
    """A running float32 stream of one channel. Raises `RecordingError`."""
    sd = _sounddevice()
    stream = None
    try:
        with quiet_libraries():
            stream = sd.InputStream(
                device=device.index,
                samplerate=device.rate_hz,
                channels=1,
                dtype="float32",
                callback=callback,
                finished_callback=on_finished,
            )
            stream.start()
    except sd.PortAudioError as error:
        if stream is not None:
            stream.close()
        raise RecordingError("refused", detail=reason(error)) from error
    return stream


def _sounddevice() -> ModuleType:
    try:
        return import_sounddevice()
    except PlaybackError as error:
        raise RecordingError("no_library", detail=error.detail) from error
