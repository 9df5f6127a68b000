"""On Windows: the engine's process speaks, is killed while it does, and a new one speaks."""

import sys

assert sys.platform == "win32"

import os

from engine.errors import HostError
from engine.host.process import EngineProcess
from engine.registry import opener_of
from engine.types import CancelToken, PcmChunk, SpeechRequest

LONG = "This is a sentence that takes a while. " * 200


def speak(process, text):
    return [event for event in process.speak(SpeechRequest(text), CancelToken()) if isinstance(event, PcmChunk)]


def main():
    process = EngineProcess(opener_of("built-in"))
    assert sum(len(chunk.samples) for chunk in speak(process, "Hello.")) > 5000
    try:
        for number, event in enumerate(process.speak(SpeechRequest(LONG), CancelToken())):
            assert event is not None
            if number == 3:
                os.kill(process.pid, 9)
    except HostError as error:
        assert error.problem == "crashed", error.problem
    else:
        raise AssertionError("it was killed")
    process.close()
    process = EngineProcess(opener_of("built-in"))
    assert speak(process, "Hello again.")
    process.close()


if __name__ == "__main__":  # its child imports this file
    main()
    print("check_engine: well")
