"""Defines what the command line and the running instance say to each other: one JSON line each way over a local
socket."""

from __future__ import annotations

import getpass
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any

import engine
from desktop.common.paths import runtime_folder

MAX_TEXT_BYTES = 2 * 2**20
"""In UTF-8. A request holds one text; a book is opened in the window or narrated."""

MAX_LINE_BYTES = 6 * MAX_TEXT_BYTES + 1024
"""JSON may write one byte as \\u0001."""


class CommandName(StrEnum):
    READ = "read"  # the command's text
    READ_SELECTION = "read_selection"
    READ_CLIPBOARD = "read_clipboard"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"
    NEXT = "next"
    PREVIOUS = "previous"
    SHOW = "show"
    STATUS = "status"
    QUIT = "quit"


@dataclass(frozen=True, slots=True)
class Command:
    """Asks the running instance for something. `text` is what READ speaks, and empty for all others; `voice` and
    `language` are for READ alone, "" for those that the person chose."""

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


class ProtocolError(ValueError):
    """Reports a line that is no command or no reply; the argument is a sentence that says why."""


def socket_address() -> str:
    """Return the socket's path, or the named pipe's name on Windows. Raises `RuntimeFolderError`."""
    if sys.platform == "win32":
        return rf"\\.\pipe\lectern-{getpass.getuser()}"
    return str(runtime_folder() / "socket")


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
