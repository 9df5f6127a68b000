"""The socket that screen readers' sound comes from: real sockets and threads, and an engine that is told what to do."""

from __future__ import annotations

import json
import socket
import threading
from array import array
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from waiting import LIMIT_S, wait_until

import engine
from desktop.common.speech_protocol import Frame, SoundRequest, encode_request, speech_address
from desktop.speech.shaped_sound import SoundShaper
from desktop.speech.speech_socket import MAX_REQUESTS, SpeechSocket
from desktop.speech_dispatcher.lectern_sound import Item, LecternSound
from desktop.speech_dispatcher.marked_text import MarkedText
from desktop.speech_dispatcher.prosody import Prosody
from desktop.speech_dispatcher.voices import Kind, Message, Piece, Stop, said_by_lectern
from engine import (
    SAMPLE_RATE_HZ,
    CancelToken,
    EngineStatus,
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SegmentTiming,
    SourceMap,
    SpeechEvent,
    SpeechRequest,
    Word,
    WordsPlaced,
)

TIMING = SegmentTiming(0.1, 1.0, 10.0)


def segment(text: str, index: int = 0, start: int = 0) -> Segment:
    return Segment(index, text, start, start + len(text), "en", SourceMap(array("I"), array("I")))


def tone(seconds: float, hz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * SAMPLE_RATE_HZ)) / SAMPLE_RATE_HZ)).astype(
        np.float32
    )


def sentence(text: str, index: int, start: int, seconds: float = 0.5) -> list[SpeechEvent]:
    said = segment(text, index, start)
    samples = tone(seconds)
    places = [start, *(start + at + 1 for at, sign in enumerate(text) if sign == " ")]
    words = tuple(Word(at, at + 1, n * len(samples) // len(places)) for n, at in enumerate(places))
    return [
        SegmentStarted(said),
        PcmChunk(samples, SAMPLE_RATE_HZ, index, words),
        SegmentDone(said, len(samples), TIMING),
    ]


class Told:
    """An engine that yields what `script` does, which may wait and raise."""

    def __init__(self, script: Callable[[SpeechRequest, CancelToken], Iterator[SpeechEvent]]) -> None:
        self._script = script

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        return self._script(request, cancel)

    def status(self) -> EngineStatus:
        return EngineStatus("told", "CPU", "none")

    def close(self) -> None: ...


class Application:
    """The running Lectern, as far as screen readers meet it."""

    def __init__(self) -> None:
        self.script: Callable[[SpeechRequest, CancelToken], Iterator[SpeechEvent]] = self.two_sentences
        self.requests: list[SoundRequest] = []
        self.busy: list[int] = [0]
        self.cancelled = threading.Event()
        self.may_go_on = threading.Event()
        self.socket = SpeechSocket(lambda: Told(lambda *given: self.script(*given)), self._request, self.busy.append)
        self.socket.start()
        wait_until(speech_address().exists, "the socket is there")

    def _request(self, wanted: SoundRequest) -> SpeechRequest:
        self.requests.append(wanted)
        return SpeechRequest(wanted.text)

    @staticmethod
    def two_sentences(_request: SpeechRequest, _cancel: CancelToken) -> Iterator[SpeechEvent]:
        yield from sentence("One two.", 0, 0)
        yield from sentence("Three four.", 1, 9)

    def waits(self, _request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """One sentence, and the other when it may."""
        try:
            yield from sentence("One two.", 0, 0)
            while not self.may_go_on.wait(0.01):
                if cancel.cancelled:
                    return
            yield from sentence("Three four.", 1, 9)
        finally:
            if cancel.cancelled:
                self.cancelled.set()

    def wait_for_nobody(self) -> None:
        wait_until(lambda: self.busy[-1] == 0, "nobody is spoken for")


@pytest.fixture
def application() -> Iterator[Application]:
    lectern = Application()
    yield lectern
    lectern.socket.close()
    assert not speech_address().exists()


TEXT = "One two. Three four."
MARKS = ((0, "a"), (4, "b"), (9, "c"), (15, "d"), (20, "e"))


def seconds(items: list[Item]) -> float:
    return sum(len(item) for item in items if isinstance(item, bytes)) / 2 / SAMPLE_RATE_HZ


def test_sound_comes_with_its_marks_between(application: Application) -> None:
    sound = LecternSound(SoundRequest(TEXT, "en", "Anna", marks=MARKS))
    items = list(sound.items())
    assert sound.is_whole
    assert [item for item in items if not isinstance(item, bytes)] == [0, "a", "b", 9, "c", "d", "e"]
    assert seconds(items) == pytest.approx(1.0, abs=0.01)
    assert seconds(items[: items.index("b")]) == pytest.approx(0.25, abs=0.02)
    assert application.requests == [SoundRequest(TEXT, "en", "Anna", marks=MARKS)]
    application.wait_for_nobody()
    assert max(application.busy) == 1


@pytest.mark.parametrize(("speed", "pitch"), [(2.0, 1.0), (0.5, 1.0), (1.0, 1.4), (2.6, 0.71)])
def test_speed_and_pitch_change_what_they_name_alone(speed: float, pitch: float) -> None:
    shaper = SoundShaper(speed, pitch, 0.5, MARKS)
    shaped = [
        item for event in Application.two_sentences(SpeechRequest(TEXT), CancelToken()) for item in shaper.take(event)
    ]
    whole = np.concatenate([item for item in shaped if isinstance(item, np.ndarray)])
    assert len(whole) / SAMPLE_RATE_HZ == pytest.approx(1.0 / speed, rel=0.03)
    assert [item for item in shaped if isinstance(item, str)] + list(shaper.rest()) == list("abcde")
    before_b = shaped[: next(n for n, item in enumerate(shaped) if isinstance(item, str) and item == "b")]
    assert sum(len(item) for item in before_b if isinstance(item, np.ndarray)) / SAMPLE_RATE_HZ == pytest.approx(
        0.25 / speed, abs=0.03
    )
    middle = whole[len(whole) // 8 : len(whole) * 3 // 8].astype(float)
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle)), 2**17))
    assert np.argmax(spectrum) * SAMPLE_RATE_HZ / 2**17 == pytest.approx(440 * pitch, rel=0.03)
    assert np.abs(whole).max() == pytest.approx(0.25 * 32767, rel=0.1)


