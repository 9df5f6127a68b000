"""Makes text that others wrote fit to be shown: without what a terminal or a window would take for an order.

File names, what the Hub says, titles of books, lines of a log: whatever is printed on a terminal (`terminal.py`) or
said in a message (`messages.py`, `logs.py`) passes here.
"""

from __future__ import annotations

import re

import engine
import engine.files

# Control characters but for line feed and tab (a terminal obeys them, even in the middle of a name), marks that turn
# the direction of what follows, line and paragraph separators, and halves of signs.
_ORDERS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_INSTEAD = "\N{REPLACEMENT CHARACTER}"


def plain(text: str) -> str:
    """Replace each sign that is no text by one that is; lines stay lines. Names of files that are no UTF-8 are read as
    `engine.files.readable_name` reads them."""
    return _ORDERS.sub(_INSTEAD, engine.files.readable_name(text))


def plain_line(text: str, max_length: int) -> str:
    """Make `text` plain, on one line, and cut where it is longer."""
    line = " ".join(plain(text).split())
    return line if len(line) <= max_length else f"{line[: max_length - 1].rstrip()}…"
