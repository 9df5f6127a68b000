"""Defines what the command line and the running instance say to each other: one JSON line each way over a local
socket."""

from __future__ import annotations

import json
import os
import re
import secrets
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import engine
import engine.files
from desktop.common.errors import RuntimeFolderError
from desktop.common.paths import data_folder, runtime_folder

MAX_TEXT_BYTES = 2 * 2**20
"""In UTF-8. A request holds one text; a book is opened in the window or narrated."""

MAX_LINE_BYTES = 6 * MAX_TEXT_BYTES + 1024
"""JSON may write one byte as \\u0001."""


_PIPE_WORD = re.compile("[0-9a-f]{32}")


class CommandName(StrEnum):
    READ = "read"  # the command's text
    OPEN = "open"  # the files whose absolute paths are in the command's text
    READ_SELECTION = "read_selection"
    READ_CLIPBOARD = "read_clipboard"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    NEXT = "next"
    PREVIOUS = "previous"
    SHOW = "show"
    SHOW_NARRATION = "show_narration"
    STATUS = "status"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Command:
    """Asks the running instance for something. `text` is what READ speaks, or the files of OPEN (`open_command`), and
    empty for all others; `voice` and `language` are for READ alone, "" for those that the person chose."""

    name: CommandName
    text: str = ""
    voice: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """Answers a command. `message` is a sentence for the person; `status` holds JSON values."""

    ok: bool
    message: str = ""
    status: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))


def open_command(files: Iterable[Path]) -> Command:
    """Make the command that opens `files` in the window."""
    return Command(CommandName.OPEN, "\0".join(str(file.absolute()) for file in files))


def start_command(files: Sequence[Path], is_background: bool) -> Command:
    """Make the command by which a start asks the Lectern that runs already."""
    if files:
        return open_command(files)
    return Command(CommandName.STATUS if is_background else CommandName.SHOW)


def files_of(command: Command) -> list[Path]:
    """List the files of an OPEN command."""
    return [Path(name) for name in command.text.split("\0") if name]


class ProtocolError(ValueError):
    """Reports a line that is no command or no reply; the argument is a sentence that says why."""


def socket_address() -> str:
    """Return the socket's path, or the named pipe's name on Windows. Raises `RuntimeFolderError`."""
    if sys.platform == "win32":
        return pipe_address(data_folder(), session_number())
    return str(runtime_folder() / "socket")


def pipe_address(folder: Path, session: int) -> str:
    """Compose the name of the pipe of this user's Lectern in one session (of several, by remote desktop).

    Anybody may make a pipe of any name, and would be told what is read aloud: so it holds a word that stands in
    `folder`, where only the user can read it. Raises `RuntimeFolderError`.
    """
    path = folder / "pipe-name"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        # of several at once, one may find the file while another makes it
        word = engine.files.once_let_go(lambda: _only_line(path) or _written_once(path, secrets.token_hex(16)))
    except OSError as error:
        raise RuntimeFolderError(folder, error.strerror or "") from error
    return rf"\\.\pipe\lectern-{session}-{word}"


def session_number() -> int:
    """Return the number of the Windows session that this process runs in; 0 elsewhere."""
    if sys.platform != "win32":
        return 0
    import ctypes

    number = ctypes.c_uint32()
    ctypes.windll.kernel32.ProcessIdToSessionId(os.getpid(), ctypes.byref(number))
    return number.value


def _only_line(path: Path) -> str:
    try:
        word = path.read_text(encoding="ascii", errors="replace").strip()
    except FileNotFoundError:
        return ""
    return word if _PIPE_WORD.fullmatch(word) else ""


def _written_once(path: Path, word: str) -> str:
    """`word`, or that of whoever was first. The name that it first has is nobody else's, and so it is never half."""
    beside = path.with_name(f"{path.name}-{word}")
    beside.write_text(word, encoding="ascii")
    beside.chmod(0o600)
    try:
        if path.exists() and not _only_line(path):
            path.unlink(missing_ok=True)  # damaged
        os.link(beside, path)
    except FileExistsError:
        return _only_line(path) or word
    finally:  # the same file by now, which others may be reading
        engine.files.once_let_go(lambda: beside.unlink(missing_ok=True))
    return word


def encode_command(command: Command) -> bytes:
    others = {"voice": command.voice, "language": command.language}
    return _line({"name": command.name, "text": command.text} | {key: value for key, value in others.items() if value})


def decode_command(line: bytes) -> Command:
    """Read a command. Raises `ProtocolError`."""
    values = _object(line)
    name, text = values.get("name"), values.get("text", "")
    voice, language = values.get("voice", ""), values.get("language", "")
    if not all(isinstance(value, str) for value in (name, text, voice, language)):
        raise ProtocolError("The name and the text of a command are strings, and so are a voice and a language.")
    if language and language not in engine.LANGUAGES:
        raise ProtocolError(f"A language is one of {', '.join(engine.LANGUAGES)}.")
    try:
        known = CommandName(name)
    except ValueError:
        raise ProtocolError("The running Lectern does not know this command. Quit it and start it again.") from None
    if n_bytes(text) > MAX_TEXT_BYTES:
        raise ProtocolError(f"A text has at most {MAX_TEXT_BYTES:,} bytes.")
    return Command(known, text, voice, language)


def encode_reply(reply: Reply) -> bytes:
    return _line({"ok": reply.ok, "message": reply.message, "status": dict(reply.status)})


def decode_reply(line: bytes) -> Reply:
    """Read a reply. Raises `ProtocolError`."""
    values = _object(line)
    ok, message, status = values.get("ok"), values.get("message", ""), values.get("status", {})
    if not isinstance(ok, bool) or not isinstance(message, str) or not isinstance(status, dict):
        raise ProtocolError("A reply has ok, message and status.")
    return Reply(ok, message, MappingProxyType(status))


def n_bytes(text: str) -> int:
    """Count the bytes of `text` in UTF-8; half signs, which `engine.check_text` refuses later, count too."""
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _line(values: dict[str, Any]) -> bytes:
    """In UTF-8, which is read twice as fast as \\u escapes; half signs alone are escaped."""
    return json.dumps(values, ensure_ascii=False).encode("utf-8", "backslashreplace") + b"\n"


def _object(line: bytes) -> dict[str, Any]:
    try:
        values = json.loads(line.decode("utf-8"))
    except (ValueError, RecursionError):
        raise ProtocolError("This is not a line of JSON.") from None
    if not isinstance(values, dict):
        raise ProtocolError("This is not a JSON object.")
    return values
