"""`lectern download`, and `lectern checkpoint` for what it brought."""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import engine
import engine.weights
from desktop.commands.interrupts import signals_cancel
from desktop.commands.login import token_from_stdin
from desktop.common.errors import NoCheckpointError
from desktop.common.messages import duration, explain_at_prompt, size
from desktop.common.paths import data_folder
from desktop.common.terminal import Terminal
from desktop.s1.checkpoint_choice import find_checkpoint_for_command
from engine.weights import DownloadProgress, DownloadStage

BAR_WIDTH = 24
"""Columns of the bar itself."""


def download(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Download S1 Mini's files, or go on with it. Raises `engine.HubError`, `engine.OutputError`, `Interrupted`."""
    token = token_from_stdin() if arguments.token_stdin else None
    own = engine.weights.download_folder(data_folder())
    folder = arguments.to or own
    elsewhere = _found(terminal) if arguments.to is None and arguments.revision is None else None
    if elsewhere not in (None, own):
        terminal.say(f"S1 Mini is in {elsewhere} already. For a copy of Lectern's own: lectern download --to {own}")
        return 0
    cancel = engine.CancelToken()
    with signals_cancel(cancel):
        progress = engine.weights.download_checkpoint(folder, cancel, token=token, revision=arguments.revision)
        if not _follow(progress, terminal):
            terminal.say("Stopped. What is downloaded stays; the same command goes on with it.")
    if not cancel.cancelled:
        terminal.say(f"S1 Mini is in {folder}, whole and verified.")
    return 0


def verify(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Check that a checkpoint is whole and unharmed. Raises `engine.CheckpointError`, `NoCheckpointError`,
    `Interrupted`."""
    folder = arguments.folder or _find(terminal)
    cancel = engine.CancelToken()
    with signals_cancel(cancel):
        if _follow(engine.weights.verify_checkpoint(folder, cancel), terminal):
            terminal.say(f"The checkpoint in {folder} is whole.")
    return 0


def path(_arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Print where the checkpoint is. Raises `engine.CheckpointError`, `NoCheckpointError`."""
    sys.stdout.write(f"{_find(terminal)}\n")
    return 0


def remove(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Delete the checkpoint that Lectern downloaded. Raises `engine.HubError`, `engine.OutputError`."""
    folder = arguments.folder or engine.weights.download_folder(data_folder())
    freed_bytes = engine.weights.remove_checkpoint(folder)
    if freed_bytes:
        terminal.say(f"Removed the checkpoint in {folder}: {size(freed_bytes)} are free again.")
    else:
        terminal.say(f"There is no checkpoint in {folder}.")
    return 0


def _find(terminal: Terminal) -> Path:
    found = find_checkpoint_for_command(None, terminal)
    if found is None:
        raise NoCheckpointError(engine.weights.download_folder(data_folder()))
    return found


def _found(terminal: Terminal) -> Path | None:
    """A whole checkpoint that is here already, wherever; one that is named and half is none."""
    try:
        return find_checkpoint_for_command(None, terminal)
    except engine.CheckpointError:
        return None


# --- what is said meanwhile


def _follow(news: Iterator[DownloadProgress], terminal: Terminal) -> bool:
    """Show all of `news`; whether it came to its end."""
    show = _show_live if terminal.is_live else _Lines().show
    is_done = False
    with closing(news):  # type: ignore[type-var]
        for progress in news:
            show(progress, terminal)
            is_done = progress.stage is DownloadStage.DONE
    terminal.clear()
    return is_done


def _show_live(progress: DownloadProgress, terminal: Terminal) -> None:
    """A bar as far as the window's width goes; a line that wraps could not be taken back."""
    words = describe(progress)
    if progress.total_bytes:
        full = round(BAR_WIDTH * progress.done_bytes / progress.total_bytes)
        words = f"▕{'█' * full}{'░' * (BAR_WIDTH - full)}▏ {words}"
    columns = shutil.get_terminal_size().columns - 1
    terminal.progress(words if len(words) <= columns else f"{words[: columns - 1]}…")


class _Lines:
    """Where no line can be taken back: one for each tenth of the way, and for each wait."""

    def __init__(self) -> None:
        self._last: tuple[object, ...] = ()

    def show(self, progress: DownloadProgress, terminal: Terminal) -> None:
        tenth = 10 * progress.done_bytes // progress.total_bytes if progress.total_bytes else 0
        problem = progress.problem.problem if progress.problem else ""
        now = (progress.stage, tenth, problem)
        if now != self._last and progress.stage is not DownloadStage.DONE:
            terminal.say(describe(progress))
        self._last = now


_STAGES = {
    DownloadStage.CHECKING: "Asking Hugging Face",
    DownloadStage.DOWNLOADING: "Downloading",
    DownloadStage.VERIFYING: "Verifying",
    DownloadStage.DONE: "Done",
}


def describe(progress: DownloadProgress) -> str:
    """Say in one line what is going on, how far it is, and how long it takes."""
    if progress.problem is not None:
        return f"{explain_at_prompt(progress.problem).sentence} Trying again in {duration(progress.retry_in_s)}."
    words = [_STAGES[progress.stage]]
    if progress.total_bytes:
        percent = 100 * progress.done_bytes // progress.total_bytes
        words = [f"{words[0]} {percent} %", f"{size(progress.done_bytes)} of {size(progress.total_bytes)}"]
    if progress.bytes_per_s:
        words.append(f"{size(progress.bytes_per_s)}/s")
    if progress.left_s is not None:
        words.append(f"{duration(progress.left_s)} left")
    return ", ".join(words)
