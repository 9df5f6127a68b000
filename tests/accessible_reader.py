"""The reader's window alone, for whoever looks at it as a screen reader does: a program of its own, since Qt builds its
accessible tree when the application starts. It writes what it is ready for and what is asked of it, and ends with its
input."""

from __future__ import annotations

import sys

from PySide6.QtCore import QSocketNotifier
from PySide6.QtWidgets import QApplication

from desktop.common.state import AppState, Phase, ReadingView
from desktop.reader.window import ReaderWindow

TEXT = "One is first. Two is second.\nThree is third."
"""Without signs of two UTF-16 units, which Qt counts as two to AT-SPI."""


def main() -> None:
    """Show `TEXT`, of which the second sentence is heard, until the input ends; each line of it moves on by one."""
    app = QApplication(["lectern"])
    window = ReaderWindow()
    window.set_text(TEXT)
    window.show()
    sentences = iter(((14, 28), (29, 44)))

    def hear() -> None:
        window.render(AppState(Phase.SPEAKING, reading=ReadingView(TEXT, next(sentences))))
        _tell("heard")

    def read() -> None:
        hear() if sys.stdin.readline() else app.quit()

    window.speak_requested.connect(lambda text, place: _tell(f"speak {text[place:]!r}"))
    notifier = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, window)
    notifier.activated.connect(read)
    _tell("ready")
    app.exec()


def _tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
