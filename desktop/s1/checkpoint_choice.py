"""Which folder S1 Mini is read from: one answer for the tray, the commands and the doctor. No Qt here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import engine
import engine.weights
from desktop.common.messages import Message, explain
from desktop.common.paths import data_folder, settings_path
from desktop.common.settings import read_checkpoint_folder
from desktop.common.terminal import Terminal


@dataclass(frozen=True, slots=True)
class FoundCheckpoint:
    """Holds the folder; None where there is none. `problem`: why the folder that was chosen in the window is not the
    one."""

    folder: Path | None
    problem: engine.CheckpointError | None = None


def find_checkpoint(
    given: Path | None, chosen: str, needed: tuple[str, ...] = engine.weights.CHECKPOINT_FILES
) -> FoundCheckpoint:
    """Find `given` or the environment's LECTERN_CHECKPOINT, else the one `chosen` in the settings, else the usual
    places.

    What is named for this one run must be whole: raises `CheckpointError`. What was chosen some day may lie on a disk
    that is not connected now: then the usual places are looked at all the same.
    """
    problem = None
    if chosen and given is None and not os.environ.get("LECTERN_CHECKPOINT"):
        try:
            return FoundCheckpoint(engine.weights.find_checkpoint(Path(chosen).expanduser(), data_folder(), needed))
        except engine.CheckpointError as error:
            problem = error
    return FoundCheckpoint(engine.weights.find_checkpoint(given, data_folder(), needed), problem)


def find_checkpoint_and_tell(
    given: Path | None, terminal: Terminal, needed: tuple[str, ...] = engine.weights.CHECKPOINT_FILES
) -> Path | None:
    """Find it for a command, with what the settings hold, and say what was passed over. Raises `CheckpointError`."""
    found = find_checkpoint(given, read_checkpoint_folder(settings_path()), needed)
    if found.problem is not None:
        terminal.say(explain_passed_over(found.problem))
    return found.folder


def explain_passed_over(problem: engine.CheckpointError) -> Message:
    """Say why the folder that was chosen in the window is not used."""
    sentence = explain(problem).sentence
    return Message(f"The folder chosen in Lectern's window is not used. {sentence}", "Choose it again there.")
