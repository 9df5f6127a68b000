"""When each word is heard in the sound that a client is sent, along with that sound, piece by piece."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.types import SegmentDone, SegmentRestarted, SegmentStarted, SpeechEvent
from engine.words import TimedWord, TimedWords


@dataclass(frozen=True, slots=True)
class HeardWord:
    """Says when a word, as it is written, is heard: seconds of all that was sent."""

    text: str
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class TimedPiece:
    """Holds bytes of sound, maybe none, and what is known of the segment that is spoken.

    `number` counts segments, from 0 on, and one that began anew twice. `text` is its text as it is written; it begins
    at `begins_s` of all that is sent, and has `duration_s` of sound so far. `words` are all of it that begin in that;
    None where nothing about them is new.
    """

    audio: bytes
    number: int = 0
    text: str = ""
    begins_s: float = 0.0
    duration_s: float = 0.0
    words: tuple[HeardWord, ...] | None = None


class Timing:
    """Hears the events of one or several texts that are sent as one sound.

    With `by_segment` a segment comes in one piece, when it is done; else as it is made, and one that begins anew stays
    in what was sent. `seconds_at` tells when a sample is heard in what is sent.
    """

    def __init__(self, seconds_at: Callable[[int], float], *, by_segment: bool = False) -> None:
        self.by_segment = by_segment
        self._seconds_at = seconds_at
        self._heard = TimedWords(keeps_voided=not by_segment)
        self._source = self._text = ""
        self._number, self._begins_at = -1, 0
        self._told: tuple[HeardWord, ...] = ()

    def piece(self, event: SpeechEvent, source: str, audio: bytes) -> TimedPiece | None:
        """Take an event of the text `source` and the bytes that are sent with it; None where there is nothing to
        tell."""
        done = self._heard.take(event)
        if isinstance(event, SegmentStarted):
            self._open(source, source[event.segment.start : event.segment.end])
        elif isinstance(event, SegmentRestarted) and not self.by_segment:
            self._open(source, self._text)
        is_done = isinstance(event, SegmentDone)
        if self.by_segment and not is_done:
            return None
        words = tuple(map(self._as_heard, done if is_done else self._heard.so_far()))
        is_new = words != self._told
        if not (audio or is_new or is_done):
            return None
        self._told = words
        return self._piece(audio, words if is_new or is_done else None)

    def rest(self, audio: bytes) -> TimedPiece:
        """Make the last piece, of the bytes that came out at the end."""
        return self._piece(audio, None)

    def _open(self, source: str, text: str) -> None:
        self._source, self._text = source, text
        self._number += 1
        self._begins_at, self._told = self._heard.begins_at, ()

    def _piece(self, audio: bytes, words: tuple[HeardWord, ...] | None) -> TimedPiece:
        begins_s, ends_s = self._seconds_at(self._begins_at), self._seconds_at(self._heard.n_samples)
        return TimedPiece(audio, max(0, self._number), self._text, begins_s, round(ends_s - begins_s, 4), words)

    def _as_heard(self, word: TimedWord) -> HeardWord:
        text = self._source[word.start : word.end]
        return HeardWord(text, self._seconds_at(word.from_sample), self._seconds_at(word.to_sample))
