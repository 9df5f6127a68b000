"""The voice engines there are: what each is called, can do and needs, how it is opened, and which one speaks.

Nothing here loads an engine. Whoever wants to know something of one asks for its entry, and never compares names.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, get_args

from engine.errors import DeviceError, OptionError, TorchError, VoiceError
from engine.opening import EngineSetup, Opener, PlainOpener
from engine.types import LANGUAGES, SpeechEngine

ENTRIES = (
    "engine.speech.entry",
    "engine.builtin.entry",
    "engine.builtin.natural_entry",
)
"""The modules that describe an engine, each in a value named `ENTRY`; the best engine first. A new engine is a file
with an entry, and a line here."""

DeviceRequest = Literal["auto", "cuda", "cpu"]
DEVICES: tuple[DeviceRequest, ...] = get_args(DeviceRequest)
PRECISIONS = ("auto", "bfloat16", "float16", "float32", "int8", "mixed", "int4")
"""How an engine's weights can be kept; the last two only those of its many layers."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """States what an engine is able to do.

    * `has_voices`: it has voices of its own, called by the engine's name, or that, a slash and a variant.
    * `clones`: it speaks with recordings (`Voice.references`), and so with the voices that a person keeps.
    * `improvises`: it makes up a voice where none is asked for, and tells which (`SegmentDone.voice`).
    * `samples`: what it says is drawn, so that seed, temperature and the like make a difference.
    * `batches`: it speaks several texts at once (`BatchingEngine`).
    * `streams`: the first sound of a sentence comes before the sentence is done.
    * `word_times`: it knows its words: its chunks say which begin in them (`PcmChunk.words`). Where it does not, it is
      opened so that they are found by listening (`WordsPlaced`, `engine.alignment`): every engine's words are placed.
    * `phonemes`: it says words as the International Phonetic Alphabet writes them (`Segment.phonemes`); where it does
      not, it says the respelling, or the word as it is written.
    * `acts_markers`: it acts out emotion and tone markers; where it does not, they are left unsaid.
    """

    has_voices: bool = False
    clones: bool = False
    improvises: bool = False
    samples: bool = False
    batches: bool = False
    streams: bool = True
    word_times: bool = False
    phonemes: bool = False
    acts_markers: bool = False
    languages: tuple[str, ...] = LANGUAGES


@dataclass(frozen=True, slots=True)
class Needs:
    """States what must be here before an engine can speak: nothing at all, unless it is said.

    `checkpoint`: a folder with its weights. `devices` and `precisions` are those to choose from; none, where there is
    no choice.
    """

    checkpoint: bool = False
    torch: bool = False
    devices: tuple[DeviceRequest, ...] = ()
    precisions: tuple[str, ...] = ()


def _no_variants() -> tuple[str, ...]:
    return ()


def _no_version() -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineEntry:
    """Describes one engine.

    `name` is the one that voices and files have. `display_name` is what its status calls it, and `sentence_name` the
    same as a sentence has it ("the built-in voice"). `model_id` is its name in OpenAI's interface. `open` opens it in
    this process, raising `EngineError`; `opener` makes what opens it in a process of its own, where that takes more
    steps than one. `variants` lists those of its voices, `offered_voices` are the full names that windows offer.
    `version`, with `name`, tells sounds of one release from those of another, where there is no checkpoint to do so.
    """

    name: str
    display_name: str
    sentence_name: str = ""
    model_id: str = ""
    capabilities: Capabilities = Capabilities()
    needs: Needs = Needs()
    open: Callable[[EngineSetup], SpeechEngine]
    opener: Callable[[EngineSetup], Opener] | None = None
    variants: Callable[[], tuple[str, ...]] = _no_variants
    offered_voices: tuple[str, ...] = ()
    version: Callable[[], str] = _no_version

    @property
    def spoken_name(self) -> str:
        """The name in the middle of a sentence."""
        return self.sentence_name or self.display_name

    @property
    def is_always_there(self) -> bool:
        """Whether it can speak on any computer, at once."""
        return self.needs == Needs()

    def has_voice(self, voice: str) -> bool:
        """Tell whether `voice` is, by its form, the name of a voice of this engine's own."""
        return self.capabilities.has_voices and (voice == self.name or voice.startswith(f"{self.name}/"))

    def voice_names(self) -> tuple[str, ...]:
        """List the full names of its own voices, where it has some; loads what that takes. Raises `EngineError`."""
        variants = tuple(f"{self.name}/{variant}" for variant in self.variants())
        return variants or ((self.name,) if self.capabilities.has_voices else ())


# --- looking up


def engines() -> tuple[EngineEntry, ...]:
    """List the engines, the best first."""
    return _described_in(ENTRIES)


@cache  # windows ask a hundred times a second
def _described_in(modules: tuple[str, ...]) -> tuple[EngineEntry, ...]:
    return tuple(import_module(module).ENTRY for module in modules)


def engine_named(name: str) -> EngineEntry:
    """Find the engine that is called `name`. Raises `OptionError`."""
    for entry in engines():
        if entry.name == name:
            return entry
    raise OptionError("engine", name, ", ".join(entry.name for entry in engines()))


