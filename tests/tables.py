"""What is said of a line in each language: `engine/text/tables/xx.tsv`, with input, said and reason between tabs.

`=` is said where nothing may change; ` ‖ ` stands between sentences. Empty lines and those that begin with `# ` are
skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path

TABLES = Path(__file__).with_name("engine") / "text" / "tables"
BETWEEN = " ‖ "


@dataclass(frozen=True, slots=True)
class Row:
    language: str
    line: int
    written: str
    said: str


def table_rows() -> list[Row]:
    """Read the rows of all languages."""
    return [row for table in sorted(TABLES.glob("*.tsv")) for row in _rows(table)]


def _rows(table: Path) -> Iterator[Row]:
    for line, text in enumerate(table.read_text(encoding="utf-8").splitlines(), start=1):
        if text and not text.startswith("# "):
            fields = text.split("\t")
            assert len(fields) == 3, f"{table.name}, line {line}: {len(fields)} columns instead of input, said, reason"
            written, said, _reason = fields
            yield Row(table.stem, line, written, written if said == "=" else said)


@contextmanager
def all_right() -> Iterator[Callable[[str], AbstractContextManager[None]]]:
    """What is in `with right(name)` may fail; all that did fails here, in one ExceptionGroup, each with its name.

    For a test of many small cases. As thousands of tests they would take ten times as long.
    """
    wrong: dict[str, Exception] = {}

    @contextmanager
    def right(name: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  (it is raised below)
            error.add_note(name)
            wrong[name] = error

    yield right
    if wrong:
        raise ExceptionGroup(f"{len(wrong)} are wrong: {'; '.join(wrong)}", list(wrong.values()))
