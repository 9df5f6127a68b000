"""Makes small pictures of books' covers, and keeps them where what can be made again is kept. No Qt here.

A cover is somebody else's file: it is decoded in the process that reads the book.
"""

from __future__ import annotations

import io
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import engine
import engine.files
from desktop.common.paths import cache_folder

SIZE_PX = (64, 96)
"""The most that a small picture measures, twice what is shown: for fine screens."""
MAX_SIDE_PX = 12_000


def small_picture(cover: bytes) -> bytes | None:
    """Make a PNG of at most `SIZE_PX` of a JPEG or PNG; None where it is damaged, or too large."""
    import av
    from av.error import FFmpegError

    try:
        with av.open(io.BytesIO(cover), "r") as file:
            stream = file.streams.video[0]
            if not (0 < stream.width <= MAX_SIDE_PX and 0 < stream.height <= MAX_SIDE_PX):
                return None
            frame = next(file.decode(stream))
        scale = min(SIZE_PX[0] / frame.width, SIZE_PX[1] / frame.height)
        width, height = max(1, round(frame.width * scale)), max(1, round(frame.height * scale))
        encoder = av.CodecContext.create("png", "w")
        encoder.width, encoder.height, encoder.pix_fmt = width, height, "rgb24"
        encoder.time_base = Fraction(1)  # which a picture has not, and the encoder wants
        small = frame.reformat(width, height, "rgb24", interpolation="AREA")
        packets = [*encoder.encode(small), *encoder.encode(None)]
    except (FFmpegError, IndexError, StopIteration, ValueError, MemoryError):
        return None
    return b"".join(bytes(packet) for packet in packets)


def cover_path(key: str) -> Path:
    """Return where the small picture of the book `key` is kept, if it has one."""
    return cache_folder() / "covers" / f"{key}.png"


def keep_cover(key: str, picture: bytes) -> None:
    """Keep it. Waits for the disk. Nothing is lost where that goes wrong: it is made again when the book is opened."""
    with suppress(engine.OutputError):
        engine.files.write_whole(cover_path(key), picture, make_folders=True)


def forget_covers(kept: set[str]) -> None:
    """Delete the pictures of all books but those whose keys are `kept`. Waits for the disk."""
    with suppress(OSError):
        for path in cover_path("").parent.glob("*.png"):
            if path.stem not in kept:
                path.unlink()
