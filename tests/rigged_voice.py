"""The real built-in voice in a real process, rigged to fail at chosen words, and what tests need to watch processes.
It speaks with espeak-ng, where a test does not ask for a voice: that is loaded in no time.

Here and not in a test's own module, because the child process imports it.
"""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum, auto
from pathlib import Path

from waiting import LIMIT_S

from engine.builtin import BuiltInVoice
from engine.errors import DeviceError
from engine.opening import EngineSetup, Report, StartStage
from engine.types import (
    FRAME_SAMPLES,
    CancelToken,
    EngineStatus,
    PcmChunk,
    SegmentStarted,
    SpeechEvent,
    SpeechRequest,
    Voice,
)


class Fault(StrEnum):
    CRASH = auto()
    RAISE = auto()  # what nobody expects
    OUT_OF_MEMORY = auto()  # a typed error
    WAIT = auto()  # polls the token, as a healthy engine does, and says nothing more
    STICK = auto()  # polls nothing: the process beats, and gets nowhere


@dataclass(frozen=True, slots=True)
class Rig:
    """After the first sound of a segment that holds `word`, `fault` happens, `times` times in all processes.

    Files in `folder` keep count.
    """

    word: str
    fault: Fault
    folder: Path
    times: int = 1

    def take_turn(self) -> bool:
        for turn in range(self.times):
            try:
                (self.folder / f"{self.word}-{turn}").touch(exist_ok=False)
            except FileExistsError:
                continue
            return True
        return False


@dataclass(frozen=True, slots=True)
class RiggedOpener:
    """`name` is what its status says. With `gate`, it is ready only when that file is there; with `fails`, never. With
    `sound_gate`, it says nothing before that file is there."""

    rigs: tuple[Rig, ...] = ()
    name: str = "rigged voice"
    gate: Path | None = None
    fails: bool = False
    sound_gate: Path | None = None

    def __call__(self, report: Report) -> RiggedVoice:
        report(StartStage.LOADING_MODEL, 0.5)
        while self.gate and not self.gate.exists():
            time.sleep(0.005)
        if self.fails:
            os.kill(os.getpid(), signal.SIGKILL)
        return RiggedVoice(self.rigs, self.name, self.sound_gate)


class PlainVoice(BuiltInVoice):
    """The built-in voice, which says English with espeak-ng, too, where no voice is asked for."""

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        plain = request if request.voice.name else replace(request, voice=Voice("built-in/espeak"))
        return super().speak(plain, cancel)


def open_plain(_setup: EngineSetup) -> PlainVoice:
    return PlainVoice()


class WordlessVoice(PlainVoice):
    """Another timbre of espeak-ng, which does not tell its words: as S1 Mini speaks, in chunks of four frames."""

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        for event in super().speak(replace(request, voice=Voice("built-in/f2")), cancel):
            if not isinstance(event, PcmChunk):
                yield event
                continue
            for start in range(0, len(event.samples), 4 * FRAME_SAMPLES):
                yield PcmChunk(event.samples[start : start + 4 * FRAME_SAMPLES], event.sample_rate, event.segment)


def open_wordless(_report: Report) -> WordlessVoice:
    return WordlessVoice()


class RiggedVoice:
    def __init__(self, rigs: tuple[Rig, ...], name: str, sound_gate: Path | None = None) -> None:
        self._rigs, self._name, self._sound_gate, self._voice = rigs, name, sound_gate, PlainVoice()
        self._n_requests = 0

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        words = ""
        self._n_requests += 1
        while self._sound_gate and not self._sound_gate.exists() and not cancel.cancelled:
            time.sleep(0.005)
        for event in self._voice.speak(request, cancel):
            if isinstance(event, SegmentStarted):
                words = event.segment.text
            due = [rig for rig in self._rigs if isinstance(event, PcmChunk) and rig.word in words]
            # before the sound: who hears it may kill this process, and the next one's turn is another
            due = [rig for rig in due if rig.take_turn()]
            yield event
            for rig in due:
                _happen(rig.fault, cancel)

    def status(self) -> EngineStatus:
        """Each request needs a byte more of memory than the one before."""
        peak_bytes = 1234 + self._n_requests
        return EngineStatus(self._name, "CPU", "rigged", 1234, peak_memory_bytes=peak_bytes)

    def close(self) -> None:
        self._voice.close()


def _happen(fault: Fault, cancel: CancelToken) -> None:
    match fault:
        case Fault.CRASH:
            os.kill(os.getpid(), signal.SIGKILL)
        case Fault.RAISE:
            raise ZeroDivisionError("a rigged failure")
        case Fault.OUT_OF_MEMORY:
            raise DeviceError("out_of_memory", "GPU X")
        case Fault.WAIT:
            while not cancel.cancelled:
                time.sleep(0.005)
        case Fault.STICK:
            time.sleep(3600)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for_exit(pid: int, limit_s: float = LIMIT_S) -> None:
    """Return when the process `pid`, child or not, has ended."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    try:
        assert select.select([handle], [], [], limit_s)[0], f"process {pid} still runs"
    finally:
        os.close(handle)


def wait_until_idle(pid: int, limit_s: float = LIMIT_S) -> None:
    """Return when the process has used no CPU time for 0.2 s: it waits for something."""
    deadline = time.monotonic() + limit_s
    quiet, before = 0, -1
    while quiet < 4:
        assert time.monotonic() < deadline, f"process {pid} is still busy"
        time.sleep(0.05)
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
        used = int(fields[11]) + int(fields[12])
        quiet, before = quiet + 1 if used == before else 0, used
