"""The places where the Hub's programs keep their things, by the environment's names for it, read each time they matter.

The Hub's library reads the same names, but once, when it is imported; and finding a checkpoint should not import it.
"""

from __future__ import annotations

import os
from pathlib import Path

_YES = frozenset({"1", "ON", "YES", "TRUE"})


def endpoint() -> str:
    """Return the Hub's address, without a slash at its end."""
    return (os.environ.get("HF_ENDPOINT") or "https://huggingface.co").rstrip("/")


def is_offline() -> bool:
    """Return whether the user wants the Hub left alone."""
    return any(os.environ.get(name, "").upper() in _YES for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))


def token_path() -> Path:
    """Return the path of the file with the saved token."""
    return _named("HF_TOKEN_PATH") or _home() / "token"


def hub_cache() -> Path:
    """Return the folder where the Hub's library puts the repositories it downloads."""
    return _named("HF_HUB_CACHE") or _named("HUGGINGFACE_HUB_CACHE") or _home() / "hub"


def _home() -> Path:
    return _named("HF_HOME") or (_named("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "huggingface"


def _named(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(os.path.expandvars(value)).expanduser() if value else None
