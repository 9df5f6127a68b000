"""Sound outputs, as the sound server or else PortAudio names them: listed, found, opened. Importing loads neither."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any, Protocol

import engine
from desktop.common.errors import PlaybackError, RecordingError
from desktop.playback.sound_server import Kind, find_server_device, server_devices
from desktop.playback.sound_thread import SOUND_THREAD, Stream, import_sounddevice

SERVER_PLUGIN = "pulse"
"""ALSA's way to the sound server; where there is none, its default leads there."""
SERVER_VARIABLES = ("PULSE_SINK", "PULSE_SOURCE", "PIPEWIRE_NODE")


class SoundDevice(Protocol):
    """What inputs and outputs have in common."""

    @property
    def rate_hz(self) -> int: ...
    @property
    def index(self) -> int | None: ...
    @property
    def server_key(self) -> str: ...


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """An output, and how it takes samples. `rate_hz` is the engine's own unless the device refused it; `index` None is
    PortAudio's default; `server_key` is the sound server's name of the one that is meant behind it, "" its default."""

    name: str
    rate_hz: int
    n_channels: int
    index: int | None = None
    server_key: str = ""


def find_output_device(name: str = "") -> OutputDevice:
    """Ask for the output called `name`, or for the default, without a sound. Raises `PlaybackError`."""
    return SOUND_THREAD.call(lambda: _find_output_device(name))


def _find_output_device(name: str) -> OutputDevice:
    return OutputDevice(*find_device(import_sounddevice(), "output", name, 2, PlaybackError))


def find_device(
    sd: ModuleType, kind: Kind, name: str, max_channels: int, refusal: type[PlaybackError] | type[RecordingError]
) -> tuple[str, int, int, int | None, str]:
    """Find the device called `name`, or the default, at the first rate that it takes, the engine's or else its own:
    the fields of an `OutputDevice`. On the sound thread, and among the devices that there are now, unless this process
    plays or records. Raises `refusal` ("no_device", "refused")."""
    try:
        with quiet_libraries():
            SOUND_THREAD.begin_search(sd)
        index, server_key = place_of(sd, kind, name)
        found: Any = sd.query_devices(index, kind=kind)
    except LookupError:
        raise refusal("no_device", detail=name) from None
    except (sd.PortAudioError, ValueError) as error:
        raise refusal("no_device", detail=reason(error)) from error
    n_channels = min(max_channels, found[f"max_{kind}_channels"])
    check = sd.check_output_settings if kind == "output" else sd.check_input_settings
    why = "no sample rate suits it"
    for rate_hz in (engine.SAMPLE_RATE_HZ, int(found["default_samplerate"])):
        if not engine.MIN_RATE_HZ <= rate_hz <= engine.MAX_RATE_HZ:
            continue
        try:
            with quiet_libraries(), meaning(server_key):
                check(device=index, samplerate=rate_hz, channels=n_channels, dtype="float32")
        except sd.PortAudioError as error:
            why = reason(error)
        else:
            return name or found["name"], rate_hz, n_channels, index, server_key
    raise refusal("refused", detail=why)


def output_names() -> list[str]:
    """The outputs that can be asked for by name: the sound server's where one answers. Raises `PlaybackError`
    "no_library"."""
    return device_names(import_sounddevice(), "output")


def is_there(name: str) -> bool | None:
    """Whether the sound server has the output called `name` now; None where nobody can tell while another plays."""
    if server_devices("output") is None:
        return None
    return find_server_device("output", name) is not None


def refresh_devices() -> None:
    """Have PortAudio list the devices anew, which it otherwise does once. Nothing happens while this process plays or
    records, because that would end it.

    Takes about 50 ms under ALSA. Raises `PlaybackError`.
    """
    sd = import_sounddevice()
    try:
        with quiet_libraries():
            SOUND_THREAD.begin_anew(sd)
    except sd.PortAudioError as error:
        raise PlaybackError("no_device", detail=reason(error)) from error


def open_stream(
    device: OutputDevice, latency_s: float, callback: Callable[..., None], on_finished: Callable[[], None]
) -> Stream:
    """Open `device` and start it: a float32 stream that asks `callback` for its samples. Raises `PlaybackError`."""
    sd = import_sounddevice()
    open_it = partial(sd.OutputStream, channels=device.n_channels, latency=_allowed_latency_s(latency_s))
    return start_stream(sd, open_it, device, callback, on_finished, PlaybackError)


