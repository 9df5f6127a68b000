"""A folder of voices for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.voice_library import VoiceLibrary


@pytest.fixture
def library(tmp_path: Path) -> VoiceLibrary:
    return VoiceLibrary(tmp_path / "voices")
