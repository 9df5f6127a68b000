"""Where the words of a sentence are in its stored sound, as a line of the project's log keeps it."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from engine.words import TimedWord


def packed(words: Iterable[TimedWord], text: str) -> str:
    """Write `words` of `text` as "text's checksum start,end,from,to,percent …": 20 bytes a word, and no time to read
    where nobody asks for them. Samples are those of the sentence's sound."""
    places = (
        f"{word.start},{word.end},{word.from_sample},{word.to_sample},{round(100 * word.confidence)}" for word in words
    )
    return " ".join([_checksum(text), *places])


def unpacked(line: str, text: str, n_samples: int) -> tuple[TimedWord, ...]:
    """Read what `packed` wrote; empty where it is not about `text` in a sound of `n_samples`, or makes no sense.

    Sentences that differ in their writing alone share a sound (`Recipe.key`), and then not these places.
    """
    checksum, *places = line.split(" ")
    if checksum != _checksum(text):
        return ()
    words: list[TimedWord] = []
    reached = heard = 0
    for place in places:
        numbers = place.split(",")
        if len(numbers) != 5 or not all(number.isascii() and number.isdigit() for number in numbers):
            return ()
        start, end, from_sample, to_sample, percent = map(int, numbers)
        is_sound = reached <= start < end <= len(text) and heard <= from_sample <= to_sample <= n_samples
        if not is_sound or percent > 100:
            return ()
        words.append(TimedWord(start, end, from_sample, to_sample, 0, percent / 100))
        reached, heard = end, from_sample
    return tuple(words)


def within(words: Iterable[TimedWord], first: int, n_samples: int) -> list[TimedWord]:
    """Return `words` in the part of their sound that begins at the sample `first` and has `n_samples`."""
    moved: list[TimedWord] = []
    for word in words:
        from_sample, to_sample = (min(max(0, at - first), n_samples) for at in (word.from_sample, word.to_sample))
        if from_sample < n_samples:
            moved.append(TimedWord(word.start, word.end, from_sample, to_sample, 0, word.confidence))
    return moved


def _checksum(text: str) -> str:
    return f"{zlib.crc32(text.encode('utf-8', 'surrogatepass')):08x}"
