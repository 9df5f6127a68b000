"""Names the places where Lectern keeps things: the folders that the desktop names for it. Nothing here makes a folder
but `runtime_folder`, which must be private before it is used."""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from pathlib import Path

import platformdirs

from desktop.common.errors import RuntimeFolderError

APP_ID = "io.github.lectern.Lectern"
"""What desktops know Lectern by: its .desktop file, icons, portal registration and AppStream entry have this name."""

MAX_SOCKET_PATH_BYTES = 100
"""A Unix socket's address holds 108 bytes on Linux, 104 on macOS, its closing NUL among them."""


def data_folder() -> Path:
    """Return the folder of voices and checkpoints; it may not exist yet."""
    return platformdirs.user_data_path("lectern", appauthor=False)


def voices_folder() -> Path:
    """Return the folder of the person's voices."""
    return data_folder() / "voices"


def narrations_folder() -> Path:
    """Return the folder that has a folder for each book that is narrated."""
    return data_folder() / "narration"


def config_folder() -> Path:
    """Return the folder of the settings and the dictionary."""
    return platformdirs.user_config_path("lectern", appauthor=False)


def dictionary_path() -> Path:
    """Return the path of the person's pronunciation dictionary."""
    return config_folder() / "dictionary.json"


def browsers_path() -> Path:
    """Return the path of the list of browser extensions that may have pages read."""
    return config_folder() / "browsers.json"


def books_path() -> Path:
    """Return the path of what is remembered of books: places, bookmarks."""
    return config_folder() / "books.json"


def settings_path() -> Path:
    """Return the path of the settings' file."""
    return config_folder() / "settings.json"


def state_folder() -> Path:
    """Return the folder of what is no loss: the last text, the log."""
    return platformdirs.user_state_path("lectern", appauthor=False)


def last_text_path() -> Path:
    """Return the path of the text that was in the reader's window."""
    return state_folder() / "last-text.txt"


def log_folder() -> Path:
    """Return the folder of the log."""
    return platformdirs.user_log_path("lectern", appauthor=False)


def cache_folder() -> Path:
    """Return the folder of what can be made again."""
    return platformdirs.user_cache_path("lectern", appauthor=False)


def resources_folder() -> Path:
    """Return the folder of icons: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parents[1]  # desktop/
    packaged = here / "resources"
    return packaged if packaged.is_dir() else here.parent / "resources"


def packaged_path(name: str) -> Path | None:
    """Find what `packaging/` has under `name`: inside the installed package, or in a checkout; None without it."""
    here = Path(__file__).resolve().parents[1]  # desktop/
    places = (here / "resources" / name, here.parent / "packaging" / name)
    return next((place for place in places if place.exists()), None)


def constraints_path() -> Path | None:
    """Find the file that locks every package's version; None without one."""
    return packaged_path("constraints.txt")


def browser_extension_folder() -> Path:
    """Return the folder that the browser extension is put into. It is not hidden: a browser that is kept from the rest
    of the computer (a snap, a Flatpak) is kept from hidden folders first of all."""
    return platformdirs.user_documents_path() / "Lectern browser extension"


def runtime_folder() -> Path:
    """Return the folder of the running instance's socket and lock, made if need be, and the user's alone.

    Raises `RuntimeFolderError` where it is somebody else's or others may enter it: whoever could put a
    socket there would be told what is read aloud.
    """
    if sys.platform == "win32":  # a user's own folder by its rights; the socket is a named pipe
        folder = platformdirs.user_runtime_path("lectern", appauthor=False)
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    folder = _private_base()
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        facts = folder.lstat()
    except OSError as error:
        raise RuntimeFolderError(folder, error.strerror or "") from error
    if not stat.S_ISDIR(facts.st_mode) or facts.st_uid != os.getuid() or facts.st_mode & 0o077:
        raise RuntimeFolderError(folder, "it is not yours alone")
    return folder


def _private_base() -> Path:
    """`$XDG_RUNTIME_DIR/lectern`, or one in the folder for temporary files where that is no folder of this user's
    (after `su`, in a container) or its name is too long for a socket."""
    named = os.environ.get("XDG_RUNTIME_DIR", "")
    if named:
        folder = Path(named) / "lectern"
        fits = len(os.fsencode(folder / "socket")) <= MAX_SOCKET_PATH_BYTES
        try:
            facts = Path(named).stat()
        except OSError:
            facts = None
        if fits and facts is not None and stat.S_ISDIR(facts.st_mode) and facts.st_uid == os.getuid():
            return folder
    return Path(tempfile.gettempdir()) / f"lectern-{os.getuid()}"
