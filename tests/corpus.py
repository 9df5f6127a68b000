"""What is said of the texts in `engine/text/corpus/`: `python tests/corpus.py` shows where it differs from what was
reviewed, `--write` keeps what is said now. Look at every line of that change before it is committed.

`xx.txt` is a text of several pages, in kinds that people read: a novel, news, an encyclopaedia, a manual, a recipe, an
e-mail, questions and answers, written for this purpose. `xx.said` has a sentence a line, and an empty line where a
paragraph ends.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator
from pathlib import Path

from engine.text import iter_segments, spoken_without_markers
from engine.types import LANGUAGES

CORPUS = Path(__file__).parent / "engine/text/corpus"


def said(language: str) -> str:
    """What Lectern says of a language's text, with the language of any sentence that it takes for another."""
    lines: list[str] = []
    for segment in iter_segments((CORPUS / f"{language}.txt").read_text("utf-8"), normalise=True):
        told = segment.unvoiced_language or segment.language
        lines.append((f"[{told}] " if told != language else "") + spoken_without_markers(segment)[0])
        lines += [""] if segment.ends_paragraph else []
    return "\n".join(lines).rstrip("\n")


def difference(language: str) -> Iterator[str]:
    """The lines that are not as they were reviewed."""
    path = CORPUS / f"{language}.said"
    reviewed = path.read_text("utf-8").splitlines() if path.exists() else []
    found = said(language).splitlines()
    return difflib.unified_diff(reviewed, found, f"{language}: reviewed", f"{language}: said", lineterm="", n=0)


def main() -> int:
    parser = argparse.ArgumentParser(description="Show what is said otherwise than it was reviewed.")
    parser.add_argument("--write", action="store_true", help="keep what is said now")
    is_writing = parser.parse_args().write
    lines = [line for language in LANGUAGES for line in difference(language)]
    if is_writing:
        for language in LANGUAGES:
            (CORPUS / f"{language}.said").write_text(said(language) + "\n", "utf-8")
    print("\n".join(lines))  # noqa: T201
    return 0 if is_writing else bool(lines)


if __name__ == "__main__":
    sys.exit(main())
