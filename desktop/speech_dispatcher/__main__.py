"""`python -m desktop.speech_dispatcher [CONFIGURATION]`: what speech-dispatcher starts, by the file that
`lectern speechd install` writes."""

from __future__ import annotations

import logging
import os
import sys

from desktop.speech_dispatcher.chooser import Chooser
from desktop.speech_dispatcher.module import Module
from desktop.speech_dispatcher.mouth import Mouth
from desktop.speech_dispatcher.wire import Wire


def main() -> None:
    """Serve the daemon until it is gone. Whatever waits or speaks then ends with the process."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    output_fd = os.dup(1)
    os.dup2(2, 1)  # what a library prints is no reply
    wire = Wire(0, output_fd)
    chooser = Chooser()
    mouth = Mouth(wire, chooser.said)
    mouth.on_gone = lambda: os._exit(0)
    mouth.start()
    try:
        Module(wire, mouth, chooser.voices).run()
    except OSError:
        pass  # the daemon is gone
    finally:
        os._exit(0)  # a thread may be in the middle of a write that nobody reads


if __name__ == "__main__":
    main()
