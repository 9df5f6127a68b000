"""SubRip and WebVTT: what is said in the cues, as running text.

The source's characters are those of the file, decoded: numbers and times, tags and notes are left out.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from engine.errors import DocumentError
from engine.narration.document import Document, OmissionReason, n_chars
from engine.narration.readers.building import Gathering, join, language_of, make_chapters, title_of
from engine.text.decoding import decode_text
from engine.text.ruby import is_reading

PARAGRAPH_GAP_S = 2.0
"""Silence between cues that is worth a paragraph."""

_TIME = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[.,](\d{1,3})"
_TIMING = re.compile(rf"^[ \t]*{_TIME}[ \t]*-->[ \t]*{_TIME}[^\n]*", re.MULTILINE)
_BLANK = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_NUMBER = re.compile(r"(?:\A|\n)[ \t]*\d{1,6}[ \t]*\Z")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,200}>|<\d[\d:.]{4,12}>|\{\\[^{}\n]{1,80}\}")
_ENTITY = re.compile(r"&(?:amp|lt|gt|nbsp|lrm|rlm|quot|apos|#\d{1,7});")
_SENTENCE_END = re.compile(r"[.!?…。！？؟][\"'”’»)\]♪]*\Z")
_END_CHARS = 100  # that are looked at for a sentence's end
_DIALOGUE = re.compile(r"[-–—]\s?\S")
_RUBY = re.compile(r"<ruby>([^<\n]{1,100})<rt>([^<\n]{1,100})(?:</rt>)?</ruby>")
# What is heard but not said: "[door slams]", "(SIGHS)", "♪"; and who speaks: "MAN:", "[Ann]", ">>".
_SOUND = re.compile(r"\[[^\[\]]{1,120}\]|[♪♫]+")
_SOUND_LINE = re.compile(
    r"[-–—]?\s?(?:\([^()\n]{1,80}\)|（[^（）\n]{1,80}）|【[^【】\n]{1,80}】|\*[^*\n]{1,80}\*)[.:]?"
)
_LOUD = re.compile(r"\((?P<words>[^()\n]{2,80})\)")
_SPEAKER = re.compile(r"(?P<dash>[-–—]\s?)?(?P<name>[^\W\d_][\w .'’#-]{1,30}):(?=\s|\Z)\s{0,3}")
_LINE_END = re.compile(r"(?i:<br\s?/?>)|\\N|\\n(?![a-z])")
_LANGUAGE = re.compile(r"\AWEBVTT[^\n]*\n(?:[^\n]+\n){0,9}?Language:[ \t]*(?P<tag>[\w-]{2,20})")
_NEW_SPEAKER = re.compile(r">>+\s{0,3}")


class _Line(NamedTuple):
    text: str
    begins_paragraph: bool
    """By a dash or a name, which says that somebody else speaks."""


@dataclass(frozen=True, slots=True)
class _Cue:
    start_s: float
    end_s: float
    lines: tuple[_Line, ...]


def read(path: Path, data: bytes, footnotes: bool) -> Document:  # noqa: ARG001 - there are none
    """Read SubRip or WebVTT. See `engine.narration.reading.read_document`."""
    text, warnings = decode_text(path, data)
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    gathering = Gathering()
    cues = list(_cues(text, gathering))
    if not cues and text.strip():
        raise DocumentError("damaged", path, "it has no subtitles")
    for paragraph in _paragraphs(cues, gathering):
        gathering.add(paragraph)
    title = title_of(path)
    chapters = make_chapters(gathering.blocks, title)
    declared = _LANGUAGE.match(text)
    language = language_of(declared["tag"]) if declared else None
    return Document(title, "", language, chapters, omissions=tuple(gathering.omissions), warnings=warnings)


def _cues(text: str, gathering: Gathering) -> Iterator[_Cue]:
    """The cues, each from its timing to the next; headers, notes and styles are left out.

    In WebVTT an empty line ends a cue, and notes may follow; in SubRip it stands in some, and what follows is theirs.
    """
    timings = list(_TIMING.finditer(text))
    has_notes = text.startswith("WEBVTT")
    done = 0
    for i, timing in enumerate(timings):
        _omit_between(text[done : timing.start()], gathering)
        gathering.omit(OmissionReason.TIMING, timing[0])
        limit = timings[i + 1].start() if i + 1 < len(timings) else len(text)
        blank = _BLANK.search(text, timing.end(), limit) if has_notes else None
        done = blank.start() if blank else limit
        if not blank and i + 1 < len(timings):  # the next one's number is none of this one's lines
            number = _NUMBER.search(text, max(timing.end(), done - 20), done - 1)
            done = number.start() if number else done
        hours, minutes, seconds, fraction = timing.groups()[:4]
        start_s = _seconds(hours, minutes, seconds, fraction)
        end_s = _seconds(*timing.groups()[4:])
        shown = _SOUND.sub(lambda match: _left_out(match, gathering), text[timing.end() : done])
        for mark in _LINE_END.findall(shown):
            gathering.omit(OmissionReason.MARKUP, mark)
        lines = [_plain(line, gathering) for line in _LINE_END.sub("\n", shown).split("\n")]
        yield _Cue(start_s, end_s, tuple(line for line in lines if line.text))
    _omit_between(text[done:], gathering)


def _omit_between(text: str, gathering: Gathering) -> None:
    """What stands between cues: numbers and names of cues, headers, notes, styles."""
    for block in _BLANK.split(text):
        first, lines = block.strip("\n"), block.strip().split("\n")
        is_code = first.startswith(("STYLE", "REGION"))
        is_name = len(lines) == 1 and not first.startswith(("WEBVTT", "NOTE"))
        reason = OmissionReason.TIMING if is_name else OmissionReason.FRONT_MATTER
        gathering.omit(OmissionReason.CODE if is_code else reason, block)


def _seconds(hours: str | None, minutes: str, seconds: str, fraction: str) -> float:
    return int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds) + float(f"0.{fraction}")


def _plain(line: str, gathering: Gathering) -> _Line:
    for signs, reading in _RUBY.findall(line):
        gathering.omit(OmissionReason.RUBY, signs if is_reading(signs, reading) else reading)
    line = _RUBY.sub(lambda match: match[2] if is_reading(match[1], match[2]) else match[1], line)
    for tag in _TAG.findall(line):
        gathering.omit(OmissionReason.MARKUP, tag)
    line = _TAG.sub("", line)

    def decoded(match: re.Match[str]) -> str:
        sign = html.unescape(match[0])
        gathering.omit(OmissionReason.MARKUP, match[0][n_chars(sign) :])  # as many signs as are no longer there
        return sign

    return _without_sounds(" ".join(_ENTITY.sub(decoded, line).split()), gathering)


def _left_out(match: re.Match[str], gathering: Gathering) -> str:
    gathering.omit(OmissionReason.SOUND, match[0])
    return " "


def _without_sounds(line: str, gathering: Gathering) -> _Line:
    """Leave out what is heard but not said, and who speaks."""
    if _SOUND_LINE.fullmatch(line):
        gathering.omit(OmissionReason.SOUND, line)
        return _Line("", False)
    line = _LOUD.sub(lambda match: _left_out(match, gathering) if match["words"].isupper() else match[0], line).strip()
    is_new = False
    if sign := _NEW_SPEAKER.match(line):
        gathering.omit(OmissionReason.SOUND, sign[0])
        line, is_new = line[sign.end() :], True
    if (speaker := _SPEAKER.match(line)) and speaker["name"].isupper():
        dash = speaker["dash"] or ""
        gathering.omit(OmissionReason.SOUND, line[len(dash) : speaker.end()])
        line, is_new = dash + line[speaker.end() :], True
    line = " ".join(line.split())
    if line in ("-", "–", "—", ":"):
        gathering.omit(OmissionReason.SOUND, line)
        line = ""
    return _Line(line, is_new or _DIALOGUE.match(line) is not None)


def _paragraphs(cues: list[_Cue], gathering: Gathering) -> list[str]:
    """Cues that belong together, joined; a new speaker, or a pause after a sentence, begins a paragraph."""
    paragraphs: list[list[str]] = []
    shown: tuple[_Line, ...] = ()
    last_end_s = 0.0
    for cue in cues:
        repeated = next((n for n in range(min(len(shown), len(cue.lines)), 0, -1) if shown[-n:] == cue.lines[:n]), 0)
        rolls = repeated and cue.start_s - last_end_s < 0.1
        for line in cue.lines[: repeated if rolls else 0]:
            gathering.omit(OmissionReason.REPETITION, line.text)
        for line in cue.lines[repeated if rolls else 0 :]:
            paused = cue.start_s - last_end_s > PARAGRAPH_GAP_S and (
                not paragraphs or _SENTENCE_END.search(paragraphs[-1][-1][-_END_CHARS:]) is not None
            )
            if not paragraphs or line.begins_paragraph or paused:
                paragraphs.append([])
            paragraphs[-1].append(line.text)
            last_end_s = cue.end_s
        shown, last_end_s = cue.lines, cue.end_s
    return [join(lines, gathering) for lines in paragraphs]
