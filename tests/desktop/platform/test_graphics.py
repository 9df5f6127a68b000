"""What this computer can do with S1 Mini: nvidia-smi asked as a process, whatever it does."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.platform import graphics
from desktop.platform.graphics import GIB, MIB, Graphics, GraphicsProbe, read_graphics, what_it_can_do

TWO = "NVIDIA T400 4GB, 4096\nNVIDIA GeForce RTX 3060, 12288\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only one on the PATH, but for those of the system's own programs."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    return tmp_path


@pytest.fixture
def probe(qtbot: QtBot) -> Iterator[GraphicsProbe]:  # noqa: ARG001  (the application)
    probe = GraphicsProbe()
    yield probe
    probe.close()


def put(folder: Path, script: str, mode: int = 0o755) -> None:
    path = folder / "nvidia-smi"
    path.write_text(script)
    path.chmod(mode)


def answer_of(qtbot: QtBot, probe: GraphicsProbe) -> tuple[Graphics, ...]:
    with qtbot.waitSignal(probe.found) as found:
        probe.ask()
    assert found.args is not None
    return found.args[0]


def test_the_gpu_with_the_most_memory_is_first(qtbot: QtBot, probe: GraphicsProbe, folder: Path) -> None:
    put(folder, f"#!/bin/sh\necho \"$@\" > {folder}/asked\nprintf '{TWO}'\n")
    best, other = answer_of(qtbot, probe)
    assert best == Graphics("NVIDIA GeForce RTX 3060", 12 * GIB)
    assert other == Graphics("NVIDIA T400 4GB", 4 * GIB)
    assert (folder / "asked").read_text() == "--query-gpu=name,memory.total --format=csv,noheader,nounits\n"
    assert len(answer_of(qtbot, probe)) == 2  # it can be asked again


@pytest.mark.parametrize(
    "script",
    [
        "#!/bin/sh\necho NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver.\nexit 9\n",
        "#!/bin/sh\necho No devices were found\n",
        "#!/bin/sh\nkill -9 $$\n",
        "#!/no/such/interpreter\n",
        "#!/bin/sh\nprintf '\\377\\376, many'\n",
    ],
)
def test_a_driver_that_does_not_work_is_no_gpu(qtbot: QtBot, probe: GraphicsProbe, folder: Path, script: str) -> None:
    put(folder, script)
    assert answer_of(qtbot, probe) == ()


def test_no_driver_is_no_gpu(
    qtbot: QtBot, probe: GraphicsProbe, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert answer_of(qtbot, probe) == ()


def test_a_driver_that_hangs_is_given_up(qtbot: QtBot, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphics, "LIMIT_MS", 200)
    put(folder, "#!/bin/sh\nexec sleep 1000\n")
    probe = GraphicsProbe()
    assert answer_of(qtbot, probe) == ()
    probe.ask()
    probe.ask()  # it is asked already
    with qtbot.assertNotEmitted(probe.found):
        probe.close()


def test_what_it_says_of_them() -> None:
    assert read_graphics("\nGPU, [N/A]\n, 5\nNVIDIA A, B, 8192\n") == (Graphics("NVIDIA A, B", 8 * GIB),)
    assert what_it_can_do(()).startswith("No NVIDIA GPU was found here")
    assert what_it_can_do((Graphics("NVIDIA GeForce RTX 3060", 12_288 * MIB), Graphics("B", GIB))) == (
        "This computer's NVIDIA GeForce RTX 3060 with 12 GB has room for it."
    )
    assert "T400 4GB with 4 GB has just about room" in what_it_can_do((Graphics("T400 4GB", 4 * GIB),))
    assert "GT 1030 has 2 GB of memory, and about 4 GB are needed." in what_it_can_do((Graphics("GT 1030", 2 * GIB),))
