"""Finding the S1 Mini checkpoint. No byte of the weights is read: whole is what `verify.py` or the mark says it is."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from engine.errors import CheckpointError
from engine.weights.places import hub_cache
from engine.weights.records import part_path, read_mark, read_plan, size_of

CHECKPOINT_NAME = "openaudio-s1-mini"
CHECKPOINT_FILES = ("config.json", "model.pth", "codec.pth", "tokenizer.tiktoken", "special_tokens.json")
CODEC_FILES = ("codec.pth",)
OPTIONAL_FILES = ("codec.json",)
"""The sizes of a codec that is not S1 Mini's own: downloaded where there is one."""

REPOSITORIES = ("fishaudio/openaudio-s1-mini", "fishaudio/s1-mini")
"""The Hub's repository, and its newer name (specification section 1)."""


def find_checkpoint(given: Path | None, data_folder: Path, needed: tuple[str, ...] = CHECKPOINT_FILES) -> Path | None:
    """Find the folder that holds the `needed` files of the checkpoint; None where there is none.

    A folder that the user names (`given`, or the environment's LECTERN_CHECKPOINT) must be whole: raises
    `CheckpointError` otherwise. The usual places count only when they are whole.
    """
    for folder in _named_folders(given):
        problem = checkpoint_problem(folder, needed)
        if problem is not None:
            raise problem
        return folder
    for folder in usual_folders(data_folder):
        if checkpoint_problem(folder, needed) is None:
            return folder
    return None


def usual_folders(data_folder: Path) -> tuple[Path, ...]:
    """List the folders where a checkpoint is looked for that nobody named, in order: Lectern's own, which was verified
    when it came; what the Hub's library has downloaded; `checkpoints/` of the current folder."""
    return download_folder(data_folder), *_hub_snapshots(), Path("checkpoints", CHECKPOINT_NAME)


def download_folder(data_folder: Path) -> Path:
    """Return the folder for Lectern's own checkpoint, below `data_folder`."""
    return data_folder / "checkpoints" / CHECKPOINT_NAME


def missing_files(folder: Path, needed: tuple[str, ...] = CHECKPOINT_FILES) -> tuple[str, ...]:
    """List the `needed` files that are not in `folder`, or are empty, as a broken-off download leaves them."""
    return tuple(name for name in needed if not size_of(folder / name))


def checkpoint_problem(folder: Path, needed: tuple[str, ...] = CHECKPOINT_FILES) -> CheckpointError | None:
    """Say why the `needed` files in `folder` are no checkpoint; None where they are one.

    A folder with Lectern's mark is one while its files have the sizes they came with, even if a newer revision is on
    its way beside them. A folder that is being filled is none. A folder that was filled by hand is one when every file
    is there and none is half.
    """
    missing = missing_files(folder, needed)
    if missing:
        unfinished = any(size_of(part_path(folder, name)) is not None for name in missing)
        present = "unfinished" if unfinished else "file_missing" if folder.is_dir() else "folder_missing"
        return CheckpointError(present, folder, name=missing[0])
    mark = read_mark(folder)
    if mark is None:
        half = [name for name in needed if size_of(part_path(folder, name)) is not None]
        if half or read_plan(folder) is not None:
            return CheckpointError("unfinished", folder, name=half[0] if half else "")
        return None
    for file in mark.files:
        size = size_of(folder / file.name)
        if file.name in needed and size != file.size_bytes:
            expected = f"{file.size_bytes:,} bytes"
            return CheckpointError("changed", folder / file.name, file.name, f"{size or 0:,} bytes", expected)
    return None


def _hub_snapshots() -> Iterator[Path]:
    """The revisions of S1 Mini in the Hub library's cache: what `main` was when it was last asked for, then the
    others, the newest first."""
    for repository in REPOSITORIES:
        folder = hub_cache() / f"models--{repository.replace('/', '--')}"
        try:
            found = sorted((folder / "snapshots").iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
        except OSError:
            continue
        try:
            main = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            main = ""
        yield from sorted(found, key=lambda path: path.name != main)


def _named_folders(given: Path | None) -> Iterator[Path]:
    if given is not None:
        yield given
    elif named := os.environ.get("LECTERN_CHECKPOINT"):
        yield Path(named).expanduser()
