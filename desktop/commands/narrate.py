"""`lectern narrate`: a book becomes an audiobook, and goes on where it stopped."""

from __future__ import annotations

import argparse
import re
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import engine
import engine.audio
import engine.files
import engine.narration
from desktop.commands.dictionary import usual_dictionary
from desktop.commands.interrupts import signals_cancel
from desktop.commands.say import open_engine
from desktop.common.messages import counted, duration
from desktop.common.terminal import Terminal
from desktop.narration.projects import project_folder, usual_target
from desktop.narration.words import outline, progress_words, report_words, warning_words, wordless_lines
from desktop.platform.sleep_inhibitor import open_inhibitor

BAR_WIDTH = 24
MAX_SHOWN_WARNINGS = 10


def narrate(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Narrate a book, list what would be narrated, or say how far it is. Raises `engine.EngineError`, `Interrupted`."""
    arguments.pronunciations = usual_dictionary(terminal)
    if arguments.dry_run:
        with _project_to_look_at(arguments, terminal) as project:
            _choose(project, arguments, keep=False)
            print_lines(outline(engine.narration.report_on_narration(project)))
        return 0
    with ExitStack() as stack:
        project = stack.enter_context(_open_project(arguments, terminal))
        _choose(project, arguments, keep=True)
        if not project.sentences():
            raise engine.NarrationError("nothing_to_speak", project.folder)
        target = _target(project, arguments)
        if not project.settings.per_chapter:
            engine.audio.check_output(target)
        arguments.voice = project.settings.voice
        opened = open_engine(arguments, terminal)
        speaker, voice = opened.engine, opened.voice
        stack.callback(speaker.close)
        identity = engine.narration.engine_identity(opened.entry, speaker.status(), opened.checkpoint)
        cancel = engine.CancelToken()
        terminal.say(f"Narrating “{project.book.title}”, kept in {project.folder}")
        with signals_cancel(cancel), _awake(terminal):
            report = _work(project, speaker, identity, voice, target, cancel, terminal)
            if report is not None:
                _print_outcome(report, project, terminal)
                _tidy(project, identity, voice, arguments, terminal)
            else:
                terminal.say("Stopped. What is spoken stays; the same command goes on with it.")
    return 0


def print_lines(lines: list[str]) -> None:
    """Print what the command was asked for on standard output."""
    sys.stdout.write("\n".join(lines) + "\n")


# --- which project


def _open_project(arguments: argparse.Namespace, terminal: Terminal) -> engine.narration.Project:
    if engine.narration.is_project(arguments.book):
        return engine.narration.Project(arguments.book)
    folder = arguments.project or project_folder(arguments.book)
    if arguments.resume:
        return engine.narration.Project(folder)
    return _read_into(folder, arguments, terminal)


def _read_into(folder: Path, arguments: argparse.Namespace, terminal: Terminal) -> engine.narration.Project:
    terminal.progress(f"Reading {arguments.book} …")
    document = engine.narration.read_document(arguments.book)
    terminal.clear()
    settings = engine.narration.NarrationSettings(seed=secrets.randbits(31))
    return engine.narration.Project.create(folder, document, arguments.book.resolve(), settings)


@contextmanager
def _project_to_look_at(arguments: argparse.Namespace, terminal: Terminal) -> Iterator[engine.narration.Project]:
    """Nothing is made or changed that stays: a book's project is made in a folder for the moment."""
    folder = arguments.book if engine.narration.is_project(arguments.book) else None
    if arguments.resume and folder is None:
        folder = arguments.project or project_folder(arguments.book)
    if folder is not None:
        yield engine.narration.Project(folder, is_writer=False)
        return
    with (
        tempfile.TemporaryDirectory(prefix="lectern-") as passing,
        _read_into(Path(passing) / "project", arguments, terminal) as project,
    ):
        yield project


# --- what is wanted


def _choose(project: engine.narration.Project, arguments: argparse.Namespace, *, keep: bool) -> None:
    """What was typed, over what the project has; with `keep` it is kept there."""
    settings = _settings(project.settings, arguments)
    chapters = project.chapters
    if arguments.chapters is not None:
        wanted = _chapter_numbers(arguments.chapters, len(chapters), project.folder)
        chapters = tuple(
            replace(chapter, is_included=place in wanted) for place, chapter in enumerate(chapters, start=1)
        )
    if keep:
        project.set_settings(settings)
        project.set_chapters(chapters)
    else:
        project.settings, project.chapters = settings, chapters


def _settings(
    settings: engine.narration.NarrationSettings, arguments: argparse.Namespace
) -> engine.narration.NarrationSettings:
    """Raises `OptionError`."""
    names = ("voice", "language", "seed", "temperature", "top_p", "repetition_penalty", "format", "per_chapter")
    names = (*names, "markers", "by_word", "pronunciations")
    given: dict[str, Any] = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    ending = arguments.output.suffix.lower().lstrip(".") if arguments.output is not None else ""
    if arguments.format is None and ending in engine.narration.FORMATS:
        given["format"] = ending
    if arguments.loudness is not None:
        given["loudness_lufs"] = _loudness(arguments.loudness)
    if arguments.pauses is not None:
        given["pauses"] = _pauses(arguments.pauses)
    if arguments.subtitles is not None:
        given["subtitles"] = tuple(name for name in arguments.subtitles.split(",") if name)
    return replace(settings, **given)


def _loudness(text: str) -> float | None:
    if text == "off":
        return None
    try:
        return float(text)
    except ValueError:
        raise engine.OptionError("loudness", text, "a number of LUFS, such as -18, or off") from None


def _pauses(text: str) -> engine.narration.Pauses:
    try:
        sentence, paragraph, chapter = (round(1000 * float(part)) for part in text.split(","))
    except (ValueError, OverflowError):
        expected = "seconds after a sentence, a paragraph and a chapter, such as 0.35,0.75,2.5"
        raise engine.OptionError("pauses", text, expected) from None
    return engine.narration.Pauses(sentence, paragraph, chapter)


def _chapter_numbers(text: str, n_chapters: int, folder: Path) -> set[int]:
    """ "1-3,5" as numbers from 1. Raises `NarrationError` ("no_chapter")."""
    numbers: set[int] = set()
    for part in text.split(","):
        match = re.fullmatch(r"\s*(\d+)(?:\s*-\s*(\d+))?\s*", part)
        first = int(match[1]) if match else 0
        last = int(match[2] or first) if match else 0
        if not 1 <= first <= last <= n_chapters:
            raise engine.NarrationError("no_chapter", folder, f"{part.strip()} of {n_chapters}")
        numbers.update(range(first, last + 1))
    return numbers


def _target(project: engine.narration.Project, arguments: argparse.Namespace) -> Path:
    """Where the audiobook goes: as named, else beside the book."""
    settings = project.settings
    if arguments.output is not None:
        if settings.per_chapter or arguments.output.suffix.lower() == f".{settings.format}":
            return arguments.output
        expected = f"a name that ends in .{settings.format}, or with another --format in that"
        raise engine.OptionError("--output", arguments.output.name, expected)
    return usual_target(project.book.source, project.folder, settings)


# --- the work


def _work(
    project: engine.narration.Project,
    speaker: engine.SpeechEngine,
    identity: str,
    voice: engine.Voice,
    target: Path,
    cancel: engine.CancelToken,
    terminal: Terminal,
) -> engine.narration.NarrationReport | None:
    """Speak and write; None when cancelled. Sounds that turn out to be damaged are spoken again."""
    for left in reversed(range(engine.narration.MAX_MENDINGS)):
        _speak(project, speaker, identity, voice, cancel, terminal)
        for path in project.mended:
            terminal.say(f"A damaged file was set aside, and is made anew: {path}")
        project.mended.clear()
        if cancel.cancelled:
            return None
        report = engine.narration.report_on_narration(project, identity, voice)
        _keep_report(project, report)
        try:
            _export(project, identity, voice, target, cancel, terminal)
        except engine.NarrationError as error:
            if error.problem != "sounds_damaged" or not left:
                raise
            terminal.clear()
            terminal.say(f"Damaged sounds were found, and are spoken again: {error.detail}")
        else:
            return None if cancel.cancelled else report
    raise AssertionError("the last round returns or raises")


def _speak(
    project: engine.narration.Project,
    speaker: engine.SpeechEngine,
    identity: str,
    voice: engine.Voice,
    cancel: engine.CancelToken,
    terminal: Terminal,
) -> None:
    lines = _Lines(terminal)
    for progress in engine.narration.narrate(project, speaker, identity, voice, cancel):
        lines.show(progress.stage, progress.fraction, progress_words(progress))
    terminal.clear()


def _export(
    project: engine.narration.Project,
    identity: str,
    voice: engine.Voice,
    target: Path,
    cancel: engine.CancelToken,
    terminal: Terminal,
) -> None:
    lines = _Lines(terminal)
    paths: tuple[Path, ...] = ()
    for progress in engine.narration.export_narration(project, identity, voice, target, cancel):
        lines.show("export", progress.fraction, f"Writing {target.name} {100 * progress.fraction:.0f} %")
        paths = progress.paths
    terminal.clear()
    if cancel.cancelled:
        return
    for path in paths:
        terminal.say(f"Wrote {path}")


@contextmanager
def _awake(terminal: Terminal) -> Iterator[None]:
    inhibitor = open_inhibitor()
    inhibitor.hold()
    if inhibitor.problem and terminal.is_live:
        terminal.say(inhibitor.problem)
    try:
        yield
    finally:
        inhibitor.release()


def _keep_report(project: engine.narration.Project, report: engine.narration.NarrationReport) -> None:
    engine.files.write_whole(project.folder / "report.json", report.to_json().encode(), mode=0o644)
    engine.files.write_whole(
        project.folder / "report.txt", ("\n".join(report_words(report)) + "\n").encode(), mode=0o644
    )


def _tidy(
    project: engine.narration.Project,
    identity: str,
    voice: engine.Voice,
    arguments: argparse.Namespace,
    terminal: Terminal,
) -> None:
    if arguments.tidy:
        n_gone = engine.narration.tidy_narration(project, identity, voice)
        terminal.say(f"Deleted {counted(n_gone, 'unused sound')}.")


def _print_outcome(
    report: engine.narration.NarrationReport, project: engine.narration.Project, terminal: Terminal
) -> None:
    for doubtful in report.doubtful[:MAX_SHOWN_WARNINGS]:
        terminal.say(warning_words(doubtful))
    more = len(report.doubtful) - MAX_SHOWN_WARNINGS
    if more > 0:
        terminal.say(f"{counted(more, 'more doubtful sentence')}: see {project.folder / 'report.txt'}")
    for line in wordless_lines(report):
        terminal.say(line)
    audio_s = sum(chapter.audio_s for chapter in report.chapters if chapter.is_included)
    n_left_out = sum(report.left_out.values())
    terminal.say(
        f"{report.n_spoken} of {report.n_sentences} sentences spoken, {duration(audio_s)} of speech; of "
        f"{report.n_chars:,} characters {report.n_spoken_chars:,} spoken, {n_left_out:,} left out, "
        f"{report.n_failed_chars:,} failed. Report: {project.folder / 'report.txt'}"
    )


class _Lines:
    """A bar that moves; where no line can be taken back, a line for each tenth."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._last: object = None

    def show(self, stage: object, fraction: float, words: str) -> None:
        if self._terminal.is_live:
            full = round(BAR_WIDTH * fraction)
            line = f"▕{'█' * full}{'░' * (BAR_WIDTH - full)}▏ {words}"
            columns = shutil.get_terminal_size().columns - 1
            self._terminal.progress(line if len(line) <= columns else f"{line[: columns - 1]}…")
        elif (now := (stage, int(10 * fraction))) != self._last:
            self._last = now
            self._terminal.say(words)
