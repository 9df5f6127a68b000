"""Plays a short recording, at once and instead of the one before. What is read aloud is `listening.py`'s."""

from __future__ import annotations

import threading

import numpy as np
from PySide6.QtCore import QObject, Signal

import engine
import engine.audio
from desktop.common.errors import PlaybackError
from desktop.common.messages import explain
from desktop.playback.player import Player, find_output_device


class SamplePlayer(QObject):
    """Lives in the GUI thread, and waits for nothing there: each recording has a thread."""

    playing_changed = Signal(str)
    """What is heard, by the key it was given; "" when there is silence."""
    failed = Signal(object)
    """`Message`"""
    _ended = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.playing = ""
        self.device_name = ""
        """"" is the desktop's default."""
        self._cancel = engine.CancelToken()
        self._thread: threading.Thread | None = None
        self._ended.connect(self._end)

    def play(self, key: str, samples: np.ndarray, rate_hz: int) -> None:
        """float32 `(n,)`"""
        self._cancel.cancel()
        self._cancel = cancel = engine.CancelToken()
        arguments = (samples, rate_hz, self.device_name, cancel)
        self._thread = threading.Thread(target=self._run, args=arguments, name="sample", daemon=True)
        self._thread.start()
        self._show(key)

    def stop(self) -> None:
        self._cancel.cancel()
        self._show("")

    def close(self) -> None:
        self.stop()
        if self._thread is not None:
            self._thread.join()

    def _run(self, samples: np.ndarray, rate_hz: int, device_name: str, cancel: engine.CancelToken) -> None:
        error: PlaybackError | None = None
        try:
            if rate_hz != engine.SAMPLE_RATE_HZ:
                changer = engine.audio.StreamResampler(rate_hz, engine.SAMPLE_RATE_HZ)
                samples = np.concatenate((changer.push(samples), changer.flush()))
            with Player(find_output_device(device_name), cancel) as player:
                player.play(samples)
                player.drain()
        except PlaybackError as caught:
            error = caught
        if not cancel.cancelled:
            self._ended.emit(cancel, error)

    def _end(self, cancel: engine.CancelToken, error: PlaybackError | None) -> None:
        if cancel is not self._cancel or cancel.cancelled:
            return
        self._show("")
        if error is not None:
            self.failed.emit(explain(error))

    def _show(self, key: str) -> None:
        if key != self.playing:
            self.playing = key
            self.playing_changed.emit(key)
