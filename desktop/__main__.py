"""`lectern`, and `python -m desktop`."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line and end the program with its exit code."""
    try:
        from desktop.cli import run  # 0.2 s in which Ctrl-C is to be as quiet as later
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
