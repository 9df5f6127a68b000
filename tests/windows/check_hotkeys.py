"""On Windows: hotkeys are pressed, rebound, and told where another program has them."""

import subprocess
import sys

assert sys.platform == "win32"

from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer
from tools import LIMIT_S, press

from desktop.platform.hotkeys import Action, open_hotkeys

# Another program, that holds Win+Ctrl+J until it is told to end.
HOLDER = """
import ctypes, sys
assert ctypes.windll.user32.RegisterHotKey(None, 1, 8 | 2, ord("J"))
print("held", flush=True)
sys.stdin.readline()
"""

application = QCoreApplication([])
hotkeys = open_hotkeys()
heard, bound = [], []
hotkeys.pressed.connect(heard.append)
hotkeys.bound.connect(bound.append)


def wait_until(what) -> None:
    loop, watch = QEventLoop(), QTimer(interval=50)
    watch.timeout.connect(lambda: what() and loop.exit(0))
    watch.start()
    QTimer.singleShot(LIMIT_S * 1000, loop, lambda: loop.exit(1))
    assert loop.exec() == 0, (heard, bound)


def bind(**keys: str) -> dict:
    bound.clear()
    hotkeys.bind({Action(action): text for action, text in keys.items()})
    wait_until(lambda: bound)
    return {str(action): binding.problem for action, binding in bound[0].items()}


assert bind(read_selection="Meta+Ctrl+R", stop="Meta+Ctrl+X") == {"read_selection": "", "stop": ""}
for keys, action in (("Win+Ctrl+R", "read_selection"), ("Win+Ctrl+X", "stop"), ("Win+Ctrl+R", "read_selection")):
    heard.clear()
    press(keys)
    wait_until(lambda: heard)
    assert heard == [action], heard

assert bind(read_selection="Meta+Ctrl+H", stop="Meta+Ctrl+X") == {"read_selection": "", "stop": ""}
heard.clear()
press("Win+Ctrl+R")  # no longer Lectern's
press("Win+Ctrl+H")
wait_until(lambda: heard)
press("Win+Ctrl+X")
wait_until(lambda: len(heard) == 2)
assert heard == ["read_selection", "stop"], heard

holder = subprocess.Popen(
    [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="utf-8"
)
assert holder.stdout.readline().strip() == "held"
problem = "Meta+Ctrl+J is taken by another program. Choose another in Settings."
assert bind(read_selection="Meta+Ctrl+J", stop="Meta+Ctrl+X") == {"read_selection": problem, "stop": ""}, bound
holder.communicate("\n", 60)
assert bind(read_selection="Meta+Ctrl+J", stop="Meta+Ctrl+X") == {"read_selection": "", "stop": ""}
heard.clear()
press("Win+Ctrl+J")
wait_until(lambda: heard)
assert heard == ["read_selection"]
hotkeys.close()
print("check_hotkeys: well")
