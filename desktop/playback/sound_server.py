"""The outputs and microphones that the desktop's sound server has, by the names that its own settings show.

PulseAudio, and PipeWire, which answers for it. PortAudio sees only "pulse" or "default" in their place. Importing this
loads no library.
"""

from __future__ import annotations

import sys
from collections import Counter
from dataclasses import dataclass
from typing import Literal

Kind = Literal["input", "output"]


@dataclass(frozen=True, slots=True)
class ServerDevice:
    """`key` is the server's own name for it, which stays the same; `words` is what people read."""

    key: str
    words: str


def server_devices(kind: Kind) -> list[ServerDevice] | None:
    """What the sound server has now; None where no server answers. Takes a few milliseconds."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        import pulsectl
    except (ImportError, OSError):  # there is no libpulse
        return None
    try:
        with pulsectl.Pulse("Lectern") as pulse:  # its own time limit is always waited for to the end
            found = pulse.sink_list() if kind == "output" else pulse.source_list()
    except pulsectl.PulseError:
        return None
    # What a sink plays can be recorded, too: that is no microphone.
    pairs = [(each.name, each.description or each.name) for each in found if not _is_monitor(each)]
    times = Counter(words for _, words in pairs)
    return [ServerDevice(key, words if times[words] == 1 else f"{words} ({key})") for key, words in pairs]


def find_server_device(kind: Kind, name: str) -> ServerDevice | None:
    """The one that is called `name`, by the words for people or by the server's own."""
    found = server_devices(kind) or []
    return next((device for device in found if name in (device.words, device.key)), None)


def _is_monitor(device: object) -> bool:
    """Of a source; a sink is none."""
    return bool(getattr(device, "monitor_of_sink_name", None))
