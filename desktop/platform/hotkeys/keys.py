"""Describes a key with its modifiers: read from Qt's portable form, said in X11's, Windows' and the portal's. No Qt
here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Flag, auto


class Modifier(Flag):
    NONE = 0
    CTRL = auto()
    ALT = auto()
    SHIFT = auto()
    META = auto()  # the Windows or Super key


class KeysError(ValueError):
    """Reports that `text` names no key that Lectern can take; the message is a sentence and a remedy."""

    def __init__(self, text: str, reason: str) -> None:
        super().__init__(reason)
        self.text = text


_MODIFIERS = {"Ctrl": Modifier.CTRL, "Alt": Modifier.ALT, "Shift": Modifier.SHIFT, "Meta": Modifier.META}
_PORTAL_MODIFIERS = {Modifier.CTRL: "CTRL", Modifier.ALT: "ALT", Modifier.SHIFT: "SHIFT", Modifier.META: "LOGO"}

# Qt's name -> (X11 keysym, its name in xkbcommon, Windows virtual-key code)
_NAMED: dict[str, tuple[int, str, int]] = {
    "Backspace": (0xFF08, "BackSpace", 0x08),
    "Tab": (0xFF09, "Tab", 0x09),
    "Return": (0xFF0D, "Return", 0x0D),
    "Enter": (0xFF8D, "KP_Enter", 0x0D),
    "Pause": (0xFF13, "Pause", 0x13),
    "ScrollLock": (0xFF14, "Scroll_Lock", 0x91),
    "Esc": (0xFF1B, "Escape", 0x1B),
    "Space": (0x20, "space", 0x20),
    "PgUp": (0xFF55, "Prior", 0x21),
    "PgDown": (0xFF56, "Next", 0x22),
    "End": (0xFF57, "End", 0x23),
    "Home": (0xFF50, "Home", 0x24),
    "Left": (0xFF51, "Left", 0x25),
    "Up": (0xFF52, "Up", 0x26),
    "Right": (0xFF53, "Right", 0x27),
    "Down": (0xFF54, "Down", 0x28),
    "Print": (0xFF61, "Print", 0x2C),
    "Ins": (0xFF63, "Insert", 0x2D),
    "Menu": (0xFF67, "Menu", 0x5D),
    "Del": (0xFFFF, "Delete", 0x2E),
    "Help": (0xFF6A, "Help", 0x2F),
    "Volume Mute": (0x1008FF12, "XF86AudioMute", 0xAD),
    "Volume Down": (0x1008FF11, "XF86AudioLowerVolume", 0xAE),
    "Volume Up": (0x1008FF13, "XF86AudioRaiseVolume", 0xAF),
    "Media Next": (0x1008FF17, "XF86AudioNext", 0xB0),
    "Media Previous": (0x1008FF16, "XF86AudioPrev", 0xB1),
    "Media Stop": (0x1008FF15, "XF86AudioStop", 0xB2),
    "Media Play": (0x1008FF14, "XF86AudioPlay", 0xB3),
    "Media Pause": (0x1008FF31, "XF86AudioPause", 0xB3),
    "Toggle Media Play/Pause": (0x1008FF14, "XF86AudioPlay", 0xB3),
}
_NAMED |= {f"F{n}": (0xFFBD + n, f"F{n}", 0x6F + n) for n in range(1, 25)}

_KEYPAD: dict[str, tuple[int, str, int]] = {
    "*": (0xFFAA, "KP_Multiply", 0x6A),
    "+": (0xFFAB, "KP_Add", 0x6B),
    "-": (0xFFAD, "KP_Subtract", 0x6D),
    "/": (0xFFAF, "KP_Divide", 0x6F),
    "Enter": (0xFF8D, "KP_Enter", 0x0D),
} | {str(n): (0xFFB0 + n, f"KP_{n}", 0x60 + n) for n in range(10)}

_PUNCTUATION = {
    "!": "exclam",
    '"': "quotedbl",
    "#": "numbersign",
    "$": "dollar",
    "%": "percent",
    "&": "ampersand",
    "'": "apostrophe",
    "(": "parenleft",
    ")": "parenright",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "minus",
    ".": "period",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less",
    "=": "equal",
    ">": "greater",
    "?": "question",
    "@": "at",
    "[": "bracketleft",
    "\\": "backslash",
    "]": "bracketright",
    "^": "asciicircum",
    "_": "underscore",
    "`": "grave",
    "{": "braceleft",
    "|": "bar",
    "}": "braceright",
    "~": "asciitilde",
}


@dataclass(frozen=True, slots=True)
class Keys:
    """Describes a key. `name` is Qt's portable name of the key without modifiers, letters in upper case; the keypad's
    begin with "Num+".

    `virtual_key` is 0 for a sign whose key depends on the layout: Windows itself must be asked.
    """

    modifiers: Modifier
    name: str
    keysym: int
    keysym_name: str
    virtual_key: int

    def __str__(self) -> str:
        order = (Modifier.META, Modifier.CTRL, Modifier.ALT, Modifier.SHIFT)  # Qt's own
        names = {modifier: name for name, modifier in _MODIFIERS.items()}
        return "+".join([*(names[m] for m in order if m in self.modifiers), self.name])

    @property
    def portal_trigger(self) -> str:
        """Write the key in the form of the freedesktop.org shortcuts specification, like "LOGO+SHIFT+r"."""
        return "+".join([*(name for m, name in _PORTAL_MODIFIERS.items() if m in self.modifiers), self.keysym_name])


def parse_keys(text: str) -> Keys:
    """Read Qt's portable form ("Meta+Shift+R"). Raises `KeysError`."""
    if ", " in text:
        raise KeysError(text, f"{text} is several key presses, and a hotkey is one. Choose one.")
    modifiers, rest = Modifier.NONE, text
    while True:
        head, plus, tail = rest.partition("+")
        if not (head in _MODIFIERS and plus and tail):
            break
        modifiers |= _MODIFIERS[head]
        rest = tail
    found = _lookup(rest)
    if found is None:
        raise KeysError(text, f"There is no key {rest or 'without a name'} in {text!r}. Choose another.")
    keysym, keysym_name, virtual_key = found
    name = rest.upper() if len(rest) == 1 and len(rest.upper()) == 1 else rest
    return Keys(modifiers, name, keysym, keysym_name, virtual_key)


def _lookup(name: str) -> tuple[int, str, int] | None:
    """(keysym, its name, virtual key) of a key without modifiers."""
    if name.startswith("Num+"):
        return _KEYPAD.get(name[4:])
    if name in _NAMED:
        return _NAMED[name]
    if len(name) != 1 or not name.isprintable() or name == " ":
        return None
    sign = name.lower() if len(name.lower()) == 1 else name
    code = ord(sign)
    if sign.isascii() and sign.isalnum():
        return code, sign, ord(sign.upper())
    if sign.isascii():
        return code, _PUNCTUATION[sign], 0
    if code < 0x100:  # Latin-1 keysyms are the code points themselves
        return code, f"U{code:04X}", 0
    return 0x0100_0000 | code, f"U{code:04X}", 0
