"""Where in a web page something stands, as its elements say."""

from __future__ import annotations

from typing import NamedTuple

from engine.narration.readers.markup_rules import is_furniture, is_margin, is_named_content


class Zone(NamedTuple):
    """Say of a block where in a web page it stands, and how much of it are links."""

    in_main: bool = False
    in_article: bool = False
    in_content: bool = False
    """In an element that is named as those are that hold a text."""
    is_furniture: bool = False
    in_margin: bool = False
    """In the page's own header or footer, not in that of its text."""
    n_linked_chars: int = 0

    def within(self, tag: str, values: dict[str, str]) -> Zone:
        """Return the zone of what is in an element of this one."""
        if not values and tag not in ("main", "article", "header", "footer"):
            return self
        is_main = tag == "main" or values.get("role") == "main" or values.get("itemprop") == "articleBody"
        return Zone(
            in_main=self.in_main or is_main,
            in_article=self.in_article or tag == "article",
            in_content=self.in_content or is_named_content(values),
            is_furniture=self.is_furniture or is_furniture(tag, values),
            in_margin=self.in_margin or (is_margin(tag, values) and not (self.in_main or self.in_article)),
        )
