"""Runs, on Windows, the tests of the rooms that are the same on every system: text, documents, files, settings.

Left out: what is tested through PyTorch, sound, sockets, a screen or other programs, and tests that are slow; the
checks beside this file ask those on Windows.
"""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = (
    "engine/text",
    "engine/files",
    "engine/test_registry.py",
    "engine/test_words.py",
    *(f"engine/narration/test_reading_{kind}.py" for kind in ("docx", "epub", "marked", "pdf", "text")),
    "desktop/common",
    "desktop/platform/test_autostart_windows.py",
    "desktop/platform/test_selection_windows.py",
)

if __name__ == "__main__":
    options = ["-q", "-m", "not slow and not real", "-p", "no:cacheprovider", "-n", "0", "--rootdir", str(ROOT)]
    sys.exit(pytest.main([*options, *sys.argv[1:], *(str(ROOT / "tests" / room) for room in ROOMS)]))
