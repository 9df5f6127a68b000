"""The settings dialog: each change holds at once, in the widget's terms and the settings'."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QDoubleSpinBox, QLabel, QLineEdit, QSlider, QToolButton
from pytestqt.qtbot import QtBot
from pytestqt.wait_signal import SignalBlocker

from desktop.common.messages import Message
from desktop.common.settings import Settings
from desktop.common.state import EnginePhase, EngineView
from desktop.settings.dialog import ACTION_WORDS, SettingsDialog

NOT_ASKED = {
    *("hotkeys", "told_of_hotkeys", "strip_position", "offered_s1", "window_geometry", "last_text_position"),
    *("page_zoom", "page_typeface", "page_column", "page_spacing", "page_theme", "open_book"),  # chosen in the reader
    *("checkpoint_folder", "s1_download", "prefer_saved_token"),  # asked for in the login dialog
}


@dataclass
class Binding:
    keys: str
    problem: str = ""


@pytest.fixture
def dialog(qtbot: QtBot) -> SettingsDialog:
    dialog = SettingsDialog(Settings(), ("Anna",), ("Headphones",))
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def test_every_setting_that_a_person_makes_has_a_field(dialog: SettingsDialog) -> None:
    assert set(dialog.fields) | NOT_ASKED == {field.name for field in fields(Settings)}
    assert set(dialog.key_fields) == set(dict(Settings().hotkeys)) == set(ACTION_WORDS)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voice", "Anna"),
        ("language", "ja"),
        ("speed", 1.5),
        ("volume", 0.4),
        ("output_device", "Headphones"),
        ("clean_text", False),
        ("device", "cpu"),
        ("precision", "float16"),
        ("idle_minutes", 30.0),
        ("load_at_start", False),
        ("compile", False),
        ("serve_http", True),
        ("serve_address", "127.0.0.1:9000"),
        ("serve_key", "secret"),
        ("serve_voice", "Anna"),
        ("serve_origins", "http://localhost:3000"),
        ("serve_wyoming", True),
        ("wyoming_address", "0.0.0.0:10200"),
        ("built_in_meanwhile", False),
        ("say_at_once", "keys"),
        ("start_at_login", True),
        ("show_strip", False),
        ("notifications", False),
    ],
)
def test_a_change_holds_at_once(qtbot: QtBot, dialog: SettingsDialog, name: str, value: Any) -> None:
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        match dialog.fields[name]:
            case QComboBox() as box:
                box.setCurrentIndex(box.findData(value))
            case QCheckBox() as box:
                box.setChecked(value)
            case QDoubleSpinBox() as box:
                box.setValue(value)
            case QSlider() as slider:
                slider.setValue(round(value * 100))
            case QLineEdit() as line:
                line.setText(value)
                line.editingFinished.emit()
    assert changed.args == [replace(Settings(), **{name: value})]
    other = SettingsDialog(_told(changed))  # a voice or device that is gone by now is still what was chosen
    qtbot.addWidget(other)
    with qtbot.assertNotEmitted(other.settings_changed):
        other.show_settings(_told(changed))
    assert other.settings == _told(changed)


def test_each_hotkey_says_what_it_does(dialog: SettingsDialog) -> None:
    labels = {label.text().replace("&", "") for label in dialog.tabs.findChildren(QLabel)}
    assert set(ACTION_WORDS.values()) <= labels


def test_keys_change_and_twins_are_refused(qtbot: QtBot, dialog: SettingsDialog) -> None:
    dialog.show_page("hotkeys")
    stop = dialog.key_fields["stop"]
    meta_ctrl = Qt.KeyboardModifier.MetaModifier | Qt.KeyboardModifier.ControlModifier
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        qtbot.keyClick(stop, Qt.Key.Key_F8, Qt.KeyboardModifier.ControlModifier)
    assert dict(_told(changed).hotkeys)["stop"] == "Ctrl+F8"
    with qtbot.assertNotEmitted(dialog.settings_changed):
        qtbot.keyClick(stop, Qt.Key.Key_R, meta_ctrl)
    assert "Read the selection" in stop.accessibleDescription()
    assert stop.keys == "Ctrl+F8"
    button = stop.findChild(QToolButton)
    assert button is not None
    with qtbot.waitSignal(dialog.settings_changed) as changed:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert dict(_told(changed).hotkeys)["stop"] == ""
    assert stop.accessibleDescription() == ""


def test_what_the_desktop_made_of_the_keys_is_told(dialog: SettingsDialog) -> None:
    requested = dict(Settings().hotkeys)
    dialog.show_bindings(
        {
            "stop": Binding(requested["stop"], "Another program has it."),
            "pause_resume": Binding("Meta+F1"),
            "read_clipboard": Binding(requested["read_clipboard"]),
        }
    )
    told = {action: field.accessibleDescription() for action, field in dialog.key_fields.items()}
    assert told["stop"] == "Another program has it."
    assert "Meta+F1" in told["pause_resume"]
    assert told["read_clipboard"] == ""


def test_where_s1_mini_is_and_how_to_get_it(qtbot: QtBot, dialog: SettingsDialog) -> None:
    assert dialog.files.text() == "Looked for in the usual places"
    dialog.show_settings(replace(Settings(), checkpoint_folder="/a/folder"))
    assert dialog.files.text() == "/a/folder"
    with qtbot.waitSignal(dialog.show_login_requested):
        dialog.get_s1.click()


def test_changes_from_elsewhere_are_shown_and_not_told_back(qtbot: QtBot, dialog: SettingsDialog) -> None:
    with qtbot.assertNotEmitted(dialog.settings_changed):
        dialog.show_settings(replace(Settings(), speed=2.0, voice="Carla"))
    speed, voice = dialog.fields["speed"], dialog.fields["voice"]
    assert isinstance(speed, QDoubleSpinBox)
    assert isinstance(voice, QComboBox)
    assert (speed.value(), voice.currentText()) == (2.0, "Carla")


def _told(blocker: SignalBlocker) -> Any:
    """What the awaited signal carried."""
    assert blocker.args is not None
    return blocker.args[0]


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (EngineView(EnginePhase.READY, device="CPU"), "not as fast as it is heard, so there are pauses"),
        (
            EngineView(EnginePhase.READY, device="CPU", speed=0.6),
            "0.6 times as fast as it is heard, so there are pauses",
        ),
        (EngineView(EnginePhase.READY, device="CPU", speed=1.4), "1.4 times as fast as it is heard, so it reads ahead"),
        (EngineView(EnginePhase.READY, device="GPU X", memory_bytes=1, speed=9.0), ""),
        (EngineView(EnginePhase.STARTING), ""),
    ],
)
def test_what_the_processor_means_for_the_speed_is_told(dialog: SettingsDialog, view: EngineView, words: str) -> None:
    dialog.show_page("s1")
    dialog.show_engine(view)
    assert words in dialog.speed.text()
    assert dialog.speed.isVisible() == bool(words)


@pytest.mark.parametrize(
    ("view", "words"),
    [
        (EngineView(), "None: S1 Mini is not loaded"),
        (EngineView(EnginePhase.STARTING, 0.4), "It is being loaded"),
        (
            EngineView(EnginePhase.READY, memory_bytes=2_300_000_000, peak_memory_bytes=2_900_000_000),
            "2.3 GB of the GPU's; 2.9 GB at most since it was loaded",
        ),
        (EngineView(EnginePhase.READY, memory_bytes=2_300_000_000), "2.3 GB of the GPU's"),
        (
            EngineView(EnginePhase.READY, device="CPU", peak_memory_bytes=3_400_000_000),
            "3.4 GB of the computer's at most since it was loaded",
        ),
        (EngineView(EnginePhase.READY, device="CPU"), "Not known"),
        (EngineView(EnginePhase.UNLOADED), "None: S1 Mini is not loaded"),
        (EngineView(EnginePhase.FAILED), "None: S1 Mini is not loaded"),
    ],
)
def test_the_memory_of_s1_mini_is_told_beside_when_it_is_freed(
    dialog: SettingsDialog, view: EngineView, words: str
) -> None:
    dialog.show_engine(view)
    assert dialog.memory.text() == words


def test_who_can_reach_the_wyoming_protocol_is_told(dialog: SettingsDialog) -> None:
    assert "has no key" in dialog.wyoming_words.text()
    dialog.show_wyoming("tcp://127.0.0.1:10200", None)
    assert dialog.wyoming_words.text() == "It answers at tcp://127.0.0.1:10200."
    dialog.show_wyoming("tcp://[::]:10200", None)
    assert dialog.wyoming_words.text().startswith("It answers at tcp://[::]:10200. The protocol has no key")
    dialog.show_wyoming("", Message("It does not.", "Mend it."))
    assert dialog.wyoming_words.text() == "⚠ It does not. Mend it."
