"""A folder of voices for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine import open_voice_library
from engine.voice_library.library import VoiceLibrary


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    return open_voice_library(tmp_path / "voices")
