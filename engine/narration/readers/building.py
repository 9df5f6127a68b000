"""The parts that all readers build with: blocks of text in order, what is left out, and chapters made of the blocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.files.disk import readable_name
from engine.narration.document import Chapter, Omission, OmissionReason, n_chars
from engine.narration.styles import Picture, StyleKind, StyleSpan, moved, styles_within
from engine.text.languages import all_records
from engine.text.mapped_text import MappedText
from engine.text.symbols import collapse_space, join_lines
from engine.types import LanguageSpan

MAX_CHAPTER_CHARS = 1_000_000
"""A longer chapter comes in parts, so that each can be spoken in one request."""

# What cannot be spoken and is not seen: refused by `engine.text.check_text`, or of no meaning in a text.
_UNFIT = re.compile("[\0-\x08\x0e-\x1f\ud800-\udfff]+")
_ESCAPE = re.compile(r"\\(?=[!-/:-@\[-`{-~])")
_MAX_TITLE_CHARS = 200


@dataclass(frozen=True, slots=True)
class Block:
    """Hold a paragraph or a heading.

    `level` is a heading's, 1 the highest, 0 a paragraph's; `title` begins a chapter wherever it stands, by the file's
    own table of contents; `name` is a heading's text without marks; `languages` are what the file says of parts of
    `text`, and `styles` what they look like, but for the heading. `before` and `after` describe pictures that stood
    there.
    """

    text: str
    level: int = 0
    title: str = ""
    name: str = ""
    languages: tuple[LanguageSpan, ...] = ()
    styles: tuple[StyleSpan, ...] = ()
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


class Gathering:
    """Gather what a reader finds, in order: blocks, and what was left out."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.omissions: list[Omission] = []
        self._pictures: list[str] = []  # that the next block is to have

    def add(
        self,
        text: str,
        level: int = 0,
        title: str = "",
        name: str = "",
        *,
        languages: Sequence[LanguageSpan] = (),
        styles: Sequence[StyleSpan] = (),
    ) -> None:
        """Add a paragraph or heading; what no text may hold is left out of it."""
        text = without_unfit(text.strip(), self)
        if text:
            before, self._pictures = tuple(self._pictures), []
            self.blocks.append(Block(text, level, title, name, tuple(languages), tuple(styles), before))

    def add_picture(self, description: str) -> None:
        """Note a picture that stands here, by what is said of it."""
        if description := one_line(description):
            self._pictures.append(description)

    def end_part(self) -> None:
        """Give pictures after the last block of a part of the file to that block."""
        if self._pictures and self.blocks:
            self.blocks[-1] = replace(self.blocks[-1], after=(*self.blocks[-1].after, *self._pictures))
            self._pictures = []

    def omit(self, reason: OmissionReason, text: str, place: str = "") -> None:
        """Note what is left out; white space alone is not worth a word."""
        text = text.strip()
        if text:
            self.omissions.append(Omission(reason, text, place))


def without_unfit(text: str, gathering: Gathering, place: str = "") -> str:
    """Return `text` without what no text may hold, which is noted as left out."""
    if not _UNFIT.search(text):
        return text
    gathering.omit(OmissionReason.HIDDEN, "".join(_UNFIT.findall(text)), place)
    return _UNFIT.sub("", text)


def shifted(spans: Iterable[LanguageSpan], offset: int) -> list[LanguageSpan]:
    """Move `spans` on by `offset` code points."""
    return [LanguageSpan(span.start + offset, span.end + offset, span.code) for span in spans]


def make_chapters(blocks: Sequence[Block], title: str, language: str | None = None) -> tuple[Chapter, ...]:
    """Make chapters of `blocks`: by the titles that the file itself gives them, else by the headings that divide it
    best. Of what parts say of their language only another than `language`, the document's tag, is kept.

    What stands before the first of them is a chapter with the document's `title`; headings with nothing of their own go
    with what follows.
    """
    starts = _starts(blocks)
    begins = frozenset(starts)
    chapters: list[Chapter] = []
    waiting: list[Block] = []  # headings without text
    titles: list[str] = []
    has_text = False  # what is waiting
    for first, last in zip([0, *starts], [*starts, len(blocks)], strict=True):
        part = blocks[first:last]
        if not part:
            continue
        own = part[0].title or (_heading(part[0]) if part[0].level else "") if first in begins else title
        titles += [one_line(own)] if own else []
        waiting += part
        has_text = has_text or not all(block.level for block in part)
        if last < len(blocks) and not has_text:
            continue
        chapters += _within_limit(one_line(" – ".join(dict.fromkeys(titles))), waiting, primary_code(language))
        waiting, titles, has_text = [], [], False
    return tuple(chapters)


