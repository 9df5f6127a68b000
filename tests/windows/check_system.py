"""On Windows: imports, the C++ runtime, the built-in voice in any folder, files that others have open, autostart."""

import ctypes
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

assert sys.platform == "win32"

import winreg

import espeakng_loader

import desktop.app  # noqa: F401  all that the tray needs
from desktop.platform import autostart
from desktop.speech.slot import computer_slept_s
from engine.builtin.espeak import loaded_espeak
from engine.errors import OutputError
from engine.files.disk import write_whole
from engine.machine.cpp_runtime import missing_cpp_runtime


def copy(source, target):  # Wine 8 has no CopyFile2
    Path(target).write_bytes(Path(source).read_bytes())


folder = Path(tempfile.mkdtemp())
assert missing_cpp_runtime() == ()
assert abs(computer_slept_s()) < 3600

# The voice, from a folder whose name the code page lacks.
there = folder / "Łukasz ë" / "espeakng_loader"
shutil.copytree(Path(espeakng_loader.__file__).parent, there, copy_function=copy)
espeakng_loader.get_library_path = lambda: str(there / "espeak-ng.dll")
espeakng_loader.get_data_path = lambda: str(there / "espeak-ng-data")
n_samples = 0


def count(samples, _words):
    global n_samples
    n_samples += len(samples)
    return True


with loaded_espeak() as espeak:
    espeak.select("gmw/en-US")
    espeak.synthesize("hello", count)
assert n_samples > 5000

# A file that another program reads, and lets go of; one that is never let go of; a folder.
kernel32 = ctypes.WinDLL("kernel32")
kernel32.CreateFileW.restype = ctypes.c_void_p
kernel32.CreateFileW.argtypes = (
    ctypes.c_wchar_p,
    *(ctypes.c_uint32,) * 2,
    ctypes.c_void_p,
    *(ctypes.c_uint32,) * 2,
    ctypes.c_void_p,
)
kernel32.CloseHandle.argtypes = (ctypes.c_void_p,)
path = folder / "file"


def hold():
    path.write_bytes(b"old")
    return kernel32.CreateFileW(str(path), 0x8000_0000, 1, None, 3, 0, None)  # to read; others may read, too


handle = hold()
threading.Timer(0.4, kernel32.CloseHandle, (handle,)).start()
begin_s = time.monotonic()
write_whole(path, b"new")
assert path.read_bytes() == b"new"
assert time.monotonic() - begin_s >= 0.3
handle = hold()
for target, problem in ((path, "not_allowed"), (folder, "is_folder")):
    try:
        write_whole(target, b"new")
    except OutputError as error:
        assert error.problem == problem, error.problem
    else:
        raise AssertionError(target)
kernel32.CloseHandle(handle)
assert path.read_bytes() == b"old"

autostart.turn_autostart_on()
assert autostart.is_autostart_on()
with winreg.CreateKey(winreg.HKEY_CURRENT_USER, autostart._APPROVED_KEY) as key:
    winreg.SetValueEx(key, "Lectern", 0, winreg.REG_BINARY, bytes([3, *bytes(11)]))
assert not autostart.is_autostart_on()
autostart.turn_autostart_on()
assert autostart.is_autostart_on()
autostart.turn_autostart_off()
assert not autostart.is_autostart_on()
print("check_system: well")
