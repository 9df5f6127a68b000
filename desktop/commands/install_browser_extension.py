"""`lectern install-browser-extension`: the extension in a folder of the person's, from which a browser loads it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import engine.files
from desktop.common.errors import InstallError
from desktop.common.paths import browser_extension_folder, packaged_path

MANIFEST = "manifest.json"
HOW_TO_LOAD = """\
Chromium, Chrome, Edge …: open chrome://extensions, switch on "Developer mode", press "Load unpacked", choose
  {folder}
Firefox 140 or later: open about:debugging#/runtime/this-firefox, press "Load Temporary Add-on…", choose
  {manifest}
Leave the folder where it is. Then let other programs speak in Lectern's settings, and press the extension's button.
"""


def install_browser_extension(arguments: argparse.Namespace) -> int:
    """Write the files and say how they are loaded, or with `--remove` take them away. Raises `InstallError`,
    `engine.OutputError`."""
    folder: Path = (arguments.to or browser_extension_folder()).expanduser().absolute()
    source = packaged_path("browser")
    if source is None:
        raise InstallError("no_icon", Path("browser"))
    names = sorted(path.relative_to(source) for path in source.rglob("*") if path.is_file())
    if arguments.remove:
        _remove(folder, names)
        return 0
    if folder.exists() and not _is_ours(folder):
        raise InstallError("not_ours", folder)
    contents = {folder / name: (source / name).read_bytes() for name in names}
    for path, data in contents.items():
        engine.files.write_whole(path, data, mode=0o644, make_folders=True)
    sys.stdout.write(f"Wrote {folder}\n\n{HOW_TO_LOAD.format(folder=folder, manifest=folder / MANIFEST)}")
    return 0


def _is_ours(folder: Path) -> bool:
    """Whether it is empty, or holds an earlier one of Lectern's."""
    if not folder.is_dir():
        return False
    try:
        return not any(folder.iterdir()) or '"name": "Lectern"' in (folder / MANIFEST).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False


def _remove(folder: Path, names: list[Path]) -> None:
    """The files that were written, and each folder that is empty then."""
    if not folder.exists():
        sys.stdout.write("There was nothing to remove.\n")
        return
    if not _is_ours(folder):
        raise InstallError("not_ours", folder)
    try:
        for name in names:
            (folder / name).unlink(missing_ok=True)
        for inside in sorted({(folder / name).parent for name in names} | {folder}, reverse=True):
            if inside.is_dir() and not any(inside.iterdir()):
                inside.rmdir()
    except OSError as error:
        raise InstallError("failed", folder, error.strerror or "") from error
    sys.stdout.write(f"Removed {folder}\n")
