"""The runs of a paragraph of Word: text that is shown, deleted or hidden, raised, in another language."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from engine.narration.document import OmissionReason
from engine.narration.readers.archive import attribute, local, value_of
from engine.narration.readers.building import Gathering, primary_code, without_unfit
from engine.narration.readers.formulas import word_formula
from engine.narration.readers.paragraph import LINE_END, Paragraph
from engine.narration.styles import StyleKind
from engine.text.raised import LEVEL_END, LOWERED, RAISED
from engine.text.ruby import is_reading

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_SIGNS = {"tab": " ", "br": LINE_END, "cr": LINE_END, "noBreakHyphen": "\u2011"}
_SKIPPED = ("Fallback", "pPr", "sectPr", "tblPr", "tcPr", "trPr", "txbxContent", "tbl", "sdtPr")
_LEVELS = {"superscript": RAISED, "subscript": LOWERED}
_STYLES = {"b": StyleKind.STRONG, "i": StyleKind.EMPHASIS}
_STYLE_NAMES = {"emphasis": StyleKind.EMPHASIS, "strong": StyleKind.STRONG}
_OFF = ("0", "false", "none", "off")


class RunReader:
    """Read runs into paragraphs. `language` is the document's tag; runs in another are marked."""

    def __init__(self, gathering: Gathering, language: str) -> None:
        self._gathering, self._code = gathering, primary_code(language)

    def read(self, element: Element, paragraph: Paragraph, language: str = "") -> None:
        """Add what is shown of a paragraph; what is not is left out. `language` is its style's."""
        spoken = self._code
        raised = ""
        shown: tuple[StyleKind, ...] = ()
        for run, reason in _runs(element, None):
            if local(run.tag) == "oMath":
                paragraph.add(word_formula(run))
                continue
            properties = {local(part.tag): part for child in run if local(child.tag) == "rPr" for part in child}
            if _is_on(properties.get("vanish")):
                reason = reason or OmissionReason.HIDDEN
            elif _is_on(properties.get("strike")) or _is_on(properties.get("dstrike")):
                reason = reason or OmissionReason.DELETED
            level = _LEVELS.get(value_of(properties["vertAlign"]), "") if "vertAlign" in properties else ""
            if level != raised:  # several runs may be raised together
                paragraph.mark(LEVEL_END) if raised else None
                paragraph.mark(level) if level else None
                raised = level
            kinds = _kinds(properties)
            if kinds != shown:
                for kind in shown:
                    paragraph.end_style(kind)
                for kind in kinds:
                    paragraph.begin_style(kind)
                shown = kinds
            code = primary_code(self._language(run, properties) or language) or self._code
            if code != spoken and (code == self._code or _has_words(run)):
                paragraph.end_language() if spoken != self._code else None
                paragraph.begin_language(code) if code != self._code else None
                spoken = code
            self._read_run(run, paragraph, reason)
        if raised:
            paragraph.mark(LEVEL_END)
        for kind in shown:
            paragraph.end_style(kind)
        if spoken != self._code:
            paragraph.end_language()

    def _language(self, run: Element, properties: dict[str, Element]) -> str:
        """The tag of a run; Word keeps three, for three kinds of scripts."""
        if "lang" not in properties:
            return ""
        if _is_on(properties.get("rtl")) or _is_on(properties.get("cs")):
            return attribute(properties["lang"], "bidi")
        is_eastern = any("\u2e80" <= sign <= "\uffef" for part in run for sign in (part.text or "")[:20])
        return attribute(properties["lang"], "eastAsia") if is_eastern else value_of(properties["lang"])

    def _read_run(self, run: Element, paragraph: Paragraph, reason: OmissionReason | None) -> None:
        for part in run:
            kind, text = local(part.tag), part.text or ""
            if kind == "instrText":
                self._gathering.omit(OmissionReason.CODE, text)
            elif kind == "delText" or (kind == "t" and reason is not None):
                self._gathering.omit(reason or OmissionReason.DELETED, text)
            elif kind == "t":
                paragraph.add(without_unfit(text, self._gathering))
            elif kind == "ruby":
                self._read_ruby(part, paragraph)
            elif reason is None and kind in _SIGNS:
                paragraph.add(_SIGNS[kind])

    def _read_ruby(self, ruby: Element, paragraph: Paragraph) -> None:
        """Signs with their reading: what the author says of them is read."""
        texts = {local(part.tag): "".join(e.text or "" for e in part.iter() if local(e.tag) == "t") for part in ruby}
        signs, reading = texts.get("rubyBase", ""), texts.get("rt", "")
        said, left = (reading, signs) if is_reading(signs, reading) else (signs, reading)
        paragraph.add(without_unfit(said, self._gathering))
        self._gathering.omit(OmissionReason.RUBY, left)


def children_of(element: Element, kind: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, also those in content controls."""
    for child in element:
        if local(child.tag) == kind:
            yield child
        elif local(child.tag) in ("sdt", "sdtContent", "customXml", "ins"):
            yield from children_of(child, kind)


def _runs(element: Element, reason: OmissionReason | None) -> Iterator[tuple[Element, OmissionReason | None]]:
    """The runs and formulas of a paragraph, and why they are left out, if they are: deleted, or moved from here."""
    for child in element:
        kind = local(child.tag)
        if kind == "r":
            yield child, reason
        elif kind == "oMath" and reason is None:
            yield child, None
        elif kind not in _SKIPPED:
            yield from _runs(child, OmissionReason.DELETED if kind in ("del", "moveFrom") else reason)


def _kinds(properties: dict[str, Element]) -> tuple[StyleKind, ...]:
    """How a run is emphasised, by its own properties or by the usual styles."""
    kinds = {kind for name, kind in _STYLES.items() if _is_on(properties.get(name))}
    if "rStyle" in properties and (kind := _STYLE_NAMES.get(value_of(properties["rStyle"]).lower())):
        kinds.add(kind)
    return tuple(sorted(kinds))


def _has_words(run: Element) -> bool:
    return any(any(map(str.isalpha, part.text or "")) for part in run if local(part.tag) == "t")


def _is_on(element: Element | None) -> bool:
    return element is not None and value_of(element) not in _OFF