def join(lines: Sequence[str], gathering: Gathering, place: str = "") -> str:
    """Join the lines of one paragraph, as they would be spoken: hyphens that lines' ends had put in are left out."""
    joined = collapse_space(join_lines(MappedText.of_span(source := "\n".join(lines), 0, len(source)))).text
    if hyphens := n_chars(source) - n_chars(joined):
        gathering.omissions += [Omission(OmissionReason.HYPHEN, "-", place)] * hyphens
    return joined


def one_line(text: str) -> str:
    """Put a title on one line, for lists."""
    return " ".join(_UNFIT.sub("", text).split())[:_MAX_TITLE_CHARS]


def title_of(path: Path) -> str:
    """Make the title of a document that has none: its file's name."""
    return one_line(readable_name(path.stem))


def primary_code(tag: str | None) -> str:
    """Return the first part of a tag, in small letters: "pt" of "pt-BR"."""
    return re.split("[-_]", (tag or "").strip().lower())[0]


def language_of(tag: str | None) -> str | None:
    """Return the one of `LANGUAGES` for a tag as files write it: "pt-BR", "eng"; None for any other."""
    code = primary_code(tag)
    return next((record.code for record in all_records() if code in (record.code, *record.long_codes)), None)


def _starts(blocks: Sequence[Block]) -> list[int]:
    """Find where chapters begin."""
    titled = [i for i, block in enumerate(blocks) if block.title]
    if titled:
        return titled
    levels = Counter(block.level for block in blocks if block.level)
    dividing = min((level for level, n in levels.items() if n > 1), default=max(levels, default=0))
    return [i for i, block in enumerate(blocks) if 0 < block.level <= dividing]


def _heading(block: Block) -> str:
    return block.name or _ESCAPE.sub("", block.text)


@dataclass(slots=True)
class _Part:
    """A chapter, or as much of it as may be one, while it is put together; `n` is the length of its text so far."""

    texts: list[str] = field(default_factory=list)
    languages: list[LanguageSpan] = field(default_factory=list)
    styles: list[StyleSpan] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    n: int = 0

    def add(self, block: Block, start: int, end: int, code: str) -> None:
        """Add `[start, end)` of a block's text; `code` is the document's language."""
        for span in block.languages:
            a, b = max(span.start, start) - start, min(span.end, end) - start
            own = primary_code(span.code)
            is_within = bool(self.languages) and self.n + b <= self.languages[-1].end
            if own and a < b and (own != code or is_within):
                self.languages.append(LanguageSpan(self.n + a, self.n + b, own))
        if block.level:
            self.styles.append(StyleSpan(self.n, self.n + end - start, StyleKind.HEADING, block.level))
        if block.styles or "\\" in block.text:
            self.styles += moved(styles_within(_with_escapes(block), start, end), self.n)
        if start == 0:
            self.pictures += [Picture(self.n, words) for words in block.before]
        self.n += end - start
        if end == len(block.text):
            self.pictures += [Picture(self.n, words) for words in block.after]
        self.texts.append(block.text[start:end])
        self.n += 2


def _with_escapes(block: Block) -> list[StyleSpan]:
    """What a block looks like, and which of its signs are only there for others to be themselves."""
    if "\\" not in block.text or any(span.kind is StyleKind.MARKUP for span in block.styles):
        return list(block.styles)
    escapes = [StyleSpan(sign.start(), sign.end(), StyleKind.MARKUP) for sign in _ESCAPE.finditer(block.text)]
    return sorted((*block.styles, *escapes), key=lambda span: (span.start, -span.end))


def _within_limit(title: str, blocks: Iterable[Block], code: str) -> list[Chapter]:
    parts = [_Part()]
    for block in blocks:
        for start in range(0, len(block.text), MAX_CHAPTER_CHARS):
            end = min(start + MAX_CHAPTER_CHARS, len(block.text))
            if parts[-1].n and parts[-1].n + end - start > MAX_CHAPTER_CHARS:
                parts.append(_Part())
            parts[-1].add(block, start, end, code)
    titles = [title, *(f"{title} ({i})".strip() for i in range(2, len(parts) + 1))]
    return [
        Chapter(name, "\n\n".join(part.texts), tuple(part.languages), tuple(part.styles), tuple(part.pictures))
        for name, part in zip(titles, parts, strict=True)
    ]
