"""Who comes first: real clients in threads, at an engine that is told when to go on."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from waiting import LIMIT_S, wait_until

from desktop.speech.clients import SharedEngine
from desktop.speech.engine_thread import EngineThread
from desktop.speech.turns import Turn, waiting_words
from engine import CancelToken, SegmentDone, SegmentRestarted, SpeechRequest, Voice
from engine.host import HostLimits

N_SENTENCES = 20  # four times what is made ahead for one who does not read
ESPEAK = Voice("built-in/espeak")
"""Who speaks is no matter here, and this one speaks in no time."""
LONG = " ".join(f"This is sentence number {n} of a long text." for n in range(N_SENTENCES))


@pytest.fixture
def thread() -> Iterator[EngineThread]:
    thread = EngineThread(limits=HostLimits(beat_s=0.05))
    thread.start()
    yield thread
    thread.shut_down()
    assert thread.wait(round(LIMIT_S * 1000))


class Visit:
    """A client in a thread of its own, which takes only so much before it `may_read`."""

    def __init__(self, thread: EngineThread, turn: Turn, text: str, order: list[Turn], n_at_once: int = 10**6) -> None:
        self.may_read = threading.Event()
        self.restarts = 0
        self.segments: list[int] = []
        self.n_read = 0
        self.cancel = CancelToken()
        stream = SharedEngine(thread, turn).speak(SpeechRequest(text, ESPEAK), self.cancel)

        def read() -> None:
            for event in stream:
                self.n_read += 1
                self.restarts += isinstance(event, SegmentRestarted)
                if isinstance(event, SegmentDone):
                    self.segments.append(event.segment.index)
                if self.n_read >= n_at_once:
                    self.may_read.wait(LIMIT_S)
            order.append(turn)

        self.thread = threading.Thread(target=read)
        self.thread.start()

    def join(self) -> None:
        self.thread.join(LIMIT_S)
        assert not self.thread.is_alive()


def test_a_screen_reader_comes_before_a_program_before_a_book_and_nothing_is_lost(thread: EngineThread) -> None:
    order: list[Turn] = []
    shown: list[tuple[Turn, ...]] = []
    thread.waiting_changed.connect(shown.append)
    book = Visit(thread, Turn.NARRATION, LONG, order, n_at_once=3)
    wait_until(lambda: book.n_read == 3, "the book is being spoken")
    program = Visit(thread, Turn.PROGRAM, LONG, order, n_at_once=3)
    wait_until(lambda: program.n_read == 3, "the program is, before the book is done")
    reader = Visit(thread, Turn.SCREEN_READER, "I come first. I do.", order)
    reader.join()
    assert order == [Turn.SCREEN_READER]
    for visit in (program, book):
        visit.may_read.set()
    for visit in (program, book):
        visit.join()
        assert visit.segments == list(range(N_SENTENCES))
    assert order == [Turn.SCREEN_READER, Turn.PROGRAM, Turn.NARRATION]


@pytest.mark.slow
def test_one_that_never_reads_is_passed_over(thread: EngineThread) -> None:
    order: list[Turn] = []
    deaf = Visit(thread, Turn.SCREEN_READER, LONG, order, n_at_once=1)
    wait_until(lambda: deaf.n_read == 1, "it has read its last")
    for turn in (Turn.NARRATION, Turn.PROGRAM):
        visit = Visit(thread, turn, LONG, order)
        visit.join()
        assert visit.segments == list(range(N_SENTENCES))
    deaf.cancel.cancel()
    deaf.may_read.set()
    deaf.join()


def test_those_who_wait_are_named() -> None:
    reader, program, book = Turn.SCREEN_READER, Turn.PROGRAM, Turn.NARRATION
    assert waiting_words(()) == ""
    assert waiting_words((book,)) == "a book"
    assert waiting_words((program, reader, program)) == "the screen reader and 2 programs"
    assert waiting_words((book, book, program, reader)) == "the screen reader, a program and 2 books"
