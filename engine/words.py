"""When each word of a request is heard, gathered from an engine's events, and the file that says so.

Engines say words as their chunks come (`PcmChunk.words`), or place all of a segment's anew each time they know better
(`WordsPlaced`). Whoever wants them listens here, and need not know which.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from engine.types import (
    SAMPLE_RATE_HZ,
    PcmChunk,
    SegmentDone,
    SegmentRestarted,
    SegmentStarted,
    SpeechEvent,
    Word,
    WordsPlaced,
)

if TYPE_CHECKING:
    import numpy as np

AUDIBLE_PEAK = 0.002
"""-54 dBFS. What is below it at a segment's ends is no speech."""


@dataclass(frozen=True, slots=True)
class TimedWord:
    """Says when a word is heard.

    `start` and `end` are code points of the request's text; `from_sample` and `to_sample` count, at `SAMPLE_RATE_HZ`,
    from the first sample of whatever it is in. A word ends where the next of its segment begins, the last one where the
    segment's speech does. `confidence` is that of `Word`.
    """

    start: int
    end: int
    from_sample: int
    to_sample: int
    segment: int
    confidence: float = 1.0

    def later(self, n_samples: int) -> TimedWord:
        """Return the word in a sound that has `n_samples` more before it."""
        return replace(self, from_sample=self.from_sample + n_samples, to_sample=self.to_sample + n_samples)


class TimedWords:
    """Hears the events of one request, and gives the words of a segment once it is done: their places are final then.

    Samples count from the request's first. What was said of a segment that begins anew is forgotten; with
    `keeps_voided` its sound counts all the same, because it was sent and cannot be taken back.
    """

    def __init__(self, *, keeps_voided: bool = False) -> None:
        self._keeps_voided = keeps_voided
        self._words: list[Word] = []
        self._n_samples = self._n_audible = 0  # of the segment; up to its last audible sample
        self._segment = 0
        self.begins_at = 0
        """The sample at which the segment that is spoken begins."""

    @property
    def n_samples(self) -> int:
        """The length of the sound so far."""
        return self.begins_at + self._n_samples

    def take(self, event: SpeechEvent) -> tuple[TimedWord, ...]:
        """Return the words of the segment that `event` ends, in order; none with any other event."""
        match event:
            case SegmentStarted(segment):
                self._begin(self._keeps_voided)
                self._segment = segment.index
            case SegmentRestarted():
                self._begin(self._keeps_voided)
            case PcmChunk(samples):
                self._hear(samples)
                self._words += event.words
            case WordsPlaced(_, words):
                self._words = list(words)
            case SegmentDone():
                words = self.so_far()
                self._begin(keeps_sound=True)
                return words
        return ()

    def so_far(self) -> tuple[TimedWord, ...]:
        """Return the words of the segment that is spoken now, as far as they begin in its sound so far."""
        begun = [word for word in self._words if 0 <= word.at_sample < self._n_samples]
        kept: list[Word] = []
        for word in sorted(begun, key=lambda word: (word.at_sample, word.start)):
            if word.end > word.start >= (kept[-1].end if kept else 0):
                kept.append(word)
        ends = [word.at_sample for word in kept[1:]] + [self._n_audible]
        at = self.begins_at
        return tuple(
            TimedWord(
                word.start,
                word.end,
                at + word.at_sample,
                at + max(word.at_sample, end),
                self._segment,
                word.confidence,
            )
            for word, end in zip(kept, ends, strict=False)  # without words there is one end too many
        )

    def _hear(self, samples: np.ndarray) -> None:
        import numpy as np  # late: see engine/types.py

        audible = np.flatnonzero(np.abs(samples) > AUDIBLE_PEAK)
        if len(audible):
            self._n_audible = self._n_samples + int(audible[-1]) + 1
        self._n_samples += len(samples)

    def _begin(self, keeps_sound: bool) -> None:
        if keeps_sound:
            self.begins_at += self._n_samples
        self._words, self._n_samples, self._n_audible = [], 0, 0


def seconds(n_samples: int, speed: float = 1.0) -> float:
    """Return how many seconds `n_samples` last at `speed`, to a tenth of a millisecond."""
    return round(n_samples / SAMPLE_RATE_HZ / speed, 4)


def words_json(
    text: str,
    words: Iterable[TimedWord],
    n_samples: int,
    sound: str | None = None,
    chapters: Sequence[dict[str, Any]] = (),
) -> bytes:
    """Make a file of words, JSON with one word a line: those of `text` in the file `sound`, which has `n_samples`.

    docs/words.md describes the format.
    """
    head = {
        "format": "lectern-words",
        "version": 1,
        "sound": sound,
        "duration": seconds(n_samples),
        "text": text,
        **({"chapters": list(chapters)} if chapters else {}),
    }
    begin = json.dumps(head, ensure_ascii=False).removesuffix("}")
    lines = ",\n".join(json.dumps(_word_values(word, text), ensure_ascii=False) for word in words)
    # Bytes of a file's name that are no UTF-8 become escapes, as in `engine.files.json_files`.
    return f'{begin}, "words": [\n{lines}\n]}}\n'.encode("utf-8", "backslashreplace")


def _word_values(word: TimedWord, text: str) -> dict[str, Any]:
    return {
        "text": text[word.start : word.end],
        "start": seconds(word.from_sample),
        "end": seconds(word.to_sample),
        "text_start": word.start,
        "text_end": word.end,
        "segment": word.segment,
        "confidence": round(word.confidence, 3),
    }
