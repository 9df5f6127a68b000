"""Describes what is happening to the download of S1 Mini, as one value, and has the table of how it may change. No Qt
here.

`CheckpointDownload` makes a `DownloadState`; the login dialog and the tray render it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto

import engine
import engine.weights
from desktop.common.messages import Mend, Message, explain, mend_of


class DownloadPhase(StrEnum):
    """Names the steps from nothing to a checkpoint."""

    OFFERED = auto()  # no checkpoint, and nobody is logged in as far as is known
    CHECKING = auto()  # asking the hub whose token it is
    BROWSER = auto()  # a code waits to be typed on the hub's page
    KNOWN = auto()  # somebody is logged in; nothing runs
    DOWNLOADING = auto()
    PAUSED = auto()
    FAILED = auto()  # stopped by a problem that trying again may get over
    INSPECTING = auto()  # the files of a chosen folder are being read
    READY = auto()  # there is a whole checkpoint


class DownloadChange(StrEnum):
    """Names what can happen to a phase."""

    CHECK = auto()
    BROWSE = auto()
    NAME = auto()  # the hub has said whose token it is
    DENY = auto()  # there is no token, or none that is good
    DISCARD = auto()  # what a download left that was given up is to go
    FORGET = auto()  # another account is asked for
    REFUSE = auto()  # the account is good, its licence is not accepted
    START = auto()  # or go on
    PAUSE = auto()
    FAIL = auto()
    CANCEL = auto()
    INSPECT = auto()
    FIND = auto()  # a whole checkpoint is there, wherever it came from
    LOSE = auto()  # the checkpoint is gone, or is no good


_Phase, _Change = DownloadPhase, DownloadChange
_TABLE: dict[DownloadPhase, dict[DownloadChange, DownloadPhase]] = {
    _Phase.OFFERED: {
        _Change.CHECK: _Phase.CHECKING,
        _Change.BROWSE: _Phase.BROWSER,
        _Change.START: _Phase.DOWNLOADING,  # what an earlier run left goes on
        _Change.PAUSE: _Phase.PAUSED,  # or stays paused
        _Change.FAIL: _Phase.OFFERED,
        _Change.DISCARD: _Phase.OFFERED,
        _Change.INSPECT: _Phase.INSPECTING,
        _Change.FIND: _Phase.READY,
    },
    _Phase.CHECKING: {
        _Change.NAME: _Phase.KNOWN,
        _Change.DENY: _Phase.OFFERED,
        _Change.REFUSE: _Phase.KNOWN,
        _Change.FAIL: _Phase.OFFERED,
        _Change.CANCEL: _Phase.OFFERED,
        _Change.INSPECT: _Phase.INSPECTING,
        _Change.FIND: _Phase.READY,
    },
    _Phase.BROWSER: {
        _Change.NAME: _Phase.KNOWN,
        _Change.DENY: _Phase.OFFERED,
        _Change.REFUSE: _Phase.KNOWN,
        _Change.FAIL: _Phase.OFFERED,
        _Change.CANCEL: _Phase.OFFERED,
        _Change.INSPECT: _Phase.INSPECTING,
        _Change.FIND: _Phase.READY,
    },
    _Phase.KNOWN: {
        _Change.CHECK: _Phase.CHECKING,
        _Change.REFUSE: _Phase.KNOWN,
        _Change.DENY: _Phase.OFFERED,
        _Change.FAIL: _Phase.KNOWN,
        _Change.DISCARD: _Phase.KNOWN,
        _Change.FORGET: _Phase.OFFERED,
        _Change.START: _Phase.DOWNLOADING,
        _Change.INSPECT: _Phase.INSPECTING,
        _Change.FIND: _Phase.READY,
    },
    _Phase.DOWNLOADING: {
        _Change.DENY: _Phase.OFFERED,
        _Change.REFUSE: _Phase.KNOWN,
        _Change.START: _Phase.DOWNLOADING,
        _Change.PAUSE: _Phase.PAUSED,
        _Change.FAIL: _Phase.FAILED,
        _Change.CANCEL: _Phase.KNOWN,
        _Change.FIND: _Phase.READY,
    },
    _Phase.PAUSED: {
        _Change.START: _Phase.DOWNLOADING,
        _Change.CANCEL: _Phase.KNOWN,
        _Change.FIND: _Phase.READY,
    },
    _Phase.FAILED: {
        _Change.START: _Phase.DOWNLOADING,
        _Change.CANCEL: _Phase.KNOWN,
        _Change.FIND: _Phase.READY,
    },
    _Phase.INSPECTING: {
        _Change.FAIL: _Phase.OFFERED,
        _Change.CANCEL: _Phase.OFFERED,
        _Change.FIND: _Phase.READY,
    },
    _Phase.READY: {
        _Change.INSPECT: _Phase.INSPECTING,  # another one
        _Change.FIND: _Phase.READY,
        _Change.LOSE: _Phase.OFFERED,
    },
}


def next_download_phase(phase: DownloadPhase, change: DownloadChange) -> DownloadPhase | None:
    """Look up where `change` leads from `phase`; None where it means nothing and is ignored."""
    return _TABLE[phase].get(change)


@dataclass(frozen=True, slots=True)
class DownloadState:
    """Describes the download at one moment. `account` is who is logged in, "" when the hub was not asked; `login` is
    what to open and type while the browser is waited for; `problem.mend` is the one button that helps. `left` is what a
    download left that was given up, to go on from or to delete. `hides_environment`: another token than that in
    HF_TOKEN is used, as was asked for."""

    phase: DownloadPhase = DownloadPhase.OFFERED
    account: str = ""
    login: engine.weights.BrowserLogin | None = None
    progress: engine.weights.DownloadProgress | None = None
    problem: Message | None = None
    left: engine.weights.DownloadProgress | None = None
    hides_environment: bool = False

    @property
    def fraction(self) -> float | None:
        """Calculate the share that is done, 0 to 1; None while the size is not known."""
        progress = self.progress
        if progress is None or progress.total_bytes <= 0:
            return None
        return min(progress.done_bytes / progress.total_bytes, 1.0)

    @property
    def is_under_way(self) -> bool:
        """Say whether something was begun, and is neither finished nor given up."""
        return self.phase in (DownloadPhase.DOWNLOADING, DownloadPhase.PAUSED, DownloadPhase.FAILED)


_DENIED = ("no_token", "bad_token", "token_forbids", "environment_token")


def change_of(error: engine.EngineError) -> DownloadChange:
    """Decide what `error` does to the phase."""
    if isinstance(error, engine.HubError):
        if error.problem in _DENIED:
            return DownloadChange.DENY
        if error.problem == "licence_not_accepted":
            return DownloadChange.REFUSE
    return DownloadChange.FAIL


def problem_of(error: engine.EngineError, is_chosen_folder: bool = False) -> Message:
    """Explain `error` in one sentence, with the button that mends it. What helps is said in words only where a button
    alone does not say it."""
    message = explain(error)
    if is_chosen_folder:
        return Message(message.sentence, mend=Mend.CHOOSE_FOLDER)
    if isinstance(error, engine.HubError):
        return Message(message.sentence, mend=mend_of(error))
    is_full = isinstance(error, engine.OutputError) and error.problem == "disk_full"
    remedy = "Free some space; what is downloaded stays." if is_full else message.remedy
    return Message(message.sentence, remedy, Mend.TRY_AGAIN)


REMEMBERED = {
    DownloadPhase.DOWNLOADING: "running",
    DownloadPhase.FAILED: "running",  # the next start may fare better
    DownloadPhase.PAUSED: "paused",
}
"""What the settings keep of a phase: "running" goes on by itself at the next start; nothing is kept of the others."""
