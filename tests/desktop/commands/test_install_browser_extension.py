"""The browser extension in a folder of the person's: the real command, in a home of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop.cli import run

SOURCE = Path(__file__).resolve().parents[3] / "packaging" / "browser"


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_it_is_put_where_it_is_wanted_and_taken_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "my web"
    assert run(["install-browser-extension", "--to", str(folder)]) == 0
    assert names(folder) == names(SOURCE)
    said = capsys.readouterr().out
    assert f"\n  {folder}\n" in said
    assert f"\n  {folder / 'manifest.json'}\n" in said
    (folder / "popup.js").write_text("an older one")
    assert run(["install-browser-extension", "--to", str(folder)]) == 0
    assert (folder / "popup.js").read_bytes() == (SOURCE / "popup.js").read_bytes()
    (folder / "mine").write_text("mine")
    assert run(["install-browser-extension", "--to", str(folder), "--remove"]) == 0
    assert names(folder) == {"mine"}
    (folder / "mine").unlink()
    folder.rmdir()
    assert run(["install-browser-extension", "--to", str(folder), "--remove"]) == 0


def test_by_itself_it_goes_where_a_confined_browser_can_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XDG_DOCUMENTS_DIR", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))
    assert run(["install-browser-extension"]) == 0
    (manifest,) = tmp_path.rglob("manifest.json")
    assert not any(part.startswith(".") for part in manifest.relative_to(tmp_path).parts)
    assert run(["install-browser-extension", "--remove"]) == 0
    assert names(tmp_path) == set()
    capsys.readouterr()


@pytest.mark.parametrize("remove", [[], ["--remove"]])
def test_a_folder_of_something_else_is_left_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], remove: list[str]
) -> None:
    (tmp_path / "popup.js").write_text("mine")
    assert run(["install-browser-extension", "--to", str(tmp_path), *remove]) == 2
    assert "holds something else" in capsys.readouterr().err
    assert names(tmp_path) == {"popup.js"}
    assert (tmp_path / "popup.js").read_text() == "mine"