def test_marks_of_a_voice_whose_words_are_found_later_are_all_told_in_order() -> None:
    said = segment(TEXT)
    shaper = SoundShaper(1.0, 1.0, 1.0, MARKS)
    events: list[SpeechEvent] = [
        SegmentStarted(said),
        PcmChunk(tone(0.4), SAMPLE_RATE_HZ, 0),
        WordsPlaced(0, (Word(0, 3, 0), Word(4, 7, 10_000), Word(9, 14, 20_000))),
        PcmChunk(tone(0.4), SAMPLE_RATE_HZ, 0),
        SegmentDone(said, 35_280, TIMING),
    ]
    shaped = [item for event in events for item in shaper.take(event)]
    assert [item for item in shaped if isinstance(item, str)] + list(shaper.rest()) == list("abcde")


def test_a_sentence_that_begins_anew_is_heard_once(application: Application) -> None:
    def script(_request: SpeechRequest, _cancel: CancelToken) -> Iterator[SpeechEvent]:
        started, chunk, done = sentence("One two.", 0, 0)
        yield started
        yield chunk
        yield SegmentRestarted(0, SegmentProblem.INTERRUPTED, 2)
        yield chunk
        yield done

    application.script = script
    application.socket.hold(True)  # so that nothing of it is heard before it is void
    sound = LecternSound(SoundRequest(TEXT, marks=MARKS))
    wait_until(lambda: sound._is_done, "all of it is there")
    items: list[Item] = []
    listener = threading.Thread(target=lambda: items.extend(sound.items()))
    listener.start()
    listener.join(0.2)
    application.socket.hold(False)
    listener.join(LIMIT_S)
    assert seconds(items) == pytest.approx(0.5, abs=0.01)
    assert [item for item in items if isinstance(item, str)] == list("abcde")


def test_what_is_held_is_not_heard_until_it_may_go_on(application: Application) -> None:
    application.script = application.waits
    sound = LecternSound(SoundRequest(TEXT), patience_s=0.3)
    items = sound.items()
    assert next(items) == 0
    application.socket.hold(True)
    heard: list[Item] = []
    listener = threading.Thread(target=lambda: heard.extend(items))
    wait_until(lambda: sound._is_held, "it is held")
    application.may_go_on.set()
    wait_until(lambda: sound._is_done, "all of it is there")
    listener.start()
    listener.join(0.6)  # longer than its patience, which does not count meanwhile
    assert listener.is_alive()
    assert heard == []
    application.socket.hold(False)
    listener.join(LIMIT_S)
    assert sound.is_whole
    assert seconds(heard) == pytest.approx(1.0, abs=0.01)


def test_who_hangs_up_ends_its_own_request_alone(application: Application) -> None:
    application.script = application.waits
    mine, other = LecternSound(SoundRequest("Mine.")), LecternSound(SoundRequest("Other."))
    wait_until(lambda: application.busy[-1] == 2, "both are spoken for")
    mine.cancel()
    assert list(mine.items()) == []
    assert application.cancelled.wait(LIMIT_S)
    application.may_go_on.set()
    assert seconds(list(other.items())) == pytest.approx(1.0, abs=0.01)
    assert other.is_whole


