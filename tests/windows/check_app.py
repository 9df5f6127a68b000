"""On Windows: the assembled application shows its window, and its icon in the tray; both are seen on the screen."""

import os
import sys
from pathlib import Path

assert sys.platform == "win32"

from PySide6.QtWidgets import QApplication
from tools import running_lectern, settings, user32, wait_for, window_of, windows

TRAY = "__winex11_standalone_tray"  # Wine's, where no desktop has one


def icons() -> list:
    return [icon for tray in windows() if tray.class_name == TRAY for icon in windows(tray.handle) if icon.is_visible]


application = QApplication([])
settings()
assert not icons()
with running_lectern() as program:
    window = wait_for(lambda: window_of(program.pid))
    icon = wait_for(icons)[0]
    width, height = window.corners[2] - window.corners[0], window.corners[3] - window.corners[1]
    assert width > 400, window
    assert height > 300, window
    user32.SetForegroundWindow(window.handle)

    def colours(corners: tuple[int, int, int, int]) -> set[str]:
        image = application.primaryScreen().grabWindow(0).toImage()
        if "LECTERN_PICTURES" in os.environ:
            image.save(str(Path(os.environ["LECTERN_PICTURES"], "app.png")))
        left, top, right, bottom = corners
        return {image.pixelColor(x, y).name() for x in range(left, right) for y in range(top, bottom)}

    wait_for(lambda: len(colours(icon.corners)) > 3)  # the icon's waves, and the edges of them
    wait_for(lambda: len(colours(window.corners)) > 20)  # letters, buttons
wait_for(lambda: not icons())
print("check_app: well")
