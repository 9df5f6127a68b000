"""Gives the README's links addresses when a package is built: an index shows that page with nothing beside it.

hatchling calls it. What is shown or heard is taken as it is, all else is a page of the project's home.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

RAW_SUFFIXES = (".png", ".opus", ".svg")
_LINK = re.compile(r'(\]\(|(?:href|src|srcset)=")(?![a-z]+:|#)([^)"\s]+)([)"])')


class ReadmeHook(MetadataHookInterface):
    def update(self, metadata: dict[str, Any]) -> None:
        """Set the description that a package index shows."""
        text = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        home = metadata["urls"]["Homepage"]
        metadata["readme"] = {"content-type": "text/markdown", "text": with_addresses(text, home)}


def with_addresses(text: str, home: str) -> str:
    """Write relative links of `text`, which is Markdown with HTML in it, as addresses below `home`."""

    def address(match: re.Match[str]) -> str:
        place = "raw" if match[2].partition("#")[0].endswith(RAW_SUFFIXES) else "blob"
        return f"{match[1]}{home}/{place}/main/{match[2]}{match[3]}"

    return _LINK.sub(address, text)
