"""Gets a checkpoint by an account and a download, or from a folder that is here. Requests in, `DownloadState` out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtCore import QObject, Signal

import engine
import engine.weights
from desktop.common.download_state import (
    DownloadChange,
    DownloadPhase,
    DownloadState,
    change_of,
    next_download_phase,
    problem_of,
)
from desktop.common.messages import Mend, Message
from desktop.worker import Worker
from engine import CancelToken
from engine.weights import BrowserLogin, DownloadLimits, DownloadProgress, HubAccount, TokenSource


@dataclass(frozen=True, slots=True)
class _Left:
    """What an unfinished download has left in the folder."""

    progress: DownloadProgress | None


@dataclass(frozen=True, slots=True)
class _TokenChoice:
    """Whether the saved token comes before the environment's, and whether there is one that it hides."""

    prefers_saved: bool
    hides_environment: bool


_Fact = HubAccount | BrowserLogin | DownloadProgress | Path | _Left | _TokenChoice | None
"""What work finds out; a path is that of a whole checkpoint, None that nobody is logged in."""
_Work = Callable[[CancelToken], Iterator[_Fact]]

_UNFORESEEN = Message("Getting S1 Mini ended in a way that was not foreseen.", mend=Mend.TRY_AGAIN)
CLOSE_LIMIT_S = 5.0
UNTIRING = DownloadLimits(max_attempts=10**9, max_questions=10**9)
"""What passes by itself is waited for, however long: a night without a network, a start before there is one. The window
says so all the while, and has a button to try at once."""
_log = logging.getLogger(__name__)


