"""Shows the text: edited as plain text, read with the sentence and the word that are heard lit, markers drawn as
chips."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from PySide6.QtCore import QEvent, QMimeData, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QMenu, QTextEdit, QWidget

import engine
import engine.text
from desktop.common.offsets import Offsets
from desktop.common.state import Phase, Span
from desktop.reader.edits import Edits
from desktop.reader.grounds import paint_ground, paint_look
from desktop.reader.looks import Looks
from desktop.reader.page import Page
from desktop.reader.paragraphs import normalize_in_place
from desktop.reader.plain_view import PlainView
from desktop.reader.scrolling import BackButton, Scrolling
from desktop.widgets.icons import blend

LOWEST = 0.8  # of the height: a word below it has the view moved
FOUND = QColor("#e0a020")
DIMMED = 0.62  # how much of the text's colour is left around the sentence that is heard
BACK_KEYS = "Alt+Up"
_ENTER_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class TextView(PlainView):
    """Edits a text and lights what is heard of it. Places that go in and out are code points: of `text()`, or of the
    reading where that is said."""

    place_clicked = Signal(int)
    """A plain click while the text is spoken, at this place of the reading."""
    outside_clicked = Signal(int)
    """The same where a part of the text is read and the click is not in it; a place of the text."""
    change_refused = Signal()
    """Something was typed or pasted into a text that is being spoken."""
    speak_from_requested = Signal(int)
    """Speak the text from this place on."""
    speak_selection_requested = Signal()
    space_pressed = Signal()
    """Space, where it does not belong to the text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edits = Edits()
        self._reading_offsets: Offsets | None = None
        self._reading_start = self._reading_end = 0  # of the part that is read, in code points of the text
        self._sentence: Span | None = None  # these two in units of the document as it was when the reading began
        self._word: Span | None = None
        self._phase = Phase.IDLE
        self._empty_words = ""
        self._is_fixed = False
        self.shown_text = ""  # the fixed one, as it was given
        self._was_touched = False
        self._follows = True
        self._found: Sequence[Span] = ()  # in code points of the text
        self._pressed_at: QPointF | None = None
        self._scrolling = Scrolling(self.verticalScrollBar())
        self.back_button = BackButton(BACK_KEYS, self)
        self.back_button.clicked.connect(self.follow_again)
        self.setAccessibleName("Text to read aloud")
        self.verticalScrollBar().actionTriggered.connect(self.stop_following)

    def set_empty_words(self, words: str) -> None:
        """Choose what is shown in place of a text."""
        self._empty_words = words
        self.setAccessibleDescription(words)
        self.viewport().update()

    def _note_change(self, at: int, n_removed: int, n_added: int) -> None:
        super()._note_change(at, n_removed, n_added)
        if self._reading_offsets is not None and n_removed != n_added:
            self._edits.add(at, n_removed, n_added)

    # --- the reading

    def begin_reading(self, text: str, start: int = 0) -> None:
        """Follow the reading of `text`, which is shown from code point `start` on: places of the reading are places in
        it from here on."""
        self._finish_loading()
        self._reading_offsets = self._current_offsets()
        self._reading_start, self._reading_end = start, start + len(text)
        assert self._reading_end <= self._reading_offsets.n_code_points
        self._edits = Edits()
        self._follows = True

    def show_reading_of(self, text: str) -> None:
        """Show `text`, which came from elsewhere, sign by sign and to be read only."""
        self.show_fixed(text)
        self.begin_reading(text)

    def show_fixed(self, text: str, place: int = 0, looks: Looks | None = None) -> None:
        """Show `text` sign by sign and to be read only, with the cursor at code point `place`; `looks` are what its
        document says of it."""
        self._is_fixed, self.shown_text = True, text
        self.set_text(normalize_in_place(text), place, looks)

    def set_cursor(self, place: int) -> None:
        """Move the cursor to code point `place`, and its line to a third of the height."""
        self._wanted_cursor = place
        self._place_cursor()

    def _place_cursor(self) -> None:
        super()._place_cursor()
        if self._is_fixed and not self.is_loading:  # what is written is looked at where it is written
            self._scroll_to(self.textCursor().position(), at_once=True)

    def show_heard(self, phase: Phase, sentence: Span | None, word: Span | None) -> None:
        """Light what is heard of the reading."""
        if phase is not self._phase:
            self._phase = phase
            self._was_touched = False
            self._update_editable()
            self._dim()
            self._show_back_button()
        sentence, word = self._to_units(sentence), self._to_units(word)
        if (sentence, word) == (self._sentence, self._word):
            return
        is_new_sentence = sentence != self._sentence
        self._sentence, self._word = sentence, word
        if is_new_sentence:
            self._set_light()
        self.viewport().update()
        self._follow(is_new_sentence)

    def follow_again(self) -> None:
        """Go where the voice goes, after a jump, or from where the person has scrolled."""
        self._set_following(True)
        self._follow(True)

    def set_cursor_to_reading(self, place: int) -> None:
        """Move the cursor to a place of the reading."""
        if self._reading_offsets is None or self.is_loading:
            return
        cursor = self.textCursor()
        unit = self._edits.forward(self._reading_offsets.to_utf16(self._reading_start + place))
        cursor.setPosition(min(unit, self._document.characterCount() - 1))
        self.setTextCursor(cursor)

    def _forget_places(self) -> None:
        self._found = ()
        self._reading_offsets = None
        self._sentence = self._word = None
        self.setExtraSelections([])

    def _to_units(self, span: Span | None) -> Span | None:
        if span is None or self._reading_offsets is None or span[0] >= span[1]:
            return None
        start = self._reading_start
        return self._reading_offsets.to_utf16(start + span[0]), self._reading_offsets.to_utf16(start + span[1])

    def _shown(self, span: Span | None) -> Span | None:
        """A span of the reading in units of the document as it is now; None when it was removed."""
        if span is None:
            return None
        start, end = self._edits.forward(span[0]), self._edits.forward(span[1] - 1) + 1
        end = min(end, self._document.characterCount() - 1)
        return (start, end) if start < end else None

    def _emit_click(self, unit: int) -> None:
        assert self._reading_offsets is not None
        place = self._reading_offsets.to_code_point(self._edits.backward(unit))
        if self._reading_start <= place <= self._reading_end:
            self.place_clicked.emit(place - self._reading_start)
        else:
            self.outside_clicked.emit(place)

    def _set_light(self) -> None:
        """The lit sentence has the text's full colour; its ground is painted below."""
        span = self._shown(self._sentence)
        if span is None or not self._is_dimmed:
            self.setExtraSelections([])
            return
        light = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self._document)
        cursor.setPosition(span[0])
        cursor.setPosition(span[1], QTextCursor.MoveMode.KeepAnchor)
        light.cursor = cursor  # type: ignore[attr-defined]  (PySide's stubs miss the two fields)
        light.format.setForeground(self.page_palette().color(QPalette.ColorRole.Text))  # type: ignore[attr-defined]
        self.setExtraSelections([light])

    @property
    def _is_dimmed(self) -> bool:
        return self._phase is not Phase.IDLE and self._reading_offsets is not None

    def _dim(self) -> None:
        palette = self.page_palette()
        if self._is_dimmed:
            text, base = palette.color(QPalette.ColorRole.Text), palette.color(QPalette.ColorRole.Base)
            palette.setColor(QPalette.ColorRole.Text, blend(base, text, DIMMED))
        self.setPalette(palette)
        self._set_light()

    # --- keeping it in view

    def stop_following(self) -> None:
        """Leave the view to the person, who scrolls, until the voice comes into it by itself or is wanted back."""
        self._scrolling.stop()
        self._set_following(False)

    def _set_following(self, is_on: bool) -> None:
        self._follows = is_on
        self._show_back_button()

    def _show_back_button(self) -> None:
        is_away = not self._follows and self._is_dimmed and self._sentence is not None
        if is_away and not self.back_button.isVisible():
            self.back_button.place()
        if not is_away and self.back_button.hasFocus():
            self.setFocus()
        self.back_button.setVisible(is_away)

    def _follow(self, is_new_sentence: bool) -> None:
        """Keep the beginning of the sentence at a third of the height; in a long one, the word within sight."""
        sentence, word = self._shown(self._sentence), self._shown(self._word)
        span = word or sentence
        if span is None:
            return
        height = self.viewport().height()
        rect = self._line_rect(span[0])
        is_seen = rect is not None and rect.top() >= 0 and rect.bottom() <= height
        if not self._follows:
            if is_seen:
                self._set_following(True)
            return
        if is_new_sentence and sentence:
            self._scroll_to(sentence[0])
        elif self._scrolling.state() is not self._scrolling.State.Running and (
            not is_seen or (rect is not None and rect.bottom() > height * LOWEST)
        ):
            self._scroll_to(span[0])

    def _scroll_to(self, unit: int, *, at_once: bool = False) -> None:
        """Put the line of `unit` at a third of the height. Blocks above it are laid out on the way: before that, Qt
        counts each as one line."""
        block = self._document.findBlock(unit)
        self._lines.blockBoundingRect(block)
        line = block.layout().lineForTextPosition(unit - block.position())
        below = self.viewport().height() / 3 - (line.y() if line.isValid() else 0.0)  # of the block, in the view
        while below > 0 and block.previous().isValid():
            block = block.previous()
            below -= self._lines.blockBoundingRect(block).height()
        layout = block.layout()
        above = (n for n in range(layout.lineCount()) if layout.lineAt(n).y() + below >= -self._lines.pitch / 2)
        self._scrolling.go(block.firstLineNumber() + next(above, 0), at_once=at_once)

    def _line_rect(self, unit: int) -> QRectF | None:
        """The line of `unit` in the viewport; None when it is far outside."""
        block = self._document.findBlock(unit)
        geometry = self.blockBoundingGeometry(block).translated(self.contentOffset())
        if geometry.bottom() < 0 or geometry.top() > self.viewport().height():
            return None
        line = block.layout().lineForTextPosition(unit - block.position())
        return line.naturalTextRect().translated(geometry.topLeft()) if line.isValid() else None

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        palette = self.page_palette()
        base, text = palette.color(QPalette.ColorRole.Base), palette.color(QPalette.ColorRole.Text)
        accent = palette.color(QPalette.ColorRole.Highlight)
        lit = self._shown(self._sentence) if self._is_dimmed else None
        word = self._shown(self._word) if self._is_dimmed else None
        painter.setFont(self.font())
        for block, top_left in self._visible_blocks():
            paint_look(painter, block, top_left, self._lines, blend(base, text, 0.5))
            if lit:
                paint_ground(painter, block, top_left, lit, blend(base, accent, 0.18))
            if word:
                paint_ground(painter, block, top_left, word, blend(base, accent, 0.45))
            for span in self._markers(block):
                paint_ground(painter, block, top_left, span, blend(base, text, 0.1), blend(base, text, 0.3))
            for span in self._found_in(block):
                paint_ground(painter, block, top_left, span, blend(base, FOUND, 0.45))
        if self.is_empty and self._empty_words:
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            room = self.viewport().rect().adjusted(0, 0, 0, -self.viewport().height() // 5)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, self._empty_words)
        painter.end()
        super().paintEvent(event)

    # --- what was looked for

    def show_found(self, spans: Sequence[Span]) -> None:
        """Mark `spans`, in their order; they count in code points of the text."""
        self._found = spans
        self.viewport().update()

    def select(self, span: Span) -> None:
        """Select a part of the text and bring it into view; the voice is no longer followed."""
        self._finish_loading()
        offsets = self._current_offsets()
        if span[1] > offsets.n_code_points:
            return  # of a text that has changed since
        start, end = offsets.to_utf16(span[0]), offsets.to_utf16(span[1])
        cursor = self.textCursor()
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        self.stop_following()
        self.setTextCursor(cursor)
        rect = self._line_rect(start)
        if rect is None or rect.top() < 0 or rect.bottom() > self.viewport().height() * LOWEST:
            self._scroll_to(start)

    def _found_in(self, block: QTextBlock) -> Iterator[Span]:
        if not self._found or self.is_loading:
            return
        offsets = self._current_offsets()
        start, end = (offsets.to_code_point(block.position() + n) for n in (0, block.length() - 1))
        for index in range(max(0, bisect_left(self._found, (start, 0)) - 1), len(self._found)):
            first, last = self._found[index]
            if first >= end:
                break
            if last > start and last <= offsets.n_code_points:
                yield offsets.to_utf16(first), offsets.to_utf16(last)

    def _markers(self, block: QTextBlock) -> Iterator[Span]:
        text = block.text()
        if "(" not in text and "（" not in text:
            return
        offsets = Offsets(text)
        for marker in engine.text.find_markers(text):
            start, end = offsets.to_utf16(marker.start), offsets.to_utf16(marker.end)
            yield block.position() + start, block.position() + end

    # --- keys, mouse, files

    @property
    def is_editing(self) -> bool:
        """Say whether Space is a sign of the text. While a reading is on it is not, until the paused text is
        touched."""
        return not self.isReadOnly() and (self._phase is Phase.IDLE or self._was_touched)

    @property
    def _is_spoken(self) -> bool:
        return self._phase in (Phase.PREPARING, Phase.SPEAKING) and self._reading_offsets is not None

    def _update_editable(self) -> None:
        """While it is spoken the text stays as it is; paused, it can be changed."""
        self.setReadOnly(self._is_fixed or self._is_spoken or self.is_loading)
        if self.isReadOnly():  # the cursor is still seen and moved, for the keyboard and for screen readers
            mouse, keys = Qt.TextInteractionFlag.TextSelectableByMouse, Qt.TextInteractionFlag.TextSelectableByKeyboard
            self.setTextInteractionFlags(mouse | keys)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.key() == Qt.Key.Key_Space and plain and not self.is_editing:
            self.space_pressed.emit()
        elif event.key() in _ENTER_KEYS and not event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            if not self.isReadOnly():
                self._was_touched = True
                self.textCursor().insertBlock(QTextBlockFormat())  # Qt's own would copy the mark of a joint
                self.ensureCursorVisible()
        else:
            if self._is_spoken and not self._is_fixed and _would_change(event):
                self.change_refused.emit()
            self._was_touched = self._was_touched or bool(event.text().strip())
            super().keyPressEvent(event)

    def insertFromMimeData(self, source: QMimeData) -> None:  # noqa: N802
        self._was_touched = True
        super().insertFromMimeData(source)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self._was_touched = self._phase is Phase.PAUSED
        is_plain = event.button() is Qt.MouseButton.LeftButton and not event.modifiers()
        self._pressed_at = event.position() if is_plain else None
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        super().mouseReleaseEvent(event)
        pressed_at, self._pressed_at = self._pressed_at, None
        if self._is_spoken and pressed_at is not None and not self.textCursor().hasSelection():
            self.follow_again()
            self._emit_click(self.textCursor().position())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Offer to speak from where the mouse is, or the cursor for the keyboard; then what an editor offers."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            unit = self.cursorForPosition(event.pos()).position()
        else:
            unit = self.textCursor().position()
        menu = self.createStandardContextMenu()
        first = menu.actions()[0]
        own = QMenu(menu)
        if not self.is_empty:
            own.addAction("Speak from &here").triggered.connect(lambda: self._speak_from(unit))
        if self.textCursor().hasSelection():
            own.addAction("&Speak the selection").triggered.connect(self.speak_selection_requested)
        for action in own.actions():
            menu.insertAction(first, action)
        if own.actions():
            menu.insertSeparator(first)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def _speak_from(self, unit: int) -> None:
        if self._is_spoken:
            self.follow_again()
            self._emit_click(unit)
        else:
            self.speak_from_requested.emit(self._current_offsets().to_code_point(unit))

    # --- looks

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        super().resizeEvent(event)
        self.back_button.place()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        super().changeEvent(event)
        if event.type() == QEvent.Type.ParentChange:
            self._dim()

    def follow_palette(self) -> None:
        """Take the new colours: the desktop went light or dark."""
        self.use_page(self._page)

    def use_page(self, page: Page) -> None:
        super().use_page(page)
        self._dim()


def _would_change(event: QKeyEvent) -> bool:
    """Whether the key would change a text that may be changed."""
    if event.matches(QKeySequence.StandardKey.Paste) or event.matches(QKeySequence.StandardKey.Cut):
        return True
    no_sign = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier | Qt.KeyboardModifier.MetaModifier
    is_delete = event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete)
    return is_delete or (event.text().isprintable() and bool(event.text()) and not event.modifiers() & no_sign)
