"""On Windows: the hotkey has the application speak what is selected in Notepad, and the clipboard is as it was."""

import sys
import tempfile
import time
from pathlib import Path

assert sys.platform == "win32"

from tools import notepad, press, running_lectern, select_all, settings, status, wait_for

from desktop.platform.selection.windows_clipboard import CF_UNICODETEXT, Clipboard

TEXT = "Selected words are spoken, one after the other. " * 3

settings(hotkeys={"read_selection": "Meta+Ctrl+H"})
clipboard = Clipboard()
with running_lectern("--background"), notepad(TEXT, Path(tempfile.mkdtemp())) as window:
    html = clipboard._user32.RegisterClipboardFormatW("HTML Format")
    clipboard.restore({CF_UNICODETEXT: "kept ł\0".encode("utf-16-le"), html: b"<b>\0kept</b>"}, None)
    kept = clipboard.save()
    assert status()["phase"] == "idle", status()
    assert status()["hotkeys"]["read_selection"] == "Meta+Ctrl+H", status()
    select_all(window)
    begin_s = time.monotonic()
    press("Win+Ctrl+H")
    wait_for(lambda: status()["heard_s"] > 1, message=status)
    print(f"  heard for a second {time.monotonic() - begin_s:.1f} s after the key")
    assert clipboard.save() == kept
print("check_spoken: well")
