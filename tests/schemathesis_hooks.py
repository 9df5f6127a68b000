"""What Schemathesis does not know by itself: MessagePack."""

from __future__ import annotations

from typing import Any

import ormsgpack
import schemathesis


@schemathesis.serializer("application/msgpack")
def as_msgpack(_context: Any, value: Any) -> bytes:
    try:
        return ormsgpack.packb(value, default=_plain, option=ormsgpack.OPT_NON_STR_KEYS)
    except (TypeError, ValueError):  # made to be wrong, and beyond what MessagePack can say: as wrong as can be
        return b"\xc1"


@schemathesis.deserializer("application/msgpack")
def of_msgpack(_context: Any, response: Any) -> Any:
    return ormsgpack.unpackb(response.content)


def _plain(value: Any) -> Any:
    """Bytes, as Schemathesis wraps them."""
    return value.data
