"""Refuses keys that are needed elsewhere: taken from every program, they would keep people from writing, copying or
leaving.

The same on every platform, so that settings can move from one to another. No Qt here.
"""

from __future__ import annotations

from desktop.platform.hotkeys.keys import Keys, KeysError, Modifier, parse_keys

_CTRL, _ALT, _SHIFT, _META = Modifier.CTRL, Modifier.ALT, Modifier.SHIFT, Modifier.META

_MOVING = frozenset(
    (
        "Left",
        "Right",
        "Up",
        "Down",
        "Home",
        "End",
        "PgUp",
        "PgDown",
        "Backspace",
        "Del",
        "Ins",
        "Tab",
        "Return",
        "Enter",
    )
)
_WRITING = _MOVING | {"Space", "Esc", "Menu", "F1", "F10"}
_SWITCHING = frozenset(f"F{n}" for n in range(1, 9))  # the virtual terminals that people have

_EDITING = {"A": "select all", "C": "copy", "V": "paste", "X": "cut", "Y": "redo", "Z": "undo", "S": "save"}

# What the desktops themselves, or the kernel, listen to.
_DESKTOPS = {
    (_ALT, "Tab"): "switch windows",
    (_ALT | _SHIFT, "Tab"): "switch windows",
    (_META, "Tab"): "switch windows",
    (_META | _SHIFT, "Tab"): "switch windows",
    (_CTRL | _ALT, "Tab"): "switch windows",
    (_ALT, "Esc"): "switch windows",
    (_ALT, "F4"): "close windows",
    (_ALT, "Space"): "open a window's menu",
    (_CTRL | _ALT, "Del"): "lock or leave the session",
    (_CTRL | _ALT, "End"): "lock or leave the session",
    (_CTRL | _ALT, "Backspace"): "end the session",
    (_META, "L"): "lock the screen",
    (_META, "D"): "show the desktop",
    (_META, "Space"): "switch the keyboard",
    (_CTRL, "Esc"): "open the start menu",
    (_CTRL | _SHIFT, "Esc"): "open the task manager",
    (_ALT, "Print"): "reach a system that hangs",
    (_CTRL | _ALT, "T"): "open a terminal",
}


def parse_hotkey(text: str) -> Keys:
    """Read keys as `parse_keys` does, and refuse those that would harm. Raises `KeysError`."""
    keys = parse_keys(text)
    if reason := why_harmful(keys):
        raise KeysError(text, reason)
    return keys


def why_harmful(keys: Keys) -> str:
    """Say in a sentence and a remedy why the keys would harm; empty where the keys can be taken from all other
    programs."""
    wide, name = keys.modifiers & ~_SHIFT, keys.name
    if not wide and (len(name) == 1 or name in _WRITING or name.startswith("Num+")):
        return f"{keys} is needed for writing. Add Ctrl, Alt or Meta to it."
    if (use := _DESKTOPS.get((keys.modifiers, name))) is not None:
        return f"{keys} is what people {use} with. Choose another."
    if keys.modifiers == _CTRL | _ALT and name in _SWITCHING:
        return f"{keys} is what people leave a desktop that hangs with. Choose another."
    if wide == _CTRL:
        return _why_harmful_with_ctrl(keys)
    return ""


def _why_harmful_with_ctrl(keys: Keys) -> str:
    """Programs use most of what is pressed with Ctrl alone, and terminals have their copying one Shift further."""
    with_shift, name = Modifier.SHIFT in keys.modifiers, keys.name
    if name in _EDITING and (not with_shift or name in "CVXZ"):
        return f"{keys} is what people {_EDITING[name]} with, in every program. Choose another."
    if (len(name) == 1 and name.isalpha() and not with_shift) or name in _MOVING:
        return f"{keys} is used within programs. Add Alt or Meta to it."
    return ""
