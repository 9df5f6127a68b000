"""Shows the settings: each change holds at once; there is nothing to confirm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QFont, QIcon, QKeySequence
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QSlider,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

import engine
import engine.registry
import engine.server
from desktop.common.language_words import LANGUAGE_WORDS
from desktop.common.messages import Message
from desktop.common.settings import IDLE_MINUTES, Settings
from desktop.common.state import SPEEDS, EngineView
from desktop.common.status_words import memory_words, processor_words, voice_words
from desktop.settings.browser_list import BrowserList
from desktop.settings.hotkey_field import HotkeyField
from desktop.widgets.keep_room import keep_room

ACTION_WORDS = {
    "read_selection": "Read the selection",
    "read_clipboard": "Read the clipboard",
    "pause_resume": "Pause or resume",
    "stop": "Stop",
}
DEVICE_WORDS = {"auto": "Best there is", "cuda": "NVIDIA GPU", "cpu": "Processor (slow)"}
PRECISION_WORDS = {"auto": "Best for the device", "mixed": "mixed (int8 for words, int4 for timbre)"}
AT_ONCE_WORDS = {"short": "Short texts, keys and letters", "keys": "Keys and letters", "nothing": "Nothing"}
SCREEN_READER_WORDS = (
    "Screen readers, Firefox, Okular and others speak with Lectern after “lectern speechd install”. What comes at once "
    "has the built-in voice, all else the one you chose."
)
PAGES = ("reading", "hotkeys", "s1", "programs", "desktop")
FIELD_MIN_PX = 240


class SettingsDialog(QDialog):
    """Shows and changes the settings. Widgets are found by the names of the settings: `dialog.fields["speed"]`."""

    settings_changed = Signal(object)
    """The whole `Settings`, after each change."""
    show_login_requested = Signal()
    show_dictionary_requested = Signal()
    recording_changed = Signal(bool)
    """Whether the next press of keys is for one of the hotkeys' fields."""

    def __init__(
        self,
        settings: Settings,
        voices: Sequence[str] = (),
        output_devices: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("Lectern settings")
        self.settings = settings
        self.fields: dict[str, QWidget] = {}
        self.key_fields: dict[str, HotkeyField] = {}
        self._key_words: dict[str, QLabel] = {}
        self._tried: dict[str, str] = {}  # action -> the keys before those that were just chosen
        self._refusals: dict[str, str] = {}  # action -> why it has not got those that were pressed
        tabs = QTabWidget()
        tabs.addTab(self._reading_page(voices, output_devices), "&Reading")
        tabs.addTab(self._hotkey_page(), "&Hotkeys")
        tabs.addTab(self._engine_page(), "S1 &Mini")
        tabs.addTab(self._programs_page(), "Other &programs")
        tabs.addTab(self._desktop_page(), "&Desktop")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.button(QDialogButtonBox.StandardButton.Close).setIcon(QIcon())  # the style's is dark on dark
        buttons.rejected.connect(self.close)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(16)
        column.addWidget(tabs)
        column.addWidget(buttons)
        self.tabs = tabs
        keep_room(self)

    # --- pages

    def _reading_page(self, voices: Sequence[str], output_devices: Sequence[str]) -> QWidget:
        page, form = _page()
        names = _with_current(("", *voices), self.settings.voice)
        form.addRow("&Voice", self._choice("voice", {name: voice_words(name) for name in names}))
        languages = {"": "Detect it"} | {code: LANGUAGE_WORDS[code] for code in engine.LANGUAGES}
        form.addRow("&Language", self._choice("language", languages))
        form.addRow("&Speed", self._number("speed", SPEEDS, 0.05, "×", 2))
        volume = QSlider(Qt.Orientation.Horizontal)
        volume.setRange(0, 100)
        volume.setValue(round(self.settings.volume * 100))
        volume.valueChanged.connect(lambda value: self._change("volume", value / 100))
        form.addRow("V&olume", self._field("volume", volume))
        devices = _with_current(("", *output_devices), self.settings.output_device)
        form.addRow("Sound &device", self._choice("output_device", {d: d or "The desktop's default" for d in devices}))
        form.addRow("", self._check("clean_text", "Leave out &markup, web addresses and emoji"))
        form.addRow("", self._check("normalise_text", "Say dates, &units, abbreviations and the like in words"))
        self.dictionary = QPushButton("&Pronunciation dictionary…")
        self.dictionary.setAutoDefault(False)
        self.dictionary.clicked.connect(self.show_dictionary_requested)
        form.addRow("", self.dictionary)
        return page

    def _hotkey_page(self) -> QWidget:
        page, form = _page()
        keys = dict(self.settings.hotkeys)
        for action, words in ACTION_WORDS.items():
            field = HotkeyField(keys.get(action, ""))
            field.setAccessibleName(words)
            field.setMinimumWidth(FIELD_MIN_PX)
            field.chosen.connect(lambda _, action=action: self._change_keys(action))
            field.refused.connect(lambda reason, action=action: self._refuse_keys(action, reason))
            field.recording_changed.connect(self.recording_changed)
            note = _small_words("")
            note.setVisible(False)
            cell = QVBoxLayout()
            cell.setSpacing(4)
            cell.addWidget(field)
            cell.addWidget(note)
            form.addRow(words, cell)
            self.key_fields[action], self._key_words[action] = field, note
        form.addRow(
            _small_words(
                "Where a desktop gives no hotkeys to programs, bind one of its own to the command "
                "“lectern read --selection”."
            )
        )
        return page

    def _engine_page(self) -> QWidget:
        page, form = _page()
        needs = engine.registry.best_engine(lambda entry: bool(entry.needs.devices)).needs
        self.files = _small_words("")
        self.get_s1 = QPushButton("&Get S1 Mini, or choose its folder…")
        self.get_s1.setAutoDefault(False)
        self.get_s1.clicked.connect(self.show_login_requested)
        self._show_files()
        form.addRow("Files", self.files)
        form.addRow("", self.get_s1)
        form.addRow("&Device", self._choice("device", {name: DEVICE_WORDS[name] for name in needs.devices}))
        self.speed = _small_words("")
        self.speed.setAccessibleName("Speed of S1 Mini")
        form.addRow("", self.speed)
        form.addRow("&Precision", self._choice("precision", {p: PRECISION_WORDS.get(p, p) for p in needs.precisions}))
        self.memory = _small_words("")
        self.memory.setAccessibleName("Memory that S1 Mini holds")
        self.show_engine(EngineView())
        form.addRow("Memory", self.memory)
        minutes = self._number("idle_minutes", IDLE_MINUTES, 1.0, " minutes", 0)
        form.addRow("Free its memory &after", minutes)
        form.addRow("", self._check("compile", "&Compile for this computer: faster, but the first start takes longer"))
        form.addRow("", self._check("load_at_start", "&Load when Lectern starts, not at the first use"))
        form.addRow("", self._check("built_in_meanwhile", "Read with the &built-in voice until it is ready"))
        return page

    def show_engine(self, view: EngineView) -> None:
        """Show what S1 Mini holds of the memory, now and at most."""
        self.memory.setText(memory_words(view))
        self.speed.setText(processor_words(view))
        self.speed.setVisible(bool(self.speed.text()))

    def _show_files(self) -> None:
        self.files.setText(self.settings.checkpoint_folder or "Looked for in the usual places")

    def _programs_page(self) -> QWidget:
        page, form = _page()
        form.addRow(self._check("serve_http", "&Let other programs speak through Lectern, over HTTP"))
        form.addRow("&Address", self._line("serve_address", "127.0.0.1:8080"))
        key = self._line("serve_key", "None is asked for")
        key.setEchoMode(QLineEdit.EchoMode.PasswordEchoOnEdit)
        form.addRow("&Key", key)
        form.addRow("De&fault voice", self._line("serve_voice", "The usual one"))
        form.addRow("&Web pages let in", self._line("serve_origins", "None, or such as http://localhost:3000"))
        self.http_words = _small_words("")
        self.http_words.setAccessibleName("State of the HTTP interface")
        self.open_http = QPushButton("&Open its page")
        self.open_http.setAutoDefault(False)
        self.open_http.clicked.connect(lambda: QDesktopServices.openUrl(QUrl(self._http_url)))
        form.addRow("", self.http_words)
        form.addRow("", self.open_http)
        self.browsers = BrowserList()
        self.browsers.setContentsMargins(0, 8, 0, 8)
        form.addRow(self.browsers)
        self.show_http("", None)
        form.addRow(self._check("serve_wyoming", "Let Home A&ssistant speak through it, over Wyoming"))
        form.addRow("Addr&ess for it", self._line("wyoming_address", "127.0.0.1:10200"))
        self.wyoming_words = _small_words("")
        self.wyoming_words.setAccessibleName("State of the Wyoming interface")
        form.addRow("", self.wyoming_words)
        self.show_wyoming("", None)
        form.addRow("Sa&y at once", self._choice("say_at_once", AT_ONCE_WORDS))
        form.addRow("", _small_words(SCREEN_READER_WORDS))
        return page

    def show_http(self, url: str, problem: Message | None) -> None:
        """Show where the HTTP interface answers, or why it does not."""
        self._http_url = url
        words = (
            "Programs that know S1 Mini's own server, or OpenAI's speech interface, need only this address. "
            "One that other computers can reach needs a key. Lectern's browser extension needs this switched on, too."
        )
        if url:
            words = f"It answers at {url}"
        if problem is not None:
            words = f"⚠ {problem}"
        self.http_words.setText(words)
        self.open_http.setEnabled(bool(url))

    def show_wyoming(self, url: str, problem: Message | None) -> None:
        """Show where the Wyoming protocol is answered, and who can reach it; or why it is not."""
        words = "The protocol has no key: whoever reaches the address can have texts spoken."
        if url:
            host, _ = engine.server.parse_address(url.removeprefix("tcp://"))
            words = f"It answers at {url}. {'' if engine.server.is_loopback(host) else words}".rstrip()
        if problem is not None:
            words = f"⚠ {problem}"
        self.wyoming_words.setText(words)

    def _desktop_page(self) -> QWidget:
        page, form = _page()
        form.addRow(self._check("start_at_login", "Start at &login"))
        form.addRow(self._check("read_on_at_start", "Read &on where the reader was left, when Lectern starts"))
        form.addRow(self._check("show_strip", "Show a &strip with what is read while the window is hidden"))
        form.addRow(self._check("notifications", "&Notify of problems while the window is hidden"))
        return page

    # --- fields

    def _field(self, name: str, field: QWidget) -> QWidget:
        self.fields[name] = field
        field.setMinimumWidth(FIELD_MIN_PX)
        return field

    def _choice(self, name: str, choices: Mapping[str, str]) -> QWidget:
        field = QComboBox()
        for value, words in choices.items():
            field.addItem(words, value)
        field.setCurrentIndex(field.findData(getattr(self.settings, name)))
        field.currentIndexChanged.connect(lambda index: self._change(name, field.itemData(index)))
        return self._field(name, field)

    def _check(self, name: str, words: str) -> QWidget:
        field = QCheckBox(words)
        field.setChecked(getattr(self.settings, name))
        field.toggled.connect(lambda is_on: self._change(name, is_on))
        return self._field(name, field)

    def _number(self, name: str, limits: tuple[float, float], step: float, unit: str, decimals: int) -> QWidget:
        field = QDoubleSpinBox()
        field.setDecimals(decimals)
        field.setRange(*limits)
        field.setSingleStep(step)
        field.setSuffix(unit)
        field.setValue(getattr(self.settings, name))
        field.setKeyboardTracking(False)
        field.valueChanged.connect(lambda value: self._change(name, round(value, 3)))
        return self._field(name, field)

    def _line(self, name: str, hint: str) -> QLineEdit:
        field = QLineEdit(getattr(self.settings, name))
        field.setPlaceholderText(hint)
        field.editingFinished.connect(lambda: self._change(name, field.text().strip()))
        self._field(name, field)
        return field

    def _change(self, name: str, value: Any) -> None:
        changed = replace(self.settings, **{name: value})
        if changed != self.settings:
            self.settings = changed
            self.settings_changed.emit(changed)

    # --- hotkeys

    @property
    def is_recording(self) -> bool:
        """Say whether the next press of keys is for one of the fields."""
        return any(field.hasFocus() for field in self.key_fields.values())

    def _change_keys(self, changed: str) -> None:
        """Take what was pressed, unless another action has it."""
        before = dict(self.settings.hotkeys)
        keys = {action: field.keys for action, field in self.key_fields.items()}
        twins = [other for other in keys if other != changed and keys[other] and keys[other] == keys[changed]]
        if twins:
            self.key_fields[changed].set_keys(before.get(changed, ""))
            self._refuse_keys(changed, f"“{ACTION_WORDS[twins[0]]}” has these keys already.")
            return
        self._refusals.pop(changed, None)
        self._show_key_words(changed, "", is_problem=False)
        if keys[changed] != before.get(changed, ""):
            self._tried = {changed: before.get(changed, "")}
        self._change("hotkeys", tuple(keys.items()))

    def _refuse_keys(self, action: str, reason: str) -> None:
        """Say why it keeps the keys that it has."""
        kept = self.key_fields[action].keys
        self._refusals[action] = f"{reason} {kept} stays." if kept else reason
        self._show_key_words(action, self._refusals[action], is_problem=True)

    def show_bindings(self, bindings: Mapping[Any, Any]) -> None:
        """Show what the desktop made of the keys: action -> `Binding(keys, problem)`. What was just chosen and is
        another program's is given up for what was there before."""
        tried, self._tried = self._tried, {}
        for action, binding in ((str(action), binding) for action, binding in bindings.items()):
            field = self.key_fields[action]
            if binding.problem and tried.get(action):
                field.set_keys(tried[action])
                self._refuse_keys(action, binding.problem)
                self._change("hotkeys", tuple((each, other.keys) for each, other in self.key_fields.items()))
                return  # and the desktop is asked again
            is_other = bool(binding.keys) and QKeySequence(binding.keys) != QKeySequence(field.keys)
            words = binding.problem or self._refusals.get(action, "")
            is_problem = bool(words)
            words = words or (f"The desktop uses {binding.keys}." if is_other else "")
            self._show_key_words(action, words, is_problem)

    def _show_key_words(self, action: str, words: str, is_problem: bool) -> None:
        label = self._key_words[action]
        label.setText(f"⚠ {words}" if is_problem else words)
        label.setVisible(bool(words))
        self.key_fields[action].setAccessibleDescription(words)

    def show_page(self, name: str) -> None:
        """Show one of `PAGES`."""
        self.tabs.setCurrentIndex(PAGES.index(name))

    # --- what changes elsewhere

    def show_settings(self, settings: Settings) -> None:
        """Take over what was changed elsewhere (speed in the tray, say) without requesting it again."""
        self.settings = settings
        self._show_files()
        for name, field in self.fields.items():
            value = getattr(settings, name)
            field.blockSignals(True)
            match field:
                case QComboBox():
                    index = field.findData(value)
                    if index < 0:
                        field.addItem(voice_words(value), value)
                        index = field.count() - 1
                    field.setCurrentIndex(index)
                case QCheckBox():
                    field.setChecked(value)
                case QDoubleSpinBox():
                    field.setValue(value)
                case QSlider():
                    field.setValue(round(value * 100))
                case QLineEdit():
                    field.setText(value)
            field.blockSignals(False)


def _page() -> tuple[QWidget, QFormLayout]:
    page = QWidget()
    form = QFormLayout(page)
    form.setContentsMargins(16, 16, 16, 16)
    form.setHorizontalSpacing(16)
    form.setVerticalSpacing(8)
    return page, form


def _small_words(words: str) -> QLabel:
    label = QLabel(words)
    font = QFont(label.font())
    font.setPointSizeF(font.pointSizeF() * 0.9)
    label.setFont(font)
    label.setWordWrap(True)
    label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeading)  # close to what they are about
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    return label


def _with_current(names: tuple[str, ...], current: str) -> tuple[str, ...]:
    return names if current in names else (*names, current)
