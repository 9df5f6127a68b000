"""Defines what a program that wants sound says to the running instance, and what comes back: one JSON line there, then
frames as the sound is made. A socket of its own, beside that for commands, so that no sound passes the GUI's thread.

A frame is a letter, the length of what follows in four bytes, and that. The program closes the connection when all was
heard; before, that cancels.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from enum import Enum
from pathlib import Path

from desktop.common.paths import runtime_folder
from desktop.common.protocol import MAX_LINE_BYTES, MAX_TEXT_BYTES, ProtocolError, n_bytes

HEAD_BYTES = 5
MAX_FRAME_BYTES = 2**20
MAX_MARKS = 100_000
SPEEDS = (0.25, 4.0)
PITCHES = (0.5, 2.0)
GAINS = (0.0, 1.0)


class Frame(Enum):
    SEGMENT = b"B"  # a sentence begins: its place in the text, in code points
    SOUND = b"S"  # int16, mono, at `engine.SAMPLE_RATE_HZ`
    MARK = b"M"  # its name; all sound before it was given
    RESTART = b"R"  # what was given since the last SEGMENT is void, and comes again
    HOLD = b"H"  # what the person reads is heard now: wait with what is not heard yet
    GO_ON = b"G"
    DONE = b"E"
    FAILED = b"F"  # a sentence that says why


@dataclass(frozen=True, slots=True)
class SoundRequest:
    """Asks for the sound of `text`. `language` and `voice` may be "", for what the text is in and the voice that is
    chosen. `marks`, in order: the code point before which each stands, and its name. With `is_ssml` the text is SSML,
    which has its own marks, and places are those of the text that `engine.text.read_ssml` makes of it."""

    text: str
    language: str = ""
    voice: str = ""
    speed: float = 1.0
    pitch: float = 1.0
    gain: float = 1.0
    marks: tuple[tuple[int, str], ...] = ()
    is_ssml: bool = False


def speech_address() -> Path:
    """Return the socket's path. Raises `RuntimeFolderError`."""
    return runtime_folder() / "speech"


def encode_request(request: SoundRequest) -> bytes:
    return json.dumps(asdict(request)).encode() + b"\n"


def decode_request(line: bytes) -> SoundRequest:
    """Read a request. Raises `ProtocolError`."""
    try:
        values = json.loads(line)
        marks = tuple((_whole(place), _text(name)) for place, name in values.get("marks", ()))
        request = SoundRequest(
            _text(values["text"]),
            _text(values.get("language", "")),
            _text(values.get("voice", "")),
            _number(values.get("speed", 1.0), SPEEDS),
            _number(values.get("pitch", 1.0), PITCHES),
            _number(values.get("gain", 1.0), GAINS),
            marks,
            values.get("is_ssml", False) is True,
        )
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise ProtocolError("This is no request for sound.") from None
    if n_bytes(request.text) > MAX_TEXT_BYTES or len(marks) > MAX_MARKS:
        raise ProtocolError(f"A text has at most {MAX_TEXT_BYTES:,} bytes and {MAX_MARKS:,} marks.")
    return request


def encode_frame(kind: Frame, content: bytes = b"") -> bytes:
    return kind.value + len(content).to_bytes(4, "big") + content


def decode_head(head: bytes) -> tuple[Frame, int]:
    """Read the first `HEAD_BYTES` of a frame: what it is, and how many bytes follow. Raises `ProtocolError`."""
    length = int.from_bytes(head[1:], "big")
    try:
        kind = Frame(head[:1])
    except ValueError:
        raise ProtocolError("This is no frame of sound.") from None
    if length > MAX_FRAME_BYTES:
        raise ProtocolError("A frame is too long.")
    return kind, length


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value


def _number(value: object, limits: tuple[float, float]) -> float:
    if type(value) not in (int, float):
        raise TypeError
    assert isinstance(value, (int, float))
    if not limits[0] <= value <= limits[1]:
        raise ValueError
    return float(value)


__all__ = [
    "HEAD_BYTES",
    "MAX_LINE_BYTES",
    "Frame",
    "SoundRequest",
    "decode_head",
    "decode_request",
    "encode_frame",
    "encode_request",
    "speech_address",
]
