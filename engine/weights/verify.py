"""A checkpoint read to its last byte, and a checkpoint removed."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import CheckpointError
from engine.files.checkpoint_files import check_form
from engine.files.disk import as_output_error
from engine.types import CancelToken
from engine.weights.find import CHECKPOINT_FILES, OPTIONAL_FILES, checkpoint_problem
from engine.weights.lock import FolderLock
from engine.weights.part import BLOCK_BYTES, kept_parts
from engine.weights.records import (
    MarkedFile,
    part_path,
    read_mark,
    remove_mark,
    remove_plan,
    size_of,
)
from engine.weights.values import DownloadProgress, DownloadStage

EVERY_S = 0.1
"""Between two values."""


def verify_checkpoint(folder: Path, cancel: CancelToken) -> Iterator[DownloadProgress]:
    """Read every byte of the checkpoint in `folder`, and yield the progress: VERIFYING, then DONE.

    The bytes are compared with the sha256 of their download or, where the files came another way, looked at for what is
    damaged in itself. A cancelled run just ends. Raises `CheckpointError`.
    """
    problem = checkpoint_problem(folder)
    if problem is not None:
        raise problem
    mark = read_mark(folder)
    names = [file.name for file in mark.files] if mark else [*CHECKPOINT_FILES, *OPTIONAL_FILES]
    sizes = {name: size for name in names if (size := size_of(folder / name)) is not None}
    total_bytes = sum(sizes.values())
    promised = {file.name: file for file in mark.files} if mark else {}
    done_bytes = 0
    next_s = time.monotonic()
    for name in sizes:
        path = folder / name
        for n_bytes in _check_sha256(path, promised[name]) if name in promised else _check_form(path):
            done_bytes += n_bytes
            if cancel.cancelled:
                return
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + EVERY_S
                yield DownloadProgress(DownloadStage.VERIFYING, done_bytes, total_bytes)
    yield DownloadProgress(DownloadStage.DONE, total_bytes, total_bytes)


def _check_sha256(path: Path, promised: MarkedFile) -> Iterator[int]:
    """Yields the bytes of each block read. Raises `CheckpointError`."""
    sha256 = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while data := file.read(BLOCK_BYTES):
                sha256.update(data)
                yield len(data)
    except OSError as error:
        raise CheckpointError("unreadable", path, path.name, error.strerror or "") from error
    if sha256.hexdigest() != promised.sha256:
        raise CheckpointError("changed", path, path.name, sha256.hexdigest()[:12], promised.sha256[:12])


def _check_form(path: Path) -> Iterator[int]:
    """Yields the bytes of each block read. Raises `CheckpointError`."""
    try:
        yield from check_form(path, path.name, BLOCK_BYTES)
    except (OSError, ValueError) as error:
        raise CheckpointError("unreadable", path, path.name, str(error)) from error


def discard_download(folder: Path) -> int:
    """Delete what an unfinished download left in `folder`, and no file that is whole; return how many bytes are free
    again.

    Raises `HubError` ("busy") while another download fills it, and `OutputError`.
    """
    if not folder.is_dir():
        return 0
    with FolderLock(folder), as_output_error(folder):
        freed_bytes = _unlink(path for name in (*CHECKPOINT_FILES, *OPTIONAL_FILES) for path in _parts(folder, name))
        remove_plan(folder)
    return freed_bytes


def remove_checkpoint(folder: Path) -> int:
    """Delete the checkpoint in `folder`, parts of downloads too, and nothing else; return how many bytes are free
    again.

    Raises `HubError` ("busy") while a download fills it, and `OutputError`.
    """
    if not folder.is_dir():
        return 0
    names = (*CHECKPOINT_FILES, *OPTIONAL_FILES)
    with FolderLock(folder), as_output_error(folder):
        remove_mark(folder)  # first: what is half gone is not whole
        freed_bytes = _unlink(path for name in names for path in (folder / name, *_parts(folder, name)))
        remove_plan(folder)
    return freed_bytes


def _parts(folder: Path, name: str) -> list[Path]:
    return [part_path(folder, name), *kept_parts(folder, name)]


def _unlink(paths: Iterable[Path]) -> int:
    """The bytes that are free again. Raises OSError."""
    freed_bytes = 0
    for path in paths:
        freed_bytes += size_of(path) or 0
        path.unlink(missing_ok=True)
    return freed_bytes
