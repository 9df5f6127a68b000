"""Explains what can go wrong when a book is narrated."""

from __future__ import annotations

import engine
from desktop.common.message import Mend

AT_PROMPT: dict[tuple[type[Exception], str], tuple[str, str]] = {
    (engine.NarrationError, "busy"): (
        "Another Lectern is working on the narration in {e.path}.",
        "Wait for it, or stop it.",
    ),
    (engine.NarrationError, "no_project"): (
        "There is no narration in {e.path}.",
        "Leave out --resume to begin one.",
    ),
    (engine.NarrationError, "newer"): (
        "The narration's file {e.detail} was written by a later Lectern.",
        "Use that one, or begin anew with --project and another folder.",
    ),
    (engine.NarrationError, "damaged"): (
        "The narration's file {e.detail} is damaged.",
        "Run the same command again, which speaks what is missing; if it stays so, delete that file.",
    ),
    (engine.NarrationError, "sounds_damaged"): (
        "Damaged sounds were found in the narration in {e.path}: {e.detail}.",
        "Run the same command again, which speaks them anew.",
    ),
    (engine.NarrationError, "no_chapter"): (
        "There is no chapter {e.detail}.",
        "Look at the chapters with: lectern narrate --dry-run",
    ),
    (engine.NarrationError, "nothing_to_speak"): (
        "No chapter is left in that has anything to speak.",
        "Choose some with --chapters.",
    ),
    (engine.NarrationError, "not_finished"): (
        "Not all of the book is spoken yet: {e.detail} sentences have no sound.",
        "Go on with the narration first.",
    ),
    (engine.NarrationError, "no_sentence"): (
        "There is no sentence {e.detail} in this narration.",
        "Its text was changed: look at the list again.",
    ),
}

IN_A_WINDOW: dict[tuple[type[Exception], str], tuple[str, Mend]] = {
    (engine.NarrationError, "no_project"): ("Add the book again.", Mend.TRY_AGAIN),
    (engine.NarrationError, "newer"): ("Use that one, or add the book again.", Mend.TRY_AGAIN),
    (engine.NarrationError, "damaged"): ("Try again, which speaks what is missing.", Mend.TRY_AGAIN),
    (engine.NarrationError, "no_chapter"): ("Look at the chapters again.", Mend.TRY_AGAIN),
    (engine.NarrationError, "nothing_to_speak"): ("Tick some chapters.", Mend.TRY_AGAIN),
}
