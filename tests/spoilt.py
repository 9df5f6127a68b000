"""Files and answers, spoilt in the ways in which disks, networks and people spoil them; the same each time."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator

_ODD = [
    *(b"", b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"-1", b"1e999", b"NaN", b"null", b"true", b'"text"', b"[]", b"{}"),
    *(b"9" * 30, b"9" * 5000, b"0.5", b"[" * 3000, b'{"a":' * 3000, b"../../x", b"\x1b[31m", b"2147483648"),
]


def spoilt(whole: bytes, n_times: int, seed: int = 0) -> Iterator[bytes]:
    """`whole`, `n_times`, each spoilt in one to four places, or cut short."""
    draw = random.Random(seed)
    places = [match.span() for match in re.finditer(rb'"[^"]*"|[0-9.eE+-]+|[\[\]{}:,]', whole[:100_000])]
    for _ in range(n_times):
        data = whole
        for _ in range(draw.choice((1, 1, 2, 4))):
            data = _once(data, draw, places)
        yield data


def _once(data: bytes, draw: random.Random, places: list[tuple[int, int]]) -> bytes:
    at = draw.randrange(len(data) + 1)
    end = min(len(data), at + draw.choice((1, 2, 8, 100)))
    match draw.randrange(7):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + draw.randbytes(end - at) + data[end:]
        case 2:
            return data[:at] + data[end:]
        case 3:
            return data[:at] + draw.choice(_ODD) + data[at:]
        case 4:
            return data[:at] + bytes([data[at] ^ (1 << draw.randrange(8))]) + data[at + 1 :] if at < len(data) else data
        case _:  # a value becomes another
            if not places:
                return data
            first, last = draw.choice(places)
            other = draw.choice(_ODD) if draw.random() < 0.7 else data[slice(*draw.choice(places))]
            return data[:first] + other + data[last:]
