"""Takes a hotkey as it is pressed, and keeps the one before until a better one has come."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QKeyCombination, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit, QWidget

from desktop.platform.hotkeys.harm import parse_hotkey
from desktop.platform.hotkeys.keys import KeysError

PORTABLE = QKeySequence.SequenceFormat.PortableText
NATIVE = QKeySequence.SequenceFormat.NativeText
NOT_ARRIVED = "No key arrived with that one; if you pressed one, another program has those keys, or the desktop."

_Key = Qt.Key
_MODIFIER_KEYS = frozenset(
    (
        *(_Key.Key_Control, _Key.Key_Shift, _Key.Key_Alt, _Key.Key_AltGr, _Key.Key_Meta, _Key.Key_Super_L),
        *(_Key.Key_Super_R, _Key.Key_Hyper_L, _Key.Key_Hyper_R, _Key.Key_CapsLock, _Key.Key_NumLock),
    )
)
_LEAVING = frozenset((_Key.Key_Tab, _Key.Key_Backtab, _Key.Key_Escape))


class HotkeyField(QLineEdit):
    """Takes one hotkey. Emptied by its button alone. Keys that would harm are refused, with a reason."""

    chosen = Signal(str)
    """Other keys than before, in Qt's portable form; "" for none."""
    refused = Signal(str)
    """Why what was pressed is not taken; the keys are as they were."""
    recording_changed = Signal(bool)
    """Whether the next press is for this field: whoever else listens to hotkeys should not."""

    def __init__(self, keys: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.keys = ""
        self._is_pressing = False
        self.setClearButtonEnabled(True)
        self.setPlaceholderText("Press keys")
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAcceptDrops(False)
        self.textEdited.connect(self._empty)  # by the button: keys are not text here
        self.set_keys(keys)

    def set_keys(self, keys: str) -> None:
        """Show `keys`, in Qt's portable form."""
        self.keys = keys
        self._show()

    def event(self, event: QEvent) -> bool:
        if event.type() is QEvent.Type.ShortcutOverride:  # no shortcut of the window's
            event.accept()
            return True
        if event.type() is QEvent.Type.KeyPress:
            assert isinstance(event, QKeyEvent)
            if event.key() not in _LEAVING or event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
                self.keyPressEvent(event)  # with Ctrl+Tab and the like, which would leave the field
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in _LEAVING and not event.modifiers() & ~Qt.KeyboardModifier.ShiftModifier:
            event.ignore()
            return
        event.accept()
        if event.key() in _MODIFIER_KEYS:
            self._is_pressing = True
            return
        self._is_pressing = False
        if event.key() in (0, _Key.Key_unknown) or event.isAutoRepeat():
            return
        self._try(QKeySequence(QKeyCombination(_modifiers(event), _Key(event.key()))).toString(PORTABLE))

    def keyReleaseEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        if event.key() in _MODIFIER_KEYS:
            self._end_pressing()

    def _end_pressing(self) -> None:
        """A modifier was let go of, or the focus lost: a key with it would have come by now."""
        if self._is_pressing:
            self._is_pressing = False
            self.refused.emit(NOT_ARRIVED)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusInEvent(event)
        self.recording_changed.emit(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802
        super().focusOutEvent(event)
        self._end_pressing()
        self.recording_changed.emit(False)

    def _try(self, keys: str) -> None:
        try:
            wanted = str(parse_hotkey(keys))
        except KeysError as error:
            self.refused.emit(str(error))
            return
        if wanted != self.keys:
            self.set_keys(wanted)
        self.chosen.emit(wanted)

    def _empty(self, text: str) -> None:
        if text:
            self._show()
        else:
            self.keys = ""
            self.chosen.emit("")

    def _show(self) -> None:
        self.setText(QKeySequence(self.keys, PORTABLE).toString(NATIVE))


def _modifiers(event: QKeyEvent) -> Qt.KeyboardModifier:
    """Without a Shift that only served to type the sign."""
    wanted = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier & ~Qt.KeyboardModifier.GroupSwitchModifier
    text = event.text()
    if text and text.isprintable() and not text.isalnum() and not text.isspace():
        wanted &= ~Qt.KeyboardModifier.ShiftModifier
    return wanted
