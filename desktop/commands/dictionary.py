"""`lectern dictionary`: lists and changes what is said instead of what is written."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import engine
import engine.narration
import engine.text
from desktop.common.messages import explain_at_prompt
from desktop.common.paths import dictionary_path
from desktop.common.phonemes import bare_ipa, spoken_with_ipa, who_takes_phonemes
from desktop.common.terminal import Terminal
from desktop.narration.projects import project_folder


def usual_dictionary(terminal: Terminal) -> tuple[engine.Pronunciation, ...]:
    """Read the person's dictionary for a command that speaks; one that cannot be used is reported, and left aside."""
    try:
        return engine.text.read_dictionary(dictionary_path())
    except engine.PronunciationError as error:
        terminal.say(f"Speaking without the dictionary: {explain_at_prompt(error)}")
        return ()


def dictionary(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Show, try or change the dictionary. Raises `engine.PronunciationError`, `engine.OutputError`."""
    path = _path(arguments)
    entries = engine.text.read_dictionary(path)
    match arguments.action:
        case "list":
            _print([_line(entry) for entry in entries])
            if not entries:
                terminal.say(f"The dictionary {path} is empty.")
        case "add":
            entry = _entry(arguments)
            engine.text.write_dictionary(path, engine.text.with_pronunciation(entries, entry))
            terminal.say(f"Kept: {_line(entry)}")
            if entry.ipa:
                terminal.say(who_takes_phonemes())
        case "remove":
            left = engine.text.without_pronunciation(entries, arguments.written, arguments.language)
            engine.text.write_dictionary(path, left)
            terminal.say(f"Removed {arguments.written}.")
        case _:
            options = engine.SpeechOptions(language=arguments.language, pronunciations=entries)
            text = " ".join(arguments.text)
            engine.text.check_text(text)
            _print([spoken_with_ipa(segment) for segment in engine.narration.preview_text(text, options).segments])
    return 0


def _path(arguments: argparse.Namespace) -> Path:
    if arguments.file is not None:
        return arguments.file
    if arguments.book is None:
        return dictionary_path()
    if engine.narration.is_project(arguments.book):
        return arguments.book / engine.narration.BOOK_DICTIONARY
    folder = project_folder(arguments.book)
    if not engine.narration.is_project(folder):
        raise engine.NarrationError("no_project", folder)
    return folder / engine.narration.BOOK_DICTIONARY


def _entry(arguments: argparse.Namespace) -> engine.Pronunciation:
    if arguments.spoken is None and not arguments.ipa:
        arguments.usage_error("the following arguments are required: SPOKEN, or --ipa")
    return engine.Pronunciation(
        arguments.written,
        arguments.spoken or "",
        arguments.language,
        arguments.pattern,
        arguments.match_case,
        arguments.ipa or "",
    )


def _line(entry: engine.Pronunciation) -> str:
    notes = [
        *([entry.language] if entry.language else []),
        *(["pattern"] if entry.is_pattern else []),
        *(["capitals matter"] if entry.match_case else []),
    ]
    sound = bare_ipa(entry)
    said = f"“{entry.spoken}”" if entry.spoken else "nothing"
    if sound:
        said = f"/{sound}/, else {said if entry.spoken else 'as it is written'}"
    remarks = f" ({', '.join(notes)})" if notes else ""
    return f"{entry.written} → {said}{remarks}"


def _print(lines: list[str]) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
