"""Downloads that tests make, and a look at what they have left: absent, resumable or whole."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import mock_hub
import pytest
from mock_hub import MockHub

import engine
import engine.weights
from engine import CancelToken
from engine.weights import DownloadLimits, DownloadProgress

QUICK = DownloadLimits(stall_s=0.3, first_wait_s=0.01, max_wait_s=0.02, max_attempts=3, progress_every_s=0.02)
PATIENT = DownloadLimits(first_wait_s=0.01, max_wait_s=0.02, progress_every_s=0.02)
BIG, SMALL = "model.pth", "special_tokens.json"
BIG_BYTES = mock_hub.NOISE_BYTES[BIG]


def download(
    folder: Path, revision: str | None = None, limits: DownloadLimits = QUICK, cancel: CancelToken | None = None
) -> list[DownloadProgress]:
    return list(engine.weights.download_checkpoint(folder, cancel or CancelToken(), revision=revision, limits=limits))


def check_state(folder: Path, hub: MockHub) -> str:
    """ "absent", "resumable" or "whole", after a look at whether it is what it says."""
    if not folder.exists():
        return "absent"
    assert not (folder / ".lectern-download.lock").exists()
    found = engine.weights.missing_files(folder)
    if not found:
        list(engine.weights.verify_checkpoint(folder, CancelToken()))
        for name in engine.weights.CHECKPOINT_FILES:
            assert any((folder / name).read_bytes() == files[name] for files in hub.commits.values())
        return "whole"
    left = engine.weights.unfinished_download(folder)
    assert left is not None
    assert 0 < left.done_bytes < left.total_bytes
    with pytest.raises(engine.CheckpointError):
        engine.weights.find_checkpoint(folder, folder)
    for part in folder.glob("*.part"):
        whole = hub.files[part.stem]
        assert whole.startswith(part.read_bytes()), f"{part.name} holds what is not in the file"
    return "resumable"


def expect_whole(folder: Path, hub: MockHub) -> None:
    """All the files that are needed, and nothing else."""
    assert check_state(folder, hub) == "whole"
    assert {path.name for path in folder.iterdir()} == {*engine.weights.CHECKPOINT_FILES, ".lectern-checkpoint.json"}
    assert engine.weights.find_checkpoint(folder, folder) == folder


def check_locked_state(folder: Path, hub: MockHub) -> str:
    """A killed process leaves the file of its lock, which locks nothing any more."""
    (folder / ".lectern-download.lock").unlink()
    return check_state(folder, hub)


CHILD = """
import sys, pathlib, engine.weights
for progress in engine.weights.download_checkpoint(pathlib.Path(sys.argv[1]), engine.CancelToken()):
    print(progress.stage, flush=True)
"""


def start_child(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
