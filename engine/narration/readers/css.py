"""What style sheets say of words: which classes raise or lower signs, and which emphasise."""

from __future__ import annotations

import re
from collections.abc import Iterator

from engine.narration.styles import StyleKind

_RULE = re.compile(r"(?P<selectors>[^{}@;]{1,500})\{(?P<body>[^{}]{0,2000})\}")
_CLASS = re.compile(r"^(?:span|a|small|i|em|b|font)?\.(?P<name>[\w-]{1,100})$")
_STYLES = (
    (re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE), StyleKind.EMPHASIS),
    (re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE), StyleKind.STRONG),
    (re.compile(r"font-family\s*:[^;]{0,200}monospace", re.IGNORECASE), StyleKind.CODE),
)
_LEVEL = re.compile(r"vertical-align\s*:\s*(?P<level>super|sub)\b", re.IGNORECASE)


def level_classes(css: str) -> dict[str, str]:
    """Return "sup" or "sub" for each class whose signs a style sheet raises or lowers."""
    if "vertical-align" not in css:
        return {}
    levels: dict[str, str] = {}
    for name, body in _classes(css):
        if level := _LEVEL.search(body):
            levels[name] = "sub" if level["level"].lower() == "sub" else "sup"
    return levels


def style_classes(css: str) -> dict[str, tuple[StyleKind, ...]]:
    """Return what the words of each class look like, for those that a style sheet emphasises."""
    styles: dict[str, tuple[StyleKind, ...]] = {}
    for name, body in _classes(css) if "font-" in css else ():
        if kinds := styles_in(body):
            styles[name] = tuple(dict.fromkeys((*styles.get(name, ()), *kinds)))
    return styles


def styles_in(declarations: str) -> tuple[StyleKind, ...]:
    """Return what words look like by the declarations of a rule, or of an attribute `style`."""
    return tuple(kind for pattern, kind in _STYLES if pattern.search(declarations))


def _classes(css: str) -> Iterator[tuple[str, str]]:
    """The classes of parts of lines, and the declarations of their rules."""
    for rule in _RULE.finditer(css):
        for selector in rule["selectors"].split(","):
            if name := _CLASS.match(selector.strip()):
                yield name["name"], rule["body"]
