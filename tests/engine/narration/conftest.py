"""Narration projects for tests, and an engine that draws its sound at random as S1 Mini does, in no time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.narration.document import Chapter, Document
from engine.narration.project import Project
from engine.narration.settings import NarrationSettings

MakeProject = Callable[..., Project]


@pytest.fixture
def make_project(tmp_path: Path) -> MakeProject:
    """`make_project(texts, name="project", **settings)` -> an open project."""

    def make(texts: list[str], name: str = "project", cover: bytes | None = None, **settings: object) -> Project:
        chapters = tuple(Chapter(f"Chapter {i}", text) for i, text in enumerate(texts, start=1))
        document = Document("A Book", "Some Body", "en", chapters, cover)
        return Project.create(tmp_path / name, document, Path("book.txt"), NarrationSettings(**settings))  # type: ignore[arg-type]

    return make
