"""Writes resources/icons/lectern.ico, the icon of shortcuts on Windows, from the application's SVG: after that changed.

.venv/bin/python packaging/windows_icon.py
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

SIZES_PX = (16, 20, 24, 32, 48, 64, 256)
ICONS = Path(__file__).parents[1] / "resources" / "icons"


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QBuffer, QIODevice
    from PySide6.QtGui import QGuiApplication, QImage, QPainter
    from PySide6.QtSvg import QSvgRenderer

    _application = QGuiApplication([])
    renderer = QSvgRenderer(str(ICONS / "io.github.lectern.Lectern.svg"))
    pictures = []
    for size in SIZES_PX:
        image = QImage(size, size, QImage.Format.Format_ARGB32)
        image.fill(0)
        painter = QPainter(image)
        renderer.render(painter)
        painter.end()
        buffer = QBuffer()
        buffer.open(QIODevice.OpenModeFlag.WriteOnly)
        image.save(buffer, "PNG")  # type: ignore[call-overload]
        pictures.append(bytes(buffer.data().data()))
    (ICONS / "lectern.ico").write_bytes(icon_of(pictures))


def icon_of(pictures: list[bytes]) -> bytes:
    """Put PNGs of `SIZES_PX` into a file of Microsoft's ICO format."""
    entries, place = [], 6 + 16 * len(pictures)
    for size, png in zip(SIZES_PX, pictures, strict=True):
        entries.append(struct.pack("<4B2H2I", size % 256, size % 256, 0, 0, 1, 32, len(png), place))
        place += len(png)
    return struct.pack("<3H", 0, 1, len(pictures)) + b"".join(entries) + b"".join(pictures)


if __name__ == "__main__":
    main()
