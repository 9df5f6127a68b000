"""What a report of a fault begins with: true, without the person's name, and without loading what it tells of."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from waiting import LIMIT_S

from desktop.common import nvidia, system_report
from desktop.common.origin import find_origin

MAX_CPU_S = 1.5
"""It takes 0.35 s on a computer that does nothing else."""


def facts() -> dict[str, str]:
    lines = system_report.system_report().splitlines()
    return dict(line.split(": ", 1) for line in lines[1:])


def test_it_says_all_that_a_report_needs() -> None:
    first, *_ = system_report.system_report().splitlines()
    assert first == f"lectern {version('lectern')}"
    told = facts()
    names = ["origin", "packages", "Python", "system", "desktop", "Qt", "onnxruntime", "PyTorch", "GPU"]
    assert list(told) == names
    assert told["Python"].startswith(platform.python_version())
    assert told["origin"].startswith("checkout ")
    assert told["onnxruntime"] == version("onnxruntime")


def test_qt_says_its_own_version() -> None:
    from PySide6.QtCore import qVersion

    assert facts()["Qt"] == f"{qVersion()}, PySide {version('PySide6-Essentials')}"


def test_it_loads_nothing_of_what_it_tells_and_is_quick() -> None:
    script = (
        "import sys, time\nfrom desktop.cli import run\ncode = run(['--version'])\n"
        "print(code, [name for name in ('torch', 'PySide6', 'onnxruntime') if name in sys.modules])\n"
        "print(time.process_time())"
    )
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=True)
    *_, loaded, cpu_s = done.stdout.splitlines()
    assert loaded == "0 []"
    assert float(cpu_s) < MAX_CPU_S


def test_pytorch_is_read_and_not_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, source, said in (
        ("2.11.0", "cuda: str | None = '13.0'\n", "2.11.0, for CUDA 13.0"),
        ("2.11.0+cpu", "cuda: str | None = None\n", "2.11.0+cpu, for the CPU"),
        ("2.11.0+cu126", "cuda = '12.6'\nhip = None\n", "2.11.0+cu126, for CUDA 12.6"),
        ("2.11.0", None, "2.11.0, damaged"),
    ):
        folder = tmp_path / f"{number}-{source is None}"
        (folder / f"torch-{number}.dist-info").mkdir(parents=True)
        (folder / f"torch-{number}.dist-info" / "METADATA").write_text(f"Name: torch\nVersion: {number}\n")
        if source is not None:
            (folder / "torch").mkdir()
            (folder / "torch" / "version.py").write_text(source)
        monkeypatch.syspath_prepend(str(folder))
        assert facts()["PyTorch"] == said


def test_packages_that_are_not_as_locked_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    here = version("numpy")
    lock = tmp_path / "constraints.txt"
    monkeypatch.setattr(system_report, "constraints_path", lambda: lock)
    lock.write_text(f"# x\nnumpy=={here} ; python_full_version < '3.12'  # via x\nnumpy==0.1\nabsent==1.0\npip==0.1\n")
    assert facts()["packages"] == "as locked"
    lock.write_text("\n".join(f"{name}==0.0.1" for name in ("numpy", "av", "lxml", "regex")))
    assert facts()["packages"] == f"not as locked: numpy {here}, av {version('av')}, lxml {version('lxml')} and 1 more"
    monkeypatch.setattr(system_report, "constraints_path", lambda: None)
    assert facts()["packages"] == "no lock to compare with"


@pytest.mark.skipif(sys.platform != "linux", reason="a shell script")
def test_the_driver_is_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    script = tmp_path / "nvidia-smi"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    script.write_text("#!/bin/sh\necho 'NVIDIA RTX 9, 24564 MiB, 580.65.06'\n")
    script.chmod(0o755)
    assert facts()["GPU"] == "NVIDIA RTX 9, 24564 MiB, driver 580.65.06"
    script.write_text("#!/bin/sh\nexit 9\n")
    assert facts()["GPU"] == "nvidia-smi does not answer"
    script.unlink()
    monkeypatch.setattr(nvidia, "NVIDIA_SMI_IN_WSL", str(tmp_path / "none"))
    monkeypatch.setenv("PATH", str(tmp_path))
    assert facts()["GPU"] == "none of NVIDIA's (no nvidia-smi)"


def test_the_persons_name_is_not_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path(sys.prefix).parent)
    assert str(Path(sys.prefix).parent) not in system_report.system_report()
    assert "(~/" in facts()["Python"]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux desktops")
@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"XDG_CURRENT_DESKTOP": "GNOME", "XDG_SESSION_TYPE": "wayland"}, "GNOME, wayland"),
        ({"XDG_CURRENT_DESKTOP": "XFCE", "XDG_SESSION_TYPE": "tty", "DISPLAY": ":0"}, "XFCE, x11"),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "unnamed, wayland"),
        ({}, "none in this session"),
    ],
)
def test_desktops(monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], said: str) -> None:
    for name in ("XDG_CURRENT_DESKTOP", "XDG_SESSION_TYPE", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert facts()["desktop"] == said


# --- where it came from


@pytest.fixture
def no_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("desktop.common.origin._checkout", lambda: None)


@pytest.mark.usefixtures("no_checkout")
def test_who_installed_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_origin(tmp_path).words.startswith("wheel, by ")
    (tmp_path / "pipx_metadata.json").touch()
    assert find_origin(tmp_path).words == "wheel, by pipx"
    (tmp_path / "uv-receipt.toml").touch()
    assert find_origin(tmp_path).words == "wheel, by uv tool"
    (tmp_path / "lectern-origin").write_text("Debian package 0.1.0-1\n")
    assert find_origin(tmp_path).words == "Debian package 0.1.0-1"
    assert not find_origin(tmp_path).is_passing
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path))
    assert find_origin(tmp_path / "environments-v2" / "lectern-1").is_passing


@pytest.mark.usefixtures("no_checkout")
def test_a_systems_own_python_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "prefix", sys.base_prefix)
    monkeypatch.setattr("sysconfig.get_path", lambda _name: str(tmp_path))
    assert not find_origin().is_locked_away
    (tmp_path / "EXTERNALLY-MANAGED").touch()
    assert find_origin().is_locked_away
