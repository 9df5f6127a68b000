"""Files damaged at random, the same each time."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

from engine.errors import EngineError

N_TRIES = 250
"""They hold three thousand changes, of each kind and with each piece more than fifty."""
_PIECES = (
    b"<",
    b">",
    b"&",
    b"\0",
    b"9" * 10,
    b"-1",
    b"/",
    b"(",
    b"<<",
    b"]]>",
    b"\xff\xfe",
    b"[" * 3000,
    b"1e999",
    b"",
)


def damaged(data: bytes, dice: random.Random) -> bytes:
    """`data` with bytes changed, taken away, repeated, or with something that a format takes for its own put in."""
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 3, 10, 60))):
        place = dice.randrange(len(changed) or 1)
        match dice.randrange(4):
            case 0:
                changed[place : place + 1] = bytes((dice.randrange(256),))
            case 1:
                del changed[place : place + dice.randrange(1, 40)]
            case 2:
                other = dice.randrange(len(changed) or 1)
                changed[place:place] = changed[other : other + dice.randrange(1, 200)]
            case _:
                changed[place : place + 1] = dice.choice(_PIECES)
    return bytes(changed)


def tries(name: str, data: bytes, n: int = N_TRIES) -> Iterator[bytes]:
    """`n` damaged versions of `data`; `name` is what the dice are thrown by."""
    dice = random.Random(name)
    for _ in range(n):
        yield damaged(data, dice)


def ends_of(contents: Iterator[bytes], read: Callable[[bytes], object]) -> Counter[str]:
    """How reading each ends: "read", or the error's kind. Whatever is no `EngineError` fails the test."""
    ends: Counter[str] = Counter()
    for content in contents:
        try:
            read(content)
        except EngineError as error:
            ends[type(error).__name__] += 1
        else:
            ends["read"] += 1
    return ends
