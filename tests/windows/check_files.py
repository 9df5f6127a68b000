"""On Windows: files are replaced whole while other programs have them open, and while several write them at once."""

import ctypes
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

assert sys.platform == "win32"

from engine.errors import OutputError
from engine.files.disk import write_whole

WRITER = """
import sys
from pathlib import Path
from engine.files.disk import write_whole
for number in range(20):
    write_whole(Path(sys.argv[1]), sys.argv[2].encode() * 50_000)
"""
READ, SHARED_TO_READ, OPEN_EXISTING = 0x8000_0000, 1, 3

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
folder = Path(tempfile.mkdtemp())
path = folder / "file"


def held() -> int:
    path.write_bytes(b"old")
    return kernel32.CreateFileW(str(path), READ, SHARED_TO_READ, None, OPEN_EXISTING, 0, None)


# Another program reads it, and lets go.
handle = held()
threading.Timer(0.4, kernel32.CloseHandle, (handle,)).start()
begin_s = time.monotonic()
write_whole(path, b"new")
assert path.read_bytes() == b"new"
assert time.monotonic() - begin_s >= 0.3

# One that never lets go; a folder in its place. Nothing is lost, and nothing is left beside it.
handle = held()
for target, problem in ((path, "not_allowed"), (folder, "is_folder")):
    try:
        write_whole(target, b"new")
    except OutputError as error:
        assert error.problem == problem, error.problem
    else:
        raise AssertionError(target)
kernel32.CloseHandle(handle)
assert path.read_bytes() == b"old"
assert list(folder.iterdir()) == [path]

# Two processes write it, and this one reads: each time it is one of theirs, whole.
writers = [
    subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), letter], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    for letter in "ab"
]
seen = set()
while any(writer.poll() is None for writer in writers):
    time.sleep(0.02)  # who reads without a pause lets nobody write
    try:
        data = path.read_bytes()
    except PermissionError:  # while it is put in its place
        continue
    if data != b"old":
        assert len(data) == 50_000, len(data)
        assert len(set(data)) == 1, set(data)
        seen.add(data[:1])
failures = [writer.communicate()[1].decode()[-600:] for writer in writers]
assert failures == ["", ""], failures
assert seen
assert list(folder.iterdir()) == [path]
print("check_files: well")
