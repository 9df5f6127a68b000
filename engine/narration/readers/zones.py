"""Where in a web page something stands, as its elements say."""

from __future__ import annotations

from typing import NamedTuple

from engine.narration.readers.markup_rules import NAMELESS, names_say

_FURNITURE_ROLES = frozenset(("navigation", "search", "banner", "contentinfo", "complementary"))


class Zone(NamedTuple):
    """Say of a block where in a web page it stands, and how much of it are links."""

    in_main: bool = False
    in_article: bool = False
    in_content: bool = False
    """In an element that is named as those are that hold a text."""
    is_furniture: bool = False
    in_margin: bool = False
    """In the page's own header or footer, not in that of its text."""
    in_named_paragraph: bool = False
    """In a paragraph that is itself named as menus and the like are; what it says may be text all the same."""
    n_linked_chars: int = 0

    def within(self, tag: str, values: dict[str, str]) -> Zone:
        """Return the zone of what is in an element of this one."""
        names = names_say(values)
        is_plain = names is NAMELESS and "role" not in values and "itemprop" not in values
        if is_plain and tag not in ("main", "article", "header", "footer"):
            return self
        is_main = tag == "main" or values.get("role") == "main" or values.get("itemprop") == "articleBody"
        is_margin = names.is_margin or tag in ("header", "footer")
        can_be_furniture = tag not in ("html", "body", "main", "article", "p")
        return Zone(
            in_main=self.in_main or is_main,
            in_article=self.in_article or tag == "article",
            in_content=self.in_content or names.is_content,
            is_furniture=self.is_furniture
            or (can_be_furniture and (names.is_furniture or values.get("role") in _FURNITURE_ROLES)),
            in_named_paragraph=self.in_named_paragraph or (tag == "p" and names.is_furniture),
            in_margin=self.in_margin or (is_margin and not (self.in_main or self.in_article)),
        )
