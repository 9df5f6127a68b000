"""The manual page and what shells complete: as the parser has it, and as the programs read them that they are for."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest
from waiting import LIMIT_S

PACKAGING = Path(__file__).resolve().parents[3] / "packaging"
MAN = PACKAGING / "man" / "lectern.1"
MAKE = "Run `make command-pages`."
COMPLETE = """
source {script}
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMP_LINE="{words}"; COMP_POINT=${{#COMP_LINE}}
_shtab_lectern
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command], capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False
    )


def needed(program: str, package: str) -> str:
    found = shutil.which(program)
    if found is None:
        pytest.fail(f"this test needs {program}: install the Debian package {package}")
    return found


def test_they_are_as_the_parser_has_it() -> None:
    spec = importlib.util.spec_from_file_location("command_pages", PACKAGING / "command_pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    made = module.pages()
    assert len(made) == 4
    for path, text in made.items():
        assert path.read_text(encoding="utf-8") == text, MAKE


def test_man_reads_the_page_and_warns_of_nothing() -> None:
    done = run(needed("man", "man-db"), "--warnings", "-l", MAN)
    assert (done.returncode, done.stderr) == (0, "")
    assert "lectern say" in done.stdout
    assert "EXIT STATUS" in done.stdout


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("lectern na", {"narrate"}),
        ("lectern install-", {"install-browser-extension", "install-desktop", "install-pytorch"}),
        ("lectern voices im", {"import"}),
        ("lectern setup --b", {"--build"}),
        ("lectern install-pytorch --build cu12", {"cu126", "cu128"}),
        ("lectern say --lang", {"--lang"}),
    ],
)
def test_bash_completes(words: str, offered: set[str]) -> None:
    script = COMPLETE.format(script=PACKAGING / "completions" / "lectern.bash", words=words)
    done = run("bash", "--norc", "-c", script)
    assert done.returncode == 0
    assert set(done.stdout.split()) == offered


def test_bash_completes_the_name_of_a_file(tmp_path: Path) -> None:
    (tmp_path / "a book.epub").touch()
    script = COMPLETE.format(script=PACKAGING / "completions" / "lectern.bash", words=f"lectern narrate {tmp_path}/a")
    assert run("bash", "--norc", "-c", script).stdout == f"{tmp_path}/a book.epub\n"


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_read_theirs(shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not here")
    done = run(shell, "-n", PACKAGING / "completions" / f"lectern.{shell}")
    assert (done.returncode, done.stderr) == (0, "")


def test_fish_completes() -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not here")
    script = f"source {PACKAGING}/completions/lectern.fish; complete --do-complete 'lectern install-'"
    done = run("fish", "--no-config", "-c", script)
    assert {line.split("\t")[0] for line in done.stdout.splitlines()} == {
        "install-browser-extension",
        "install-desktop",
        "install-pytorch",
    }
