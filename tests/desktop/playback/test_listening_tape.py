"""The tape and the feed: every sample once and in order, places that are true, memory that does not grow."""

from __future__ import annotations

from array import array
from collections.abc import Iterator

import numpy as np
import pytest

import engine
import engine.audio
from desktop.playback.pcm_buffer import PcmBuffer
from desktop.playback.sound_feed import SoundFeed
from desktop.playback.tape import FULL_SCALE, Place, Tape
from engine.audio.tempo import TempoChanger

RATE_HZ = engine.SAMPLE_RATE_HZ


def segment(index: int) -> engine.Segment:
    return engine.Segment(index, "", 0, 0, "en", engine.SourceMap(array("l"), array("l")))


def pcm(samples: np.ndarray, index: int, *words: engine.Word) -> engine.PcmChunk:
    return engine.PcmChunk(samples, RATE_HZ, index, words)


def done(index: int) -> engine.SegmentDone:
    return engine.SegmentDone(segment(index), 0, engine.SegmentTiming(0, 0, 0))


def count(start: int, stop: int) -> np.ndarray:
    """Samples of which each is another, and which int16 holds without rounding."""
    return (np.arange(start, stop) / FULL_SCALE).astype(np.float32)


def numbers(samples: np.ndarray) -> list[int]:
    return np.rint(samples * FULL_SCALE).astype(int).tolist()


def tape_of(*lengths: int, first_index: int = 0) -> Tape:
    """Segments of these lengths, whose samples count on from one to the next."""
    tape, start = Tape(), 0
    for index, length in enumerate(lengths, first_index):
        tape.add(engine.SegmentStarted(segment(index)))
        tape.add(pcm(count(start, start + length), index))
        tape.add(done(index))
        start += length
    return tape


def read_all(tape: Tape, place: Place, step: int) -> Iterator[int]:
    while tape.has_sound_at(place):
        at, samples = tape.read(place, step)
        yield from numbers(samples)
        place = Place(at.segment, at.sample + samples.size)


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_all_segments_are_read_on_end_to_end(step: int) -> None:
    tape = tape_of(10, 0, 25, 1, first_index=3)
    assert list(read_all(tape, Place(0, 0), step)) == list(range(36))
    assert list(read_all(tape, Place(5, 20), step)) == list(range(30, 36))


def test_the_end_of_a_segment_is_the_beginning_of_the_next_once_it_is_there() -> None:
    tape = tape_of(10)
    end = Place(0, 10)
    assert tape.settle(end) == end
    assert not tape.has_sound_at(end)
    assert not tape.is_end(end)
    tape.add(engine.SegmentStarted(segment(1)))
    assert tape.settle(end) == Place(1, 0)
    assert not tape.has_sound_at(end)
    tape.add(pcm(count(0, 5), 1))
    assert tape.has_sound_at(end)
    tape.end()
    assert not tape.is_end(end)
    assert tape.is_end(Place(1, 5))


def test_a_segment_that_is_still_made_is_not_left_at_its_end() -> None:
    tape = Tape()
    tape.add(engine.SegmentStarted(segment(0)))
    tape.add(pcm(count(0, 10), 0))
    assert tape.settle(Place(0, 10)) == Place(0, 10)
    tape.add(pcm(count(10, 12), 0))
    assert numbers(tape.read(Place(0, 10), 100)[1]) == [10, 11]


def test_a_restarted_segment_is_void_with_its_words_and_its_length() -> None:
    tape = tape_of(RATE_HZ)
    tape.add(engine.SegmentStarted(segment(1)))
    tape.add(pcm(count(0, 4410), 1, engine.Word(5, 9, 10)))
    assert tape.generated_s == pytest.approx(1.1)
    tape.add(engine.SegmentRestarted(1, engine.SegmentProblem.STUCK, 2))
    assert tape.generated_s == 1
    assert tape.word_at(Place(1, 10)) is None
    tape.add(pcm(count(100, 110), 1))
    assert numbers(tape.read(Place(1, 0), 100)[1]) == list(range(100, 110))


def test_a_segment_that_starts_again_voids_what_came_after_it() -> None:
    tape = tape_of(10, 10, 10)
    tape.add(engine.SegmentStarted(segment(1)))
    tape.add(pcm(count(0, 3), 1))
    assert not tape.holds(2)
    assert list(read_all(tape, Place(0, 0), 100)) == [*range(10), 0, 1, 2]


def test_words_and_seconds_are_those_of_the_place() -> None:
    tape = tape_of(RATE_HZ)
    tape.add(engine.SegmentStarted(segment(1)))
    words = (engine.Word(10, 12, 100), engine.Word(13, 19, 200))
    tape.add(pcm(count(0, 1000), 1, *words))
    assert [tape.word_at(Place(1, sample)) for sample in (99, 100, 199, 200, 999)] == [
        None, words[0], words[0], words[1], words[1],
    ]  # fmt: skip
    assert tape.seconds_at(Place(1, 441)) == pytest.approx(1.01)
    assert tape.seconds_at(Place(0, 441)) == pytest.approx(0.01)
    better = (engine.Word(10, 12, 150, 0.8),)
    tape.add(engine.WordsPlaced(1, better))
    assert [tape.word_at(Place(1, sample)) for sample in (149, 150, 999)] == [None, better[0], better[0]]
    tape.add(engine.SegmentRestarted(1, engine.SegmentProblem.STUCK, 2))
    assert tape.word_at(Place(1, 999)) is None


