"""The table of phases: every change in every phase, and what it comes to."""

from __future__ import annotations

import pytest

from desktop.common.state import AppState, Change, Phase, next_phase

IDLE, PREPARING, SPEAKING, PAUSED = Phase.IDLE, Phase.PREPARING, Phase.SPEAKING, Phase.PAUSED
NOTHING = None

# A phase by row: what each change makes of it.
CHANGES = (Change.SPEAK, Change.SOUND, Change.WAIT, Change.PAUSE, Change.RESUME, Change.STOP, Change.END)
OUTCOMES = {
    IDLE: (PREPARING, NOTHING, NOTHING, NOTHING, NOTHING, IDLE, NOTHING),
    PREPARING: (PREPARING, SPEAKING, PREPARING, PAUSED, NOTHING, IDLE, IDLE),
    SPEAKING: (PREPARING, SPEAKING, PREPARING, PAUSED, NOTHING, IDLE, IDLE),
    PAUSED: (PREPARING, PAUSED, PAUSED, PAUSED, PREPARING, IDLE, IDLE),
}


def test_the_outcomes_below_cover_every_phase_and_change() -> None:
    assert set(OUTCOMES) == set(Phase)
    assert set(CHANGES) == set(Change)


@pytest.mark.parametrize(
    ("phase", "change", "outcome"),
    [(phase, change, outcome) for phase, row in OUTCOMES.items() for change, outcome in zip(CHANGES, row, strict=True)],
)
def test_each_change_leads_where_it_should(phase: Phase, change: Change, outcome: Phase | None) -> None:
    assert next_phase(phase, change) is outcome


def test_a_reading_is_active_in_every_phase_but_idle() -> None:
    assert {phase for phase in Phase if AppState(phase).is_active} == {PREPARING, SPEAKING, PAUSED}
