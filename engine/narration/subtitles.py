"""Subtitles, SubRip and WebVTT, and the file of words, from the places of sentences and words in the audiobook."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.files.disk import write_whole
from engine.narration.timeline import PlacedSentence, Timeline, gap_between
from engine.types import SAMPLE_RATE_HZ
from engine.words import TimedWord, seconds, words_json

_MODE = 0o644


def write_subtitles(path: Path, timeline: Timeline, *, by_word: bool = False) -> None:
    """Write SubRip or WebVTT, by the ending of `path`. Raises `OutputError`."""
    text = to_srt(timeline) if path.suffix.lower() == ".srt" else to_vtt(timeline, by_word=by_word)
    write_whole(path, text.encode(), mode=_MODE)


def write_words(path: Path, timeline: Timeline, sound: Path) -> None:
    """Write the file of words `path`, which docs/words.md describes, for the file `sound` beside it. Raises
    `OutputError`."""
    texts: list[str] = []
    words: list[TimedWord] = []
    chapters: list[dict[str, Any]] = []
    n_chars = n_sentences = 0
    for chapter in timeline.chapters:
        chapters.append({"title": chapter.title, "start": seconds(chapter.start), "end": seconds(chapter.end)})
        for i, placed in enumerate(chapter.sentences):
            for word in placed.timed_words():
                place = {"start": word.start + n_chars, "end": word.end + n_chars, "segment": n_sentences}
                words.append(replace(word, **place))
            is_last = i == len(chapter.sentences) - 1
            texts.append(placed.words + ("\n\n" if is_last else gap_between(placed, chapter.sentences[i + 1])))
            n_chars += len(texts[-1])
            n_sentences += 1
    data = words_json("".join(texts).rstrip(), words, timeline.n_samples, sound.name, chapters)
    write_whole(path, data, mode=_MODE)


def to_srt(timeline: Timeline) -> str:
    """Make the text of a SubRip file."""
    cues = (
        f"{i}\n{_clock(placed.start, ',')} --> {_clock(placed.end, ',')}\n{placed.words}\n"
        for i, placed in enumerate(_placed(timeline), start=1)
    )
    return "\n".join(cues)


def to_vtt(timeline: Timeline, *, by_word: bool = False) -> str:
    """Make the text of a WebVTT file, with a note where each chapter begins.

    With `by_word` each word is marked, and begins with the time at which it is heard: players that know this light one
    word after the other, and all others show the sentence.
    """
    parts = ["WEBVTT\n"]
    for chapter in timeline.chapters:
        parts.append(f"NOTE {' '.join(chapter.title.replace('-->', '→').split())}\n")
        for placed in chapter.sentences:
            text = _marked(placed) if by_word else html.escape(placed.words, quote=False)
            parts.append(f"{_clock(placed.start, '.')} --> {_clock(placed.end, '.')}\n{text}\n")
    return "\n".join(parts)


def _marked(placed: PlacedSentence) -> str:
    """The sentence with its words marked. Times within a cue are between its own, each later than the one before."""
    marked: list[str] = []
    at, told = 0, _clock(placed.start, ".")
    for word in placed.timed_words():
        clock = _clock(word.from_sample, ".")
        stamp = f"<{clock}>" if told < clock < _clock(placed.end, ".") else ""
        told = max(told, clock)
        before, written = placed.words[at : word.start], placed.words[word.start : word.end]
        marked.append(f"{html.escape(before, quote=False)}{stamp}<c>{html.escape(written, quote=False)}</c>")
        at = word.end
    return "".join(marked) + html.escape(placed.words[at:], quote=False)


def _placed(timeline: Timeline) -> Iterator[PlacedSentence]:
    for chapter in timeline.chapters:
        yield from chapter.sentences


def _clock(sample: int, sign: str) -> str:
    milliseconds = round(1000 * sample / SAMPLE_RATE_HZ)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{sign}{milliseconds:03}"
