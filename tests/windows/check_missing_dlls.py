"""On Windows: without Microsoft's C++ runtime, the voice says in a sentence what is missing and where it is had."""

import os
import sys

assert sys.platform == "win32"

from tools import lectern

# No copy of it loads, neither Windows' own nor those that wheels bring. So Wine is told, and Windows ignores it.
WITHOUT = os.environ["WINEDLLOVERRIDES"] + ";msvcp140,*msvcp140=d"

done = lectern(
    "say", "Hello.", "-o", "sound.wav", "--voice", "built-in/espeak", env=os.environ | {"WINEDLLOVERRIDES": WITHOUT}
)
said = done.stderr.decode()
assert done.returncode == 2, done
assert "Microsoft's Visual C++ runtime" in said, said
assert "msvcp140.dll" in said, said
assert "https://" in said, said
assert "Traceback" not in said, said
print("check_missing_dlls: well")
