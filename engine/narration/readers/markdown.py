"""Markdown: its headings are chapters; its other marks stay in the text, where `engine.text` leaves them unsaid.

Blocks of HTML in it are read as HTML is.

The source's characters are those of the file, decoded.
"""

from __future__ import annotations

import re
from pathlib import Path

from engine.narration.document import Document, OmissionReason, n_chars
from engine.narration.readers.building import Block, Gathering, language_of, make_chapters, one_line, title_of
from engine.narration.readers.inline import lines_apart
from engine.narration.readers.markdown_styles import styles_of
from engine.narration.readers.markup import MarkupReader
from engine.text.decoding import decode_text
from engine.text.mapped_text import MappedText
from engine.text.markdown import strip_markdown

_FRONT_MATTER = re.compile(
    r"\A---[ \t]*\n(?=[^\n]*\S)(?P<yaml>(?:(?!---|\.\.\.)[^\n]*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|\Z)"
    r"|\A\+\+\+[ \t]*\n(?P<toml>(?:(?!\+\+\+)[^\n]*\n)*?)\+\+\+[ \t]*(?:\n|\Z)"
)
_TITLE_BLOCK = re.compile(r"\A% ?(?P<title>[^\n]+)\n(?:% ?(?P<author>[^\n]*)\n(?:%[^\n]*\n)?)?(?=\s|\Z)")  # Pandoc's
_YAML_FIELD = re.compile(r"[\w\"'][\w .\"'/-]{0,60}:(?:[ \t]|\Z)")
_YAML_LINE = re.compile(r"[\w\"'][\w .\"'/-]{0,60}:(?:[ \t]|\Z)|[ \t]+\S|- |-\Z|#|[\]}],?[ \t]*\Z|\Z")
_TOML_LINE = re.compile(r"[\w.\"'-]+[ \t]*=|\[|[ \t]|#|\]|\Z")
_FIELD = re.compile(r"^(title|author|lang|language)[ \t]*[:=]([^\n]*)$", re.MULTILINE | re.IGNORECASE)
_FENCE = re.compile(r"[ ]{0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r"[ ]{0,3}(#{1,6})(?:[ \t]+\S|\Z)")
_UNDERLINE = re.compile(r"[ ]{0,3}(=+|-+)[ \t]*\Z")
_HTML = re.compile(
    r"[ ]{0,3}</?(?:address|article|aside|blockquote|center|dd|details|dialog|div|dl|dt|figcaption|figure|footer|form|"
    r"h[1-6]|header|hr|iframe|li|main|nav|ol|p|pre|section|summary|svg|table|tbody|td|tfoot|th|thead|tr|ul)(?=[\s/>])",
    re.IGNORECASE,
)
_CODE = re.compile(r"[ ]{0,3}<(?P<tag>script|style)(?=[\s>])", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]*>")
_DIV_FENCE = re.compile(r"[ ]{0,3}:{3,}[ \t]*(?:\{[^{}]*\}|[\w-]*)[ \t]*:*[ \t]*\Z")  # Pandoc's
_TEX_LINE = re.compile(
    r"[ ]{0,3}\\(?:newpage|pagebreak|clear(?:double)?page|tableofcontents|maketitle|(?:big|med|small)skip|noindent|"
    r"[hv]space\*?\{[^{}]*\}|[hv]fill|centering|appendix)[ \t]*\Z"
)
_VERSE_LINE = re.compile(r"\|[ \t](?![^\n]*\|[ \t]*\Z)")
_HARD_BREAK = re.compile(r"(?P<mark>[ ]{2,}|\\|<br\s?/?>\s*)\n|<br\s?/?>", re.IGNORECASE)
_LEVEL_MARKS = re.compile(r"^#{1,6}[ \t]+|(?<![ \t])[ \t]+#+[ \t]*\Z")
_MAX_HEADING_CHARS = 2000  # that are looked at for a title


def read(path: Path, data: bytes, footnotes: bool) -> Document:  # noqa: ARG001 - `engine.text` reads them where they stand
    """Read a Markdown file. See `engine.narration.reading.read_document`."""
    text, warnings = decode_text(path, data)
    text = re.sub("\r\n?|[\x85\u2028\u2029]", "\n", text)
    gathering = Gathering()
    fields: dict[str, str] = {}
    if matter := _front_matter(text):
        own = matter["yaml"] or matter["toml"] or ""
        fields = {name.lower(): _unquoted(value) for name, value in _FIELD.findall(own)}
        gathering.omit(OmissionReason.FRONT_MATTER, matter[0], "beginning")
        text = text[matter.end() :]
    elif block := _TITLE_BLOCK.match(text):
        fields = {"title": block["title"].strip(), "author": (block["author"] or "").strip()}
        gathering.omit(OmissionReason.FRONT_MATTER, block[0], "beginning")
        text = text[block.end() :]
    _gather(path, text.split("\n"), gathering)
    title = fields.get("title") or _only_first(gathering.blocks) or title_of(path)
    chapters = make_chapters(gathering.blocks, title)
    language = language_of(fields.get("lang") or fields.get("language"))
    return Document(
        title, fields.get("author", ""), language, chapters, omissions=tuple(gathering.omissions), warnings=warnings
    )


def _front_matter(text: str) -> re.Match[str] | None:
    """The fields before a text; a rule at its top, with prose up to the next one, is none."""
    matter = _FRONT_MATTER.match(text)
    if matter is None:
        return None
    lines = (matter["yaml"] if matter["yaml"] is not None else matter["toml"]).split("\n")
    if matter["toml"] is not None:
        return matter if all(map(_TOML_LINE.match, lines)) else None
    return matter if any(map(_YAML_FIELD.match, lines)) and all(map(_YAML_LINE.match, lines)) else None


def _unquoted(value: str) -> str:
    value = value.strip()
    return value[1 if value[:1] in ("'", '"') else 0 :].removesuffix("'").removesuffix('"')


def _gather(path: Path, lines: list[str], gathering: Gathering) -> None:
    paragraph: list[str] = []
    fence = code = ""

    def add(text: str, level: int = 0, name: str = "") -> None:
        text = text.strip()
        gathering.add(text, level, name=name, styles=styles_of(text, level))

    def flush() -> None:
        text = "\n".join(paragraph)
        paragraph.clear()
        if "<" in text and _HTML.match(text):
            _gather_html(path, text, gathering)
            return
        for part in _parts(text, gathering):
            add(part)

    for line in lines:
        mark = _FENCE.match(line)
        if code:
            gathering.omit(OmissionReason.CODE, line)
            code = "" if f"</{code}" in line.lower() else code
        elif fence:
            paragraph.append(line)
            if mark and mark[1].startswith(fence):
                fence = ""
                add("\n".join(paragraph))
                paragraph.clear()
        elif (":::" in line and _DIV_FENCE.match(line)) or ("\\" in line and _TEX_LINE.match(line)):
            flush()
            gathering.omit(OmissionReason.MARKUP, line)
        elif mark:
            flush()
            fence = mark[1]
            paragraph.append(line)
        elif "<" in line and (script := _CODE.match(line)):
            flush()
            gathering.omit(OmissionReason.CODE, line)
            code = "" if f"</{script['tag']}".lower() in line.lower() else script["tag"].lower()
        elif heading := _HEADING.match(line):
            flush()
            add(line, len(heading[1]), _name(line))
        elif paragraph and (under := _UNDERLINE.match(line)) and len(paragraph) == 1 and not _HTML.match(paragraph[0]):
            text = f"{paragraph.pop()}\n{line}"
            add(text, 1 if under[1][0] == "=" else 2, _name(text.split("\n")[0]))
        elif line.strip():
            paragraph.append(line)
        else:
            flush()
    add("\n".join(paragraph)) if fence else flush()


def _parts(text: str, gathering: Gathering) -> list[str]:
    """A paragraph, in parts where its author ended lines that are no running text: an address, a poem's stanzas."""
    if "\n" not in text and "<" not in text:
        return [text]
    lines = text.split("\n")
    if text.startswith("|") and all(map(_VERSE_LINE.match, lines)):
        gathering.omit(OmissionReason.MARKUP, "|" * len(lines))
        return lines_apart("\n".join(line[2:].strip() for line in lines))
    breaks = list(_HARD_BREAK.finditer(text))
    if not breaks or "|" in text:
        return [text]
    broken = _HARD_BREAK.sub("\x0e", text).replace("\n", " ").replace("\x0e", "\n")
    parts = lines_apart(re.sub(r"[ \t]*\n[ \t]*", "\n", broken))
    if len(parts) == 1 and "\\\n" not in text:
        return [text]
    for mark in breaks:
        gathering.omit(OmissionReason.MARKUP, mark[0])
    return parts


def _gather_html(path: Path, text: str, gathering: Gathering) -> None:
    """A block of HTML; its tags are what is left out of it."""
    own = Gathering()
    MarkupReader(own).read(path, text)
    gathering.blocks += own.blocks
    gathering.omissions += own.omissions
    n_left = n_chars(text) - sum(n_chars(part.text) for part in (*own.blocks, *own.omissions))
    tags = "".join("".join(_ANY_TAG.findall(text)).split())
    gathering.omit(OmissionReason.MARKUP, f"{tags}{'&' * (n_left - len(tags))}"[: max(0, n_left)])  # and of entities


def _name(heading: str) -> str:
    """The title that a heading is, without its marks."""
    words = _LEVEL_MARKS.sub("", heading[:_MAX_HEADING_CHARS].strip())
    return one_line(strip_markdown(MappedText.of_span(words, 0, len(words))).text)


def _only_first(blocks: list[Block]) -> str:
    """The heading at the top, where no other is as high."""
    levels = [block.level for block in blocks if block.level]
    first = next((block for block in blocks if block.level), None)
    return first.name if first and first.level == min(levels) and levels.count(first.level) == 1 else ""
