"""Runs what is typed on the command line: what it calls, and how it ends.

Exit codes: 0 done; 1 unexpected failure; 2 input or surroundings that do not allow it (a sentence and a
remedy stand on standard error); 128 + n ended by signal n.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import traceback
from collections.abc import Sequence

import engine
from desktop.commands import interrupts
from desktop.commands.arguments import REMOTE_COMMANDS, build_parser, with_open
from desktop.commands.interrupts import Interrupted
from desktop.common.errors import DesktopError
from desktop.common.messages import explain_at_prompt
from desktop.common.terminal import Terminal, make_stdout_plain, standard_error

EXIT_FAILURE = 1
EXIT_USAGE = 2


def run(arguments: Sequence[str]) -> int:
    """Run one command, and return the exit code."""
    terminal = standard_error()
    make_stdout_plain()
    try:
        with interrupts.signals_interrupt():
            try:
                code = _dispatch(arguments, terminal)
            except SystemExit as end:  # argparse: help, version, wrong usage
                code = int(end.code or 0)
            return _flush_stdout(terminal, code)
    except Interrupted as interrupted:
        terminal.clear()
        return interrupted.exit_code
    except BrokenPipeError:
        _forget_stdout()
        return 128 + getattr(signal, "SIGPIPE", 13)


def _dispatch(arguments: Sequence[str], terminal: Terminal) -> int:
    parser = build_parser()
    parsed = parser.parse_args(with_open(arguments))
    debug = getattr(parsed, "debug", False)  # it can stand before or after the command
    try:
        return _call(parsed, terminal)
    except (engine.EngineError, DesktopError) as error:
        terminal.clear()
        if debug:
            terminal.say("".join(traceback.format_exception(error)).rstrip())
        terminal.say(f"lectern: {explain_at_prompt(error)}")
        return EXIT_USAGE
    except BrokenPipeError:
        raise
    except OSError as error:
        terminal.clear()
        if debug:
            terminal.say("".join(traceback.format_exception(error)).rstrip())
        terminal.say(f"lectern: The system refused something: {error}. Mend that and repeat the command.")
        return EXIT_USAGE
    except Exception as error:  # noqa: BLE001 - the top of the program
        terminal.clear()
        if debug:
            terminal.say("".join(traceback.format_exception(error)).rstrip())
        reason = f"{type(error).__name__}: {error}".rstrip(": ").splitlines()[0]
        terminal.say(f"lectern: Something unexpected went wrong ({reason}). Repeat it with --debug to see where.")
        return EXIT_FAILURE


def _call(parsed: argparse.Namespace, terminal: Terminal) -> int:
    """Only the chosen command is imported."""
    if parsed.command in (None, "open"):
        from desktop.commands.remote import open_tray

        return open_tray(parsed)
    if parsed.command in REMOTE_COMMANDS:
        from desktop.commands.remote import send_command

        return send_command(parsed, terminal)
    if parsed.command == "install-desktop":
        from desktop.commands.install_desktop import install_desktop

        return install_desktop(parsed)
    if parsed.command == "setup":
        from desktop.commands.setup import setup

        return setup(parsed, terminal)
    if parsed.command == "install-browser-extension":
        from desktop.commands.install_browser_extension import install_browser_extension

        return install_browser_extension(parsed)
    if parsed.command == "install-pytorch":
        from desktop.commands.install_pytorch import install_pytorch

        return install_pytorch(parsed)
    if parsed.command == "speechd":
        from desktop.commands.speechd import speechd

        return speechd(parsed)
    if parsed.command == "say":
        from desktop.commands.say import say

        return say(parsed, terminal)
    if parsed.command == "dictionary":
        from desktop.commands.dictionary import dictionary

        return dictionary(parsed, terminal)
    if parsed.command == "narrate":
        from desktop.commands.narrate import narrate

        return narrate(parsed, terminal)
    if parsed.command in ("serve", "webui"):
        from desktop.commands.serve import serve

        return serve(parsed, terminal)
    if parsed.command == "wyoming":
        from desktop.commands.wyoming import wyoming

        return wyoming(parsed, terminal)
    if parsed.command == "mcp":
        from desktop.commands.mcp import mcp

        return mcp(parsed, terminal)
    if parsed.command == "voices":
        from desktop.commands.voices import voices

        return voices(parsed, terminal)
    if parsed.command == "bench":
        from desktop.commands.bench import bench

        return bench(parsed, terminal)
    if parsed.command == "codec":
        from desktop.commands.codec import decode, encode

        return (encode if parsed.action == "encode" else decode)(parsed, terminal)
    if parsed.command in ("download", "checkpoint"):
        from desktop.commands import download

        actions = {
            "download": download.download,
            "verify": download.verify,
            "path": download.path,
            "remove": download.remove,
        }
        return actions[parsed.action](parsed, terminal)
    if parsed.command in ("login", "logout"):
        from desktop.commands.login import login, logout

        return (login if parsed.command == "login" else logout)(parsed, terminal)
    from desktop.commands.doctor import doctor

    return doctor(parsed)


def _flush_stdout(terminal: Terminal, code: int) -> int:
    """The exit code, once all that was printed is out: a full disk says so only now. Raises BrokenPipeError."""
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _forget_stdout()
        if code == 0:  # else it has been said
            terminal.say(f"lectern: Standard output could not be written ({error.strerror}). Send it somewhere else.")
        return code or EXIT_USAGE
    return code


def _forget_stdout() -> None:
    """Whoever read the output is gone; let the interpreter's last flush fall into the void."""
    void = os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, sys.stdout.fileno())
    os.close(void)
