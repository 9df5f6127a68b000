"""Sound that counts only when its segment is done."""

from __future__ import annotations

from array import array

import numpy as np

from engine.types import (
    PcmChunk,
    Segment,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SegmentTiming,
    SourceMap,
    SpeechEvent,
    WholeSegments,
)


def segment(index: int) -> Segment:
    return Segment(index, "", 0, 0, "en", SourceMap(array("I"), array("I")))


def started(index: int) -> SegmentStarted:
    return SegmentStarted(segment(index))


def chunk(index: int, value: float) -> PcmChunk:
    return PcmChunk(np.full(2, value, np.float32), 44_100, index)


def restarted(index: int) -> SegmentRestarted:
    return SegmentRestarted(index, SegmentProblem.INTERRUPTED, 1)


def done(index: int) -> SegmentDone:
    return SegmentDone(segment(index), 0, SegmentTiming(0, 0, 0))


def given(*events: SpeechEvent) -> list[list[float]]:
    """What comes with each event, a chunk as its first sample."""
    segments = WholeSegments()
    return [[float(samples[0]) for samples in segments.take(event)] for event in events]


def test_a_segments_chunks_come_in_order_when_it_is_done_and_once() -> None:
    events = [started(0), chunk(0, 1), chunk(0, 2), done(0), started(1), chunk(1, 3), done(1)]
    assert given(*events) == [[], [], [], [1, 2], [], [], [3]]


def test_what_came_before_a_segment_began_anew_is_forgotten() -> None:
    assert given(started(0), chunk(0, 1), restarted(0), chunk(0, 2), done(0))[-1] == [2]
    assert given(started(0), chunk(0, 1), started(0), chunk(0, 2), done(0))[-1] == [2]


def test_of_a_segment_that_fails_nothing_comes_and_its_neighbours_are_whole() -> None:
    failed = [started(1), chunk(1, 2)]
    assert given(started(0), chunk(0, 1), done(0), *failed)[-2:] == [[], []]
    assert given(*failed, started(2), chunk(2, 3), done(2))[-1] == [3]


def test_a_segment_without_sound_ends_with_none() -> None:
    assert given(started(0), chunk(0, 1), restarted(0), done(0), started(1), done(1)) == [[]] * 6
