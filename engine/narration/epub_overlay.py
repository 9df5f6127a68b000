"""An EPUB 3 that is read along: the text, its sound, and media overlays that say when each sentence, or each word, is
spoken."""

from __future__ import annotations

import html
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unicodedata import bidirectional
from uuid import NAMESPACE_URL, uuid5

from engine.audio.writing import replacing
from engine.narration.picture import Picture
from engine.narration.project import Project
from engine.narration.timeline import PlacedChapter, PlacedSentence, Timeline, gap_between
from engine.types import SAMPLE_RATE_HZ
from engine.words import TimedWord

AUDIO_TYPES = {".m4b": "audio/mp4", ".mp3": "audio/mpeg"}
"""What every reader of EPUBs plays."""

_CONTAINER = """<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""
_STYLE = "body { line-height: 1.5; }\n.-epub-media-overlay-active { background: #ffe9a8; color: #000; }\n"
_N_SIGNS_ASKED = 2000
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_STAMP = (2000, 1, 1, 0, 0, 0)  # of every entry, so that the same book gives the same bytes


def write_overlay(
    path: Path, timeline: Timeline, project: Project, audio: Path, poll: Callable[[], object] = lambda: None
) -> None:
    """Write the EPUB `path` with the sound in `audio`, whose ending is one of `AUDIO_TYPES`.

    `poll` is called often, and may raise. Raises `OutputError`.
    """
    name = f"audio{audio.suffix.lower()}"
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as book:
        # First, and not compressed: that is how an EPUB is recognised.
        book.writestr(_entry("mimetype"), "application/epub+zip", zipfile.ZIP_STORED)
        cover = project.cover()
        for place, content in _texts(timeline, project, cover, name, AUDIO_TYPES[audio.suffix.lower()]):
            poll()
            book.writestr(_entry(place), content, zipfile.ZIP_DEFLATED)
        if cover:
            book.writestr(_entry(f"EPUB/{cover.name}"), cover.data, zipfile.ZIP_STORED)
        with audio.open("rb") as sound, book.open(_entry(f"EPUB/{name}"), "w", force_zip64=True) as copy:
            while piece := sound.read(1 << 20):
                poll()
                copy.write(piece)


def _escaped(text: str) -> str:
    """For XML, which some signs cannot be in at all: a name may hold anything."""
    return html.escape(_NOT_IN_XML.sub("", text))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _STAMP)
    entry.external_attr = 0o644 << 16
    return entry


def _texts(
    timeline: Timeline, project: Project, cover: Picture | None, audio: str, audio_type: str
) -> Iterator[tuple[str, str]]:
    yield "META-INF/container.xml", _CONTAINER
    yield "EPUB/style.css", _STYLE
    yield "EPUB/package.opf", _package(timeline, project, cover, audio, audio_type)
    language = project.settings.language or project.book.language or "en"
    yield "EPUB/nav.xhtml", _navigation(timeline, project.book.title, language)
    for i, chapter in enumerate(timeline.chapters):
        words = [_clips(placed) if project.settings.by_word else [] for placed in chapter.sentences]
        yield f"EPUB/chapter{i + 1}.xhtml", _page(chapter, words, language)
        yield f"EPUB/chapter{i + 1}.smil", _overlay(i + 1, chapter, words, audio)


def _package(timeline: Timeline, project: Project, cover: Picture | None, audio: str, audio_type: str) -> str:
    book = project.book
    language = project.settings.language or book.language or "en"
    numbers = range(1, len(timeline.chapters) + 1)
    items = [f'<item id="audio" href="{audio}" media-type="{_escaped(audio_type)}"/>']
    if cover:
        items.append(f'<item id="cover" href="{cover.name}" media-type="{cover.mime_type}" properties="cover-image"/>')
    for n in numbers:
        page = f'href="chapter{n}.xhtml" media-type="application/xhtml+xml" media-overlay="o{n}"'
        items.append(f'<item id="c{n}" {page}/>')
        items.append(f'<item id="o{n}" href="chapter{n}.smil" media-type="application/smil+xml"/>')
    durations = [
        f'<meta property="media:duration" refines="#o{n}">{_clock(chapter.end - chapter.start)}</meta>'
        for n, chapter in zip(numbers, timeline.chapters, strict=True)
    ]
    author = f"<dc:creator>{_escaped(book.author)}</dc:creator>" if book.author else ""
    modified = datetime(*_STAMP, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    spine = "\n".join(f'<itemref idref="c{n}"/>' for n in numbers)
    direction = ' page-progression-direction="rtl"' if _runs_from_right(book.texts) else ""
    newline = "\n"
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="{language}">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">urn:uuid:{uuid5(NAMESPACE_URL, f"lectern:{book.title}:{book.n_chars}")}</dc:identifier>
<dc:title>{_escaped(book.title)}</dc:title>
<dc:language>{language}</dc:language>
{author}
<meta property="dcterms:modified">{modified}</meta>
<meta property="media:active-class">-epub-media-overlay-active</meta>
<meta property="media:duration">{_clock(timeline.n_samples)}</meta>
{newline.join(durations)}
</metadata>
<manifest>
<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>
<item id="style" href="style.css" media-type="text/css"/>
{newline.join(items)}
</manifest>
<spine{direction}>
{spine}
</spine>
</package>
"""