def engine_displayed(display_name: str) -> EngineEntry | None:
    """Find the engine whose status has this name; None where none here has."""
    return next((entry for entry in engines() if entry.display_name == display_name), None)


def engine_of_voice(voice: str) -> EngineEntry | None:
    """Find the engine that `voice` belongs to; None for the usual voice ("") and for those that a person keeps."""
    return next((entry for entry in engines() if entry.has_voice(voice)), None)


def best_engine(can: Callable[[EngineEntry], bool] = lambda _: True) -> EngineEntry:
    """Find the best engine that `can` do something; there is one."""
    return next(entry for entry in engines() if can(entry))


def always_there() -> EngineEntry:
    """Find the engine that speaks where no better one can, and meanwhile."""
    return best_engine(lambda entry: entry.is_always_there)


def cloning_engine() -> EngineEntry:
    """Find the engine that speaks with the voices that a person keeps."""
    return best_engine(lambda entry: entry.capabilities.clones)


def offered_voices() -> tuple[str, ...]:
    """List the engines' own voices that a window offers."""
    return tuple(voice for entry in engines() for voice in entry.offered_voices)


def check_language(entry: EngineEntry, language: str | None) -> None:
    """Raise `OptionError` where the engine of `entry` does not speak `language`; None is whatever the text is in."""
    if language is not None and language not in entry.capabilities.languages:
        expected = f"{', '.join(entry.capabilities.languages)}, which {entry.spoken_name} speaks"
        raise OptionError("language", language, expected)


# --- opening


def open_engine(name: str, setup: EngineSetup | None = None) -> SpeechEngine:
    """Open the engine `name` in this process. Raises `OptionError`, and what it cannot do without: `CheckpointError`,
    `DeviceError`, `TorchError`, `BuiltInVoiceError`."""
    entry = engine_named(name)
    speaker = entry.open(setup or EngineSetup())
    return speaker if entry.capabilities.word_times else _listening().listened(speaker)


def opener_of(name: str, setup: EngineSetup | None = None) -> Opener:
    """Make what opens the engine `name` in a process of its own (`engine.host`). Raises `OptionError`."""
    entry, setup = engine_named(name), setup or EngineSetup()
    opener = entry.opener(setup) if entry.opener is not None else PlainOpener(entry.open, setup)
    return opener if entry.capabilities.word_times else _listening().ListenedOpener(opener)


def _listening() -> Any:
    """What is in a room above this one, as the engines are, and is loaded as they are."""
    return import_module("engine.alignment")


# --- choosing


class ChoiceReason(StrEnum):
    VOICE_NAMED = "voice_named"  # one of the engine's own voices was asked for
    BEST = "best"  # it is the best there is, and needs nothing
    NO_CHECKPOINT = "no_checkpoint"
    NO_TORCH = "no_torch"  # a checkpoint was found, and PyTorch is not installed or does not load
    NO_CUDA = "no_cuda"  # a checkpoint was found, but nobody asked to wait for a CPU
    CHECKPOINT_NAMED = "checkpoint_named"
    CHECKPOINT_FOUND = "checkpoint_found"
    DEVICE_NAMED = "device_named"  # a checkpoint was found, and the device asked for


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """The engine that speaks, and why. `checkpoint` is None where it needs none; `device` is "cuda" or "cpu"."""

    engine: EngineEntry
    checkpoint: Path | None
    device: str
    reason: ChoiceReason


def choose_engine(
    *,
    checkpoint: Path | None,
    checkpoint_named: bool,
    device: DeviceRequest,
    voice: str,
    has_cuda: Callable[[], bool],
) -> EngineChoice:
    """Choose the engine that `voice` belongs to, else the best that can speak well here or was asked for.

    `checkpoint_named` says that the user named the folder, rather than that it was found. `has_cuda` is
    asked only when the answer matters, because it costs an import of PyTorch. Raises `DeviceError` when CUDA is asked
    for and is not there, `TorchError` when an engine was asked for and cannot be computed, and `VoiceError` when the
    engine of `voice` has no checkpoint.
    """
    named = engine_of_voice(voice)
    reason = ChoiceReason.BEST if named is None else ChoiceReason.VOICE_NAMED
    for entry in engines() if named is None else (named,):
        if entry.needs.checkpoint and checkpoint is None:
            reason = ChoiceReason.NO_CHECKPOINT
            continue
        if not entry.needs.devices:
            return EngineChoice(entry, checkpoint if entry.needs.checkpoint else None, "cpu", reason)
        try:
            cuda = device != "cpu" and has_cuda()
        except TorchError:
            if checkpoint_named or device != "auto" or voice:
                raise
            reason = ChoiceReason.NO_TORCH
            continue
        if device == "cuda" and not cuda:
            raise DeviceError("no_cuda", device="cuda")
        if device == "auto" and not cuda and not checkpoint_named and named is None:
            reason = ChoiceReason.NO_CUDA
            continue
        if checkpoint_named:
            reason = ChoiceReason.CHECKPOINT_NAMED
        elif named is None:
            reason = ChoiceReason.CHECKPOINT_FOUND if device == "auto" else ChoiceReason.DEVICE_NAMED
        return EngineChoice(entry, checkpoint, "cuda" if cuda else "cpu", reason)
    raise VoiceError("unknown", voice, known=offered_voices())
