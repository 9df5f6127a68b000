"""`lectern install-desktop`: Lectern in the desktop's menu, with its icons, its manual page and what shells complete;
and out of it again."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import platformdirs

import engine
import engine.files
from desktop.common.errors import InstallError
from desktop.common.origin import find_origin
from desktop.common.paths import APP_ID, packaged_path, resources_folder
from desktop.common.shell_words import join
from desktop.platform.autostart import autostart_path, turn_autostart_off, turn_autostart_on
from desktop.platform.desktop_entry import command_line, entry, lectern_command

# (the action's name in the file, what the menu says, the command)
_ACTIONS = (
    ("ReadSelection", "Read Selection", ("read", "--selection")),
    ("ReadClipboard", "Read Clipboard", ("read", "--clipboard")),
    ("Narrate", "Narrate a Document", ("show", "--narration")),
    ("Stop", "Stop", ("stop",)),
)

UPDATE_LIMIT_S = 20
EMPTY_CACHE = ["[MIME", "Cache]"]
MIME_TYPES = (
    "application/epub+zip",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/html",
    "application/xhtml+xml",
    "text/markdown",
    "text/plain",
    "application/x-subrip",
    "text/vtt",
)
"""What "Open with" offers Lectern for; a desktop's own choice for each stays what it was."""


def install_desktop(arguments: argparse.Namespace) -> int:
    """Write the files, or with `--remove` take them away; says which. Raises `InstallError`, `engine.OutputError`."""
    if sys.platform != "linux":
        raise InstallError("platform")
    if arguments.remove:
        _remove()
        return 0
    if find_origin().is_passing:
        raise InstallError("passing")
    contents = _contents()
    for path, data in contents.items():
        engine.files.write_whole(path, data, mode=0o644, make_folders=True)
        sys.stdout.write(f"Wrote {path}\n")
    if arguments.autostart:
        turn_autostart_on()
        sys.stdout.write(f"Wrote {autostart_path()}\n")
    _update_desktop()
    if shutil.which("zsh"):  # the one shell that looks into no folder of the person's by itself
        sys.stdout.write(f"For zsh, put this into ~/.zshrc, before compinit: fpath+=({join([str(_zsh_folder())])})\n")
    return 0


def desktop_file(command: list[str]) -> str:
    """Write Lectern's entry in the menu, with `command` to start it."""
    values = [
        ("Type", "Application"),
        ("Name", "Lectern"),
        ("GenericName", "Text to Speech"),
        ("Comment", "Reads the selected text aloud"),
        ("Exec", f"{command_line(command)} %F"),
        ("Icon", APP_ID),
        ("Terminal", "false"),
        ("Categories", "Utility;TextTools;Accessibility;Qt;"),
        ("Keywords", "read;aloud;speak;speech;voice;tts;"),
        ("MimeType", "".join(f"{kind};" for kind in MIME_TYPES)),
        ("StartupNotify", "false"),
        ("Actions", "".join(f"{name};" for name, _, _ in _ACTIONS)),
    ]
    if Path(command[0]).is_absolute():
        values.insert(4, ("TryExec", command[0]))  # no dead entry where the program was deleted
    actions = [
        entry([("Name", title), ("Exec", command_line([*command, *words]))], f"Desktop Action {name}")
        for name, title, words in _ACTIONS
    ]
    return "\n".join([entry(values), *actions])


def is_in_menu() -> bool:
    """Say whether the entry is there, and starts this Lectern."""
    path = _files()["entry"]
    try:
        return path.read_text(encoding="utf-8") == desktop_file(lectern_command())
    except (OSError, UnicodeDecodeError):
        return False


def _files() -> dict[str, Path]:
    """All that is written, but for the autostart entry, by the name that it has in resources/icons or packaging."""
    data = platformdirs.user_data_path()
    icons = data / "icons" / "hicolor"
    files = {
        "entry": data / "applications" / f"{APP_ID}.desktop",
        f"icons/{APP_ID}.svg": icons / "scalable" / "apps" / f"{APP_ID}.svg",
        f"icons/{APP_ID}-symbolic.svg": icons / "symbolic" / "apps" / f"{APP_ID}-symbolic.svg",
        "man/lectern.1": data / "man" / "man1" / "lectern.1",
        "completions/lectern.bash": data / "bash-completion" / "completions" / "lectern",
        "completions/lectern.zsh": _zsh_folder() / "_lectern",
        "completions/lectern.fish": data / "fish" / "vendor_completions.d" / "lectern.fish",
    }
    return {name: path for name, path in files.items() if not _is_linked_here(path)}


def _zsh_folder() -> Path:
    return platformdirs.user_data_path() / "zsh" / "site-functions"


def _is_linked_here(path: Path) -> bool:
    """Whether it is a link into this environment: pipx's own, which looks after it."""
    return path.is_symlink() and path.resolve().is_relative_to(Path(sys.prefix).resolve())


def _contents() -> Mapping[Path, bytes]:
    """What goes where; everything is read before anything is written."""
    contents = {}
    for name, path in _files().items():
        if name == "entry":
            contents[path] = desktop_file(lectern_command()).encode()
            continue
        source = resources_folder() / name if name.startswith("icons/") else packaged_path(name) or Path(name)
        try:
            contents[path] = source.read_bytes()
        except OSError as error:
            raise InstallError("no_icon", source) from error
    return contents


def _remove() -> None:
    """The files alone: the folders are the desktop's."""
    found = [path for path in (*_files().values(), autostart_path()) if path.is_file() or path.is_symlink()]
    for path in found:
        try:
            path.unlink()
        except OSError as error:
            raise InstallError("failed", path, error.strerror or "") from error
        sys.stdout.write(f"Removed {path}\n")
    turn_autostart_off()
    if found:
        _update_desktop()
    else:
        sys.stdout.write("There was nothing to remove.\n")


def _update_desktop() -> None:
    """Desktops see new files by themselves. A folder that is newer than its cache of icons makes GTK read it anew.
    Which kinds of files a program opens many desktops read from a cache alone, which a program of theirs writes."""
    if program := shutil.which("update-desktop-database"):
        folder = platformdirs.user_data_path() / "applications"
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            subprocess.run([program, folder], capture_output=True, timeout=UPDATE_LIMIT_S, check=False)
        cache = folder / "mimeinfo.cache"
        with contextlib.suppress(OSError):
            if cache.read_text("utf-8").split() == EMPTY_CACHE:  # it was there for Lectern alone
                cache.unlink()
    with contextlib.suppress(OSError):
        os.utime(platformdirs.user_data_path() / "icons" / "hicolor")
