"""The way to a checkpoint, against a hub on loopback: requests in, states out, and the work on a thread of its own."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mock_hub import ACCOUNT, LOGIN_PAGE, TOKEN, Answer, Cut, Flip, Hold, MockHub, Reply
from pytestqt.qtbot import QtBot
from waiting import wait_until

import engine
import engine.weights
from desktop.common.download_state import DownloadPhase, DownloadState
from desktop.common.messages import Mend
from desktop.s1.checkpoint_download import CheckpointDownload
from engine.weights import DownloadStage

P = DownloadPhase
TINY = Path(__file__).parents[2] / "golden" / "tiny_s1" / "checkpoint"
BIG = "codec.pth"
HALF = (TINY / BIG).stat().st_size // 2


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[MockHub]:
    with MockHub(TINY) as hub:
        hub.enter(monkeypatch, tmp_path / "hub-home")
        yield hub


class Way:
    """A `CheckpointDownload` and what it told."""

    def __init__(self, folder: Path, qtbot: QtBot, prefers_saved_token: bool = False) -> None:
        self.folder, self._qtbot = folder, qtbot
        self.download = CheckpointDownload(folder, prefers_saved_token)
        self.preferences: list[bool] = []
        self.download.saved_token_preferred.connect(self.preferences.append)
        self.states: list[DownloadState] = []
        self.found: list[tuple[Path, bool]] = []
        self.pages: list[str] = []
        self.download.state_changed.connect(self.states.append)
        self.download.checkpoint_found.connect(lambda folder, is_chosen: self.found.append((folder, is_chosen)))
        self.download.open_page_requested.connect(self.pages.append)

    @property
    def state(self) -> DownloadState:
        return self.download.state

    def until(self, is_so: Callable[[DownloadState], bool]) -> DownloadState:
        self._qtbot.waitUntil(lambda: is_so(self.state))
        return self.state

    def until_phase(self, phase: DownloadPhase) -> DownloadState:
        return self.until(lambda state: state.phase is phase)

    def until_half(self, hub: MockHub) -> None:
        """The download hangs in the middle of its biggest file, all else is there, and it says so."""
        hub.wait_until_sent(BIG, HALF)
        held = len(hub.files[BIG]) - HALF
        self.until(lambda s: s.progress is not None and s.progress.total_bytes - s.progress.done_bytes == held)

    def log_in(self) -> None:
        self.download.log_in(TOKEN)
        self.until(lambda state: state.phase is P.KNOWN)


@pytest.fixture
def make_way(qtbot: QtBot, tmp_path: Path) -> Iterator[Callable[..., Way]]:
    ways: list[Way] = []

    def make(prefers_saved_token: bool = False) -> Way:
        ways.append(Way(tmp_path / "data" / "openaudio-s1-mini", qtbot, prefers_saved_token))
        return ways[-1]

    yield make
    for way in ways:
        way.download.close()


@pytest.fixture
def way(hub: MockHub, make_way: Callable[[], Way]) -> Way:  # noqa: ARG001  (the environment names it)
    return make_way()


def phases(way: Way) -> list[DownloadPhase]:
    """Without repetitions."""
    told = [state.phase for state in way.states]
    return [phase for index, phase in enumerate(told) if index == 0 or told[index - 1] is not phase]


def test_that_nobody_is_logged_in_is_no_problem(way: Way) -> None:
    way.download.look()
    assert way.state.phase is P.CHECKING
    way.until_phase(P.OFFERED)
    assert way.state.problem is None


def test_who_is_logged_in_already_is_greeted(way: Way, make_way: Callable[[], Way]) -> None:
    way.log_in()
    later = make_way()
    later.download.look()
    assert later.until_phase(P.KNOWN).account == ACCOUNT


def test_a_wrong_token_then_the_right_one(way: Way) -> None:
    way.download.log_in("hf_wrong")
    problem = way.until_phase(P.OFFERED).problem
    assert problem is not None
    assert problem.mend is Mend.ENTER_TOKEN
    assert "hf_wrong" not in repr(way.states)
    way.log_in()
    assert (way.state.account, way.state.problem) == (ACCOUNT, None)
    way.download.forget_account()
    assert (way.state.phase, way.state.account) == (P.OFFERED, "")


def test_the_licence_is_asked_for_and_then_it_downloads(way: Way, hub: MockHub) -> None:
    hub.licence_accepted = False
    way.log_in()
    for _ in range(2):
        problem = way.until(lambda state: state.problem is not None).problem
        assert way.state.phase is P.KNOWN
        assert problem is not None
        assert problem.mend is Mend.OPEN_LICENCE_PAGE
        way.download.start()
        assert (way.state.phase, way.state.problem) == (P.DOWNLOADING, None)
    way.until_phase(P.KNOWN)
    hub.licence_accepted = True
    way.download.start()
    way.until_phase(P.READY)
    assert way.found == [(way.folder, False)]
    assert not engine.weights.missing_files(way.folder)


def test_logging_in_through_the_browser(way: Way, hub: MockHub) -> None:
    hub.browser.pending = 1_000_000
    way.download.log_in_with_browser()
    login = way.until(lambda state: state.login is not None).login
    assert login is not None
    assert login.code == hub.browser.user_code
    assert way.pages == [login.url]
    way.download.cancel()
    assert (way.state.phase, way.state.login) == (P.OFFERED, None)
    hub.browser.pending = 0
    way.download.log_in_with_browser()
    assert way.until_phase(P.KNOWN).account == ACCOUNT


def test_pause_and_resume(way: Way, hub: MockHub) -> None:
    way.log_in()
    hub.fail(BIG, Hold(HALF))
    way.download.start()
    way.until_half(hub)
    way.download.pause()
    paused = way.state
    assert paused.phase is P.PAUSED
    assert paused.fraction is not None
    way.download.start()
    assert way.state.progress == paused.progress  # what was known is still shown
    way.until_phase(P.READY)
    assert hub.bytes_sent[BIG] == len(hub.files[BIG])


def test_what_is_given_up_begins_again_with_what_is_there(way: Way, hub: MockHub) -> None:
    way.log_in()
    hub.fail(BIG, Hold(HALF))
    way.download.start()
    way.until_half(hub)
    way.download.cancel()
    assert (way.state.phase, way.state.account, way.state.progress) == (P.KNOWN, ACCOUNT, None)
    way.download.start()
    way.until_phase(P.READY)
    assert phases(way)[-3:] == [P.KNOWN, P.DOWNLOADING, P.READY]


def test_what_is_given_up_stays_until_it_is_deleted(way: Way, hub: MockHub, make_way: Callable[[], Way]) -> None:
    way.log_in()
    assert way.state.left is None
    hub.fail(BIG, Hold(HALF))
    way.download.start()
    way.until_half(hub)
    way.download.cancel()
    assert way.state.left is not None  # at once, and then as the disk has it
    way.until(lambda state: state.left == engine.weights.unfinished_download(way.folder))
    later = make_way()
    later.download.look()
    left = later.until_phase(P.KNOWN).left
    assert left is not None
    assert left.done_bytes >= HALF
    later.download.start()
    assert (later.state.progress, later.state.left) == (left, None)  # what was known is still shown
    later.download.cancel()
    later.until(lambda state: state.left is not None and state.left == engine.weights.unfinished_download(way.folder))
    later.download.discard()
    later.until(lambda state: state.left is None)
    assert later.state.phase is P.KNOWN
    assert not way.folder.exists()


def test_deleting_what_is_left_spares_an_older_whole_one(way: Way, hub: MockHub) -> None:
    """And what is being written now cannot be deleted, which is told."""
    list(engine.weights.download_checkpoint(way.folder, engine.CancelToken(), token=TOKEN))
    hub.push(BIG, bytes(reversed(hub.files[BIG])))
    hub.fail(BIG, Hold(HALF))
    cancel = engine.CancelToken()
    run = engine.weights.download_checkpoint(way.folder, cancel, token=TOKEN, revision="main")
    for progress in run:
        if progress.done_bytes and hub.bytes_sent[BIG] >= len(hub.files[BIG]) + HALF:
            break
    way.download.discard()
    problem = way.until(lambda state: state.problem is not None).problem
    assert problem is not None
    assert problem.sentence == f"Another download into {way.folder} is going on."
    cancel.cancel()
    list(run)
    assert engine.weights.unfinished_download(way.folder) is not None
    way.download.try_again()
    way.until(lambda state: state.problem is None)
    way.until(lambda _: engine.weights.unfinished_download(way.folder) is None)
    assert engine.weights.find_checkpoint(way.folder, way.folder) == way.folder
    list(engine.weights.verify_checkpoint(way.folder, engine.CancelToken()))


# --- a wrong token in the environment


@pytest.fixture(params=["hf_wrong", "no token at all"])
def in_the_way(
    hub: MockHub,  # noqa: ARG001  (it clears the environment)
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> str:
    monkeypatch.setenv("HF_TOKEN", request.param)
    return request.param


@pytest.mark.usefixtures("in_the_way")
def test_the_saved_token_is_used_where_the_person_asks_for_it(
    way: Way, make_way: Callable[..., Way], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each start tells what is in the way, until it is asked to use the saved one, and then says that it does."""
    with monkeypatch.context() as patch:
        patch.delenv("HF_TOKEN")
        engine.weights.log_in(TOKEN)
    for each in (way, make_way()):
        each.download.look()
        problem = each.until_phase(P.OFFERED).problem
        assert problem is not None
        assert problem.mend is Mend.USE_SAVED_TOKEN
        assert "HF_TOKEN" in problem.sentence
    way.download.use_saved_token()
    state = way.until_phase(P.KNOWN)
    assert (state.account, state.hides_environment, state.problem) == (ACCOUNT, True, None)
    assert way.preferences == [True]
    later = make_way(prefers_saved_token=True)
    later.download.restore("running")
    later.until(lambda state: state.hides_environment)
    assert later.until_phase(P.READY).hides_environment
    assert later.preferences == []