class HeldUpSound(LecternSound):
    """Takes the first frame that has come when it may."""

    may_take = threading.Event()

    @staticmethod
    def _frame(read: Callable[[int], bytes]) -> tuple[Frame, bytes]:
        frame = LecternSound._frame(read)
        assert HeldUpSound.may_take.wait(LIMIT_S)
        return frame


@pytest.mark.usefixtures("application")
def test_what_was_on_its_way_when_nobody_wanted_more_is_not_heard() -> None:
    HeldUpSound.may_take.clear()
    others = threading.enumerate()
    sound = HeldUpSound(SoundRequest(TEXT))
    (taker,) = [each for each in threading.enumerate() if each.name == "lectern-sound" and each not in others]
    with sound._changed:  # so that the frame cannot be taken before
        HeldUpSound.may_take.set()
        sound.cancel()
    taker.join(LIMIT_S)
    assert list(sound.items()) == []
    assert not sound.is_whole


@pytest.mark.usefixtures("application")
def test_what_was_there_and_is_not_wanted_is_not_whole() -> None:
    sound = LecternSound(SoundRequest(TEXT))
    wait_until(lambda: sound._is_done, "all of it is there")
    sound.cancel()
    assert list(sound.items()) == []
    assert not sound.is_whole


def said(sound: LecternSound) -> tuple[list[str], float]:
    """The marks, and the seconds of espeak-ng's sound."""
    message = Message(Kind.TEXT, MarkedText(TEXT, MARKS), Prosody(language="en"))
    items = list(said_by_lectern(message, Stop(), sound))
    own = [item for item in items if isinstance(item, Piece) and item.rate_hz != SAMPLE_RATE_HZ]
    return [item for item in items if isinstance(item, str)], sum(len(p.samples) / 2 / p.rate_hz for p in own)


def test_what_lectern_leaves_unsaid_is_said_here(application: Application) -> None:
    """Too slow, failed, or killed in the middle of a word: nothing stays unsaid, and each mark is told once."""

    def fails(_request: SpeechRequest, _cancel: CancelToken) -> Iterator[SpeechEvent]:
        yield from sentence("One two.", 0, 0)
        raise engine.HostError("crashed", "killed")

    application.script = application.waits
    marks, own_s = said(LecternSound(SoundRequest(TEXT, marks=MARKS), patience_s=0.1))
    assert marks == list("abcde")
    assert own_s > 0.5
    application.script = fails
    marks, own_s = said(LecternSound(SoundRequest(TEXT, marks=MARKS)))
    assert (marks, own_s > 0.5) == (list("abcde"), True)
    application.script = application.waits
    sound = LecternSound(SoundRequest(TEXT, marks=MARKS))
    threading.Timer(0.2, application.socket.close).start()
    marks, own_s = said(sound)
    assert (marks, own_s > 0.5) == (list("abcde"), True)
    with pytest.raises(OSError):  # noqa: PT011 - of several kinds
        LecternSound(SoundRequest(TEXT))


def ask(*data: bytes) -> bytes:
    """What the socket answers to `data`, to its end."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(LIMIT_S)
        connection.connect(str(speech_address()))
        for part in data:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        answer = b""
        while part := connection.recv(65_536):
            answer += part
        return answer


@pytest.mark.usefixtures("application")
def test_garbage_is_refused_and_harms_nobody() -> None:
    wrong = (
        {"text": 3},
        {},
        [],
        {"text": "x", "speed": 100},
        {"text": "x", "marks": [["a", 1]]},
        {"text": "x" * 3_000_000},
    )
    for values in wrong:
        assert ask(json.dumps(values).encode() + b"\n")[:1] == Frame.FAILED.value, values
    assert ask(b"\xff\x00garbage\n")[:1] == Frame.FAILED.value
    ask(b"no line at all")
    ask()
    assert seconds(list(LecternSound(SoundRequest(TEXT)).items())) == pytest.approx(1.0, abs=0.01)


def test_those_who_never_read_hold_up_nobody(application: Application) -> None:
    def endless(_request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        for index in range(1000):
            if cancel.cancelled:
                return
            yield from sentence("One two.", index, 0, seconds=2.0)

    application.script = endless
    silent = []
    for _ in range(MAX_REQUESTS - 1):
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(speech_address()))
        connection.sendall(encode_request(SoundRequest(TEXT)))
        silent.append(connection)
    wait_until(lambda: application.busy[-1] == MAX_REQUESTS - 1, "they are all there")
    application.script = application.two_sentences
    assert seconds(list(LecternSound(SoundRequest(TEXT)).items())) == pytest.approx(1.0, abs=0.01)
    for connection in silent:
        connection.close()
    application.wait_for_nobody()
