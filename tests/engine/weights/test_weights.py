"""Finding a checkpoint folder: whole ones count, named ones must be whole."""

from pathlib import Path

import pytest

from engine import CheckpointError
from engine.weights import CHECKPOINT_FILES, CODEC_FILES, find_checkpoint


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LECTERN_CHECKPOINT", raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def make_checkpoint(folder: Path, names: tuple[str, ...] = CHECKPOINT_FILES) -> Path:
    folder.mkdir(parents=True)
    for name in names:
        (folder / name).write_bytes(b"content")
    return folder


def test_nothing_anywhere_is_none(tmp_path: Path) -> None:
    assert find_checkpoint(None, tmp_path) is None


def test_the_order_is_given_environment_data_folder_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = make_checkpoint(Path("checkpoints/openaudio-s1-mini"))
    assert find_checkpoint(None, tmp_path / "data") == here
    in_data = make_checkpoint(tmp_path / "data/checkpoints/openaudio-s1-mini")
    assert find_checkpoint(None, tmp_path / "data") == in_data
    in_environment = make_checkpoint(tmp_path / "environment")
    monkeypatch.setenv("LECTERN_CHECKPOINT", str(in_environment))
    assert find_checkpoint(None, tmp_path / "data") == in_environment
    given = make_checkpoint(tmp_path / "given")
    assert find_checkpoint(given, tmp_path / "data") == given


@pytest.mark.parametrize("missing", CHECKPOINT_FILES)
def test_a_half_checkpoint_in_a_usual_place_does_not_count(tmp_path: Path, missing: str) -> None:
    names = tuple(name for name in CHECKPOINT_FILES if name != missing)
    make_checkpoint(tmp_path / "checkpoints/openaudio-s1-mini", names)
    assert find_checkpoint(None, tmp_path) is None


@pytest.mark.parametrize("by_environment", [False, True])
def test_a_named_checkpoint_must_be_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, by_environment: bool
) -> None:
    make_checkpoint(tmp_path / "data/checkpoints/openaudio-s1-mini")  # is no way out
    half = make_checkpoint(tmp_path / "half", ("config.json", "codec.pth"))

    def find(folder: Path) -> Path | None:
        if not by_environment:
            return find_checkpoint(folder, tmp_path / "data")
        monkeypatch.setenv("LECTERN_CHECKPOINT", str(folder))
        return find_checkpoint(None, tmp_path / "data")

    with pytest.raises(CheckpointError) as caught:
        find(half)
    assert (caught.value.problem, caught.value.path, caught.value.name) == ("file_missing", half, "model.pth")
    with pytest.raises(CheckpointError) as caught:
        find(tmp_path / "nowhere")
    assert caught.value.problem == "folder_missing"


def test_the_codec_alone_needs_one_file(tmp_path: Path) -> None:
    folder = make_checkpoint(tmp_path / "codec", CODEC_FILES)
    assert find_checkpoint(folder, tmp_path, CODEC_FILES) == folder
