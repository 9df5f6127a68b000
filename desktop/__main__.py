"""`lectern`, and `python -m desktop`."""

from __future__ import annotations

import io
import signal
import sys


def main() -> None:
    """Run the command line and end the program with its exit code."""
    if sys.stdout is not None and isinstance(sys.stdout, io.TextIOWrapper):
        # A file's name may be no UTF-8: it goes out as the bytes that it is, for whoever reads them.
        sys.stdout.reconfigure(errors="backslashreplace" if sys.platform == "win32" else "surrogateescape")
    try:
        from desktop.cli import run  # 0.2 s in which Ctrl-C is to be as quiet as later
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
