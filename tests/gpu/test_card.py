"""The command that sees everything on a card, gone through on a pretended one; its limits; its sums."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from gpu import card
from gpu.timeline import summary_of

ONE_OF_A_KIND = [name for name in card.LIMITS_S if name not in ("bench int8", "bench int4")]


def run(out: Path, *options: str) -> tuple[int, dict, str]:
    command = [sys.executable, card.__file__, "--dry", "--out", str(out), *options]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    return done.returncode, json.loads((out / "card.json").read_text(encoding="utf-8")), done.stdout


@pytest.mark.slow
def test_all_of_it_runs_on_a_pretended_card(tmp_path: Path) -> None:
    code, document, printed = run(tmp_path, "--budget", "800", "--only", *ONE_OF_A_KIND)
    parts = document["parts"]
    assert {name: part["state"] for name, part in parts.items()} == dict.fromkeys(ONE_OF_A_KIND, "done"), parts
    assert code == 0
    found = {name: part["found"] for name, part in parts.items()}
    assert found["proofs"]["golden"]["missed"] == {}
    assert found["bench bfloat16"]["how"] == "graph: switched off"
    assert set(found["bench bfloat16"]["batches"]) == {"1", "2"}
    assert found["memory"]["left_bytes"] == 0
    assert found["memory"]["loading"] == "out_of_memory"
    assert found["memory"]["speaking"]["survived"]
    assert found["timeline"]["kernels_per_frame"] > 1
    assert found["marked tests"]["code"] == 0
    assert printed.startswith("## On NVIDIA GeForce RTX 4060 Ti")
    assert "DRY" in printed
    assert (tmp_path / "card.md").read_text(encoding="utf-8").strip() == printed.strip()


def test_it_ends_by_itself_and_says_what_was_not_reached(tmp_path: Path) -> None:
    began = time.monotonic()
    code, document, printed = run(tmp_path, "--budget", "0.2", "--only", "machine", "memory")
    assert time.monotonic() - began < 120
    assert code == 1
    assert [part["state"] for part in document["parts"].values()] == ["killed", "not reached"]
    assert "| memory | not reached |" in printed


def test_a_part_that_fails_says_with_what(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    parts = card.run_parts([["machine"], ["memory"]], ["--checkpoint"], tmp_path, 600)
    assert [part.state for part in parts.values()] == ["failed", "failed"]
    assert "expected one argument" in parts["memory"].error


def test_the_limits_fit_into_six_minutes_and_more_is_cut_off() -> None:
    assert card.BUDGET_S < 360
    assert all(limit_s <= card.BUDGET_S for limit_s in card.LIMITS_S.values())


def test_a_timeline_is_summed_up() -> None:
    found = summary_of([("gemm", 0, 4), ("sort", 10, 2), ("gemm", 12, 4), ("gemm", 14, 4)], n_frames=2)
    assert (found["kernels_per_frame"], found["busy_us"], found["gap_us"]) == (2, 6, 3)
    assert found["median_gap_us"] == 6
    assert [(one["name"], one["per_frame"], one["us"]) for one in found["largest"]] == [
        ("gemm", 1.5, 6),
        ("sort", 0.5, 1),
    ]
    assert summary_of([], 1)["kernels_per_frame"] == 0
