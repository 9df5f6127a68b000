"""Places before and after edits, against a text whose signs are all different."""

from __future__ import annotations

import random

import pytest

from desktop.reader.edits import Edits


@pytest.mark.parametrize("seed", range(30))
def test_a_sign_that_stayed_is_found_from_both_sides(seed: int) -> None:
    draw = random.Random(seed)
    before = [f"old{n}" for n in range(30)]
    after = list(before)
    edits = Edits()
    for turn in range(draw.randint(1, 8)):
        at = draw.randint(0, len(after))
        n_removed = draw.randint(0, min(4, len(after) - at))
        added = [f"new{turn}.{n}" for n in range(draw.randint(0, 4))]
        after[at : at + n_removed] = added
        edits.add(at, n_removed, len(added))
    for sign in set(before) & set(after):
        assert after[edits.forward(before.index(sign))] == sign
        assert before[edits.backward(after.index(sign))] == sign


def test_what_was_added_belongs_to_the_place_where_it_was_added() -> None:
    edits = Edits()
    edits.add(5, 0, 10)
    assert edits.backward(9) == 5


def test_what_was_removed_is_where_the_removal_was() -> None:
    edits = Edits()
    edits.add(5, 10, 0)
    assert edits.forward(9) == 5


def test_typing_on_is_one_edit() -> None:
    edits = Edits()
    for n in range(1000):
        edits.add(5 + n, 0, 1)
    assert len(edits._edits) == 1
    assert edits.forward(6) == 1006
