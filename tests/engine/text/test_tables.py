"""Each line of the tables is said as a reader of its language would say it; what may not change stays to the letter."""

from __future__ import annotations

from collections import Counter

import pytest
from tables import BETWEEN, all_right, table_rows

from engine.text import iter_segments, spoken_without_markers
from engine.types import LANGUAGES

ROWS = table_rows()


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_heard_is_what_a_reader_would_say(language: str) -> None:
    with all_right() as right:
        for row in ROWS:
            if row.language == language:
                with right(f"{language}.tsv, line {row.line}"):
                    segments = iter_segments(row.written, language, normalise=True)
                    assert BETWEEN.join(spoken_without_markers(segment)[0] for segment in segments) == row.said


def test_no_language_is_forgotten_and_no_line_is_there_twice() -> None:
    n_rows = Counter(row.language for row in ROWS)
    assert set(n_rows) == set(LANGUAGES)
    assert min(n_rows.values()) >= 120
    twice = [line for line, n in Counter((row.language, row.written) for row in ROWS).items() if n > 1]
    assert not twice
