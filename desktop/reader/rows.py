"""Draws rows of lists: with room around them, and of two lines, the first of which names what it is."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QIcon, QPainter, QPalette
from PySide6.QtWidgets import QApplication, QStyle, QStyledItemDelegate, QStyleOptionViewItem

from desktop.widgets.icons import blend

ROOM_PX = 8
DIMMED = 0.65
_Index = QModelIndex | QPersistentModelIndex


class RoomyRows(QStyledItemDelegate):
    """Gives each row some room above and below."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        return super().sizeHint(option, index) + QSize(0, ROOM_PX)


class TwoLineRows(QStyledItemDelegate):
    """Draws an icon, if there is one, the first line of the text, and the second one dimmed; both elided."""

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:  # noqa: N802
        height = max(2 * QFontMetrics(option.font).lineSpacing(), _icon_size(option, index).height())  # type: ignore[attr-defined]
        return QSize(0, height + 2 * ROOM_PX)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        own = QStyleOptionViewItem(option)
        self.initStyleOption(own, index)
        text, own.text, own.icon = index.data(Qt.ItemDataRole.DisplayRole), "", QIcon()  # type: ignore[attr-defined]
        style = own.widget.style() if own.widget else QApplication.style()  # type: ignore[attr-defined]
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, own, painter, own.widget)  # type: ignore[attr-defined]
        rect: QRect = own.rect.adjusted(ROOM_PX, ROOM_PX, -ROOM_PX, -ROOM_PX)  # type: ignore[attr-defined]
        size = _icon_size(own, index)
        if not size.isEmpty():
            icon: QIcon = index.data(Qt.ItemDataRole.DecorationRole)
            icon.paint(painter, QRect(rect.topLeft(), QSize(size.width(), rect.height())))
            rect.setLeft(rect.left() + size.width() + 2 * ROOM_PX)
        is_chosen = bool(own.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        palette: QPalette = own.palette  # type: ignore[attr-defined]
        text_role = QPalette.ColorRole.HighlightedText if is_chosen else QPalette.ColorRole.Text
        base_role = QPalette.ColorRole.Highlight if is_chosen else QPalette.ColorRole.Base
        full, base = palette.color(text_role), palette.color(base_role)
        first, _, second = text.partition("\n")
        bold = QFont(own.font)  # type: ignore[attr-defined]
        bold.setBold(True)
        above = QRect(rect.left(), rect.center().y() - QFontMetrics(bold).lineSpacing(), rect.width(), rect.height())
        below = QRect(rect.left(), rect.center().y() + 1, rect.width(), rect.height())
        painter.save()
        for words, font, place, color in (
            (first, bold, above, full),
            (second, own.font, below, blend(base, full, DIMMED)),  # type: ignore[attr-defined]
        ):
            painter.setFont(font)
            painter.setPen(color)
            words = QFontMetrics(font).elidedText(words, Qt.TextElideMode.ElideRight, place.width())
            painter.drawText(place, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop, words)
        painter.restore()


def _icon_size(option: QStyleOptionViewItem, index: _Index) -> QSize:
    has_icon = index.data(Qt.ItemDataRole.DecorationRole) is not None
    return option.decorationSize if has_icon else QSize()  # type: ignore[attr-defined]
