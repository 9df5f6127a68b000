"""Makes what the narration window shows of what a project says of itself. No Qt here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import engine
import engine.narration
from desktop.common.messages import Message, explain
from desktop.narration.values import ChapterRow, ChapterSentence, WarningRow
from desktop.narration.words import warning_list


def chapter_rows(report: engine.narration.NarrationReport) -> tuple[ChapterRow, ...]:
    """List the chapters of `report`, in its order."""
    return tuple(
        ChapterRow(c.pieces, c.title, c.is_included, c.n_sentences, c.n_spoken, c.estimated_s, c.begins)
        for c in report.chapters
    )


def warning_rows(report: engine.narration.NarrationReport) -> tuple[WarningRow, ...]:
    """List the sentences that `report` is not sure of, with the reasons."""
    return tuple(
        WarningRow(
            d.sentence.chapter,
            d.sentence.index,
            d.sentence.text,
            d.chapter_title,
            warning_list(d.doubts),
            has_sound=d.doubts not in (("failed",), ("silent",)),
        )
        for d in report.doubtful
    )


def sentence_rows(
    sentences: Sequence[engine.narration.Sentence], paths: Sequence[Path | None]
) -> tuple[ChapterSentence, ...]:
    """List a chapter's `sentences`; the `paths` of their sounds are None where there is none yet."""
    first = [i == 0 or sentences[i - 1].ends_paragraph for i in range(len(sentences))]
    return tuple(
        ChapterSentence(s.chapter, s.index, s.start, s.text, begins, begins and s.ends_paragraph, path is not None)
        for s, begins, path in zip(sentences, first, paths, strict=True)
    )


def explain_in_window(error: engine.EngineError) -> Message:
    """Explain `error` for the narration window, where some of the command line's remedies are others."""
    message = explain(error)
    remedy = message.remedy.replace("Run the same command again, which", "Start it again, which")
    remedy = remedy.replace("Choose some with --chapters.", "Tick some.")
    return replace(message, remedy=remedy)
