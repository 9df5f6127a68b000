"""Runs, on Windows, tests that are the same on every system: of texts, documents, sound files, and of what the windows
share.

Left out: what is tested through PyTorch, loudspeakers, sockets, a screen or other programs, tests that are slow, and
files with tests that expect Linux's paths, permissions or links; the checks beside this file ask some of it on Windows.
"""

import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
ROOMS = ("engine/text", "engine/files", "engine/audio", "engine/narration", "engine/machine", "desktop/common")
NOT_THERE = {
    "engine/audio": {"audio", "resampling"},
    "engine/files": {"disk"},
    "engine/machine": {"cpp_runtime"},
    "engine/narration": {"export", "narrate", "reading_epub", "reading_marked", "words_of_books"},
    "engine/text": {"dictionary", "languages"},
    "desktop/common": {"logs", "messages", "settings", "shell_words", "system_report", "text_source"},
}
"""Files with a test or two that expect another system's: slashes, modes of files, its own programs."""


def portable_files() -> list[str]:
    """List the files whose tests are run."""
    found = (path for room in ROOMS for path in sorted((TESTS / room).glob("test_*.py")))
    return [
        str(path)
        for path in found
        if path.stem.removeprefix("test_") not in NOT_THERE[path.parent.relative_to(TESTS).as_posix()]
    ]


if __name__ == "__main__":
    options = ["-q", "-m", "not slow and not real", "-p", "no:cacheprovider", "-n", "0", "--rootdir", str(TESTS.parent)]
    sys.exit(pytest.main([*options, *sys.argv[1:], *portable_files()]))
