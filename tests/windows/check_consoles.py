"""On Windows: what Lectern writes and reads in the code pages 437, 1252 and 65001, redirected: whole where they have
the letters, else with escapes, and never a traceback. On a console all letters are seen."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

assert sys.platform == "win32"

from tools import LIMIT_S, lectern

ENCODINGS = ("cp437", "cp1252", "utf-8")
NAME = "é ’ Łódź 読"  # in all of them; in cp1252; in UTF-8 alone
TEXT = "Die schöne größere Übung wäre überall möglich, wo Bücher gelesen würden."
# Says "no such file" on the console that it gets, and writes to a file what is then to be seen there.
ON_A_CONSOLE = """
import ctypes, subprocess, sys
from pathlib import Path
subprocess.run([sys.executable, "-m", "desktop", "say", "--file", "Łódź.txt"])
kernel32 = ctypes.WinDLL("kernel32")
kernel32.CreateFileW.restype = ctypes.c_void_p
read = kernel32.ReadConsoleOutputCharacterW
read.argtypes = (ctypes.c_void_p, ctypes.c_wchar_p, *(ctypes.c_uint32,) * 2, ctypes.c_void_p)
screen = kernel32.CreateFileW("CONOUT$", 0xC000_0000, 3, None, 3, 0, None)
seen, n = ctypes.create_unicode_buffer(801), ctypes.c_uint32()
assert read(screen, seen, 800, 0, ctypes.byref(n))
Path(sys.argv[1]).write_text(seen.value, encoding="utf-8")
"""
folder = Path(tempfile.mkdtemp())


def shown(name: str, encoding: str) -> str:
    """As it may be written there: with escapes in place of what the code page lacks."""
    return name.encode(encoding, "backslashreplace").decode(encoding)


for encoding in ENCODINGS:
    refused = lectern("say", "--file", f"{NAME}.txt", env=os.environ | {"PYTHONIOENCODING": encoding})
    said = (refused.stdout + refused.stderr).decode(encoding)
    assert refused.returncode == 2, refused
    assert "Traceback" not in said, said
    assert shown(NAME, encoding) in said, (encoding, ascii(said))

# What is piped in: UTF-16 as PowerShell writes, and Windows' older code page.
for encoding in ("utf-16", "cp1252"):
    words, speak = folder / "words.json", ("say", "-", "--voice", "built-in/espeak", "-o", str(folder / "sound.wav"))
    command = [sys.executable, "-m", "desktop", *speak, "--words", str(words)]
    done = subprocess.run(command, input=TEXT.encode(encoding), capture_output=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(words.read_text(encoding="utf-8"))["text"].strip() == TEXT, (encoding, words.read_text("utf-8"))

seen = folder / "seen"
subprocess.run(
    [sys.executable, "-c", ON_A_CONSOLE, str(seen)],
    creationflags=subprocess.CREATE_NEW_CONSOLE,
    timeout=LIMIT_S,
    check=True,
)
assert "Łódź.txt" in seen.read_text(encoding="utf-8"), ascii(seen.read_text(encoding="utf-8"))
print("check_consoles: well")
