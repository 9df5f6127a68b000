"""Where Lectern keeps what it keeps: the folders that the desktop names for it."""

from __future__ import annotations

from pathlib import Path

import platformdirs


def data_folder() -> Path:
    """Voices and checkpoints; it may not exist yet."""
    return platformdirs.user_data_path("lectern", appauthor=False)


def voices_folder() -> Path:
    return data_folder() / "voices"
