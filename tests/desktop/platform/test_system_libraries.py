"""What no Python package brings: found by the loader itself, and named as the installer names it."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.platform import system_libraries
from desktop.platform.system_libraries import how_to_install, missing_libraries

INSTALL = Path(__file__).resolve().parents[3] / "packaging" / "install.sh"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems' wheels hold all")


def test_what_does_not_load_is_named_by_its_packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system_libraries, "_WANTED", {"libc.so.6": ("libc6",), "libabsent.so.9": ("absent", "more")})
    assert missing_libraries() == ["absent", "more"]


def test_the_installer_looks_for_the_same() -> None:
    script = INSTALL.read_text(encoding="utf-8")
    for library, packages in system_libraries._WANTED.items():
        assert f"*{library}*" in script
        assert f"missing+=({' '.join(packages)})" in script


def test_it_says_what_to_type_or_to_look_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "apt-get").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert how_to_install(["a", "b"]) == "sudo apt-get install --no-install-recommends a b"
    (tmp_path / "apt-get").unlink()
    assert "Debian's: a, b" in how_to_install(["a", "b"])
