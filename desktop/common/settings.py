"""Holds what a person can set, as one frozen value, and reads and writes its file. No Qt here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import engine
import engine.files
import engine.registry
from desktop.common.messages import Message
from desktop.common.state import SPEEDS

VERSION = 1
IDLE_MINUTES = (1.0, 1440.0)
VOLUMES = (0.0, 1.0)
DOWNLOADS = ("", "running", "paused")
SAID_AT_ONCE = ("short", "keys", "nothing")
"""Keys, letters and short texts; keys and letters; nothing."""
PAGE_ZOOMS = (50, 400)
PAGE_COLUMNS = (30, 1000)
PAGE_SPACINGS = (1.0, 3.0)
PAGE_TYPEFACES = ("desktop", "serif", "sans", "dyslexia")
PAGE_THEMES = ("desktop", "light", "sepia", "dark")

# Action -> keys in Qt's portable form. No desktop that we know of has these: GNOME, KDE Plasma and Windows 11 keep
# Meta+Shift+R, Meta+R and Meta+Alt+R for screenshots and recordings, and Ctrl+Alt is AltGr on many keyboards.
DEFAULT_HOTKEYS = (
    ("read_selection", "Meta+Ctrl+R"),
    ("read_clipboard", "Meta+Ctrl+B"),
    ("pause_resume", "Meta+Ctrl+P"),
    ("stop", "Meta+Ctrl+X"),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Holds what a person can set. Defaults are what a new user gets. Change one with `dataclasses.replace`."""

    hotkeys: tuple[tuple[str, str], ...] = DEFAULT_HOTKEYS
    """(action, keys) for each action; no keys turn an action's hotkey off. `dict(settings.hotkeys)`"""
    voice: str = ""
    language: str = ""
    """One of `engine.LANGUAGES`; "" detects it."""
    speed: float = 1.0
    volume: float = 1.0
    output_device: str = ""
    """A device's name; "" follows the desktop's default."""
    device: str = "auto"
    precision: str = "auto"
    idle_minutes: float = 10.0
    """After so long in silence the engine gives its memory back."""
    compile: bool = True
    """Compile for this computer what makes S1 Mini faster."""
    start_at_login: bool = False
    load_at_start: bool = True
    built_in_meanwhile: bool = True
    """Read with the built-in voice while S1 Mini is not ready."""
    clean_text: bool = True
    normalise_text: bool = True
    """Say dates, units, abbreviations and the like in words."""
    told_of_hotkeys: str = ""
    """Why hotkeys do nothing, as it was shown last."""
    notifications: bool = True
    show_strip: bool = True
    strip_position: tuple[int, int] | None = None
    offered_s1: bool = False
    """The card that offers S1 Mini has been answered."""
    checkpoint_folder: str = ""
    """With S1 Mini's files, chosen by the person; "" looks in the usual places."""
    s1_download: str = ""
    """What goes on at the next start: one of `DOWNLOADS`."""
    prefer_saved_token: bool = False
    """Download with the saved token though the environment's HF_TOKEN names another: the person asked for it."""
    serve_http: bool = False
    serve_address: str = "127.0.0.1:8080"
    serve_key: str = ""
    """What clients of the HTTP interface bring; "" asks for none."""
    serve_voice: str = ""
    """Who speaks where they name nobody."""
    serve_origins: str = ""
    """The origins, with spaces between them, of web pages that may use it."""
    serve_wyoming: bool = False
    wyoming_address: str = "127.0.0.1:10200"
    say_at_once: str = "short"
    """What screen readers want said that the built-in voice says at once: one of `SAID_AT_ONCE`."""
    page_zoom: int = 100
    """The size of the reader's text, in percent of the usual one."""
    page_typeface: str = "desktop"
    page_column: int = 70
    """Signs a line."""
    page_spacing: float = 1.5
    """The height of a line, in that of its font."""
    page_theme: str = "desktop"
    read_on_at_start: bool = False
    """Read on where the reader was left, when Lectern starts."""
    open_book: str = ""
    """The key of the book that was open at the end; "" where none was."""
    window_geometry: str = ""
    last_text_position: int = 0
    """In code points of the last text."""


def load_settings(path: Path) -> tuple[Settings, Message | None]:
    """Read the settings in `path`; return them, and what was wrong with the file.

    No file is no problem. A file that is no settings at all is set aside and the defaults are used. A value that
    cannot be is replaced by its default, and the message names its key.
    """
    try:
        values = _read_object(path)
    except FileNotFoundError:
        return Settings(), None
    except OSError as error:
        reason = error.strerror or "unknown reason"
        sentence = f"The settings in {path} cannot be read ({reason}), so the usual ones are used."
        return Settings(), Message(sentence, "Change its permissions.")
    except ValueError:
        return Settings(), _set_aside(path)
    return _check(values, path)


def read_checkpoint_folder(path: Path) -> str:
    """Read the `checkpoint_folder` in the file `path`, which is only looked at; "" where there is none that can be
    read."""
    try:
        return _text(_read_object(path).get("checkpoint_folder", ""))
    except (OSError, ValueError, TypeError):
        return ""


