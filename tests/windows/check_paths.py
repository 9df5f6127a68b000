"""On Windows: installation, home and book are in folders with spaces and with letters that the code page lacks."""

import os
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

assert sys.platform == "win32"

from tools import lectern

NAME = "Łukasz ë 読 書"

folder = Path(tempfile.mkdtemp()) / NAME
folder.mkdir()
installation = Path("C:/", NAME, "py")  # the same Python with all packages, by another name: run.sh sees to it
home = folder / "home"
home.mkdir()
book = folder / f"{NAME}.txt"
book.write_text("Das ist ein schöner Satz. Here is another one.", encoding="utf-8")
environment = os.environ | {"WIN_PD_OVERRIDE_LOCAL_APPDATA": str(home), "USERPROFILE": str(home)}

program = str(installation / "python.exe")
FIND = "import sys, espeakng_loader, hibari; print(ascii([sys.prefix, espeakng_loader.__file__, hibari.__file__]))"
found = subprocess.run(
    [program, "-c", FIND],
    stdin=subprocess.DEVNULL,
    capture_output=True,
    check=True,
).stdout.decode()
assert found.count("\\u0141ukasz") == 3, found
for voice in ((), ("--voice", "built-in/espeak")):
    sound = folder / f"ł {len(voice)}.wav"
    done = lectern("say", "--file", str(book), "-o", str(sound), *voice, program=program, env=environment, cwd=folder)
    assert done.returncode == 0, done.stderr
    with wave.open(str(sound)) as samples:
        assert samples.getnframes() > samples.getframerate()
print("check_paths: well")
