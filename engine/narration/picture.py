"""A book's cover, as audiobooks hold it: somebody else's file, which may be damaged."""

from __future__ import annotations

import base64
import io
import struct
from dataclasses import dataclass

MAX_SIDE_PX = 12_000
"""What is larger is not looked at: a small file may unfold to gigabytes."""

_KINDS = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


@dataclass(frozen=True, slots=True)
class Picture:
    """Hold a JPEG or PNG that can be shown, and its size in pixels."""

    data: bytes
    mime_type: str
    width: int
    height: int

    @classmethod
    def of(cls, data: bytes) -> Picture | None:
        """Return the picture in `data`; None for another kind, a damaged one, or one that is too large. It is decoded
        once: containers refuse what FFmpeg finds no size in, when it is too late."""
        kind = next((kind for start, kind in _KINDS.items() if data.startswith(start)), None)
        if kind is None:
            return None
        import av  # late: a project is opened without it
        from av.error import FFmpegError

        try:
            with av.open(io.BytesIO(data), "r") as source:
                stream = source.streams.video[0]
                width, height = stream.width, stream.height
                if not (0 < width <= MAX_SIDE_PX and 0 < height <= MAX_SIDE_PX):
                    return None
                next(source.decode(stream))
        except (FFmpegError, IndexError, StopIteration, ValueError, MemoryError):
            return None
        return cls(data, kind, width, height)

    @property
    def name(self) -> str:
        """Name a file of its kind."""
        return "cover.png" if self.mime_type == "image/png" else "cover.jpg"

    def as_block(self) -> str:
        """Return FLAC's picture block in Base64, as Ogg's comments hold it."""
        mime = self.mime_type.encode()
        head = struct.pack(">II", 3, len(mime)) + mime + struct.pack(">I", 0)
        sizes = struct.pack(">IIIII", self.width, self.height, 24, 0, len(self.data))
        return base64.b64encode(head + sizes + self.data).decode()
