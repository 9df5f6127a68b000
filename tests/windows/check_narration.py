"""On Windows: a small book becomes an audiobook, whole: its chapters, nothing beside it; twice is as once."""

import sys
import tempfile
from pathlib import Path

assert sys.platform == "win32"

import av
from tools import lectern

folder = Path(tempfile.mkdtemp())
book, target = folder / "book.md", folder / "out" / "book.m4b"
target.parent.mkdir()
book.write_text("# One\n\nThis is the first chapter, łatwo.\n\n# Two\n\nThis is the second one.\n", encoding="utf-8")
for _ in range(2):
    done = lectern("narrate", str(book), "-o", str(target), "--voice", "built-in/espeak")
    assert done.returncode == 0, done.stderr
    assert list(target.parent.iterdir()) == [target]
    with av.open(str(target)) as opened:
        titles = [chapter["metadata"]["title"] for chapter in opened.chapters()]
        seconds = sum(frame.samples for frame in opened.decode(audio=0)) / opened.streams.audio[0].rate
    assert titles == ["One", "Two"], titles
    assert 4 < seconds < 30, seconds
print("check_narration: well")
