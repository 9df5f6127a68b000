"""Who speaks a message, as sound and marks in the order they are heard: espeak-ng here, or a voice of the running
Lectern with espeak-ng to fall back on. No message stays unsaid because Lectern is slow, busy starting, or gone."""

from __future__ import annotations

import re
import threading
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum, auto

from desktop.speech_dispatcher.lectern_sound import LecternSound
from desktop.speech_dispatcher.marked_text import MarkedText
from desktop.speech_dispatcher.prosody import Prosody
from engine.builtin import PlainSound, speak_plainly

MAX_PART_CHARS = 240
"""Of text that espeak-ng speaks at a time: 20 s of sound, made in 40 ms."""

_PART_END = re.compile(r"[.!?;:…。！？]+[\"')\]]*\s+|\n+")


class Kind(Enum):
    TEXT = auto()
    CHAR = auto()
    KEY = auto()
    ICON = auto()


@dataclass(frozen=True, slots=True)
class Message:
    kind: Kind
    text: MarkedText
    prosody: Prosody


@dataclass(frozen=True, slots=True)
class Piece:
    """int16 samples, mono."""

    samples: bytes
    rate_hz: int


Said = Piece | str
"""A piece of sound, or the name of a mark."""


class Stop:
    """Says that nobody wants to hear the message any more; wakes who waits for its sound."""

    def __init__(self) -> None:
        self._is_set = threading.Event()
        self._wake: Callable[[], object] = lambda: None

    def __call__(self) -> bool:
        return self._is_set.is_set()

    def set(self) -> None:
        self._is_set.set()
        self._wake()

    def wakes(self, wake: Callable[[], object]) -> None:
        """Call `wake` when it is set, or now where it is."""
        self._wake = wake
        if self():
            wake()


def said_here(message: Message, stop: Stop) -> Iterator[Said]:
    """Say `message` with espeak-ng. Raises `engine.BuiltInVoiceError`."""
    prosody, marks, done = message.prosody, list(message.text.marks), 0
    text = _key_words(message.text.text) if message.kind is Kind.KEY else message.text.text
    by_signs = prosody.spelling or (message.kind in (Kind.CHAR, Kind.KEY) and len(text) == 1)
    for start, end in _parts(text):
        if stop():
            return
        here = [(place, name) for place, name in marks if place < end]
        del marks[: len(here)]
        sound = speak_plainly(
            text[start:end], prosody.language, prosody.timbre, prosody.manner, stop, by_signs=by_signs
        )
        yield from _with_marks(sound, [(place - start, name) for place, name in here])
        done = end
    assert done == len(text)
    yield from (name for _, name in marks)


def said_by_lectern(message: Message, stop: Stop, sound: LecternSound) -> Iterator[Said]:
    """Say `message` with a voice of Lectern's; what that does not say, from the sentence on in which it failed, is said
    here."""
    stop.wakes(sound.cancel)
    n_told = place = 0
    for item in sound.items():
        match item:
            case int():
                place = item
            case str():
                n_told += 1
                yield item
            case bytes():
                yield Piece(item, sound.RATE_HZ)
        if stop():
            return
    if not sound.is_whole and not stop():
        rest = message.text.after(place, n_told)
        yield from said_here(Message(message.kind, rest, message.prosody), stop)


def _with_marks(sound: PlainSound, marks: list[tuple[int, str]]) -> Iterator[Said]:
    """Each mark where the first word begins that stands after it."""
    words = sorted(sound.words)
    places = [place for place, _ in words]
    done = 0
    for place, name in marks:
        at = bisect_left(places, place)
        sample = words[at][1] if at < len(words) else len(sound.samples)
        if sample > done:
            yield Piece(sound.samples[done:sample].tobytes(), sound.rate_hz)
            done = sample
        yield name
    if done < len(sound.samples):
        yield Piece(sound.samples[done:].tobytes(), sound.rate_hz)


def _parts(text: str) -> Iterator[tuple[int, int]]:
    """Spans that follow each other: sentences, several of them while they are short, or pieces of a long one."""
    start = 0
    while start < len(text):
        end = min(len(text), start + MAX_PART_CHARS)
        if end < len(text):
            ends = [found.end() for found in _PART_END.finditer(text, start, end)]
            space = text.rfind(" ", start, end)
            end = ends[-1] if ends else space + 1 if space > start else end
        yield start, end
        start = end


def _key_words(name: str) -> str:
    """ "control_alt_delete" as words; a lone sign stays what it is."""
    return name if len(name) == 1 else name.replace("_", " ").replace("-", " ").strip() or name
