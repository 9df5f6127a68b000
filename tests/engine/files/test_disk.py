"""Files that are whole or not there, on a real disk that refuses in its own ways."""

from __future__ import annotations

import ast
import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from engine.errors import OutputError
from engine.files.disk import WAITS_S, let_go, move, read_whole, try_lock, write_whole

posix = pytest.mark.skipif(sys.platform == "win32", reason="modes, links and limits of POSIX")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def problem_of(path: Path, *, make_folders: bool = False) -> str:
    with pytest.raises(OutputError) as caught:
        write_whole(path, b"new", make_folders=make_folders)
    assert caught.value.path == path, "the path that was asked for, wherever links led"
    return caught.value.problem


@contextmanager
def files_no_longer_than(n_bytes: int) -> Iterator[None]:
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    usual = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, usual)


@posix
def test_what_is_written_is_the_users_alone_unless_it_is_said(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"old")
    write_whole(tmp_path / "a", b"new")
    write_whole(tmp_path / "b", b"given away", mode=0o644)
    assert (tmp_path / "a").read_bytes() == b"new"
    assert [(tmp_path / name).stat().st_mode & 0o777 for name in "ab"] == [0o600, 0o644]
    assert names_in(tmp_path) == ["a", "b"]


@posix
def test_folders_are_made_only_where_it_is_said_and_for_the_user_alone(tmp_path: Path) -> None:
    path = tmp_path / "x" / "y" / "a"
    assert problem_of(path) == "folder_missing"
    assert not (tmp_path / "x").exists()
    write_whole(path, b"new", make_folders=True)
    assert path.read_bytes() == b"new"
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_folder_is_not_replaced_and_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_bytes(b"old")
    assert problem_of(tmp_path / "folder") == "is_folder"
    assert problem_of(tmp_path / "file" / "a") == "folder_missing"
    for path in (tmp_path / "file" / "a", tmp_path / "file" / "x" / "a"):
        assert problem_of(path, make_folders=True) == "failed", "to create that folder would be no remedy"
    assert names_in(tmp_path) == ["file", "folder"], "nothing stays beside what could not be written"


@posix
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", b"old")
    with files_no_longer_than(1):
        assert problem_of(tmp_path / "a") == "disk_full"
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names_in(tmp_path) == ["a"]


@posix
def test_a_link_stays_a_link_and_a_loop_of_links_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "a")
    write_whole(tmp_path / "link", b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "a").read_bytes() == b"new"
    (tmp_path / "real" / "a").unlink()
    (tmp_path / "real").rmdir()
    assert problem_of(tmp_path / "link") == "folder_missing"
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    write_whole(tmp_path / "loop", b"new")
    assert (tmp_path / "loop").read_bytes() == b"new"


KILLED_BEFORE_IT_IS_IN_PLACE = """
import os, signal, sys
from pathlib import Path
from engine.files.disk import write_whole
os.fsync = lambda descriptor: os.kill(os.getpid(), signal.SIGKILL)
write_whole(Path(sys.argv[1]), b"new")
"""


@posix
def test_what_a_kill_leaves_beside_a_file_is_hidden(tmp_path: Path) -> None:
    write_whole(tmp_path / "a.json", b"old")
    killed = subprocess.run([sys.executable, "-c", KILLED_BEFORE_IT_IS_IN_PLACE, str(tmp_path / "a.json")], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "a.json").read_bytes() == b"old"
    (left,) = set(names_in(tmp_path)) - {"a.json"}
    assert left.startswith(".lectern-")


class HeldOpen:
    """Says for `n` renames what Windows says of a file that another program has open."""

    def __init__(self, n: int, winerror: int | None = 5) -> None:
        self.left, self.winerror, self._replace = n, winerror, Path.replace

    def __call__(self, path: Path, target: Path) -> Path:
        if not self.left:
            return self._replace(path, target)
        self.left -= 1
        error = PermissionError(errno.EACCES, "Access is denied")
        if self.winerror is not None:
            error.winerror = self.winerror  # type: ignore[attr-defined]
        raise error


def replace_by(monkeypatch: pytest.MonkeyPatch, held: HeldOpen) -> list[float]:
    monkeypatch.setattr(Path, "replace", lambda path, target: held(path, target))
    waits_s: list[float] = []
    monkeypatch.setattr("engine.files.disk.time.sleep", waits_s.append)
    return waits_s


@pytest.mark.parametrize("winerror", [5, 32])
def test_a_file_that_another_program_has_open_is_replaced_once_it_is_let_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, winerror: int
) -> None:
    (tmp_path / "a").write_bytes(b"old")
    waits_s = replace_by(monkeypatch, HeldOpen(3, winerror))
    write_whole(tmp_path / "a", b"new")
    assert waits_s == list(WAITS_S[:3])
    assert (tmp_path / "a").read_bytes() == b"new"


def test_a_file_that_is_just_being_replaced_is_read_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`open` says on Windows only that it is not permitted."""
    (tmp_path / "a").write_bytes(b"new")
    waits_s: list[float] = []
    refused = iter([PermissionError(13, "Permission denied")] * 2)
    read = Path.read_bytes

    def read_bytes(path: Path) -> bytes:
        if (error := next(refused, None)) is not None:
            raise error
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", read_bytes)
    monkeypatch.setattr(time, "sleep", waits_s.append)
    monkeypatch.setattr(sys, "platform", "win32")
    assert read_whole(tmp_path / "a") == b"new"
    assert waits_s == list(WAITS_S[:2])
    with pytest.raises(FileNotFoundError):
        read_whole(tmp_path / "nothing")


def test_a_file_that_is_never_let_go_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"old")
    waits_s = replace_by(monkeypatch, HeldOpen(1000))
    assert problem_of(tmp_path / "a") == "not_allowed"
    assert waits_s == list(WAITS_S)
    assert (tmp_path / "a").read_bytes() == b"old"
    assert names_in(tmp_path) == ["a"]


def test_what_waiting_does_not_help_is_said_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_bytes(b"")
    waits_s = replace_by(monkeypatch, HeldOpen(1, winerror=None))  # another system's
    with pytest.raises(PermissionError):
        move(tmp_path / "a", tmp_path / "b")
    (tmp_path / "b").mkdir()
    replace_by(monkeypatch, HeldOpen(1))
    assert problem_of(tmp_path / "b") == "is_folder"
    assert waits_s == []


@pytest.mark.slow
def test_every_rename_waits_for_who_has_the_file_open() -> None:
    """`Path.replace` and `Path.rename` have one argument; texts' have two."""
    root = Path(__file__).parents[3]
    found = {
        str(path.relative_to(root)): ast.unparse(call)
        for folder in ("desktop", "engine")
        for path in (root / folder).rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and _renames(call)
    }
    assert found == {"engine/files/disk.py": "source.replace(target)"}


def _renames(call: ast.Call) -> bool:
    if not isinstance(call.func, ast.Attribute) or call.keywords:
        return False
    if ast.unparse(call.func) in {"os.replace", "os.rename", "shutil.move"}:
        return True
    return call.func.attr in {"replace", "rename"} and len(call.args) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there a process that is being started has no copies")
def test_a_lock_that_was_let_go_is_free_though_a_process_that_was_being_started_has_a_copy(tmp_path: Path) -> None:
    def opened() -> int:
        return os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT, 0o600)

    first, second = opened(), opened()
    assert try_lock(first)
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[first]) as other:
        assert not try_lock(second)
        let_go(first)
        assert try_lock(second)
        let_go(second)
        other.communicate(b"\n")
