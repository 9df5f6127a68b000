"""The repository's own promises: what the Makefile and the set-up script say, no network."""

from __future__ import annotations

import ast
import os
import re
import shlex
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from waiting import LIMIT_S

ROOT = Path(__file__).resolve().parent.parent
SETUP = Path("packaging/setup.sh")
PACKAGES = Path("packaging/debian-packages.txt")
PYTHONS = Path("packaging/pythons.sh")
ELSEWHERE = "192.0.2.1"  # reserved for documentation, RFC 5737: no one is there


def run(*command: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd,
        env=os.environ | env,
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT_S,
    )


# --- text


def test_text_of_files_and_other_programs_has_an_encoding() -> None:
    """Without one it is in Windows' old code page there. For files ruff has a rule, on trial: alone, since a trial
    changes other rules too."""
    ruff = Path(sys.executable).with_name("ruff")
    files = run(ruff, "check", "--isolated", "--quiet", "--preview", "--select", "PLW1514", "--output-format=concise")
    assert files.stdout == ""
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for top in ("engine", "desktop", "tests", "packaging")
        for path in (ROOT / top).rglob("*.py")
        if re.search(r"\b(text|universal_newlines)\s*=\s*True\b", source := path.read_text(encoding="utf-8"))
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and _is_text_without_encoding({word.arg: word.value for word in node.keywords})
    ]
    assert found == []


def _is_text_without_encoding(named: dict[str | None, ast.expr]) -> bool:
    asked = (named.get(name) for name in ("text", "universal_newlines"))
    is_text = any(isinstance(value, ast.Constant) and value.value is True for value in asked)
    return is_text and "encoding" not in named


# --- signals


def test_signals_carry_only_what_qt_can_hand_on_and_files_are_asked_for_in_one_place() -> None:
    """`Signal(list)` is Qt's list of variants, to which no list of Qt's own can be connected."""
    plain = {"str", "int", "float", "bool", "object"}
    for path in (ROOT / "desktop").rglob("*.py"):
        if not re.search(r"\b(Signal|QFileDialog)\b", source := path.read_text(encoding="utf-8")):
            continue
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Signal":
                assert {ast.unparse(kind) for kind in node.args} <= plain, f"{path}:{node.lineno}"
        asks = any(isinstance(node, ast.Name) and node.id == "QFileDialog" for node in ast.walk(tree))
        assert not asks or path.name == "file_dialogs.py", path


# --- imports


@pytest.mark.slow
def test_no_module_imports_itself_through_others() -> None:
    """Whatever is imported where, for types alone, within a function or by a room's door, counts."""
    imports = _imports()
    reached = {module: _reached_from(module, imports) for module in imports}
    found = {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in imports
        if module in reached[module]
    }
    assert [sorted(circle) for circle in found] == []


