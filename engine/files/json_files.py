"""JSON in files of Lectern's own, which anybody may have damaged or edited since: read strictly, written whole."""

from __future__ import annotations

import json
import types
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

from engine.files.disk import move

_T = TypeVar("_T")

MAX_JSON_BYTES = 64 << 20
"""No settings of a model are so long, and no file of Lectern's own is."""


def parse_json(data: bytes | str) -> Any:
    """Parse `data`. Raises ValueError for whatever is no JSON, also where it is nested too deeply."""
    try:
        return json.loads(data)
    except (RecursionError, MemoryError) as error:
        raise ValueError("nested too deeply") from error


def read_json(path: Path, max_bytes: int = MAX_JSON_BYTES) -> Any:
    """Parse the JSON file `path`, which has `max_bytes` at most. Raises OSError and ValueError."""
    with path.open("rb") as file:
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        raise ValueError(f"it has more than {max_bytes:,} bytes")
    return parse_json(data)


def parse_object(data: bytes | str) -> dict[str, Any]:
    """Parse `data`, which is one JSON object. Raises ValueError."""
    values = parse_json(data)
    if not isinstance(values, dict):
        raise ValueError("it is no object")
    return values


def object_in(path: Path | None) -> dict[str, Any]:
    """Read the JSON object in a file that is no loss; {} where there is none that can be read."""
    try:
        values = read_json(path) if path is not None else {}
    except (OSError, ValueError):
        return {}
    return values if isinstance(values, dict) else {}


def keep_object(path: Path | None, values: Mapping[str, object]) -> None:
    """Write `values` to a file that is no loss, without waiting for the disk; not at all where that cannot be."""
    if path is None:
        return
    with suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = path.with_suffix(".new")
        beside.write_text(json.dumps(values), encoding="utf-8")
        move(beside, path)


def json_bytes(values: Any) -> bytes:
    """Make the bytes of a JSON file for `values`. Bytes of file names that are no UTF-8 become escapes and come back
    as they were."""
    return json.dumps(values, ensure_ascii=False, indent=1).encode("utf-8", "backslashreplace")


def build_from_json(kind: type[_T], value: object) -> _T:
    """Make the dataclass `kind` of the object `value`, each field of the type that it is declared with; fields that are
    missing have their defaults, and unknown ones are a later Lectern's. Raises ValueError that names the field."""
    if not isinstance(value, dict):
        raise ValueError(f"{kind.__name__} is no object")
    assert is_dataclass(kind)
    hints = _hints_of(kind)
    given: dict[str, Any] = {}
    for field in fields(kind):
        if field.name in value:
            given[field.name] = checked(hints[field.name], value[field.name], field.name)
        elif field.default is MISSING and field.default_factory is MISSING:
            raise ValueError(f"{field.name} is missing")
    return kind(**given)


@cache
def _hints_of(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)


def checked(kind: Any, value: Any, name: str = "it") -> Any:
    """Give `value` as a `kind`: text, a number, a truth value, None, a union, tuple or mapping of such, an enumeration,
    a path or a dataclass. Raises ValueError."""
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        for one in inner:
            try:
                return checked(one, value, name)
            except ValueError:
                continue
    elif origin is tuple and isinstance(value, list):
        return tuple(checked(inner[0], one, name) for one in value)
    elif origin is not None and issubclass(origin, Mapping) and isinstance(value, dict):
        return {key: checked(inner[1], one, name) for key, one in value.items()}
    elif kind is float and type(value) in (int, float):
        return _float(value, name)
    elif kind in (str, int, bool) and type(value) is kind:
        return value
    elif kind in (None, types.NoneType) and value is None:
        return None
    elif kind is Path and isinstance(value, str) and "\0" not in value:
        return Path(value)
    elif isinstance(kind, type) and issubclass(kind, Enum):
        return kind(value)
    elif isinstance(kind, type) and is_dataclass(kind):
        return build_from_json(kind, value)
    raise ValueError(f"{name} cannot be {str(value)[:40]!r}")


def _float(value: float, name: str) -> float:
    try:
        return float(value)
    except OverflowError as error:
        raise ValueError(f"{name} is too large") from error
