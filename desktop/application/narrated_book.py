"""Reads the book that is open in the reader with the sound of its own narration.

As long as it does, it takes what is asked of the reading; all else, and everything at other times, is the controller's.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from itertools import accumulate

from PySide6.QtCore import QObject, Signal

import engine
from desktop.common.passage import Passage
from desktop.common.state import AppState, Phase, ReadingView
from desktop.narration.setup import NarrationSetup
from desktop.narration.values import NarratedText, Playing
from desktop.reader.book import Book, make_book
from desktop.reader.window import ReaderWindow
from desktop.speech.controller import BACK_TO_START_S, Controller

SPEAKER = "its narration"


@dataclass(frozen=True, slots=True)
class _Sentence:
    """One that has a sound: `[start, end)` of the book, `place` in its chapter, and its name in the narration."""

    start: int
    end: int
    place: int
    name: tuple[int, int]


class NarratedBook(QObject):
    """Stands between those who ask for something and the controller. Lives in the GUI thread."""

    changed = Signal()
    """What `over` makes of a state is another."""

    def __init__(
        self, controller: Controller, window: ReaderWindow, narration: NarrationSetup, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._controller, self._window, self._narration = controller, window, narration
        self._player = narration.player
        self._text: NarratedText | None = None
        self._book: Book | None = None
        self._sentences: list[_Sentence] = []
        self._heard: _Sentence | None = None
        narration.read_along_requested.connect(self._open)
        self._player.changed.connect(self._follow)
        self._player.follow_words(self._words_of)
        window.books.opened.connect(self._leave)
        window.books.closed.connect(self._leave)
        controller.settings_changed.connect(lambda _: self._use_speed())

    def _open(self, text: NarratedText, begins: tuple[int, int] | None) -> None:
        self._text = None
        book = make_book(text.key, text.source, text.document)
        self._window.open_book(book)
        self._text, self._book = text, book
        chapters = accumulate((len(chapter.text) for chapter in text.document.chapters), initial=0)
        self._sentences = [
            _Sentence(first + start, first + end, start, (number, index))
            for number, (first, places) in enumerate(zip(chapters, text.places, strict=False))
            for index, (start, end) in enumerate(places)
        ]
        if begins is None:
            self._play_at(self._window.books.place if self._window.books.place < book.n_chars else 0)
        else:
            self._narration.play_from(text.job, begins)
            self._use_speed()

    def _leave(self) -> None:
        """Another book is open, or none."""
        if self._text is not None and self._window.books.book is not self._book:
            self._text = self._book = self._heard = None
            self._player.stop()
            self._use_speed()
            self.changed.emit()

    # --- what is heard

    @property
    def is_heard(self) -> bool:
        """Say whether its sound is on, or paused."""
        return self._text is not None and self._player.playing.job == self._text.job

    def over(self, state: AppState) -> AppState:
        """Return what views are to show instead of the controller's `state`."""
        if not self.is_heard or self._book is None or self._heard is None:
            return state
        playing, heard = self._player.playing, self._heard
        part = self._book.parts[self._book.part_at(heard.start)]
        s_per_char = self._text.seconds / self._book.n_chars if self._text is not None else 0.0
        at = heard.start - part.start
        shift = heard.start - heard.place - part.start  # from the chapter's text to the part's
        word = (playing.word[0] + shift, playing.word[1] + shift) if playing.word and self._plays(heard) else None
        reading = ReadingView(
            part.text,
            (at, min(heard.end, part.end) - part.start),
            word,
            round(at * s_per_char, 1),
            round((len(part.text) - at) * s_per_char, 1),
            SPEAKER,
        )
        waits = Phase.PREPARING if playing.is_waiting else Phase.SPEAKING
        return replace(state, phase=Phase.PAUSED if playing.is_paused else waits, reading=reading, problem=None)

    def _plays(self, sentence: _Sentence) -> bool:
        return (self._player.playing.chapter, self._player.playing.index) == sentence.name

    def _words_of(self, job: str, chapter: int, index: int) -> tuple[engine.Word, ...]:
        text = self._text
        if text is None or text.job != job or chapter >= len(text.words) or index >= len(text.words[chapter]):
            return ()
        return text.words[chapter][index]()

    def _follow(self, playing: Playing) -> None:
        if self._text is None:
            return
        if playing.job == self._text.job and playing.chapter >= 0:
            name = playing.chapter, playing.index
            if self._heard is None or self._heard.name != name:
                self._heard = next((sentence for sentence in self._sentences if sentence.name == name), None)
                if self._heard is not None:
                    self._window.books.hear(self._heard.start)
        elif not self.is_heard:
            self._heard = None
            self._use_speed()
            if playing.problem is not None:
                self._window.show_notice(playing.problem)
        self.changed.emit()

    # --- what is asked for

    def read(self, passage: Passage) -> None:
        """Read a passage of the book that is open: with its own sound, where it has one."""
        books = self._window.books
        if self._text is None or books.book is not self._book:
            self._controller.speak_passage(passage)
        else:
            self._play_at(books.part.start + passage.place)

    def pause(self) -> None:
        (self._player if self.is_heard else self._controller).pause()

    def resume(self) -> None:
        (self._player if self.is_heard else self._controller).resume()

    def pause_or_resume(self) -> None:
        if self.is_heard:
            (self._player.resume if self._player.playing.is_paused else self._player.pause)()
        else:
            self._controller.pause_or_resume()

    def stop(self) -> None:
        if self.is_heard:
            self._player.stop()
        else:
            self._controller.stop()

    def next(self) -> None:
        if self.is_heard:
            self._step(1)
        else:
            self._controller.next()

    def previous(self) -> None:
        if self.is_heard:
            self._step(0 if self._player.listener.heard().segment_s >= BACK_TO_START_S else -1)
        else:
            self._controller.previous()

    def jump(self, position: int) -> None:
        if self.is_heard:
            self._play_at(self._window.books.part.start + position)
        else:
            self._controller.jump(position)

    def go_to_part(self, part: float) -> None:
        if self.is_heard:
            self.jump(round(part * len(self._window.books.part.text)))
        else:
            self._controller.go_to_part(part)

    def _step(self, n: int) -> None:
        if self._heard is not None:
            at = self._sentences.index(self._heard) + n
            self._play(self._sentences[min(max(0, at), len(self._sentences) - 1)])

    def _play_at(self, place: int) -> None:
        """From the sentence at `place` of the book on, or the next after it."""
        at = bisect_right(self._sentences, place, key=lambda sentence: sentence.end)
        if at < len(self._sentences):
            self._play(self._sentences[at])

    def _play(self, sentence: _Sentence) -> None:
        """A sentence of a chapter that is left out has no sound: the next that has one is played."""
        assert self._text is not None
        self._heard = None
        playlist = self._narration.narrator.playlist(self._text.job)
        rest = self._sentences[self._sentences.index(sentence) :]
        begin = next((s for s in rest if playlist is not None and playlist.place(*s.name) is not None), None)
        if begin is not None:
            self._narration.play_from(self._text.job, begin.name)
            self._use_speed()

    def _use_speed(self) -> None:
        """The reader's, while its book is heard; what is tried in the window of narration sounds as it will."""
        state = self._controller.state
        self._player.listener.set_speed(state.speed if self.is_heard else 1.0)
        self._player.listener.set_volume(state.volume if self.is_heard else 1.0)
