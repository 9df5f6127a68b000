"""Formulas, MathML's and Word's, on one line: "x = ½", "π r²", "√(a + b)"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.narration.readers.archive import local, value_of
from engine.text.raised import fraction, power, root, with_index
from engine.text.tex import said_of_tex

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_OPERATORS = frozenset("=+−±∓×·⋅÷<>≤≥≠≈≡∈∉⊂⊆∪∩→⇒⇔∧∨∼∝")
_PREFIXES = frozenset("-−±∓+")
_INVISIBLE = str.maketrans({"\u2061": "", "\u2062": " ", "\u2063": " ", "\u2064": " ", "\u00a0": " ", "\u2009": " "})
_TEX = re.compile(r"[\\{}^_]")


class FormulaReader:
    """Take the tags and the text of one `<math>`; `said` is what it says, by its author where they wrote that."""

    def __init__(self, alttext: str = "") -> None:
        words = " ".join(alttext.split())
        self._author = "" if _TEX.search(words) else words
        self._tex = words
        self._open: list[tuple[str, list[str]]] = [("math", [])]

    def start(self, tag: str) -> None:
        """Take a tag within the formula that begins."""
        self._open.append((tag, []))

    def end(self) -> None:
        """Take the end of the innermost tag."""
        if len(self._open) > 1:
            tag, parts = self._open.pop()
            self._open[-1][1].append(_written(tag, parts))

    def text(self, text: str) -> None:
        """Take text within the innermost tag."""
        shown = text.translate(_INVISIBLE)
        if shown.strip():
            self._open[-1][1].append(" ".join(shown.split()))
        elif shown and not text.isspace():
            self._open[-1][1].append(" ")  # a product that is not written

    @property
    def is_said_by_author(self) -> bool:
        """Whether the author wrote how it is said."""
        return bool(self._author)

    @property
    def said(self) -> str:
        """What the formula says, on one line."""
        while len(self._open) > 1:
            self.end()
        return self._author or _row(self._open[0][1]) or said_of_tex(self._tex)


def word_formula(element: Element) -> str:
    """Write Word's formula (`m:oMath`) on one line."""
    kind = local(element.tag)
    if kind == "t":
        return (element.text or "").translate(_INVISIBLE)
    children = [child for child in element if not local(child.tag).endswith("Pr")]
    if kind in _WORDS_PARTS:
        parts = {local(child.tag): word_formula(child) for child in children}
        return _written(_WORDS_PARTS[kind][0], [parts.get(name, "") for name in _WORDS_PARTS[kind][1]])
    texts = [word_formula(child) for child in children]
    if kind == "nary":  # a sum, an integral, with its limits
        sign = next((value_of(part) for part in element.iter() if local(part.tag) == "chr"), "∫")
        return " ".join(filter(None, (sign, *texts)))
    if kind == "d":
        return f"({', '.join(texts)})"
    if kind == "m":
        return "; ".join(texts)
    return "".join(texts) if kind == "r" else _row(texts)


_WORDS_PARTS = {
    "f": ("mfrac", ("num", "den")),
    "sSup": ("msup", ("e", "sup")),
    "sSub": ("msub", ("e", "sub")),
    "sSubSup": ("msubsup", ("e", "sub", "sup")),
    "rad": ("mroot", ("e", "deg")),
    "limLow": ("munder", ("e", "lim")),
    "limUpp": ("mover", ("e", "lim")),
}


def _written(tag: str, parts: Sequence[str]) -> str:
    match tag:
        case "mfrac" if len(parts) == 2:
            return fraction(*parts)
        case "msup" if len(parts) == 2:
            return power(*parts)
        case "msub" if len(parts) == 2:
            return with_index(*parts)
        case "msubsup" if len(parts) == 3:
            return power(with_index(parts[0], parts[1]), parts[2])
        case "msqrt":
            return root(_row(parts))
        case "mroot" if len(parts) == 2:
            return root(parts[0], parts[1])
        case "mfenced":
            return f"({', '.join(filter(str.strip, parts))})"
        case "munder" | "mover" | "munderover" | "mtr" | "mlabeledtr":
            return " ".join(filter(None, parts))
        case "mtable":
            return "; ".join(filter(None, parts))
        case "annotation" | "annotation-xml" | "mphantom" | "none" | "mprescripts":
            return ""
        case "mspace":
            return " "
        case "mi" | "mn" | "mo" | "mtext" | "ms":
            return " ".join(parts)
        case _:
            return _row(parts)


def _row(parts: Sequence[str]) -> str:
    """Parts side by side: letters and numbers apart, as they are a product; space around operators."""
    words: list[str] = []
    for part in parts:
        before = words[-1] if words else ""
        if part in _OPERATORS or part in _PREFIXES:
            is_prefix = not before or before in ("(", "[", "{", " ") or before.strip() in _OPERATORS
            words.append(part if part in _PREFIXES and is_prefix else f" {part} ")
            continue
        if (before[-1:].isalnum() and part[:1].isalnum()) or before[-1:] in tuple("²³½,;"):
            words.append(" ")
        words.append(part)
    return re.sub(r" +", " ", "".join(words)).strip()
