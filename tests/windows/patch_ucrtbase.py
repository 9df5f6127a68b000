"""Gives Wine 8's ucrtbase.dll the six functions for complex numbers that numpy asks for when it is imported."""

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

path = Path(sys.argv[1])
before = path.read_bytes()
after = bytearray(before)
library = pefile.PE(data=before)
for symbol in library.DIRECTORY_ENTRY_EXPORT.symbols:
    if symbol.name in CODE:
        code = bytes.fromhex(CODE[symbol.name])
        place = library.get_offset_from_rva(symbol.address)
        after[place : place + len(code)] = code
if after != before:
    path.write_bytes(after)
