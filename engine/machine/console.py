"""What keeps programs that are run unseen from flashing a console on Windows."""

from __future__ import annotations

import os

NO_CONSOLE = 0x0800_0000 if os.name == "nt" else 0
"""`creationflags` of a program without a terminal: CREATE_NO_WINDOW. It and its own children have a console that nobody
sees. `subprocess` has the name on Windows only, and takes 0 elsewhere."""
