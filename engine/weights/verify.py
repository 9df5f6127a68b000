"""Checking and removing a checkpoint."""

from collections.abc import Iterator
from pathlib import Path

from engine.types import CancelToken
from engine.weights.values import DownloadProgress


def verify_checkpoint(folder: Path, cancel: CancelToken) -> Iterator[DownloadProgress]:
    raise NotImplementedError


def remove_checkpoint(folder: Path) -> int:
    raise NotImplementedError
