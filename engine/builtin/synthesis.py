"""espeak-ng's sound of one text as an iterator, while it is being made.

`espeak_Synth` returns when all is spoken and hands out sound by callback, so a thread of its own
stays inside it. That thread never waits for the listener (a spoken second is made in about 2 ms),
so the library is free for others again even when the iterator is left standing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field, replace
from queue import SimpleQueue
from threading import Event

import numpy as np

from engine.builtin.espeak import WordEvent, loaded_espeak
from engine.builtin.phonemes import GivenPhonemes, PhonemeInput, phoneme_input

GAIN = 0.8
"""espeak-ng peaks at up to 0.93 of full scale; -2 dB keep resampled peaks well below clipping.

The same for all: the languages' levels lie within +-1.6 dB of each other as they come, which is less
than two sentences of one language differ by.
"""

MAX_START_S = 10
MAX_S_PER_CODE_POINT = 3
"""Where speech is taken for a runaway. The slowest seen: 2.4 s a code point, mathematical letters in Arabic."""

# WORKAROUND: espeak-ng 1.52 overruns its buffers on the names it has for pictures, and takes the process with
# it: "\u28fe" (Braille) in Arabic, "\U0001f6bc\u255d\u20a0\U0001f3eb" in German. Each becomes a space.
PICTURES = re.compile(r"[\u2190-\u21ff\u2300-\u2bff\U0001f000-\U0001faff\U000e0000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """Code points `[start, end)` of the spoken text, and the sample, at espeak-ng's rate, at which they begin."""

    start: int
    end: int
    at_sample: int


@dataclass(frozen=True, slots=True)
class Block:
    """Sound from one word to another: `(n_samples,)` at `sample_rate_hz`, and the words in it.

    `gain` brings the samples, int16 as espeak-ng gives them or float32, to what is played; of that, what is not
    above `silence` is not heard. `ran_away`: espeak-ng found no end, and was stopped here.
    """

    samples: np.ndarray
    sample_rate_hz: int
    words: tuple[SpokenWord, ...]
    is_last: bool = False
    ran_away: bool = False
    gain: float = GAIN / 32768
    silence: float = 33.5 / 32768 * GAIN  # -62 dB of full scale


@dataclass(frozen=True, slots=True)
class _Buffer:
    samples: np.ndarray
    words: list[WordEvent]
    sample_rate_hz: int


def spoken_blocks(
    text: str, voice: str, is_cancelled: Callable[[], bool], given: Sequence[GivenPhonemes] = ()
) -> Generator[Block]:
    """Speak `text` with espeak-ng's `voice`; `is_cancelled` is polled every `espeak.BUFFER_MS` of sound. `given`, in
    order, say how parts of it sound.

    A block leaves when its last word's end is known, that is, when the next word begins. When
    cancelled, the last block never comes. Raises `BuiltInVoiceError`.
    """
    text = PICTURES.sub(" ", text)
    words = _WordSpans(text)
    pending = np.zeros(0, np.int16)
    n_samples = 0
    rate_hz = 0
    ran_away = False
    with closing(_buffers(text, voice, is_cancelled, given)) as buffers:
        for buffer in buffers:
            rate_hz = buffer.sample_rate_hz
            n_samples += len(buffer.samples)
            pending = np.concatenate((pending, buffer.samples))
            for event in buffer.words:
                words.begin(event)
            ran_away = n_samples > (MAX_START_S + MAX_S_PER_CODE_POINT * len(text)) * rate_hz
            if ran_away:
                break
            n_ready = words.open_at_sample - (n_samples - len(pending))
            if n_ready > 0 and words.closed:
                yield Block(pending[:n_ready], rate_hz, words.take())
                pending = pending[n_ready:]
    if not is_cancelled():
        words.close(len(text))
        yield Block(pending, rate_hz, words.take(), is_last=True, ran_away=ran_away)


def _buffers(
    text: str, voice: str, is_cancelled: Callable[[], bool], given: Sequence[GivenPhonemes]
) -> Generator[_Buffer]:
    """What the synthesis callback is given. Closing the iterator ends the synthesis at its next buffer."""
    queue: SimpleQueue[_Buffer | None] = SimpleQueue()
    closed = Event()

    def synthesize() -> None:
        try:
            with loaded_espeak() as espeak:
                said = PhonemeInput(text, range(len(text)))

                def on_sound(samples: np.ndarray, words: list[WordEvent]) -> bool:
                    placed = [replace(word, position=said.place_of(word.position)) for word in words]
                    queue.put(_Buffer(samples, placed, espeak.sample_rate_hz))
                    return not (closed.is_set() or is_cancelled())

                if not (closed.is_set() or is_cancelled()):  # it may have waited for the library
                    espeak.select(voice)
                    if given:
                        said = phoneme_input(espeak, text, given)
                    espeak.synthesize(said.text, on_sound, has_phonemes=bool(given))
        finally:
            queue.put(None)

    with ThreadPoolExecutor(1, "espeak-ng") as thread:
        running = thread.submit(synthesize)
        try:
            while (buffer := queue.get()) is not None:
                yield buffer
            running.result()  # raises what was raised over there
        finally:
            closed.set()


@dataclass(slots=True)
class _WordSpans:
    """From word events to spans of the text: a word reaches to where the next begins, less signs and spaces.

    Events are dropped that step back (the digits of a long number), stay (each kanji of a Japanese
    word), point at a space or into a number.
    """

    text: str
    closed: list[SpokenWord] = field(default_factory=list)
    open_start: int = -1
    open_at_sample: int = 0

    def begin(self, event: WordEvent) -> None:
        if event.position <= self.open_start or event.position >= len(self.text):
            return
        if self.text[event.position].isspace() or self._is_inside_number(event.position):
            return
        self.close(event.position)
        self.open_start, self.open_at_sample = event.position, event.at_sample

    def close(self, limit: int) -> None:
        if self.open_start < 0:
            return
        end = limit
        while end > self.open_start + 1 and unicodedata.category(self.text[end - 1])[0] in "PZC":
            end -= 1
        self.closed.append(SpokenWord(self.open_start, end, self.open_at_sample))

    def take(self) -> tuple[SpokenWord, ...]:
        words = tuple(self.closed)
        self.closed.clear()
        return words

    def _is_inside_number(self, position: int) -> bool:
        before, here = self.text[position - 1 : position], self.text[position]
        return before.isdigit() and (here.isdigit() or here in ".,")
