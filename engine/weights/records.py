"""What a download leaves in its folder beside the files: a plan while it goes on, a mark when all is there.

Both are small JSON files. One that cannot be read counts as none: then the files are downloaded, or hashed, again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engine.disk import write_whole

PART = ".part"
LOCK_NAME = ".lectern-download.lock"
_PLAN_NAME = ".lectern-download.json"
_MARK_NAME = ".lectern-checkpoint.json"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file as the Hub promises it: in LFS with `sha256`, else with the `sha1` that git gives it."""

    name: str
    size_bytes: int
    sha256: str | None
    sha1: str

    @property
    def digest(self) -> str:
        """What the content is known by; the Hub's ETag is the same."""
        return self.sha256 or self.sha1


@dataclass(frozen=True, slots=True)
class Plan:
    """What is being downloaded. `asked` is the revision as the user named it, `revision` the commit it led to."""

    repo: str
    asked: str
    revision: str
    files: tuple[RemoteFile, ...]

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class MarkedFile:
    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Mark:
    """What was downloaded and verified; written last of all."""

    repo: str
    revision: str
    files: tuple[MarkedFile, ...]


def read_plan(folder: Path) -> Plan | None:
    found = _read(folder / _PLAN_NAME)
    try:
        return Plan(found["repo"], found["asked"], found["revision"], _files(RemoteFile, found["files"]))
    except (KeyError, TypeError):
        return None


def write_plan(folder: Path, plan: Plan) -> None:
    """Raises `OutputError`."""
    write_whole(folder / _PLAN_NAME, json.dumps(asdict(plan), indent=2).encode(), mode=0o644)


def remove_plan(folder: Path) -> None:
    (folder / _PLAN_NAME).unlink(missing_ok=True)


def read_mark(folder: Path) -> Mark | None:
    found = _read(folder / _MARK_NAME)
    try:
        return Mark(found["repo"], found["revision"], _files(MarkedFile, found["files"]))
    except (KeyError, TypeError):
        return None


def write_mark(folder: Path, mark: Mark) -> None:
    """Raises `OutputError`."""
    write_whole(folder / _MARK_NAME, json.dumps(asdict(mark), indent=2).encode(), mode=0o644)


def remove_mark(folder: Path) -> None:
    (folder / _MARK_NAME).unlink(missing_ok=True)


def part_path(folder: Path, name: str) -> Path:
    """Where a file grows until it is whole."""
    return folder / f"{name}{PART}"


def size_of(path: Path) -> int | None:
    """Its bytes; None where it is no file."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _files(kind: Any, found: Iterable[dict[str, Any]]) -> tuple[Any, ...]:
    """Raises TypeError where a field is missing, unknown or of another kind."""
    files = tuple(kind(**file) for file in found)
    if not all(isinstance(file.name, str) and isinstance(file.size_bytes, int) for file in files):
        raise TypeError
    return files
