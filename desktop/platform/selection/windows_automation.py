"""Reads the focused control's selected text by UI Automation, called through its COM tables. Not yet run on Windows."""

from __future__ import annotations

import ctypes
import uuid
from contextlib import ExitStack
from typing import Any

CLSID_UI_AUTOMATION = "ff48dba4-60ef-4201-aa87-54103eef594e"
IID_UI_AUTOMATION = "30cbe57d-d9d0-452a-ab13-7ac5ac4825ee"
IID_TEXT_PATTERN = "32eba289-3583-42c9-9c59-3b6d9a1e9b6a"
TEXT_PATTERN = 10014
CLSCTX_INPROC_SERVER = 1
COINIT_MULTITHREADED = 0

# Places in the interfaces' tables, in the order of UIAutomationClient.h
RELEASE = 2
GET_FOCUSED_ELEMENT = 8  # IUIAutomation
GET_CURRENT_PATTERN_AS = 14  # IUIAutomationElement
GET_SELECTION = 5  # IUIAutomationTextPattern
GET_LENGTH, GET_ELEMENT = 3, 4  # IUIAutomationTextRangeArray
GET_TEXT = 12  # IUIAutomationTextRange


def focused_selection() -> str | None:
    """Read the selected text; "" where nothing is selected, None where the control does not say."""
    ole32: Any = ctypes.WinDLL("ole32")  # type: ignore[attr-defined]
    if ole32.CoInitializeEx(None, COINIT_MULTITHREADED) < 0:
        return None
    try:
        with ExitStack() as stack:
            return _selection(ole32, stack)
    finally:
        ole32.CoUninitialize()


def _selection(ole32: Any, stack: ExitStack) -> str | None:
    automation = ctypes.c_void_p()
    class_id, interface_id = _guid(CLSID_UI_AUTOMATION), _guid(IID_UI_AUTOMATION)
    if ole32.CoCreateInstance(class_id, None, CLSCTX_INPROC_SERVER, interface_id, ctypes.byref(automation)) < 0:
        return None
    stack.callback(_call, automation, RELEASE)
    element = _get(stack, automation, GET_FOCUSED_ELEMENT)
    pattern = _get(stack, element, GET_CURRENT_PATTERN_AS, ctypes.c_int(TEXT_PATTERN), _guid(IID_TEXT_PATTERN))
    ranges = _get(stack, pattern, GET_SELECTION)
    n_ranges = ctypes.c_int()
    if not ranges or _call(ranges, GET_LENGTH, ctypes.byref(n_ranges)) < 0:
        return None
    parts = (_text(_get(stack, ranges, GET_ELEMENT, ctypes.c_int(n))) for n in range(n_ranges.value))
    return "\n".join(part for part in parts if part)


def _get(stack: ExitStack, instance: ctypes.c_void_p, place: int, *arguments: Any) -> ctypes.c_void_p:
    """The interface that a method gives through its last argument; a null one where it gives none."""
    found = ctypes.c_void_p()
    if instance and _call(instance, place, *arguments, ctypes.byref(found)) >= 0 and found:
        stack.callback(_call, found, RELEASE)
    return found


def _text(text_range: ctypes.c_void_p) -> str:
    oleaut32: Any = ctypes.WinDLL("oleaut32")  # type: ignore[attr-defined]
    oleaut32.SysStringLen.argtypes = oleaut32.SysFreeString.argtypes = (ctypes.c_void_p,)
    string = ctypes.c_void_p()
    if not text_range or _call(text_range, GET_TEXT, ctypes.c_int(-1), ctypes.byref(string)) < 0 or not string.value:
        return ""
    try:
        return ctypes.wstring_at(string.value, oleaut32.SysStringLen(string))
    finally:
        oleaut32.SysFreeString(string)


def _call(instance: ctypes.c_void_p, place: int, *arguments: Any) -> int:
    """Call the method at `place` of a COM object's table: an HRESULT, negative for a failure."""
    table = ctypes.cast(instance, ctypes.POINTER(ctypes.POINTER(ctypes.c_void_p)))[0]
    address = table[place]
    assert address is not None
    kinds = [type(argument) if isinstance(argument, ctypes.c_int) else ctypes.c_void_p for argument in arguments]
    method = ctypes.WINFUNCTYPE(ctypes.c_long, ctypes.c_void_p, *kinds)(address)  # type: ignore[attr-defined]
    values = [a if isinstance(a, ctypes.c_int) else ctypes.cast(a, ctypes.c_void_p) for a in arguments]
    return method(instance, *values)


def _guid(text: str) -> ctypes.Array[ctypes.c_char]:
    return ctypes.create_string_buffer(uuid.UUID(text).bytes_le, 16)
