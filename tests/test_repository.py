"""The repository's own promises: what the wheel holds, what the Makefile and the set-up script say, no network."""

from __future__ import annotations

import ast
import os
import shutil
import socket
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SETUP = Path("packaging/setup.sh")
PACKAGES = Path("packaging/debian-packages.txt")
ELSEWHERE = "192.0.2.1"  # reserved for documentation, RFC 5737: no one is there


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command], cwd=cwd, env=os.environ | env, capture_output=True, text=True, timeout=120
    )


# --- the wheel


def test_wheel_holds_the_two_packages_and_the_licence(tmp_path: Path) -> None:
    built = run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path)
    assert built.returncode == 0, built.stderr
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    tops = {name.split("/")[0] for name in names}
    assert {"engine", "desktop"} == {top for top in tops if not top.endswith(".dist-info")}
    sources = {
        path.relative_to(ROOT).as_posix() for top in ("engine", "desktop") for path in (ROOT / top).rglob("*.py")
    }
    assert sources <= set(names)
    assert "engine/server/page.html" in names
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)
    assert {f"desktop/{icon.relative_to(ROOT).as_posix()}" for icon in (ROOT / "resources").rglob("*.svg")} <= set(
        names
    )


# --- signals


def test_signals_carry_only_what_qt_can_hand_on_and_files_are_asked_for_in_one_place() -> None:
    """`Signal(list)` is Qt's list of variants, to which no list of Qt's own can be connected."""
    plain = {"str", "int", "float", "bool", "object"}
    for path in (ROOT / "desktop").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Signal":
                assert {ast.unparse(kind) for kind in node.args} <= plain, f"{path}:{node.lineno}"
        asks = any(isinstance(node, ast.Name) and node.id == "QFileDialog" for node in ast.walk(tree))
        assert not asks or path.name == "file_dialogs.py", path


# --- make


def test_plain_make_lists_every_target() -> None:
    listed = {line.split()[1] for line in run("make").stdout.splitlines()}
    assert listed == {"help", "say", "test", "run", "lint", "bench", "screenshots", "clean"}


@pytest.mark.parametrize("text", ['It\'s "five" dollars', "$5 $(HOME) $$", "; echo `id` && -x #"])
def test_make_say_passes_the_text_on_as_it_is(tmp_path: Path, text: str) -> None:
    checkout = tmp_path / "a checkout"
    _write_script(checkout / "packaging" / "setup.sh", "exit 0")
    _write_script(checkout / ".venv" / "bin" / "lectern", 'printf "%s" "${@: -1}"')
    shutil.copy(ROOT / "Makefile", checkout)
    by_argument = run("make", "say", f"TEXT={text}", cwd=checkout)
    assert by_argument.stdout == text, by_argument.stderr
    assert run("make", "say", cwd=checkout, TEXT=text).stdout == text


# --- the set-up script


def test_setup_without_permission_prints_the_exact_line(tmp_path: Path) -> None:
    if not shutil.which("dpkg-query"):
        pytest.skip("not Debian or Ubuntu")
    checkout = _checkout_that_wants(tmp_path, "say  no-such-package-a|no-such-package-b", "test  no-such-package-c")
    result = run(checkout / SETUP, "test", PATH=_path_without_rights(tmp_path))
    assert result.returncode == 2
    assert result.stderr.splitlines() == [
        "These system packages are missing. Install them, then run this again:",
        "  sudo apt-get update && sudo apt-get install --no-install-recommends --no-remove "
        "no-such-package-a no-such-package-c",
    ]
    assert not (checkout / ".venv").exists()


def test_setup_takes_either_of_two_packages(tmp_path: Path) -> None:
    if not shutil.which("dpkg-query"):
        pytest.skip("not Debian or Ubuntu")
    checkout = _checkout_that_wants(tmp_path, "test  no-such-package-a|dpkg", "test  no-such-package-b")
    result = run(checkout / SETUP, "test", PATH=_path_without_rights(tmp_path))
    assert result.stderr.splitlines()[-1].endswith("--no-remove no-such-package-b")


@pytest.mark.parametrize("arguments", [(), ("walk",), ("say", "test")])
def test_setup_with_other_arguments_says_how(arguments: tuple[str, ...]) -> None:
    result = run(ROOT / SETUP, *arguments)
    assert (result.returncode, result.stderr) == (2, "Usage: packaging/setup.sh say|run|test\n")


def test_setup_names_the_torch_builds_there_are() -> None:
    result = run(ROOT / SETUP, "say", TORCH="cu999")
    assert (result.returncode, result.stderr) == (2, "TORCH is one of cpu, cu126, cu128, cu130; found: cu999\n")


def _checkout_that_wants(tmp_path: Path, *package_lines: str) -> Path:
    checkout = tmp_path / "a checkout"
    (checkout / "packaging").mkdir(parents=True)
    shutil.copy(ROOT / SETUP, checkout / SETUP)
    shutil.copy(ROOT / "pyproject.toml", checkout)
    (checkout / PACKAGES).write_text("\n".join(package_lines) + "\n")
    return checkout


def _path_without_rights(tmp_path: Path) -> str:
    """A PATH on which one is not root, and sudo wants a password."""
    _write_script(tmp_path / "bin" / "id", "echo 1000")
    _write_script(tmp_path / "bin" / "sudo", "exit 1")
    return f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"


def _write_script(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/usr/bin/env bash\n{body}\n")
    path.chmod(0o755)


# --- no network


def test_connecting_elsewhere_is_refused_and_noted(network_log: Path) -> None:
    with socket.socket() as client, pytest.raises(PermissionError, match=ELSEWHERE):
        client.connect((ELSEWHERE, 80))
    with pytest.raises(PermissionError, match=r"example\.org"):
        socket.getaddrinfo("example.org", 80)
    _expect_attempts(network_log, "socket.connect '192.0.2.1'", "socket.getaddrinfo 'example.org'")


def test_a_child_that_swallows_the_refusal_is_found_out(network_log: Path) -> None:
    code = f"""
import contextlib, socket
with contextlib.suppress(OSError):
    socket.create_connection(({ELSEWHERE!r}, 80))
"""
    assert run(sys.executable, "-c", code).returncode == 0
    _expect_attempts(network_log, "socket.getaddrinfo '192.0.2.1'")


def test_loopback_and_unix_sockets_are_free(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(("localhost", server.getsockname()[1])).close()
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))


def _expect_attempts(network_log: Path, *beginnings: str) -> None:
    """Takes the attempts out of the log, so that the guard does not fail the test that made them on purpose."""
    attempts = network_log.read_text().splitlines()
    network_log.unlink()
    assert len(attempts) == len(beginnings)
    for attempt, beginning in zip(attempts, beginnings, strict=True):
        assert attempt.startswith(beginning)
