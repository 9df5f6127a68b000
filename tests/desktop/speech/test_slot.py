"""What is shown of a start between two words from its process."""

from __future__ import annotations

from desktop.speech.slot import StartProgress


def test_between_two_words_it_goes_on_as_the_last_time() -> None:
    said = StartProgress(0.2, 40.0, at_s=100.0)
    assert [said.fraction_at(100.0 + s) for s in (0, 10, 20, 40, 400)] == [0.2, 0.4, 0.6, 0.99, 0.99]
    assert [said.left_at(100.0 + s) for s in (0, 12, 29, 33.6, 39.5, 400)] == [40.0, 30.0, 10.0, 6.0, None, None]
    steps = [said.fraction_at(100.0 + s / 7) for s in range(300)]
    assert steps == sorted(steps)


def test_where_nobody_knows_it_stands_where_it_was() -> None:
    assert (StartProgress(0.3).fraction_at(50.0), StartProgress(0.3).left_at(50.0)) == (0.3, None)
    assert StartProgress(0.3, 0.0).fraction_at(50.0) == 0.3
