"""A change of any rule shows what it changes in pages of each language."""

from __future__ import annotations

import pytest
from corpus import difference

from engine.types import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_are_said_as_they_were_reviewed(language: str) -> None:
    """Where the change is right: `python tests/corpus.py --write`, and look at every line of it."""
    assert list(difference(language)) == []
