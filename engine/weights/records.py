"""The records of a download, in its folder beside the files: a plan while it goes on, a mark when all is there.

Both are small JSON files. One that cannot be read counts as none: then the files are hashed again, and parts are gone
on with, whose checksum shows at the end whether they were right.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from engine.files.disk import write_whole
from engine.files.json_files import read_json

PART = ".part"
MAX_RECORD_BYTES = 1 << 20
MAX_FILE_BYTES = 1 << 50
"""More than any disk takes; sizes beyond it are nobody's."""
LOCK_NAME = ".lectern-download.lock"
_PLAN_NAME = ".lectern-download.json"
_MARK_NAME = ".lectern-checkpoint.json"


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """Describe a file as the Hub promises it: in LFS with `sha256`, else with the `sha1` that git gives it.

    A mirror may promise neither; then its `etag` tells one content from another, and nothing shows that a content is
    right.
    """

    name: str
    size_bytes: int
    sha256: str | None
    sha1: str
    etag: str = ""

    @property
    def digest(self) -> str:
        """Return what the content is known by; the Hub's ETag is the same."""
        return self.sha256 or self.sha1 or self.etag

    @property
    def has_checksum(self) -> bool:
        """Return whether the Hub promised a checksum."""
        return bool(self.sha256 or self.sha1)


@dataclass(frozen=True, slots=True)
class Plan:
    """Describe what is being downloaded. `asked` is the revision as the user named it, `revision` the commit it led
    to."""

    repo: str
    asked: str
    revision: str
    files: tuple[RemoteFile, ...]

    @property
    def size_bytes(self) -> int:
        """Return the size of all files together."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True, slots=True)
class MarkedFile:
    """Describe a file that was downloaded and verified."""

    name: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Mark:
    """Describe what was downloaded and verified; written last of all."""

    repo: str
    revision: str
    files: tuple[MarkedFile, ...]


File = TypeVar("File", RemoteFile, MarkedFile)


def read_plan(folder: Path) -> Plan | None:
    """Read the plan in `folder`; None where there is none that can be read."""
    found = _read(folder / _PLAN_NAME)
    try:
        repo, asked, revision = _words(found, "repo", "asked", "revision")
        return Plan(repo, asked, revision, _files(RemoteFile, found["files"]))
    except (KeyError, TypeError):
        return None


def write_plan(folder: Path, plan: Plan) -> None:
    """Write `plan` into `folder`, whole or not at all. Raises `OutputError`."""
    write_whole(folder / _PLAN_NAME, json.dumps(asdict(plan), indent=2).encode(), mode=0o644)


def remove_plan(folder: Path) -> None:
    """Delete the plan in `folder`, if there is one. Raises OSError."""
    (folder / _PLAN_NAME).unlink(missing_ok=True)


def read_mark(folder: Path) -> Mark | None:
    """Read the mark in `folder`; None where there is none that can be read."""
    found = _read(folder / _MARK_NAME)
    try:
        repo, revision = _words(found, "repo", "revision")
        return Mark(repo, revision, _files(MarkedFile, found["files"]))
    except (KeyError, TypeError):
        return None


def write_mark(folder: Path, mark: Mark) -> None:
    """Write `mark` into `folder`, whole or not at all. Raises `OutputError`."""
    write_whole(folder / _MARK_NAME, json.dumps(asdict(mark), indent=2).encode(), mode=0o644)


def remove_mark(folder: Path) -> None:
    """Delete the mark in `folder`, if there is one. Raises OSError."""
    (folder / _MARK_NAME).unlink(missing_ok=True)


def part_path(folder: Path, name: str) -> Path:
    """Return the path where the file `name` grows until it is whole."""
    return folder / f"{name}{PART}"


def size_of(path: Path) -> int | None:
    """Return the size of the file `path` in bytes; None where it is no file."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = read_json(path, MAX_RECORD_BYTES)
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(found: dict[str, Any], *names: str) -> list[str]:
    """Raises TypeError where one is no text, and KeyError."""
    words = [found[name] for name in names]
    if not all(isinstance(word, str) for word in words):
        raise TypeError
    return words


_NAME = re.compile(r"[\w-][\w.-]{0,99}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{40,64}|", re.ASCII)


def _files(kind: type[File], found: Any) -> tuple[File, ...]:
    """Raises TypeError where a field is missing, unknown or of another kind, or a name leads elsewhere."""
    if not isinstance(found, list) or not all(isinstance(file, dict) for file in found):
        raise TypeError
    files = tuple(kind(**file) for file in found)
    for file in files:
        digests = [file.sha256 or "", getattr(file, "sha1", "")]
        if not (
            isinstance(file.name, str)
            and _NAME.fullmatch(file.name)
            and is_size(file.size_bytes)
            and all(isinstance(digest, str) and _DIGEST.fullmatch(digest) for digest in digests)
            and isinstance(getattr(file, "etag", ""), str)
        ):
            raise TypeError
    return files


def is_size(found: Any) -> bool:
    """Return whether `found` can be a file's size in bytes: text, fractions and negative numbers cannot."""
    return type(found) is int and 0 <= found <= MAX_FILE_BYTES
