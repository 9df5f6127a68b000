"""HTML and XHTML as a person sees it: paragraphs and headings in order, and what is left out.

The source's characters are those of all text between tags, scripts and styles included; entities count as what they
stand for.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from engine.narration.document import OmissionReason, n_chars
from engine.narration.readers.building import Gathering, one_line
from engine.narration.readers.tags import read_tags

_BLOCK_TAGS = frozenset(
    (
        *("address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "div"),
        *("dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "head"),
        *("header", "hgroup", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "optgroup", "p", "pre"),
        *("section", "summary", "table", "tbody", "tfoot", "thead", "title", "tr", "ul"),
    )
)
_VOID_TAGS = frozenset(
    (
        *("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track"),
        "wbr",
    )
)
_OMITTED_TAGS = {
    **dict.fromkeys(("script", "style", "template"), OmissionReason.CODE),
    **dict.fromkeys(("nav", "button", "select", "datalist"), OmissionReason.CONTENTS),
    **dict.fromkeys(("noscript", "iframe", "object", "audio", "video", "canvas", "textarea"), OmissionReason.HIDDEN),
    **dict.fromkeys(("rt", "rp"), OmissionReason.RUBY),
    "title": OmissionReason.FRONT_MATTER,
}
_OMITTED_TYPES = {  # epub:type, or role without its "doc-"
    **dict.fromkeys(("toc", "landmarks", "page-list", "lot", "loi", "index"), OmissionReason.CONTENTS),
    **dict.fromkeys(("noteref", "backlink", "biblioref"), OmissionReason.FOOTNOTE),
    "pagebreak": OmissionReason.PAGE_NUMBER,
}
_NOTE_TYPES = ("footnote", "footnotes", "endnote", "endnotes", "rearnote", "rearnotes", "note")
_NOTE_CLASS = re.compile(r"\b(?:footnote|fn|note)-?(?:ref|mark|anchor)\b|\bnoteref\b|\bfnref\b", re.IGNORECASE)
_HIDING_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,4}|[*†‡§¶]{1,3}|[a-z]|[ivx]{1,6})[\])]?")
_LINE_END, _CELL_END = "\x0e", "\x0f"  # what no text may hold stands for the two kinds of layout that are kept
_MAX_DEPTH = 5000


class _Open(NamedTuple):
    """A tag that is open, whether and why its text is left out, and whether its lines are kept."""

    tag: str
    reason: OmissionReason | None
    is_pre: bool


class MarkupReader:
    """Make paragraphs of a file's markup.

    `gathering` has them, `anchors` where each id stands (a block's number), `title` and `meta` what the head says,
    `images` what is shown.
    """

    def __init__(self, gathering: Gathering, *, footnotes: bool = False, place: str = "") -> None:
        self.gathering = gathering
        self.anchors: dict[str, int] = {}
        self.title = ""
        self.meta: dict[str, str] = {}
        self.language = ""
        self.images: list[str] = []
        self.n_link_chars = 0  # of text that leads elsewhere in the book
        self._footnotes, self._place = footnotes, place
        self._open: list[_Open] = []
        self._n_open: Counter[str] = Counter()
        self._n_too_deep = 0
        self._words: list[str] = []  # of the paragraph that is being read
        self._first_word: int | None = None  # of these, the first that is no white space
        self._link_at: int | None = None  # where in these words an open link within the book begins
        self._is_note_link = False
        self._level = 0

    def read(self, path: Path, text: str) -> None:
        """Read all of `text`, the markup of `path` or of a part of it. Raises `DocumentError`."""
        read_tags(path, text, self)
        self._flush()

    def start(self, tag: str, values: dict[str, str]) -> None:
        """Take a tag that begins, with its attributes."""
        tag = tag.rpartition(":")[2]
        if tag in _BLOCK_TAGS:
            self._flush()
        if anchor := values.get("id") or (values.get("name") if tag == "a" else ""):
            self.anchors.setdefault(anchor, len(self.gathering.blocks))
        self._note_metadata(tag, values)
        if tag == "br":
            self._add_word(_LINE_END)
        if tag in ("td", "th") and self._first_word is not None:
            self._add_word(_CELL_END)
        if tag in _VOID_TAGS:
            return
        if len(tag) == 2 and tag[0] == "h" and tag[1] in "123456":
            self._level = int(tag[1])
        if len(self._open) >= _MAX_DEPTH:
            self._n_too_deep += 1
            return
        outer = self._open[-1] if self._open else _Open("", None, False)
        reason = outer.reason or self._reason_to_omit(tag, values)
        self._open.append(_Open(tag, reason, outer.is_pre or tag == "pre"))
        self._n_open[tag] += 1

    def end(self, tag: str) -> None:
        """Take a tag that ends."""
        tag = tag.rpartition(":")[2]
        if tag in _VOID_TAGS:
            return
        if tag in _BLOCK_TAGS:
            self._flush()
        if self._n_too_deep:
            self._n_too_deep -= 1
            return
        if tag == "a" and self._link_at is not None:
            self._end_link(self._link_at)
        if self._n_open[tag]:
            closed = ""
            while closed != tag:
                closed = self._open.pop().tag
                self._n_open[closed] -= 1

    def text(self, text: str) -> None:
        """Take all text between two tags."""
        inner = self._open[-1] if self._open else _Open("", None, False)
        if inner.reason is None:
            self._add_word(text.replace("\n", _LINE_END) if inner.is_pre else text)
            return
        self.gathering.omit(inner.reason, text, self._place)
        if inner.tag == "title" and not self._n_open["svg"]:
            self.title = self.title or one_line(text)

    def _add_word(self, word: str) -> None:
        if self._first_word is None and word.strip():
            self._first_word = len(self._words)
        self._words.append(word)

    def _note_metadata(self, tag: str, values: dict[str, str]) -> None:
        if tag == "html":
            self.language = values.get("lang") or values.get("xml:lang", "")
        elif tag == "meta" and (name := values.get("name") or values.get("property")):
            self.meta.setdefault(name.lower(), values.get("content", ""))
        elif tag in ("img", "image") and (
            source := values.get("src") or values.get("xlink:href") or values.get("href")
        ):
            self.images.append(source)
        elif tag == "a" and "#" in values.get("href", ""):
            self._link_at = len(self._words)
            in_sup = self._n_open["sup"] > 0
            self._is_note_link = in_sup or bool(_NOTE_CLASS.search(values.get("class", "")))
        elif tag == "sup" and self._link_at is not None:
            self._is_note_link = True

    def _end_link(self, start: int) -> None:
        """A link that is nothing but a raised number leads to a footnote."""
        text = "".join(self._words[start:])
        if self._is_note_link and _NOTE_MARK.fullmatch(text.strip()):
            del self._words[start:]
            self._first_word = self._first_word if self._first_word is not None and self._first_word < start else None
            self.gathering.omit(OmissionReason.FOOTNOTE, text, self._place)
        else:
            self.n_link_chars += n_chars(text)
        self._link_at = None

    def _reason_to_omit(self, tag: str, values: dict[str, str]) -> OmissionReason | None:
        if tag in _OMITTED_TAGS:
            return _OMITTED_TAGS[tag]
        if "hidden" in values or _HIDING_STYLE.search(values.get("style", "")):
            return OmissionReason.HIDDEN
        types = [*values.get("epub:type", "").split(), values.get("role", "").removeprefix("doc-")]
        for kind in types:
            if kind in _OMITTED_TYPES:
                return _OMITTED_TYPES[kind]
            if kind in _NOTE_TYPES and not self._footnotes:
                return OmissionReason.FOOTNOTE
        return None

    def _flush(self) -> None:
        """What was read so far is a paragraph, a heading or a row of a table."""
        if self._link_at is not None:
            self._end_link(self._link_at)
        text = re.sub(r"[ \t\n\r\f]+", " ", "".join(self._words))
        self._words.clear()
        self._first_word = None
        text = re.sub(f" ?{_LINE_END} ?", "\n", text).strip(f" \n{_CELL_END}")
        level, self._level = self._level, 0
        for paragraph in re.split(r"\n{2,}", text):
            self.gathering.add(re.sub(f" ?{_CELL_END}[ {_CELL_END}]*", "\t", paragraph), level)
