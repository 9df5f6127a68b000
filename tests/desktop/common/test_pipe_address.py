"""The name of Windows' pipe: one for a user and a session, and nobody else's to guess."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from desktop.common.errors import RuntimeFolderError
from desktop.common.protocol import pipe_address

SHARING_VIOLATION = 32


def test_it_is_the_same_each_time_and_another_for_each_session_and_user(tmp_path: Path) -> None:
    mine = pipe_address(tmp_path / "mine", 1)
    assert mine.startswith(r"\\.\pipe\lectern-1-")
    assert pipe_address(tmp_path / "mine", 1) == mine
    assert pipe_address(tmp_path / "mine", 2) == mine.replace("lectern-1-", "lectern-2-")
    assert pipe_address(tmp_path / "other", 1) != mine
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["pipe-name"]


def test_who_come_at_once_agree(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        found = set(pool.map(lambda _: pipe_address(tmp_path / "new", 1), range(64)))
    assert len(found) == 1
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["pipe-name"]


def test_a_damaged_name_is_made_anew_and_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "pipe-name").write_bytes(b"\xff" * 9)
    assert pipe_address(tmp_path, 1) == pipe_address(tmp_path, 1)
    (tmp_path / "file").touch()
    with pytest.raises(RuntimeFolderError):
        pipe_address(tmp_path / "file", 1)


def test_one_that_others_are_reading_leaves_nothing_beside_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unlink, tried = Path.unlink, list[Path]()

    def held_at_first(path: Path, missing_ok: bool = False) -> None:
        tried.append(path)
        if len(tried) == 1:
            error = PermissionError("somebody reads it")
            error.winerror = SHARING_VIOLATION  # type: ignore[attr-defined]
            raise error
        unlink(path, missing_ok)

    monkeypatch.setattr(Path, "unlink", held_at_first)
    pipe_address(tmp_path, 1)
    assert len(tried) == 2
    assert [path.name for path in tmp_path.iterdir()] == ["pipe-name"]
