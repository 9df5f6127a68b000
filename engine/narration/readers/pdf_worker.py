"""PDFs are opened in a process of its own: PDFium is C++, and a file that ends it, or never ends, ends only that.

`read_file` is the reader's side. Run as a program, the module takes a file on its input and writes what it finds as
JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import DocumentError
from engine.machine.console import NO_CONSOLE
from engine.narration.readers.pdf_layout import Line, Page

MAX_MEMORY_BYTES, MEMORY_PER_BYTE = 1_000_000_000, 4
MAX_CPU_S, CPU_S_PER_MB = 60, 5
"""Of the process. A novel takes 4 s, and 1 MB of text half of that."""
MAX_S = 1800  # where the processor's time cannot be limited; and a file of the largest kind, on a slow computer
_LIMIT_SIGNALS = (24, 9)  # SIGXCPU; SIGKILL, by the kernel when memory or that time is short
_DETAILS = {"broken": "it is no PDF that can be read", "crashed": "reading it failed"}


@dataclass(frozen=True, slots=True)
class PdfFile:
    """Hold what was found in a PDF. Of the outline: title, page from 1, height in points or None, depth from 1."""

    pages: tuple[Page, ...]
    outline: tuple[tuple[str, int, float | None, int], ...]
    title: str
    author: str
    language: str


def read_file(path: Path, data: bytes) -> PdfFile:
    """Read the PDF in `data`, in a process of its own; `path` is for the errors. Raises `DocumentError`."""
    command = [sys.executable, "-P", "-m", "engine.narration.readers.pdf_worker"]
    try:
        done = subprocess.run(
            command,
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=MAX_S,
            creationflags=NO_CONSOLE,
        )
    except subprocess.TimeoutExpired as error:
        raise DocumentError("too_large", path) from error
    except OSError as error:
        raise DocumentError("failed", path, error.strerror or "") from error
    values: dict[str, Any] = {"problem": "too_large" if -done.returncode in _LIMIT_SIGNALS else "crashed"}
    with suppress(ValueError):
        values = json.loads(done.stdout)
    return file_of(path, values)


def file_of(path: Path, values: dict[str, Any]) -> PdfFile:
    """Make a `PdfFile` of what `values_of` returned. Raises `DocumentError` for a problem."""
    match values.get("problem"):
        case None:
            return _file_of(values)
        case "encrypted" | "too_large" as problem:
            raise DocumentError(problem, path)
        case problem:
            raise DocumentError("damaged", path, _DETAILS[problem])


def values_of(data: bytes) -> dict[str, Any]:
    """Return what is in the PDF `data`, ready for JSON: its `problem`, or its pages and what it says of itself. It is
    read in this process."""
    from engine.narration.readers.pdf_glyphs import BrokenError, GlyphFile, PasswordError, TooLargeError
    from engine.narration.readers.pdf_lines import pieces_of

    try:
        file = GlyphFile(data)
        pages: list[dict[str, Any]] = []
        for page in file.pages():
            pieces, is_from_right = pieces_of(page)
            upright = [piece for piece in pieces if not piece.is_turned]
            pages.append(
                {
                    "width": page.width,
                    "height": page.height,
                    "has_pictures": page.has_pictures,
                    "is_unreadable": page.is_unreadable,
                    "is_damaged": page.is_damaged or (bool(page.glyphs) and not pieces),
                    "is_from_right": is_from_right,
                    "turned": " ".join(piece.text for piece in pieces if piece.is_turned),
                    "lines": [
                        (
                            *(piece.text, piece.x0 - page.left, piece.x1 - page.left, piece.y - page.bottom),
                            *(piece.size, piece.order, piece.marks, piece.is_from_right),
                        )
                        for piece in upright
                    ],
                }
            )
        outline = [
            (title, page, height if height < 1e9 else None, depth) for title, page, height, depth in file.outline()
        ]
        fields = {"title": file.field("Title"), "author": file.field("Author"), "language": file.language()}
    except PasswordError:
        return {"problem": "encrypted"}
    except BrokenError:
        return {"problem": "broken"}
    except (TooLargeError, MemoryError):
        return {"problem": "too_large"}
    return {"pages": pages, "outline": outline, **fields}


def _file_of(values: dict[str, Any]) -> PdfFile:
    pages: list[Page] = []
    for number, page in enumerate(values["pages"], 1):
        lines = tuple(
            Line(text, x0, x1, y, size, number, order, tuple(marks), is_from_right=is_from_right)
            for text, x0, x1, y, size, order, marks, is_from_right in page["lines"]
        )
        pages.append(
            Page(
                number,
                lines,
                page["height"],
                page["width"],
                has_pictures=page["has_pictures"],
                is_unreadable=page["is_unreadable"],
                is_damaged=page["is_damaged"],
                is_from_right=page["is_from_right"],
                turned=page["turned"],
            )
        )
    outline = tuple(tuple(entry) for entry in values["outline"])
    return PdfFile(tuple(pages), outline, values["title"], values["author"], values["language"])


def _limit_myself(n_bytes: int) -> None:
    with suppress(ImportError, OSError, ValueError):
        import resource

        cpu_s = MAX_CPU_S + CPU_S_PER_MB * n_bytes // 1_000_000
        n_memory = MAX_MEMORY_BYTES + MEMORY_PER_BYTE * n_bytes
        resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s))
        resource.setrlimit(resource.RLIMIT_AS, (n_memory, n_memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Read the file on the standard input and write what is in it."""
    data = sys.stdin.buffer.read()
    _limit_myself(len(data))
    sys.stdout.buffer.write(json.dumps(values_of(data)).encode("ascii"))


if __name__ == "__main__":
    main()
