"""Subtitles, SubRip and WebVTT, from the places of the sentences in the audiobook."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator
from pathlib import Path

from engine.files.disk import write_whole
from engine.narration.timeline import PlacedSentence, Timeline
from engine.types import SAMPLE_RATE_HZ

_MODE = 0o644


def write_subtitles(path: Path, timeline: Timeline) -> None:
    """Write SubRip or WebVTT, by the ending of `path`. Raises `OutputError`."""
    make: dict[str, Callable[[Timeline], str]] = {".srt": to_srt, ".vtt": to_vtt}
    write_whole(path, make[path.suffix.lower()](timeline).encode(), mode=_MODE)


def to_srt(timeline: Timeline) -> str:
    """Make the text of a SubRip file."""
    cues = (
        f"{i}\n{_clock(placed.start, ',')} --> {_clock(placed.end, ',')}\n{placed.words}\n"
        for i, placed in enumerate(_placed(timeline), start=1)
    )
    return "\n".join(cues)


def to_vtt(timeline: Timeline) -> str:
    """Make the text of a WebVTT file, with a note where each chapter begins."""
    parts = ["WEBVTT\n"]
    for chapter in timeline.chapters:
        parts.append(f"NOTE {' '.join(chapter.title.replace('-->', '→').split())}\n")
        parts += [
            f"{_clock(placed.start, '.')} --> {_clock(placed.end, '.')}\n{html.escape(placed.words, quote=False)}\n"
            for placed in chapter.sentences
        ]
    return "\n".join(parts)


def _placed(timeline: Timeline) -> Iterator[PlacedSentence]:
    for chapter in timeline.chapters:
        yield from chapter.sentences


def _clock(sample: int, sign: str) -> str:
    milliseconds = round(1000 * sample / SAMPLE_RATE_HZ)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{sign}{milliseconds:03}"
