"""Shows in the settings which browser extensions may have pages read, and which one asks."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop.widgets.browser_question import BrowserQuestion
from engine.server import PairedBrowser, PairingView


class BrowserList(QWidget):
    """Renders a `PairingView`: a row for each extension, with a button that takes its permission back."""

    remove_requested = Signal(str)
    """The origin of the extension."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.question = BrowserQuestion()
        self.rows: dict[str, QPushButton] = {}
        """The buttons, by the origins of the extensions."""
        self._title = QLabel("Browser extensions that may have pages read:")
        self._none = QLabel("None. One that asks is shown here.")
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        for widget in (self._title, self.question, self._none):
            self._column.addWidget(widget)
        self._widgets: list[QWidget] = []
        self._shown: tuple[PairedBrowser, ...] = ()

    def render_view(self, view: PairingView) -> None:
        """Show who asks and who was allowed."""
        self.question.ask(view.asking)
        self._none.setVisible(view.asking is None and not view.paired)
        if view.paired == self._shown:
            return
        self._shown = view.paired
        for widget in self._widgets:
            widget.hide()
            widget.deleteLater()
        self._widgets, self.rows = [], {}
        for browser in view.paired:
            row = self._row(browser)
            self._widgets.append(row)
            self._column.addWidget(row)

    def _row(self, browser: PairedBrowser) -> QWidget:
        row = QWidget()
        words = QLabel(f"{browser.name}, since {browser.since}")
        words.setToolTip(browser.origin)
        words.setWordWrap(True)
        button = QPushButton("Remove")
        button.setAutoDefault(False)
        button.setAccessibleName(f"Remove {browser.name}")
        button.clicked.connect(lambda: self.remove_requested.emit(browser.origin))
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(words, 1)
        line.addWidget(button)
        self.rows[browser.origin] = button
        return row
