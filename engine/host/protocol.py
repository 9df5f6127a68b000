"""The messages that go over the two pipes between an engine's process and its owner. All of it can be pickled.

An epoch numbers the requests to one process; what carries an old one is stale and worth nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.errors import EngineError
from engine.opening import StartStage
from engine.types import CancelToken, EngineStatus, SpeechEngine, SpeechRequest

Work = Callable[[SpeechEngine, CancelToken], Iterator[Any]]
"""What a process can be asked to do with its engine; what it yields comes back. It polls the token, and goes there by
pickle."""


@dataclass(frozen=True, slots=True)
class HostLimits:
    """Set how patient the owner of a process is.

    The child beats every `beat_s` while it works. It hangs when nothing at all is heard from it for `silence_s`
    (`start_silence_s` while it starts: loading a large library lets no other thread run), or when it beats but gets
    nowhere for `stuck_s` (`start_stuck_s`, `ping_s`). `close_s` is for ending politely.
    """

    beat_s: float = 0.5
    silence_s: float = 10.0
    stuck_s: float = 60.0
    start_silence_s: float = 60.0
    start_stuck_s: float = 600.0
    ping_s: float = 10.0
    close_s: float = 2.0


# --- to the child


@dataclass(frozen=True, slots=True)
class Speak:
    """Ask for speech, and cancel whatever was asked for before. Segments before `first_segment` are left out."""

    epoch: int
    request: SpeechRequest
    first_segment: int = 0


@dataclass(frozen=True, slots=True)
class Do:
    """Ask for work, which is answered as a `Speak` is, and cancel whatever was asked for before."""

    epoch: int
    work: Work


@dataclass(frozen=True, slots=True)
class Cancel:
    """Cancel what was asked for with `epoch`."""

    epoch: int


@dataclass(frozen=True, slots=True)
class Ping:
    """Ask the engine to use its device a little and answer `HostPong`: does the device still work?"""

    epoch: int


@dataclass(frozen=True, slots=True)
class Close:
    """Ask the child to end, politely."""


Order = Speak | Do | Cancel | Ping | Close

# --- from the child


@dataclass(frozen=True, slots=True)
class Beat:
    """Say that the child is alive and working; `n_steps` grows with the work that is done."""

    n_steps: int


@dataclass(frozen=True, slots=True)
class HostProgress:
    """Say how far the start is, as `Report` does."""

    stage: StartStage
    fraction: float
    left_s: float | None = None


@dataclass(frozen=True, slots=True)
class HostReady:
    """Say that the engine is open."""

    status: EngineStatus


@dataclass(frozen=True, slots=True)
class HostSaid:
    """Carry an event: a `SpeechEvent`, or whatever a `Work` yields."""

    epoch: int
    event: Any


@dataclass(frozen=True, slots=True)
class HostEnded:
    """Say that all of the request was said, or all of the work done."""

    epoch: int
    status: EngineStatus


@dataclass(frozen=True, slots=True)
class HostPong:
    """Answer a `Ping`: the device works."""

    epoch: int
    status: EngineStatus


@dataclass(frozen=True, slots=True)
class HostFailed:
    """Say that the request failed and the engine lives on; or, with epoch 0, that the engine could not be opened."""

    epoch: int
    error: EngineError


@dataclass(frozen=True, slots=True)
class Broke:
    """Report an exception that nobody expected: the engine is in an unknown state, and the child ends."""

    traceback: str


HostReply = HostProgress | HostReady | HostSaid | HostEnded | HostPong | HostFailed
"""What the owner of a process sees; `Beat` and `Broke` stay below."""