def test_what_is_too_loud_is_limited_and_not_wrapped_around() -> None:
    tape = Tape()
    tape.add(engine.SegmentStarted(segment(0)))
    tape.add(pcm(np.array([1.5, -1.5, 1, -1], np.float32), 0))
    assert tape.read(Place(0, 0), 4)[1].tolist() == [1, -1, 1, -1]


def test_a_long_reading_keeps_no_more_than_it_was_told() -> None:
    tape, silence = Tape(), np.zeros(RATE_HZ, np.float32)
    for index in range(5000):
        tape.add(engine.SegmentStarted(segment(index)))
        tape.add(pcm(silence, index, engine.Word(0, 1, 0)))
        tape.add(done(index))
        tape.drop_before(Place(index, 0), 10)
    held = [index for index in range(5000) if tape.holds(index)]
    assert held == list(range(4989, 5000))
    assert sum(take.pcm.nbytes for take in tape._takes if take.pcm is not None) == 11 * 2 * RATE_HZ
    assert tape.seconds_at(Place(4000, 0)) == 4000


def run_of(tape: Tape, feed: SoundFeed) -> np.ndarray:
    """All that a feed makes, to its end."""
    pieces = []
    while tape.has_sound_at(feed.next_place):
        pieces.append(feed.read(tape))
    return np.concatenate([*pieces, feed.finish()])


def test_a_feed_changes_nothing_but_its_edges() -> None:
    tape = tape_of(5000, 3, 7000, 100)
    feed = SoundFeed(Place(0, 0), 50, RATE_HZ, 1.0, 1.0)
    made = run_of(tape, feed)
    assert numbers(made[221:-221]) == list(range(221, 12_103 - 221))
    assert made.size == 12_103
    assert abs(made[0]) < 1e-3
    assert abs(made[-1]) < 1e-3
    places = [Place(0, 0), Place(0, 4999), Place(1, 0), Place(1, 2), Place(2, 0), Place(3, 99), Place(3, 100)]
    assert [feed.place_at(50 + n) for n in (0, 4999, 5000, 5002, 5003, 12_102, 12_103)] == places
    assert feed.place_at(0) == Place(0, 0)


@pytest.mark.parametrize("rate_hz", [22_050, 48_000])
@pytest.mark.parametrize("speed", [0.5, 1.0, 1.7, 3.0])
def test_a_feed_is_as_long_as_speed_and_rate_say(rate_hz: int, speed: float) -> None:
    tape = tape_of(10_000, 20_000)
    feed = SoundFeed(Place(0, 5000), 0, rate_hz, speed, 1.0)
    made = run_of(tape, feed)
    assert made.size == pytest.approx(25_000 / speed * rate_hz / RATE_HZ, abs=40)
    assert feed.place_at(made.size) == Place(1, 20_000)


@pytest.mark.parametrize("speed", [0.5, 0.8, 1.25, 1.5, 2.0, 3.0])
def test_a_sound_comes_out_where_the_feed_says(speed: float) -> None:
    source = np.zeros(4 * RATE_HZ, np.float32)
    starts = range(RATE_HZ // 2, source.size - RATE_HZ // 4, RATE_HZ // 4)
    for start in starts:
        source[start : start + 1000] = np.sin(2 * np.pi * 1000 / RATE_HZ * np.arange(1000))
    tape = Tape()
    tape.add(engine.SegmentStarted(segment(0)))
    tape.add(pcm(source, 0))
    feed = SoundFeed(Place(0, 0), 0, RATE_HZ, speed, 1.0)
    made = run_of(tape, feed)
    loud = np.flatnonzero(np.abs(made) > 0.3)
    onsets = loud[np.insert(np.diff(loud) > RATE_HZ / 4 / speed / 2, 0, True)]
    assert len(onsets) == len(starts)
    errors_s = [
        (feed.place_at(int(onset)).sample - start) / RATE_HZ for onset, start in zip(onsets, starts, strict=True)
    ]
    assert max(map(abs, errors_s)) < 0.03


@pytest.mark.parametrize("n_samples", [0, 1, 100, 600, 5000])
@pytest.mark.parametrize("speed", [0.5, 1.3, 2.9])
def test_however_little_goes_in_it_all_comes_out(n_samples: int, speed: float) -> None:
    changer = TempoChanger(speed, RATE_HZ)
    pieces = [changer.push(count(n, n + 1)) for n in range(n_samples)]
    assert sum(piece.size for piece in pieces) + changer.flush().size == round(n_samples / speed)


def test_the_ring_replaces_what_was_not_heard() -> None:
    ring, block = PcmBuffer(10), np.zeros(3, np.float32)
    ring.write(np.ones(9, np.float32), 0)
    ring.read_into(block)
    assert ring.replace(5, np.full(4, 10, np.float32), 2) == 5
    assert ring.written_samples == 9
    rest = np.zeros(6, np.float32)
    ring.read_into(rest)
    np.testing.assert_allclose(rest, [1, 1, *(10 + engine.audio.fade_in(2)[::-1]), 10, 10])


def test_the_ring_replaces_from_where_it_is_heard_when_that_is_later() -> None:
    ring, block = PcmBuffer(10), np.zeros(7, np.float32)
    ring.write(np.ones(10, np.float32), 0)
    ring.read_into(block)
    assert ring.replace(5, np.zeros(0, np.float32), 2) == 7
    ring.read_into(block)
    np.testing.assert_allclose(block, [*engine.audio.fade_in(2)[::-1], 0, 0, 0, 0, 0])
    assert ring.replace(0, np.full(8, 3, np.float32), 2) == 9
    assert ring.written_samples == 17


def test_two_fades_make_one() -> None:
    np.testing.assert_allclose(engine.audio.fade_in(100) + engine.audio.fade_in(100)[::-1], 1, rtol=1e-6)
