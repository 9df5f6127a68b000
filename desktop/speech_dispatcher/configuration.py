"""The person's own configuration of speech-dispatcher: Lectern in it, and out of it again. The system's is only read.

Two files: a program that the daemon finds by itself (from 0.11 on), and `speechd.conf`, which makes it the one that
speaks. Where the person has none, ours takes all of the system's in and changes that alone, so that the other modules
stay and speak when Lectern cannot. One that is there is kept whole beside the changed one, and comes back with
`remove`.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

import engine.files
from desktop.common.errors import SpeechDispatcherError

MODULE = "lectern"
SYSTEM_FOLDERS = (Path("/etc/speech-dispatcher"), Path("/usr/share/speech-dispatcher/conf"))
OURS = "# Written by `lectern speechd install`; `lectern speechd remove` takes it away."
_BEGIN, _END = "# --- Lectern: begin", "# --- Lectern: end"
_BLOCK = re.compile(rf"^{_BEGIN}.*?^{_END}[^\n]*\n?", re.MULTILINE | re.DOTALL)
_ADDS_MODULES = re.compile(r"^\s*AddModule\s", re.MULTILINE | re.IGNORECASE)
_INCLUDE = re.compile(r'^\s*Include\s+"([^"]+)"', re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the person's files are: `program` is started by the daemon, `configuration` is `speechd.conf`, `backup`
    what that was before."""

    program: Path
    configuration: Path
    backup: Path


def places() -> Places:
    """Find them by the same rules as the daemon does."""
    folder = platformdirs.user_config_path() / "speech-dispatcher"
    # The daemon looks in "../libexec" of the folder for data, by that name: so the folder must be there, too.
    modules = platformdirs.user_data_path().parent / "libexec" / "speech-dispatcher-modules"
    return Places(modules / f"sd_{MODULE}", folder / "speechd.conf", folder / "speechd.conf.before-lectern")


def install() -> list[Path]:
    """Have the daemon speak with Lectern from its next start on; return what was written, nothing where all was so.
    Raises `SpeechDispatcherError`, `engine.OutputError`."""
    if sys.platform != "linux" or shutil.which("speech-dispatcher") is None:
        raise SpeechDispatcherError("absent" if sys.platform == "linux" else "platform")
    where = places()
    platformdirs.user_data_path().mkdir(parents=True, exist_ok=True)
    written = _write_if_other(where.program, program_text().encode(), 0o755)
    before = _read(where.configuration)
    if before is None or before.startswith(OURS):
        wanted = _new_configuration(where.program)
    else:
        plain = _without_ours(before)
        if plain == before:
            written += _write_if_other(where.backup, before.encode("utf-8", "surrogateescape"), 0o644)
        wanted = _changed_configuration(plain, where.program)
    return written + _write_if_other(where.configuration, wanted.encode("utf-8", "surrogateescape"), 0o644)


def remove() -> list[Path]:
    """Have all as it was before `install`; return what was changed. What the person changed since stays changed."""
    where = places()
    changed = _delete(where.program)
    now = _read(where.configuration)
    if now is not None and now.startswith(OURS):
        changed += _delete(where.configuration)
    elif now is not None and (plain := _without_ours(now)) != now:
        backup = _read(where.backup)
        whole = backup if backup is not None and _changed_configuration(backup, where.program) == now else plain
        changed += _write_if_other(where.configuration, whole.encode("utf-8", "surrogateescape"), 0o644)
    _delete(where.backup)
    return changed


@dataclass(frozen=True, slots=True)
class Status:
    """Says what is so: `has_daemon` that speech-dispatcher is here; `is_installed` that it knows Lectern,
    `is_default` that Lectern speaks where a program names no module; `works` that the program it starts is there."""

    has_daemon: bool
    is_installed: bool
    is_default: bool
    works: bool


def status() -> Status:
    where = places()
    text = _read(where.configuration) or ""
    is_there = where.program.is_file() and os.access(where.program, os.X_OK)
    return Status(
        has_daemon=shutil.which("speech-dispatcher") is not None,
        is_installed=is_there and (not _adds_modules(text) or f'AddModule "{MODULE}"' in text),
        is_default=is_there and re.findall(r'(?m)^\s*DefaultModule\s+"?([\w-]+)', text)[-1:] == [MODULE],
        works=is_there and Path(sys.executable).exists() and _read(where.program) == program_text(),
    )


def program_text() -> str:
    """Compose what the daemon starts. `-P`: a folder that is called "desktop" where the daemon stands is not taken for
    the program."""
    return f'#!/bin/sh\n{OURS}\nexec {shlex.quote(sys.executable)} -P -m desktop.speech_dispatcher "$@"\n'


def _new_configuration(program: Path) -> str:
    system = next((folder / "speechd.conf" for folder in SYSTEM_FOLDERS if (folder / "speechd.conf").is_file()), None)
    if system is None:
        raise SpeechDispatcherError("no_configuration")
    lines = [OURS, f'Include "{system}"', *_lines(_adds_modules(_read(system) or ""), program)]
    return "\n".join(lines) + "\n"


def _changed_configuration(plain: str, program: Path) -> str:
    """Ours comes last: of two settings the daemon takes the later."""
    block = [_BEGIN, *_lines(_adds_modules(plain), program), _END]
    return plain + ("" if plain.endswith("\n") or not plain else "\n") + "\n".join(block) + "\n"


def _lines(adds_modules: bool, program: Path) -> list[str]:
    """Where modules are named one by one, the daemon looks for no others."""
    named = [f'AddModule "{MODULE}" "{program}" "{MODULE}.conf"'] if adds_modules else []
    return [*named, f'DefaultModule "{MODULE}"']


def _without_ours(text: str) -> str:
    return _BLOCK.sub("", text)


def _adds_modules(text: str, depth: int = 3) -> bool:
    if _ADDS_MODULES.search(text):
        return True
    included = [Path(name) for name in _INCLUDE.findall(text) if Path(name).is_absolute()] if depth else []
    return any(_adds_modules(_read(path) or "", depth - 1) for path in included)


def _read(path: Path) -> str | None:
    """None where there is no file. Any encoding survives."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None
    except OSError as error:
        raise SpeechDispatcherError("failed", path, error.strerror or "") from error


def _write_if_other(path: Path, data: bytes, mode: int) -> list[Path]:
    try:
        if path.read_bytes() == data and path.stat().st_mode & 0o777 == mode:
            return []
    except OSError:
        pass
    engine.files.write_whole(path, data, mode=mode, make_folders=True)
    return [path]


def _delete(path: Path) -> list[Path]:
    try:
        path.unlink()
    except FileNotFoundError:
        return []
    except OSError as error:
        raise SpeechDispatcherError("failed", path, error.strerror or "") from error
    return [path]
