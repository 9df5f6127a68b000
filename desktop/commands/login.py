"""`lectern login` and `lectern logout`. A token is typed unseen or piped in: an argument would be seen by everyone."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from contextlib import closing

import engine
import engine.weights
from desktop.commands.interrupts import signals_cancel
from desktop.common.messages import TOKENS_PAGE, duration, explain_at_prompt
from desktop.common.terminal import Terminal

MAX_TOKEN_CHARACTERS = 4096


def login(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Log in to the Hub, and keep the token. Raises `engine.HubError`, `engine.OutputError`, `Interrupted`."""
    if arguments.browser:
        name = log_in_with_browser(terminal)
    else:
        name = engine.weights.log_in(
            token_from_stdin() if arguments.token_stdin else _typed_token(arguments, terminal)
        ).name
    terminal.say(f"Logged in as {name}.")
    if os.environ.get("HF_TOKEN"):
        terminal.say("The environment's HF_TOKEN is used all the same, before the saved token.")
    else:
        _mention_licence(terminal)
    return 0


def logout(_arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Forget the token. Raises `engine.OutputError`."""
    engine.weights.log_out()
    terminal.say("Logged out: no access token is saved here.")
    if os.environ.get("HF_TOKEN"):
        terminal.say("The environment's HF_TOKEN is still used.")
    return 0


def token_from_stdin() -> str:
    """Read the first line of what is piped in."""
    return sys.stdin.readline(MAX_TOKEN_CHARACTERS).strip() if sys.stdin is not None else ""


def _typed_token(arguments: argparse.Namespace, terminal: Terminal) -> str:
    if sys.stdin is None or not sys.stdin.isatty():
        arguments.usage_error("there is no terminal to type the token on; use --token-stdin or --browser")
    terminal.say(f"Make an access token that may read at {TOKENS_PAGE}")
    return getpass.getpass("Paste it here (it is not shown): ")


def log_in_with_browser(terminal: Terminal) -> str:
    """Show a page and a code, wait until the person was there, and return the account's name. Raises
    `engine.HubError`, `engine.OutputError`, `Interrupted`."""
    cancel = engine.CancelToken()
    name = ""
    with signals_cancel(cancel), closing(engine.weights.log_in_with_browser(cancel)) as steps:  # type: ignore[type-var]
        for step in steps:
            if isinstance(step, engine.weights.HubAccount):
                name = step.name
            else:
                terminal.say(f"Open {step.url}\nand type the code {step.code} there.")
                terminal.progress(f"Waiting for it, at most {duration(step.expires_in_s)} …")
    terminal.clear()
    return name


def _mention_licence(terminal: Terminal) -> None:
    """What stands between the account and the download, if anything does; the login is done in any case."""
    try:
        engine.weights.check_licence()
    except engine.HubError as error:
        terminal.say(explain_at_prompt(error))
    else:
        terminal.say("The licence is accepted: lectern download")
