"""Keys in Qt's form, and what X11, Windows and the portal are told of them."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QKeySequence
from Xlib import XK

from desktop.common.settings import DEFAULT_HOTKEYS
from desktop.platform.hotkeys.harm import parse_hotkey
from desktop.platform.hotkeys.keys import KeysError, Modifier, parse_keys
from desktop.platform.hotkeys.windows import MOD_ALT, MOD_CONTROL, MOD_NOREPEAT, MOD_SHIFT, MOD_WIN, hotkey_arguments

NAMES = (
    *("Esc", "Tab", "Backspace", "Return", "Enter", "Ins", "Del", "Pause", "Print", "Home", "End", "Left", "Up"),
    *("Right", "Down", "PgUp", "PgDown", "ScrollLock", "Menu", "Help", "Space", "F1", "F12", "F24"),
)
MEDIA_NAMES = (
    *("Volume Mute", "Volume Down", "Volume Up", "Media Next", "Media Previous", "Media Stop", "Media Play"),
    *("Media Pause", "Toggle Media Play/Pause"),
)
SIGNS = "ABCXYZ0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~ÄÉÑ"


def qt_form(text: str) -> str:
    return QKeySequence(text, QKeySequence.SequenceFormat.PortableText).toString(
        QKeySequence.SequenceFormat.PortableText
    )


@pytest.mark.parametrize("name", [*NAMES, *MEDIA_NAMES, *SIGNS, "Num+5", "Num++", "Num+Enter"])
def test_qt_and_we_mean_the_same_key(name: str) -> None:
    text = f"Ctrl+Alt+{name}"
    assert qt_form(text) == text, "Qt does not know this name"
    assert str(parse_keys(text)) == text


@pytest.mark.parametrize("name", [*NAMES, *(sign for sign in SIGNS if sign.isascii()), "Num+5", "Num++", "Num+Enter"])
def test_the_keysym_is_xlibs(name: str) -> None:
    XK.load_keysym_group("xkb")
    keys = parse_keys(f"Ctrl+Alt+{name}")
    assert XK.string_to_keysym(keys.keysym_name) == keys.keysym


@pytest.mark.parametrize("name", [*MEDIA_NAMES])
def test_the_media_keysym_is_xlibs(name: str) -> None:
    XK.load_keysym_group("xf86")
    keys = parse_keys(name)
    assert XK.string_to_keysym(keys.keysym_name.replace("XF86", "XF86_")) == keys.keysym


def test_modifiers_come_in_any_order_and_leave_in_qts() -> None:
    keys = parse_keys("Shift+Alt+Ctrl+Meta+r")
    assert keys.modifiers == Modifier.META | Modifier.CTRL | Modifier.ALT | Modifier.SHIFT
    assert str(keys) == qt_form("Shift+Alt+Ctrl+Meta+R") == "Meta+Ctrl+Alt+Shift+R"


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("Meta+Shift+R", "SHIFT+LOGO+r"),
        ("Ctrl+Alt+F9", "CTRL+ALT+F9"),
        ("Ctrl++", "CTRL+plus"),
        ("Meta+,", "LOGO+comma"),
        ("Media Play", "XF86AudioPlay"),
        ("Pause", "Pause"),
    ],
)
def test_the_portals_form(text: str, trigger: str) -> None:
    assert parse_keys(text).portal_trigger == trigger


@pytest.mark.parametrize(
    ("text", "sign_key", "arguments"),
    [
        ("Meta+Shift+R", -1, (MOD_WIN | MOD_SHIFT, ord("R"))),
        ("Ctrl+Alt+5", -1, (MOD_CONTROL | MOD_ALT, ord("5"))),
        ("F24", -1, (0, 0x87)),
        ("Ctrl+Num+5", -1, (MOD_CONTROL, 0x65)),
        ("Ctrl+?", 0x1BF, (MOD_CONTROL | MOD_SHIFT, 0xBF)),  # US: Shift and the key of /
        ("Ctrl+@", 0x651, (MOD_CONTROL | MOD_ALT, 0x51)),  # German: AltGr and Q
    ],
)
def test_windows_form(text: str, sign_key: int, arguments: tuple[int, int]) -> None:
    found = hotkey_arguments(parse_keys(text), sign_key)
    assert found == (arguments[0] | MOD_NOREPEAT, arguments[1])


def test_a_sign_that_a_windows_keyboard_lacks() -> None:
    assert hotkey_arguments(parse_keys("Ctrl+Ж"), -1) is None


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "There is no key without a name in ''. Choose another."),
        ("Ctrl+", "There is no key Ctrl+ in 'Ctrl+'. Choose another."),
        ("Ctrl+Nonsense", "There is no key Nonsense in 'Ctrl+Nonsense'. Choose another."),
        ("Hyper+R", "There is no key Hyper+R in 'Hyper+R'. Choose another."),
        ("Ctrl+K, Ctrl+R", "Ctrl+K, Ctrl+R is several key presses, and a hotkey is one. Choose one."),
        ("R", "R is needed for writing. Add Ctrl, Alt or Meta to it."),
        ("Shift+R", "Shift+R is needed for writing. Add Ctrl, Alt or Meta to it."),
        ("Esc", "Esc is needed for writing. Add Ctrl, Alt or Meta to it."),
        ("Num+5", "Num+5 is needed for writing. Add Ctrl, Alt or Meta to it."),
        ("Ctrl+C", "Ctrl+C is what people copy with, in every program. Choose another."),
        ("Ctrl+B", "Ctrl+B is used within programs. Add Alt or Meta to it."),
        ("Alt+Tab", "Alt+Tab is what people switch windows with. Choose another."),
        ("Ctrl+Alt+Del", "Ctrl+Alt+Del is what people lock or leave the session with. Choose another."),
        ("Ctrl+Alt+F2", "Ctrl+Alt+F2 is what people leave a desktop that hangs with. Choose another."),
    ],
)
def test_what_cannot_be_a_hotkey_says_why(text: str, reason: str) -> None:
    with pytest.raises(KeysError) as caught:
        parse_hotkey(text)
    assert str(caught.value) == reason
    assert caught.value.text == text


HARMFUL = (
    *(f"Ctrl+{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    *(f"{shift}{sign}" for shift in ("", "Shift+") for sign in "AZ09.?Ä"),
    *(f"{shift}{name}" for shift in ("", "Shift+") for name in ("Space", "Return", "Enter", "Tab", "Backspace", "Del")),
    *("Left", "Shift+Left", "Ctrl+Left", "Ctrl+Shift+Left", "Home", "PgDown", "Ctrl+Ins", "Shift+Ins", "F1", "Menu"),
    *("Ctrl+Shift+C", "Ctrl+Shift+V", "Ctrl+Shift+Z", "Ctrl+Backspace", "Ctrl+Tab", "Alt+F4", "Alt+Space", "Alt+Print"),
    *("Alt+Shift+Tab", "Meta+Tab", "Meta+L", "Ctrl+Esc", "Ctrl+Shift+Esc", "Ctrl+Alt+Backspace", "Alt+Esc"),
)


@pytest.mark.parametrize("text", HARMFUL)
def test_what_would_harm_is_refused(text: str) -> None:
    with pytest.raises(KeysError, match=r"Add |Choose another"):
        parse_hotkey(text)


@pytest.mark.parametrize(
    "text",
    [
        *(keys for _, keys in DEFAULT_HOTKEYS),
        *("Pause", "F9", "F13", "Media Play", "Alt+R", "Ctrl+Alt+R", "Meta+R", "Meta+Shift+R", "Ctrl+Shift+F9"),
    ],
)
def test_what_can_be_spared_is_taken(text: str) -> None:
    assert str(parse_hotkey(text)) == text
