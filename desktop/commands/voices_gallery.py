"""`lectern voices gallery`: voices that S1 Mini improvises, heard and kept by name."""

from __future__ import annotations

import argparse
import secrets
import sys
from pathlib import Path

import engine
import engine.audio
import engine.registry
import engine.text
import engine.voice_library
import engine.weights
from desktop.commands.interrupts import signals_cancel
from desktop.commands.voices_sound import hear
from desktop.common.errors import NoCheckpointError
from desktop.common.messages import explain_at_prompt, explain_warning, loading_words
from desktop.common.paths import cache_folder, data_folder, voices_folder
from desktop.common.terminal import Terminal
from desktop.playback.player import find_output_device
from desktop.s1.checkpoint_choice import find_checkpoint_for_command
from engine.voice_library import Candidate

MAX_SEED = 2**31


def gallery(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Have S1 Mini improvise voices, and keep those that are asked for. Raises `engine.EngineError`, `DesktopError`,
    `Interrupted`. What is quickly found wrong is found before anything is loaded."""
    if not 1 <= arguments.n <= engine.voice_library.MAX_VOICES:
        raise engine.OptionError("--n", arguments.n, f"1 to {engine.voice_library.MAX_VOICES}")
    first = secrets.randbelow(MAX_SEED) if arguments.seed is None else arguments.seed
    engine.SpeechOptions(seed=first)
    if arguments.text:
        engine.text.check_text(arguments.text)
    library = engine.voice_library.VoiceLibrary(voices_folder())
    keep = _names_to_keep(arguments)
    for name in keep.values():
        library.check_new(name)
    if arguments.output is not None:
        arguments.output.mkdir(parents=True, exist_ok=True)
    elif not keep:
        find_output_device()
    candidates = _improvise(arguments, first, keep, terminal)
    if arguments.output is None and not keep:
        _ask(candidates, library, terminal)
    return 0


def _improvise(arguments: argparse.Namespace, first: int, keep: dict[int, str], terminal: Terminal) -> list[Candidate]:
    """All of them; each is written, kept or played as soon as it is there."""
    speaker = _open_engine(arguments, terminal)
    cancel = engine.CancelToken()
    library = engine.voice_library.VoiceLibrary(voices_folder())
    candidates: list[Candidate] = []
    try:
        numbers = range(1, arguments.n + 1)
        wanted = [number for number in numbers if number in keep] if keep and arguments.output is None else numbers
        language = arguments.language or ""
        for number in wanted:
            terminal.progress(f"Improvising voice {number} of {arguments.n} …")
            with signals_cancel(cancel):
                seeds = [first + number - 1]
                found = list(engine.voice_library.improvise(speaker, seeds, cancel, language, arguments.text))
            candidate = found[0]
            terminal.clear()
            terminal.say(f"Voice {number}: seed {candidate.seed}, {candidate.seconds:.1f} s")
            if candidate.problem is not None:
                terminal.say(f"  {explain_warning(candidate.problem, candidate.text).sentence}")
            candidates.append(candidate)
            if arguments.output is not None:
                _write(candidate, number, arguments.output, terminal)
            elif not keep:
                hear(candidate.samples, engine.SAMPLE_RATE_HZ)
            if number in keep:
                info = library.add(candidate.stored(keep[number]))
                terminal.say(f"Kept voice {number} as {info.name}.")
    finally:
        speaker.close()
    return candidates


def _names_to_keep(arguments: argparse.Namespace) -> dict[int, str]:
    """Names by numbers. Raises `OptionError`."""
    names: dict[int, str] = {}
    for word in arguments.keep:
        number, is_there, name = word.partition("=")
        if not is_there or not number.isdecimal() or not 1 <= int(number) <= arguments.n:
            raise engine.OptionError("--keep", word, f"NUMBER=NAME, with a number from 1 to {arguments.n}")
        names[int(number)] = engine.voice_library.checked_name(name)
    if len({name.casefold() for name in names.values()}) < len(names):
        raise engine.OptionError("--keep", ", ".join(names.values()), "a name for each")
    return names


def _open_engine(arguments: argparse.Namespace, terminal: Terminal) -> engine.SpeechEngine:
    """Open one that improvises, on whatever there is: who asks for a gallery waits for a CPU too."""
    entry = engine.registry.best_engine(lambda entry: entry.capabilities.improvises)
    checkpoint = find_checkpoint_for_command(arguments.checkpoint, terminal)
    if checkpoint is None:
        raise NoCheckpointError(engine.weights.usual_folders(data_folder())[0])
    terminal.progress(loading_words(entry))
    setup = engine.EngineSetup(checkpoint, arguments.device, arguments.precision, cache_folder=cache_folder())
    return engine.open_engine(entry.name, setup)


def _write(candidate: Candidate, number: int, folder: Path, terminal: Terminal) -> None:
    stem = f"{number}-seed{candidate.seed}"
    with engine.audio.AudioWriter(folder / f"{stem}.wav") as writer:
        writer.write(candidate.samples)
    engine.voice_library.write_voice(folder / f"{stem}.voice", candidate.stored(f"Seed {candidate.seed}"))
    terminal.say(f"  Wrote {folder / stem}.wav and .voice")


def _ask(candidates: list[Candidate], library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> None:
    """Which to keep, until that is answered with nothing. Ends where there is no terminal to ask on."""
    if sys.stdin is None or not sys.stdin.isatty():
        terminal.say("Keep one with: lectern voices gallery --seed SEED --n 1 --keep 1=NAME")
        return
    while answer := input("Keep which? Its number and a name, a number to hear it again, or Enter to end: ").strip():
        number, _, name = answer.partition(" ")
        if not number.isdecimal() or not 1 <= int(number) <= len(candidates):
            terminal.say(f"The voices are numbered from 1 to {len(candidates)}.")
            continue
        candidate = candidates[int(number) - 1]
        if not name.strip():
            hear(candidate.samples, engine.SAMPLE_RATE_HZ)
            continue
        try:
            info = library.add(candidate.stored(name))
        except engine.VoiceError as error:
            terminal.say(explain_at_prompt(error))
        else:
            terminal.say(f"Kept voice {number} as {info.name}.")
