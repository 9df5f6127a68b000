"""`lectern voices`: what is kept, added, heard and given away. The gallery is in `voices_gallery.py`."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import engine
import engine.audio
import engine.speech
import engine.voice_library
import engine.weights
from desktop.commands.voices_sound import hear, record
from desktop.common.errors import DesktopError
from desktop.common.messages import explain_at_prompt
from desktop.common.paths import voices_folder
from desktop.common.shell_words import quote
from desktop.common.terminal import Terminal
from desktop.common.text_source import read_text_file
from desktop.s1.checkpoint_choice import find_checkpoint_for_command
from desktop.voices.words import explain_recording_warning, verdict_of, voice_line
from engine import VoiceError
from engine.voice_library import RecordingCheck, StoredVoice, VoiceInfo

ENDING = ".voice"
FAILED = 2


def voices(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Run one of the voices' commands. Raises `engine.EngineError`, `DesktopError`, `Interrupted`."""
    if arguments.action == "gallery":
        from desktop.commands.voices_gallery import gallery

        return gallery(arguments, terminal)
    library = engine.voice_library.VoiceLibrary(voices_folder())
    return {
        "list": _list,
        "add": _add,
        "remove": _remove,
        "rename": _rename,
        "describe": _describe,
        "export": _export,
        "import": _import,
        "preview": _preview,
        "check": _check,
    }[arguments.action](arguments, library, terminal)


