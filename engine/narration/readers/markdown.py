"""Markdown: its headings are chapters; its other marks stay in the text, where `engine.text` leaves them unsaid.

The source's characters are those of the file, decoded.
"""

from __future__ import annotations

import re
from pathlib import Path

from engine.narration.document import Document, OmissionReason
from engine.narration.readers.building import Block, Gathering, language_of, make_chapters, one_line, title_of
from engine.text.decoding import decode_text

_FRONT_MATTER = re.compile(r"\A(?P<fence>---|\+\+\+)[ \t]*\n(?P<fields>.*?\n)(?P=fence)[ \t]*(?:\n|\Z)", re.DOTALL)
_FIELD = re.compile(r"^(title|author|lang|language)[ \t]*[:=]([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})(?:[ \t]+\S|\Z)")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-+)[ \t]*\Z")
_MARKS = re.compile(r"[ ]{0,3}#{1,6}[ \t]+|[ \t]+#+[ \t]*\Z|[*`]|(?<!\w)_|_(?!\w)|\[([^\]]*)\]\([^)]*\)")
_MAX_HEADING_CHARS = 2000  # that are looked at for a title


def read(path: Path, data: bytes, footnotes: bool) -> Document:  # noqa: ARG001 - `engine.text` reads them where they stand
    """Read a Markdown file. See `engine.narration.reading.read_document`."""
    text, warnings = decode_text(path, data)
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    gathering = Gathering()
    fields: dict[str, str] = {}
    if matter := _FRONT_MATTER.match(text):
        fields = {name.lower(): _unquoted(value) for name, value in _FIELD.findall(matter["fields"])}
        gathering.omit(OmissionReason.FRONT_MATTER, matter[0], "beginning")
        text = text[matter.end() :]
    _gather(text.split("\n"), gathering)
    title = fields.get("title") or _only_first(gathering.blocks) or title_of(path)
    chapters = make_chapters(gathering.blocks, title)
    language = language_of(fields.get("lang") or fields.get("language"))
    return Document(
        title, fields.get("author", ""), language, chapters, omissions=tuple(gathering.omissions), warnings=warnings
    )


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1 if value[:1] in ("'", '"') else 0 :].removesuffix("'").removesuffix('"')


def _gather(lines: list[str], gathering: Gathering) -> None:
    paragraph: list[str] = []
    fence = ""

    def flush() -> None:
        gathering.add("\n".join(paragraph))
        paragraph.clear()

    for line in lines:
        mark = _FENCE.match(line)
        if fence:
            paragraph.append(line)
            if mark and mark[1].startswith(fence):
                fence = ""
                flush()
        elif mark:
            flush()
            fence = mark[1]
            paragraph.append(line)
        elif heading := _HEADING.match(line):
            flush()
            gathering.add(line, len(heading[1]), name=_name(line))
        elif paragraph and (under := _UNDERLINE.match(line)) and len(paragraph) == 1:
            text = f"{paragraph.pop()}\n{line}"
            gathering.add(text, 1 if under[1][0] == "=" else 2, name=_name(text.split("\n")[0]))
        elif line.strip():
            paragraph.append(line)
        else:
            flush()
    flush()


def _name(heading: str) -> str:
    return one_line(_MARKS.sub(lambda match: match[1] or "", heading[:_MAX_HEADING_CHARS].strip()))


def _only_first(blocks: list[Block]) -> str:
    """The heading at the top, where no other is as high."""
    levels = [block.level for block in blocks if block.level]
    first = next((block for block in blocks if block.level), None)
    return first.name if first and first.level == min(levels) and levels.count(first.level) == 1 else ""
