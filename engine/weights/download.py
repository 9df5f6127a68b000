"""The download."""

from collections.abc import Iterator
from pathlib import Path

from engine.types import CancelToken
from engine.weights.values import DownloadLimits, DownloadProgress


def download_checkpoint(
    folder: Path, cancel: CancelToken, *, token: str | None, revision: str | None, limits: DownloadLimits | None
) -> Iterator[DownloadProgress]:
    raise NotImplementedError


def unfinished_download(folder: Path) -> DownloadProgress | None:
    raise NotImplementedError
