"""What a reader with nothing in it shows: what can be done, a greeting at the first start, the books that were open."""

from __future__ import annotations

from desktop.reader.recent_books import RecentBooks
from desktop.reader.shelf import Shelf
from desktop.reader.text_view import TextView


class EmptyReader:
    """Owns the list of books, which the window lays out; the words stand in the view of the person's text."""

    def __init__(self, draft: TextView) -> None:
        self._draft = draft
        self.recent = RecentBooks()
        self._hotkey = self._hello = ""
        self.spoken = ""
        """The greeting as it is read; "" where nobody is greeted."""

    def set_hotkey(self, keys: str) -> None:
        """Set what the words say to press; empty when there is no hotkey."""
        self._hotkey = keys
        hotkey = f", or select some in any program\nand press {keys}" if keys else ""
        hello = f"{self._hello}\n" if self._hello else ""
        self._draft.set_empty_words(f"{hello}Paste or drop a text here{hotkey}.")

    def welcome(self, hello: str, spoken: str) -> None:
        """Say `hello` while `spoken` is read."""
        self._hello, self.spoken = hello, spoken
        self.set_hotkey(self._hotkey)

    def is_greeting(self, text: str) -> bool:
        """Say whether `text` is the greeting as it is read: no text of the person's."""
        return bool(self.spoken) and text == self.spoken

    def render_shelf(self, shelf: Shelf, speed: float, *, is_draft_shown: bool) -> None:
        """Show the books of `shelf`, where the person's text is shown and is empty."""
        is_wanted = is_draft_shown and self._draft.is_empty and bool(shelf.books)
        if is_wanted:
            self.recent.render_shelf(shelf, speed)
            if self.recent.isHidden():
                self.recent.look()
        self.recent.setVisible(is_wanted)
