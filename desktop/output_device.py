"""Sound output devices as PortAudio knows them: listed, found, opened. Importing this does not load PortAudio."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Literal

import engine
from desktop.errors import PlaybackError

Kind = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class OutputDevice:
    """An output, and how it takes samples. `rate_hz` is the engine's own unless the device refused it;
    `index` None is PortAudio's default."""

    name: str
    rate_hz: int
    n_channels: int
    index: int | None = None


def find_output_device(name: str = "") -> OutputDevice:
    """Ask PortAudio for the output called `name`, or for the default, without a sound. Raises `PlaybackError`."""
    sd = import_sounddevice()
    try:
        index = index_of(sd, "output", name) if name else None
        if name and index is None:
            raise PlaybackError("no_device", detail=name)
        found: Any = sd.query_devices(index, kind="output")
    except (sd.PortAudioError, ValueError) as error:
        raise PlaybackError("no_device", detail=reason(error)) from error
    n_channels = min(2, found["max_output_channels"])
    refusal = "no sample rate suits it"
    for rate_hz in (engine.SAMPLE_RATE_HZ, int(found["default_samplerate"])):
        if not engine.MIN_RATE_HZ <= rate_hz <= engine.MAX_RATE_HZ:
            continue
        try:
            with quiet_libraries():
                sd.check_output_settings(device=index, samplerate=rate_hz, channels=n_channels, dtype="float32")
        except sd.PortAudioError as error:
            refusal = reason(error)
        else:
            return OutputDevice(found["name"], rate_hz, n_channels, index)
    raise PlaybackError("refused", detail=refusal)


def output_names() -> list[str]:
    """The outputs that can be asked for by name. Raises `PlaybackError` "no_library"."""
    return [name for _, name in devices(import_sounddevice(), "output")]


def refresh_devices() -> None:
    """Have PortAudio list the devices anew, which it otherwise does once. It ends every stream of this process.

    Takes about 50 ms under ALSA. Raises `PlaybackError`.
    """
    sd = import_sounddevice()
    try:
        with quiet_libraries():
            # WORKAROUND: sounddevice has no public name for it.
            sd._terminate()
            sd._initialize()
    except sd.PortAudioError as error:
        raise PlaybackError("no_device", detail=reason(error)) from error


def open_stream(
    device: OutputDevice, latency_s: float, callback: Callable[..., None], on_finished: Callable[[], None]
) -> Any:
    """A running float32 stream. Raises `PlaybackError`."""
    sd = import_sounddevice()
    stream = None
    try:
        with quiet_libraries():
            stream = sd.OutputStream(
                device=device.index,
                samplerate=device.rate_hz,
                channels=device.n_channels,
                dtype="float32",
                latency=_allowed_latency_s(latency_s),
                callback=callback,
                finished_callback=on_finished,
            )
            stream.start()
    except sd.PortAudioError as error:
        if stream is not None:
            stream.close()
        raise PlaybackError("refused", detail=reason(error)) from error
    return stream


def _allowed_latency_s(latency_s: float) -> float:
    """WORKAROUND: PULSE_LATENCY_MSEC, where it is set, is the size of PulseAudio's buffer, and PortAudio waits
    for ever to fill a larger one of its own (at 60 ms: 0.2 plays, 0.25 does not)."""
    asked_ms = os.environ.get("PULSE_LATENCY_MSEC", "")
    return min(latency_s, int(asked_ms) / 1000) if asked_ms.isdecimal() and int(asked_ms) else latency_s


def import_sounddevice() -> ModuleType:
    """The module `sounddevice`, whose import starts PortAudio. Raises `PlaybackError`."""
    try:
        import sounddevice
    except OSError as error:  # the wheel for Linux has no PortAudio inside
        raise PlaybackError("no_library", detail=str(error)) from error
    return sounddevice


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


def devices(sd: ModuleType, kind: Kind) -> list[tuple[int, str]]:
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


def index_of(sd: ModuleType, kind: Kind, name: str) -> int | None:
    """Of the input or output called `name`; None where there is none."""
    return next((index for index, found in devices(sd, kind) if found == name), None)
