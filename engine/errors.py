"""What can go wrong, as data. The sentence and the remedy are made where a person is
(`desktop/common/messages.py`); `str()` of an error is for logs and lists its fields.
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
class PronunciationError(EngineError):
    """An entry of a pronunciation dictionary, or its file, cannot be used. `problem`: "empty" (nothing is written),
    "pattern" (`detail` says what is wrong in the regular expression), "replacement" (it names a group that is not
    there), "matches_nothing" (the expression fits the empty text), "slow" (it takes far too long on some texts),
    "language" (not one of `LANGUAGES`), "control" (a character that nobody can see), "ipa" (`detail` is no sign of the
    International Phonetic Alphabet), "ipa_length" (no sound, or too many signs); "damaged" (the file `path` is none;
    `detail`), "unreadable" (it may not be read), "unknown" (no such entry is there)."""

    problem: str
    written: str = ""
    detail: str = ""
    path: Path | None = None


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
    "tensor_extra", "tensor_shape", "not_finite" (a tensor holds values that are no numbers), "tokenizer",
    "unfinished" (a download into it was not ended), "changed" (`name` is not what was downloaded: its size or its
    sha256). `name` is the file, field or tensor, `found` and `expected` what stood there and what should.
    """

    problem: str
    path: Path
    name: str = ""
    found: str = ""
    expected: str = ""


@dataclass(eq=False)
class AudioFileError(EngineError):
    """A recording or audio file cannot be read. `problem`: "missing", "unreadable", "no_audio", "empty", "too_long"
    (`detail` tells the limit), "rate" (so many samples a second that it is damaged: `detail`), "channels" (so many)."""

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
    """A file cannot be written. `problem`: "folder_missing", "is_folder", "not_allowed", "disk_full" (a download
    knows `needed_bytes` and `free_bytes`, and the `kept_bytes` of parts that another file may replace), "format"
    (unknown ending), "failed"."""

    problem: str
    path: Path
    detail: str = ""
    needed_bytes: int = 0
    free_bytes: int = 0
    kept_bytes: int = 0


@dataclass(eq=False)
class TorchError(EngineError):
    """PyTorch, which S1 Mini needs, cannot be used. `problem`: "missing" (`package` is not installed), "broken" (it
    does not load: `detail`), "no_runtime" (Microsoft's C++ runtime lacks the libraries in `detail`)."""

    problem: str
    package: str
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
    "codes_shape"; "too_many" (so many recordings: `detail`); "name" (none can be called that: `detail`), "taken"
    (another has that name); of a voice's file "damaged", "newer" (of a later Lectern), "not_encoded" (it was to be used
    without its sound and has no codes yet); "nothing_found" (the folder `name` holds no voices); "unsuitable" (a
    recording that makes none: `detail`); "no_sound" (it is to be heard, and has only codes); "not_improvised" (whoever
    spoke made up no voice).
    """

    problem: str
    name: str
    known: tuple[str, ...] = ()
    detail: str = ""


@dataclass(eq=False)
class BuiltInVoiceError(EngineError):
    """The built-in voice could not be started or gave up; `detail` is what it said. `problem` "no_runtime":
    Microsoft's C++ runtime lacks the libraries in `detail`; "path": its files are in the folder
    `detail`, whose name espeak-ng cannot take; else ""."""

    detail: str
    problem: str = ""


@dataclass(eq=False)
class HostError(EngineError):
    """The process that an engine runs in failed. `problem`: "crashed" (`detail` says how it ended), "hung"
    (it was ended), "raised" (an exception that nobody expected; `detail` is its traceback)."""

    problem: str
    detail: str = ""


@dataclass(eq=False)
class HubError(EngineError):
    """The Hub could not be used. No field ever holds a token, or an address that grants access. `problem`:

    "no_token", "bad_token" (`token_source` says which), "environment_token" (the wrong one in HF_TOKEN hides a good
    saved one), "token_forbids" (a good one without the right to read such repositories; `detail` is the Hub's word),
    "licence_not_accepted", "not_found" (the repository, the revision or a file: `detail`); "offline"
    (HF_HUB_OFFLINE), "network", "proxy", "proxy_kind" (the proxy `detail` is none that can be used), "rate_limited"
    (`retry_after_s`, where the Hub says it), "server", "stalled" (no byte for too long); "login_page" (a page comes
    instead, from the computer `detail`), "wrong_answer" (something else than was asked for: `detail`), "changed" (the
    Hub gives other content for the file `detail` than it promises),
    "corrupt" (the content came damaged, twice), "busy" (another download fills the folder `detail`);
    "login_denied" and "login_expired" (in the browser).
    """

    problem: str
    detail: str = ""
    retry_after_s: float | None = None
    token_source: str = ""


@dataclass(eq=False)
class ServerError(EngineError):
    """The server cannot start. `problem`: "not_installed", "no_wyoming" and "no_mcp" (the package `detail` is missing,
    which HTTP, Home Assistant's protocol or the tools for language models need), "needs_key" (`address` can
    be reached from other computers), "address" (it cannot be listened on; `detail` says why)."""

    problem: str
    address: str = ""
    detail: str = ""


@dataclass(eq=False)
class PlanError(EngineError):
    """Chapters cannot be arranged so. `problem`: "empty" (nothing would be left of one)."""

    problem: str


@dataclass(eq=False)
class NarrationError(EngineError):
    """A narration cannot go on. `problem`: "busy" (another process works on the project `path`), "no_project" (the
    folder holds none), "newer" (it was made by a later Lectern), "damaged" (`detail` is the file), "no_chapter"
    (`detail` is what was asked for), "nothing_to_speak" (no chapter is left in), "not_finished" (`detail` tells how
    many sentences have no sound yet), "no_sentence" (`detail`), "sounds_damaged" (so many files, `detail`, are not what
    was written; all are forgotten, and spoken again by the next run)."""

    problem: str
    path: Path
    detail: str = ""


@dataclass(eq=False)
class DocumentError(EngineError):
    """A document cannot be read. `problem`: "missing", "is_folder", "not_allowed", "failed" (reading it, `detail`);
    "format" (no ending that is known), "too_large" (it, or what is packed in it), "damaged" (`detail` says what),
    "protected" (by DRM), "encrypted" (a password is needed), "no_text" (pictures only, or nothing), "binary" (not a
    text)."""

    problem: str
    path: Path
    detail: str = ""
