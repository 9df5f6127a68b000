"""Names of units and currencies from Unicode's CLDR, in `cldr.json`, which packaging/cldr.py makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path

Names = Mapping[str, Mapping[str, str]]


@cache  # immutable; half a millisecond, when a text first has a number
def _names() -> Mapping[str, Names]:
    return json.loads(Path(__file__).with_name("cldr.json").read_text(encoding="utf-8"))


def unit_names(code: str) -> Mapping[str, str]:
    """Return the forms of units in the language `code`, by their signs; see `Language.units`."""
    return _names()["units"].get(code, {})


def currency_names(code: str) -> Mapping[str, str]:
    """Return the forms of currencies in the language `code`, by their codes of ISO 4217; see `Language.currencies`."""
    return _names()["currencies"].get(code, {})
