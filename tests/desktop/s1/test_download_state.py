"""The way to S1 Mini as a table: every change in every phase; and what its problems and progress are called."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from desktop.common.download_state import (
    REMEMBERED,
    DownloadChange,
    DownloadPhase,
    DownloadState,
    change_of,
    next_download_phase,
    problem_of,
)
from desktop.common.messages import Mend
from desktop.common.settings import DOWNLOADS
from desktop.common.status_words import download_entry, download_line, download_title
from engine import CheckpointError, HubError, OutputError
from engine.weights import DownloadProgress, DownloadStage

P, C = DownloadPhase, DownloadChange

# What is not here means nothing in that phase.
OUTCOMES: dict[DownloadPhase, dict[DownloadChange, DownloadPhase]] = {
    P.OFFERED: {C.CHECK: P.CHECKING, C.BROWSE: P.BROWSER, C.START: P.DOWNLOADING, C.PAUSE: P.PAUSED}
    | {C.FAIL: P.OFFERED, C.DISCARD: P.OFFERED},
    P.CHECKING: {C.NAME: P.KNOWN, C.DENY: P.OFFERED, C.REFUSE: P.KNOWN, C.FAIL: P.OFFERED, C.CANCEL: P.OFFERED},
    P.BROWSER: {C.NAME: P.KNOWN, C.DENY: P.OFFERED, C.REFUSE: P.KNOWN, C.FAIL: P.OFFERED, C.CANCEL: P.OFFERED},
    P.KNOWN: {
        C.CHECK: P.CHECKING,
        C.FORGET: P.OFFERED,
        C.DISCARD: P.KNOWN,
        C.REFUSE: P.KNOWN,
        C.START: P.DOWNLOADING,
        C.FAIL: P.KNOWN,
        C.DENY: P.OFFERED,
    },
    P.DOWNLOADING: {
        C.DENY: P.OFFERED,
        C.REFUSE: P.KNOWN,
        C.START: P.DOWNLOADING,
        C.PAUSE: P.PAUSED,
        C.FAIL: P.FAILED,
        C.CANCEL: P.KNOWN,
    },
    P.PAUSED: {C.START: P.DOWNLOADING, C.CANCEL: P.KNOWN},
    P.FAILED: {C.START: P.DOWNLOADING, C.CANCEL: P.KNOWN},
    P.INSPECTING: {C.FAIL: P.OFFERED, C.CANCEL: P.OFFERED},
    P.READY: {C.LOSE: P.OFFERED},
}
MAY_INSPECT = {P.OFFERED, P.CHECKING, P.BROWSER, P.KNOWN, P.READY}
SOME = DownloadProgress(DownloadStage.DOWNLOADING, 1_548_000_000, 3_600_000_000, 12_400_000, 165)


@pytest.mark.parametrize("phase", DownloadPhase)
@pytest.mark.parametrize("change", DownloadChange)
def test_each_change_leads_where_it_should(phase: DownloadPhase, change: DownloadChange) -> None:
    if change is C.FIND:
        outcome: DownloadPhase | None = P.READY
    elif change is C.INSPECT:
        outcome = P.INSPECTING if phase in MAY_INSPECT else None
    else:
        outcome = OUTCOMES[phase].get(change)
    assert next_download_phase(phase, change) is outcome


def test_what_the_settings_keep_can_be_kept() -> None:
    assert {REMEMBERED.get(phase, "") for phase in DownloadPhase} == set(DOWNLOADS)
    assert {phase for phase in DownloadPhase if DownloadState(phase).is_under_way} == set(REMEMBERED)


@pytest.mark.parametrize(
    ("problem", "change", "mend"),
    [
        ("no_token", C.DENY, Mend.ENTER_TOKEN),
        ("bad_token", C.DENY, Mend.ENTER_TOKEN),
        ("token_forbids", C.DENY, Mend.ENTER_TOKEN),
        ("environment_token", C.DENY, Mend.USE_SAVED_TOKEN),
        ("licence_not_accepted", C.REFUSE, Mend.OPEN_LICENCE_PAGE),
        ("network", C.FAIL, Mend.TRY_AGAIN),
        ("busy", C.FAIL, Mend.TRY_AGAIN),
    ],
)
def test_a_problem_of_the_hub_has_one_sentence_and_one_button(problem: str, change: DownloadChange, mend: Mend) -> None:
    error = HubError(problem, "a detail")
    message = problem_of(error)
    assert change_of(error) is change
    assert message.sentence.count(". ") == 0
    assert (message.remedy, message.mend) == ("", mend)


def test_problems_of_files() -> None:
    full = OutputError("disk_full", Path("model.pth"), needed_bytes=2_000_000_000, free_bytes=1_000_000)
    assert problem_of(full).mend is Mend.TRY_AGAIN
    assert problem_of(full).remedy
    chosen = CheckpointError("file_missing", Path("/a/folder"), "model.pth")
    assert problem_of(chosen, is_chosen_folder=True).mend is Mend.CHOOSE_FOLDER


def test_how_far_it_is_in_words() -> None:
    running = DownloadState(P.DOWNLOADING, progress=SOME)
    assert running.fraction == pytest.approx(0.43)
    assert download_line(running) == "1.5 GB of 3.6 GB · 12.4 MB/s · 3 min left"
    assert download_title(running) == "Downloading S1 Mini"
    assert download_entry(running) == "Downloading S1 Mini 43 %"
    waiting = replace(running, progress=replace(SOME, stage=DownloadStage.WAITING, retry_in_s=8))
    assert download_line(waiting) == "1.5 GB of 3.6 GB · again in 8 s"
    paused = replace(running, phase=P.PAUSED)
    assert download_line(paused) == "1.5 GB of 3.6 GB"
    assert download_entry(paused) == "Download of S1 Mini paused at 43 %"
    unknown = DownloadState(P.DOWNLOADING, progress=DownloadProgress(DownloadStage.CHECKING))
    assert (unknown.fraction, download_line(unknown)) == (None, "")
    assert download_entry(unknown) == "Downloading S1 Mini"
    assert download_entry(DownloadState()) == "Get S1 Mini…"
    assert download_entry(DownloadState(P.READY)) == ""


def test_waiting_in_words() -> None:
    waiting = DownloadProgress(DownloadStage.WAITING, problem=HubError("network"), retry_in_s=8)
    state = DownloadState(P.DOWNLOADING, progress=waiting)
    assert download_entry(state) == "Download of S1 Mini waiting"
    assert (download_title(state), download_line(state)) == ("Waiting to try again", "Again in 8 s")
    state = replace(state, progress=replace(waiting, done_bytes=430, total_bytes=1000))
    assert download_entry(state) == "Download of S1 Mini waiting at 43 %"
    assert download_line(state) == "0 kB of 1 kB · again in 8 s"


def test_a_whole_is_never_told_before_it_is_one() -> None:
    almost = replace(SOME, done_bytes=SOME.total_bytes - 1)
    assert download_entry(DownloadState(P.DOWNLOADING, progress=almost)).endswith(" 99 %")
