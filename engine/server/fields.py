"""A client's object, field by field: as lenient as the model's own server, and clear about what is wrong.

Numbers and flags may come as text, as forms and many clients send them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

from engine.server.replies import RequestError

WHOLE_TEXT = r"^[+-]?[0-9]{1,20}$"
NUMBER_TEXT = r"^[+-]?[0-9]{1,20}(\.[0-9]{0,20})?$"
TRUE, FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")


class Fields:
    """Take values out of a client's object, and say what is wrong with them. `null` is as good as absent.

    What is wrong is a `RequestError` 400 that names the field.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def get(self, name: str) -> Any:
        """Return the field's value as it is; None where it is absent."""
        return self._values.get(name)

    def text(self, name: str, default: str | None = None) -> str:
        """Return a text; `default` None makes it required."""
        value = self.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, str):
            raise wrong(name, "a string")
        return value

    def number(self, name: str, low: float, high: float, default: float) -> float:
        """Return a number from `low` to `high`."""
        value = self.get(name)
        if value is None:
            return default
        number = _as_number(value)
        if number is None or not low <= number <= high:
            raise wrong(name, f"a number from {low:g} to {high:g}")
        return float(number)

    def any_number(self, name: str) -> None:
        """Check that the field is a number, where there is one: for what clients send and nobody reads."""
        value = self.get(name)
        if value is not None and _as_number(value) is None:
            raise wrong(name, "a number")

    def whole(self, name: str, low: int, high: int, default: int) -> int:
        """Return a whole number from `low` to `high`."""
        value = self.get(name)
        if value is None:
            return default
        number = _as_whole(value)
        if number is None or not low <= number <= high:
            raise wrong(name, f"a whole number from {low} to {high}")
        return number

    def flag(self, name: str, default: bool) -> bool:
        """Return a truth value, which may also be 0 or 1, or a word for one."""
        value = self.get(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        words = value.lower() if isinstance(value, str) else str(value) if isinstance(value, int) else ""
        if words in TRUE:
            return True
        if words not in FALSE:
            raise wrong(name, "true or false")
        return False

    def choice(self, name: str, allowed: tuple[Any, ...], default: Any) -> Any:
        """Return one of the values `allowed`."""
        value = self.get(name)
        if value is None:
            return default
        if isinstance(allowed[0], int):
            value = _as_whole(value)
        if isinstance(value, bool) or value not in allowed:
            raise wrong(name, f"one of {', '.join(map(str, allowed))}")
        return value

    def object(self, name: str, expected: str) -> Fields:
        """Return the fields of an object within this one; of an empty one where it is absent."""
        value = self.get(name)
        if not isinstance(value, dict | None):
            raise wrong(name, expected)
        return Fields(value or {})


def wrong(name: str, expected: str) -> RequestError:
    """Make the error that says what the field `name` must be."""
    return RequestError(400, f"{name} must be {expected}.", param=name)


def _as_number(value: Any) -> float | int | None:
    if isinstance(value, str):
        return float(value) if re.fullmatch(NUMBER_TEXT, value) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and math.isfinite(value) else None


def _as_whole(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if re.fullmatch(WHOLE_TEXT, value) else None
    number = _as_number(value)
    return int(number) if number is not None and number == int(number) else None
