"""The log: rotated, private, and without the words of the text."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.common.logs import MAX_FILE_BYTES, N_OLD_FILES, close_log, log_path, open_log
from engine import VoiceError

SECRET = "my diary"


@pytest.fixture(autouse=True)
def closed() -> Iterator[None]:
    yield
    close_log()


def test_an_exception_is_logged_without_what_it_says(tmp_path: Path) -> None:
    log = open_log(tmp_path / "logs")
    try:
        try:
            raise KeyError(SECRET)
        except KeyError as error:
            raise VoiceError("unknown", name=SECRET) from error
    except VoiceError:
        log.exception("the reading failed after %d segments", 3)
    written = log_path(tmp_path / "logs").read_text()
    assert "the reading failed after 3 segments" in written
    assert "builtins.KeyError" in written
    assert "engine.errors.VoiceError unknown" in written
    assert "test_logs.py" in written
    assert SECRET not in written.replace("raise KeyError(SECRET)", "")


@pytest.mark.parametrize("module", ["desktop.app", "engine.speech.s1_engine"])
def test_what_a_module_logs_is_in_the_file_and_nowhere_else(
    tmp_path: Path, module: str, capsys: pytest.CaptureFixture[str]
) -> None:
    open_log(tmp_path)
    logging.getLogger(module).warning("could not save")
    assert "could not save" in log_path(tmp_path).read_text()
    assert capsys.readouterr().err == ""


@pytest.mark.slow
def test_the_log_stays_small_and_private(tmp_path: Path) -> None:
    log = open_log(tmp_path / "logs")
    for number in range(30_000):
        log.info("%06d %s", number, "-" * 80)
    files = sorted((tmp_path / "logs").iterdir())
    assert len(files) == 1 + N_OLD_FILES
    assert all(file.stat().st_size <= MAX_FILE_BYTES for file in files)
    assert all(file.stat().st_mode & 0o077 == 0 for file in files)
    assert "029999" in log_path(tmp_path / "logs").read_text()


def test_opened_twice_each_line_is_written_once(tmp_path: Path) -> None:
    open_log(tmp_path / "logs")
    open_log(tmp_path / "logs").warning("once")
    assert log_path(tmp_path / "logs").read_text().count("once") == 1


def test_without_a_place_there_is_no_log_and_no_trouble(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "logs").write_text("a file")
    open_log(tmp_path / "logs").error("nobody hears it")
    assert capfd.readouterr() == ("", "")
