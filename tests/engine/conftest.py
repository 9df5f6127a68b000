"""Checkpoints for the engine's tests: the golden one, and small random ones."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from shapes import CheckpointWriter

GOLDEN = Path(__file__).parents[1] / "golden"


@pytest.fixture(scope="session")
def golden_folder() -> Path:
    return GOLDEN


@pytest.fixture(scope="session")
def tiny_checkpoint() -> Path:
    return GOLDEN / "tiny_s1" / "checkpoint"


@pytest.fixture
def write_checkpoint(tmp_path: Path) -> CheckpointWriter:
    """`write_checkpoint(**changes of config.json)` -> a folder of random weights."""
    from shapes import write_small_checkpoint  # late: it brings PyTorch, which most tests need not wait for

    return partial(write_small_checkpoint, tmp_path / "checkpoint")
