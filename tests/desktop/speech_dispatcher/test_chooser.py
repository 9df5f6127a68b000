"""Who says what: by the kind of the message, its length, and what the person set."""

from __future__ import annotations

import json
import os
import time
import wave
from pathlib import Path
from typing import Any

import pytest

from desktop.speech_dispatcher.chooser import Chooser, is_said_at_once, is_short
from desktop.speech_dispatcher.marked_text import MarkedText, read_message
from desktop.speech_dispatcher.prosody import Parameters, Prosody
from desktop.speech_dispatcher.sound_icons import icon_sound
from desktop.speech_dispatcher.voices import Kind, Message, Stop

SENTENCE = "This is a whole sentence, which the chosen voice says."


def message(text: str, kind: Kind = Kind.TEXT, **prosody: Any) -> Message:
    return Message(kind, MarkedText(text), Prosody(**prosody))


@pytest.mark.parametrize("text", ["File", "Save as…", "Save as...", "設定", "Neuer Ordner", "a" * 32])
def test_entries_of_menus_are_short(text: str) -> None:
    assert is_short(text)


@pytest.mark.parametrize(
    "text", ["Hello world.", "Why?", "設定しました。", "two\nlines", "設" * 17, "a" * 33, SENTENCE]
)
def test_sentences_are_not(text: str) -> None:
    assert not is_short(text)


def test_the_setting_decides_what_is_said_at_once() -> None:
    key, entry, sentence = message("a", Kind.KEY), message("File"), message(SENTENCE)
    for what, expected in (("short", (True, True, False)), ("keys", (True, False, False)), ("nothing", (False,) * 3)):
        assert tuple(is_said_at_once(each, what) for each in (key, entry, sentence)) == expected


@pytest.mark.parametrize(
    ("text", "prosody", "expected"),
    [
        (SENTENCE, {"spelling": True}, True),
        (SENTENCE, {"capitals": "icon"}, True),
        (SENTENCE, {"punctuation": "all"}, True),
        (SENTENCE, {"punctuation": "most"}, False),
        ("Signs that were replaced by words comma all of them", {"punctuation": "all"}, False),
        ("The address of it all is somebody@example.org, they say.", {"punctuation": "some"}, True),
    ],
)
def test_what_is_to_be_named_sign_by_sign_is_espeaks(text: str, prosody: dict[str, Any], expected: bool) -> None:
    assert is_said_at_once(message(text, **prosody), "nothing") is expected


def test_parameters_are_read_and_kept_within_bounds() -> None:
    parameters = Parameters()
    for line in ("rate=1000", "pitch=-50", "volume=x", "language=DE_at", "voice=female2", "synthesis_voice=NULL"):
        assert parameters.set(line)
    prosody = parameters.prosody()
    assert (prosody.rate, prosody.pitch, prosody.volume, prosody.language) == (100, -50, 100, "de-at")
    assert (prosody.voice, prosody.timbre, prosody.language_code) == ("built-in/f5", "f5", "de")
    assert prosody.speed == pytest.approx(449 / 170)
    parameters.set("synthesis_voice=Lectern")
    assert parameters.prosody().voice == ""
    parameters.set("language=C")
    assert parameters.prosody().language == ""
    assert not parameters.set("nonsense")


def test_settings_are_read_anew_when_they_change(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    reader = Chooser(path)
    assert reader.settings().say_at_once == "short"
    path.write_text(json.dumps({"say_at_once": "keys"}))
    assert reader.settings().say_at_once == "keys"
    path.write_text(json.dumps({"say_at_once": "whatever"}))
    os.utime(path, (time.time() + 5, time.time() + 5))
    assert reader.settings().say_at_once == "short"


def test_marks_stand_in_the_text_without_its_tags() -> None:
    read = read_message('<speak>One <mark name="a"/>two &amp; <b>three</b><mark name="__spd_0"/> four</speak>')
    assert read.text.strip().replace("  ", " ") == "One two & three four"
    assert [read.text[place:].split()[0] for place, _ in read.marks] == ["two", "four"]
    assert read.after(4, 1).marks[0][1] == "__spd_0"


def test_an_icon_is_a_sound_where_there_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with wave.open(str(tmp_path / "bell.wav"), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(b"\x10\x27\x00\x00" * 80)
    sound = icon_sound("bell", 0.5, tmp_path)
    assert sound is not None
    assert (sound.rate_hz, sound.samples) == (8000, (5000).to_bytes(2, "little") * 80)
    monkeypatch.setattr(
        "desktop.speech_dispatcher.chooser.icon_sound", lambda name, gain: icon_sound(name, gain, tmp_path)
    )
    half = message("bell", Kind.ICON, volume=0)
    assert list(Chooser(tmp_path / "none").said(half, Stop())) == [sound]
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    for name in ("broken", "absent", "../bell", ""):
        assert icon_sound(name, 1.0, tmp_path) is None
