"""`lectern`, and the commands that speak to the running one: `read`, `pause`, `status` and the rest."""

from __future__ import annotations

import argparse
import json
import sys

import engine
import engine.text
from desktop.common.errors import InputError, NotRunningError
from desktop.common.messages import explain_at_prompt
from desktop.common.protocol import Command, CommandName, Reply, start_command
from desktop.common.terminal import Terminal
from desktop.common.text_source import find_text
from desktop.platform.remote import check_desktop, send, start_tray

EXIT_REFUSED = 2
_STARTING = frozenset(
    {
        CommandName.READ,
        CommandName.READ_SELECTION,
        CommandName.READ_CLIPBOARD,
        CommandName.SHOW,
        CommandName.SHOW_NARRATION,
    }
)
_DONE_ALREADY = frozenset({CommandName.STOP, CommandName.QUIT})


def open_tray(arguments: argparse.Namespace) -> int:
    """Serve bare `lectern` and `lectern FILE`: show the running one, or become it. With `--background` nothing is
    shown. Raises `InputError` where there is no such file."""
    for file in arguments.files:
        if not file.exists():
            raise InputError("missing", str(file))
    if send(start_command(arguments.files, arguments.background)) is not None:
        return 0
    check_desktop()
    from desktop.app import run

    return run(arguments)


def send_command(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Pass `arguments.command` on. `read` and `show` start Lectern where it is not running; without it there is
    nothing to `stop` or `quit`. Exit code 2: not done, and the reason is said."""
    command = _command(arguments, terminal)
    if command.name is CommandName.READ:
        engine.text.check_text(command.text)  # before Lectern is started for it
    reply = send(command)
    if reply is None and command.name in _STARTING:
        terminal.progress("Starting Lectern …")
        start_tray()
        terminal.clear()
        reply = send(command)
        if reply is not None and not reply.ok:
            send(Command(CommandName.QUIT))  # it was started for this alone
    if command.name is CommandName.STATUS:
        return _print_status(reply, arguments.json)
    if reply is None:
        if command.name not in _DONE_ALREADY:
            raise NotRunningError
        terminal.say(explain_at_prompt(NotRunningError()).sentence)
        return 0
    if reply.message:
        terminal.say(reply.message if reply.ok else f"lectern: {reply.message}")
    return 0 if reply.ok else EXIT_REFUSED


def _command(arguments: argparse.Namespace, terminal: Terminal) -> Command:
    if arguments.command == "show" and arguments.narration:
        return Command(CommandName.SHOW_NARRATION)
    if arguments.command != "read":
        return Command(CommandName(arguments.command))
    if arguments.selection or arguments.clipboard:
        if arguments.text or arguments.file is not None:
            arguments.usage_error("give either TEXT or --selection, --clipboard, --file")
        return Command(CommandName.READ_SELECTION if arguments.selection else CommandName.READ_CLIPBOARD)
    if arguments.file is not None and arguments.text:
        arguments.usage_error("give either TEXT or --file")
    if arguments.file is None and not arguments.text and (sys.stdin is None or sys.stdin.isatty()):
        arguments.usage_error("TEXT is missing; --selection reads what is selected")
    return Command(CommandName.READ, find_text(arguments.text, arguments.file, terminal.say))


def _print_status(reply: Reply | None, as_json: bool) -> int:
    if as_json:
        status = {"running": reply is not None} | (dict(reply.status) if reply else {})
        sys.stdout.write(f"{json.dumps(status)}\n")
    elif reply is not None:
        sys.stdout.write(f"{reply.message}\n")
    else:
        raise NotRunningError
    return 0 if reply is not None else EXIT_REFUSED
