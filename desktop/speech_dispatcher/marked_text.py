"""From what the daemon sends, SSML, to plain text and the places of its marks."""

from __future__ import annotations

import re
from dataclasses import dataclass

_TAG = re.compile(r"<!--.*?-->|<[?!][^>]*>|</?(?P<name>[A-Za-z][\w:.-]*)(?P<rest>[^<>]*)>", re.DOTALL)
_MARK_NAME = re.compile(r"\bname\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));")
_NAMED = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}
_BREAKS = frozenset({"p", "s", "break", "paragraph", "sentence"})


@dataclass(frozen=True, slots=True)
class MarkedText:
    """A text, and its marks in order: the code point before which each stands, and its name."""

    text: str
    marks: tuple[tuple[int, str], ...] = ()

    def after(self, position: int, n_told: int) -> MarkedText:
        """Return what is left from `position` on, without the first `n_told` marks."""
        return MarkedText(
            self.text[position:], tuple((max(0, place - position), name) for place, name in self.marks[n_told:])
        )


def read_ssml(ssml: str) -> MarkedText:
    """Read what the daemon sends. Tags are never read out, and what is no SSML is text."""
    parts: list[str] = []
    marks: list[tuple[int, str]] = []
    length = done = 0

    def add(words: str) -> None:
        nonlocal length
        parts.append(words)
        length += len(words)

    for tag in _TAG.finditer(ssml):
        add(_ENTITY.sub(_sign, ssml[done : tag.start()]))
        done = tag.end()
        name = (tag["name"] or "").lower()
        if name == "mark" and (found := _MARK_NAME.search(tag["rest"])):
            marks.append((length, _ENTITY.sub(_sign, found[1] or found[2] or "")))
        elif name in _BREAKS and parts and not parts[-1].endswith("\n"):
            add("\n")
    add(_ENTITY.sub(_sign, ssml[done:]))
    return MarkedText("".join(parts), tuple(marks))


def _sign(entity: re.Match[str]) -> str:
    if entity[1]:
        return _NAMED[entity[1]]
    number = int(entity[2]) if entity[2] else int(entity[3], 16)
    is_sign = 0 < number < 0x110000 and not 0xD800 <= number < 0xE000
    return chr(number) if is_sign else " "
