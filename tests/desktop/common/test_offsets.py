"""Code points to UTF-16 and back, against Python's own encoder."""

from __future__ import annotations

import random
import time

import pytest
from disturbance import undisturbed

from desktop.common.offsets import Offsets

TEXTS = ["", "plain", "a😀b", "😀😀", "né 漢字 😀 e\u0301 👩‍👩‍👧 end", "\U0010ffff\ufffd"]


def units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


@pytest.mark.parametrize("text", TEXTS)
def test_every_place_is_where_utf16_has_it(text: str) -> None:
    offsets = Offsets(text)
    for code_point in range(len(text) + 1):
        unit = units(text[:code_point])
        assert offsets.to_utf16(code_point) == unit
        assert offsets.to_code_point(unit) == code_point


def test_half_of_a_sign_belongs_to_the_sign() -> None:
    assert Offsets("a😀b").to_code_point(2) == 1


@pytest.mark.parametrize("seed", range(20))
def test_joints_stand_in_the_document_only(seed: int) -> None:
    draw = random.Random(seed)
    text = "".join(draw.choice("ab😀漢") for _ in range(40))
    joints = sorted(draw.sample(range(1, 40), 6))
    offsets = Offsets(text, joints)
    for code_point in range(len(text) + 1):
        unit = units(text[:code_point]) + sum(joint <= code_point for joint in joints)
        assert offsets.to_utf16(code_point) == unit
        assert offsets.to_code_point(unit) == code_point
    for joint in joints:  # the separator itself belongs to the sign before it
        assert offsets.to_code_point(offsets.to_utf16(joint) - 1) == joint - 1


@undisturbed
def test_a_megabyte_of_emoji_is_quick() -> None:
    offsets = Offsets("😀" * 1_000_000)
    begin = time.perf_counter()
    for code_point in range(0, 1_000_000, 1000):
        assert offsets.to_code_point(offsets.to_utf16(code_point)) == code_point
    assert time.perf_counter() - begin < 0.5  # 1000 look-ups; 2 ms measured


def test_a_place_outside_is_a_mistake() -> None:
    with pytest.raises(AssertionError):
        Offsets("abc").to_utf16(4)
