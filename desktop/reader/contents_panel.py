"""Shows a book's chapters with how much of each was heard, and its bookmarks."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal
from PySide6.QtGui import QFont, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QStackedWidget,
    QTabWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from desktop.common.plain_text import plain_line
from desktop.reader.rows import RoomyRows, TwoLineRows
from desktop.reader.shelf import Bookmark

WIDTH_PX = 260
MAX_TITLE_CHARS = 200
_Index = QModelIndex | QPersistentModelIndex
_NO_BOOKMARKS = "Ctrl+D sets a bookmark where the book is read, or at the cursor."


class ContentsPanel(QWidget):
    """Renders the chapters of one book and its bookmarks, and says which was chosen."""

    chapter_chosen = Signal(int)
    bookmark_chosen = Signal(object)
    """`Bookmark`"""
    remove_requested = Signal(object)
    """`Bookmark`"""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._model = _Chapters(self)
        self.chapters = QTreeView()
        self.chapters.setModel(self._model)
        self.chapters.setAccessibleName("Contents")
        self.chapters.setHeaderHidden(True)
        self.chapters.setRootIsDecorated(False)
        self.chapters.setItemDelegate(RoomyRows(self.chapters))
        self.chapters.setUniformRowHeights(True)  # thousands of rows are laid out at once
        self.chapters.header().setStretchLastSection(False)
        self.chapters.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.chapters.header().setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        self.chapters.header().resizeSection(1, self.fontMetrics().horizontalAdvance("100 %  "))
        self.bookmarks = QListWidget()
        self.bookmarks.setAccessibleName("Bookmarks")
        self.bookmarks.setItemDelegate(TwoLineRows(self.bookmarks))
        self.bookmarks.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.remove = QPushButton("&Remove")
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.addTab(self.chapters, "Contents")
        self.tabs.addTab(self._bookmark_page(), "Bookmarks")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.tabs)
        self.chapters.clicked.connect(lambda index: self.chapter_chosen.emit(index.row()))
        self.bookmarks.itemClicked.connect(self._choose_bookmark)
        for keys in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            for widget, choose in (
                (self.chapters, self._choose_current),
                (self.bookmarks, lambda: self._choose_bookmark(self.bookmarks.currentItem())),
            ):
                shortcut = QShortcut(QKeySequence(keys), widget)
                shortcut.setContext(Qt.ShortcutContext.WidgetShortcut)
                shortcut.activated.connect(choose)
        delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), self.bookmarks)
        delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        delete.activated.connect(self._remove_current)
        self.remove.clicked.connect(self._remove_current)
        self.bookmarks.currentItemChanged.connect(lambda item, _: self.remove.setEnabled(item is not None))
        self.render_bookmarks((), ())

    def _bookmark_page(self) -> QWidget:
        self._page = QWidget()
        words = QLabel(_NO_BOOKMARKS)
        words.setWordWrap(True)
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        words.setMargin(16)
        self._pages = QStackedWidget()
        self._pages.addWidget(words)
        self._pages.addWidget(self.bookmarks)
        column = QVBoxLayout(self._page)
        column.setContentsMargins(0, 0, 0, 8)
        column.addWidget(self._pages)
        column.addWidget(self.remove, alignment=Qt.AlignmentFlag.AlignHCenter)
        return self._page

    def render_chapters(self, titles: Sequence[str], shares: Sequence[int], current: int) -> None:
        """Show `titles`, of each of which so many percent were heard; the chapter `current` is open."""
        self._model.render(titles, shares, current)
        index = self._model.index(current, 0)
        if self.chapters.currentIndex().row() != current:
            self.chapters.setCurrentIndex(index)
            self.chapters.scrollTo(index)

    def render_bookmarks(self, bookmarks: Sequence[Bookmark], titles: Sequence[str]) -> None:
        """Show `bookmarks`, and of each the title of its chapter."""
        row = self.bookmarks.currentRow()
        self.bookmarks.clear()
        for bookmark, title in zip(bookmarks, titles, strict=True):
            item = QListWidgetItem(f"{bookmark.quote}\n{plain_line(title, MAX_TITLE_CHARS)}".strip())
            item.setData(Qt.ItemDataRole.UserRole, bookmark)
            item.setToolTip(bookmark.quote)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, item.text().replace("\n", ", "))
            self.bookmarks.addItem(item)
        self.bookmarks.setCurrentRow(min(row, len(bookmarks) - 1))
        self._pages.setCurrentIndex(1 if bookmarks else 0)
        self.remove.setVisible(bool(bookmarks))
        self.remove.setEnabled(self.bookmarks.currentItem() is not None)

    def _choose_current(self) -> None:
        if self.chapters.currentIndex().isValid():
            self.chapter_chosen.emit(self.chapters.currentIndex().row())

    def _choose_bookmark(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.bookmark_chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _remove_current(self) -> None:
        if (item := self.bookmarks.currentItem()) is not None:
            self.remove_requested.emit(item.data(Qt.ItemDataRole.UserRole))


class _Chapters(QAbstractTableModel):
    """A model, since a widget's items would take 30 ms for the chapters of a large book."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._titles: Sequence[str] = ()
        self._shares: Sequence[int] = ()
        self._current = 0

    def render(self, titles: Sequence[str], shares: Sequence[int], current: int) -> None:
        if titles is not self._titles:
            self.beginResetModel()
            self._titles, self._shares, self._current = titles, shares, current
            self.endResetModel()
            return
        changed = {row for row, (a, b) in enumerate(zip(self._shares, shares, strict=True)) if a != b}
        if current != self._current:
            changed |= {current, self._current}
        self._shares, self._current = shares, current
        for row in changed:
            self.dataChanged.emit(self.index(row, 0), self.index(row, 1))

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008, N802
        return 0 if parent.isValid() else len(self._titles)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: ARG002, B008, N802
        return 2

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        title = plain_line(self._titles[index.row()], MAX_TITLE_CHARS) or f"Part {index.row() + 1}"
        share = self._shares[index.row()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return title if index.column() == 0 else f"{share} %" if share else ""
            case Qt.ItemDataRole.ToolTipRole:
                return title
            case Qt.ItemDataRole.AccessibleTextRole:
                return title if index.column() == 0 else f"{share} % heard"
            case Qt.ItemDataRole.TextAlignmentRole if index.column() == 1:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            case Qt.ItemDataRole.FontRole if index.row() == self._current:
                font = QFont()
                font.setBold(True)
                return font
        return None
