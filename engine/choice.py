"""Which engine speaks, and why: decided from facts, without loading anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, get_args

from engine.errors import DeviceError, TorchError

DeviceWish = Literal["auto", "cuda", "cpu"]
DEVICE_WISHES: tuple[DeviceWish, ...] = get_args(DeviceWish)
BUILT_IN = "built-in"

PRECISIONS = ("auto", "bfloat16", "float16", "float32", "int8", "int4")
"""How S1 Mini's weights can be kept; the last two only those of its many layers."""


class ChoiceReason(StrEnum):
    VOICE_NAMED = "voice_named"  # the built-in voice was asked for
    NO_CHECKPOINT = "no_checkpoint"
    NO_TORCH = "no_torch"  # a checkpoint was found, and PyTorch is not installed or does not load
    NO_CUDA = "no_cuda"  # a checkpoint was found, but nobody asked to wait for a CPU
    CHECKPOINT_NAMED = "checkpoint_named"
    CHECKPOINT_FOUND = "checkpoint_found"
    DEVICE_NAMED = "device_named"  # a checkpoint was found, and the device asked for


@dataclass(frozen=True, slots=True)
class EngineChoice:
    """`checkpoint` None means the built-in voice; `device` is "cuda" or "cpu"."""

    checkpoint: Path | None
    device: str
    reason: ChoiceReason


def choose_engine(
    *,
    checkpoint: Path | None,
    checkpoint_named: bool,
    device: DeviceWish,
    voice: str,
    has_cuda: Callable[[], bool],
) -> EngineChoice:
    """S1 Mini where it can speak well or was asked for, else the built-in voice.

    `checkpoint_named` says that the user named the folder, rather than that it was found. `has_cuda` is
    asked only when the answer matters, because it costs an import of PyTorch. Raises `DeviceError`
    when CUDA is wished for S1 Mini and is not there, `TorchError` when S1 Mini was asked for and cannot be computed.
    """
    if is_built_in(voice):
        return EngineChoice(None, "cpu", ChoiceReason.VOICE_NAMED)
    if checkpoint is None:
        return EngineChoice(None, "cpu", ChoiceReason.NO_CHECKPOINT)
    try:
        cuda = device != "cpu" and has_cuda()
    except TorchError:
        if checkpoint_named or device != "auto" or voice:
            raise
        return EngineChoice(None, "cpu", ChoiceReason.NO_TORCH)
    if device == "cuda" and not cuda:
        raise DeviceError("no_cuda", device="cuda")
    if device == "auto" and not cuda and not checkpoint_named:
        return EngineChoice(None, "cpu", ChoiceReason.NO_CUDA)
    if checkpoint_named:
        reason = ChoiceReason.CHECKPOINT_NAMED
    else:
        reason = ChoiceReason.CHECKPOINT_FOUND if device == "auto" else ChoiceReason.DEVICE_NAMED
    return EngineChoice(checkpoint, "cuda" if cuda else "cpu", reason)


def is_built_in(voice: str) -> bool:
    """Whether a voice's name is the built-in voice's: "built-in", or "built-in/" and a variant."""
    return voice == BUILT_IN or voice.startswith(f"{BUILT_IN}/")


def built_in_variant(voice: str) -> str:
    """The variant in a built-in voice's name; "" is the usual one."""
    return voice.removeprefix(BUILT_IN).removeprefix("/")