def _list(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    library.tidy()
    infos: list[VoiceInfo] = library.infos()
    if arguments.json:
        _print_json([_described(info) for info in infos])
        return 0
    width = max((len(info.name) for info in infos), default=0)
    for info in infos:
        sys.stdout.write(f"{info.name:<{width}}  {voice_line(info)}".rstrip() + "\n")
    if not infos:
        terminal.say("There are no voices yet. Make one of a recording (lectern voices add), or let S1 Mini improvise")
        terminal.say("some to choose from (lectern voices gallery). The built-in voice needs none.")
    return 0


def _add(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    if arguments.record == bool(arguments.recordings):
        arguments.usage_error("give RECORDINGs, or --record")
    library.check_new(arguments.name)
    if len(arguments.recordings) > engine.voice_library.MAX_RECORDINGS:
        raise VoiceError("too_many", arguments.name, detail=str(len(arguments.recordings)))
    sounds = list(_recorded(arguments, terminal) if arguments.record else _read(arguments, terminal))
    for number, (sound, text) in enumerate(sounds, 1):
        check = engine.voice_library.check_recording(sound.samples, sound.rate_hz, text, arguments.language or "")
        _print_check(check, terminal, f"Recording {number}: " if len(sounds) > 1 else "")
        if not check.is_usable:
            raise VoiceError("unsuitable", arguments.name)
    info = library.add(
        engine.voice_library.make_voice(arguments.name, sounds, arguments.language or "", arguments.notes)
    )
    terminal.say(f"Added {info.name}.")
    if not arguments.no_encode:
        _encode(info, arguments, terminal)
    return 0


def _read(arguments: argparse.Namespace, terminal: Terminal) -> Iterator[tuple[engine.voice_library.Sound, str]]:
    texts: list[str | None] = list(arguments.text)
    if arguments.text_file is not None:
        texts.append(read_text_file(arguments.text_file))
    if texts and len(texts) != len(arguments.recordings):
        arguments.usage_error(f"there are {len(arguments.recordings)} recordings and {len(texts)} transcripts")
    for path, given in zip(arguments.recordings, texts or [None] * len(arguments.recordings), strict=True):
        terminal.progress(f"Reading {path} …")
        text = engine.voice_library.transcript_beside(path) if given is None else given
        sound, _ = engine.voice_library.check_recording_file(path, text)
        if not text.strip():
            raise VoiceError("no_transcript", arguments.name, detail=str(path))
        yield sound, text
    terminal.clear()


def _recorded(arguments: argparse.Namespace, terminal: Terminal) -> Iterator[tuple[engine.voice_library.Sound, str]]:
    if len(arguments.text) > 1 or (arguments.text and arguments.text_file):
        arguments.usage_error("there is one recording, which has one transcript")
    text = arguments.text[0] if arguments.text else ""
    if arguments.text_file is not None:
        text = read_text_file(arguments.text_file)
    text = " ".join(text.split()) or engine.voice_library.script_in(arguments.language or "en")
    samples, rate_hz = record(text, terminal)
    yield engine.voice_library.sound_of_samples(samples, rate_hz), text


def _encode(info: VoiceInfo, arguments: argparse.Namespace, terminal: Terminal) -> None:
    """Now, where the codec is here. The voice is kept already, so that nothing is lost when this is interrupted."""
    checkpoint = find_checkpoint_for_command(arguments.checkpoint, terminal, engine.weights.CODEC_FILES)
    if checkpoint is None:
        terminal.say("It is prepared when S1 Mini first speaks with it; S1 Mini is not on this computer yet.")
        return
    terminal.progress(f"Loading the codec from {checkpoint} …")
    try:
        codec = engine.speech.open_codec(checkpoint, arguments.device)
    except engine.TorchError as error:
        terminal.clear()
        terminal.say(f"It is prepared when S1 Mini first speaks with it. {explain_at_prompt(error)}")
        return
    terminal.progress(f"Encoding {info.name} …")
    voice = engine.voice_library.load_voice(info.id, voices_folder(), codec.encode, codec.n_codebooks)
    n_frames = sum(reference.codes.shape[1] for reference in voice.references)
    terminal.clear()
    terminal.say(f"Encoded: {n_frames} frames. Speak with it: lectern say TEXT --voice {quote(info.name)}")


def _remove(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    infos = [library.find(name) for name in arguments.names]  # all are there, or none goes
    if not arguments.yes:
        if sys.stdin is None or not sys.stdin.isatty():
            arguments.usage_error("there is no terminal to ask on; say --yes")
        names = ", ".join(dict.fromkeys(info.name for info in infos))
        if input(f"Delete {names} for good? [y/N] ").strip().casefold() not in ("y", "yes"):
            terminal.say("Nothing was deleted.")
            return 0
    for info in dict.fromkeys(infos):
        library.remove(info.id)
        terminal.say(f"Removed {info.name}.")
    return 0


def _rename(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    info = library.rename(arguments.old, arguments.new)
    terminal.say(f"{arguments.old} is now {info.name}.")
    return 0


def _describe(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    if arguments.language is None and arguments.notes is None:
        arguments.usage_error("give --lang or --notes")
    info = library.describe(arguments.name, language=arguments.language, notes=arguments.notes)
    terminal.say(f"{info.name}: {voice_line(info)}")
    return 0


def _export(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    info = library.find(arguments.name)
    target = arguments.target or Path(f"{info.id}{ENDING}")
    if target.is_dir():
        target = target / f"{info.id}{ENDING}"
    library.export(info.id, target, with_sound=not arguments.without_sound)
    terminal.say(f"Wrote {target}")
    return 0


def _import(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    """What can be taken over is, whatever the others are."""
    if arguments.name and len(arguments.paths) > 1:
        arguments.usage_error("--name is for a single voice")
    is_whole = True
    for path in arguments.paths:
        is_whole = _import_path(path, arguments.name, library, terminal) and is_whole
    return 0 if is_whole else FAILED


def _import_path(path: Path, name: str, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> bool:
    if not path.exists():
        raise VoiceError("unknown", str(path))
    if path.is_file():
        found = [path]
    else:
        found = engine.voice_library.find_voice_folders(path)
        if not found:
            raise VoiceError("nothing_found", str(path))
    if name and len(found) > 1:
        raise VoiceError("name", name, detail=f"there are {len(found)} voices in {path}")
    is_whole = True
    for one in found:
        terminal.progress(f"Importing {one} …")
        try:
            info = library.import_file(one, name) if one.is_file() else library.import_folder(one, name)
        except (engine.EngineError, DesktopError) as error:
            if len(found) == 1:
                raise
            is_whole = False
            terminal.clear()
            terminal.say(f"Not imported: {explain_at_prompt(error)}")
        else:
            terminal.clear()
            terminal.say(f"Imported {info.name}.")
    return is_whole


def _preview(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    voice = _find_voice(arguments.name, library)
    if arguments.output is not None:
        engine.audio.check_output(arguments.output)
    sound = engine.voice_library.sound_of_voice(voice)
    samples, rate_hz = sound if sound is not None else _decoded(voice, arguments, terminal)
    if arguments.output is None:
        hear(samples, rate_hz)
        return 0
    with engine.audio.AudioWriter(arguments.output, rate_hz) as writer:
        writer.write(samples)
    terminal.say(f"Wrote {arguments.output}")
    return 0


def _decoded(voice: StoredVoice, arguments: argparse.Namespace, terminal: Terminal) -> tuple[np.ndarray, int]:
    checkpoint = find_checkpoint_for_command(arguments.checkpoint, terminal, engine.weights.CODEC_FILES)
    if checkpoint is None:
        raise VoiceError("no_sound", voice.name)
    terminal.progress(f"Loading the codec from {checkpoint} …")
    codec = engine.speech.open_codec(checkpoint, arguments.device)
    codes = voice.recordings[0].codes
    assert codes is not None
    if codes.shape[0] != codec.n_codebooks:
        raise VoiceError("codes_shape", voice.name, detail=f"{codes.shape[0]} codebooks, not {codec.n_codebooks}")
    samples = np.concatenate(list(codec.decode(codes)))
    terminal.clear()
    return samples, codec.sample_rate


def _check(arguments: argparse.Namespace, library: engine.voice_library.VoiceLibrary, terminal: Terminal) -> int:
    path = Path(arguments.what)
    is_recording = path.is_file() and path.suffix != ENDING and not library.has(arguments.what)
    checks: list[RecordingCheck | None]
    if is_recording:
        text = engine.voice_library.transcript_beside(path) if arguments.text is None else arguments.text
        checks = [engine.voice_library.check_recording_file(path, text, arguments.language or "")[1]]
    else:
        checks = engine.voice_library.check_voice(_find_voice(arguments.what, library))
    if arguments.json:
        _print_json([None if check is None else _measured(check) for check in checks])
    for number, check in enumerate(checks, 1):
        before = f"Recording {number}: " if len(checks) > 1 else ""
        if check is None:
            terminal.say(f"{before}Only its codes are kept, so there is nothing to check.")
        elif not arguments.json:
            _print_check(check, terminal, before)
    return 0 if all(check is None or check.is_usable for check in checks) else FAILED


def _find_voice(what: str, library: engine.voice_library.VoiceLibrary) -> StoredVoice:
    """By name, else by path."""
    if not library.has(what) and Path(what).exists():
        return engine.voice_library.read_voice(Path(what))
    return library.read(what)


def _print_check(check: RecordingCheck, terminal: Terminal, before: str = "") -> None:
    terminal.clear()
    terminal.say(f"{before}{verdict_of(check)}")
    for doubt in check.doubts:
        terminal.say(f"  {explain_recording_warning(doubt, check)}")


def _described(info: VoiceInfo) -> dict[str, Any]:
    values: dict[str, Any] = {
        name: getattr(info, name)
        for name in ("id", "name", "language", "notes", "seconds", "is_encoded", "has_sound", "is_folder", "problem")
    }
    return values | {"recordings": info.n_recordings, "path": str(info.path)}


def _measured(check: RecordingCheck) -> dict[str, Any]:
    names = ("seconds", "speech_s", "longest_pause_s", "level_db", "noise_db", "pitch_hz")
    values: dict[str, Any] = {name: round(getattr(check, name), 2) for name in names}
    doubts = [{"doubt": doubt.value, "words": str(explain_recording_warning(doubt, check))} for doubt in check.doubts]
    return values | {"is_usable": check.is_usable, "doubts": doubts}


def _print_json(values: object) -> None:
    text = json.dumps(values, ensure_ascii=False, indent=2)
    sys.stdout.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
