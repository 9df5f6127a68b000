"""The work behind the narration window: queue, requests, and what stays after a restart."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from narrators import BatchingToneEngine, ToneEngine
from pytestqt.qtbot import QtBot

import engine
import engine.audio
from desktop.common.messages import Message
from desktop.narration.job_runner import NarrationJobRunner
from desktop.narration.narrator import Narrator
from desktop.narration.values import JobPhase, JobView, Speaker
from desktop.platform.sleep_inhibitor import NullInhibitor
from engine import CancelToken, SpeechEvent, SpeechRequest
from engine.registry import engine_of_voice

TEXT = "Chapter 1\n\nThe first sentence is here. A second one follows.\n\nChapter 2\n\nThen it goes on. And it ends."


class CountingInhibitor(NullInhibitor):
    def __init__(self) -> None:
        super().__init__("")
        self.n_holds = self.n_held = 0

    def hold(self) -> None:
        self.n_holds += 1
        self.n_held = 1

    def release(self) -> None:
        self.n_held = 0


@dataclass
class Room:
    """A runner and what it told."""

    folder: Path
    engine: engine.SpeechEngine
    inhibitor: CountingInhibitor = field(default_factory=CountingInhibitor)
    jobs: tuple[JobView, ...] = ()
    told: list[tuple[JobView, ...]] = field(default_factory=list)
    finished: list[JobView] = field(default_factory=list)
    warned: list[Message] = field(default_factory=list)
    on_tell: Callable[[], object] = lambda: None

    def __post_init__(self) -> None:
        self.runner = NarrationJobRunner(
            self.folder, self.engine, self.inhibitor, self._tell, self.finished.append, self.warned.append
        )
        # Any folder: its digest names the engine.
        self.runner.set_speaker(Speaker("s1", Path(__file__).parent, Path()))
        self.runner.restore()

    def _tell(self, jobs: tuple[JobView, ...]) -> None:
        self.jobs = jobs
        self.told.append(jobs)
        self.on_tell()

    def work(self) -> None:
        while self.runner.has_work:
            self.runner.step(CancelToken())


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "book.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Room]:
    folder = tmp_path / "queue"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        made = Room(folder, ToneEngine())
        yield made
        made.runner.close()


def test_a_book_is_read_narrated_and_written(room: Room, book: Path) -> None:
    room.runner.add([book])
    (job,) = room.jobs
    assert (job.title, job.phase, job.target) == ("book", JobPhase.READY, book.with_suffix(".m4b"))
    assert [(row.title, row.n_sentences, row.n_spoken) for row in job.chapters] == [
        ("Chapter 1", 3, 0),
        ("Chapter 2", 3, 0),
    ]
    assert not room.runner.has_work
    room.runner.narrate(job.name)
    room.work()
    (job,) = room.jobs
    assert job.phase is JobPhase.DONE
    assert job.fraction == 1.0
    assert [row.n_spoken for row in job.chapters] == [3, 3]
    assert book.with_suffix(".m4b").stat().st_size > 10_000
    assert [finished.name for finished in room.finished] == [job.name]
    assert {view.phase for views in room.told for view in views} >= {
        JobPhase.READING,
        JobPhase.NARRATING,
        JobPhase.WRITING,
    }
    assert room.inhibitor.n_holds > 0 == room.inhibitor.n_held


def test_while_the_audiobook_is_written_every_chapter_is_counted(room: Room, book: Path) -> None:
    room.runner.add([book])
    room.runner.narrate(room.jobs[0].name)
    room.work()
    writing = [view for views in room.told for view in views if view.phase is JobPhase.WRITING]
    assert writing
    assert {tuple(row.n_spoken for row in view.chapters) for view in writing} == {(3, 3)}


def test_a_finished_book_says_where_it_is_after_a_restart_too(room: Room, book: Path) -> None:
    room.runner.add([book])
    room.runner.narrate(room.jobs[0].name)
    room.work()
    before = room.jobs[0]
    room.runner.close()
    again = Room(room.folder, ToneEngine())
    after = again.jobs[0]
    for job in (before, after):
        assert (job.phase, job.written, job.fraction) == (JobPhase.DONE, book.with_suffix(".m4b"), 1.0)
        assert job.progress == "The audiobook is written"
    again.runner.close()
    book.with_suffix(".m4b").unlink()
    lost = Room(room.folder, ToneEngine())
    assert lost.jobs[0].written is None
    lost.runner.close()


class OnlyS1Batches(BatchingToneEngine):
    """As the shared engine while S1 Mini is loaded: its batches know no built-in voice."""

    def speak_batch(self, requests: Sequence[SpeechRequest], cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        assert not any(engine_of_voice(request.voice.name) for request in requests)
        return super().speak_batch(requests, cancel)


def test_a_built_in_voice_narrates_while_s1_is_there(tmp_path: Path, book: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        room = Room(tmp_path, OnlyS1Batches())
        room.runner.add([book])
        (job,) = room.jobs
        room.runner.set_settings(job.name, replace(job.settings, voice="built-in/f2"), job.target)
        room.runner.narrate(job.name)
        room.work()
        assert (room.jobs[0].phase, room.jobs[0].problem) == (JobPhase.DONE, None)
        room.runner.close()


def test_a_request_interrupts_and_the_work_goes_on_after_it(room: Room, book: Path) -> None:
    room.runner.add([book])
    name = room.jobs[0].name
    room.runner.narrate(name)
    cancel = CancelToken()
    room.on_tell = lambda: cancel.cancel() if room.jobs[0].phase is JobPhase.NARRATING else None
    room.runner.step(cancel)
    assert room.jobs[0].phase is JobPhase.WAITING
    room.on_tell = lambda: None
    room.runner.pause(name)
    assert room.jobs[0].phase is JobPhase.PAUSED
    assert not room.runner.has_work
    room.runner.narrate(name)
    room.work()
    assert room.jobs[0].phase is JobPhase.DONE


def test_the_queue_comes_back_after_a_restart(room: Room, book: Path, tmp_path: Path) -> None:
    second = tmp_path / "second.txt"
    second.write_text("A second book. It is short.", encoding="utf-8")
    room.runner.add([book, second])
    first, other = room.jobs
    room.runner.narrate(first.name)
    room.work()
    room.runner.narrate(other.name)
    room.runner.close()
    room.runner.close()
    again = Room(room.folder, ToneEngine())
    assert [(job.title, job.phase) for job in again.jobs] == [("book", JobPhase.DONE), ("second", JobPhase.WAITING)]
    assert [row.n_spoken for row in again.jobs[0].chapters] == [3, 3]
    again.work()
    assert again.jobs[1].phase is JobPhase.DONE
    again.runner.move(again.jobs[1].name, -1)
    assert [job.title for job in again.jobs] == ["second", "book"]
    again.runner.remove(again.jobs[0].name)
    again.runner.close()
    third = Room(room.folder, ToneEngine())
    assert [job.title for job in third.jobs] == ["book"]
    third.runner.close()


def test_a_damaged_queue_is_set_aside_and_told(room: Room, book: Path) -> None:
    room.runner.add([book])
    room.runner.close()
    path = room.folder / "queue.json"
    whole = path.read_bytes()
    good = json.loads(whole)["books"][0]
    for damaged, n_kept in (
        (b"[1, 2", 0),
        (b"[]", 0),
        (b'{"books": 7}', 0),
        (b"[" * 100_000, 0),
        (whole[: len(whole) // 2], 0),
        (json.dumps({"books": [{**good, "phase": "dreaming"}, good, 7]}).encode(), 1),
    ):
        path.write_bytes(damaged)
        again = Room(room.folder, ToneEngine())
        assert len(again.jobs) == n_kept
        (message,) = again.warned
        (aside,) = room.folder.glob("queue.broken-*.json")
        assert aside.read_bytes() == damaged
        assert aside.name in message.remedy
        assert str(path) in message.sentence
        aside.unlink()
        again.runner.close()
    path.write_bytes(whole)
    last = Room(room.folder, ToneEngine())
    assert [job.title for job in last.jobs] == ["book"]
    assert last.warned == []
    last.runner.close()


def test_damaged_sounds_are_spoken_again_by_the_run_that_finds_them(room: Room, book: Path) -> None:
    room.runner.add([book])
    name = room.jobs[0].name
    room.runner.narrate(name)
    room.work()
    whole = book.with_suffix(".m4b").read_bytes()
    for victim in list((Path(name) / "audio").rglob("*.wav"))[:2]:
        data = bytearray(victim.read_bytes())
        data[500] ^= 255
        victim.write_bytes(data)
    room.runner.narrate(name)
    room.work()
    assert room.jobs[0].phase is JobPhase.DONE
    assert book.with_suffix(".m4b").read_bytes() == whole


def test_a_sentence_edited_in_a_book_that_is_done_is_all_that_is_spoken(room: Room, book: Path) -> None:
    room.runner.add([book])
    name = room.jobs[0].name
    room.runner.narrate(name)
    room.work()
    tones = room.engine
    assert isinstance(tones, ToneEngine)
    tones.requests.clear()
    room.runner.edit(name, 0, 1, "Other words stand here.")
    room.runner.redo(name, 1, 1)
    assert room.jobs[0].phase is JobPhase.READY
    room.runner.narrate(name)
    room.work()
    texts = [request.text for request in tones.requests if request.text != "Yes."]
    assert texts == ["Other words stand here.", "Then it goes on."]
    assert room.jobs[0].phase is JobPhase.DONE


def test_a_preview_speaks_the_beginning_and_keeps_it(room: Room, tmp_path: Path) -> None:
    book = tmp_path / "long.txt"
    sentences = (f"Sentence number {'x' * (i % 17)}{i} goes on for quite some time before it ends." for i in range(60))
    book.write_text(" ".join(sentences), encoding="utf-8")
    room.runner.add([book])
    name = room.jobs[0].name
    room.runner.preview(name)
    room.work()
    (job,) = room.jobs
    assert job.phase is JobPhase.READY
    n_spoken = job.chapters[0].n_spoken
    assert 5 < n_spoken < 40
    playlist = room.runner.playlist(name)
    assert playlist is not None
    entries = [playlist.entry(place) for place in range(61)]
    assert entries[60] is None
    assert sum(entry is not None and entry.path is not None for entry in entries) == n_spoken
    for entry in entries[:n_spoken]:
        assert entry is not None
        assert entry.path is not None
        assert engine.audio.read_audio(entry.path).size > 10_000


def test_chapters_and_settings_are_kept_in_the_project(room: Room, book: Path) -> None:
    room.runner.add([book])
    (job,) = room.jobs
    rows = (job.chapters[1], replace(job.chapters[0], is_included=False, title="Out"))
    room.runner.set_chapters(job.name, rows)
    target = book.with_name("other.opus")
    room.runner.set_settings(job.name, replace(job.settings, format="opus", loudness_lufs=None), target)
    assert [(row.title, row.is_included) for row in room.jobs[0].chapters] == [("Chapter 2", True), ("Out", False)]
    room.runner.narrate(job.name)
    room.work()
    assert target.exists()
    assert [row.n_spoken for row in room.jobs[0].chapters] == [3, 0]


def test_what_goes_wrong_stands_at_its_book_and_the_others_go_on(room: Room, book: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"")
    room.runner.add([bad, book])
    assert room.jobs[0].phase is JobPhase.FAILED
    assert room.jobs[0].problem is not None
    room.runner.set_settings(room.jobs[1].name, room.jobs[1].settings, tmp_path / "nowhere" / "book.m4b")
    room.runner.narrate(room.jobs[1].name)
    room.work()
    assert room.jobs[1].phase is JobPhase.FAILED
    assert room.jobs[1].problem is not None
    assert "does not exist" in room.jobs[1].problem.sentence
    room.runner.set_settings(room.jobs[1].name, room.jobs[1].settings, tmp_path / "book.m4b")
    room.runner.narrate(room.jobs[1].name)
    room.work()
    assert room.jobs[1].phase is JobPhase.DONE


def test_a_chapters_text_is_told_to_be_divided(room: Room, book: Path) -> None:
    room.runner.add([book])
    (job,) = room.jobs
    room.runner.narrate(job.name)
    room.work()
    (job,) = room.jobs
    room.runner.edit(job.name, 1, 1, "It went on.")
    text = room.runner.read_chapter(job.name, job.chapters[1].pieces)
    assert (text.job, text.pieces) == (job.name, job.chapters[1].pieces)
    assert [(s.text, s.begins_paragraph, s.is_alone, s.is_spoken) for s in text.sentences] == [
        ("Chapter 2", True, True, True),
        ("It went on.", True, False, False),
        ("And it ends.", False, False, True),
    ]
    assert room.runner.read_chapter("nobody", job.chapters[1].pieces).sentences == ()
    (job.name / Path("book.json")).write_text("{")
    room.runner.remove(job.name)
    room.runner.add([Path(job.name)])
    assert room.runner.read_chapter(job.name, job.chapters[1].pieces).sentences == ()
    assert room.jobs[0].phase is JobPhase.FAILED


class GatedEngine(ToneEngine):
    """Waits before each sentence until it is let go on, or cancelled."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.asked = threading.Event()

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        self.asked.set()
        while not self.gate.wait(0.01):
            if cancel.cancelled:
                return
        yield from super().speak(request, cancel)


def test_the_narrator_hears_requests_while_a_sentence_is_spoken(qtbot: QtBot, book: Path, tmp_path: Path) -> None:
    folder = tmp_path / "queue"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
        gated = GatedEngine()
        narrator = Narrator(folder, gated, CountingInhibitor())
        jobs: list[tuple[JobView, ...]] = [()]
        narrator.jobs_changed.connect(jobs.append)
        narrator.start(Speaker())
        narrator.request(NarrationJobRunner.add, [book])
        qtbot.waitUntil(lambda: bool(jobs[-1]) and jobs[-1][0].phase is JobPhase.READY)
        name = jobs[-1][0].name
        narrator.request(NarrationJobRunner.narrate, name)
        qtbot.waitUntil(gated.asked.is_set)
        narrator.request(NarrationJobRunner.pause, name)
        qtbot.waitUntil(lambda: jobs[-1][0].phase is JobPhase.PAUSED)
        gated.gate.set()
        with qtbot.waitSignal(narrator.book_finished):
            narrator.request(NarrationJobRunner.narrate, name)
        narrator.close()
        assert book.with_suffix(".m4b").exists()


def test_a_word_of_the_dictionary_has_only_that_spoken_anew_which_it_touches(room: Room, book: Path) -> None:
    room.runner.add([book])
    name = room.jobs[0].name
    room.runner.set_pronunciations(())
    room.runner.narrate(name)
    room.work()
    tones = room.engine
    assert isinstance(tones, ToneEngine)
    tones.requests.clear()
    entry = engine.Pronunciation("follows", "comes after")
    room.runner.set_pronunciations((entry,))
    assert room.jobs[0].phase is JobPhase.DONE  # what is done stays as it is, until it is requested again
    room.runner.narrate(name)
    room.work()
    asked = [request for request in tones.requests if request.text != "Yes."]
    assert [request.text for request in asked] == ["A second one follows."]
    assert asked[0].options.pronunciations == (entry,)
