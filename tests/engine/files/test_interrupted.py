"""A signal between any two steps of writing: the file is the old one or the new, and nothing is left beside it."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np
import pytest

from engine.audio import AudioWriter, write_codes
from engine.files.disk import write_whole

OURS = {"engine.files.disk", "engine.audio.writing", "engine.audio.codes"}


class Signal(BaseException):
    """What a handler raises."""


class SignalAt:
    """Raises `Signal` before the line of Lectern's that is run as the `number`-th, if there is one."""

    def __init__(self, number: int) -> None:
        self._left = number

    @property
    def has_come(self) -> bool:
        return self._left <= 0

    def __enter__(self) -> SignalAt:
        sys.settrace(self._look)
        return self

    def __exit__(self, *_: object) -> None:
        sys.settrace(None)

    def _look(self, frame: FrameType, event: str, _: Any) -> Any:
        if frame.f_globals.get("__name__") not in OURS:
            return None
        if event == "line":
            self._left -= 1
            if self._left == 0:
                raise Signal
        return self._look


def write_sound(path: Path) -> None:
    with AudioWriter(path) as writer:
        writer.write(np.zeros(1000, np.float32))


def write_numbers(path: Path) -> None:
    write_codes(path, np.zeros((4, 3), np.int64))


def write_settings(path: Path) -> None:
    write_whole(path, b"{}", mode=0o644)


@pytest.mark.parametrize(
    ("write", "name"),
    [(write_sound, "a.wav"), (write_numbers, "a.npy"), (write_settings, "a.json")],
)
def test_a_signal_at_any_step_leaves_the_old_or_the_new(
    write: Callable[[Path], None], name: str, tmp_path: Path
) -> None:
    n_steps, path = 0, tmp_path / name
    while True:
        signal = SignalAt(n_steps + 1)
        try:
            with signal:
                write(path)
        except Signal:
            pass
        gc.collect()
        assert {beside.name for beside in tmp_path.iterdir()} <= {name}, f"step {n_steps}"
        if not signal.has_come:
            break
        n_steps += 1
    assert n_steps > 5
    assert path.exists()


def test_who_is_interrupted_keeps_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_bytes(b"old")
    number = 0
    for number in range(1, 1000):
        with SignalAt(number) as signal:
            try:
                write_settings(path)
            except Signal:
                assert path.read_bytes() in {b"old", b"{}"}
        if not signal.has_come:
            break
    assert 5 < number < 999
    assert path.read_bytes() == b"{}"
