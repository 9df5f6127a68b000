"""Has uv note PyTorch with a Lectern that `uv tool` installed: what it did not note, it removes with each upgrade."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from desktop.s1.pytorch_build import BUILDS, index_url

RECEIPT = "uv-receipt.toml"
_UNDERSTOOD = {"name", "extras", "specifier", "path"}
_OPTIONS = {"index", "extra-index-url", "index-strategy"}


def tool_install_words(extra: str, prefix: Path | None = None) -> list[str] | None:
    """Compose what stands behind `uv tool install` to have the Lectern in `prefix` as it is, with `extra` too.

    None where it is no tool of uv's, or was installed in a way that cannot be repeated from its receipt (from a
    repository, with options of its own): then PyTorch has to be installed again after each upgrade.
    """
    try:
        receipt = tomllib.loads(((prefix or Path(sys.prefix)) / RECEIPT).read_text(encoding="utf-8")).get("tool", {})
    except (OSError, ValueError):
        return None
    options = receipt.get("options", {})
    if set(receipt) - {"requirements", "entrypoints", "python", "options"} or set(options) - _OPTIONS:
        return None
    asked = receipt.get("requirements", [])
    others = [_words(requirement) for requirement in asked if requirement.get("name") != "lectern"]
    (own,) = [requirement for requirement in asked if requirement.get("name") == "lectern"] or [None]
    if own is None or None in others:
        return None
    words = _words({**own, "extras": sorted({*own.get("extras", [])} - set(BUILDS) | {extra})})
    if words is None:
        return None
    python = ["--python", receipt["python"]] if "python" in receipt else []
    indexes = [
        ("--default-index" if index.get("default") else "--index", index["url"]) for index in options.get("index", [])
    ]
    indexes += [("--extra-index-url", url) for url in options.get("extra-index-url", [])]
    kept = [pair for pair in dict.fromkeys(indexes) if not pair[1].startswith(index_url(""))]
    return [
        *python,
        *(word for pair in kept for word in pair),
        *(word for other in others if other for word in ("--with", other)),
        words,
    ]


def _words(requirement: Mapping[str, Any]) -> str | None:
    if set(requirement) - _UNDERSTOOD:
        return None
    name = requirement["name"] + (f"[{','.join(requirement['extras'])}]" if requirement.get("extras") else "")
    if "path" in requirement:
        path = Path(requirement["path"])
        return f"{name} @ {path.as_uri()}" if path.is_file() else None
    return name + requirement.get("specifier", "")
