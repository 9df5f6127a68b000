"""Plays a book's sentences as they are in its project, while others may still be spoken."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from PySide6.QtCore import QObject, QTimer, Signal

import engine
import engine.audio
from desktop.common.messages import explain
from desktop.narration.playlist import Entry, Playlist
from desktop.narration.values import Playing
from desktop.playback.listening import Listener
from desktop.worker import Worker

POLL_MS = 50
AHEAD_S = 12.0
"""So much is read ahead of what is heard."""
NO_TEXT = engine.SourceMap(array("I"), array("I"))
WordsOf = Callable[[str, int, int], tuple[engine.Word, ...]]


class BookPlayer(QObject):
    """Plays one book at a time, on a stream of its own. Never waits: files are read in a thread."""

    changed = Signal(object)
    """`Playing`"""

    def __init__(self, listener: Listener | None = None, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.listener = listener or Listener()
        self.playing = Playing()
        self._files = Worker("narrated sound", self)
        self._epoch = 0
        self._job = ""
        self._words_of: WordsOf = lambda *_: ()
        self._playlist: Playlist | None = None
        self._next = self._n_left = 0
        self._max_s = 0.0
        self._is_reading = False
        self._heard: list[Entry] = []  # by the segment that it is to the listener
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    def play(self, job: str, playlist: Playlist, place: int, *, n: int = 10**9, max_s: float = 1e9) -> None:
        """Play from the sentence at `place` on: `n` of them, for about `max_s` seconds at most."""
        self.stop()
        self._epoch += 1
        self._job, self._playlist, self._next, self._n_left, self._max_s = job, playlist, place, n, max_s
        self._is_reading, self._heard = False, []
        self.listener.begin(self._epoch)
        self._timer.start()
        self._show(Playing(job, is_waiting=True))
        self._feed(0.0, 0.0)

    def follow_words(self, words_of: WordsOf) -> None:
        """Say in `playing` which word is heard, of sentences whose words `words_of(job, chapter, index)` knows, placed
        in the chapter's text."""
        self._words_of = words_of

    def pause(self) -> None:
        """Be silent at once."""
        self.listener.pause()
        self._show(replace(self.playing, is_paused=True))

    def resume(self) -> None:
        """Go on where it was paused."""
        self.listener.resume()
        self._show(replace(self.playing, is_paused=False))

    def stop(self) -> None:
        self._timer.stop()
        self.listener.stop()
        self._playlist = None
        self._show(Playing())

    def close(self) -> None:
        self.stop()
        self._files.close()
        self.listener.close()

    def _poll(self) -> None:
        heard = self.listener.heard()
        if heard.problem is not None:
            problem = explain(heard.problem)
            self.stop()
            self._show(Playing(problem=problem))
            return
        if heard.is_finished and self._playlist is None:
            self.stop()
            return
        self._feed(heard.generated_s, heard.position_s)
        entry = (
            self._heard[min(heard.segment_index, len(self._heard) - 1)]
            if heard.segment_index is not None and self._heard
            else None
        )
        place = (entry.chapter, entry.index) if entry is not None else (-1, -1)
        is_paused = self.playing.is_paused
        self._show(Playing(self._job, *place, is_waiting=heard.is_waiting, is_paused=is_paused, word=heard.word))

    def _feed(self, generated_s: float, position_s: float) -> None:
        """Read one more sentence where there is room for it."""
        if self._playlist is None or self._is_reading or generated_s - position_s > AHEAD_S:
            return
        entry = self._playlist.entry(self._next)
        while entry is not None and entry.is_silent:
            self._next += 1
            entry = self._playlist.entry(self._next)
        if entry is None or self._n_left == 0 or generated_s > self._max_s:
            self.listener.end(self._epoch)
            self._playlist = None
            return
        if entry.path is None:  # not spoken yet
            return
        self._is_reading = True
        epoch, path = self._epoch, entry.path
        self._files.do(lambda: _read_sound(path), lambda samples: self._take(epoch, entry, samples))

    def _take(self, epoch: int, entry: Entry, samples: np.ndarray | None) -> None:
        if epoch != self._epoch or self._playlist is None:
            return
        self._is_reading = False
        self._next += 1
        self._n_left -= 1
        if samples is None:
            return
        number = len(self._heard)
        self._heard.append(entry)
        pause = np.zeros(entry.pause_ms * engine.SAMPLE_RATE_HZ // 1000, np.float32)
        segment = engine.Segment(number, "", 0, 0, "en", NO_TEXT)
        n_samples = len(samples) + len(pause)
        words = self._words_of(self._job, entry.chapter, entry.index)
        timing = engine.SegmentTiming(0.0, n_samples / engine.SAMPLE_RATE_HZ, 0.0)
        for event in (
            engine.SegmentStarted(segment),
            engine.PcmChunk(np.concatenate((samples, pause)), engine.SAMPLE_RATE_HZ, number, words),
            engine.SegmentDone(segment, n_samples, timing),
        ):
            self.listener.add(epoch, event)

    def _show(self, playing: Playing) -> None:
        if playing != self.playing:
            self.playing = playing
            self.changed.emit(playing)


def _read_sound(path: Path) -> np.ndarray | None:
    """float32 `(n,)`; None where the sentence is being spoken again."""
    try:
        return engine.audio.read_audio(path)
    except engine.AudioFileError:
        return None
