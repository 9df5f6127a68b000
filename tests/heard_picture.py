"""The picture at the top of the README, and the video that it leads to: the reader while the built-in voice reads.

The window is the real one, and so are the sound and the times at which words are lit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication
from samples import TEXTS

import engine
from desktop.common.state import AppState, Phase, ReadingView
from desktop.reader.window import ReaderWindow
from engine.builtin import BuiltInVoice

TEXT = TEXTS["en"]
SIZE_PX = (880, 400)
FRAMES_PER_S = 20
SOUND_BITS_PER_S = 96_000
LAST_S = 1.0
"""How long the last picture stays."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What is heard, float32 `(n,)` at 44.1 kHz, and when each word of it and its sentence begin."""

    sound: np.ndarray
    words: tuple[engine.TimedWord, ...]
    sentences: dict[int, tuple[int, int]]

    @property
    def seconds(self) -> float:
        return self.sound.size / engine.SAMPLE_RATE_HZ

    def at(self, second: float) -> engine.TimedWord | None:
        """The word that is heard then, or was last."""
        begun = [word for word in self.words if word.from_sample <= second * engine.SAMPLE_RATE_HZ]
        return begun[-1] if begun else None


def hear(text: str = TEXT) -> Heard:
    """Have the built-in voice read `text`."""
    gathered, words, sentences, sound = engine.TimedWords(), [], {}, []
    voice = BuiltInVoice()
    for event in voice.speak(engine.SpeechRequest(text), engine.CancelToken()):
        words += gathered.take(event)
        if isinstance(event, engine.SegmentStarted):
            sentences[event.segment.index] = (event.segment.start, event.segment.end)
        if isinstance(event, engine.PcmChunk):
            sound.append(event.samples)
    voice.close()
    return Heard(np.concatenate(sound), tuple(words), sentences)


def show(heard: Heard, second: float) -> ReaderWindow:
    """Open the reader as it is at that time."""
    window = ReaderWindow()
    window.set_text(TEXT)
    window.resize(*SIZE_PX)
    window.show()
    render(window, heard, second)
    return window


def render(window: ReaderWindow, heard: Heard, second: float) -> None:
    word = heard.at(second)
    if second >= heard.seconds or word is None:
        window.render(AppState())
        return
    start, end = heard.sentences[word.segment]
    end = start + len(TEXT[start:end].rstrip())
    reading = ReadingView(TEXT, (start, end), (word.start, word.end), second, heard.seconds - second, "built-in voice")
    window.render(AppState(Phase.SPEAKING, reading=reading))


def pictures(window: ReaderWindow, heard: Heard) -> Iterator[QImage]:
    """The reader at each frame of the video."""
    for number in range(round((heard.seconds + LAST_S) * FRAMES_PER_S)):
        render(window, heard, number / FRAMES_PER_S)
        QApplication.processEvents()  # the view lays its text out anew
        yield window.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)


def write_video(path: Path, window: ReaderWindow, heard: Heard) -> None:
    """Write an MP4 that browsers play: H.264 and AAC."""
    with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
        options = {"preset": "slow", "crf": "23", "tune": "animation"}
        shown = container.add_stream("libx264", rate=FRAMES_PER_S, width=SIZE_PX[0], height=SIZE_PX[1], options=options)
        shown.pix_fmt = "yuv420p"
        spoken = container.add_stream("aac", rate=engine.SAMPLE_RATE_HZ, layout="mono")
        spoken.bit_rate = SOUND_BITS_PER_S
        for picture in pictures(window, heard):
            bits = np.frombuffer(picture.constBits(), np.uint8).reshape(picture.height(), picture.bytesPerLine())
            pixels = bits[:, : 3 * picture.width()].reshape(picture.height(), picture.width(), 3)
            container.mux(shown.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), format="rgb24")))
        container.mux(shown.encode(None))
        frame = av.AudioFrame.from_ndarray(heard.sound[None].astype(np.float32), format="fltp", layout="mono")
        frame.sample_rate = engine.SAMPLE_RATE_HZ
        container.mux(spoken.encode(frame))
        container.mux(spoken.encode(None))
