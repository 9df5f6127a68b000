"""What is said of texts and documents, against what a good reader says: `python tests/cases.py FILE [--all]`.

The file has a JSON object a line: `kind`, `lang` (`?` where the language is what is asked), `input` (a text, or
`[html file]` and the like before the contents of one) and `expected`, with `‖` between sentences and, where languages
are asked, `[xx]` before each. `…` stands for whatever is said. Other forms that are right, too, may stand in `or`.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.narration import preview_text, read_document
from engine.narration.project_files import book_of
from engine.text import spoken_without_markers
from engine.types import LanguageSpan, SpeechOptions

_FILE = re.compile(r"\[(?P<ending>\w+) file\] ?")
_LANGUAGE = re.compile(r"\[\w\w\] ?")
BETWEEN = " ‖ "


@dataclass(frozen=True, slots=True)
class Case:
    kind: str
    lang: str
    input: str
    expected: str
    others: tuple[str, ...] = ()

    @property
    def can_be_judged(self) -> bool:
        """A program can compare what is said; it cannot tell whether a warning is a good sentence, nor draw a PDF."""
        return not self.expected.startswith("a warning") and not re.match(r"(?:two )?PDF (?:lines|text)", self.input)


def read_cases(path: Path) -> Iterator[Case]:
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.strip():
            fields = json.loads(line)
            others = tuple(fields.get("or", ()))
            yield Case(fields["kind"], fields["lang"], fields["input"], fields["expected"], others)


def said(case: Case) -> str:
    """What Lectern says of a case's input, its sentences divided by `BETWEEN`, each with its language before it."""
    file = _FILE.match(case.input)
    if file is None:
        return BETWEEN.join(_sentences(case.input, None if case.lang == "?" else case.lang, ()))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"case.{file['ending']}")
        path.write_text(case.input[file.end() :], encoding="utf-8")
        document = read_document(path)
    book = book_of(document, path)
    texts = enumerate(book.texts)
    return BETWEEN.join(
        sentence for i, text in texts for sentence in _sentences(text, None, book.declared(i), markers=False)
    )


def _sentences(text: str, language: str | None, declared: Sequence[LanguageSpan], *, markers: bool = True) -> list[str]:
    """In a document a marker is text, as in a narration where nobody asked for them."""
    preview = preview_text(text, SpeechOptions(language=language, normalise=True, markers=markers), declared)
    return [f"[{segment.language}] {spoken_without_markers(segment)[0]}" for segment in preview.segments]


def is_right(case: Case, found: str) -> bool:
    return any(_agrees(expected, found) for expected in (case.expected, *case.others))


def _agrees(expected: str, found: str) -> bool:
    if not _LANGUAGE.match(expected):
        found = _LANGUAGE.sub("", found)
    pattern = re.escape(" ".join(expected.split())).replace(re.escape("…"), ".*")
    return re.fullmatch(pattern, " ".join(found.split()), re.DOTALL) is not None


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare what is said with what a good reader says.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--all", action="store_true", help="print the right ones too")
    options = parser.parse_args()
    right: Counter[tuple[str, str]] = Counter()
    total: Counter[tuple[str, str]] = Counter()
    lines: list[str] = []
    for case in read_cases(options.file):
        if not case.can_be_judged:
            continue
        found = said(case)
        good = is_right(case, found)
        for group in (("kind", case.kind), ("language", case.lang), ("", "all")):
            total[group] += 1
            right[group] += good
        if options.all or not good:
            mark = "right" if good else "WRONG"
            lines.append(f"{mark} {case.kind} ({case.lang}): {case.input!r}")
            lines += [f"   said     {found}", f"   expected {case.expected}"]
    lines.append("")
    lines += [f"{right[group]:4}/{total[group]:<4} {' '.join(group).strip()}" for group in sorted(total)]
    print("\n".join(lines))  # noqa: T201
    return right["", "all"] < total["", "all"]


if __name__ == "__main__":
    sys.exit(main())