def start_stream(
    sd: ModuleType,
    open_it: Callable[..., Any],
    device: SoundDevice,
    callback: Callable[..., None],
    on_finished: Callable[[], None],
    refusal: type[PlaybackError] | type[RecordingError],
) -> Stream:
    """Open `device` by `open_it`, one of the stream classes of `sd`, with float32 samples, and start it on the sound
    thread. What cannot be started is closed again. Raises `refusal` ("refused")."""

    def make() -> Any:
        stream = None
        try:
            with quiet_libraries(), meaning(device.server_key):
                stream = open_it(
                    device=device.index,
                    samplerate=device.rate_hz,
                    dtype="float32",
                    callback=callback,
                    finished_callback=on_finished,
                )
                stream.start()
        except sd.PortAudioError as error:
            if stream is not None:
                stream.close()
            raise refusal("refused", detail=reason(error)) from error
        return stream

    return SOUND_THREAD.open(make)


def _allowed_latency_s(latency_s: float) -> float:
    """WORKAROUND: PULSE_LATENCY_MSEC, where it is set, is the size of PulseAudio's buffer, and PortAudio waits
    for ever to fill a larger one of its own (at 60 ms: 0.2 plays, 0.25 does not)."""
    asked_ms = os.environ.get("PULSE_LATENCY_MSEC", "")
    return min(latency_s, int(asked_ms) / 1000) if asked_ms.isdecimal() and int(asked_ms) else latency_s


class _StandardError:
    """The process's descriptor 2, into the void while any thread wants that: it is every thread's at once."""

    def __init__(self) -> None:
        self._changing = threading.Lock()
        self._n_inside = 0
        self._before: int | None = None

    def silence(self) -> None:
        with self._changing:
            self._n_inside += 1
            if self._n_inside > 1:
                return
            try:
                self._before = os.dup(2)
            except OSError:  # it is closed: there is nothing to keep quiet
                return
            void = os.open(os.devnull, os.O_WRONLY)
            os.dup2(void, 2)
            os.close(void)

    def restore(self) -> None:
        with self._changing:
            self._n_inside -= 1
            if self._n_inside or self._before is None:
                return
            os.dup2(self._before, 2)
            os.close(self._before)
            self._before = None


_STANDARD_ERROR = _StandardError()  # the one state of this module, because there is but one descriptor


@contextlib.contextmanager
def quiet_libraries() -> Iterator[None]:
    """ALSA and PortAudio write to standard error when a device cannot be opened; the exception says it better."""
    _STANDARD_ERROR.silence()
    try:
        yield
    finally:
        _STANDARD_ERROR.restore()


def reason(error: Exception) -> str:
    return str(error.args[0]) if error.args else ""


def device_names(sd: ModuleType, kind: Kind) -> list[str]:
    """What can be asked for by name."""
    found = server_devices(kind)
    if found is not None:
        return [device.words for device in found]
    return [name for _, name in SOUND_THREAD.call(lambda: _devices(sd, kind))]


def place_of(sd: ModuleType, kind: Kind, name: str) -> tuple[int | None, str]:
    """PortAudio's index and the sound server's key of the device called `name`; "" is the default. Raises LookupError
    where there is none. On the sound thread."""
    if not name:
        return None, ""
    indexes = {found: index for index, found in reversed(_devices(sd, kind))}
    if (device := find_server_device(kind, name)) is not None:
        return indexes.get(SERVER_PLUGIN), device.key
    return indexes[name], ""


@contextlib.contextmanager
def meaning(server_key: str) -> Iterator[None]:
    """What is opened on the sound server is `server_key`, as its libraries read it from the environment then. On the
    sound thread. `os.environ`, which other threads copy, is left alone."""
    if not server_key:
        yield
        return
    for variable in SERVER_VARIABLES:
        os.putenv(variable, server_key)
    try:
        yield
    finally:
        for variable in SERVER_VARIABLES:
            before = os.environ.get(variable)
            os.unsetenv(variable) if before is None else os.putenv(variable, before)


def _devices(sd: ModuleType, kind: Kind) -> list[tuple[int, str]]:
    """Index and name of each input or output of the default host API: the others list the same devices again."""
    try:
        host_api = sd.query_devices(kind=kind)["hostapi"]
    except (sd.PortAudioError, ValueError):
        return []
    return [
        (device["index"], device["name"])
        for device in sd.query_devices()
        if device["hostapi"] == host_api and device[f"max_{kind}_channels"] > 0
    ]
