"""Runs, on Windows, tests that are the same on every system: of texts and of what the windows share.

Those that are here passed there. Left out: what is tested through PyTorch, sound, sockets, a screen or other programs,
tests that are slow, and those that expect Linux's paths, permissions or links; the checks beside this file ask some of
it on Windows.
"""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = ("checks", "clean", "corpus", "detection", "ipa", "properties")
COMMON = ("offsets", "pipe_address", "plain_text", "quiet_libraries")
FILES = (
    *(f"engine/text/test_{name}.py" for name in TEXT),
    *(f"desktop/common/test_{name}.py" for name in COMMON),
)

if __name__ == "__main__":
    options = ["-q", "-m", "not slow and not real", "-p", "no:cacheprovider", "-n", "0", "--rootdir", str(ROOT)]
    sys.exit(pytest.main([*options, *sys.argv[1:], *(str(ROOT / "tests" / name) for name in FILES)]))
