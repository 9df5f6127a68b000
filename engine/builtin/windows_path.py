"""How a path is given to a C library on Windows that opens files by `fopen`: in the system's old code page, and so not
every path can be."""

from __future__ import annotations

import ctypes
from collections.abc import Callable

MAX_NAME_CHARS = 32_768


def short_name(folder: str) -> str:
    """Return the DOS name of an existing folder, ASCII and short; `folder` itself where the disk keeps none."""
    get_name = ctypes.WinDLL("kernel32").GetShortPathNameW  # type: ignore[attr-defined]
    get_name.argtypes = (ctypes.c_wchar_p, ctypes.c_wchar_p, ctypes.c_uint32)
    name = ctypes.create_unicode_buffer(MAX_NAME_CHARS)
    return name.value if get_name(folder, name, MAX_NAME_CHARS) else folder


def path_for_c(
    folder: str, max_bytes: int, short: Callable[[str], str] = short_name, code_page: str = "mbcs"
) -> bytes | None:
    """Write the path of an existing folder so that `fopen` finds it, in `max_bytes` at most; None where it cannot."""
    for spell in (str, short):
        try:
            data = spell(folder).encode(code_page)  # strict: no letter becomes one that is like it
        except UnicodeEncodeError:
            continue
        if len(data) <= max_bytes:
            return data
    return None
