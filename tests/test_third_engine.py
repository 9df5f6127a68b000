"""A third engine, registered by one file and one line, is usable everywhere, and gone with its line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import third_engine
from narrators import ToneEngine
from PySide6.QtWidgets import QComboBox
from pytestqt.qtbot import QtBot
from served import serving, settings_in, sound_of
from waiting import LIMIT_MS

import engine.builtin.entry
import engine.narration
import engine.speech.entry
from desktop import cli
from desktop.common.settings import Settings, load_settings, save_settings
from desktop.common.state import AppState, EngineView, Phase, ReadingView
from desktop.common.status_words import reading_line, voice_note
from desktop.narration.parts.book_form import BookForm
from desktop.settings.dialog import SettingsDialog
from desktop.speech.clients import SharedEngine
from desktop.speech.engine_thread import EngineThread
from desktop.speech.http_service import HttpService, HttpSettings
from desktop.speech.slots import EngineSpec
from engine import (
    CancelToken,
    OptionError,
    PcmChunk,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
    open_engine,
    registry,
)
from engine.audio import read_audio
from engine.registry import always_there, choose_engine, engine_of_voice, engines, offered_voices

DEEP = "third/deep"
TEXT = "One word. Then two more."
SOUND = np.concatenate([third_engine.tone(110.0)] * 5)


@pytest.fixture
def third() -> Iterator[None]:
    """Add its line."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(registry, "ENTRIES", (*registry.ENTRIES, "third_engine"))
        yield


@pytest.fixture
def thread() -> Iterator[EngineThread]:
    thread = EngineThread()
    thread.start()
    yield thread
    thread.shut_down()
    assert thread.wait(LIMIT_MS)


def sound(events: list[SpeechEvent]) -> np.ndarray:
    return np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])


# --- the engines that there are


def test_without_its_line_it_is_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert engine_of_voice(DEEP) is None
    assert DEEP not in offered_voices()
    with pytest.raises(OptionError) as caught:
        open_engine("third")
    assert caught.value.expected == "s1, built-in, natural"
    assert cli.run(["say", "--voice", DEEP, "-o", str(tmp_path / "x.wav"), TEXT]) == cli.EXIT_USAGE
    assert DEEP in capfd.readouterr().err
    note = voice_note(AppState(voice=DEEP))
    assert note is not None
    assert "needs S1 Mini" in note.sentence


@pytest.mark.usefixtures("third")
def test_it_is_found_by_its_voices_and_changes_nothing_for_others() -> None:
    assert [entry.name for entry in engines()] == ["s1", "built-in", "natural", "third"]
    assert always_there().name == "built-in"
    for voice, name in ((DEEP, "third"), ("third", "third"), ("built-in/f2", "built-in"), ("", "built-in")):
        choice = choose_engine(
            checkpoint=None, checkpoint_named=False, device="auto", voice=voice, has_cuda=lambda: False
        )
        assert (choice.engine.name, choice.checkpoint) == (name, None)


# --- on the command line


