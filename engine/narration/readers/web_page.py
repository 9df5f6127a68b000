"""Which parts of a web page are its text, and which are around it: menus, links to share it, notes on cookies.

What the page says itself comes first: `<main>`, `<article>`, roles. Where it says nothing, names of classes and rows of
links tell. Whatever is not sure is text: a menu that is read is a nuisance, a paragraph that is not is a loss.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import takewhile

from engine.narration.document import n_chars
from engine.narration.readers.building import Block
from engine.narration.readers.zones import Zone

_LEAST_SHARE = 0.2
"""Of a page's characters that are no links, so much is in what is taken for its text, or the whole page is."""
_LEAST_NAMED_SHARE = 0.5
"""The same of what only its name tells."""
_LINKS = 0.6
"""A block of which more than this is links is one of a menu, among others like it at a page's top or bottom."""
_MAX_MENU_CHARS = 120
_LEAST_MENU = 2
_LEAST_PROSE_CHARS = 60
_SENTENCE_END = re.compile(r"[.!?…。！？؟]['\"’”»)]{0,3}\Z")


def main_content(blocks: Sequence[Block], zones: Sequence[Zone]) -> list[bool]:
    """Say of each of a page's blocks whether it is text. `zones` are where they stand."""
    sizes = [max(0, n_chars(block.text) - zone.n_linked_chars) for block, zone in zip(blocks, zones, strict=True)]
    total = sum(sizes)

    def is_enough(kept: Sequence[bool], share: float = _LEAST_SHARE) -> bool:
        return 0 < total * share <= sum(size for size, is_kept in zip(sizes, kept, strict=True) if is_kept)

    prose = [_is_prose(block, zone) for block, zone in zip(blocks, zones, strict=True)]
    plain = [
        not zone.is_furniture and (is_prose or not zone.in_named_paragraph)
        for is_prose, zone in zip(prose, zones, strict=True)
    ]
    for marked in ([zone.in_main for zone in zones], [zone.in_article for zone in zones]):
        kept = [a and b for a, b in zip(marked, plain, strict=True)]
        if is_enough(kept):
            return _with_title(blocks, zones, kept)
    named = [zone.in_content and is_plain for zone, is_plain in zip(zones, plain, strict=True)]
    if is_enough(named, _LEAST_NAMED_SHARE):  # a name is no promise, and a paragraph outside may be text as well
        outside = [a and b and not zone.in_margin for a, b, zone in zip(prose, plain, zones, strict=True)]
        return _with_title(blocks, zones, [a or b for a, b in zip(named, outside, strict=True)])
    has_furniture = not all(plain)
    kept = [
        is_plain and not (has_furniture and zone.in_margin and not block.level)
        for is_plain, zone, block in zip(plain, zones, blocks, strict=True)
    ]
    kept = kept if is_enough(kept) else [True] * len(blocks)
    without_menus = _without_menus(blocks, zones, kept)
    return without_menus if is_enough(without_menus) else kept


def _with_title(blocks: Sequence[Block], zones: Sequence[Zone], kept: list[bool]) -> list[bool]:
    """The page's title may stand before its text: the last heading of the first level there."""
    first = kept.index(True)
    if any(is_kept and block.level == 1 for is_kept, block in zip(kept, blocks, strict=True)):
        return kept
    titles = [i for i in range(first) if blocks[i].level == 1 and not zones[i].is_furniture]
    return [is_kept or i in titles[-1:] for i, is_kept in enumerate(kept)]


def _without_menus(blocks: Sequence[Block], zones: Sequence[Zone], kept: Sequence[bool]) -> list[bool]:
    """Leave out the rows of links at the top and the bottom of what is left."""
    left = [i for i, is_kept in enumerate(kept) if is_kept]
    menus: set[int] = set()
    for order in (left, left[::-1]):
        row = list(takewhile(lambda i: _is_link(blocks[i], zones[i]), order))
        if len(row) >= _LEAST_MENU:
            menus.update(row)
    return [is_kept and i not in menus for i, is_kept in enumerate(kept)]


def _is_prose(block: Block, zone: Zone) -> bool:
    """A paragraph that no menu has: it is long, ends as a sentence does, and is no link."""
    n_block = n_chars(block.text)
    is_long = n_block >= _LEAST_PROSE_CHARS and _SENTENCE_END.search(block.text) is not None
    return not block.level and is_long and zone.n_linked_chars < 0.3 * n_block


def _is_link(block: Block, zone: Zone) -> bool:
    n_block = n_chars(block.text)
    return not block.level and n_block <= _MAX_MENU_CHARS and zone.n_linked_chars > _LINKS * n_block
