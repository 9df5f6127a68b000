"""On Windows: the engine's process speaks; killed or crashed, a new one speaks; it ends with its owner; no console."""

import ctypes
import os
import subprocess
import sys
import time

assert sys.platform == "win32"

from tools import wait_for

from engine.errors import HostError
from engine.host.process import EngineProcess
from engine.registry import opener_of
from engine.types import CancelToken, PcmChunk, SpeechRequest

LONG = "This is a sentence that takes a while. " * 200
SYNCHRONIZE, TERMINATED = 0x10_0000, 0
OWNER = """
import time
from engine.host.process import EngineProcess
from engine.registry import opener_of
from engine.types import CancelToken, SpeechRequest
if __name__ == "__main__":
    process = EngineProcess(opener_of("built-in"))
    list(process.speak(SpeechRequest("Hello."), CancelToken()))
    print(process.pid, flush=True)
    time.sleep(600)
"""


def speak(process, text):
    return [event for event in process.speak(SpeechRequest(text), CancelToken()) if isinstance(event, PcmChunk)]


def speak_until_it_ends(process, end) -> str:
    try:
        for number, event in enumerate(process.speak(SpeechRequest(LONG), CancelToken())):
            assert event is not None
            if number == 3:
                end(process.pid)
    except HostError as error:
        return error.problem
    raise AssertionError("it went on")


def crash(number: int) -> None:
    """Have the process jump to address 0."""
    kernel32 = ctypes.WinDLL("kernel32")
    kernel32.OpenProcess.restype = kernel32.CreateRemoteThread.restype = ctypes.c_void_p
    kernel32.CreateRemoteThread.argtypes = (
        *(ctypes.c_void_p,) * 2,
        ctypes.c_size_t,
        *(ctypes.c_void_p,) * 2,
        ctypes.c_uint32,
        ctypes.c_void_p,
    )
    process = kernel32.OpenProcess(0x1F_FFFF, False, number)
    assert process
    assert kernel32.CreateRemoteThread(process, None, 0, None, None, 0, None)


def is_there(number: int) -> bool:
    kernel32 = ctypes.WinDLL("kernel32")
    kernel32.OpenProcess.restype = ctypes.c_void_p
    kernel32.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    handle = kernel32.OpenProcess(SYNCHRONIZE, False, number)
    return bool(handle) and kernel32.WaitForSingleObject(handle, 0) != TERMINATED


def main():
    for end in (lambda number: os.kill(number, 9), crash):
        process = EngineProcess(opener_of("built-in"))
        assert sum(len(chunk.samples) for chunk in speak(process, "Hello.")) > 5000
        assert speak_until_it_ends(process, end) == "crashed"
        process.close()
    process = EngineProcess(opener_of("built-in"))
    assert speak(process, "Hello again.")
    child = process.pid
    assert is_there(child)
    process.close()
    assert not is_there(child)

    owner = subprocess.Popen([sys.executable, "-c", OWNER], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    child = int(owner.stdout.readline())
    assert is_there(child)
    owner.kill()
    begin_s = time.monotonic()
    wait_for(lambda: not is_there(child), 30)
    print(f"  the engine ended {time.monotonic() - begin_s:.1f} s after its owner was killed")


if __name__ == "__main__":  # its child imports this file
    main()
    print("check_engine: well")