def _navigation(timeline: Timeline, title: str, language: str) -> str:
    entries = "\n".join(
        f'<li><a href="chapter{n}.xhtml">{_escaped(chapter.title)}</a></li>'
        for n, chapter in enumerate(timeline.chapters, start=1)
    )
    body = f'<nav epub:type="toc"><h1>{_escaped(title)}</h1><ol>\n{entries}\n</ol></nav>'
    return _document(title, language, body)


def _clips(placed: PlacedSentence) -> list[TimedWord]:
    """The words of a sentence, whose clips follow each other without a gap from its first sample to its last: what is
    between clips is not played. Words that begin in the same millisecond are one."""
    clips: list[TimedWord] = []
    for word in placed.timed_words():
        if clips and _milliseconds(word.from_sample) == _milliseconds(clips[-1].from_sample):
            clips[-1] = replace(clips[-1], end=word.end)
        elif _milliseconds(word.from_sample) < _milliseconds(placed.end):
            clips.append(word)
    begins = [placed.start, *(word.from_sample for word in clips[1:]), placed.end]
    return [replace(word, from_sample=begins[i], to_sample=begins[i + 1]) for i, word in enumerate(clips)]


def _page(chapter: PlacedChapter, words: Sequence[Sequence[TimedWord]], language: str) -> str:
    """Each sentence is a span of its own, and in it each word of `words`, which its overlay names."""
    body = ""
    for i, (placed, clips) in enumerate(zip(chapter.sentences, words, strict=True), start=1):
        inner, at = "", 0
        for n, word in enumerate(clips, start=1):
            inner += f'{_escaped(placed.words[at : word.start])}<span id="s{i}w{n}">'
            inner += f"{_escaped(placed.words[word.start : word.end])}</span>"
            at = word.end
        gap = gap_between(chapter.sentences[i - 2], placed) if i > 1 else ""
        body += gap if gap != "\n\n" else '</p>\n<p dir="auto">'
        body += f'<span id="s{i}">{inner}{_escaped(placed.words[at:])}</span>'
    section = f'<section id="text" epub:type="chapter">\n<p dir="auto">{body}</p>\n</section>'
    return _document(chapter.title, language, section)


def _document(title: str, language: str, body: str) -> str:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="{language}"
 xml:lang="{language}">
<head><title>{_escaped(title)}</title><link rel="stylesheet" href="style.css"/></head>
<body>
{body}
</body>
</html>
"""


def _overlay(number: int, chapter: PlacedChapter, words: Sequence[Sequence[TimedWord]], audio: str) -> str:
    page = f"chapter{number}.xhtml"

    def part(name: str, start: int, end: int) -> str:
        clip = f'clipBegin="{_clock(start)}" clipEnd="{_clock(end)}"'
        return f'<par id="p{name}"><text src="{page}#s{name}"/><audio src="{audio}" {clip}/></par>'

    parts: list[str] = []
    for i, (placed, clips) in enumerate(zip(chapter.sentences, words, strict=True), start=1):
        if clips:
            inner = [part(f"{i}w{n}", word.from_sample, word.to_sample) for n, word in enumerate(clips, start=1)]
            parts += [f'<seq id="q{i}" epub:textref="{page}#s{i}">', *inner, "</seq>"]
        else:
            parts.append(part(str(i), placed.start, placed.end))
    body = "\n".join(parts)
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<smil xmlns="http://www.w3.org/ns/SMIL" xmlns:epub="http://www.idpf.org/2007/ops" version="3.0">
<body><seq id="seq" epub:textref="{page}#text">
{body}
</seq></body>
</smil>
"""


def _milliseconds(sample: int) -> int:
    return round(1000 * sample / SAMPLE_RATE_HZ)


def _clock(sample: int) -> str:
    hours, rest = divmod(_milliseconds(sample), 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    return f"{hours}:{minutes:02}:{rest // 1000:02}.{rest % 1000:03}"


def _runs_from_right(texts: Sequence[str]) -> bool:
    """Whether most letters of the beginning are of a script that does."""
    kinds = Counter(map(bidirectional, next(filter(None, texts), "")[:_N_SIGNS_ASKED]))
    return kinds["R"] + kinds["AL"] > kinds["L"]
