"""How far a start is, told by what the last one took."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.opening import StartStage
from engine.speech.start_clock import StartClock


class Start:
    """A start whose stages take the seconds it is told."""

    def __init__(self, path: Path | None, key: str = "cuda auto") -> None:
        self.now_s = 100.0
        self.said: list[tuple[StartStage, float, float | None]] = []
        self.clock = StartClock(self.hear, path, key, lambda: self.now_s)

    def hear(self, stage: StartStage, fraction: float, left_s: float | None = None, /) -> None:
        self.said.append((stage, fraction, left_s))

    def run(self, compiling_s: float, *once: StartStage) -> list[tuple[StartStage, float, float | None]]:
        for stage, seconds in ((StartStage.IMPORTING, 4.0), (StartStage.LOADING_MODEL, 2.0)):
            self.clock.begin(stage)
            self.now_s += seconds
        if compiling_s:
            for share in (0.0, 0.5):
                self.clock.part(StartStage.COMPILING, share)
                self.now_s += compiling_s / 2
        for stage, seconds in ((StartStage.LOADING_CODEC, 1.0), (StartStage.WARMING_UP, 3.0)):
            self.clock.begin(stage)
            self.now_s += seconds
        self.clock.finish(*once)
        return self.said


def test_the_first_start_shows_usual_shares_and_promises_nothing(tmp_path: Path) -> None:
    for path in (tmp_path / "cache" / "times.json", None):
        said = Start(path).run(compiling_s=0)
        assert [stage for stage, _, _ in said] == [s for s in StartStage if s is not StartStage.COMPILING]
        fractions = [fraction for _, fraction, _ in said]
        assert fractions == sorted(set(fractions))
        assert fractions[0] == 0.0
        assert {left_s for _, _, left_s in said} == {None}
    assert [p.name for p in tmp_path.iterdir()] == ["cache"]


def test_the_next_start_says_how_long_it_takes(tmp_path: Path) -> None:
    path = tmp_path / "cache" / "times.json"
    Start(path).run(compiling_s=30)
    said = Start(path).run(compiling_s=10)
    assert [left_s for _, _, left_s in said] == pytest.approx([40, 36, 34, 19, 4, 3])
    assert [fraction for _, fraction, _ in said] == pytest.approx([0, 0.1, 0.15, 0.525, 0.9, 0.925])
    assert [left_s for _, _, left_s in Start(path).run(10)] == pytest.approx([20, 16, 14, 9, 4, 3])
    assert Start(path, "cpu auto").run(0)[0] == (StartStage.IMPORTING, 0.0, None)
    assert Start(path).run(0)[0] == (StartStage.IMPORTING, 0.0, 20.0)  # the other key did not hurt


def test_what_comes_once_is_not_expected_again(tmp_path: Path) -> None:
    Start(tmp_path / "times.json").run(30, StartStage.COMPILING)
    assert [left_s for _, _, left_s in Start(tmp_path / "times.json").run(0)] == pytest.approx([10, 6, 4, 3])


def test_a_stage_that_the_last_start_did_not_have_takes_nothing(tmp_path: Path) -> None:
    Start(tmp_path / "times.json").run(compiling_s=0)
    said = Start(tmp_path / "times.json").run(compiling_s=10)
    assert [left_s for _, _, left_s in said] == pytest.approx([10, 6, 4, 4, 4, 3])


def test_the_first_compiling_is_seen_to_go_on_and_nothing_goes_back() -> None:
    said = Start(None).run(compiling_s=10)
    fractions = [fraction for _, fraction, _ in said]
    assert fractions == sorted(fractions)
    begun, half = (fraction for stage, fraction, _ in said if stage is StartStage.COMPILING)
    assert half > begun
    late = Start(None)  # the codec first, as on a CPU
    for stage in (StartStage.LOADING_MODEL, StartStage.LOADING_CODEC, StartStage.COMPILING):
        late.clock.begin(stage)
    for share in (0.3, 0.6, 1.0):
        late.clock.part(StartStage.COMPILING, share)
    late.clock.begin(StartStage.WARMING_UP)
    fractions = [fraction for _, fraction, _ in late.said]
    assert fractions == sorted(fractions)
    assert len(set(fractions[2:6])) == 4


@pytest.mark.parametrize("times", ["", "[]", "3", '{"importing": "x"}', '{"importing": -1}', "{}"])
def test_a_file_that_is_no_use_counts_as_none(tmp_path: Path, times: str) -> None:
    text = f'{{"cuda auto": {times}}}'
    (tmp_path / "times.json").write_text(text)
    assert Start(tmp_path / "times.json").run(0)[0] == (StartStage.IMPORTING, 0.0, None)
    assert Start(tmp_path / "times.json").run(0)[0][2] is not None


def test_where_nothing_can_be_written_it_starts_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert len(Start(tmp_path / "file" / "times.json").run(0)) == 4
