"""What a tool of uv's is asked for, so that its next upgrade keeps PyTorch: read from receipts as uv writes them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from desktop.commands import install_pytorch
from desktop.commands.uv_tool import RECEIPT, tool_install_words

ENTRY_POINTS = 'entrypoints = [{ name = "lectern", install-path = "/home/x/.local/bin/lectern", from = "lectern" }]\n'
PYTORCH = '{ url = "https://download.pytorch.org/whl/cu126", explicit = false, default = false }'


def words(folder: Path, receipt: str, extra: str = "cu128") -> list[str] | None:
    (folder / RECEIPT).write_text(f"[tool]\n{ENTRY_POINTS}{receipt}", encoding="utf-8")
    return tool_install_words(extra, folder)


@pytest.mark.parametrize(
    ("receipt", "asked"),
    [
        ('requirements = [{ name = "lectern" }]', ["lectern[cu128]"]),
        ('requirements = [{ name = "lectern", specifier = "==0.1.0" }]', ["lectern[cu128]==0.1.0"]),
        ('requirements = [{ name = "lectern", extras = ["cpu", "mcp"] }]', ["lectern[cu128,mcp]"]),
        (
            'requirements = [{ name = "lectern" }, { name = "wyoming", specifier = ">=1.8" }]\npython = "3.12"',
            ["--python", "3.12", "--with", "wyoming>=1.8", "lectern[cu128]"],
        ),
        (
            'requirements = [{ name = "lectern" }]\n[tool.options]\nindex-strategy = "unsafe-best-match"\n'
            f'index = [{PYTORCH}, {{ url = "https://a.mirror/simple", default = true }}]\n'
            'extra-index-url = ["https://download.pytorch.org/whl/cpu"]',
            ["--default-index", "https://a.mirror/simple", "lectern[cu128]"],
        ),
    ],
)
def test_it_is_what_it_was_and_the_extra(tmp_path: Path, receipt: str, asked: list[str]) -> None:
    assert words(tmp_path, receipt) == asked


@pytest.mark.parametrize(
    "receipt",
    [
        'requirements = [{ name = "lectern", git = "https://a.place/lectern" }]',
        'requirements = [{ name = "lectern", path = "/gone/lectern-0.1.0-py3-none-any.whl" }]',
        'requirements = [{ name = "lectern" }]\n[tool.options]\nprerelease = "allow"',
        'requirements = [{ name = "lectern" }]\nconstraints = [{ name = "numpy", specifier = "<3" }]',
        "requirements = []",
        "no = toml = at all",
    ],
)
def test_what_cannot_be_repeated_is_not(tmp_path: Path, receipt: str) -> None:
    assert words(tmp_path, receipt) is None


def test_a_wheel_that_is_still_there_is_taken_again(tmp_path: Path) -> None:
    wheel = tmp_path / "a folder" / "lectern-0.1.0-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    asked = words(tmp_path, f'requirements = [{{ name = "lectern", path = "{wheel}" }}]')
    assert asked == [f"lectern[cu128] @ {wheel.as_uri()}"]


def test_elsewhere_there_is_no_receipt(tmp_path: Path) -> None:
    assert tool_install_words("cpu", tmp_path) is None


def test_uv_is_asked_for_the_tool_with_the_builds_index_and_no_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words(tmp_path, 'requirements = [{ name = "lectern" }]')
    monkeypatch.setattr(sys, "prefix", str(tmp_path))
    command = install_pytorch.installer_command("uv", ["torch==2.11.0"], "cu126", [Path("lock")])
    assert command[:3] == ["uv", "tool", "install"]
    assert command[-1] == "lectern[cu126]"
    assert "https://download.pytorch.org/whl/cu126" in command
    assert "-c" not in command
    anew = install_pytorch.installer_command("uv", ["torch==2.11.0"], "cu126", [], is_anew=True)
    assert anew[anew.index("--reinstall-package") + 1] == "torch"
    without = install_pytorch.installer_command("uv", ["torch==2.11.0"], None, [])
    assert without[-1].startswith("lectern[")
