"""Sound files: whole or not there, and whoever waits for one hears of its end once."""

from __future__ import annotations

import queue
import threading
from array import array
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from waiting import LIMIT_S

import engine
import engine.audio
from desktop.speech.sound_file import SoundFile


class Desk:
    """Files in `folder`, and what they said in the end."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.said: queue.SimpleQueue[tuple[SoundFile, engine.EngineError | None]] = queue.SimpleQueue()
        self._files: list[SoundFile] = []

    def open(self, name: str) -> SoundFile:
        self._files.append(SoundFile(self.folder / name, lambda file, error: self.said.put((file, error))))
        return self._files[-1]

    def names(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    def end(self) -> None:
        for file in self._files:
            file.cancel()
            file.join(LIMIT_S)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path)
    yield desk
    desk.end()
    assert not [thread for thread in threading.enumerate() if thread.name == "sound file"]


def chunk(index: int, value: float, n_samples: int = 4410) -> engine.PcmChunk:
    return engine.PcmChunk(np.full(n_samples, value, np.float32), engine.SAMPLE_RATE_HZ, index)


def done(index: int) -> engine.SegmentDone:
    segment = engine.Segment(index, "", 0, 0, "en", engine.SourceMap(array("l"), array("l")))
    return engine.SegmentDone(segment, 0, engine.SegmentTiming(0, 0, 0))


def test_a_file_has_every_segment_in_order(desk: Desk) -> None:
    file = desk.open("whole.wav")
    for event in (chunk(0, 0.1), chunk(0, 0.2), done(0), chunk(1, 0.3), done(1)):
        file.add(event)
    file.end()
    assert desk.said.get(timeout=LIMIT_S) == (file, None)
    expected = np.repeat([0.1, 0.2, 0.3], 4410)
    np.testing.assert_allclose(engine.audio.read_audio(file.path), expected, atol=1e-4)
    assert desk.names() == ["whole.wav"]


def test_a_segment_that_began_again_is_in_it_once(desk: Desk) -> None:
    file = desk.open("again.wav")
    restart = engine.SegmentRestarted(0, engine.SegmentProblem.INTERRUPTED, 2)
    for event in (chunk(0, 0.5), chunk(0, 0.5), restart, chunk(0, 0.25), done(0)):
        file.add(event)
    file.end()
    assert desk.said.get(timeout=LIMIT_S) == (file, None)
    np.testing.assert_allclose(engine.audio.read_audio(file.path), np.full(4410, 0.25), atol=1e-4)


def test_cancelling_leaves_nothing_and_says_nothing(desk: Desk) -> None:
    file = desk.open("never.mp3")
    file.add(chunk(0, 0.1))
    file.add(done(0))
    file.cancel()
    file.join(LIMIT_S)
    assert desk.names() == []
    assert desk.said.empty()


def test_a_file_that_was_there_survives_cancelling(desk: Desk) -> None:
    (desk.folder / "old.wav").write_bytes(b"old")
    file = desk.open("old.wav")
    file.cancel()
    file.join(LIMIT_S)
    assert (desk.folder / "old.wav").read_bytes() == b"old"
    assert desk.names() == ["old.wav"]


def test_what_all_came_is_written_though_it_is_cancelled_late(desk: Desk) -> None:
    file = desk.open("late.wav")
    file.add(chunk(0, 0.1))
    file.add(done(0))
    file.end()
    file.cancel()
    file.join(LIMIT_S)
    assert desk.names() == ["late.wav"]


@pytest.mark.parametrize(("name", "problem"), [("missing/x.wav", "folder_missing"), ("x.doc", "format")])
def test_what_cannot_be_written_is_told_once(desk: Desk, name: str, problem: str) -> None:
    file = desk.open(name)
    for event in (chunk(0, 0.1), done(0), chunk(1, 0.1), done(1)):
        file.add(event)
    file.end()
    file.join(LIMIT_S)
    told, error = desk.said.get(timeout=LIMIT_S)
    assert told is file
    assert isinstance(error, engine.OutputError)
    assert error.problem == problem
    assert desk.said.empty()
    assert desk.names() == []


def test_a_failure_that_nobody_foresaw_is_told_too(desk: Desk) -> None:
    file = desk.open("odd.wav")
    file.add(engine.PcmChunk(np.full(9, "x"), engine.SAMPLE_RATE_HZ, 0))
    file.add(done(0))
    _, error = desk.said.get(timeout=LIMIT_S)
    assert isinstance(error, engine.OutputError)
    file.join(LIMIT_S)
    assert desk.names() == []


def test_it_knows_how_much_it_was_given_and_how_much_waits(desk: Desk) -> None:
    file = desk.open("long.wav")
    for index in range(20):
        file.add(chunk(index, 0.1, engine.SAMPLE_RATE_HZ))
        file.add(done(index))
        assert file.given_s == index + 1
        assert 0 <= file.backlog_s <= index + 1
    file.end()
    desk.said.get(timeout=LIMIT_S)
    assert file.backlog_s == 0
