"""Makes, of Wine 8's ucrtbase.dll, one with the six functions for complex numbers that numpy asks for when it is
imported. patch_ucrtbase.py WINES OURS"""

from __future__ import annotations

import sys
from pathlib import Path

import pefile  # type: ignore[import-not-found]

CODE = {
    b"crealf": "660f6ec1c3",
    b"cimagf": "48c1e920660f6ec1c3",
    b"creal": "f20f1001c3",
    b"cimag": "f20f104108c3",
    b"creall": "f20f1001c3",
    b"cimagl": "f20f104108c3",
}
"""For x86-64: each returns a half of what its argument is or points to."""
MARK = b"Wine builtin DLL"
"""Where a file has this, Wine takes its own instead."""

wines, ours = map(Path, sys.argv[1:])
library = bytearray(wines.read_bytes())
exported = pefile.PE(data=bytes(library))
for symbol in exported.DIRECTORY_ENTRY_EXPORT.symbols:
    if symbol.name in CODE:
        code = bytes.fromhex(CODE[symbol.name])
        place = exported.get_offset_from_rva(symbol.address)
        library[place : place + len(code)] = code
ours.write_bytes(library.replace(MARK, bytes(len(MARK)), 1))
