"""The state of a download and of a login, as frozen values, none of which holds a token."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from engine.errors import HubError


class DownloadStage(StrEnum):
    """Name what a download is doing."""

    CHECKING = "checking"  # what the Hub has, and what is here already
    DOWNLOADING = "downloading"
    WAITING = "waiting"  # a retry is due
    VERIFYING = "verifying"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class DownloadProgress:
    """Describe how far a download or a check is, over all files together.

    `done_bytes` includes what earlier runs fetched. `total_bytes` is 0 until it is known. `bytes_per_s` is smoothed, 0
    when unknown; `left_s` None likewise. While WAITING, `problem` says why and `retry_in_s` how long.
    """

    stage: DownloadStage
    done_bytes: int = 0
    total_bytes: int = 0
    bytes_per_s: float = 0.0
    left_s: float | None = None
    problem: HubError | None = None
    retry_in_s: float = 0.0


class TokenSource(StrEnum):
    """Name where a token came from."""

    GIVEN = "given"
    ENVIRONMENT = "environment"  # HF_TOKEN
    SAVED = "saved"  # where the Hub's library keeps it


@dataclass(frozen=True, slots=True)
class HubAccount:
    """Name the account that a token belongs to, and where the token came from."""

    name: str
    token_source: TokenSource


@dataclass(frozen=True, slots=True)
class BrowserLogin:
    """Hold the page that the person must open, and the code to type there."""

    url: str
    code: str
    expires_in_s: float


@dataclass(frozen=True, slots=True)
class DownloadLimits:
    """Set how patient a download is.

    A stall is `stall_s` without a byte. After a failure that may pass it waits `first_wait_s`, twice as long after each
    further one, at most `max_wait_s`, or as long as the server asks, up to `max_retry_after_s`; it gives up after
    `max_attempts` in a row that brought no byte (`max_questions` for questions about the repository).
    """

    n_workers: int = 3
    connect_s: float = 10.0
    stall_s: float = 30.0
    first_wait_s: float = 1.0
    max_wait_s: float = 60.0
    max_retry_after_s: float = 900.0
    max_attempts: int = 8
    max_questions: int = 3
    progress_every_s: float = 0.2
