"""What can go wrong, as data. The sentence and the remedy are made where a person is
(`desktop/messages.py`); `str()` of an error is for logs and lists its fields.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any


@dataclass(eq=False)
class EngineError(Exception):
    """The base of all. Survives pickling, because engines run in processes of their own."""

    def __str__(self) -> str:
        return ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (type(self), {f.name: getattr(self, f.name) for f in fields(self)})


def _rebuild(kind: type[EngineError], values: dict[str, Any]) -> EngineError:
    return kind(**values)


@dataclass(eq=False)
class TextError(EngineError):
    """The text cannot be spoken. `problem`: "empty", "nothing_to_speak" (only signs and spaces),
    "too_long" (`found` and `limit` in code points), "lone_surrogate", "nul_byte" (at `position`)."""

    problem: str
    position: int = 0
    found: int = 0
    limit: int = 0


@dataclass(eq=False)
class PromptTooLongError(EngineError):
    """Voice references and text together exceed what the model can take (specification section 6)."""

    n_tokens: int
    limit: int


@dataclass(eq=False)
class OptionError(EngineError):
    """An option outside its limits."""

    name: str
    found: Any
    expected: str


@dataclass(eq=False)
class CheckpointError(EngineError):
    """The checkpoint folder cannot be used. `problem`:

    "folder_missing", "file_missing", "unreadable" (truncated, corrupt, or not the published format),
    "unsafe" (a pickle that asks for more than tensors), "config" (a field), "tensor_missing",
    "tensor_extra", "tensor_shape", "tokenizer". `name` is the field or tensor, `found` and
    `expected` what stood there and what should.
    """

    problem: str
    path: Path
    name: str = ""
    found: str = ""
    expected: str = ""


@dataclass(eq=False)
class AudioFileError(EngineError):
    """A recording or audio file cannot be read. `problem`: "missing", "unreadable", "no_audio", "empty", "too_long"
    (`detail` tells the limit)."""

    problem: str
    path: Path
    detail: str = ""


@dataclass(eq=False)
class CodesFileError(EngineError):
    """A `.npy` of codes is not what the codec takes. `problem`: "missing", "unreadable", "shape", "dtype"."""

    problem: str
    path: Path
    found: str = ""
    expected: str = ""


@dataclass(eq=False)
class OutputError(EngineError):
    """A file cannot be written. `problem`: "folder_missing", "is_folder", "not_allowed", "disk_full",
    "format" (unknown ending), "failed"."""

    problem: str
    path: Path
    detail: str = ""


@dataclass(eq=False)
class DeviceError(EngineError):
    """The wanted device cannot be used. `problem`: "no_cuda", "out_of_memory", "failed"."""

    problem: str
    device: str
    detail: str = ""


@dataclass(eq=False)
class VoiceError(EngineError):
    """A voice cannot be used. `problem`: "unknown" (`known` lists the others), "no_transcript", "no_recording",
    "codes_shape"."""

    problem: str
    name: str
    known: tuple[str, ...] = ()
    detail: str = ""


@dataclass(eq=False)
class BuiltInVoiceError(EngineError):
    """espeak-ng could not be started or gave up; `detail` is what it said."""

    detail: str


@dataclass(eq=False)
class HostError(EngineError):
    """The process that an engine runs in failed. `problem`: "crashed" (`detail` says how it ended), "hung"
    (it was ended), "raised" (an exception that nobody expected; `detail` is its traceback)."""

    problem: str
    detail: str = ""


@dataclass(eq=False)
class ServerError(EngineError):
    """The server cannot start. `problem`: "not_installed" (the package `detail` is missing), "needs_key" (`address` can
    be reached from other computers), "address" (it cannot be listened on; `detail` says why)."""

    problem: str
    address: str = ""
    detail: str = ""