def _imports() -> dict[str, set[str]]:
    """For each module of the two packages, and each door, the others of them that it imports."""
    paths = [path for top in ("engine", "desktop") for path in (ROOT / top).rglob("*.py*") if path.suffix != ".pyc"]
    names = {_module_name(path) for path in paths}
    imports: dict[str, set[str]] = {name: set() for name in names}
    for path in paths:
        importer = _module_name(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                asked = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                package = importer if path.stem == "__init__" else importer.rpartition(".")[0]
                parts = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
                source = ".".join([*parts, *([node.module] if node.module else [])])
                asked = [name if (name := f"{source}.{alias.name}") in names else source for alias in node.names]
            else:
                continue
            imports[importer].update(name for name in asked if name in names and name != importer)
    return imports


def _module_name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _reached_from(module: str, imports: dict[str, set[str]]) -> set[str]:
    reached: set[str] = set()
    ahead = [module]
    while ahead:
        new = imports[ahead.pop()] - reached
        reached |= new
        ahead += new
    return reached


# --- make


def test_plain_make_lists_every_target() -> None:
    listed = {line.split()[1] for line in run("make").stdout.splitlines()}
    names = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert listed == {name for name in names if not name.startswith(("ready", "quick"))}


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


@pytest.mark.slow
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


def test_each_purpose_installs_what_it_needs_from_the_lock(tmp_path: Path) -> None:
    checkout = _checkout_that_wants(tmp_path)
    calls = _pretend_to_install(tmp_path, checkout)
    said = _set_up(tmp_path, checkout, "say")
    assert said.returncode == 0, said.stderr
    locked = "-c packaging/constraints.txt --build-constraints packaging/constraints.txt"
    assert calls() == [
        "pip --quiet install -c packaging/constraints.txt uv",
        f"uv pip install --python .venv/bin/python {locked} --excludes packaging/later.txt --quiet pip "
        "--editable .[server]",
    ]
    assert _set_up(tmp_path, checkout, "say").returncode == 0
    assert calls() == [], "when all is there nothing is installed"
    assert _set_up(tmp_path, checkout, "run").returncode == 0
    assert calls() == [
        f"uv pip install --python .venv/bin/python {locked} --quiet pip --editable .[server]",
        "lectern install-pytorch --build auto",
    ]
    assert _set_up(tmp_path, checkout, "test").returncode == 0
    assert calls()[0].endswith("--editable .[server,wyoming,mcp] --group dev")
    _change(checkout / "packaging/constraints.txt")
    assert _set_up(tmp_path, checkout, "say").returncode == 0
    assert calls()[0].endswith("--group dev"), "what is there is kept up to date"
    assert (checkout / ".venv/lectern-ready").read_text().split()[1:] == ["say", "bench", "run", "test"]


def test_a_build_of_pytorch_that_was_named_is_brought_and_remembered(tmp_path: Path) -> None:
    checkout = _checkout_that_wants(tmp_path)
    calls = _pretend_to_install(tmp_path, checkout)
    assert _set_up(tmp_path, checkout, "say", TORCH="cpu").returncode == 0
    assert calls()[-1] == "lectern install-pytorch --build cpu"
    assert _set_up(tmp_path, checkout, "run").returncode == 0
    assert calls()[-1] == "lectern install-pytorch --build cpu"
    assert _set_up(tmp_path, checkout, "run", TORCH="cu126").returncode == 0
    assert calls()[-1] == "lectern install-pytorch --build cu126"


def test_where_uv_cannot_pip_installs_the_same(tmp_path: Path) -> None:
    checkout = _checkout_that_wants(tmp_path)
    calls = _pretend_to_install(tmp_path, checkout)
    (checkout / "no-uv").touch()
    assert _set_up(tmp_path, checkout, "say").returncode == 0
    assert calls()[-1] == (
        "pip --quiet install -c packaging/constraints.txt --build-constraint packaging/constraints.txt pip "
        "--editable .[server]"
    )
    (checkout / "no-pip").touch()
    _change(checkout / "pyproject.toml")
    failed = _set_up(tmp_path, checkout, "say")
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1].startswith("The Python packages could not be installed.")


def _pretend_to_install(tmp_path: Path, checkout: Path) -> Callable[[], list[str]]:
    """Stand-ins for Python, pip, uv and `lectern` that note how they are called. Returns what takes the notes."""
    log = checkout / "calls"
    uv = checkout / "the-uv"
    _write_script(
        uv,
        f"""[[ $1 != --version ]] || {{ echo "uv {_locked("uv")} (today)"; exit; }}
        echo "uv $*" >>{shlex.quote(str(log))}
        [[ ! -e {shlex.quote(str(checkout / "no-uv"))} ]]""",
    )
    _write_script(checkout / "the-lectern", f'echo "lectern $*" >>{shlex.quote(str(log))}')
    python = f"""case "$*" in
          *"-m venv "*) mkdir -p "$3/bin" && cp "$0" "$3/bin/python" && cp the-lectern "$3/bin/lectern" ;;
          *" config get "*) exit 1 ;;
          *"-m pip "*) shift 3; echo "pip $*" >>{shlex.quote(str(log))}
            [[ ! -e no-pip || $* == *" uv" ]] || exit 1
            [[ $* != *" uv" ]] || cp the-uv .venv/bin/uv ;;
        esac"""
    _write_script(tmp_path / "bin" / "python3.13", python)

    def calls() -> list[str]:
        lines = log.read_text().splitlines() if log.exists() else []
        log.unlink(missing_ok=True)
        return lines

    return calls


def _set_up(tmp_path: Path, checkout: Path, purpose: str, **env: str) -> subprocess.CompletedProcess[str]:
    path = f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return run(checkout / SETUP, purpose, cwd=checkout, PATH=path, **({"TORCH": ""} | env))


def _change(path: Path) -> None:
    path.write_text(f"{path.read_text(encoding='utf-8')}# changed\n", encoding="utf-8")


def _locked(name: str) -> str:
    lines = (ROOT / "packaging" / "constraints.txt").read_text().splitlines()
    return next(line.split()[0].partition("==")[2] for line in lines if line.startswith(f"{name}=="))


def test_what_comes_next_is_said_once(tmp_path: Path) -> None:
    checkout = _checkout_that_wants(tmp_path)
    (checkout / ".venv").mkdir()
    assert run(checkout / SETUP, "next").stderr == ""
    (checkout / ".venv/lectern-next").touch()  # as a set-up for `say` leaves it
    said = run(checkout / SETUP, "next").stderr
    assert said.count("\n") == 1
    assert "`make run` will bring" in said
    assert run(checkout / SETUP, "next").stderr == ""