class CheckpointDownload(QObject):
    """Gets S1 Mini's files. Lives in the GUI thread, and waits for nothing there: each of the engine's blocking calls
    has a thread of its own. Those that fill or read a folder take turns, so that none begins before the one that was
    cancelled has ended; a question that the hub does not answer is left behind.

    `folder` is where Lectern's own checkpoint goes. What is cancelled leaves its parts there, to go on from.
    """

    state_changed = Signal(object)
    """`DownloadState`; `state` is the last."""
    checkpoint_found = Signal(object, bool)
    """(folder, whether a person chose it): a whole checkpoint, downloaded or chosen just now."""
    open_page_requested = Signal(str)
    """A page to open in the browser."""
    saved_token_preferred = Signal(bool)
    """Whether the saved token is to be used though the environment names another; to be kept for the next start."""

    def __init__(self, folder: Path, prefers_saved_token: bool = False, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = DownloadState()
        self._folder = folder
        self._prefers_saved_token = prefers_saved_token
        self._worker = Worker("download", self, is_ordered=False)
        self._cancel = CancelToken()  # of the work that is going on
        self._last: tuple[DownloadChange, _Work] | None = None
        self._turn = threading.Lock()
        self._has_checkpoint = self._is_suspect = False

    # --- requests

    def look(self) -> None:
        """See who is logged in already; that nobody is, is no problem. Only where nothing is going on."""
        if self.state.phase is DownloadPhase.OFFERED:
            self._begin(DownloadChange.CHECK, self._look)

    def log_in(self, token: str) -> None:
        """Log in with `token`, which is kept and used from now on, whatever the environment names."""
        self._begin(DownloadChange.CHECK, lambda cancel: self._log_in(token, cancel))

    def log_in_with_browser(self) -> None:
        """Log in by a page that is opened in the browser."""
        self._begin(DownloadChange.BROWSE, self._log_in_with_browser)

    def use_saved_token(self) -> None:
        """Use the saved token though the environment names another, and go on with what that one was refused for."""
        self._prefer_saved_token(True)
        if self._last is not None and self._last[0] is DownloadChange.START:
            self.start()
        else:
            self._begin(DownloadChange.CHECK, self._look)

    def forget_account(self) -> None:
        """Ask for another token. What is stored stays until there is one."""
        self._change(DownloadChange.FORGET, account="", problem=None)

    def start(self) -> None:
        """Download, or go on with it."""
        self._begin(DownloadChange.START, self._download)

    def pause(self) -> None:
        if self._change(DownloadChange.PAUSE, problem=None):
            self._stop_work()

    def cancel(self) -> None:
        """Give up what is going on; what is downloaded stays until `discard`."""
        left = self.state.progress if self.state.is_under_way else self.state.left
        if self._change(self._back(DownloadChange.CANCEL), problem=None, login=None, progress=None, left=left):
            self._work_on(self._read_left)

    def discard(self) -> None:
        """Delete what a download left that was given up."""
        self._begin(DownloadChange.DISCARD, self._discard)

    def use_folder(self, folder: Path) -> None:
        """See whether the files in `folder` are S1 Mini's, whole and unharmed."""
        self._begin(DownloadChange.INSPECT, lambda cancel: self._inspect(folder, cancel))

    def try_again(self) -> None:
        """Do again whatever it was that failed."""
        if self._last is not None:
            self._begin(*self._last)

    def restore(self, remembered: str) -> None:
        """Go on from what the settings have kept of an earlier run: "running" goes on, "paused" is shown as that."""
        if remembered == "running":
            self.start()
        elif remembered == "paused" and self._change(DownloadChange.PAUSE):
            self._work_on(self._read_unfinished)

    def set_checkpoint(self, folder: Path | None) -> None:
        """Note which checkpoint is in use, or that there is none. What is under way goes on."""
        self._has_checkpoint = folder is not None
        if folder is None:
            self._change(DownloadChange.LOSE, problem=None, progress=None)
        elif not self.state.is_under_way and self.state.phase is not DownloadPhase.INSPECTING:
            self._stop_work()
            self._change(DownloadChange.FIND, problem=None, login=None)

    def suspect_checkpoint(self) -> None:
        """Begin anew, since the checkpoint that is there is no good. Lectern's own is checked before a download trusts
        it."""
        self._has_checkpoint, self._is_suspect = False, True
        self._change(DownloadChange.LOSE, problem=None, progress=None)

    def close(self) -> None:
        """End the work and wait for that: a fraction of a second, at the program's end. No signal comes any more."""
        self._stop_work()
        self._worker.close()
        if self._turn.acquire(timeout=CLOSE_LIMIT_S):
            self._turn.release()

    # --- work, on a thread of its own

    def _token(self) -> str | None:
        """None means what `engine` finds by itself: the environment's, else the saved one."""
        return engine.weights.saved_token_text() if self._prefers_saved_token else None

    def _choice(self, token: str | None) -> _TokenChoice:
        """Where the environment names none any more, nothing has to be preferred."""
        is_in_the_way = _environment_names_one()
        return _TokenChoice(self._prefers_saved_token and is_in_the_way, token is not None and is_in_the_way)

    def _look(self, cancel: CancelToken) -> Iterator[_Fact]:
        yield from self._read_left(cancel)
        token = self._token()
        yield self._choice(token)
        try:
            account = engine.weights.hub_account(token)
        except engine.HubError as error:
            if error.problem != "no_token":
                raise
            yield None
            return
        yield from self._greet(account, token, cancel)

    def _log_in(self, token: str, cancel: CancelToken) -> Iterator[_Fact]:
        yield from self._welcome(engine.weights.log_in(token), cancel)

    def _log_in_with_browser(self, cancel: CancelToken) -> Iterator[_Fact]:
        for said in engine.weights.log_in_with_browser(cancel):
            if isinstance(said, HubAccount):
                yield from self._welcome(said, cancel)
            else:
                yield said

    def _welcome(self, account: HubAccount, cancel: CancelToken) -> Iterator[_Fact]:
        """Who has just logged in here means this account, whatever the environment names."""
        is_in_the_way = _environment_names_one()
        yield _TokenChoice(is_in_the_way, is_in_the_way)
        yield from self._greet(account, engine.weights.saved_token_text(), cancel)

    def _greet(self, account: HubAccount, token: str | None, cancel: CancelToken) -> Iterator[_Fact]:
        yield account
        if not cancel.cancelled:
            engine.weights.check_licence(token)

    def _download(self, cancel: CancelToken) -> Iterator[_Fact]:
        with self._turn:
            if self._is_suspect:
                yield from self._drop_damaged(cancel)
            token = self._token()
            yield self._choice(token)
            yield from engine.weights.download_checkpoint(self._folder, cancel, token=token, limits=UNTIRING)
        yield self._folder  # thrown away where it was cancelled

    def _drop_damaged(self, cancel: CancelToken) -> Iterator[_Fact]:
        """A whole and marked folder is not downloaded again, so one whose bytes have changed has to go."""
        try:
            yield from engine.weights.verify_checkpoint(self._folder, cancel)
        except engine.CheckpointError as error:
            if error.problem in ("changed", "unreadable"):  # nothing that a download could go on from
                engine.weights.remove_checkpoint(self._folder)
        self._is_suspect = cancel.cancelled

    def _inspect(self, folder: Path, cancel: CancelToken) -> Iterator[_Fact]:
        with self._turn:
            yield from engine.weights.verify_checkpoint(folder, cancel)
        yield folder

    def _discard(self, cancel: CancelToken) -> Iterator[_Fact]:
        with self._turn:
            engine.weights.discard_download(self._folder)
        yield from self._read_left(cancel)

    def _read_left(self, _: CancelToken) -> Iterator[_Fact]:
        with self._turn:  # once whoever writes there has ended
            yield _Left(engine.weights.unfinished_download(self._folder))

    def _read_unfinished(self, _: CancelToken) -> Iterator[_Fact]:
        if (progress := engine.weights.unfinished_download(self._folder)) is not None:
            yield progress

    # --- what it comes to

    def _begin(self, change: DownloadChange, work: _Work) -> None:
        """`change` the phase and do `work`; the one that runs is cancelled."""
        progress, left = (self.state.progress if self.state.is_under_way else None), self.state.left
        if change is DownloadChange.START:
            progress, left = progress or left, None
        if not self._change(change, problem=None, login=None, progress=progress, left=left):
            return
        self._last = change, work
        self._work_on(work)

    def _work_on(self, work: _Work) -> None:
        self._stop_work()
        self._cancel = self._worker.follow(work, self._take, lambda: None, self._take_failure, Exception)

    def _stop_work(self) -> None:
        self._cancel.cancel()

    def _take(self, fact: _Fact) -> None:
        match fact:
            case None:
                self._change(DownloadChange.DENY, account="")
            case HubAccount():
                self._change(DownloadChange.NAME, account=fact.name, login=None)
            case BrowserLogin():
                self._update(login=fact)
                self.open_page_requested.emit(fact.url)
            case DownloadProgress():
                self._show(fact)
            case _Left():
                self._update(left=fact.progress)
            case _TokenChoice():
                self._prefer_saved_token(fact.prefers_saved)
                self._update(hides_environment=fact.hides_environment)
            case Path():
                is_chosen = self.state.phase is DownloadPhase.INSPECTING
                self._has_checkpoint = True
                self._change(DownloadChange.FIND, problem=None, left=None)
                self.checkpoint_found.emit(fact, is_chosen)

    def _show(self, progress: DownloadProgress) -> None:
        before = self.state.progress
        if before is not None and not progress.total_bytes:  # what was known is still true
            progress = replace(progress, done_bytes=before.done_bytes, total_bytes=before.total_bytes)
        problem = problem_of(progress.problem) if progress.problem is not None else None
        self._update(progress=progress, problem=problem)

    def _take_failure(self, error: Exception) -> None:
        if isinstance(error, engine.EngineError):
            is_chosen_folder = self.state.phase is DownloadPhase.INSPECTING
            self._fail(change_of(error), problem_of(error, is_chosen_folder))
        else:
            _log.error("getting S1 Mini", exc_info=error)
            self._fail(DownloadChange.FAIL, _UNFORESEEN)

    def _fail(self, change: DownloadChange, problem: Message) -> None:
        if change is DownloadChange.DENY:
            self._update(account="")
        self._change(self._back(change), login=None, problem=problem)

    def _prefer_saved_token(self, is_preferred: bool) -> None:
        if is_preferred != self._prefers_saved_token:
            self._prefers_saved_token = is_preferred
            self.saved_token_preferred.emit(is_preferred)

    def _back(self, change: DownloadChange) -> DownloadChange:
        """A chosen folder that is not used leaves the checkpoint that there is."""
        is_other = self.state.phase is DownloadPhase.INSPECTING and self._has_checkpoint
        return DownloadChange.FIND if is_other else change

    def _change(self, change: DownloadChange, **values: object) -> bool:
        """Whether `change` means anything now; then `values` hold, too."""
        phase = next_download_phase(self.state.phase, change)
        if phase is None:
            return False
        self._update(phase=phase, **values)
        return True

    def _update(self, **values: object) -> None:
        state = replace(self.state, **values)  # type: ignore[arg-type]
        if state != self.state:
            self.state = state
            self.state_changed.emit(state)


def _environment_names_one() -> bool:
    """Whether there is a token in the environment, good or not."""
    try:
        return engine.weights.token_source() is TokenSource.ENVIRONMENT
    except engine.HubError as error:  # none that could be sent
        return error.token_source == TokenSource.ENVIRONMENT
