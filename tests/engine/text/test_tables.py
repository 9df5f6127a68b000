"""What is said of a line in each language: `tables/xx.tsv`, with `input`, `said` and `reason` between tabs.

`=` is said where nothing may change; ` ‖ ` stands between sentences. Empty lines and those that begin with `# ` are
skipped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from engine.text import iter_segments, spoken_without_markers
from engine.types import LANGUAGES

TABLES = Path(__file__).with_name("tables")
BETWEEN = " ‖ "


@dataclass(frozen=True, slots=True)
class Row:
    language: str
    line: int
    written: str
    said: str

    @property
    def name(self) -> str:
        return f"{self.language}-{self.line}"


def rows(table: Path) -> Iterator[Row]:
    for line, text in enumerate(table.read_text(encoding="utf-8").splitlines(), start=1):
        if text and not text.startswith("# "):
            fields = text.split("\t")
            assert len(fields) == 3, f"{table.name}, line {line}: {len(fields)} columns instead of input, said, reason"
            written, said, _reason = fields
            yield Row(table.stem, line, written, written if said == "=" else said)


ROWS = [row for table in sorted(TABLES.glob("*.tsv")) for row in rows(table)]


@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_what_is_heard_is_what_a_reader_would_say(row: Row) -> None:
    segments = iter_segments(row.written, row.language, normalise=True)
    assert BETWEEN.join(spoken_without_markers(segment)[0] for segment in segments) == row.said


def test_every_table_is_of_a_language_and_has_no_line_twice() -> None:
    assert {row.language for row in ROWS} <= set(LANGUAGES)
    twice = [line for line, n in Counter((row.language, row.written) for row in ROWS).items() if n > 1]
    assert not twice
