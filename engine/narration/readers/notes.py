"""Notes that only links tell: a number after a word that leads to a paragraph, which is then the note's."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from engine.narration.readers.building import Block

# A mark stands at a word's end; "Fig. 1" and "p. 12" name what they lead to.
_BEFORE_MARK = re.compile(
    r"(?:[^\W\d_]{3}[”’»\")]?|(?<!chap)(?<!sect)(?<=[^\W\d_]{4})[.,;:][”’»\")]?|[^\W\d_][!?…,;][”’»\")]?|[。、！？」』])\Z"
)
_MAX_PARAGRAPHS = 4
"""Of a note, before the next one begins."""


def stands_at_a_word(before: str) -> bool:
    """Return whether a link that is a number alone is the mark of a note after `before`."""
    return bool(_BEFORE_MARK.search("".join(filter(str.isprintable, before))))  # without the marks of a paragraph


def without_notes(blocks: Sequence[Block], places: Iterable[int]) -> list[bool]:
    """Say of each block whether it is text: those at `places`, where marks lead, are notes, with the paragraphs up to
    the next and with a heading that has nothing else below it."""
    kept = [True] * len(blocks)
    notes = sorted({place for place in places if place < len(blocks) and not blocks[place].level})
    if not notes:
        return kept
    for place, following in zip(notes, [*notes[1:], len(blocks)], strict=True):
        kept[place] = False
        between = range(place + 1, following)
        if following < len(blocks) and len(between) < _MAX_PARAGRAPHS and not any(blocks[i].level for i in between):
            for i in between:
                kept[i] = False
    is_text_below = False
    for i in range(len(blocks) - 1, -1, -1):  # from the end, so that each heading knows what is below it
        if not blocks[i].level:
            is_text_below = is_text_below or kept[i]
        elif i + 1 < len(blocks) and not kept[i + 1] and not is_text_below:
            kept[i] = False
        else:
            is_text_below = False
    return kept
