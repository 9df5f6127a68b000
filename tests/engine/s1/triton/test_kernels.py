"""The Triton kernels without a card: their numbers by Triton's interpreter, and their machine code for real cards."""

# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from engine.s1.model.config import StackConfig

if TYPE_CHECKING:
    from triton_targets import Compiled

TESTS = Path(__file__).parents[3]
SCRIPT = Path(__file__).with_name("interpreted.py")
CHECKS = re.findall(r'^@check\("(.+)"\)$', SCRIPT.read_text(encoding="utf-8"), re.MULTILINE)

no_triton = pytest.mark.skipif(
    importlib.util.find_spec("triton") is None,
    reason="THE TRITON KERNELS ARE NOT PROVEN HERE: there is no Triton for this system or Python",
)
pytestmark = [pytest.mark.slow, no_triton]


@pytest.fixture(scope="module")
def problems(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What each check of `interpreted.py` found: one process for all, because Triton has to be told beforehand."""
    paths = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"PYTHONPATH": paths, "TRITON_CACHE_DIR": str(tmp_path_factory.mktemp("triton"))}
    ran = subprocess.run([sys.executable, SCRIPT], capture_output=True, encoding="utf-8", env=environment, check=False)
    assert ran.returncode == 0, ran.stderr
    found: dict[str, Any] = {}
    for line in ran.stdout.splitlines():
        said = json.loads(line)
        found[said["check"]] = said["problem"]
    return found


def test_every_check_has_run(problems: dict[str, str]) -> None:
    assert len(CHECKS) >= 10
    assert list(problems) == CHECKS


@pytest.mark.parametrize("check", CHECKS)
def test_interpreted_they_compute_what_the_plain_path_does(check: str, problems: dict[str, str]) -> None:
    assert problems[check] == ""


@pytest.mark.parametrize(("cc", "bits", "n_programs"), [(86, 4, 1), (120, 8, 1), (89, None, None)])
def test_they_compile_for_cards_and_spill_nothing(
    cc: int, bits: int | None, n_programs: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At full sizes; all cards, precisions and ways are compiled by tests/bench/kernels.py. What is for 8.6 and 8.9 is
    for 8.0 as well, where the fast stack wants more registers than there are."""
    from triton_targets import assemble_for, compile_for, distinct, full_size_launches

    monkeypatch.setenv("TRITON_CACHE_DIR", str(tmp_path))
    names = set()
    for launch, source, _ in distinct(full_size_launches(bits, n_programs)).values():
        made = compile_for(cc, launch, source)
        names.add(made.name)
        expect_to_fit(made, 0)
        if cc // 10 == 8:
            on_a100 = assemble_for(80, made)
            expect_to_fit(on_a100, 40 if made.name == "fast_stack" else 0)
            if made.name == "embed":  # the shortest
                assert compile_for(80, launch, source).ptx == on_a100.ptx
        if made.name in ("slow_stack", "fast_stack"):
            n_waits = made.ptx.count("ld.global.gpu.acquire")
            assert n_waits == 5, "programs wait before each phase, and then see what the others wrote"
            assert made.ptx.count("atom.global.gpu.acq_rel") > n_waits
    expected = {"slow_stack", "say", "fast_stack"}
    if n_programs is None:
        expected = {"embed", "project", "look", "gate", "say", "project_and_look"}
    assert names == expected


def expect_to_fit(made: Compiled, n_spilt_bytes: int) -> None:
    assert made.n_spilt_bytes <= n_spilt_bytes, made.name
    assert made.n_registers <= 255
    assert made.n_shared_bytes <= 48 * 1024


def test_a_frame_reads_what_the_specification_says_it_must() -> None:
    """2.11 GB in bf16, 1.09 in int8, 0.65 in int4, of which attention over some hundred positions is the rest."""
    from triton_targets import full_size_launches

    for bits, least in ((None, 2.11), (8, 1.09), (4, 0.65)):
        launches = full_size_launches(bits, None)
        n_bytes = sum(launch.n_bytes for launch in launches)
        assert 0.94 * least <= n_bytes / 1e9 <= 1.02 * least
        at_once = full_size_launches(bits, 100)
        assert sum(launch.n_bytes for launch in at_once) == n_bytes
        assert len(launches) == 295
        assert len(at_once) == 3
        assert sum(launch.n_phases for launch in at_once) == len(launches) - 1  # embedding is part of the first


def test_tiles_cover_a_matrix_and_no_more_threads_than_there_are_have_work() -> None:
    from engine.s1.triton.sizes import TILE_WEIGHTS, StackSizes, up_to_power

    config = StackConfig(28, 1024, 16, 8, 128, 3072, False, False, True, 1e6, 1e-6)
    sizes = StackSizes(config, (16, 16, 16, 16), (False, False))
    for name in ("wqkv", "wo", "w2"):
        found = sizes.products(name)
        assert found["TILE"] * found["WIDTH"] == TILE_WEIGHTS
        assert found["N_ROWS"] % found["TILE"] == 0
    assert [up_to_power(n) for n in (1, 2, 3, 1024, 3072)] == [1, 2, 4, 1024, 4096]


def test_where_they_do_not_compile_or_fit_the_next_way_is_taken(
    tiny_checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch
    from stepping import CPU, Uncaptured, graphs
    from triton.runtime.errors import OutOfResources

    from engine.s1.checkpoint.load import load_dual_ar
    from engine.s1.decode.attempts import AttemptMemo
    from engine.s1.decode.choosing import Candidate, first_that_works
    from engine.s1.decode.triton_backend import TritonBackend

    def fails(_frame: object, _n_rows: int) -> None:
        raise OutOfResources(300_000, 232_448, "shared memory")

    monkeypatch.setattr("engine.s1.triton.frame.Frame.run", fails)
    model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)[1]
    ours = Candidate("graph, kernels", lambda model: TritonBackend(model, Uncaptured(), 1))
    stepper, how = first_that_works(model, [ours, Candidate("graph", graphs)], AttemptMemo())
    assert stepper is not None
    assert how == "graph: failed"
