"""Goes through the book that is open: shows a part of it at a time, has it read, and remembers where that is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from desktop.common.passage import Passage
from desktop.common.state import AppState, Phase
from desktop.reader.book import Book, BookPart
from desktop.reader.chapter_bar import ChapterBar
from desktop.reader.contents_panel import ContentsPanel
from desktop.reader.looks import Looks
from desktop.reader.shelf import MAX_NAME_CHARS, MAX_QUOTE_CHARS, Bookmark, Shelf, ShelfBook
from desktop.reader.text_view import TextView

ROOM_FOR_CONTENTS_PX = 680
PACE_AFTER_S = 20.0
"""So much of a chapter is heard before its pace tells how long the book takes."""


class BookReader(QObject):
    """Owns the view with the book's text, the panel with its contents and the line with its chapter, which the window
    lays out. One part of the book is in the view; the one that is read is the one that is shown."""

    read_requested = Signal(object)
    """`Passage`"""
    stop_requested = Signal()
    opened = Signal()
    closed = Signal()
    part_shown = Signal()
    """Another part of the book is in the view."""
    shelf_changed = Signal()

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self.book: Book | None = None
        self.shelf = Shelf()
        self._index = 0
        self._wants_contents, self._is_narrow = True, False
        self._is_read = False  # the part that is shown is being read
        self._asked: BookPart | None = None  # to be read, last
        self._titles: tuple[str, ...] = ()
        self.view, self.contents = TextView(), ContentsPanel()
        self.view.setAccessibleName("Book")
        self.actions = self._make_actions(window)
        self.bar = ChapterBar(self.actions)
        self.contents.hide()
        self.contents.chapter_chosen.connect(self.go_to_part)
        self.contents.bookmark_chosen.connect(lambda mark: self.go_to(mark.place))
        self.contents.remove_requested.connect(self._remove_bookmark)
        self.view.cursorPositionChanged.connect(self._note_cursor)
        self._render()

    def _make_actions(self, window: QWidget) -> dict[str, QAction]:
        made: dict[str, QAction] = {}
        does: tuple[tuple[str, str, str, Callable[[], object]], ...] = (
            ("contents", "&Contents", "F9", self.toggle_contents),
            ("back", "&Back a chapter", "Ctrl+PgUp", self.previous_part),
            ("forward", "&Forward a chapter", "Ctrl+PgDown", self.next_part),
            ("bookmark", "Book&mark", "Ctrl+D", self.toggle_bookmark),
            ("close", "&Close the book", "Ctrl+W", self.close),
        )
        for name, words, keys, do in does:
            action = QAction(words, window)
            action.setShortcut(QKeySequence(keys))
            action.setToolTip(f"{words.replace('&', '')} ({keys})")
            action.triggered.connect(lambda _=False, do=do: do())
            action.setEnabled(False)
            window.addAction(action)
            made[name] = action
        made["contents"].setCheckable(True)
        return made

    # --- the book

    def open(self, book: Book, place: int | None = None) -> None:
        """Open `book` where it was left, or at `place`; one that was read to its end begins anew."""
        if self._is_read:
            self.stop_requested.emit()
        kept = self.shelf.find(book.key)
        self.book, self._titles = book, tuple(part.title for part in book.parts)
        heard = kept.heard if kept is not None and len(kept.heard) == len(book.parts) else (0,) * len(book.parts)
        entry = replace(
            kept or ShelfBook(book.key),
            path=str(book.path),
            title=book.title[:MAX_NAME_CHARS],
            author=book.author[:MAX_NAME_CHARS],
            n_chars=book.n_chars,
            heard=heard,
        )
        self._show_contents()
        for action in self.actions.values():
            action.setEnabled(True)
        self._keep(self.shelf.with_first(entry))
        if place is None:
            place = entry.place if entry.place < book.n_chars else 0
        self._show(book.part_at(place), place)
        self._render_bookmarks()
        self.opened.emit()

    def set_shelf(self, shelf: Shelf) -> None:
        """Take what was remembered; books that were opened meanwhile come first."""
        for book in reversed(self.shelf.books):
            shelf = shelf.with_first(book)
        self._keep(shelf)

    def forget(self, key: str) -> None:
        """Take a book off the list, with its place and bookmarks; one that is open stays open, and on it."""
        if self.book is None or self.book.key != key:
            self._keep(self.shelf.without(key))

    def close(self) -> None:
        """Have no book open; what is read of it stops."""
        if self.book is None:
            return
        if self._is_read:
            self.stop_requested.emit()
        self.book, self._asked, self._is_read = None, None, False
        self.contents.hide()
        for action in self.actions.values():
            action.setEnabled(False)
        self._render()
        self.closed.emit()
        self.view.set_text("")

    @property
    def part(self) -> BookPart:
        assert self.book is not None
        return self.book.parts[self._index]

    @property
    def place(self) -> int:
        """Where in the book to go on."""
        entry = self._entry
        return entry.place if entry is not None else 0

    def go_to_part(self, index: int) -> None:
        """Go to the beginning of a chapter."""
        if self.book is not None:
            self.go_to(self.book.parts[index].start)

    def go_to(self, place: int) -> None:
        """Go to a place of the book; what is being read goes on from there."""
        if self.book is None:
            return
        is_read = self._is_read
        self._show(self.book.part_at(place), place)
        if is_read:
            self.read(place - self.part.start)
        self.view.setFocus()

    def look_at(self, place: int) -> None:
        """Show the part that has `place`, and leave the cursor to whoever asks; the reading of another part stops."""
        if self.book is not None and (index := self.book.part_at(place)) != self._index:
            if self._is_read:
                self.stop_requested.emit()
            self._show(index, place)

    def previous_part(self) -> None:
        """Go to the beginning of this chapter, or from there to the one before."""
        if self.book is not None:
            is_begun = self.place > self.part.start + 1
            self.go_to_part(self._index if is_begun else max(0, self._index - 1))

    def next_part(self) -> None:
        if self.book is not None and self._index + 1 < len(self.book.parts):
            self.go_to_part(self._index + 1)

    # --- its reading

    def read(self, place: int, *, goes_on: bool = False) -> None:
        """Have the part that is shown read from code point `place` of it on; where nothing is left of it, the next."""
        if self.book is None:
            return
        if not self.part.text[place:].strip():
            following = self._following()
            place = 0
            if following is not None:
                self._show(following, self.book.parts[following].start)
        part = self._asked = self.part
        self.read_requested.emit(Passage(part.text, place, part.languages, goes_on))

    def takes(self, text: str) -> bool:
        """Say whether `text`, which is being read, is that which was asked for here."""
        return self._asked is not None and text == self._asked.text

    def go_on(self) -> None:
        """Read what follows: the part was heard to its end."""
        if self.book is None or self._asked is None:
            return
        self._note_heard(self.part, len(self.part.text))
        following = self._following()
        if following is None:
            self._move(self.book.n_chars)
            return
        self._show(following, self.book.parts[following].start)
        self.read(0, goes_on=True)

    def _following(self) -> int | None:
        """The next part that has something to say."""
        assert self.book is not None
        rest = range(self._index + 1, len(self.book.parts))
        return next((i for i in rest if any(map(str.isalnum, self.book.parts[i].text))), None)

    def hear(self, place: int) -> None:
        """Follow a sound that is not read here: it is at `place` of the book."""
        if self.book is None:
            return
        index = self.book.part_at(place)
        if index == self._index + 1 and self._asked is self.part:
            self._note_heard(self.part, len(self.part.text))
        if index != self._index:
            self._show(index, place)
        self._asked = self.part

    def follow(self, state: AppState, *, is_ours: bool) -> None:
        """Note what is heard of the book, where it is the book that is read."""
        self._is_read = is_ours and state.is_active and self.book is not None
        if not self._is_read or self._asked is not self.part or (heard := state.reading.sentence) is None:
            return
        if state.phase is Phase.SPEAKING:
            self._note_heard(self.part, heard[0])
            self._note_pace(state)
        self._move(self.part.start + heard[0])

    def _note_heard(self, part: BookPart, reached: int) -> None:
        entry, percent = self._entry, 100 * reached // max(1, len(part.text))
        if entry is not None and percent > entry.heard[self._index]:
            heard = (*entry.heard[: self._index], percent, *entry.heard[self._index + 1 :])
            self._change(replace(entry, heard=heard))

    def _note_pace(self, state: AppState) -> None:
        entry, reading = self._entry, state.reading
        if entry is None or reading.left_s is None or reading.heard_s < PACE_AFTER_S:
            return
        pace = round((reading.heard_s + reading.left_s) / len(reading.text), 3)
        if pace > 0.001 and abs(pace - entry.s_per_char) > 0.05 * entry.s_per_char:
            self._change(replace(entry, s_per_char=pace))

    def _note_cursor(self) -> None:
        """Where the person has put the cursor is where to go on."""
        if self.book is not None and not self._is_read and not self.view.is_loading:
            self._move(self.part.start + self.view.cursor_place())

    # --- bookmarks

    def toggle_bookmark(self) -> None:
        """Set a bookmark where the book is read, or at the cursor; take away the one that is there."""
        entry = self._entry
        if entry is None or self.book is None:
            return
        here = self._bookmark_here(entry)
        mark = Bookmark(entry.place, self._quote(entry.place)) if here is None else here
        self._change(entry.with_bookmark(mark) if here is None else entry.without_bookmark(mark))
        self._render_bookmarks()

    def _remove_bookmark(self, mark: Bookmark) -> None:
        if (entry := self._entry) is not None:
            self._change(entry.without_bookmark(mark))
            self._render_bookmarks()

    def _bookmark_here(self, entry: ShelfBook) -> Bookmark | None:
        """One in the same paragraph."""
        text, at = self.part.text, entry.place - self.part.start
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        end = len(text) if end < 0 else end
        places = range(self.part.start + start, self.part.start + end + 1)
        return next((mark for mark in entry.bookmarks if mark.place in places), None)

    def _quote(self, place: int) -> str:
        at = place - self.part.start
        words = self.part.text[at : at + 2 * MAX_QUOTE_CHARS].strip().partition("\n")[0]
        return words if len(words) <= MAX_QUOTE_CHARS else f"{words[: MAX_QUOTE_CHARS - 1].rsplit(' ', 1)[0]}…"

    # --- what is shown

    def fit(self, width_px: int) -> None:
        """Hide the contents where the window is too narrow for them; they come again when there is room."""
        is_narrow = width_px < ROOM_FOR_CONTENTS_PX
        if is_narrow != self._is_narrow:
            self._is_narrow = is_narrow
            self._show_contents()
            self._render()

    def _show_contents(self) -> None:
        has_some = self.book is not None and len(self.book.parts) > 1
        self.contents.setVisible(has_some and self._wants_contents and not self._is_narrow)

    def toggle_contents(self) -> None:
        """Show the contents, or hide them."""
        self.contents.setVisible(not self.contents.isVisible())
        if not self._is_narrow:
            self._wants_contents = self.contents.isVisible()
        if self.contents.isVisible():
            self.contents.chapters.setFocus()
        else:
            self.view.setFocus()
        self._render()

    def _show(self, index: int, place: int) -> None:
        """Show the part `index` at `place` of the book."""
        assert self.book is not None
        part = self.book.parts[index]
        at = min(max(0, place - part.start), len(part.text))
        if index != self._index or self.view.is_empty or not self._is_shown(part):
            self._index, self._is_read = index, False
            with QSignalBlocker(self.view):  # the cursor is on its way
                self.view.show_fixed(part.text, at, Looks(part.styles, part.pictures))
            self.part_shown.emit()
        else:
            self.view.set_cursor(at)
        self._move(part.start + at)
        self._render()

    def _is_shown(self, part: BookPart) -> bool:
        return self.view.shown_text is part.text

    @property
    def _entry(self) -> ShelfBook | None:
        return self.shelf.find(self.book.key) if self.book is not None else None

    def _move(self, place: int) -> None:
        entry = self._entry
        if entry is not None and entry.place != place:
            self._change(replace(entry, place=place))

    def _change(self, entry: ShelfBook) -> None:
        self._keep(self.shelf.with_changed(entry))
        self._render()

    def _keep(self, shelf: Shelf) -> None:
        if shelf != self.shelf:
            self.shelf = shelf
            self.shelf_changed.emit()

    def _render(self) -> None:
        entry = self._entry
        self.bar.setVisible(self.book is not None)
        self.actions["contents"].setChecked(self.book is not None and not self.contents.isHidden())
        if self.book is None or entry is None:
            return
        n = len(self.book.parts)
        self.bar.render_chapter(self.book.title, self.part.title, self._index + 1, n)
        self.actions["back"].setEnabled(self._index > 0 or entry.place > 0)
        self.actions["forward"].setEnabled(self._index + 1 < n)
        is_marked = self._bookmark_here(entry) is not None
        self.bar.set_icon("bookmark", "bookmark-set" if is_marked else "bookmark")
        self.actions["bookmark"].setText("Take the book&mark away" if is_marked else "Set a book&mark")
        self.contents.render_chapters(self._titles, entry.heard, self._index)

    def _render_bookmarks(self) -> None:
        entry = self._entry
        if self.book is not None and entry is not None:
            titles = [self._titles[self.book.part_at(mark.place)] for mark in entry.bookmarks]
            self.contents.render_bookmarks(entry.bookmarks, titles)
