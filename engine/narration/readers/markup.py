"""HTML and XHTML as a person sees it: paragraphs and headings in order, and what is left out.

The source's characters are those of all text between tags, scripts and styles included; entities count as what they
stand for. What a page shows without a text of its own counts as what is said of it: the number of a list's item, an
initial that is a picture, a formula.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, compress
from pathlib import Path
from typing import NamedTuple

from engine.narration.document import OmissionReason, n_chars
from engine.narration.readers.building import Gathering, one_line, primary_code, shifted, without_unfit
from engine.narration.readers.css import level_classes, style_classes, styles_in
from engine.narration.readers.formulas import FormulaReader
from engine.narration.readers.gutenberg import without_page_marks
from engine.narration.readers.lists import NumberedList, sizes_of_reversed, with_label
from engine.narration.readers.markup_rules import (
    BLOCK_TAGS,
    LIST_TAGS,
    NOTE_LINK,
    NOTE_LINK_CLASS,
    NOTE_MARK,
    STYLE_TAGS,
    VOID_TAGS,
    is_initial,
    level_of,
    picture_of_letter,
    reason_to_omit,
)
from engine.narration.readers.notes import stands_at_a_word
from engine.narration.readers.paragraph import CODE_LINE_END, LINE_END, Paragraph
from engine.narration.readers.rows import Row
from engine.narration.readers.tags import read_tags
from engine.narration.readers.zones import Zone
from engine.narration.styles import StyleKind, StyleSpan, moved
from engine.text.raised import LEVEL_END, LOWERED, RAISED
from engine.types import LanguageSpan

_MAX_DEPTH = 5000
_SHOWN = ("blockquote", "li", "pre", "figcaption", "caption")  # tags that whole paragraphs are shown by
_HEADINGS = {f"h{level}": level for level in range(1, 7)}


class _Open(NamedTuple):
    """A tag that is open, and what it says of the text within it.

    `language` is its own, `around` that of the paragraph it stands in, `within` that of paragraphs within it. `closing`
    is the mark that its end leaves in the paragraph, `initial_at` where a letter begins that it may set apart,
    `paragraph` the number of the paragraph in which it began.
    """

    tag: str
    reason: OmissionReason | None
    is_pre: bool
    zone: Zone
    language: str = ""
    around: str = ""
    within: str = ""
    closing: str = ""
    initial_at: int | None = None
    is_link: bool = False
    paragraph: int = 0
    styles: tuple[StyleKind, ...] = ()


_OUTSIDE = _Open("", None, False, Zone())


class MarkupReader:
    """Make paragraphs of a file's markup.

    `gathering` has them, `zones` where each stands in the page, `anchors` where each id stands (a block's number),
    `title` and `meta` what the head says, `images` what is shown.
    """

    def __init__(
        self,
        gathering: Gathering,
        *,
        footnotes: bool = False,
        place: str = "",
        levels: Mapping[str, str] | None = None,
        styles: Mapping[str, tuple[StyleKind, ...]] | None = None,
        is_page: bool = False,
    ) -> None:
        """`levels` are classes that raise or lower signs, as `css.level_classes` finds them, and `styles` those that
        emphasise; with `is_page`, `zones`
        say where blocks stand."""
        self.gathering = gathering
        self._levels, self._styles, self._is_page = dict(levels or {}), dict(styles or {}), is_page
        self.zones: list[Zone] = []
        self.anchors: dict[str, int] = {}
        self.title = ""
        self.meta: dict[str, str] = {}
        self.language = ""
        self.images: list[str] = []
        self.n_link_chars = 0  # of text that leads elsewhere in the book
        self.note_links: list[tuple[str, int]] = []  # where marks of notes lead, and in which blocks they stand
        self._footnotes, self._place = footnotes, place
        self._open: list[_Open] = []
        self._n_open: Counter[str] = Counter()
        self._n_open_links = 0
        self._n_too_deep = 0
        self._paragraph = Paragraph()
        self._n_paragraphs = 0
        self._link_at: int | None = None  # where in its words an open link within the book begins
        self._link = ""
        self._is_note_link = False
        self._level = 0
        self._lists: list[NumberedList] = []
        self._reversed: Iterator[int] = iter(())  # how many items lists have that count down
        self._label = ""  # of a list's item whose text is still to come
        self._has_dot = False  # the same of an item that has no number
        self._rows: list[Row] = []
        self._reading: list[str] | None = None
        self._formula: FormulaReader | None = None
        self._formula_text: list[str] = []
        self._formula_depth = 0

    def read(self, path: Path, text: str) -> None:
        """Read all of `text`, the markup of `path` or of a part of it. Raises `DocumentError`."""
        self._reversed = sizes_of_reversed(text)
        read_tags(path, text, self)
        self._flush()
        self.gathering.end_part()

    def keep(self, kept: Sequence[bool], reason: OmissionReason) -> None:
        """Leave out for `reason` those of the blocks that are not `kept`."""
        if all(kept):
            return
        blocks = self.gathering.blocks
        places = [0, *accumulate(map(int, kept))]
        for block, is_kept in zip(blocks, kept, strict=True):
            if not is_kept:
                self.gathering.omit(reason, block.text, self._place)
        self.anchors = {anchor: places[place] for anchor, place in self.anchors.items()}
        self.note_links = [(link, places[place]) for link, place in self.note_links if place < len(kept)]
        self.zones = list(compress(self.zones, kept))
        blocks[:] = compress(blocks, kept)

    # --- what read_tags tells

    def start(self, tag: str, values: dict[str, str]) -> None:
        """Take a tag that begins, with its attributes."""
        tag = tag.rpartition(":")[2]
        if self._formula is not None:
            self._formula_depth += 1
            self._formula.start(tag)
            return
        is_block = self._is_block(tag)
        if is_block:
            self._flush()
        if anchor := values.get("id") or (values.get("name") if tag == "a" else ""):
            self._note_anchor(anchor)
        outer = self._open[-1] if self._open else _OUTSIDE
        self._note_metadata(tag, values)
        if tag == "br":
            self._paragraph.add(LINE_END)
        elif tag == "tspan":
            self._paragraph.add(" ")
        elif tag == "img" and outer.reason is None and (letter := picture_of_letter(values)):
            self._paragraph.add_picture(letter, is_initial=is_initial(tag, values))
        elif tag == "img" and outer.reason is None:
            self.gathering.add_picture(values.get("alt", ""))
        if tag in VOID_TAGS:
            return
        self._level = _HEADINGS.get(tag, self._level)
        if len(self._open) >= _MAX_DEPTH:
            self._n_too_deep += 1
            return
        reason = outer.reason or reason_to_omit(tag, values, footnotes=self._footnotes)
        self._begin(tag, values, outer, reason, is_block)

    def end(self, tag: str) -> None:
        """Take a tag that ends."""
        tag = tag.rpartition(":")[2]
        if self._formula is not None:
            if self._formula_depth:
                self._formula_depth -= 1
                self._formula.end()
                return
            self._end_formula(self._formula)
        if tag in VOID_TAGS:
            return
        if self._is_block(tag):
            self._flush()
            self._level = 0 if tag in _HEADINGS else self._level
        if self._n_too_deep:
            self._n_too_deep -= 1
            return
        if tag == "a" and self._link_at is not None:
            self._end_link(self._link_at)
        if self._n_open[tag]:
            closed = ""
            while closed != tag:
                closed = self._close()

    def text(self, text: str) -> None:
        """Take all text between two tags."""
        text = without_unfit(text, self.gathering, self._place)
        inner = self._open[-1] if self._open else _OUTSIDE
        if inner.reason is not None:
            self.gathering.omit(inner.reason, text, self._place)
            if inner.tag == "title" and not self._n_open["svg"]:
                self.title = self.title or one_line(text)
            elif inner.tag == "style":
                self._levels |= level_classes(text)
                self._styles |= style_classes(text)
        elif self._formula is not None:
            self._formula_text.append(text)
            self._formula.text(text)
        elif self._reading is not None:
            self._reading.append(text)
        else:
            self._paragraph.add(text.replace("\n", CODE_LINE_END) if inner.is_pre else text)
            if self._n_open_links:
                self._paragraph.n_linked_chars += n_chars(text)

    # --- tags that open and close

    def _is_block(self, tag: str) -> bool:
        """In a drawing its lines of text are blocks; its title is none, or an icon would divide a sentence."""
        return tag == "text" if self._n_open["svg"] and tag in ("text", "title") else tag in BLOCK_TAGS

    def _begin(
        self, tag: str, values: dict[str, str], outer: _Open, reason: OmissionReason | None, is_block: bool
    ) -> None:
        closing, initial_at = "", None
        styles: tuple[StyleKind, ...] = ()
        language = (values.get("lang") or values.get("xml:lang", "")) if tag not in ("html", "body") else ""
        is_link = tag == "a" and "href" in values
        if reason is None:
            level = level_of(tag, values, self._levels)
            if level and not is_block:
                self._paragraph.mark(RAISED if level == "sup" else LOWERED)
                closing = LEVEL_END
            if not is_block and is_initial(tag, values):
                initial_at = len(self._paragraph.words)
            if language and not is_block:
                self._paragraph.begin_language(language)
            styles = self._styles_of(tag, values)
            for kind in styles:
                self._paragraph.begin_style(kind)
            self._begin_part(tag, values)
        if tag in LIST_TAGS:
            n_items = next(self._reversed, 1) if "reversed" in values else 1
            self._lists.append(NumberedList.of_html(tag, values, n_items))
        self._n_open_links += is_link
        zone = outer.zone.within(tag, values) if self._is_page else outer.zone
        is_pre = outer.is_pre or tag == "pre"
        within = language or outer.within
        languages = (language, within if is_block else outer.around, within)
        self._open.append(
            _Open(tag, reason, is_pre, zone, *languages, closing, initial_at, is_link, self._n_paragraphs, styles)
        )
        self._n_open[tag] += 1

    def _styles_of(self, tag: str, values: dict[str, str]) -> tuple[StyleKind, ...]:
        own = STYLE_TAGS.get(tag)
        if not values or (own is None and "style" not in values and not self._styles):
            return () if own is None else (own,)
        classes = [kind for name in values.get("class", "").split() for kind in self._styles.get(name, ())]
        return tuple({*classes, *styles_in(values.get("style", "")), *(() if own is None else (own,))})

    def _begin_part(self, tag: str, values: dict[str, str]) -> None:
        """Begin what is more than its text."""
        match tag:
            case "math":
                self._formula = FormulaReader(values.get("alttext", ""))
                self._formula_text, self._formula_depth = [], 0
            case "ruby":
                self._paragraph.begin_ruby()
            case "rt":
                self._reading = []
            case "li" if self._lists:
                self._label = self._lists[-1].next_label(values.get("value", ""))
                self._has_dot = not self._label
            case "tr":
                self._rows.append(Row(len(self.gathering.blocks)))
            case "td" | "th" if self._rows:
                self._rows[-1].cells.append(len(self.gathering.blocks))
            case _:
                pass

    def _close(self) -> str:
        closed = self._open.pop()
        tag = closed.tag
        self._n_open[tag] -= 1
        self._n_open_links -= closed.is_link
        if tag in LIST_TAGS:
            self._lists.pop()
        if closed.reason is not None:
            return tag
        for kind in closed.styles:
            self._paragraph.end_style(kind)
        if closed.initial_at is not None and closed.paragraph == self._n_paragraphs:
            self._paragraph.end_initial(closed.initial_at)
        if closed.closing and closed.paragraph == self._n_paragraphs:
            self._paragraph.mark(closed.closing)
        if closed.language and tag not in BLOCK_TAGS and closed.paragraph == self._n_paragraphs:
            self._paragraph.end_language()
        if tag == "rt" and self._reading is not None:
            self._end_reading("".join(self._reading))
        elif tag == "ruby":
            self._paragraph.end_ruby()
        elif tag == "li":
            self._label, self._has_dot = "", False
        elif tag == "tr" and self._rows:
            self._end_row(self._rows.pop())
        return tag

    def _end_row(self, row: Row) -> None:
        if (line := row.merged(self.gathering.blocks)) is not None:
            self.gathering.blocks[row.first :] = [line]
            n_linked = sum(zone.n_linked_chars for zone in self.zones[row.first :])
            self.zones[row.first :] = [self.zones[row.first]._replace(n_linked_chars=n_linked)]
            for anchor in row.anchors:
                self.anchors[anchor] = min(self.anchors[anchor], row.first)
        if self._rows:
            self._rows[-1].anchors += row.anchors

    def _end_formula(self, formula: FormulaReader) -> None:
        self._formula = None
        if formula.is_said_by_author:
            self.gathering.omit(OmissionReason.MARKUP, "".join(self._formula_text), self._place)
        self._paragraph.add(formula.said)

    def _end_reading(self, reading: str) -> None:
        self._reading = None
        if left := self._paragraph.end_reading(reading):
            self.gathering.omit(OmissionReason.RUBY, left, self._place)

    # --- what tags say

    def _note_anchor(self, anchor: str) -> None:
        if anchor not in self.anchors:
            self.anchors[anchor] = len(self.gathering.blocks)
            if self._rows:
                self._rows[-1].anchors.append(anchor)

    def _note_metadata(self, tag: str, values: dict[str, str]) -> None:
        if tag in ("html", "body"):
            self.language = self.language or values.get("lang") or values.get("xml:lang", "")
        elif tag == "meta" and (name := values.get("name") or values.get("property")):
            self.meta.setdefault(name.lower(), values.get("content", ""))
        elif tag in ("img", "image") and (
            source := values.get("src") or values.get("xlink:href") or values.get("href")
        ):
            self.images.append(source)
        elif tag == "a" and "#" in values.get("href", ""):
            self._link_at, self._link = len(self._paragraph.words), values["href"]
            self._is_note_link = (
                self._n_open["sup"] > 0
                or bool(NOTE_LINK_CLASS.search(values.get("class", "")))
                or bool(NOTE_LINK.search(values["href"]))
            )
        elif tag == "sup" and self._link_at is not None:
            self._is_note_link = True

    def _end_link(self, start: int) -> None:
        """A link that is nothing but a raised number leads to a footnote."""
        text = "".join(self._paragraph.words[start:])
        mark = text.strip(f" \t\n\r\f{RAISED}{LEVEL_END}{LINE_END}")
        if NOTE_MARK.fullmatch(mark) and (self._is_note_link or self._stands_at_a_word(start, mark)):
            self._paragraph.cut(start)
            if any(
                map(str.isalnum, "".join(self._paragraph.words[max(0, start - 8) : start]))
            ):  # else a note's own number
                self.note_links.append((self._link, len(self.gathering.blocks)))
            self.gathering.omit(OmissionReason.FOOTNOTE, mark, self._place)
        else:
            self.n_link_chars += n_chars(text)
        self._link_at = None

    def _stands_at_a_word(self, start: int, mark: str) -> bool:
        if mark[0] == "[" or mark.isalpha():
            return mark[0] == "["
        return stands_at_a_word("".join(self._paragraph.words[max(0, start - 8) : start])[-12:])

    # --- paragraphs

    def _flush(self) -> None:
        """What was read so far is a paragraph, a heading or a cell."""
        if self._link_at is not None:
            self._end_link(self._link_at)
        if self._paragraph.is_empty:
            self._paragraph.clear()
            return
        n_before, n_linked = len(self.gathering.blocks), self._paragraph.n_linked_chars
        self._n_paragraphs += 1
        inner = self._open[-1] if self._open else _OUTSIDE
        language, zone = inner.around, inner.zone
        styled, texts = self._paragraph.take_styles(), list[tuple[str, tuple[LanguageSpan, ...]]]()
        for text, spans in self._paragraph.take(primary_code(language or self.language)):
            text = without_page_marks(text, self.gathering, self._place) if not spans else text
            if text:
                texts.append((text, spans))
        fitted = styled.fit([text for text, _ in texts]) if styled else [[]] * len(texts)
        for (text, spans), styles in zip(texts, fitted, strict=True):
            label, self._label = self._label, ""
            labelled = with_label(label, text) if label else text
            n_label = len(labelled) - len(text)
            whole = [LanguageSpan(0, len(labelled), language)] if language else []
            languages = [*whole, *shifted(spans, n_label)] if spans or language else ()
            around = self._styles_around(len(labelled), inner.is_pre) if any(map(self._n_open.get, _SHOWN)) else ()
            shown = (*around, *moved(styles, n_label)) if around or styles else ()
            self.gathering.add(labelled, self._level, languages=languages, styles=shown)
            if len(self.zones) < len(self.gathering.blocks):
                self.zones.append(zone._replace(n_linked_chars=n_linked))
        if len(self.gathering.blocks) > n_before:
            self._level = 0

    def _styles_around(self, n: int, is_pre: bool) -> Iterator[StyleSpan]:
        """What a paragraph of `n` signs is by the tags around it."""
        n_open = self._n_open
        if n_open["blockquote"]:
            yield StyleSpan(0, n, StyleKind.QUOTATION, n_open["blockquote"])
        if n_open["li"]:
            kind, self._has_dot = (StyleKind.BULLET if self._has_dot else StyleKind.ITEM), False
            yield StyleSpan(0, n, kind, max(1, len(self._lists)))
        if is_pre:
            yield StyleSpan(0, n, StyleKind.PREFORMATTED)
        if n_open["figcaption"] or n_open["caption"]:
            yield StyleSpan(0, n, StyleKind.CAPTION)
