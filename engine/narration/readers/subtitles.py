"""SubRip and WebVTT: what is said in the cues, as running text.

The source's characters are those of the file, decoded: numbers and times, tags and notes are left out.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from pathlib import Path

from engine.errors import DocumentError
from engine.narration.document import Document, OmissionReason, n_chars
from engine.narration.readers.building import Gathering, make_chapters, title_of
from engine.text.decoding import decode_text

PARAGRAPH_GAP_S = 2.0
"""Silence between cues that is worth a paragraph."""

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>|<\d[\d:.]{4,12}>|\{\\[^{}\n]{1,80}\}")
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm|quot|apos|#\d{1,7});")
_SENTENCE_END = re.compile(r"[.!?…。！？؟][\"'”’»)\]♪]*\Z")
_END_CHARS = 100  # that are looked at for a sentence's end
_DIALOGUE = re.compile(r"[-–—]\s?\S")


@dataclass(frozen=True, slots=True)
class _Cue:
    start_s: float
    end_s: float
    lines: tuple[str, ...]


def read(path: Path, data: bytes, footnotes: bool) -> Document:  # noqa: ARG001 - there are none
    """Read SubRip or WebVTT. See `engine.narration.reading.read_document`."""
    text, warnings = decode_text(path, data)
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    gathering = Gathering()
    cues = [
        cue
        for block in re.split(r"\n[ \t]*(?:\n[ \t]*)+", text)
        if (cue := _cue(block.strip("\n"), gathering)) is not None
    ]
    if not cues and text.strip():
        raise DocumentError("damaged", path, "it has no subtitles")
    for paragraph in _paragraphs(cues, gathering):
        gathering.add(paragraph)
    title = title_of(path)
    chapters = make_chapters(gathering.blocks, title)
    return Document(title, "", None, chapters, omissions=tuple(gathering.omissions), warnings=warnings)


def _cue(block: str, gathering: Gathering) -> _Cue | None:
    """A cue, or None for headers, notes and styles, which are left out."""
    timing = _TIMING.search(block)
    if timing is None:
        is_code = block.startswith(("STYLE", "REGION"))
        gathering.omit(OmissionReason.CODE if is_code else OmissionReason.FRONT_MATTER, block)
        return None
    gathering.omit(OmissionReason.TIMING, block[: timing.end()])
    hours, minutes, seconds, fraction = timing.groups()[:4]
    start_s = _seconds(hours, minutes, seconds, fraction)
    end_s = _seconds(*timing.groups()[4:])
    lines = [_plain(line, gathering) for line in block[timing.end() :].split("\n")]
    return _Cue(start_s, end_s, tuple(line for line in lines if line))


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _plain(line: str, gathering: Gathering) -> str:
    for tag in _TAG.findall(line):
        gathering.omit(OmissionReason.MARKUP, tag)
    line = _TAG.sub("", line)

    def decoded(match: re.Match[str]) -> str:
        sign = html.unescape(match[0])
        gathering.omit(OmissionReason.MARKUP, match[0][n_chars(sign) :])  # as many signs as are no longer there
        return sign

    return " ".join(_ENTITY.sub(decoded, line).split())


def _paragraphs(cues: list[_Cue], gathering: Gathering) -> list[str]:
    """Cues that belong together, joined; a new speaker, or a pause after a sentence, begins a paragraph."""
    paragraphs: list[list[str]] = []
    shown: tuple[str, ...] = ()
    last_end_s = 0.0
    for cue in cues:
        repeated = next((n for n in range(min(len(shown), len(cue.lines)), 0, -1) if shown[-n:] == cue.lines[:n]), 0)
        rolls = repeated and cue.start_s - last_end_s < 0.1
        for line in cue.lines[: repeated if rolls else 0]:
            gathering.omit(OmissionReason.REPETITION, line)
        for line in cue.lines[repeated if rolls else 0 :]:
            paused = cue.start_s - last_end_s > PARAGRAPH_GAP_S and (
                not paragraphs or _SENTENCE_END.search(paragraphs[-1][-1][-_END_CHARS:]) is not None
            )
            if not paragraphs or _DIALOGUE.match(line) or paused:
                paragraphs.append([line])
            else:
                paragraphs[-1].append(line)
            last_end_s = cue.end_s
        shown, last_end_s = cue.lines, cue.end_s
    return list(map(" ".join, paragraphs))