def save_settings(path: Path, settings: Settings) -> None:
    """Write `settings` to `path` at once and whole. Keys in it that this version does not know are kept.

    Waits for the disk: not for the GUI thread. Raises `engine.OutputError`.
    """
    try:
        values = _read_object(path)
    except (OSError, ValueError):
        values = {}
    known = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    hotkeys = values.get("hotkeys")
    known["hotkeys"] = (hotkeys if isinstance(hotkeys, dict) else {}) | dict(settings.hotkeys)
    engine.files.write_whole(
        path, engine.files.json_bytes(values | {"version": VERSION} | known) + b"\n", make_folders=True
    )


def load_last_text(path: Path) -> str:
    """Read the text kept in `path`; empty where there is none that can be read."""
    try:
        return engine.files.read_whole(path).decode("utf-8", "replace")
    except OSError:
        return ""


def save_last_text(path: Path, text: str) -> None:
    """Keep `text` in `path`. Waits for the disk: not for the GUI thread. Raises `engine.OutputError`."""
    engine.files.write_whole(path, text.encode("utf-8", "replace"), make_folders=True)


def _read_object(path: Path) -> dict[str, Any]:
    """Raises OSError; ValueError where the file holds no JSON object."""
    return engine.files.parse_object(engine.files.read_whole(path).decode("utf-8-sig"))


def _set_aside(path: Path) -> Message:
    sentence = f"The settings in {path} are damaged, so the usual ones are used."
    aside = engine.files.set_aside(path)
    if aside is None:  # another process did it first, or nothing may be written there: saving will report it
        return Message(sentence)
    return Message(sentence, f"What was there is kept in {aside.name}, in the same folder.")


def _check(values: dict[str, Any], path: Path) -> tuple[Settings, Message | None]:
    good: dict[str, Any] = {}
    bad: list[str] = []
    for name, check in _CHECKS.items():
        if name not in values:
            continue
        try:
            good[name] = check(values[name])
        except (TypeError, ValueError):
            bad.append(name)
    version = values.get("version", VERSION)
    if type(version) is not int or version < 1:
        bad.append("version")
    if bad:
        sentence = f"In the settings {path}, these values cannot be and were left out: {', '.join(bad)}."
        return Settings(**good), Message(sentence, "Set them anew.")
    if version > VERSION:
        sentence = f"The settings in {path} are from a newer Lectern, so some may mean something else here."
        return Settings(**good), Message(sentence, "Check them, or start the newer Lectern.")
    return Settings(**good), None


# --- one check for each value: returns it, or raises TypeError or ValueError ------------------------------------------


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _boolean(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError
    return value


def _integer(value: Any) -> int:
    if type(value) is not int or abs(value) >= 2**31:  # Qt's int
        raise TypeError
    return value


def _count(value: Any) -> int:
    if _integer(value) < 0:
        raise ValueError
    return value


def _whole(limits: tuple[int, int]) -> Callable[[Any], int]:
    def check(value: Any) -> int:
        if not limits[0] <= _integer(value) <= limits[1]:
            raise ValueError
        return int(value)

    return check


def _number(limits: tuple[float, float]) -> Callable[[Any], float]:
    def check(value: Any) -> float:
        if type(value) not in (int, float):
            raise TypeError
        if not limits[0] <= value <= limits[1]:  # NaN too
            raise ValueError
        return float(value)

    return check


def _choice(choices: tuple[str, ...]) -> Callable[[Any], str]:
    def check(value: Any) -> str:
        if value not in choices:
            raise ValueError
        return value

    return check


def _position(value: Any) -> tuple[int, int] | None:
    if value is None:
        return None
    x, y = value
    return _integer(x), _integer(y)


def _hotkeys(value: Any) -> tuple[tuple[str, str], ...]:
    """An action that is not named has its default keys; one that is not known is a newer Lectern's."""
    if not isinstance(value, dict):
        raise TypeError
    return tuple((action, _text(value.get(action, keys))) for action, keys in DEFAULT_HOTKEYS)


_CHECKS: dict[str, Callable[[Any], Any]] = {
    "hotkeys": _hotkeys,
    "voice": _text,
    "language": _choice(("", *engine.LANGUAGES)),
    "speed": _number(SPEEDS),
    "volume": _number(VOLUMES),
    "output_device": _text,
    "device": _choice(tuple(engine.registry.DEVICES)),
    "precision": _choice(engine.registry.PRECISIONS),
    "idle_minutes": _number(IDLE_MINUTES),
    "compile": _boolean,
    "start_at_login": _boolean,
    "load_at_start": _boolean,
    "built_in_meanwhile": _boolean,
    "clean_text": _boolean,
    "normalise_text": _boolean,
    "told_of_hotkeys": _text,
    "notifications": _boolean,
    "show_strip": _boolean,
    "strip_position": _position,
    "offered_s1": _boolean,
    "checkpoint_folder": _text,
    "s1_download": _choice(DOWNLOADS),
    "prefer_saved_token": _boolean,
    "serve_http": _boolean,
    "serve_address": _text,
    "serve_key": _text,
    "serve_voice": _text,
    "serve_origins": _text,
    "serve_wyoming": _boolean,
    "wyoming_address": _text,
    "say_at_once": _choice(SAID_AT_ONCE),
    "page_zoom": _whole(PAGE_ZOOMS),
    "page_typeface": _choice(PAGE_TYPEFACES),
    "page_column": _whole(PAGE_COLUMNS),
    "page_spacing": _number(PAGE_SPACINGS),
    "page_theme": _choice(PAGE_THEMES),
    "read_on_at_start": _boolean,
    "open_book": _text,
    "window_geometry": _text,
    "last_text_position": _count,
}
