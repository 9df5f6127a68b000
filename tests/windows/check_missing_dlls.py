"""On Windows: without Microsoft's C++ runtime, the voice says in a sentence what is missing and where it is had."""

import sys

assert sys.platform == "win32"

import winreg

from tools import lectern

# Wine is told to load no copy of it, neither its own nor those that wheels bring.
OVERRIDES, NAMES = r"Software\Wine\DllOverrides", ("msvcp140", "*msvcp140")

with winreg.CreateKey(winreg.HKEY_CURRENT_USER, OVERRIDES) as key:
    for name in NAMES:
        winreg.SetValueEx(key, name, 0, winreg.REG_SZ, "disabled")
    try:
        done = lectern("say", "Hello.", "-o", "sound.wav", "--voice", "built-in/espeak")
    finally:
        for name in NAMES:
            winreg.DeleteValue(key, name)
said = done.stderr.decode()
assert done.returncode == 2, done
assert "Microsoft's Visual C++ runtime" in said, said
assert "msvcp140.dll" in said, said
assert "https://" in said, said
assert "Traceback" not in said, said
print("check_missing_dlls: well")
