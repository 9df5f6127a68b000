"""On Windows: the clipboard is put back whole, and what is selected in Notepad is read."""

import ctypes
import subprocess
import sys
import tempfile
import time
from ctypes import wintypes
from pathlib import Path

assert sys.platform == "win32"

from PySide6.QtCore import QCoreApplication

from desktop.platform.selection.windows import WindowsSelection
from desktop.platform.selection.windows_clipboard import CF_ENHMETAFILE, CF_UNICODETEXT, Clipboard
from desktop.platform.selection.windows_keyboard import VK_CONTROL, Input, Keyboard, _key

TEXT = "Selected words, ł."

clipboard, keyboard = Clipboard(), Keyboard()
user32, gdi32 = clipboard._user32, clipboard._gdi32
user32.FindWindowW.restype = wintypes.HWND
user32.SetForegroundWindow.argtypes = (wintypes.HWND,)
gdi32.CreateEnhMetaFileW.restype = gdi32.CloseEnhMetaFile.restype = wintypes.HANDLE
gdi32.CreateEnhMetaFileW.argtypes = (wintypes.HANDLE, wintypes.LPCWSTR, ctypes.c_void_p, wintypes.LPCWSTR)
gdi32.CloseEnhMetaFile.argtypes = (wintypes.HANDLE,)
gdi32.Rectangle.argtypes = (wintypes.HANDLE, *(ctypes.c_int,) * 4)


def picture():
    drawing = gdi32.CreateEnhMetaFileW(None, None, None, None)
    gdi32.Rectangle(drawing, 1, 2, 300, 400)
    handle = gdi32.CloseEnhMetaFile(drawing)
    data = ctypes.create_string_buffer(gdi32.GetEnhMetaFileBits(handle, 0, None))
    gdi32.GetEnhMetaFileBits(handle, len(data), data)
    return data.raw


html = user32.RegisterClipboardFormatW("HTML Format")
wanted = {CF_UNICODETEXT: "kept ł\0".encode("utf-16-le"), html: b"<b>\0kept</b>", CF_ENHMETAFILE: picture()}
clipboard.restore(wanted, None)
kept = clipboard.save()
assert wanted.items() <= kept.items()

path = Path(tempfile.mkdtemp(), "text.txt")
path.write_text(TEXT, encoding="utf-16")
notepad = subprocess.Popen([r"C:\windows\system32\notepad.exe", str(path)])
end_s = time.monotonic() + 60
while not (window := user32.FindWindowW("Notepad", None)) and time.monotonic() < end_s:
    time.sleep(0.1)
application = QCoreApplication([])
selection = WindowsSelection()
select_all = [_key(VK_CONTROL), _key(0x41), _key(0x41, is_up=True), _key(VK_CONTROL, is_up=True)]
text = ""
while text != TEXT and time.monotonic() < end_s:  # until it has read its file
    user32.SetForegroundWindow(window)
    user32.SendInput(4, (Input * 4)(*select_all), ctypes.sizeof(Input))
    try:
        text = selection._selected()
    except Exception as error:  # nothing is selected yet
        print(ascii(error))
assert text == TEXT, ascii(text)
assert clipboard.save() == kept
notepad.kill()
selection.close()
print("check_selection: well")
