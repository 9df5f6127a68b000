"""The tray, fed with states: menu, requests, and icons that differ by shape."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QSystemTrayIcon
from pytestqt.qtbot import QtBot

from desktop.common.download_state import DownloadPhase, DownloadState
from desktop.common.messages import Message
from desktop.common.paths import resources_folder
from desktop.common.state import AppState, EnginePhase, EngineView, Phase, ReadingView
from desktop.tray.icon import Tray
from desktop.widgets.icons import TrayLook, app_icon, plain_icon, symbolic_icon, tray_look
from engine.weights import DownloadProgress, DownloadStage

ACTIVE = AppState(Phase.SPEAKING, reading=ReadingView("Text.", (0, 5), speaker="S1 Mini"))


@pytest.fixture
def tray(qapp: QApplication) -> Iterator[Tray]:  # noqa: ARG001 (a menu needs one)
    tray = Tray()
    yield tray
    tray.hide()
    tray.menu.deleteLater()


def words(tray: Tray) -> list[str]:
    """What one sees in the menu."""
    shown = [action for action in tray.menu.actions() if action.isVisible() and not action.isSeparator()]
    return [action.text().replace("&", "") for action in shown]


def test_the_menu_has_what_is_needed(tray: Tray) -> None:
    ready = EngineView(EnginePhase.READY, memory_bytes=2_300_000_000, peak_memory_bytes=2_900_000_000)
    tray.render(replace(ACTIVE, engine=ready, download=DownloadState(DownloadPhase.READY)))
    assert words(tray) == [
        "Speaking with S1 Mini",
        *("Read selection", "Read clipboard", "Pause", "Stop", "Previous sentence", "Next sentence"),
        *("Open reader", "Narrate…", "Voice", "Speed", "S1 Mini · ready · 2.3 GB, at most 2.9 GB", "Free GPU memory"),
        *("Settings…", "Doctor…", "Quit"),
    ]


def test_who_waits_is_shown_for_as_long_as_they_do(tray: Tray) -> None:
    tray.render(replace(ACTIVE, waiting="the screen reader and 2 programs"))
    assert words(tray)[:2] == ["Speaking with S1 Mini", "Waiting: the screen reader and 2 programs"]
    assert tray.icon.toolTip().splitlines()[1:] == ["Waiting: the screen reader and 2 programs"]
    tray.render(ACTIVE)
    assert words(tray)[1] == "Read selection"
    assert len(tray.icon.toolTip().splitlines()) == 1


def test_the_engines_entry_tells_the_most_memory_until_it_is_given_back(tray: Tray) -> None:
    on_cpu = EngineView(EnginePhase.READY, device="CPU", peak_memory_bytes=812_000_000)
    for view, entry in (
        (on_cpu, "S1 Mini · ready · on the CPU, at most 812.0 MB"),
        (replace(on_cpu, peak_memory_bytes=1_400_000_000), "S1 Mini · ready · on the CPU, at most 1.4 GB"),
        (replace(on_cpu, peak_memory_bytes=None), "S1 Mini · ready · on the CPU"),
        (EngineView(EnginePhase.UNLOADED), "S1 Mini · not loaded"),
    ):
        tray.render(AppState(engine=view))
        assert tray.engine.text() == entry


def test_the_way_to_s1_mini_has_an_entry_until_it_is_there(tray: Tray) -> None:
    progress = DownloadProgress(DownloadStage.DOWNLOADING, 430, 1000)
    for download, entry in (
        (DownloadState(), "Get S1 Mini…"),
        (DownloadState(DownloadPhase.DOWNLOADING, progress=progress), "Downloading S1 Mini 43 %"),
        (DownloadState(DownloadPhase.PAUSED, progress=progress), "Download of S1 Mini paused at 43 %"),
        (DownloadState(DownloadPhase.FAILED, progress=progress), "Download of S1 Mini stopped at 43 %"),
    ):
        tray.render(AppState(download=download))
        assert entry in words(tray)
    tray.render(AppState(download=DownloadState(DownloadPhase.READY)))
    assert not any(entry.endswith("%") or entry.startswith("Get") for entry in words(tray))


def test_no_two_entries_of_the_menu_share_a_letter(tray: Tray) -> None:
    letters = [a.text()[a.text().index("&") + 1].lower() for a in tray.menu.actions() if "&" in a.text()]
    assert len(letters) >= 12
    assert len(letters) == len(set(letters)), sorted(letters)


@pytest.mark.parametrize(
    ("action", "signal"),
    [
        ("read_selection", "read_selection_requested"),
        ("read_clipboard", "read_clipboard_requested"),
        ("pause", "pause_requested"),
        ("stop", "stop_requested"),
        ("previous", "previous_requested"),
        ("next", "next_requested"),
        ("reader", "show_window_requested"),
        ("get_s1", "show_login_requested"),
        ("settings", "show_settings_requested"),
        ("doctor", "show_doctor_requested"),
        ("quit", "quit_requested"),
    ],
)
def test_entries_request(qtbot: QtBot, tray: Tray, action: str, signal: str) -> None:
    tray.render(ACTIVE)
    with qtbot.waitSignal(getattr(tray, signal)):
        getattr(tray, action).trigger()


def test_what_makes_no_sense_now_is_off(qtbot: QtBot, tray: Tray) -> None:
    tray.render(AppState())
    assert not any(a.isEnabled() for a in (tray.pause, tray.stop, tray.previous, tray.next, tray.free_memory))
    ready = AppState(engine=EngineView(EnginePhase.READY, memory_bytes=1))
    tray.render(ready)
    with qtbot.waitSignal(tray.free_memory_requested):
        tray.free_memory.trigger()
    tray.render(replace(ACTIVE, phase=Phase.PAUSED))
    with qtbot.waitSignal(tray.resume_requested):
        tray.pause.trigger()


def test_voice_and_speed_are_chosen_there(qtbot: QtBot, tray: Tray) -> None:
    tray.render(replace(AppState(), voices=("Anna", "B & B"), voice="Anna", speed=1.3))
    voices = {action.text(): action for action in tray.voices.actions()}
    assert [name for name, action in voices.items() if action.isChecked()] == ["Anna"]
    with qtbot.waitSignal(tray.set_voice_requested) as voice:
        voices["B && B"].trigger()
    speeds = {action.text(): action for action in tray.speeds.actions()}
    assert [name for name, action in speeds.items() if action.isChecked()] == ["1.3×"]
    with qtbot.waitSignal(tray.set_speed_requested) as speed:
        speeds["2×"].trigger()
    assert (voice.args, speed.args) == (["B & B"], [2.0])


def test_clicks_on_the_icon(qtbot: QtBot, tray: Tray) -> None:
    reasons = QSystemTrayIcon.ActivationReason
    with qtbot.waitSignal(tray.show_window_requested):
        tray.icon.activated.emit(reasons.Trigger)
    with qtbot.waitSignal(tray.read_selection_requested):
        tray.icon.activated.emit(reasons.MiddleClick)
    tray.render(ACTIVE)
    with qtbot.waitSignal(tray.pause_requested):
        tray.icon.activated.emit(reasons.MiddleClick)


def test_without_a_tray_nothing_breaks(tray: Tray) -> None:
    assert not tray.is_available()  # the tests' desktop has none
    tray.show()
    tray.render(ACTIVE)


@pytest.mark.parametrize(
    ("state", "look"),
    [
        (AppState(), TrayLook.READY),
        (AppState(engine=EngineView(EnginePhase.STARTING)), TrayLook.STARTING),
        (AppState(Phase.PREPARING), TrayLook.STARTING),
        (ACTIVE, TrayLook.SPEAKING),
        (replace(ACTIVE, engine=EngineView(EnginePhase.STARTING)), TrayLook.SPEAKING),
        (AppState(Phase.PAUSED), TrayLook.PAUSED),
        (AppState(engine=EngineView(EnginePhase.FAILED)), TrayLook.PROBLEM),
        (AppState(problem=Message("No sound.")), TrayLook.PROBLEM),
    ],
)
def test_the_look_of_a_state(state: AppState, look: TrayLook) -> None:
    assert tray_look(state) is look


# --- icons


def _shape(image: QImage) -> list[bool]:
    return [image.pixelColor(x, y).alpha() > 100 for y in range(16) for x in range(16)]


@pytest.mark.usefixtures("qapp")
def test_looks_differ_by_shape_at_16_pixels() -> None:
    shapes = {look: _shape(plain_icon(f"tray-{look}", QColor("white")).pixmap(16, 16).toImage()) for look in TrayLook}
    for one in TrayLook:
        for other in TrayLook:
            if one < other:
                n_different = sum(a != b for a, b in zip(shapes[one], shapes[other], strict=True))
                assert n_different >= 24, (one, other, n_different)


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("path", sorted((resources_folder() / "icons").glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_is_drawn_in_the_one_colour_that_is_asked_for(path) -> None:
    if path.stem == "io.github.lectern.Lectern":
        assert not app_icon().pixmap(48, 48).isNull()
        return
    image = plain_icon(path.stem, QColor("#ff0000")).pixmap(48, 48).toImage()
    solid = [image.pixelColor(x, y) for x in range(48) for y in range(48) if image.pixelColor(x, y).alpha() > 250]
    assert len(solid) > 40
    assert {color.name() for color in solid} == {"#ff0000"}
    symbolic = symbolic_icon(path.stem)
    assert symbolic.pixmap(16, 16).toImage() != symbolic.pixmap(16, 16, symbolic.Mode.Disabled).toImage()


def test_tray_icon_is_legible_on_both_panels(tray: Tray, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CURRENT_DESKTOP", "ubuntu:GNOME")
    tray.render(ACTIVE)
    image = tray.icon.icon().pixmap(16, 16).toImage()
    solid = [image.pixelColor(x, y) for x in range(16) for y in range(16) if image.pixelColor(x, y).alpha() > 250]
    assert min(color.lightness() for color in solid) > 200
