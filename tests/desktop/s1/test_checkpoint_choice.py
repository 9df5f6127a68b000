"""Which folder S1 Mini is read from, whoever asks."""

from __future__ import annotations

import io
import json
import shutil
from pathlib import Path

import pytest

import engine
import engine.weights
from desktop.common.paths import data_folder, settings_path
from desktop.common.settings import Settings, read_checkpoint_folder, save_settings
from desktop.common.terminal import Terminal
from desktop.s1.checkpoint_choice import find_checkpoint, find_checkpoint_for_command

TINY = Path(__file__).parents[2] / "golden" / "tiny_s1" / "checkpoint"


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LECTERN_CHECKPOINT", raising=False)
    for name in ("CONFIG", "DATA"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))


def make_checkpoint(folder: Path) -> Path:
    shutil.copytree(TINY, folder)
    return folder


def test_named_comes_before_chosen_and_chosen_before_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert find_checkpoint(None, "").folder is None
    usual = make_checkpoint(engine.weights.download_folder(data_folder()))
    chosen, named, given = (make_checkpoint(tmp_path / name) for name in ("chosen", "named", "given"))
    assert find_checkpoint(None, "").folder == usual
    assert find_checkpoint(None, str(chosen)).folder == chosen
    monkeypatch.setenv("LECTERN_CHECKPOINT", str(named))
    assert find_checkpoint(None, str(chosen)).folder == named
    assert find_checkpoint(given, str(chosen)).folder == given


def test_a_chosen_folder_that_is_gone_gives_way_and_says_so(tmp_path: Path) -> None:
    usual = make_checkpoint(engine.weights.download_folder(data_folder()))
    settings_path().parent.mkdir(parents=True)
    save_settings(settings_path(), Settings(checkpoint_folder=str(tmp_path / "unplugged")))
    said = io.StringIO()
    assert find_checkpoint_for_command(None, Terminal(said)) == usual
    words = f"not used. There is no checkpoint folder {tmp_path / 'unplugged'}. Choose it again there."
    assert words in said.getvalue()
    assert find_checkpoint(None, "").problem is None


def test_a_named_folder_that_is_half_is_an_error_whatever_was_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = make_checkpoint(tmp_path / "chosen")
    with pytest.raises(engine.CheckpointError):
        find_checkpoint(tmp_path / "nowhere", str(chosen))
    monkeypatch.setenv("LECTERN_CHECKPOINT", str(tmp_path / "nowhere"))
    with pytest.raises(engine.CheckpointError):
        find_checkpoint(None, str(chosen))


def test_the_codec_alone_is_enough_where_that_is_all_that_is_needed(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "chosen")
    (folder / "model.pth").unlink()
    assert find_checkpoint(None, str(folder)).folder is None
    assert find_checkpoint(None, str(folder), engine.weights.CODEC_FILES).folder == folder


@pytest.mark.parametrize("content", ["", "{", "[]", json.dumps({"checkpoint_folder": 7}), "{}"])
def test_settings_that_say_nothing_are_left_alone(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.json"
    assert read_checkpoint_folder(path) == ""
    path.write_text(content)
    assert read_checkpoint_folder(path) == ""
    assert [found.name for found in tmp_path.iterdir()] == ["settings.json"]
    assert path.read_text() == content


def test_nobody_in_the_desktop_looks_for_one_in_another_way() -> None:
    """A command that did would read other files than the window."""
    desktop = Path(__file__).parents[3] / "desktop"
    asking = [path.name for path in desktop.rglob("*.py") if "engine.weights.find_checkpoint(" in path.read_text()]
    assert asking == ["checkpoint_choice.py"]
