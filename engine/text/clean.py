"""From a block of the source to the one line that a reader would say."""

from __future__ import annotations

from engine.text.blocks import Block, BlockKind
from engine.text.mapped_text import MappedText
from engine.text.markdown import cells_to_commas, shorten_addresses, strip_markdown, tabs_to_commas
from engine.text.ruby import say_readings
from engine.text.symbols import (
    collapse_space,
    compose,
    drop_decoration,
    drop_invisible,
    drop_note_marks,
    join_lines,
    tame_punctuation,
)


def one_line(source: str, block: Block) -> MappedText:
    """Put `block` on one line as it stands, with the spans of `source` it came from."""
    text = join_lines(drop_invisible(compose(MappedText.of_lines(source, block.lines))))
    return collapse_space(text)


def clean_block(source: str, block: Block) -> MappedText:
    """Return what is said of `block`, on one line and possibly empty, with the spans of `source` it came from.

    The order matters: markup is told by the signs around it, so invisible ones go before it is read,
    and what the markup hid (an emoji as an entity, a marker in bold) is dealt with after it.
    """
    text = join_lines(drop_invisible(compose(MappedText.of_lines(source, block.lines))))
    if block.kind is BlockKind.CODE:
        text = shorten_addresses(text)
    else:
        if block.kind is BlockKind.TABLE_ROW:
            text = cells_to_commas(text)
        text = drop_note_marks(say_readings(strip_markdown(tabs_to_commas(text))))
    return collapse_space(tame_punctuation(drop_decoration(text)))


def plain_line(source: str, block: Block) -> MappedText:
    """Return what is said of a `block` without markup: decoration and piled-up signs go, whatever looks like Markdown
    stays."""
    return collapse_space(tame_punctuation(drop_decoration(one_line(source, block))))