@pytest.mark.usefixtures("third")
def test_it_says_a_text_and_narrates_a_book(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "said.wav"
    assert cli.run(["say", "--voice", DEEP, "-o", str(target), TEXT]) == 0
    assert "Speaking with Third, as asked." in capfd.readouterr().err
    assert np.abs(read_audio(target) - SOUND).max() < 1e-3
    assert cli.run(["say", "--voice", DEEP, "--lang", "de", "-o", str(target), TEXT]) == cli.EXIT_USAGE
    assert "en, fr, which Third speaks" in capfd.readouterr().err

    book, project = tmp_path / "book.txt", tmp_path / "project"
    book.write_text(TEXT, encoding="utf-8")
    narrate = ["narrate", "--voice", DEEP, "--project", str(project), "-o", str(tmp_path / "book.flac"), str(book)]
    assert cli.run(narrate) == 0
    identity = engine.narration.engine_identity(third_engine.ENTRY, ToneEngine().status(), None)
    assert identity == "third/1"
    with engine.narration.Project(project) as narrated:
        report = engine.narration.report_on_narration(narrated, identity, Voice(DEEP))
        other_seed = engine.narration.NarrationSettings(seed=narrated.settings.seed + 1, voice=DEEP)
        narrated.set_settings(other_seed)
        again = engine.narration.report_on_narration(narrated, identity, Voice(DEEP))
    assert report.n_spoken == report.n_sentences == 2
    assert again.n_spoken == 2, "it draws nothing, so that another seed is the same sound"


# --- in the window


@pytest.mark.usefixtures("third")
def test_the_person_chooses_it_and_it_reads(qtbot: QtBot, thread: EngineThread, tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save_settings(path, Settings(voice=DEEP))
    settings, problem = load_settings(path)
    assert (settings.voice, problem) == (DEEP, None)
    dialog, form = SettingsDialog(settings, offered_voices()), BookForm()
    qtbot.addWidget(dialog)
    qtbot.addWidget(form)
    form.set_voices(offered_voices())
    for field in (dialog.fields["voice"], form.voice):
        assert isinstance(field, QComboBox)
        assert field.findData(DEEP) >= 0
    assert voice_note(AppState(voice=DEEP)) is None

    made: list[SpeechEvent] = []
    speakers: list[str] = []
    thread.event_made.connect(lambda _, event: made.append(event))
    thread.reading_began.connect(lambda _, name: speakers.append(name))
    thread.load(EngineSpec(bridges=False))
    with qtbot.waitSignal(thread.reading_ended, timeout=LIMIT_MS):
        thread.speak(1, SpeechRequest(TEXT, Voice(settings.voice)))
    assert speakers == ["Third"]
    assert np.array_equal(sound(made), SOUND)
    words = [TEXT[word.start : word.end] for event in made if isinstance(event, PcmChunk) for word in event.words]
    assert words == ["One", "word", "Then", "two", "more"]
    with qtbot.waitSignal(thread.reading_failed, timeout=LIMIT_MS) as failed:
        thread.speak(2, SpeechRequest(TEXT, Voice(DEEP), SpeechOptions(language="de")))
    assert isinstance(failed.args[1], OptionError)  # type: ignore[index]


@pytest.mark.usefixtures("third")
def test_the_window_says_who_reads_until_it_is_ready() -> None:
    reading = ReadingView(speaker=always_there().display_name)
    note = voice_note(AppState(Phase.SPEAKING, EngineView(), reading, voice=DEEP))
    assert note is not None
    assert note.sentence == f"The built-in voice speaks until Third is ready; then {DEEP} does."
    state = AppState(Phase.SPEAKING, reading=ReadingView(speaker="Third"), voice=DEEP)
    assert (voice_note(state), reading_line(state)) == (None, "Speaking with Third")


# --- over HTTP


@pytest.mark.usefixtures("third")
def test_it_is_served_alone(tmp_path: Path) -> None:
    voices = third_engine.ENTRY.voice_names()
    with serving(settings_in(tmp_path, engine_voices=voices), lambda: open_engine("third")) as server:
        assert np.abs(sound_of(server.tts(TEXT, reference_id=DEEP).body) - SOUND).max() < 1e-3
        assert server.tts(TEXT, reference_id="built-in/f2").status == 404
        known = server.ask("GET", "/v1/audio/voices").json
        assert {"id": DEEP, "name": "deep", "kind": "third"} in known["voices"]
        assert known["note"] == "Third speaks here. It does not imitate recordings, nor act out markers."
        assert server.ask("GET", "/v1/models").json["data"][0]["id"] == "third"
        assert "third/" in server.ask("GET", "/openapi.json").body.decode()


@pytest.mark.usefixtures("third")
def test_the_running_application_serves_it_beside_others(qtbot: QtBot, thread: EngineThread, tmp_path: Path) -> None:
    service = HttpService(lambda: SharedEngine(thread), tmp_path)
    with qtbot.waitSignal(service.changed, timeout=LIMIT_MS):
        service.use(HttpSettings(True, "127.0.0.1:0", voice=DEEP))
    assert service.view.problem is None
    events = list(SharedEngine(thread).speak(SpeechRequest(TEXT, Voice(DEEP)), CancelToken()))
    assert np.array_equal(sound(events), SOUND)
    german = SpeechRequest(TEXT, Voice(DEEP), SpeechOptions(language="de"))
    with pytest.raises(OptionError):
        list(SharedEngine(thread).speak(german, CancelToken()))
    service.close()
