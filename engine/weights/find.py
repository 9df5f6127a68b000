"""Where the S1 Mini checkpoint is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from engine.errors import CheckpointError

CHECKPOINT_NAME = "openaudio-s1-mini"
CHECKPOINT_FILES = ("config.json", "model.pth", "codec.pth", "tokenizer.tiktoken", "special_tokens.json")
CODEC_FILES = ("codec.pth",)


def find_checkpoint(given: Path | None, data_folder: Path, needed: tuple[str, ...] = CHECKPOINT_FILES) -> Path | None:
    """The folder that holds the `needed` files of the checkpoint, or None where there is none.

    A folder that the user names (`given`, or the environment's LECTERN_CHECKPOINT) must be whole: raises
    `CheckpointError` otherwise. The usual places count only when they are whole: Lectern's own data
    folder, then `checkpoints/` of the current one.
    """
    for folder in _named_folders(given):
        missing = missing_files(folder, needed)
        if missing:
            problem = "file_missing" if folder.is_dir() else "folder_missing"
            raise CheckpointError(problem, folder, name=missing[0])
        return folder
    for folder in usual_folders(data_folder):
        if not missing_files(folder, needed):
            return folder
    return None


def usual_folders(data_folder: Path) -> tuple[Path, ...]:
    """Where a checkpoint is looked for that nobody named, in order."""
    return download_folder(data_folder), Path("checkpoints", CHECKPOINT_NAME)


def download_folder(data_folder: Path) -> Path:
    """Where Lectern's own checkpoint goes."""
    return data_folder / "checkpoints" / CHECKPOINT_NAME


def missing_files(folder: Path, needed: tuple[str, ...] = CHECKPOINT_FILES) -> tuple[str, ...]:
    return tuple(name for name in needed if not (folder / name).is_file())


def _named_folders(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
    elif named := os.environ.get("LECTERN_CHECKPOINT"):
        yield Path(named).expanduser()