@pytest.mark.parametrize("arguments", [(), ("walk",), ("say", "test")])
def test_setup_with_other_arguments_says_how(arguments: tuple[str, ...]) -> None:
    result = run(ROOT / SETUP, *arguments)
    assert (result.returncode, result.stderr) == (2, "Usage: packaging/setup.sh say|bench|run|test|next\n")


def test_setup_names_the_torch_builds_there_are() -> None:
    result = run(ROOT / SETUP, "say", TORCH="cu999")
    assert (result.returncode, result.stderr) == (2, "TORCH is one of cpu, cu126, cu128, cu130; found: cu999\n")


# --- the other Pythons


def test_each_other_python_is_tried_and_one_that_is_not_there_is_said(tmp_path: Path) -> None:
    checkout, folder = tmp_path / "a checkout", "build/pythons"
    (checkout / "packaging").mkdir(parents=True)
    shutil.copy(ROOT / PYTHONS, checkout / PYTHONS)
    found, in_pyenv, broken = (tmp_path / name for name in ("bin/python3.12", "pyenv/versions/3.13.0/bin/python", "x"))
    _write_script(found, f"echo {found}")
    _write_script(found.with_name("python3.13"), "exit 127")  # pyenv's stand-in for one that is not switched on
    _write_script(in_pyenv, f"echo {in_pyenv}")
    _write_script(checkout / ".venv/bin/python", "[[ $* != *pyright* ]] || echo pyright $* >>calls")
    in_environment = f'[[ ! -e {broken} || $0 != *3.13* ]]; status=$?; echo "$0 $*" >>calls; exit $status'
    _write_script(tmp_path / "python-of-an-environment", in_environment)
    _write_script(tmp_path / "lectern", 'echo "$0 $*" >>calls')
    _write_script(
        checkout / ".venv/bin/uv",
        f"""case $1 in
          venv) mkdir -p "${{@: -1}}/bin" && cp {tmp_path}/lectern "${{@: -1}}/bin" &&
                cp {tmp_path}/python-of-an-environment "${{@: -1}}/bin/python" ;;
          python) exit 1 ;;
          pip) echo "uv $*" >>calls ;;
        esac""",
    )
    path = f"{found.parent}{os.pathsep}{os.environ['PATH']}"
    arguments = (checkout / PYTHONS, "3.12", "3.13", "3.99")
    green = run(*arguments, cwd=checkout, PATH=path, PYENV_ROOT=str(tmp_path / "pyenv"))
    assert green.returncode == 0, green.stderr
    last = green.stderr.splitlines()[-3:]
    assert last[0].startswith("3.12  green after")
    assert last[1].endswith(f"({in_pyenv})")
    assert last[2] == "3.99  NOT FOUND on this computer: nothing was tried"
    assert not (checkout / folder).exists()
    calls = (checkout / "calls").read_text().splitlines()
    for version in ("3.12", "3.13"):
        environment = f"{folder}/{version}/bin"
        assert f"{environment}/lectern install-pytorch --build auto" in calls
        assert f"pyright -m pyright --pythonversion {version} --pythonpath {environment}/python" in calls
        assert any(call.startswith(f"{environment}/python -m pytest") for call in calls)
        assert any("-c packaging/constraints.txt" in call and f"{environment}/python" in call for call in calls)
    broken.touch()
    red = run(*arguments, cwd=checkout, PATH=path, PYENV_ROOT=str(tmp_path / "pyenv"))
    assert red.returncode == 1
    assert "3.12  green after" in red.stderr
    assert "3.13  failed: tests after" in red.stderr


def _checkout_that_wants(tmp_path: Path, *package_lines: str) -> Path:
    checkout = tmp_path / "a checkout"
    (checkout / "packaging").mkdir(parents=True)
    shutil.copy(ROOT / SETUP, checkout / SETUP)
    shutil.copy(ROOT / "pyproject.toml", checkout)
    for path in (*(ROOT / "packaging").glob("constraints*.txt"), ROOT / "packaging" / "later.txt"):
        shutil.copy(path, checkout / "packaging")
    (checkout / PACKAGES).write_text("\n".join(package_lines) + "\n")
    return checkout


def _path_without_rights(tmp_path: Path) -> str:
    """A PATH on which one is not root, and sudo wants a password."""
    _write_script(tmp_path / "bin" / "id", "echo 1000")
    _write_script(tmp_path / "bin" / "sudo", "exit 1")
    return f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}"


def _write_script(path: Path, body: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/usr/bin/env bash\n{body}\n", encoding="utf-8")
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
    attempts = network_log.read_text(encoding="utf-8").splitlines()
    network_log.unlink()
    assert len(attempts) == len(beginnings)
    for attempt, beginning in zip(attempts, beginnings, strict=True):
        assert attempt.startswith(beginning)
