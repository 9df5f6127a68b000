"""Finds what is there and what is missing on this computer, and what mends it: facts and remedies, no printing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import engine
import engine.weights
from desktop.common.errors import PlaybackError
from desktop.common.messages import explain_at_prompt, how_to_get_s1, size
from desktop.common.paths import cache_folder, data_folder, settings_path
from desktop.common.settings import read_checkpoint_folder
from desktop.common.system_report import own_version, program_facts
from desktop.doctor.speech_checks import Finding, Health, examine_speech
from desktop.playback.player import find_output_device
from desktop.s1.checkpoint_choice import explain_passed_over, find_checkpoint


def examine(checkpoint: Path | None) -> Iterator[Finding]:
    """Check everything, in the order in which it is needed; each finding comes as soon as it is known."""
    yield Finding("Lectern", Health.OK, own_version())
    for fact in program_facts():
        yield Finding(fact.subject, Health.OK, fact.words)
    yield from examine_speech(cache_folder())
    yield from _examine_checkpoint(checkpoint)
    yield _examine_login()
    yield from _examine_sound()


def _examine_checkpoint(checkpoint: Path | None) -> Iterator[Finding]:
    usual = engine.weights.usual_folders(data_folder())
    remedy = how_to_get_s1(usual[0])
    try:
        choice = find_checkpoint(checkpoint, read_checkpoint_folder(settings_path()))
    except engine.CheckpointError as error:
        folder = error.path
        yield Finding("S1 Mini", Health.BROKEN, explain_at_prompt(error).sentence, how_to_get_s1(folder))
    else:
        found = choice.folder
        folder = found or next((folder for folder in usual if folder.is_dir()), None)
        if choice.problem is not None:
            passed_over = explain_passed_over(choice.problem)
            yield Finding("chosen folder", Health.MISSING, passed_over.sentence, passed_over.remedy)
        if found is None:
            yield _explain_no_checkpoint(usual, remedy)
        else:
            yield Finding("S1 Mini", Health.OK, f"found in {found}")
    if folder is not None and folder.is_dir():
        for name in engine.weights.CHECKPOINT_FILES:
            yield _examine_file(folder / name)


def _explain_no_checkpoint(usual: tuple[Path, ...], remedy: str) -> Finding:
    begun = engine.weights.unfinished_download(usual[0])
    if begun is not None:
        fact = f"{size(begun.done_bytes)} of {size(begun.total_bytes)} are downloaded"
        return Finding("S1 Mini", Health.MISSING, fact, "Go on with it: lectern download")
    places = " or ".join(str(place) for place in usual)
    return Finding("S1 Mini", Health.MISSING, f"no whole checkpoint in {places}", remedy)


def _examine_login() -> Finding:
    """Whether there is a token for the download; Hugging Face is not asked about it."""
    subject = "Hugging Face"
    try:
        source = engine.weights.token_source()
    except engine.HubError as error:
        message = explain_at_prompt(error)
        return Finding(subject, Health.MISSING, message.sentence, message.remedy)
    if source is None:
        return Finding(subject, Health.MISSING, "not logged in; only the download needs it", "Log in: lectern login")
    place = (
        "in the environment's HF_TOKEN"
        if source is engine.weights.TokenSource.ENVIRONMENT
        else "saved on this computer"
    )
    return Finding(subject, Health.OK, f"an access token is {place}")


def _examine_file(path: Path) -> Finding:
    subject = f"  {path.name}"
    if not path.is_file():
        return Finding(subject, Health.MISSING, "missing")
    return Finding(subject, Health.OK, f"{path.stat().st_size:,} bytes")


def _examine_sound() -> Iterator[Finding]:
    """PortAudio and the default output; without them, speech still goes to files."""
    try:
        device = find_output_device()
    except PlaybackError as error:
        message = explain_at_prompt(error)
        if error.problem == "no_library":
            yield Finding("PortAudio", Health.MISSING, "not installed", message.remedy)
            return
        yield Finding("PortAudio", Health.OK, "installed")
        yield Finding("sound output", Health.MISSING, message.sentence, message.remedy)
    else:
        yield Finding("PortAudio", Health.OK, "installed")
        yield Finding("sound output", Health.OK, f"{device.name}, {device.rate_hz} Hz")
