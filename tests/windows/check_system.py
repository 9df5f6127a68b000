"""On Windows: the C++ runtime, how long the computer slept, autostart as the task manager has it."""

import sys

assert sys.platform == "win32"

import winreg

from desktop.platform import autostart
from desktop.speech.slot import computer_slept_s
from engine.machine.cpp_runtime import missing_cpp_runtime

assert missing_cpp_runtime() == ()
assert abs(computer_slept_s()) < 3600

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
