"""Who comes first, told once: all that share Lectern's voices keep to this order.

1. **The person**: what a hotkey, the window or the tray has read. It interrupts everyone at once, and while it is heard
   the sentences of screen readers wait, so that two voices never speak at a time.
2. **The screen reader**: whatever comes through speech-dispatcher, which has an order of its own among its programs.
   Letters, keys and short texts do not wait even for the person: the module says them itself, at once.
3. **Other programs**: HTTP and the like, which get their sound as files or streams.
4. **Narration**: books, which nobody waits for.

Within one of these, first come, first served. Who is interrupted keeps its place, and its sentence begins anew. Each
stop is its owner's: that of a screen reader ends only what the screen reader asked for. Who takes its sound too slowly
is passed over while others wait.
"""

from __future__ import annotations

from enum import IntEnum


class Turn(IntEnum):
    """Ranks those who share the engines with the person; the lower comes first."""

    SCREEN_READER = 1
    PROGRAM = 2
    NARRATION = 3


_WORDS = {
    Turn.SCREEN_READER: ("the screen reader", "the screen reader"),
    Turn.PROGRAM: ("a program", "{} programs"),
    Turn.NARRATION: ("a book", "{} books"),
}


def waiting_words(turns: tuple[Turn, ...]) -> str:
    """Name those that wait: "the screen reader and 2 programs"; "" for none."""
    names = []
    for turn in Turn:
        if n_waiting := turns.count(turn):
            one, many = _WORDS[turn]
            names.append(one if n_waiting == 1 else many.format(n_waiting))
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
