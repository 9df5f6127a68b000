"""Lectern in the desktop's menu and at login: the real command, in a home of its own."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import Distribution, PackageNotFoundError
from pathlib import Path

import pytest
from waiting import LIMIT_S

from desktop.cli import run
from desktop.commands.arguments import build_parser
from desktop.commands.install_desktop import desktop_file
from desktop.common.origin import Origin
from desktop.common.paths import APP_ID
from desktop.platform import desktop_entry
from desktop.platform.autostart import autostart_path, is_autostart_on, turn_autostart_off, turn_autostart_on
from desktop.platform.desktop_entry import command_line, entry, lectern_command

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Linux desktops")

WRITTEN = {
    f"data/applications/{APP_ID}.desktop",
    f"data/icons/hicolor/scalable/apps/{APP_ID}.svg",
    f"data/icons/hicolor/symbolic/apps/{APP_ID}-symbolic.svg",
    "data/man/man1/lectern.1",
    "data/bash-completion/completions/lectern",
    "data/zsh/site-functions/_lectern",
    "data/fish/vendor_completions.d/lectern.fish",
}
AUTOSTART = f"config/autostart/{APP_ID}.desktop"
ODD_PATHS = ["/opt/my programs/lectern", '/o"d/$HOME/`id`/\\n/lectern', "/50% off/lectern", "/ü/字/lectern", "/a'b&c;d"]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("data", "config"):
        monkeypatch.setenv(f"XDG_{name.upper()}_HOME", str(tmp_path / name))
    return tmp_path


def files(home: Path) -> set[str]:
    """All but the cache that the desktop's own program writes."""
    found = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    return found - {"data/applications/mimeinfo.cache"}


def install_desktop(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "desktop", "install-desktop", *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False)


