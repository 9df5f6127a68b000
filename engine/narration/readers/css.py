"""The one thing in style sheets that changes what is read: which classes raise or lower signs."""

from __future__ import annotations

import re

_RULE = re.compile(r"(?P<selectors>[^{}@;]{1,500})\{(?P<body>[^{}]{0,2000})\}")
_CLASS = re.compile(r"^(?:span|a|small|i|em|b|font)?\.(?P<name>[\w-]{1,100})$")
_LEVEL = re.compile(r"vertical-align\s*:\s*(?P<level>super|sub)\b", re.IGNORECASE)


def level_classes(css: str) -> dict[str, str]:
    """Return "sup" or "sub" for each class whose signs a style sheet raises or lowers."""
    if "vertical-align" not in css:
        return {}
    levels: dict[str, str] = {}
    for rule in _RULE.finditer(css):
        if level := _LEVEL.search(rule["body"]):
            for selector in rule["selectors"].split(","):
                if name := _CLASS.match(selector.strip()):
                    levels[name["name"]] = "sub" if level["level"].lower() == "sub" else "sup"
    return levels
