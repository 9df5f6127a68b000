"""`lectern speechd`: what it writes, twice, over the person's own, and that nothing of it stays."""

from __future__ import annotations

import stat
import sys
from pathlib import Path

import pytest

from desktop import cli
from desktop.commands.speechd import EXIT_NOT_SO
from desktop.speech_dispatcher import configuration

OWN = b'# mine: \xe9\nLogLevel 5\nAddModule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"\nDefaultModule espeak-ng'


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty one, on a computer that has speech-dispatcher."""
    system, programs = tmp_path / "etc", tmp_path / "bin"
    system.mkdir()
    programs.mkdir()
    (system / "speechd.conf").write_text('LogLevel 3\nInclude "clients/*.conf"\n')
    (programs / "speech-dispatcher").touch(mode=0o755)
    monkeypatch.setattr(configuration, "SYSTEM_FOLDERS", (system,))
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home/.config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "home/.local/share"))
    return tmp_path / "home"


def files(home: Path) -> dict[str, bytes]:
    return {str(path.relative_to(home)): path.read_bytes() for path in home.rglob("*") if path.is_file()}


def run(*words: str) -> int:
    return cli.run(["speechd", *words])


def test_without_a_configuration_it_is_the_systems_with_lectern_in_front(
    home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run("status") == EXIT_NOT_SO
    assert run("install") == 0
    once = files(home)
    program, config = ".local/libexec/speech-dispatcher-modules/sd_lectern", ".config/speech-dispatcher/speechd.conf"
    assert set(once) == {program, config}
    lines = once[config].decode().splitlines()
    assert lines[1:] == [f'Include "{tmp_path / "etc/speechd.conf"}"', 'DefaultModule "lectern"']
    assert stat.S_IMODE((home / program).stat().st_mode) == 0o755
    assert sys.executable in once[program].decode()
    assert run("install") == 0
    assert files(home) == once
    assert run("status") == 0
    assert run("remove") == 0
    assert files(home) == {}
    assert run("remove") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "There was nothing to remove."


def test_where_the_system_names_its_modules_lectern_is_named_too(home: Path, tmp_path: Path) -> None:
    (tmp_path / "etc/speechd.conf").write_text('AddModule "espeak-ng" "sd_espeak-ng" "espeak-ng.conf"\n')
    assert run("install") == 0
    (name,) = [
        line for line in files(home)[".config/speech-dispatcher/speechd.conf"].decode().splitlines() if "Add" in line
    ]
    assert name == f'AddModule "lectern" "{home}/.local/libexec/speech-dispatcher-modules/sd_lectern" "lectern.conf"'
    assert run("status") == 0


def test_the_persons_own_is_changed_at_its_end_kept_and_comes_back_whole(home: Path) -> None:
    own = home / ".config/speech-dispatcher/speechd.conf"
    own.parent.mkdir(parents=True)
    own.write_bytes(OWN)
    for _ in range(2):
        assert run("install") == 0
        assert own.read_bytes().startswith(OWN)
        assert own.read_text(errors="replace").count("DefaultModule") == 2
        assert own.with_name("speechd.conf.before-lectern").read_bytes() == OWN
    assert run("status") == 0
    assert run("remove") == 0
    assert {path: data for path, data in files(home).items() if "pulse" not in path} == {
        ".config/speech-dispatcher/speechd.conf": OWN
    }


def test_what_the_person_changed_since_stays(home: Path) -> None:
    own = home / ".config/speech-dispatcher/speechd.conf"
    own.parent.mkdir(parents=True)
    own.write_bytes(OWN)
    run("install")
    own.write_bytes(b"DefaultRate 50\n" + own.read_bytes())
    run("remove")
    assert own.read_bytes() == b"DefaultRate 50\n" + OWN + b"\n"


def test_a_computer_without_speech_dispatcher_is_told_so(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")
    assert run("install") == EXIT_NOT_SO
    assert "apt install speech-dispatcher" in capsys.readouterr().err
    assert run("status") == EXIT_NOT_SO
    assert not home.exists()


def test_a_folder_in_the_way_is_named(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".config/speech-dispatcher/speechd.conf").mkdir(parents=True)
    assert run("install") == EXIT_NOT_SO
    assert "speechd.conf" in capsys.readouterr().err
