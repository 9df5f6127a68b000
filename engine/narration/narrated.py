"""A project whose sentences are spoken: its files, its sound, its report, and the audiobook that is made of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

import numpy as np

from engine.narration.export import ExportProgress, export
from engine.narration.project import Project
from engine.narration.render import recipe_of
from engine.narration.report import NarrationReport, report_on
from engine.narration.sentences import Sentence
from engine.narration.timeline import lay_out, sound_of
from engine.narration.word_places import unpacked
from engine.types import CancelToken, Voice
from engine.words import TimedWord


def report_on_narration(project: Project, identity: str = "", voice: Voice | None = None) -> NarrationReport:
    """Report what became of each character; without `identity`, what would become of it."""
    return report_on(project, recipe_of(project, identity, voice or Voice()) if identity else None)


def narrated_paths(project: Project, identity: str, voice: Voice, sentences: Iterable[Sentence]) -> list[Path | None]:
    """Find the file of each sentence's sound, 16-bit WAV at `SAMPLE_RATE_HZ`; None where it has none."""
    recipe, sounds = recipe_of(project, identity, voice), project.sounds
    takes = (sounds.take(recipe.key(sentence)) for sentence in sentences)
    return [sounds.path(take) if take is not None and take.n_samples else None for take in takes]


def narrated_words(
    project: Project, identity: str, voice: Voice, sentences: Iterable[Sentence]
) -> list[Callable[[], tuple[TimedWord, ...]]]:
    """Find where each sentence's words are: places in its text, and samples of its sound. A function each, because
    most are never asked for; what it returns is empty where nobody knows."""
    recipe, sounds = recipe_of(project, identity, voice), project.sounds
    takes = ((sentence.text, sounds.take(recipe.key(sentence))) for sentence in sentences)
    return [partial(unpacked, take.words if take else "", text, take.n_samples if take else 0) for text, take in takes]


def tidy_narration(project: Project, identity: str, voice: Voice) -> int:
    """Delete the sounds that the book, with any of its chapters, does not use any more, and return how many.

    Raises `OutputError`.
    """
    recipe = recipe_of(project, identity, voice)
    used = {recipe.key(s) for number in range(len(project.book.texts)) for s in project.cut(number).sentences}
    return project.sounds.drop_others(used)


def narration_sound(project: Project, identity: str, voice: Voice) -> Iterator[np.ndarray]:
    """Yield the sound of a project whose sentences are spoken, float32 `(n,)`, with its pauses.

    Raises `NarrationError`.
    """
    return sound_of(lay_out(project, recipe_of(project, identity, voice)), project.sounds)


def export_narration(
    project: Project, identity: str, voice: Voice, target: Path, cancel: CancelToken
) -> Iterator[ExportProgress]:
    """Write the audiobook `target` (a folder, with `per_chapter`) of a project whose sentences are spoken, by its
    settings.

    A cancelled export leaves nothing. Raises `NarrationError`, `OutputError`.
    """
    return export(project, recipe_of(project, identity, voice), target, cancel)
