"""Makes icons from symbolic SVGs, each drawn once in each colour, which is given here.

Views draw theirs anew when the palette changes; a file's `currentColor` is the palette's text.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPalette, QPixmap, QPixmapCache
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QApplication

from desktop.common.paths import APP_ID, resources_folder
from desktop.common.state import AppState, EnginePhase, Phase

SIZES_PX = (16, 20, 22, 24, 32, 48, 64)
APP_SIZES_PX = (16, 24, 32, 48, 64, 128, 256)
ON_DARK, ON_LIGHT = QColor("#f2f2f2"), QColor("#2e2e2e")


class TrayLook(StrEnum):
    """Names what the tray icon shows, each by a shape of its own."""

    STARTING = "starting"
    READY = "ready"
    SPEAKING = "speaking"
    PAUSED = "paused"
    PROBLEM = "problem"


def tray_look(state: AppState) -> TrayLook:
    """Choose what the tray icon shows. What is heard counts first; a problem counts once nothing is heard."""
    if state.phase is Phase.SPEAKING:
        return TrayLook.SPEAKING
    if state.phase is Phase.PAUSED:
        return TrayLook.PAUSED
    if state.problem is not None or state.engine.phase is EnginePhase.FAILED:
        return TrayLook.PROBLEM
    if state.phase is Phase.PREPARING or state.engine.phase is EnginePhase.STARTING:
        return TrayLook.STARTING
    return TrayLook.READY


def symbolic_icon(name: str, palette: QPalette | None = None) -> QIcon:
    """Draw the icon `name` in the text colours of `palette`, the application's by default."""
    palette = palette or QApplication.palette()
    icon = QIcon()
    for mode, group in (
        (QIcon.Mode.Normal, QPalette.ColorGroup.Active),
        (QIcon.Mode.Disabled, QPalette.ColorGroup.Disabled),
    ):
        _add_pixmaps(icon, name, palette.color(group, QPalette.ColorRole.WindowText), mode)
    return icon


def plain_icon(name: str, color: QColor) -> QIcon:
    """Draw the icon `name` in `color`, for a ground that is not of the application's palette."""
    icon = QIcon()
    _add_pixmaps(icon, name, color, QIcon.Mode.Normal)
    return icon


def app_icon() -> QIcon:
    """Load the window's icon, which has colours of its own."""
    renderer = _renderer(APP_ID, None)
    icon = QIcon()
    for size in APP_SIZES_PX:
        icon.addPixmap(_pixmap(renderer, size))
    return icon


def blend(base: QColor, over: QColor, share: float) -> QColor:
    """Mix `base` with `share` (0 to 1) of `over`."""

    def mix(a: float, b: float) -> float:
        return a * (1 - share) + b * share

    return QColor.fromRgbF(
        mix(base.redF(), over.redF()), mix(base.greenF(), over.greenF()), mix(base.blueF(), over.blueF())
    )


def _add_pixmaps(icon: QIcon, name: str, color: QColor, mode: QIcon.Mode) -> None:
    """Add all sizes. What was drawn before is taken from Qt's cache: views draw anew at each change, and mostly the
    same."""
    renderer: QSvgRenderer | None = None
    for size in SIZES_PX:
        key, pixmap = f"{name} {color.name()} {size}", QPixmap()
        if not QPixmapCache.find(key, pixmap):
            renderer = renderer or _renderer(name, color)
            pixmap = _pixmap(renderer, size)
            QPixmapCache.insert(key, pixmap)
        icon.addPixmap(pixmap, mode)


def _renderer(name: str, color: QColor | None) -> QSvgRenderer:
    drawing = (resources_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")
    if color is not None:
        drawing = drawing.replace("currentColor", color.name())
    renderer = QSvgRenderer(QByteArray(drawing.encode()))
    assert renderer.isValid(), name
    return renderer


def _pixmap(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap
