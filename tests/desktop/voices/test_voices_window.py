"""The voices' window with all that is behind it but the engine: real files in a real folder, keys and clicks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shiboken6
from at_once import slow_but
from choosing import drag_in, press_and_choose
from front import focus
from kept_voices import CODES, coded, recorded
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QComboBox,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)
from pytestqt.qtbot import QtBot
from served import spoken

import engine
import engine.audio
import engine.voice_library
from desktop.common.state import AppState, EnginePhase, EngineView
from desktop.speech.engine_thread import EngineThread
from desktop.voices.setup import VoicesSetup
from desktop.voices.state import GalleryPhase, RecordingPhase
from engine import Reference, Segment, SegmentDone, SegmentStarted, SegmentTiming, SourceMap, Voice

READY = EngineView(EnginePhase.READY, device="cpu")


class ScriptedEngine(EngineThread):
    """Never started: it notes what it is asked for, and says what a test has it say."""

    def __init__(self) -> None:
        super().__init__()
        self.requests: list[tuple[int, engine.SpeechRequest]] = []
        self.cancelled: list[int] = []

    def speak(self, epoch: int, request: engine.SpeechRequest, first_segment: int = 0) -> None:
        assert first_segment == 0
        self.requests.append((epoch, request))

    def cancel(self, epoch: int) -> None:
        self.cancelled.append(epoch)

    def answer(self, seed: int) -> None:
        """As S1 Mini would, for the last request."""
        from array import array

        epoch, request = self.requests[-1]
        segment = Segment(0, request.text, 0, len(request.text), "en", SourceMap(array("I"), array("I")))
        voice = Voice("", (Reference(segment.text, CODES + seed % 7),))
        self.reading_began.emit(epoch, "S1 Mini")
        self.event_made.emit(epoch, SegmentStarted(segment))
        self.event_made.emit(epoch, engine.PcmChunk(np.full(6 * 2048, 0.1, np.float32), 44_100, 0))
        self.event_made.emit(epoch, SegmentDone(segment, 6 * 2048, SegmentTiming(1, 1, 1), 1, seed, None, voice))
        self.reading_ended.emit(epoch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "voices"


@pytest.fixture
def setup(qtbot: QtBot, folder: Path) -> Iterator[VoicesSetup]:
    epochs = iter(range(1, 1000))
    scripted = ScriptedEngine()
    setup = VoicesSetup(folder, scripted, lambda: next(epochs))
    setup.scripted = scripted  # type: ignore[attr-defined]
    qtbot.addWidget(setup.dialog)
    setup.dialog.render(AppState(engine=READY))
    yield setup
    setup.close()
    for owner in (setup, scripted):  # else whichever thread collects garbage next would stop this one's timers
        shiboken6.delete(owner)


@pytest.fixture
def shown(setup: VoicesSetup, qtbot: QtBot) -> VoicesSetup:
    with qtbot.waitExposed(setup.dialog):
        setup.dialog.show()
    qtbot.waitUntil(lambda: setup.controller.state.is_read)
    return setup


def listed(setup: VoicesSetup) -> list[str]:
    return [voice.name for voice in setup.controller.state.voices]


def until(qtbot: QtBot, is_so: Callable[[], Any]) -> None:
    qtbot.waitUntil(lambda: bool(is_so()))


def told(setup: VoicesSetup) -> str:
    shown = [notice for notice in (setup.dialog.problem, setup.dialog.note) if notice.isVisible()]
    return " ".join(notice.accessibleName() for notice in shown)


def click(button: QAbstractButton) -> None:
    assert button.isVisible()
    assert button.isEnabled()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)


# --- the voices there are


def test_a_voice_is_described_renamed_removed_and_comes_back(shown: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    library = engine.voice_library.VoiceLibrary(folder)
    library.add(coded("Anna"))
    shown.controller.refresh()
    until(qtbot, lambda: listed(shown) == ["Anna"])
    page = shown.dialog.mine
    assert page.name.text() == "Anna"
    assert not page.save.isEnabled()
    page.name.setFocus()
    page.name.setText("Zoë")  # QTest types ASCII only
    page.name.textEdited.emit("Zoë")
    page.language.setCurrentIndex(page.language.findData("de"))
    page.language.activated.emit(page.language.currentIndex())
    page.notes.setPlainText("by the sea")
    with qtbot.waitSignal(shown.controller.renamed) as renamed:
        click(page.save)
    assert renamed.args == ["Anna", "Zoë"]
    until(qtbot, lambda: listed(shown) == ["Zoë"])
    info = library.find("Zoë")
    assert (info.language, info.notes, info.id) == ("de", "by the sea", "Zoe")
    assert page.name.text() == "Zoë"

    focus(qtbot, page.list)
    QTest.keyClick(page.list, Qt.Key.Key_Delete)
    until(qtbot, lambda: listed(shown) == [])
    assert told(shown) == "Zoë is removed."
    assert page.empty.isVisible()
    shown.dialog.note.accepted.emit()
    until(qtbot, lambda: listed(shown) == ["Zoë"])
    assert told(shown) == "Zoë is back."
    click(page.remove)
    until(qtbot, lambda: listed(shown) == [])
    shown.dialog.close()
    until(qtbot, lambda: list(folder.iterdir()) == [])


def test_what_cannot_be_is_told_and_nothing_is_lost(shown: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    library = engine.voice_library.VoiceLibrary(folder)
    library.add(coded("Anna"))
    library.add(coded("Bob"))
    (folder / "broken.voice").write_bytes(b"x")
    shown.controller.refresh()
    until(qtbot, lambda: len(listed(shown)) == 3)
    page = shown.dialog.mine
    shown.dialog.show_mine("Anna")
    for name, words in (("bob", "There is a voice bob already."), ("a/b", "slashes")):
        page.name.setText(name)
        page.name.textEdited.emit(name)
        click(page.save)
        until(qtbot, lambda words=words: words in told(shown))
        shown.dialog.problem.declined.emit()
        assert told(shown) == ""
    assert {*library.names()} == {"Anna", "Bob"}
    shown.dialog.show_mine("broken")
    assert "damaged" in page.about.text()
    assert not any(part.isEnabled() for part in (page.listen, page.use, page.read, page.export, page.save))
    click(page.remove)
    until(qtbot, lambda: len(listed(shown)) == 2)


def test_requests_of_a_voice_go_where_they_belong(shown: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    engine.voice_library.VoiceLibrary(folder).add(recorded("Anna", 1.5))
    shown.controller.refresh()
    until(qtbot, lambda: listed(shown) == ["Anna"])
    page = shown.dialog.mine
    with qtbot.waitSignal(shown.set_voice_requested) as used:
        click(page.use)
    assert used.args == ["Anna"]
    shown.dialog.render(AppState(engine=READY, voice="Anna"))
    assert "in use" in page.list.item(0).data(Qt.ItemDataRole.AccessibleTextRole)
    with qtbot.waitSignal(shown.try_voice_requested) as read:
        click(page.read)
    assert read.args == [engine.voice_library.script_in("de"), "Anna"]
    click(page.check)
    until(qtbot, lambda: "It lasts" in page.verdict.text() or "No voice" in page.verdict.text())


def test_voices_come_and_go_as_files(shown: VoicesSetup, qtbot: QtBot, tmp_path: Path) -> None:
    other = engine.voice_library.VoiceLibrary(tmp_path / "other")
    other.add(coded("Anna"))
    other.export("Anna", tmp_path / "a.voice")
    recording = tmp_path / "references" / "narrator" / "sample.wav"
    recording.parent.mkdir(parents=True)
    with engine.audio.AudioWriter(recording) as writer:
        writer.write(spoken("Yes. "))
    recording.with_suffix(".lab").write_text("Yes.")
    (tmp_path / "bad.voice").write_bytes(b"x")
    drop(shown.dialog, tmp_path / "a.voice", tmp_path / "references", tmp_path / "bad.voice")
    until(qtbot, lambda: listed(shown) == ["Anna", "narrator"])
    assert "damaged" in told(shown)
    shown.dialog.show_mine("Anna")
    press_and_choose(qtbot, shown.dialog.mine.export, tmp_path / "out.voice")
    until(qtbot, lambda: "Anna is in out.voice." in told(shown))
    assert engine.voice_library.read_voice(tmp_path / "out.voice").name == "Anna"


def test_import_and_import_folder_are_pressed_and_bring_voices(
    shown: VoicesSetup, qtbot: QtBot, tmp_path: Path
) -> None:
    other = engine.voice_library.VoiceLibrary(tmp_path / "other")
    for name in ("Anna", "Bert"):
        other.add(recorded(name))
        other.export(name, tmp_path / f"{name}.voice")
    recording = tmp_path / "references" / "narrator" / "sample.wav"
    recording.parent.mkdir(parents=True)
    with engine.audio.AudioWriter(recording) as writer:
        writer.write(spoken("Yes. "))
    recording.with_suffix(".lab").write_text("Yes.")
    page = shown.dialog.mine
    press_and_choose(qtbot, page.imports, tmp_path / "Anna.voice", tmp_path / "Bert.voice")
    until(qtbot, lambda: listed(shown) == ["Anna", "Bert"])
    press_and_choose(qtbot, page.import_folder, tmp_path / "references")
    until(qtbot, lambda: listed(shown) == ["Anna", "Bert", "narrator"])


@pytest.mark.parametrize("field", slow_but(["text"], ["text", "name", "notes"]))
def test_a_recording_that_is_dropped_on_a_field_for_words_is_a_recording(
    shown: VoicesSetup, qtbot: QtBot, talk: Path, field: str
) -> None:
    """By the X server's own drag and drop, from another program."""
    shown.dialog.show_new()
    words = getattr(shown.dialog.new, field)
    where = words.viewport() if field == "text" else words
    drag_in(qtbot, talk, where, lambda: shown.recording.state.now.phase is RecordingPhase.THERE)
    assert shown.recording.state.now.name == talk.name
    assert "file:" not in shown.dialog.new.text.toPlainText() + shown.dialog.new.name.text()
    assert "talk" not in shown.dialog.new.notes.text()


def test_without_s1_the_page_says_who_speaks_and_leads_to_it(shown: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    engine.voice_library.VoiceLibrary(folder).add(coded("Anna"))
    shown.controller.refresh()
    until(qtbot, lambda: listed(shown) == ["Anna"])
    page = shown.dialog.mine
    assert not page.no_s1.isVisible()
    shown.dialog.render(AppState())
    assert page.no_s1.isVisible()
    assert "built-in voice" in page.no_s1.text()
    assert not page.read.isEnabled()
    with qtbot.waitSignal(page.show_login_requested):
        click(page.get_s1)


def test_what_other_programs_do_is_noticed(shown: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    library = engine.voice_library.VoiceLibrary(folder)
    library.add(coded("Anna"))
    shown.controller.refresh()  # the folder is new: from now on it is watched
    until(qtbot, lambda: listed(shown) == ["Anna"])
    with qtbot.waitSignal(shown.controller.names_changed) as changed:
        library.add(coded("Bob"))
    assert changed.args == [("Anna", "Bob")]
    with qtbot.waitSignal(shown.controller.names_changed) as changed:
        library.remove("Anna")
    assert changed.args == [("Bob",)]


# --- a new one


def drop(target: QWidget, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    place = QPoint(10, 10)
    entering = QDragEnterEvent(place, actions, data, buttons, keys)
    target.dragEnterEvent(entering)
    assert entering.isAccepted()
    target.dropEvent(QDropEvent(QPointF(place), actions, data, buttons, keys))


@pytest.fixture(scope="module")
def talk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("talk") / "talk.mp3"
    with engine.audio.AudioWriter(path) as writer:
        writer.write(spoken(engine.voice_library.script_in("en")))
    return path


def test_a_file_becomes_a_voice(shown: VoicesSetup, qtbot: QtBot, talk: Path, folder: Path) -> None:
    page, recording = shown.dialog.new, shown.recording
    drop(shown.dialog, talk)
    until(qtbot, lambda: recording.state.now.phase is RecordingPhase.THERE)
    assert shown.dialog.tabs.currentWidget() is page
    assert page.about.text() == "talk.mp3 · 16 s"
    assert page.verdict.text() == "Good: 16 seconds of clear speech."
    QTest.keyClicks(page.text, "Just this.")
    until(qtbot, lambda: "More seems to be said" in page.verdict.text())
    page.text.setPlainText(engine.voice_library.script_in("en"))
    until(qtbot, lambda: page.verdict.text() == "Good: 16 seconds of clear speech.")
    assert not page.add.isEnabled()
    QTest.keyClicks(page.name, "Anna")
    QTest.keyClicks(page.notes, "a talk")
    click(page.add)
    until(qtbot, lambda: listed(shown) == ["Anna"] and shown.dialog.tabs.currentWidget() is shown.dialog.mine)
    info = engine.voice_library.VoiceLibrary(folder).find("Anna")
    assert (info.language, info.notes, info.has_sound, info.is_encoded) == ("en", "a talk", True, False)
    assert (page.name.text(), page.text.toPlainText(), recording.state.now.phase) == ("", "", RecordingPhase.EMPTY)


def test_a_transcript_beside_the_file_is_found(shown: VoicesSetup, qtbot: QtBot, talk: Path, tmp_path: Path) -> None:
    shutil.copy(talk, tmp_path / "x.mp3")
    (tmp_path / "x.txt").write_text(engine.voice_library.script_in("en"), encoding="utf-8")
    shown.dialog.show_new()
    press_and_choose(qtbot, shown.dialog.new.choose, tmp_path / "x.mp3")
    until(qtbot, lambda: shown.recording.state.now.phase is RecordingPhase.THERE)
    assert shown.dialog.new.text.toPlainText() == engine.voice_library.script_in("en")
    until(qtbot, shown.dialog.new.name.hasFocus)


def test_a_name_that_is_taken_loses_nothing(shown: VoicesSetup, qtbot: QtBot, talk: Path, folder: Path) -> None:
    engine.voice_library.VoiceLibrary(folder).add(coded("Anna"))
    page = shown.dialog.new
    shown.dialog.show_new()
    press_and_choose(qtbot, page.choose, talk)
    until(qtbot, lambda: shown.recording.state.now.phase is RecordingPhase.THERE)
    page.text.setPlainText(engine.voice_library.script_in("en"))
    page.name.setText("anna")
    click(page.add)
    until(qtbot, lambda: "There is a voice anna already." in told(shown))
    assert page.text.toPlainText()
    assert page.add.isEnabled()
    page.name.setText("Berta")
    click(page.add)
    until(qtbot, lambda: listed(shown) == ["Anna", "Berta"])


def test_what_is_no_recording_is_told(shown: VoicesSetup, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    with engine.audio.AudioWriter(tmp_path / "silent.wav") as writer:
        writer.write(np.zeros(5 * 44_100, np.float32))
    page = shown.dialog.new
    shown.dialog.show_new()
    press_and_choose(qtbot, page.choose, tmp_path / "text.wav")
    until(qtbot, lambda: "text.wav" in told(shown))
    press_and_choose(qtbot, page.choose, tmp_path / "silent.wav")
    until(qtbot, lambda: "Nobody is heard" in page.verdict.text())
    page.text.setPlainText("Some words.")
    page.name.setText("Anna")
    assert not page.add.isEnabled()


@pytest.fixture(scope="module")
def two_talks(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """With their transcripts beside them."""
    folder = tmp_path_factory.mktemp("talks")
    paths = folder / "first.flac", folder / "second.flac"
    for path, text in zip(paths, TALKS, strict=True):
        with engine.audio.AudioWriter(path) as writer:
            writer.write(spoken(text))
        path.with_suffix(".lab").write_text(text, encoding="utf-8")
    return paths


TALKS = (
    "The first recording says this, and then it goes on for a while, until there is enough of it to be heard.",
    "What is said in the second one is something else, which takes about as long as the words of the other.",
)


def lines(setup: VoicesSetup) -> list[str]:
    listed = setup.dialog.new.recordings.list
    return [listed.item(place).text() for place in range(listed.count())]


def are_there(setup: VoicesSetup, n: int) -> bool:
    phases = [recording.phase for recording in setup.recording.state.recordings]
    return phases == [RecordingPhase.THERE] * n


def test_several_recordings_become_one_voice_in_the_order_one_likes(
    shown: VoicesSetup, qtbot: QtBot, two_talks: tuple[Path, Path], talk: Path, folder: Path
) -> None:
    page, recordings = shown.dialog.new, shown.dialog.new.recordings
    shown.dialog.show_new()
    assert not recordings.isVisible()
    drop(shown.dialog, *two_talks)
    until(qtbot, lambda: are_there(shown, 2))
    assert recordings.isVisible()
    assert page.text.toPlainText() == TALKS[0]
    click(page.another)
    assert lines(shown)[2] == "3  Nothing recorded yet"
    assert page.text.toPlainText() == ""
    drop(shown.dialog, talk)  # for the empty one
    until(qtbot, lambda: are_there(shown, 3))
    assert lines(shown)[2] == "3  talk.mp3 · 16 s · What is said in it is missing"
    page.name.setText("Anna")
    assert not page.add.isEnabled()
    page.text.setPlainText(engine.voice_library.script_in("en"))
    until(qtbot, lambda: lines(shown)[2] == "3  talk.mp3 · 16 s · Good")

    focus(qtbot, recordings.list)
    QTest.keyClick(recordings.list, Qt.Key.Key_Up)
    assert page.text.toPlainText() == TALKS[1]
    QTest.keyClick(recordings.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert [line.split(" · ")[0] for line in lines(shown)] == ["1  second.flac", "2  first.flac", "3  talk.mp3"]
    assert not recordings.earlier.isEnabled()
    recordings.list.setCurrentRow(2)
    assert page.text.toPlainText() == engine.voice_library.script_in("en")
    recordings.list.setCurrentRow(1)
    click(page.add)
    until(qtbot, lambda: listed(shown) == ["Anna"])
    stored = engine.voice_library.VoiceLibrary(folder).read("Anna")
    texts = [TALKS[1], TALKS[0], engine.voice_library.script_in("en")]
    assert [recording.text for recording in stored.recordings] == texts
    assert [round(recording.seconds) for recording in stored.recordings] == [
        round(spoken(text).size / 44_100) for text in texts
    ]
    assert all(recording.flac for recording in stored.recordings)
    assert not recordings.isVisible()
    assert page.text.toPlainText() == ""


def test_one_that_makes_no_voice_holds_the_others_up_until_it_is_taken_out(
    shown: VoicesSetup, qtbot: QtBot, two_talks: tuple[Path, Path], tmp_path: Path, folder: Path
) -> None:
    with engine.audio.AudioWriter(tmp_path / "silent.wav") as writer:
        writer.write(np.zeros(5 * 44_100, np.float32))
    page, recordings = shown.dialog.new, shown.dialog.new.recordings
    shown.dialog.show_new()
    press_and_choose(qtbot, page.choose, two_talks[0], tmp_path / "silent.wav", two_talks[1])
    until(qtbot, lambda: are_there(shown, 3))
    page.name.setText("Anna")
    assert not page.add.isEnabled()
    recordings.list.setCurrentRow(1)
    page.text.setPlainText("Some words.")
    assert "No voice can be made of this recording." in lines(shown)[1]
    assert "Nobody is heard" in page.verdict.text()
    assert not page.add.isEnabled()
    focus(qtbot, recordings.list)
    QTest.keyClick(recordings.list, Qt.Key.Key_Delete)
    assert page.text.toPlainText() == TALKS[1]
    assert page.add.isEnabled()
    click(page.another)  # what stays empty counts for nothing
    assert page.add.isEnabled()
    click(page.add)
    until(qtbot, lambda: listed(shown) == ["Anna"])
    assert engine.voice_library.VoiceLibrary(folder).find("Anna").n_recordings == 2


def test_one_of_several_that_cannot_be_read_is_told_and_the_others_stay(
    shown: VoicesSetup, qtbot: QtBot, two_talks: tuple[Path, Path], tmp_path: Path
) -> None:
    (tmp_path / "text.wav").write_text("no sound")
    shown.dialog.show_new()
    drop(shown.dialog, two_talks[0], tmp_path / "text.wav", two_talks[1])
    until(qtbot, lambda: are_there(shown, 2) and "text.wav" in told(shown))
    assert [line.split(" · ")[0] for line in lines(shown)] == ["1  first.flac", "2  second.flac"]
    shown.dialog.problem.declined.emit()
    assert told(shown) == ""


def test_a_voice_takes_no_more_recordings_than_on_the_command_line(
    shown: VoicesSetup, qtbot: QtBot, two_talks: tuple[Path, Path], tmp_path: Path
) -> None:
    page = shown.dialog.new
    shown.dialog.show_new()
    copies = [tmp_path / f"{number:02}.flac" for number in range(engine.voice_library.MAX_RECORDINGS + 1)]
    for copy in copies:
        shutil.copy(two_talks[0], copy)
    press_and_choose(qtbot, page.choose, *copies)
    assert told(shown).startswith(
        f"A voice takes at most {engine.voice_library.MAX_RECORDINGS} recordings, and these are 17."
    )
    assert len(shown.recording.state.recordings) == 1
    press_and_choose(qtbot, page.choose, *copies[1:])
    until(qtbot, lambda: are_there(shown, engine.voice_library.MAX_RECORDINGS))
    assert told(shown) == ""
    assert page.another.isVisible()
    assert not page.another.isEnabled()
    drop(shown.dialog, two_talks[1])
    assert "these are 17" in told(shown)
    assert are_there(shown, engine.voice_library.MAX_RECORDINGS)


def test_a_file_that_is_dropped_takes_nothings_place(
    shown: VoicesSetup, qtbot: QtBot, two_talks: tuple[Path, Path]
) -> None:
    page = shown.dialog.new
    shown.dialog.show_new()
    drop(shown.dialog, two_talks[0])
    until(qtbot, lambda: are_there(shown, 1))
    drop(shown.dialog, two_talks[1])
    until(qtbot, lambda: are_there(shown, 2))
    page.recordings.list.setCurrentRow(1)
    press_and_choose(qtbot, page.choose, two_talks[0])  # chosen for the one that is looked at
    until(qtbot, lambda: are_there(shown, 2) and shown.recording.state.now.name == "first.flac")
    assert page.text.toPlainText() == TALKS[0]


def test_the_language_is_that_of_all_recordings(
    shown: VoicesSetup, qtbot: QtBot, two_talks: tuple[Path, Path], folder: Path
) -> None:
    page = shown.dialog.new
    shown.dialog.show_new()
    drop(shown.dialog, *two_talks)
    until(qtbot, lambda: are_there(shown, 2))

    def doubts() -> list[bool]:
        checks = [recording.check for recording in shown.recording.state.recordings]
        return [check is not None and engine.voice_library.RecordingDoubt.TEXT_LONG in check.doubts for check in checks]

    assert doubts() == [False, False]
    page.language.setCurrentIndex(page.language.findData("zh"))
    page.language.activated.emit(page.language.currentIndex())
    until(qtbot, lambda: doubts() == [True, True])  # so many letters a second nobody says in Chinese
    page.name.setText("Anna")
    click(page.add)
    until(qtbot, lambda: listed(shown) == ["Anna"])
    assert engine.voice_library.VoiceLibrary(folder).find("Anna").language == "zh"


def test_without_a_microphone_recording_says_so(shown: VoicesSetup, qtbot: QtBot) -> None:
    page = shown.dialog.new
    shown.dialog.show_new()
    with qtbot.waitSignal(shown.pause_requested):
        click(page.record)
    assert page.text.toPlainText() == engine.voice_library.script_in("en")
    until(qtbot, lambda: "There is no microphone." in told(shown))
    assert page.record.isVisible()
    assert page.text.toPlainText() == engine.voice_library.script_in("en")


# --- the gallery


def test_a_gallery_is_made_one_by_one_and_kept_by_name(shown: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    scripted: ScriptedEngine = shown.scripted  # type: ignore[attr-defined]
    page, gallery = shown.dialog.gallery, shown.gallery
    shown.dialog.tabs.setCurrentWidget(page)
    page.n.setValue(2)
    page.language.setCurrentIndex(page.language.findData("de"))
    with qtbot.waitSignal(gallery.engine_wanted):
        click(page.make)
    request = scripted.requests[-1][1]
    assert request.text == engine.voice_library.script_in("de")
    assert request.voice == Voice()
    first = request.options.seed
    assert first is not None
    scripted.answer(first)
    assert page.status.text() == "Making voice 2 of 2…"
    assert scripted.requests[-1][1].options.seed == first + 1
    scripted.answer(first + 1)
    assert gallery.state.phase is GalleryPhase.IDLE
    assert page.list.count() == 2
    page.list.setCurrentRow(1)
    page.name.setFocus()
    QTest.keyClicks(page.name, "Number two")
    QTest.keyClick(page.name, Qt.Key.Key_Return)
    until(qtbot, lambda: "kept as Number two" in page.list.item(1).text())
    stored = engine.voice_library.VoiceLibrary(folder).read("Number two")
    assert stored.recordings[0].codes is not None
    np.testing.assert_array_equal(stored.recordings[0].codes, CODES + (first + 1) % 7)
    assert f"seed {first + 1}" in stored.notes
    assert shown.dialog.isVisible()


def test_a_gallery_gives_way_and_keeps_what_it_has(shown: VoicesSetup) -> None:
    scripted: ScriptedEngine = shown.scripted  # type: ignore[attr-defined]
    gallery = shown.gallery
    gallery.make(3, "en", seed=4)
    scripted.answer(4)
    gallery.stop()
    assert scripted.cancelled == [scripted.requests[-1][0]]
    assert gallery.state.phase is GalleryPhase.IDLE
    assert len(gallery.candidates) == 1
    n_requests = len(scripted.requests)
    scripted.reading_ended.emit(scripted.requests[-1][0])  # what comes late is worth nothing
    assert (len(gallery.candidates), len(scripted.requests)) == (1, n_requests)


def test_a_gallery_waits_until_s1_mini_is_ready(shown: VoicesSetup) -> None:
    scripted: ScriptedEngine = shown.scripted  # type: ignore[attr-defined]
    gallery = shown.gallery
    scripted.engine_changed.emit(EngineView(EnginePhase.UNLOADED))
    gallery.make(1, "en", seed=4)
    scripted.reading_began.emit(scripted.requests[-1][0], "built-in voice")
    assert gallery.state.phase is GalleryPhase.WAITING
    scripted.engine_changed.emit(EngineView(EnginePhase.STARTING, 0.5))
    assert len(scripted.requests) == 1
    scripted.engine_changed.emit(READY)
    assert gallery.state.phase is GalleryPhase.MAKING
    scripted.answer(4)
    assert len(gallery.candidates) == 1

    gallery.make(1, "en", seed=4)
    scripted.reading_failed.emit(scripted.requests[-1][0], engine.HostError("crashed"))
    assert gallery.state.problem is not None
    assert "ended unexpectedly" in told(shown)


def test_without_s1_mini_the_gallery_shows_the_way_to_it(shown: VoicesSetup, qtbot: QtBot) -> None:
    page = shown.dialog.gallery
    shown.dialog.tabs.setCurrentWidget(page)
    shown.dialog.render(AppState())
    assert not page.make.isVisible()
    with qtbot.waitSignal(page.show_login_requested):
        click(page.get_s1)


# --- an improvised one, and the window itself


def test_the_voice_of_a_reading_is_kept_and_used(setup: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    from array import array

    improvised = engine.voice_library.ImprovisedVoice()
    segment = Segment(0, "Text.", 0, 5, "en", SourceMap(array("I"), array("I")))
    voice = Voice("", (Reference("Text.", CODES),))
    improvised.take(SegmentDone(segment, 1, SegmentTiming(1, 1, 1), voice=voice))
    with qtbot.waitSignal(setup.set_voice_requested) as used:
        setup.keep_voice(improvised, "Mine")
    assert used.args == ["Mine"]
    assert engine.voice_library.VoiceLibrary(folder).names() == ("Mine",)


def test_everything_can_be_reached_by_keys_and_has_a_name(
    shown: VoicesSetup, qtbot: QtBot, folder: Path, two_talks: tuple[Path, Path]
) -> None:
    engine.voice_library.VoiceLibrary(folder).add(recorded("Anna"))
    shown.controller.refresh()
    until(qtbot, lambda: listed(shown) == ["Anna"])
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit, QListWidget, QComboBox, QSpinBox)
    drop(shown.dialog, *two_talks)
    until(qtbot, lambda: are_there(shown, 2))
    for page in (shown.dialog.mine, shown.dialog.new, shown.dialog.gallery):
        shown.dialog.tabs.setCurrentWidget(page)
        fields = [w for w in page.findChildren(QWidget) if isinstance(w, kinds) and w.isVisible() and w.isEnabled()]
        fields = [w for w in fields if w.objectName() not in ("qt_spinbox_lineedit",)]
        reached: set[QWidget] = set()
        widget: QWidget = page
        for _ in range(200):
            following = widget.nextInFocusChain()
            assert following is not None
            widget = following
            if widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isVisible():
                reached.add(widget)
        for field in fields:
            named = field.accessibleName() or (isinstance(field, QAbstractButton) and field.text())
            assert named, field
            assert field in reached, field
        mnemonics = [
            b.text()[b.text().index("&") + 1].lower()
            for b in fields
            if isinstance(b, QAbstractButton) and "&" in b.text()
        ]
        assert len(set(mnemonics)) == len(mnemonics), mnemonics


def test_drawing_follows_the_palette(shown: VoicesSetup, qtbot: QtBot, folder: Path) -> None:
    engine.voice_library.VoiceLibrary(folder).add(recorded("Anna"))
    shown.controller.refresh()
    until(qtbot, lambda: listed(shown) == ["Anna"])
    shown.dialog.render(AppState(engine=READY, voice="Anna"))
    page = shown.dialog.mine
    before = page.list.item(0).icon().pixmap(16, 16).toImage()
    palette = QApplication.palette()
    dark = QApplication.palette()
    dark.setColor(dark.ColorRole.WindowText, Qt.GlobalColor.red)
    try:
        QApplication.setPalette(dark)
        until(qtbot, lambda: page.list.item(0).icon().pixmap(16, 16).toImage() != before)
    finally:
        QApplication.setPalette(palette)
