"""`lectern setup`: looks at the computer, and with the person's consent brings what Lectern can use there. Done again,
it does what is left."""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import engine
import engine.machine
import engine.weights
from desktop.commands.download import download
from desktop.commands.install_desktop import install_desktop, is_in_menu
from desktop.commands.install_pytorch import install_pytorch, is_whole
from desktop.commands.login import log_in_with_browser
from desktop.common.errors import DesktopError, SetupError
from desktop.common.messages import MODEL_PAGE, explain_at_prompt
from desktop.common.origin import find_origin
from desktop.common.system_report import computer_facts, own_version
from desktop.common.terminal import Terminal
from desktop.platform.system_libraries import how_to_install, missing_libraries
from desktop.s1.checkpoint_choice import find_checkpoint_for_command
from desktop.s1.pytorch_build import describe_build, suitable_build

WITHOUT_GPU = (
    "Without an NVIDIA GPU the built-in voice is the better choice: it needs nothing more. S1 Mini runs on the CPU, "
    "too, but most computers make its speech slower than it is heard."
)
_WARM_UP = "Lectern is ready."


class Questions:
    """Asks for yes or no at the terminal. What is proposed is the answer of Enter alone, and of `--yes`."""

    def __init__(self, terminal: Terminal, takes_proposals: bool) -> None:
        """Raises `SetupError` where nobody can answer."""
        self._terminal, self._takes_proposals = terminal, takes_proposals
        if not takes_proposals and (sys.stdin is None or not sys.stdin.isatty()):
            raise SetupError

    @property
    def are_answered(self) -> bool:
        """Say whether a person answers."""
        return not self._takes_proposals

    def ask(self, question: str, proposal: bool = True) -> bool:
        """Return the answer; the end of the input is no."""
        if self._takes_proposals:
            self._terminal.say(f"{question} {'Yes' if proposal else 'No'}.")
            return proposal
        while True:
            sys.stderr.write(f"{question} [{'Y/n' if proposal else 'y/N'}] ")
            sys.stderr.flush()
            line = sys.stdin.readline()
            answer = line.strip().lower()
            if not line or answer in ("n", "no"):
                return False
            if not answer or answer in ("y", "yes"):
                return bool(answer) or proposal
            self._terminal.say("Type y for yes, n for no, or Enter for the one in capitals.")


def setup(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Do all of it, a step after the other. Exit code 2: one did not go well, which was said; the others are done.
    Raises `SetupError`, `engine.OutputError`, `Interrupted`."""
    questions = Questions(terminal, arguments.yes)
    terminal.say(f"Lectern {own_version()} ({find_origin().words})")
    for fact in computer_facts():
        terminal.say(f"{fact.subject}: {fact.words}")
    if missing := missing_libraries():
        terminal.say(f"For sound and windows this is missing: {how_to_install(missing)}")
    n_failed = 0
    for step in (_put_into_menu, _bring_s1):
        try:
            step(arguments.build, questions, terminal)
        except (engine.EngineError, DesktopError) as error:
            terminal.clear()
            terminal.say(f"lectern: {explain_at_prompt(error)}")
            n_failed += 1
    if n_failed:
        terminal.say("The rest is set up. Once that is mended, run this again: lectern setup")
        return 2
    terminal.say("All is set up. Start Lectern: lectern")
    return 0


def _put_into_menu(_build: str, questions: Questions, terminal: Terminal) -> None:
    if sys.platform != "linux":  # the installer makes the shortcut there
        return
    if is_in_menu():
        terminal.say("Lectern is in the desktop's menu.")
    elif questions.ask("Put Lectern into the desktop's menu?"):
        install_desktop(argparse.Namespace(autostart=False, remove=False))


def _bring_s1(build: str, questions: Questions, terminal: Terminal) -> None:
    """PyTorch, then the weights, then what is compiled: each of use only after the one before it."""
    wanted = suitable_build().build if build == "auto" else build
    if is_whole(wanted):
        terminal.say("PyTorch is installed.")
    else:
        if build == "auto" and wanted == "cpu":
            terminal.say(WITHOUT_GPU)
        question = f"Install PyTorch for {describe_build(wanted)}, which S1 Mini needs?"
        if not questions.ask(question, proposal=build != "auto" or wanted != "cpu"):
            return
        install_pytorch(argparse.Namespace(build=build, dry_run=False))
    if _bring_weights(questions, terminal):
        _warm_up(terminal)


def _bring_weights(questions: Questions, terminal: Terminal) -> bool:
    """Whether S1 Mini's files are here in the end."""
    if folder := find_checkpoint_for_command(None, terminal):
        terminal.say(f"S1 Mini is in {folder}.")
        return True
    terminal.say(f"S1 Mini's weights have a licence of their own, for non-commercial use: {MODEL_PAGE}")
    is_logged_in = engine.weights.token_source() is not None
    if not is_logged_in and not questions.are_answered:
        terminal.say("S1 Mini waits for a login at Hugging Face: lectern login; after it, again: lectern setup")
        return False
    if not questions.ask("Download S1 Mini (3.6 GB)?"):
        return False
    if not is_logged_in:
        if not questions.ask("That needs a login at Hugging Face. Log in with the browser?"):
            terminal.say("With an access token: lectern login; after it, again: lectern setup")
            return False
        terminal.say(f"Logged in as {log_in_with_browser(terminal)}.")
    if not _is_licence_accepted(questions, terminal):
        return False
    download(argparse.Namespace(token_stdin=False, to=None, revision=None), terminal)
    return find_checkpoint_for_command(None, terminal) is not None


def _is_licence_accepted(questions: Questions, terminal: Terminal) -> bool:
    """Nobody but the person can accept it, on its page."""
    while True:
        try:
            engine.weights.check_licence()
        except engine.HubError as error:
            if error.problem != "licence_not_accepted" or not questions.are_answered:
                raise
            terminal.say(explain_at_prompt(error))
            if not questions.ask("Is it accepted now?"):
                return False
        else:
            return True


def _warm_up(terminal: Terminal) -> None:
    """Have S1 Mini speak in a process of its own, which compiles what is compiled for this computer."""
    terminal.progress("S1 Mini says a first sentence, unheard. What is compiled for it takes minutes, once …")
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-P", "-m", "desktop", "say", "-o", str(Path(folder) / "a.wav"), "--", _WARM_UP]
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            creationflags=engine.machine.NO_CONSOLE,
        )
    terminal.clear()
    said = done.stderr.strip().splitlines()
    terminal.say(
        "S1 Mini speaks." if done.returncode == 0 else said[-1] if said else f"say ended with {done.returncode}"
    )
