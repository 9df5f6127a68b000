"""Tells how this Lectern came here: what a report says, and whether what is written today is still true tomorrow."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import platformdirs

MARKER = "lectern-origin"
"""A file in the environment's folder with one line that names what made it: a package of Debian's, an installer."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Says what installed Lectern. `is_passing`: into a cache, from which it is deleted when nobody thinks of it.
    `is_locked_away`: the environment is the system's own, which lets nobody install into it."""

    words: str
    is_passing: bool = False
    is_locked_away: bool = False


def find_origin(prefix: Path | None = None) -> Origin:
    """Look at the environment in `prefix`, by default the one that runs."""
    prefix = prefix or Path(sys.prefix)
    marker = prefix / MARKER
    if marker.is_file():
        return Origin(marker.read_text(encoding="utf-8", errors="replace").strip())
    checkout = _checkout()
    if checkout is not None:
        return Origin(f"checkout {checkout}")
    if any(prefix.is_relative_to(folder) for folder in _caches()):
        return Origin("run from a cache (uvx, pipx run)", is_passing=True)
    if (prefix / "uv-receipt.toml").is_file():
        return Origin("wheel, by uv tool")
    if (prefix / "pipx_metadata.json").is_file():
        return Origin("wheel, by pipx")
    by = _installer()
    if prefix != Path(sys.prefix) or sys.prefix != sys.base_prefix:
        return Origin(f"wheel, by {by} in {prefix}")
    return Origin(f"wheel, by {by} in the system's Python", is_locked_away=_externally_managed().is_file())


def _checkout() -> str | None:
    """The folder that an editable install runs from, or that is run as it lies."""
    here = Path(__file__).resolve().parents[2]
    return str(here) if (here / "pyproject.toml").is_file() else None


def _installer() -> str:
    try:
        package = distribution("lectern")
    except PackageNotFoundError:
        return "nobody"
    installer = (package.read_text("INSTALLER") or "").strip() or "an unknown installer"
    source = json.loads(package.read_text("direct_url.json") or "{}").get("url", "")
    return f"{installer} from a file" if source.startswith("file:") else installer


def _caches() -> list[Path]:
    named = [
        os.environ.get("UV_CACHE_DIR", ""),
        os.environ.get("PIPX_HOME", "") and f"{os.environ['PIPX_HOME']}/.cache",
    ]
    usual = [platformdirs.user_cache_path(name) for name in ("uv", "pipx")]
    usual += [platformdirs.user_data_path("pipx") / ".cache", Path.home() / ".local" / "pipx" / ".cache"]
    return [Path(name).expanduser().absolute() for name in named if name] + usual


def _externally_managed() -> Path:
    return Path(sysconfig.get_path("stdlib")) / "EXTERNALLY-MANAGED"
