"""Settings in their file: whole, checked, kept."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest

from desktop.common.settings import (
    DEFAULT_HOTKEYS,
    Settings,
    load_last_text,
    load_settings,
    save_last_text,
    save_settings,
)
from engine import OutputError

ALL_OTHER = Settings(
    hotkeys=tuple((action, "F9") for action, _ in DEFAULT_HOTKEYS),
    voice="Erzähler \udc80",  # a name that is no UTF-8, as a folder's can be
    language="ja",
    speed=1.25,
    volume=0.5,
    output_device="Kopfhörer",
    device="cpu",
    precision="float32",
    idle_minutes=2.5,
    compile=False,
    start_at_login=True,
    load_at_start=False,
    built_in_meanwhile=False,
    clean_text=False,
    normalise_text=False,
    notifications=False,
    show_strip=False,
    strip_position=(-1920, 30),
    offered_s1=True,
    checkpoint_folder="/mnt/disk/s1",
    s1_download="paused",
    prefer_saved_token=True,
    serve_http=True,
    serve_wyoming=True,
    wyoming_address="0.0.0.0:10200",
    serve_address="[::1]:9000",
    serve_key="secret",
    serve_voice="Anna",
    serve_origins="http://localhost:3000",
    told_of_hotkeys="Taken.",
    say_at_once="keys",
    page_zoom=150,
    page_typeface="serif",
    page_column=50,
    page_spacing=1.2,
    page_theme="sepia",
    read_on_at_start=True,
    open_book="9f1b",
    window_geometry="AdnQyw==",
    last_text_position=12,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lectern" / "settings.json"


def write(path: Path, values: Any) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(values if isinstance(values, str) else json.dumps(values), encoding="utf-8")


def test_every_setting_comes_back(path: Path) -> None:
    usual = Settings()
    for field in fields(Settings):
        assert getattr(ALL_OTHER, field.name) != getattr(usual, field.name), f"{field.name} is not tried"
    save_settings(path, ALL_OTHER)
    assert load_settings(path) == (ALL_OTHER, None)
    assert json.loads(path.read_text("utf-8"))["version"] == 1
    assert path.stat().st_mode & 0o077 == 0
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


def test_no_file_is_no_problem(path: Path) -> None:
    assert load_settings(path) == (Settings(), None)
    assert not path.parent.exists()


def test_a_byte_order_mark_and_missing_keys_are_fine(path: Path) -> None:
    write(path, '\ufeff{"speed": 2}')
    assert load_settings(path) == (Settings(speed=2.0), None)


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"speed": 1}}', "[" * 100_000, "\0"])
def test_a_broken_file_is_set_aside_whole(path: Path, content: str) -> None:
    write(path, content)
    settings, problem = load_settings(path)
    assert settings == Settings()
    (aside,) = path.parent.iterdir()
    assert aside.name.startswith("settings.broken-")
    assert aside.suffix == ".json"
    assert aside.read_text("utf-8") == content
    assert problem is not None
    assert aside.name in problem.remedy
    save_settings(path, settings)
    assert load_settings(path) == (Settings(), None)


def test_bytes_that_are_no_text_are_set_aside(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b'{"voice": "\xff"}')
    assert load_settings(path)[1] is not None
    assert not path.exists()


BAD_VALUES: dict[str, list[Any]] = {
    "hotkeys": [None, [], "F9", {"stop": 3}],
    "voice": [None, 1],
    "language": ["xx", 3, None, []],
    "speed": ["1", None, True, 0.49, 3.01, float("nan"), float("inf"), 10**400],
    "volume": [-0.1, 1.1, False],
    "output_device": [7],
    "device": ["tpu", None],
    "precision": ["int3", {}],
    "idle_minutes": [0, -1, 1e9, "10"],
    "checkpoint_folder": [5, None],
    "s1_download": ["done", True, 5],
    "strip_position": [[1], [1, 2, 3], [1.5, 2], "ab", 5, {"x": 1, "y": 2}, [2**40, 0]],
    "offered_s1": [0],
    "page_zoom": [1.5, 7, "big"],
    "page_typeface": ["Comic Sans"],
    "page_column": [7, 5000],
    "page_spacing": ["wide", 0.5],
    "page_theme": [None],
    "read_on_at_start": ["yes"],
    "open_book": [4],
    "window_geometry": [4],
    "last_text_position": [-1, 1.0, True],
    "version": [0, "1", 1.0, True, None],
}


@pytest.mark.parametrize(("key", "value"), [(key, value) for key, values in BAD_VALUES.items() for value in values])
def test_a_value_that_cannot_be_is_left_out_and_named(path: Path, key: str, value: Any) -> None:
    write(path, {"output_device": "Headset", "voice": "Ann", key: value})
    settings, problem = load_settings(path)
    usual = Settings()
    assert settings.voice == (usual.voice if key == "voice" else "Ann")
    assert settings.output_device == (usual.output_device if key == "output_device" else "Headset")
    if key != "version":
        assert getattr(settings, key) == getattr(usual, key)
    assert problem is not None
    assert f": {key}." in problem.sentence
    assert path.exists()


def test_all_wrong_keys_are_named_at_once(path: Path) -> None:
    write(path, {"speed": 9, "volume": "loud", "notifications": False})
    settings, problem = load_settings(path)
    assert settings == Settings(notifications=False)
    assert problem is not None
    assert "speed, volume." in problem.sentence


def test_unknown_keys_are_kept(path: Path) -> None:
    write(path, {"version": 1, "wallpaper": {"a": [1, 2]}, "hotkeys": {"stop": "F8", "narrate": "F7"}, "speed": 2.0})
    settings, problem = load_settings(path)
    assert problem is None
    assert dict(settings.hotkeys) == dict(DEFAULT_HOTKEYS) | {"stop": "F8"}
    save_settings(path, replace(settings, speed=0.75))
    kept = json.loads(path.read_text("utf-8"))
    assert kept["wallpaper"] == {"a": [1, 2]}
    assert kept["hotkeys"]["narrate"] == "F7"
    assert kept["speed"] == 0.75


def test_a_newer_version_is_read_and_said(path: Path) -> None:
    write(path, {"version": 2, "speed": 2.0})
    settings, problem = load_settings(path)
    assert settings == Settings(speed=2.0)
    assert problem is not None
    assert "newer" in problem.sentence


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    dotfiles = tmp_path / "dotfiles.json"
    path.parent.mkdir()
    path.symlink_to(dotfiles)
    save_settings(path, Settings(speed=2.0))
    assert path.is_symlink()
    assert json.loads(dotfiles.read_text("utf-8"))["speed"] == 2.0


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError) as raised:
        save_settings(tmp_path / "file" / "settings.json", Settings())
    assert raised.value.problem == "failed"
    (tmp_path / "settings.json").mkdir()
    with pytest.raises(OutputError) as raised:
        save_settings(tmp_path / "settings.json", Settings())
    assert raised.value.problem == "is_folder"
    assert sorted(entry.name for entry in tmp_path.iterdir()) == ["file", "settings.json"]


def test_an_unreadable_file_is_said_and_left_alone(path: Path) -> None:
    path.mkdir(parents=True)  # even for root
    settings, problem = load_settings(path)
    assert settings == Settings()
    assert problem is not None
    assert path.is_dir()


def _write_many(path: Path, speed: float) -> None:
    for volume in range(40):
        save_settings(path, Settings(speed=speed, volume=volume / 40))


@pytest.mark.slow
def test_writers_at_the_same_time_leave_a_whole_file(path: Path) -> None:
    save_settings(path, Settings())
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write_many, args=(path, speed)) for speed in (0.5, 3.0)]
    for writer in writers:
        writer.start()
    n_read = 0
    while any(writer.is_alive() for writer in writers):
        assert load_settings(path)[1] is None
        n_read += 1
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    assert n_read > 10
    settings, problem = load_settings(path)
    assert problem is None
    assert settings.volume == 39 / 40
    assert [file.name for file in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_a_writer_that_is_killed_leaves_a_whole_file(path: Path) -> None:
    code = f"""
from pathlib import Path
from desktop.common.settings import Settings, save_settings
save_settings(Path({str(path)!r}), Settings(speed=2.0))
print("ready", flush=True)
while True:
    save_settings(Path({str(path)!r}), Settings(speed=2.0, voice="v" * 100_000))
"""
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        while path.stat().st_size < 100_000:  # the other's first word may come late
            os.sched_yield()
        writer.send_signal(signal.SIGKILL)
    settings, problem = load_settings(path)
    assert problem is None
    assert settings.speed == 2.0


def test_the_last_text_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "state" / "last-text.txt"
    assert load_last_text(path) == ""
    text = "Zeile\r\nzwei\n\n😀 (whispering) " * 1000
    save_last_text(path, text)
    assert load_last_text(path) == text
    assert path.stat().st_mode & 0o077 == 0


def test_default_hotkeys_are_in_qts_own_form() -> None:
    from PySide6.QtGui import QKeySequence

    form = QKeySequence.SequenceFormat.PortableText
    for _, keys in DEFAULT_HOTKEYS:
        assert QKeySequence(keys, form).toString(form) == keys
