"""The pages for people who use Lectern name only what there is: commands, options, settings, keys, files, sentences.

That their commands work is tried in tests/real/test_manual.py.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from manual import (
    PAGES,
    ROOT,
    Block,
    blocks,
    inline_commands,
    misfit,
    quoted_words,
    shown_words,
    window_words,
)
from platformdirs.windows import Windows
from PySide6.QtGui import QKeySequence

from desktop.about.keys_dialog import keys_of
from desktop.common import paths
from desktop.common.settings import DEFAULT_HOTKEYS, Settings
from desktop.reader.actions import KEYS_BESIDES
from desktop.reader.window import ReaderWindow
from desktop.settings.dialog import ACTION_WORDS
from engine.weights import download_folder

DOCS = ROOT / "docs"
LANGUAGES = {"bash", "powershell", "python", "json"}
FOREIGN = {"uv", "pipx", "pip", "sudo", "curl", "cat", "tar", "spd-say"}
"""Programs that are not Lectern's, and may stand in a block."""
ELSEWHERE = {"Wyoming Protocol", "lectern", "Developer mode", "Load unpacked", "Load Temporary Add-on…"}
"""What is set as words of a window and is another program's."""

ALL = [block for page in PAGES for block in blocks(page)]


def page_id(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_the_readme_takes_two_minutes() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 100
    assert sum(len(line.split()) for line in lines) < 900


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "README.md").read_text(encoding="utf-8")
    for path in DOCS.glob("*.md"):
        assert path.name == "README.md" or f"({path.name})" in index, path.name


@pytest.mark.parametrize("block", ALL, ids=str)
def test_a_block_says_what_it_is_written_in(block: Block) -> None:
    assert block.language in LANGUAGES
    assert not block.reason or block.language == "bash", "only commands are run"


@pytest.mark.parametrize("block", [block for block in ALL if block.language == "bash"], ids=str)
def test_a_command_is_one_that_there_is(block: Block) -> None:
    for program, *words in block.commands():
        if program in ("lectern", "lectern-VERSION/lectern"):  # the latter in its folder
            check_lectern(words, is_whole=True)
        elif program == "make":
            check_target(words[0])
        elif program.startswith("packaging/"):
            script = (ROOT / program).read_text(encoding="utf-8")
            assert all(f" {word}) " in script for word in words if word.startswith("--")), words
        else:
            assert program in FOREIGN


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_a_command_within_the_text_is_one_that_there_is(page: Path) -> None:
    for words in inline_commands(page, "lectern"):
        check_lectern(words[1:], is_whole=False)
    for _, *words in inline_commands(page, "make"):
        if words:
            check_target(words[0])


def check_lectern(words: list[str], *, is_whole: bool) -> None:
    if not words[:1] or not words[0].isupper():
        assert not misfit(words, is_whole=is_whole), words


def check_target(name: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{name}:", makefile, re.MULTILINE), name


def test_commands_for_windows_name_files_and_options_that_there_are() -> None:
    script = (ROOT / "packaging" / "install.ps1").read_text(encoding="ascii").lower()
    found = [block for block in ALL if block.language == "powershell"]
    assert found
    for block in found:
        for line in block.text.splitlines():
            assert line.startswith("powershell -ExecutionPolicy Bypass -File packaging\\install.ps1")
            assert all(f"${option.lower()}" in script for option in re.findall(r"-(\w+)", line.partition(".ps1")[2]))


def test_settings_of_other_programs_can_be_read() -> None:
    for block in ALL:
        if block.language == "json":
            json.loads(block.text)


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_words_of_windows_stand_in_windows(page: Path) -> None:
    shown = shown_words()
    for words in window_words(page):
        assert words in ELSEWHERE or words in shown, words


def test_sentences_of_the_page_of_troubles_are_those_that_are_shown() -> None:
    quoted = quoted_words(DOCS / "troubleshooting.md")
    assert len(quoted) > 30
    shown = shown_words()
    for words in quoted:
        assert words in shown, words


def rows(page: Path, heading: str) -> list[list[str]]:
    """The cells of the first table below `heading`, without its head."""
    text = page.read_text(encoding="utf-8").split(f"\n{heading}\n", 1)[1]
    lines = re.search(r"^\|.*(?:\n\|.*)*", text, re.MULTILINE)
    assert lines
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines[0].splitlines()[2:]]


def test_the_hotkeys_are_those_of_a_new_settings_file() -> None:
    listed = {words: keys.rstrip(" |") for words, keys in rows(DOCS / "reading.md", "## Hotkeys")}
    assert listed == {ACTION_WORDS[action]: keys for action, keys in DEFAULT_HOTKEYS}
    assert f"**{dict(DEFAULT_HOTKEYS)['read_selection']}**" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.usefixtures("qapp")
def test_the_keys_of_the_window_are_those_that_it_has() -> None:
    window = ReaderWindow()
    has = {key for _, keys in (*keys_of(window.actions()), *KEYS_BESIDES) for key in keys.split(", ")}
    listed = [key for _, keys in rows(DOCS / "reading.md", "## The window") for key in keys.rstrip(" |").split(", ")]
    assert len(listed) > 20
    assert [key for key in listed if key not in has and QKeySequence(key).toString() not in has] == []
    window.deleteLater()


def test_the_places_are_those_where_files_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.delenv(f"XDG_{name}_HOME", raising=False)
    kept = (
        *(paths.settings_path(), paths.books_path(), paths.dictionary_path(), paths.browsers_path()),
        *(paths.voices_folder(), paths.narrations_folder(), download_folder(paths.data_folder())),
        *(paths.last_text_path(), paths.log_folder() / "lectern.log", paths.cache_folder()),
    )
    listed = [cells[0].strip("`") for cells in rows(DOCS / "privacy.md", "## What is kept, and where")]
    assert listed == [f"~/{path.relative_to(tmp_path)}" for path in kept]


def test_the_places_on_windows_are_those_where_files_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platformdirs.windows.get_win_folder", lambda _: "LOCAL")
    places = Windows("lectern", appauthor=False)
    listed = [cells[0].strip("`") for cells in rows(DOCS / "privacy.md", "On Windows:")]
    wanted = [places.user_data_dir, f"{places.user_log_dir}/lectern.log", places.user_cache_dir]
    assert places.user_config_dir == places.user_data_dir == places.user_state_dir
    assert listed == [place.replace("LOCAL", "%LOCALAPPDATA%").replace("/", "\\") for place in wanted]


def test_what_is_said_of_numbers_is_so() -> None:
    server = (DOCS / "server.md").read_text(encoding="utf-8")
    assert f"http://{Settings().serve_address}" in server
    assert f"port {Settings().wyoming_address.rpartition(':')[2]}" in server
    assert "ten idle minutes" in (DOCS / "s1-mini.md").read_text(encoding="utf-8")
    assert Settings().idle_minutes == 10
