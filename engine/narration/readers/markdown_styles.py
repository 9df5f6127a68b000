"""What a block of Markdown looks like. Its signs stay in the text, and are told from its words here."""

from __future__ import annotations

import re

from engine.narration.styles import StyleKind, StyleSpan

# Repetitions are bounded, as everywhere where texts are foreign.
_ANY_SIGN = re.compile(r"[\\`*_\[]")
_ESCAPED = re.compile(r"\\[!-/:-@\[-`{-~]")
_CODE = re.compile(r"(?<!`)(?P<open>`{1,3})(?!`)(?P<words>[^`\n]{1,500})(?P=open)(?!`)")
_LINK = re.compile(r"(?P<open>!?\[)(?P<words>[^\[\]\n]{1,500})(?P<target>\]\([^()\n]{0,1000}\))")
_STRONG = re.compile(r"(?<!\w)(?P<open>\*\*|__)(?=[^\s*_])(?P<words>.{0,1000}?[^\s])(?P=open)(?!\w)", re.DOTALL)
_EMPHASIS = re.compile(r"(?<![\w*])(?P<open>[*_])(?=[^\s*_])(?P<words>[^*_]{0,500}[^\s*_]|[^\s*_])(?P=open)(?![\w*])")
_INLINE = (
    (_CODE, StyleKind.CODE),
    (_LINK, None),
    (_STRONG, StyleKind.STRONG),
    (_EMPHASIS, StyleKind.EMPHASIS),
)
_FENCE = re.compile(r"[ ]{0,3}(?:`{3,}|~{3,})[^\n]*")
_LINE = re.compile(r"[^\n]+")
_HEADING_SIGNS = re.compile(r"#{1,6}[ \t]+|(?<![ \t])[ \t]+#+[ \t]*\Z|\n[ ]{0,3}(?:=+|-+)[ \t]*\Z")
_ITEM = re.compile(r"(?P<indent>[ \t]{0,12})(?:[-*+]|\d{1,3}[.)])[ \t]")
_QUOTED = re.compile(r"[ ]{0,3}(?:>[ \t]?)+")
_TABLE_ROW = re.compile(r"[ \t]*\|.*\|[ \t]*\Z")

MAX_CHARS = 100_000
"""Of a block whose words are looked at; a longer one is no paragraph."""


def styles_of(text: str, level: int = 0) -> list[StyleSpan]:
    """Return what the block `text` looks like; `level` is its heading's."""
    if fence := _FENCE.match(text):
        return _fenced(text, fence)
    spans = [StyleSpan(*sign.span(), StyleKind.MARKUP) for sign in _HEADING_SIGNS.finditer(text)] if level else []
    for line in _LINE.finditer(text) if not level else ():
        spans += _of_line(line)
    return sorted(spans + _inline(text), key=lambda span: (span.start, -span.end))


def _fenced(text: str, fence: re.Match[str]) -> list[StyleSpan]:
    spans = [StyleSpan(0, len(text), StyleKind.PREFORMATTED), StyleSpan(*fence.span(), StyleKind.MARKUP)]
    last = text.rfind("\n") + 1
    if last > fence.end() and _FENCE.fullmatch(text, last):
        spans.append(StyleSpan(last, len(text), StyleKind.MARKUP))
    return spans


def _of_line(line: re.Match[str]) -> list[StyleSpan]:
    start, end = line.span()
    if item := _ITEM.match(line[0]):
        return [StyleSpan(start, end, StyleKind.ITEM, 1 + len(item["indent"].expandtabs(4)) // 2)]
    if quoted := _QUOTED.match(line[0]):
        level = quoted[0].count(">")
        return [
            StyleSpan(start, end, StyleKind.QUOTATION, level),
            StyleSpan(start, start + quoted.end(), StyleKind.MARKUP),
        ]
    return [StyleSpan(start, end, StyleKind.PREFORMATTED)] if _TABLE_ROW.match(line[0]) else []


def _inline(text: str) -> list[StyleSpan]:
    """What stands within lines; what is found is blanked out for what is looked for next."""
    if len(text) > MAX_CHARS or not _ANY_SIGN.search(text):
        return []
    spans = [StyleSpan(sign.start(), sign.start() + 1, StyleKind.MARKUP) for sign in _ESCAPED.finditer(text)]
    text = _ESCAPED.sub("\0\0", text)
    for pattern, kind in _INLINE:
        found = list(pattern.finditer(text))
        for match in found:
            (start, end), (first, last) = match.span(), match.span("words")
            spans += [StyleSpan(start, first, StyleKind.MARKUP), StyleSpan(last, end, StyleKind.MARKUP)]
            if kind is not None:
                spans.append(StyleSpan(first, last, kind))
        if found:
            text = _blanked(text, found, is_whole=kind is StyleKind.CODE)
    return spans


def _blanked(text: str, found: list[re.Match[str]], *, is_whole: bool) -> str:
    parts: list[str] = []
    done = 0
    for match in found:
        (start, end), (first, last) = match.span(), match.span("words")
        words = "\0" * (last - first) if is_whole else match["words"]
        parts += [text[done:start], "\0" * (first - start), words, "\0" * (end - last)]
        done = end
    return "".join((*parts, text[done:]))
