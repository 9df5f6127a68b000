"""Of a test's many parameters that are alike, the few that `make check` tries: the others are marked slow."""

from __future__ import annotations

from collections.abc import Container, Iterable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from _pytest.mark import ParameterSet


def slow_but(at_once: Container[Any], values: Iterable[Any]) -> list[ParameterSet]:
    """All `values`, for `pytest.mark.parametrize`."""
    return [pytest.param(value, marks=() if value in at_once else pytest.mark.slow) for value in values]