def validate(path: Path) -> None:
    program = shutil.which("desktop-file-validate")
    if program is None:
        pytest.fail("this test needs desktop-file-validate: install the Debian package desktop-file-utils")
    done = subprocess.run([program, path], capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def value(path: Path, key: str) -> str:
    """Of the first group, its escapes undone as the specification says."""
    line = next(line for line in path.read_text("utf-8").splitlines() if line.startswith(f"{key}="))
    return line.split("=", 1)[1].replace("\\\\", "\0").replace("\\n", "\n").replace("\0", "\\")


def test_what_it_writes_it_takes_away(home: Path) -> None:
    mine = home / "data" / "applications" / "mine.desktop"
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    before = files(home)
    done = install_desktop("--autostart")
    assert (done.returncode, done.stderr) == (0, "")
    assert files(home) - before == WRITTEN | {AUTOSTART}
    offered = subprocess.run(
        ["gio", "mime", "application/epub+zip"], capture_output=True, encoding="utf-8", check=True
    ).stdout
    assert f"{APP_ID}.desktop" in offered
    told = {line.removeprefix(f"Wrote {home}/") for line in done.stdout.splitlines() if line.startswith("Wrote ")}
    assert told == WRITTEN | {AUTOSTART}
    assert ("~/.zshrc" in done.stdout) == (shutil.which("zsh") is not None)
    for name in (*WRITTEN, AUTOSTART):
        if name.endswith(".desktop"):
            validate(home / name)
    assert is_autostart_on()
    gone = install_desktop("--remove")
    assert (gone.returncode, gone.stderr) == (0, "")
    assert files(home) == before
    assert not (home / "data/applications/mimeinfo.cache").exists()
    assert install_desktop("--remove").stdout == "There was nothing to remove.\n"


def test_without_autostart_there_is_none(home: Path) -> None:
    assert install_desktop().returncode == 0
    assert files(home) == WRITTEN


def test_twice_is_as_once(home: Path) -> None:
    install_desktop()
    written = {name: (home / name).read_bytes() for name in files(home)}
    assert install_desktop().returncode == 0
    assert {name: (home / name).read_bytes() for name in files(home)} == written


def test_the_entry_starts_this_lectern(home: Path) -> None:
    assert install_desktop().returncode == 0
    *words, files_here = shlex.split(value(home / f"data/applications/{APP_ID}.desktop", "Exec"))
    assert files_here == "%F"
    env = os.environ | {"XDG_RUNTIME_DIR": str(home)}
    done = subprocess.run(
        [*words, "--version"], capture_output=True, encoding="utf-8", env=env, timeout=LIMIT_S, check=True
    )
    assert done.stdout.startswith("lectern ")


def make_environment(folder: Path) -> Path:
    """An environment with a program `lectern`, as an installer leaves it; its Python."""
    (folder / "bin").mkdir(parents=True)
    python = folder / "bin" / "python"
    python.symlink_to(sys.executable)
    (folder / "bin" / "lectern").write_text("#!/bin/sh\n")
    (folder / "bin" / "lectern").chmod(0o755)
    return python


def test_the_entry_names_the_link_that_stays_when_an_environment_is_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As uv tool and pipx make one: `~/.local/bin/lectern`."""
    python = make_environment(tmp_path / "tools" / "lectern")
    script = python.with_name("lectern")
    monkeypatch.setattr(sys, "executable", str(python))
    monkeypatch.setattr(desktop_entry, "distribution", nobody_noted)
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    assert lectern_command() == [str(script)]
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "lectern").symlink_to(script)
    assert lectern_command() == [str(tmp_path / "bin" / "lectern")]
    (tmp_path / "bin" / "lectern").unlink()
    make_environment(tmp_path / "other")
    (tmp_path / "bin" / "lectern").symlink_to(tmp_path / "other" / "bin" / "lectern")
    assert lectern_command() == [str(script)], "another Lectern's link"
    script.unlink()
    assert lectern_command() == [str(python), "-P", "-m", "desktop"]


def nobody_noted(_name: str) -> Distribution:
    raise PackageNotFoundError


def test_a_lectern_in_a_cache_writes_nothing_that_points_there(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("desktop.commands.install_desktop.find_origin", lambda: Origin("a cache", is_passing=True))
    assert run(["install-desktop"]) == 2
    assert "runs from a cache" in capsys.readouterr().err
    assert files(home) == set()


def test_the_manual_page_that_pipx_links_is_left_to_it(home: Path) -> None:
    own = Path(sys.prefix) / "share" / "man" / "man1" / "of-a-test.1"
    page = home / "data/man/man1/lectern.1"
    page.parent.mkdir(parents=True)
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("pipx's")
    try:
        page.symlink_to(own)
        assert install_desktop().returncode == 0
        assert page.is_symlink()
        assert install_desktop("--remove").returncode == 0
        assert page.is_symlink()
    finally:
        own.unlink()


def test_each_action_is_a_command_that_there_is(home: Path) -> None:
    assert install_desktop().returncode == 0
    lines = (home / f"data/applications/{APP_ID}.desktop").read_text("utf-8").splitlines()
    commands = [shlex.split(line.removeprefix("Exec="))[1:] for line in lines if line.startswith("Exec=")]
    assert ["show", "--narration"] in commands
    for words in commands:
        build_parser().parse_args([word for word in words if word != "%F"])


def test_a_place_that_cannot_be_written_is_said(home: Path) -> None:
    (home / "data").write_text("a file")
    done = install_desktop()
    assert done.returncode == 2
    assert done.stderr.startswith(f"lectern: {home}/data/applications/{APP_ID}.desktop could not be written")


@pytest.mark.parametrize("program", ODD_PATHS)
def test_a_program_anywhere_is_quoted(tmp_path: Path, program: str) -> None:
    path = tmp_path / f"{APP_ID}.desktop"
    path.write_text(desktop_file([program]), "utf-8")
    validate(path)
    # a shell undoes the specification's quotes; %% stands for %
    said = subprocess.run(
        ["sh", "-c", f"printf '%s' {value(path, 'Exec')}"], capture_output=True, encoding="utf-8", check=True
    )
    assert said.stdout.replace("%%", "%") == f"{program}%F"
    assert value(path, "TryExec") == program


@pytest.mark.parametrize("program", ["my programs/lectern", "a$HOME`id`\\b"])
def test_a_real_desktop_library_starts_it(tmp_path: Path, program: str) -> None:
    gio = shutil.which("gio")
    if gio is None:
        pytest.fail("this test needs gio: install the Debian package libglib2.0-bin")
    script = tmp_path / program
    script.parent.mkdir(exist_ok=True)
    said = tmp_path / "said"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" >"{said}.part" && mv "{said}.part" "{said}"\n')
    script.chmod(0o755)
    path = tmp_path / "a.desktop"
    values = [
        ("Type", "Application"),
        ("Name", "a"),
        ("Exec", command_line([str(script), "two words", "100%", '"$x"'])),
    ]
    path.write_text(entry(values), "utf-8")
    subprocess.run([gio, "launch", path], timeout=LIMIT_S, check=True, capture_output=True)
    wait_for(said.exists)
    assert said.read_text().splitlines() == ["two words", "100%", '"$x"']


def wait_for(condition: Callable[[], bool]) -> None:
    """gio does not wait for what it starts, and nothing else tells when it has ended."""
    for _ in range(100_000):
        if condition():
            return
        os.sched_yield()
    pytest.fail("it did not start")


def test_autostart_can_be_turned_on_and_off(home: Path) -> None:
    assert not is_autostart_on()
    turn_autostart_on()
    assert is_autostart_on()
    assert shlex.split(value(autostart_path(), "Exec"))[-1] == "--background"
    validate(autostart_path())
    for off in ("Hidden=true", "X-GNOME-Autostart-enabled=false"):
        turn_autostart_on()
        lines = [line for line in autostart_path().read_text().splitlines() if not line.startswith("X-GNOME")]
        autostart_path().write_text("\n".join([*lines, off, ""]))
        assert not is_autostart_on(), "the desktop's own settings have turned it off"
    turn_autostart_on()
    assert is_autostart_on()
    turn_autostart_off()
    turn_autostart_off()
    assert not is_autostart_on()
    assert files(home) == set()