@pytest.mark.usefixtures("in_the_way")
def test_a_download_that_was_refused_goes_on_with_the_saved_token(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.delenv("HF_TOKEN")
        engine.weights.log_in(TOKEN)
    way.download.restore("running")
    assert way.until_phase(P.OFFERED).problem is not None
    way.download.use_saved_token()
    way.until_phase(P.READY)


@pytest.mark.usefixtures("in_the_way")
def test_who_logs_in_here_means_that_token(way: Way, hub: MockHub, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a token or through the browser; once the environment names none, there is nothing to prefer."""
    way.log_in()
    way.until(lambda state: state.hides_environment)
    assert way.preferences == [True]
    monkeypatch.delenv("HF_TOKEN")
    way.download.start()
    way.until_phase(P.READY)
    assert not way.state.hides_environment
    assert way.preferences == [True, False]
    assert {request.authorization for request in hub.requests if request.place == "hub"} == {f"Bearer {TOKEN}"}


@pytest.mark.usefixtures("in_the_way")
def test_who_logs_in_through_the_browser_means_that_account(way: Way) -> None:
    way.download.log_in_with_browser()
    way.until_phase(P.KNOWN)
    assert (way.state.hides_environment, way.preferences) == (True, [True])
    way.download.start()
    way.until_phase(P.READY)


def test_a_fault_that_passes_is_waited_out_or_tried_at_once(way: Way, hub: MockHub) -> None:
    way.log_in()
    hub.fail(BIG, Answer(503, {"Retry-After": "600"}))
    way.download.start()
    state = way.until(lambda s: s.progress is not None and s.progress.stage is DownloadStage.WAITING)
    assert state.phase is P.DOWNLOADING
    assert state.problem is not None
    assert state.problem.mend is Mend.TRY_AGAIN
    way.download.try_again()
    way.until_phase(P.READY)
    assert way.state.problem is None


def test_what_passes_by_itself_is_waited_for_however_often(way: Way, hub: MockHub) -> None:
    """As when a computer starts before its network is there."""
    way.log_in()
    soon = Answer(503, {"Retry-After": "0"})
    hub.fail("auth-check", *[soon] * 12)
    hub.fail(BIG, *[soon] * 12)
    way.download.restore("running")
    way.until_phase(P.READY)
    assert phases(way)[-2:] == [P.DOWNLOADING, P.READY]
    assert engine.weights.DownloadLimits().max_attempts < 12


def test_a_networks_log_in_page_is_told_until_somebody_logs_in_there(way: Way, hub: MockHub) -> None:
    """Also where the page comes instead of the first question. What is held is held."""
    way.log_in()
    wait_until(lambda: bool(hub.asked("auth-check")), "the licence was asked about")
    page = Reply(200, {"Content-Type": "text/html"}, LOGIN_PAGE)
    hub.fail("auth-check", page, place="hub")
    hub.fail(BIG, Cut(HALF), *[page] * 500, place="storage")
    way.download.start()
    told = way.until(lambda state: state.problem is not None).problem
    assert told is not None
    assert told.sentence.startswith("Another page comes instead of Hugging Face (127.0.0.1)")
    assert told.mend is Mend.TRY_AGAIN
    hub.wait_until_sent(BIG, HALF)
    way.until(lambda state: state.problem is not None and "(localhost)" in state.problem.sentence)
    assert way.state.phase is P.DOWNLOADING
    assert way.state.progress is not None
    hub.heal()
    way.download.start()  # "Try now"
    way.until_phase(P.READY)
    assert hub.bytes_sent[BIG] == len(hub.files[BIG])


def test_a_file_that_comes_damaged_stops_it_and_is_tried_again(way: Way, hub: MockHub) -> None:
    way.log_in()
    hub.fail(BIG, *[Flip(1000)] * 2)
    way.download.start()
    problem = way.until_phase(P.FAILED).problem
    assert problem is not None
    assert problem.mend is Mend.TRY_AGAIN
    way.download.try_again()
    way.until_phase(P.READY)


def test_the_next_start_goes_on_or_stays_paused(way: Way, hub: MockHub, make_way: Callable[[], Way]) -> None:
    way.log_in()
    hub.fail(BIG, Hold(HALF))
    way.download.start()
    way.until_half(hub)
    way.download.close()
    assert way.state.phase is P.DOWNLOADING  # which is what the settings remember
    paused = make_way()
    paused.download.restore("paused")
    assert paused.until(lambda state: state.progress is not None).phase is P.PAUSED
    running = make_way()
    running.download.restore("running")
    running.until_phase(P.READY)
    assert hub.bytes_sent[BIG] == len(hub.files[BIG])
    paused.download.restore("")
    assert paused.state.phase is P.PAUSED


def test_a_folder_is_looked_at_before_it_is_used(way: Way, tmp_path: Path) -> None:
    empty, good = tmp_path / "empty", tmp_path / "good"
    empty.mkdir()
    shutil.copytree(TINY, good)
    for bad in (empty, tmp_path / "not there"):
        way.download.use_folder(bad)
        assert way.state.phase is P.INSPECTING
        problem = way.until_phase(P.OFFERED).problem
        assert problem is not None
        assert problem.mend is Mend.CHOOSE_FOLDER
    assert way.found == []
    way.download.use_folder(good)
    way.until_phase(P.READY)
    assert way.found == [(good, True)]
    way.download.suspect_checkpoint()
    (good / BIG).write_bytes((good / BIG).read_bytes()[:HALF])
    way.download.use_folder(good)
    assert way.until_phase(P.OFFERED).problem is not None
    assert way.found == [(good, True)]


def test_another_folder_that_is_no_good_leaves_the_one_that_is(way: Way, tmp_path: Path) -> None:
    way.download.set_checkpoint(tmp_path)
    way.download.use_folder(tmp_path / "not there")
    problem = way.until_phase(P.READY).problem
    assert problem is not None
    assert problem.mend is Mend.CHOOSE_FOLDER
    way.download.use_folder(TINY)
    way.download.cancel()
    assert (way.state.phase, way.state.problem, way.found) == (P.READY, None, [])
    way.download.use_folder(TINY)
    way.until(lambda _: way.found == [(TINY, True)])


def test_what_was_downloaded_and_has_changed_is_downloaded_again(way: Way, hub: MockHub) -> None:
    way.log_in()
    way.download.start()
    way.until_phase(P.READY)
    damaged = bytearray((way.folder / BIG).read_bytes())
    damaged[HALF] ^= 0xFF
    (way.folder / BIG).write_bytes(damaged)
    way.download.suspect_checkpoint()
    way.log_in()
    way.download.start()
    way.until_phase(P.READY)
    assert (way.folder / BIG).read_bytes() == hub.files[BIG]


def test_a_checkpoint_that_is_found_does_not_end_a_download(way: Way, hub: MockHub, tmp_path: Path) -> None:
    way.download.set_checkpoint(tmp_path)
    assert way.state.phase is P.READY
    way.download.look()  # nothing to look for
    assert way.state.phase is P.READY
    way.download.set_checkpoint(None)
    assert way.state.phase is P.OFFERED
    way.log_in()
    hub.fail(BIG, Hold(HALF))
    way.download.start()
    way.until_half(hub)
    way.download.set_checkpoint(tmp_path)
    assert way.state.phase is P.DOWNLOADING


def test_the_work_is_never_on_the_windows_thread(way: Way, monkeypatch: pytest.MonkeyPatch) -> None:
    workers: list[threading.Thread] = []

    def noted(door: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **named: object) -> object:
            workers.append(threading.current_thread())
            return door(*arguments, **named)

        return call

    for name in ("hub_account", "log_in", "check_licence", "download_checkpoint"):
        monkeypatch.setattr(engine.weights, name, noted(getattr(engine.weights, name)))
    way.download.look()
    way.until_phase(P.OFFERED)
    way.log_in()
    way.download.start()
    way.until_phase(P.READY)
    assert len(workers) >= 4
    assert threading.main_thread() not in workers


def test_what_was_not_foreseen_is_told_and_can_be_tried_again(
    way: Way, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: str | None = None) -> engine.weights.HubAccount:
        raise RuntimeError("nobody thought of this")

    with monkeypatch.context() as patch:
        patch.setattr(engine.weights, "hub_account", broken)
        way.download.look()
        problem = way.until_phase(P.OFFERED).problem
    assert problem is not None
    assert "nobody thought of this" in caplog.text
    way.download.try_again()
    way.until(lambda state: state.phase is P.OFFERED and state.problem is None)
