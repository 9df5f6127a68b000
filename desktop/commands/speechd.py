"""`lectern speechd`: Lectern in the person's configuration of speech-dispatcher, or out of it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from desktop.speech_dispatcher.configuration import Status, install, remove, status

EXIT_NOT_SO = 2
RESTART = """\
Programs hear of it when speech-dispatcher starts next: at the next login, or after: killall speech-dispatcher
"""


def speechd(arguments: argparse.Namespace) -> int:
    """Do what `arguments.action` says. Raises `SpeechDispatcherError`, `engine.OutputError`."""
    if arguments.action == "status":
        return _print_status(status())
    changed = install() if arguments.action == "install" else remove()
    for path in changed:
        sys.stdout.write(f"{_verb(path)} {path}\n")
    if changed:
        sys.stdout.write(RESTART)
    else:
        is_in = arguments.action == "install"
        sys.stdout.write("All is so already.\n" if is_in else "There was nothing to remove.\n")
    return 0


def _verb(path: Path) -> str:
    return "Wrote" if path.exists() else "Removed"


def _print_status(found: Status) -> int:
    if not found.has_daemon:
        words = "speech-dispatcher is not installed. Install it: sudo apt install speech-dispatcher"
    elif not found.is_installed:
        words = "speech-dispatcher does not know Lectern. Change that: lectern speechd install"
    elif not found.works:
        words = "speech-dispatcher starts another Lectern than this one. Change that: lectern speechd install"
    elif not found.is_default:
        words = "speech-dispatcher knows Lectern, but another voice is the usual one. Change that in your speechd.conf."
    else:
        words = "Programs speak with Lectern through speech-dispatcher."
    sys.stdout.write(f"{words}\n")
    return 0 if found.works and found.is_default else EXIT_NOT_SO
