"""Shows plain text in an editor: the text as it is, places in code points, a megabyte without a stall, and room to
read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from PySide6.QtCore import QMimeData, QPointF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragMoveEvent,
    QDropEvent,
    QFontMetricsF,
    QMouseEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from desktop.common.offsets import Offsets
from desktop.reader.line_layout import SpacedLayout
from desktop.reader.looks import PLAIN, Look, Looks
from desktop.reader.page import Page, font_of, palette_of
from desktop.reader.paragraphs import Joint, Piece, cut, normalize
from desktop.widgets.file_drops import dropped_paths
from desktop.widgets.icons import blend

MIN_SIDE_PX = 24
WHEEL_STEP = 120  # of a wheel, in Qt's eighths of a degree
FAINT = 0.45  # of the ink's colour is left in signs that are no words
LOAD_CHARS = 60_000  # inserted in one go: 5 to 10 ms
_USUAL_WORDS = "it was read aloud in the evening, and they listened. "
_JOINT = int(QTextFormat.Property.UserProperty) + 1


class PlainView(QPlainTextEdit):
    """Edits a text. Places that go in and out are code points of `text()`."""

    text_edited = Signal()
    files_dropped = Signal(object)
    """`list[Path]`"""
    zoom_requested = Signal(int)
    """Larger by so many steps, or smaller."""
    page_pasted = Signal(str, str)
    """The HTML of a web page, or of a part of one, and the same as plain text: to be read, then inserted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._document = QTextDocument(self)
        self._lines = SpacedLayout(self._document)
        self._document.setDocumentLayout(self._lines)
        self._page = Page()
        self._looks: Looks | None = None  # of a document; a text that is nothing but text has none
        self._piece_starts: list[int] = []  # of each block, in code points of a text that has looks
        self._known_looks: dict[int, Look] = {}
        self._n_noted = 0
        self._wheel_turn = 0  # of what zooms, not yet a step
        self._offsets: Offsets | None = None  # of `_text`, the text when it was last asked for
        self._text = ""
        self._has_joints = False
        self._to_insert: Iterator[Piece] = iter(())
        self._insert_cursor: QTextCursor | None = None
        self._is_first_insert = self._joins_undo = False
        self._wanted_cursor: int | None = None
        self._loader = QTimer(self, interval=0)
        self._loader.timeout.connect(self._insert_more)
        self.setDocument(self._document)
        self._apply_page()
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setBackgroundRole(QPalette.ColorRole.Base)  # beside the column too
        self.setAutoFillBackground(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabChangesFocus(True)
        self._document.contentsChange.connect(self._note_change)

    # --- the text

    def text(self) -> str:
        """Return the plain text, whole at any moment."""
        self._current_offsets()
        if self._insert_cursor is None:
            return self._text
        at = self._current_offsets().to_code_point(self._insert_cursor.position())
        waiting = list(self._to_insert)
        self._to_insert = iter(waiting)
        return self._text[:at] + "".join(_JOINT_SIGNS[piece.joint] + piece.text for piece in waiting) + self._text[at:]

    def set_text(self, text: str, cursor: int = 0, looks: Looks | None = None) -> None:
        """Show another text; undo does not go behind it. Large ones come in over several turns of the event loop.

        A text with `looks` is to stay as it is, and has line breaks of one kind: their places count in it.
        """
        self._finish_loading()
        self._looks, self._piece_starts, self._known_looks = looks, [], {}
        self._lines.look_of = self._look_of if looks is not None else None
        self._document.setUndoRedoEnabled(False)
        self.clear()
        self._has_joints = False
        self._forget_places()
        self._insert(normalize(text))
        self._wanted_cursor = cursor
        self._place_cursor()

    def replace_text(self, text: str) -> None:
        """Put another text in place of this one; undo brings this one back."""
        self._finish_loading()
        self._looks = self._lines.look_of = None
        self._forget_places()
        self.selectAll()
        self._insert(normalize(text))
        self._wanted_cursor = 0
        self._place_cursor()

    def insert_text(self, text: str) -> None:
        """Put `text` in place of the selection, as one step to undo."""
        self._finish_loading()
        self._insert(normalize(text))
        self.ensureCursorVisible()

    def insert_marker(self, marker: str) -> None:
        """Put a marker at the cursor, with a space to what stands there."""
        cursor = self.textCursor()
        at = cursor.selectionStart()
        is_apart = at == cursor.document().findBlock(at).position() or self._document.characterAt(at - 1).isspace()
        self.insert_text(f"{'' if is_apart else ' '}{marker} ")

    def cursor_place(self) -> int:
        """Return where the cursor is, or the selection begins."""
        if self._wanted_cursor is not None:
            return self._wanted_cursor
        return self._current_offsets().to_code_point(self.textCursor().selectionStart())

    def selected_part(self) -> tuple[str, int]:
        """Return what is selected, and where in the text that begins; "" where nothing is."""
        cursor = self.textCursor()
        if self.is_loading or not cursor.hasSelection():
            return "", self.cursor_place()
        offsets = self._current_offsets()
        start, end = (offsets.to_code_point(unit) for unit in (cursor.selectionStart(), cursor.selectionEnd()))
        return self.text()[start:end], start

    @property
    def is_empty(self) -> bool:
        return self._document.isEmpty() and self._insert_cursor is None

    @property
    def is_loading(self) -> bool:
        return self._insert_cursor is not None

    def _read_document(self) -> tuple[str, list[int]]:
        """The text and its joints: the places before which the document has a separator and the text has nothing."""
        raw = self._document.toRawText()  # toPlainText() would make no-break spaces common ones
        if not self._has_joints:
            return raw.replace("\u2029", "\n"), []
        parts: list[str] = []
        joints: list[int] = []
        n_chars = 0
        blocks = raw.split("\u2029")
        block = self._document.begin()
        for index, part in enumerate(blocks):
            joint = _joint(block)
            if index:
                sign = _JOINT_SIGNS[joint]
                parts.append(sign)
                n_chars += len(sign)
                if not sign:
                    joints.append(n_chars)
            parts.append(part)
            n_chars += len(part)
            block = block.next()
        return "".join(parts), joints

    def _current_offsets(self) -> Offsets:
        if self._offsets is None:
            self._text, joints = self._read_document()
            self._offsets = Offsets(self._text, joints)
        return self._offsets

    def _insert(self, text: str) -> None:
        cursor = self.textCursor()
        self._joins_undo = cursor.hasSelection()
        cursor.removeSelectedText()
        pieces = cut(text)
        first = Piece(next(pieces).text, Joint.NOTHING)  # it goes on where the cursor is
        self._to_insert, self._insert_cursor = chain((first,), pieces), cursor
        self._is_first_insert = True
        self._insert_more()
        if self._insert_cursor is not None:
            self._loader.start()
        self._update_editable()

    def _insert_more(self) -> None:
        """The next pieces; Qt would take a megabyte in one go too, but in more than the 50 ms that nobody notices."""
        cursor = self._insert_cursor
        assert cursor is not None
        n_chars, now, is_all_at_once = 0, list[Piece](), self._is_first_insert
        while n_chars < LOAD_CHARS and (piece := next(self._to_insert, None)) is not None:
            n_chars += len(piece.text) + 1
            now.append(piece)
        if now:
            self._insert_pieces(cursor, now)
        if n_chars >= LOAD_CHARS or (now and not is_all_at_once):
            return  # the end of a large text has a turn of its own
        self._loader.stop()
        self._insert_cursor = None
        self._document.setUndoRedoEnabled(True)
        self._place_cursor()
        self._update_editable()
        self.text_edited.emit()

    def _insert_pieces(self, cursor: QTextCursor, pieces: list[Piece]) -> None:
        if self._joins_undo:
            cursor.joinPreviousEditBlock()
        else:
            cursor.beginEditBlock()
        self._joins_undo = True  # what comes in turns is undone in one step
        if self._looks is not None:
            self._note_starts(pieces)
        for joint, run in _runs(pieces):
            if self._is_first_insert:
                self._is_first_insert = False
            else:
                self._has_joints = self._has_joints or joint is not Joint.NEWLINE
                cursor.insertBlock(_block_format(joint))
            cursor.insertText(run)
        cursor.endEditBlock()

    def _note_starts(self, pieces: list[Piece]) -> None:
        """Note where the text has each of the blocks that come."""
        for piece in pieces:
            start = self._n_noted + len(_JOINT_SIGNS[piece.joint]) if self._piece_starts else 0
            self._piece_starts.append(start)
            self._n_noted = start + len(piece.text)

    def _look_of(self, block: QTextBlock) -> Look:
        number, text = block.blockNumber(), block.text()
        if not text or self._looks is None or number >= len(self._piece_starts):
            return PLAIN
        if (known := self._known_looks.get(number)) is None:
            start = self._piece_starts[number]
            known = self._known_looks[number] = self._looks.look(start, start + len(text))
        return known

    def _finish_loading(self) -> None:
        while self._insert_cursor is not None:
            self._insert_more()

    def _place_cursor(self) -> None:
        if self._wanted_cursor is None or self._insert_cursor is not None:
            return
        wanted, self._wanted_cursor = self._wanted_cursor, None
        cursor = self.textCursor()
        if wanted:  # the beginning needs no look at the whole text
            offsets = self._current_offsets()
            wanted = offsets.to_utf16(min(wanted, offsets.n_code_points))
        cursor.setPosition(wanted)
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    def _note_change(self, at: int, n_removed: int, n_added: int) -> None:  # noqa: ARG002 (Qt's signal has them)
        self._offsets = None
        if self._insert_cursor is None:
            self.text_edited.emit()

    def _forget_places(self) -> None:
        """The text is another: places of the old one mean nothing."""

    def _update_editable(self) -> None:
        """Whether it may be edited has to be looked at again."""
        self.setReadOnly(self.is_loading)

    # --- lines

    def _visible_blocks(self) -> Iterator[tuple[QTextBlock, QPointF]]:
        block = self.firstVisibleBlock()
        top_left = self.blockBoundingGeometry(block).translated(self.contentOffset()).topLeft()
        while block.isValid() and top_left.y() <= self.viewport().height():
            yield block, top_left
            top_left = top_left + QPointF(0, self.blockBoundingRect(block).height())
            block = block.next()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseMoveEvent(self._on_a_line(event))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseDoubleClickEvent(self._on_a_line(event))

    def _on_a_line(self, event: QMouseEvent) -> QMouseEvent:
        """The event moved from between two lines, where Qt would find the end of the upper, to the nearer one."""
        position = event.position()
        for block, top_left in self._visible_blocks():
            if top_left.y() + self.blockBoundingRect(block).height() < position.y():
                continue
            layout = block.layout()
            lines = [layout.lineAt(index).rect().translated(top_left) for index in range(layout.lineCount())]
            if lines:
                near = min(lines, key=lambda rect: abs(rect.center().y() - position.y()))
                y = min(max(position.y(), near.top() + 1), near.bottom() - 1)
                position = QPointF(position.x(), y)
            break
        return QMouseEvent(
            event.type(), position, event.globalPosition(), event.button(), event.buttons(), event.modifiers()
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mousePressEvent(self._on_a_line(event))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(self._on_a_line(event))

    # --- plain text and files, in and out

    def canInsertFromMimeData(self, source: QMimeData) -> bool:  # noqa: N802
        return source.hasText() or source.hasHtml() or source.hasUrls()

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        paths = dropped_paths(source)
        if paths:
            self.files_dropped.emit(paths)
        elif source.hasHtml():
            self.page_pasted.emit(source.html(), source.text())
        elif source.hasText():
            self.insert_text(source.text())

    def createMimeDataFromSelection(self) -> QMimeData:  # noqa: N802
        data = QMimeData()
        data.setText(self.selected_part()[0])
        return data

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        if dropped_paths(event.mimeData()):  # also while the text may not be edited: a file is a new text
            event.acceptProposedAction()
        else:
            super().dragEnterEvent(event)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802
        if dropped_paths(event.mimeData()):
            event.acceptProposedAction()
        else:
            super().dragMoveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        paths = dropped_paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.files_dropped.emit(paths)
        else:
            super().dropEvent(event)

    # --- looks

    def use_page(self, page: Page) -> None:
        """Take another typeface, size, spacing, width or colours; what is at the top stays there."""
        self._page = page
        self._apply_page()

    def _apply_page(self) -> None:
        top = self.firstVisibleBlock().position()
        font = font_of(self._page, QApplication.font())
        self.setFont(font)
        colors = self.page_palette()
        paper, ink = colors.color(QPalette.ColorRole.Base), colors.color(QPalette.ColorRole.Text)
        self._lines.use(font, self._page.spacing, blend(paper, ink, FAINT))
        self._center_column()
        block = self._document.findBlock(top)
        self.blockBoundingGeometry(block)
        self.verticalScrollBar().setValue(block.firstLineNumber())

    def page_palette(self) -> QPalette:
        """Return the colours of the page, with no part of it dimmed."""
        parent = self.parentWidget()
        return palette_of(self._page.theme, parent.palette() if parent else QApplication.palette())

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._wheel_turn += event.angleDelta().y()
            steps = int(self._wheel_turn / WHEEL_STEP)
            self._wheel_turn -= steps * WHEEL_STEP
            if steps:
                self.zoom_requested.emit(steps)
            event.accept()
        else:
            super().wheelEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        self._center_column()
        super().resizeEvent(event)

    def _center_column(self) -> None:
        """Lines of so many signs as the page has, in the middle of the window."""
        column = QFontMetricsF(self.font()).horizontalAdvance(_USUAL_WORDS) / len(_USUAL_WORDS) * self._page.column
        room = self.width() - self.verticalScrollBar().sizeHint().width()
        side = max(MIN_SIDE_PX, int((room - column) / 2))
        self.setViewportMargins(side, 16, max(MIN_SIDE_PX, side), 8)


_JOINT_SIGNS = {Joint.NEWLINE: "\n", Joint.SPACE: " ", Joint.NOTHING: ""}


def _joint(block: QTextBlock) -> Joint:
    value = block.blockFormat().property(_JOINT)
    return Joint(value) if value else Joint.NEWLINE


def _block_format(joint: Joint) -> QTextBlockFormat:
    block_format = QTextBlockFormat()
    if joint is not Joint.NEWLINE:
        block_format.setProperty(_JOINT, int(joint))
    return block_format


def _runs(pieces: list[Piece]) -> Iterator[tuple[Joint, str]]:
    """Pieces with newlines between them together, since Qt makes paragraphs of newlines faster than we can."""
    joint, run = pieces[0].joint, [pieces[0].text]
    for piece in pieces[1:]:
        if piece.joint is Joint.NEWLINE and joint is Joint.NEWLINE:
            run.append(piece.text)
        else:
            yield joint, "\n".join(run)
            joint, run = piece.joint, [piece.text]
    yield joint, "\n".join(run)
