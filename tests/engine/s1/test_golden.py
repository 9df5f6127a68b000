"""Parity with the golden vectors, and proof that the comparison notices what it should."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import golden
import numpy as np
import pytest
import torch


def test_every_array_of_the_tiny_checkpoint_is_reproduced(golden_folder: Path) -> None:
    results = list(golden.compare_folder(golden_folder / "tiny_s1", torch.device("cpu")))
    assert [r for r in results if not r.passed] == []
    compared = " ".join(r.name for r in results)
    assert {
        name
        for name in np.load(golden_folder / "tiny_s1" / "vectors.npz").files
        if name not in compared and not name.startswith("sampling")
    } == {
        "reference_codes",  # inputs
        "codec_wave_in",
        "codec_long_wave_in",
        "codec_decode_codes",
        "codec_out_of_range_codes",
    }


@pytest.mark.cuda
def test_parity_on_cuda_in_fp32(golden_folder: Path) -> None:
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    results = list(golden.compare_folder(golden_folder / "tiny_s1", torch.device("cuda")))
    assert [r for r in results if not r.passed] == []


DEVIATIONS = {
    "prefill_logits_plain": 1e-4,
    "codec_decode_wave": 1e-5,
    "codec_codes": 1,
    "greedy_frames_cloned": 1,
    "sampling_probs": 1e-5,
    "prompt_merge": 1,
    "an_array_nobody_knows": 1,
}


@pytest.mark.slow
def test_every_deviation_is_noticed_and_the_exit_code_tells(golden_folder: Path, tmp_path: Path) -> None:
    folder = tmp_path / "deviating"
    shutil.copytree(golden_folder / "tiny_s1", folder)
    vectors = dict(np.load(folder / "vectors.npz"))
    for name, change in DEVIATIONS.items():
        vectors[name] = vectors.get(name, np.zeros(1)).copy()
        vectors[name].flat[-1] += change
    np.savez(folder / "vectors.npz", **vectors)  # type: ignore[arg-type]
    command = [sys.executable, str(Path(golden.__file__)), str(folder)]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False)
    assert run.returncode == 1, run.stderr
    failed = [line for line in run.stdout.splitlines() if line.startswith("FAILED")]
    assert {name for name in DEVIATIONS if any(name in line for line in failed)} == set(DEVIATIONS)
    assert all(any(name in line for name in DEVIATIONS) for line in failed)
