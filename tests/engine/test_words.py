"""Words that are gathered from an engine's events, whichever way it says them."""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable

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
    Word,
    WordsPlaced,
)
from engine.words import TimedWord, TimedWords, words_json


def segment(index: int) -> Segment:
    return Segment(index, "", 0, 0, "en", SourceMap(array("I"), array("I")))


def chunk(index: int, n_loud: int, n_quiet: int = 0, words: Iterable[Word] = ()) -> PcmChunk:
    samples = np.concatenate([np.full(n_loud, 0.5, np.float32), np.zeros(n_quiet, np.float32)])
    return PcmChunk(samples, 44_100, index, tuple(words))


def done(index: int) -> SegmentDone:
    return SegmentDone(segment(index), 0, SegmentTiming(0, 0, 0))


def given(events: Iterable[SpeechEvent], *, keeps_voided: bool = False) -> list[tuple[int, int, int, int]]:
    """(text start, text end, from sample, to sample) of each word."""
    heard = TimedWords(keeps_voided=keeps_voided)
    return [(w.start, w.end, w.from_sample, w.to_sample) for event in events for w in heard.take(event)]


FIRST = [SegmentStarted(segment(0)), chunk(0, 100, words=[Word(0, 3, 10)]), chunk(0, 100, 50, [Word(4, 7, 120)])]


def test_a_word_ends_where_the_next_begins_and_the_last_where_speech_does() -> None:
    events = [*FIRST, done(0), SegmentStarted(segment(1)), chunk(1, 30, 5, [Word(8, 9, 1)]), done(1)]
    assert given(events) == [(0, 3, 10, 120), (4, 7, 120, 200), (8, 9, 251, 280)]


def test_words_that_are_placed_anew_replace_those_before() -> None:
    placed = [WordsPlaced(0, (Word(0, 3, 5, 0.5),)), WordsPlaced(0, (Word(0, 3, 7, 0.9), Word(4, 7, 90, 0.9)))]
    assert given([*FIRST, *placed, done(0)]) == [(0, 3, 7, 90), (4, 7, 90, 200)]
    heard = TimedWords()
    for event in (*FIRST, placed[0]):
        assert heard.take(event) == ()
    assert [word.from_sample for word in heard.so_far()] == [5]


def test_a_segment_that_begins_anew_forgets_and_its_sound_counts_only_where_it_was_sent() -> None:
    again = [SegmentRestarted(0, SegmentProblem.STUCK, 1), chunk(0, 60, words=[Word(0, 3, 20)]), done(0)]
    assert given([*FIRST, *again]) == [(0, 3, 20, 60)]
    assert given([*FIRST, *again], keeps_voided=True) == [(0, 3, 270, 310)]
    assert given([*FIRST, SegmentStarted(segment(0)), *again[1:]]) == [(0, 3, 20, 60)]


def test_what_makes_no_sense_is_left_out() -> None:
    words = [Word(0, 3, 10), Word(2, 5, 20), Word(6, 6, 30), Word(7, 9, 400), Word(6, 8, 40), Word(0, 9, -4)]
    assert given([SegmentStarted(segment(0)), chunk(0, 100, words=words), done(0)]) == [(0, 3, 10, 40), (6, 8, 40, 100)]
    silent = [SegmentStarted(segment(0)), chunk(0, 0, 50, [Word(0, 3, 10)]), done(0)]
    assert given(silent) == [(0, 3, 10, 10)]


def test_the_file_holds_the_text_as_it_is_written() -> None:
    text = 'He said "𝄞 naïve".'
    words = [TimedWord(0, 2, 441, 882, 0), TimedWord(11, 16, 882, 44_100, 0, 0.25)]
    values = json.loads(words_json(text, words, 88_200, "a.wav"))
    assert values["text"] == text
    assert values["duration"] == 2.0
    assert [(word["text"], word["start"], word["end"]) for word in values["words"]] == [
        ("He", 0.01, 0.02),
        ("naïve", 0.02, 1.0),
    ]
    assert values["words"][1]["confidence"] == 0.25
    assert json.loads(words_json("", [], 0))["words"] == []
    assert json.loads(words_json("", [], 0, "a\udcff.wav"))["sound"] == "a\udcff.wav"
