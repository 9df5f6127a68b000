"""The login dialog, fed with states: what each shows, what its buttons request, and that keys and ears suffice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from desktop.common.download_state import DownloadPhase, DownloadState, problem_of
from desktop.common.messages import Mend, Message, explain
from desktop.common.state import AppState, EnginePhase, EngineView
from desktop.s1.dialog import LoginDialog
from desktop.s1.pytorch_install import InstallPhase, InstallView
from engine import CheckpointError, HubError, TorchError
from engine.weights import BrowserLogin, DownloadProgress, DownloadStage

P = DownloadPhase
SOME = DownloadProgress(DownloadStage.DOWNLOADING, 430, 1000)
LOGIN = BrowserLogin("https://a.hub/device", "ABCD-1234", 600)
STATES = {
    P.OFFERED: DownloadState(),
    P.CHECKING: DownloadState(P.CHECKING),
    P.BROWSER: DownloadState(P.BROWSER, login=LOGIN),
    P.KNOWN: DownloadState(P.KNOWN, "ada"),
    P.DOWNLOADING: DownloadState(P.DOWNLOADING, "ada", progress=SOME),
    P.PAUSED: DownloadState(P.PAUSED, "ada", progress=SOME),
    P.FAILED: DownloadState(P.FAILED, "ada", progress=SOME, problem=problem_of(HubError("network"))),
    P.INSPECTING: DownloadState(P.INSPECTING, progress=replace(SOME, stage=DownloadStage.VERIFYING)),
    P.READY: DownloadState(P.READY),
}
READY = EngineView(EnginePhase.READY, device="cpu")


@pytest.fixture
def dialog(qtbot: QtBot) -> Iterator[LoginDialog]:
    dialog = LoginDialog()
    qtbot.addWidget(dialog)
    with qtbot.waitExposed(dialog):
        dialog.show()
    show(dialog, DownloadState())
    yield dialog
    dialog.close()


def show(dialog: LoginDialog, download: DownloadState, engine: EngineView | None = None) -> None:
    dialog.render(AppState(engine=engine or EngineView(), download=download))


def buttons(dialog: LoginDialog) -> dict[str, QAbstractButton]:
    """What can be pressed now, by its words."""
    found = [b for b in dialog.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled()]
    return {button.text().replace("&", ""): button for button in found if button.text()}


def words(dialog: LoginDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_it_is_not_modal_and_tells_what_it_costs(dialog: LoginDialog) -> None:
    assert not dialog.isModal()
    assert all(part in words(dialog) for part in ("3.6 GB", "free account", "CC-BY-NC-SA-4.0", "not for commercial"))


@pytest.mark.parametrize(
    ("phase", "offered"),
    [
        (P.OFFERED, {"Open licence page", "Paste", "Log in through the browser", "Make a token"}),
        (P.CHECKING, {"Open licence page", "Cancel"}),
        (P.BROWSER, {"Open licence page", "Copy code", "Open page again", "Cancel"}),
        (P.KNOWN, {"Open licence page", "Another account", "Download 3.6 GB"}),
        (P.DOWNLOADING, {"Pause", "Cancel", "Close"}),
        (P.PAUSED, {"Resume", "Cancel", "Close"}),
        (P.FAILED, {"Try again", "Resume", "Cancel", "Close"}),
        (P.INSPECTING, {"Cancel", "Close"}),
        (P.READY, {"Hear it", "Use another folder…", "Close"}),
    ],
)
def test_each_phase_offers_what_makes_sense(dialog: LoginDialog, phase: DownloadPhase, offered: set[str]) -> None:
    show(dialog, STATES[phase], READY)
    always = {"I have the files…", "Later: use the built-in voice"} if "Open licence page" in offered else set()
    assert set(buttons(dialog)) == offered | always


@pytest.mark.parametrize("phase", [P.OFFERED, P.KNOWN])
def test_what_was_given_up_is_told_and_can_be_deleted(qtbot: QtBot, dialog: LoginDialog, phase: DownloadPhase) -> None:
    left = replace(SOME, done_bytes=1_550_000_000, total_bytes=3_600_000_000)
    show(dialog, replace(STATES[phase], left=left))
    assert "1.6 GB of 3.6 GB are here and stay, until you go on or delete them." in words(dialog)
    assert ("Download the rest" in buttons(dialog)) == (phase is P.KNOWN)
    with qtbot.waitSignal(dialog.discard_requested):
        buttons(dialog)["Delete"].click()
    show(dialog, STATES[phase])
    assert "Delete" not in buttons(dialog)
    assert "It can be paused, and survives a restart." in words(dialog)


def test_what_giving_up_does_is_told_before(dialog: LoginDialog) -> None:
    for phase in (P.DOWNLOADING, P.PAUSED, P.FAILED):
        show(dialog, STATES[phase])
        assert "Cancel keeps what is there, to go on with or to delete." in words(dialog)
    show(dialog, STATES[P.INSPECTING])
    assert "Cancel keeps" not in words(dialog)


@pytest.mark.parametrize("phase", [P.KNOWN, P.DOWNLOADING, P.PAUSED, P.FAILED])
def test_that_the_environments_token_is_passed_over_is_told(dialog: LoginDialog, phase: DownloadPhase) -> None:
    told = "The environment's HF_TOKEN is not used; the saved token is."
    show(dialog, STATES[phase])
    assert told not in words(dialog)
    show(dialog, replace(STATES[phase], hides_environment=True))
    assert told in words(dialog)


@pytest.mark.parametrize("phase", DownloadPhase)
def test_keys_and_ears_suffice(dialog: LoginDialog, phase: DownloadPhase) -> None:
    show(dialog, replace(STATES[phase], left=SOME), READY)
    found = [b for b in dialog.findChildren(QAbstractButton) if b.isVisible()]
    letters = Counter(b.text()[b.text().index("&") + 1].lower() for b in found if "&" in b.text())
    assert max(letters.values()) == 1, letters
    assert all(b.text() or b.accessibleName() for b in found)
    assert all(b.focusPolicy() & Qt.FocusPolicy.TabFocus for b in found)
    focus = dialog.focusWidget()
    assert focus is not None
    assert focus.isVisible()
    assert focus.isEnabled()
    reached = set()
    while focus not in reached:
        reached.add(focus)
        QTest.keyClick(dialog, Qt.Key.Key_Tab)
        focus = dialog.focusWidget()
        assert focus is not None
    assert {b for b in found if b.isEnabled()} <= reached


def test_a_token_is_pasted_checked_and_not_kept(qtbot: QtBot, dialog: LoginDialog) -> None:
    token = dialog.account.token
    assert token.echoMode() is QLineEdit.EchoMode.Password
    QGuiApplication.clipboard().setText("  hf_secret\n")
    buttons(dialog)["Paste"].click()
    assert token.text() == "hf_secret"
    with qtbot.waitSignal(dialog.log_in_requested) as given:
        buttons(dialog)["Check"].click()
    assert given.args == ["hf_secret"]
    assert token.text() == ""
    token.setFocus()
    QTest.keyClicks(token, "hf_typed")
    with qtbot.waitSignal(dialog.log_in_requested) as given:
        QTest.keyClick(token, Qt.Key.Key_Return)
    assert given.args == ["hf_typed"]
    QTest.keyClicks(token, "hf_half")
    dialog.close()
    assert token.text() == ""
    QTest.keyClick(token, Qt.Key.Key_Return)  # nothing to check


def test_enter_presses_what_has_the_focus(qtbot: QtBot, dialog: LoginDialog) -> None:
    show(dialog, STATES[P.KNOWN])
    with qtbot.waitSignal(dialog.start_requested):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    show(dialog, STATES[P.DOWNLOADING])
    with qtbot.waitSignal(dialog.pause_requested):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)
    show(dialog, STATES[P.OFFERED])
    with (
        qtbot.assertNotEmitted(dialog.log_in_with_browser_requested),
        qtbot.assertNotEmitted(dialog.open_licence_page_requested),
    ):
        QTest.keyClick(dialog.focusWidget(), Qt.Key.Key_Return)


def test_the_browser_login_shows_a_code_to_copy(qtbot: QtBot, dialog: LoginDialog) -> None:
    show(dialog, DownloadState(P.BROWSER))
    assert "Copy code" not in buttons(dialog)
    show(dialog, STATES[P.BROWSER])
    assert LOGIN.url in words(dialog)
    assert dialog.account.code.text() == LOGIN.code
    buttons(dialog)["Copy code"].click()
    assert QGuiApplication.clipboard().text() == LOGIN.code
    with qtbot.waitSignal(dialog.open_page_requested) as page:
        buttons(dialog)["Open page again"].click()
    assert page.args == [LOGIN.url]


@pytest.mark.parametrize(
    ("phase", "button", "signal"),
    [
        (P.OFFERED, "Open licence page", "open_licence_page_requested"),
        (P.OFFERED, "Log in through the browser", "log_in_with_browser_requested"),
        (P.OFFERED, "Make a token", "open_token_page_requested"),
        (P.OFFERED, "Later: use the built-in voice", "dismiss_offer_requested"),
        (P.CHECKING, "Cancel", "cancel_requested"),
        (P.BROWSER, "Cancel", "cancel_requested"),
        (P.KNOWN, "Another account", "forget_account_requested"),
        (P.KNOWN, "Download 3.6 GB", "start_requested"),
        (P.DOWNLOADING, "Pause", "pause_requested"),
        (P.DOWNLOADING, "Cancel", "cancel_requested"),
        (P.PAUSED, "Resume", "start_requested"),
        (P.FAILED, "Try again", "try_again_requested"),
        (P.INSPECTING, "Cancel", "cancel_requested"),
        (P.READY, "Hear it", "hear_requested"),
    ],
)
def test_buttons_request(qtbot: QtBot, dialog: LoginDialog, phase: DownloadPhase, button: str, signal: str) -> None:
    show(dialog, STATES[phase], READY)
    with qtbot.waitSignal(getattr(dialog, signal)):
        buttons(dialog)[button].click()


def test_how_far_it_is(dialog: LoginDialog) -> None:
    show(dialog, STATES[P.DOWNLOADING])
    bar = dialog.progress.bar
    assert (bar.value(), bar.maximum()) == (430, 1000)
    assert bar.accessibleName()
    assert bar.accessibleDescription() == dialog.progress.line.text() != ""
    show(dialog, DownloadState(P.DOWNLOADING, progress=DownloadProgress(DownloadStage.CHECKING)))
    assert bar.maximum() == 0  # not known
    show(dialog, DownloadState(P.PAUSED))
    assert (bar.value(), bar.maximum()) == (0, 1000)


@pytest.mark.parametrize(
    ("problem", "button", "signal"),
    [
        (problem_of(HubError("bad_token")), "Enter token again", "forget_account_requested"),
        (problem_of(HubError("environment_token")), "Use the saved one", "use_saved_token_requested"),
        (problem_of(HubError("licence_not_accepted")), "Open licence page", "open_licence_page_requested"),
        (problem_of(HubError("network")), "Try again", "try_again_requested"),
        (Message("It broke.", mend=Mend.GET_S1), "Get it again…", "begin_again_requested"),
        (Message("It broke."), "Find out why…", "show_doctor_requested"),
    ],
)
def test_a_problem_has_its_button(
    qtbot: QtBot, dialog: LoginDialog, problem: Message, button: str, signal: str
) -> None:
    show(dialog, DownloadState(problem=problem))
    assert dialog.notice.accessibleName() == problem.sentence
    inside = {b.text(): b for b in dialog.notice.findChildren(QAbstractButton) if b.isVisible()}
    with qtbot.waitSignal(getattr(dialog, signal)):
        inside[button].click()
    inside[""].click()  # the cross
    show(dialog, DownloadState(problem=problem))
    assert not dialog.notice.isVisible()
    show(dialog, DownloadState())
    show(dialog, DownloadState(problem=problem))  # anew
    assert dialog.notice.isVisible()


def test_a_folder_is_chosen_and_another_one(qtbot: QtBot, dialog: LoginDialog, tmp_path: Path) -> None:
    def choose() -> None:
        (chooser,) = [c for c in dialog.findChildren(QFileDialog) if c.isVisible()]
        chooser.selectFile(str(tmp_path))
        with qtbot.waitSignal(dialog.use_folder_requested) as chosen:
            chooser.accept()
        assert chosen.args == [str(tmp_path)]
        qtbot.waitUntil(lambda: not dialog.findChildren(QFileDialog))

    buttons(dialog)["I have the files…"].click()
    choose()
    missing = CheckpointError("file_missing", tmp_path, "model.pth")
    show(dialog, DownloadState(problem=problem_of(missing, is_chosen_folder=True)))
    buttons(dialog)["Choose another folder…"].click()
    choose()


def test_when_it_is_there(dialog: LoginDialog) -> None:
    show(dialog, STATES[P.READY], EngineView(EnginePhase.STARTING, 0.4))
    assert "starting 40 %" in words(dialog)
    assert "Hear it" not in buttons(dialog)
    show(dialog, STATES[P.READY], READY)
    assert "S1 Mini is ready." in words(dialog)
    wrong = EngineView(EnginePhase.FAILED, problem=Message("PyTorch finds no NVIDIA GPU here."))
    show(dialog, STATES[P.READY], wrong)
    assert "Find out why…" in buttons(dialog)


def test_it_can_be_closed_at_any_point(qtbot: QtBot, dialog: LoginDialog) -> None:
    for state in STATES.values():
        show(dialog, state)
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        assert not dialog.isVisible()
        with qtbot.waitSignal(dialog.opened):
            dialog.show()


def test_pytorch_is_seen_only_where_it_is_missing(qtbot: QtBot, dialog: LoginDialog) -> None:
    panel = dialog.pytorch
    assert not panel.isVisible()
    panel.show_install(InstallView(InstallPhase.WANTED))
    assert "lectern install-pytorch" in words(dialog)
    QApplication.processEvents()
    for part in (*buttons(dialog).values(), dialog.account.token):  # none is squashed by what came
        assert part.height() >= part.minimumSizeHint().height(), part
    with qtbot.waitSignal(panel.install_requested):
        QTest.mouseClick(panel.install, Qt.MouseButton.LeftButton)
    panel.show_install(InstallView(InstallPhase.RUNNING, "Looking which PyTorch suits this computer"))
    assert panel.bar.maximum() == 0  # not known yet
    panel.show_install(InstallView(InstallPhase.RUNNING, "Downloading torch: 35 %", 35))
    assert (panel.bar.value(), panel.bar.maximum()) == (35, 100)
    assert panel.bar.accessibleDescription() == "Downloading torch: 35 %"
    assert "Install PyTorch" not in buttons(dialog)
    with qtbot.waitSignal(panel.cancel_requested):
        QTest.mouseClick(panel.cancel, Qt.MouseButton.LeftButton)
    panel.show_install(InstallView(InstallPhase.STOPPING, "Stopping"))
    assert not panel.cancel.isEnabled()
    panel.show_install(InstallView(InstallPhase.FAILED, problem=Message("The disk is full. Make room.")))
    assert "The disk is full. Make room." in words(dialog)
    assert "Install PyTorch again" in buttons(dialog)
    panel.show_install(InstallView(InstallPhase.THERE))
    assert not panel.isVisible()


def test_a_pytorch_that_does_not_load_is_told_once(dialog: LoginDialog) -> None:
    """By the part of the window that mends it, not by the notice above."""
    problem = explain(TorchError("broken", "torch", "undefined symbol"))
    show(dialog, STATES[P.READY], EngineView(EnginePhase.FAILED, problem=problem))
    assert not dialog.notice.isVisible()
    dialog.pytorch.show_install(InstallView(InstallPhase.WANTED, problem=problem))
    assert words(dialog).count("undefined symbol") == 1
