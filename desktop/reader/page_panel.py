"""Shows the small panel that chooses what a page looks like, and keeps the choice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QComboBox, QFormLayout, QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from desktop.reader.page import COLUMNS, SPACINGS, THEMES, Page, offered_typefaces, zoomed
from desktop.reader.text_view import TextView


class PageChoice(QObject):
    """Holds the page that `views` have, and the ways to choose another: keys, the wheel, and a panel under a button."""

    changed = Signal(object)
    """The `Page` that the person has chosen."""

    def __init__(self, window: QWidget, views: Iterable[TextView]) -> None:
        super().__init__(window)
        self.page = Page()
        self._views = list(views)
        for view in self._views:
            view.zoom_requested.connect(self.zoom)
        plus = [QKeySequence(keys) for keys in ("Ctrl++", "Ctrl+=")]
        self.actions = [
            self._action(window, "&Larger text", plus, 1),
            self._action(window, "S&maller text", [QKeySequence("Ctrl+-")], -1),
            self._action(window, "&Usual size of the text", [QKeySequence("Ctrl+0")], 0),
        ]
        self.panel = PagePanel(window)
        self.panel.zoom_requested.connect(self.zoom)
        self.panel.chosen.connect(lambda changes: self._take(replace(self.page, **changes)))
        self.button = QToolButton()
        self.button.setText("Aa")
        self.button.setAutoRaise(True)
        self.button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.button.setAccessibleName("Text size, typeface and colours")
        self.show_action = QAction("Te&xt size and colours…", window)
        self.show_action.setShortcut(QKeySequence("F8"))
        self.show_action.triggered.connect(self.show_panel)
        window.addAction(self.show_action)
        self.button.setToolTip("Text size, typeface and colours (F8)")
        self.button.clicked.connect(self.show_panel)

    def use(self, page: Page) -> None:
        """Have the views show `page`."""
        if page != self.page:
            self.page = page
            for view in self._views:
                view.use_page(page)
        self.panel.render_page(page)

    def zoom(self, steps: int) -> None:
        """Make the text larger by `steps`, or smaller; 0 is the usual size."""
        self._take(replace(self.page, zoom=zoomed(self.page.zoom, steps)))

    def show_panel(self) -> None:
        """Open the panel under its button."""
        self.panel.render_page(self.page)
        self.panel.adjustSize()
        right = self.button.mapToGlobal(QPoint(self.button.width(), self.button.height()))
        self.panel.move(right - QPoint(self.panel.width(), 0))
        self.panel.show()
        self.panel.larger.setFocus()

    def _take(self, page: Page) -> None:
        if page != self.page:
            self.use(page)
            self.changed.emit(page)

    def _action(self, window: QWidget, words: str, keys: list[QKeySequence], steps: int) -> QAction:
        action = QAction(words, window)
        action.setShortcuts(keys)
        action.triggered.connect(lambda: self.zoom(steps))
        window.addAction(action)
        return action


class PagePanel(QFrame):
    """Shows the choices. It stays until it is left, with Esc or a click elsewhere, so that each is seen at once."""

    zoom_requested = Signal(int)
    chosen = Signal(object)
    """What has changed, by the names of `Page`."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAccessibleName("Text size, typeface and colours")
        self.setWindowTitle("Text")
        self.smaller, self.larger = _button("−", "Smaller text (Ctrl+−)"), _button("+", "Larger text (Ctrl++)")
        self.usual = _button("", "The usual size (Ctrl+0)")
        for button, steps in ((self.smaller, -1), (self.usual, 0), (self.larger, 1)):
            button.clicked.connect(lambda _=False, steps=steps: self.zoom_requested.emit(steps))
        sizes = QHBoxLayout()
        sizes.setSpacing(4)
        for part in (self.smaller, self.usual, self.larger):
            sizes.addWidget(part)
        sizes.addStretch(1)
        self.fields: dict[str, QComboBox] = {}
        form = QFormLayout(self)
        form.setContentsMargins(16, 16, 16, 16)
        form.setHorizontalSpacing(16)
        form.setVerticalSpacing(8)
        form.addRow(QLabel("Size"), sizes)
        for name, words, choices in (
            ("typeface", "&Typeface", offered_typefaces()),
            ("theme", "&Colours", THEMES),
            ("column", "Line &width", COLUMNS),
            ("spacing", "Line &spacing", SPACINGS),
        ):
            form.addRow(words, self._choice(name, choices))

    def render_page(self, page: Page) -> None:
        """Show what `page` has; a value of another hand's making is a choice of its own."""
        self.usual.setText(f"{page.zoom} %")
        for name, field in self.fields.items():
            value = getattr(page, name)
            field.blockSignals(True)
            index = field.findData(value)
            if index < 0:
                field.addItem(str(value), value)
                index = field.count() - 1
            field.setCurrentIndex(index)
            field.blockSignals(False)

    def _choice(self, name: str, choices: Mapping[Any, str]) -> QComboBox:
        field = QComboBox()
        for value, words in choices.items():
            field.addItem(words, value)
        field.currentIndexChanged.connect(lambda index: self.chosen.emit({name: field.itemData(index)}))
        self.fields[name] = field
        return field


def _button(words: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setText(words)
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setMinimumWidth(40)
    return button
