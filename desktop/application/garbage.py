"""Circles of Python objects, collected in the GUI thread and in no other.

Python collects in whatever thread happens to allocate. A circle that holds a QObject would so be deleted beside the
thread that it lives in, which Qt does not allow: timers and connections break, QtDBus warns, and at worst it crashes.
"""

from __future__ import annotations

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 1000
"""What comes together in a second is collected in well under a millisecond."""


class GarbageCollector(QObject):
    """Does Python's automatic collections by a timer, from its construction until `stop`.

    What lives by then, mostly modules, is set aside: looking through it again and again would hold up the windows.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_on = gc.isenabled()
        self._had_set_aside = gc.get_freeze_count() > 0
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self, interval=INTERVAL_MS)
        self._timer.timeout.connect(collect_garbage)
        self._timer.start()

    def stop(self) -> None:
        """Leave it to Python again. A second call does nothing."""
        if self._timer.isActive():
            self._timer.stop()
            if not self._had_set_aside:  # or what others did would come back, too
                gc.unfreeze()
            if self._was_on:
                gc.enable()


def collect_garbage() -> None:
    """Collect the youngest generation, and those above it that are due by Python's own thresholds."""
    counts, limits = gc.get_count(), gc.get_threshold()
    generation = 0
    while generation < len(counts) - 1 and counts[generation + 1] > limits[generation + 1]:
        generation += 1
    gc.collect(generation)
