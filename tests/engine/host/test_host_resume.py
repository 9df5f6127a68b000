"""A reading that goes on from a later segment: everything is where it is in the whole text."""

from __future__ import annotations

from array import array

import numpy as np
import pytest

from engine.builtin import BuiltInVoice
from engine.host.resume import rest_from, shifted, speak_from
from engine.types import (
    CancelToken,
    LanguageSpan,
    PcmChunk,
    Phonemes,
    Segment,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SegmentTiming,
    SourceMap,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
    Word,
)

TEXT = "One fish, **two** fish. Red fish 🐟 blue fish!\n\n(whispering) This one has a little star. And that is all."
SEGMENT = Segment(
    2, "ab", 3, 6, "de", SourceMap(array("I", [3, 4]), array("I", [4, 6])), True, phonemes=(Phonemes(4, 6, "beː"),)
)


def tail(events: list[SpeechEvent], first_segment: int) -> list[SpeechEvent]:
    def index(event: SpeechEvent) -> int:
        return event.segment if isinstance(event.segment, int) else event.segment.index

    return [event for event in events if index(event) >= first_segment]


@pytest.mark.parametrize("clean", [True, False])
@pytest.mark.parametrize("first_segment", range(4))
def test_the_rest_is_the_rest_of_the_whole(first_segment: int, clean: bool) -> None:
    voice, request = BuiltInVoice(), SpeechRequest(TEXT, options=SpeechOptions(clean=clean))
    whole = tail(list(voice.speak(request, CancelToken())), first_segment)
    rest = list(speak_from(voice, request, first_segment, CancelToken()))
    assert [type(event) for event in rest] == [type(event) for event in whole]
    for expected, found in zip(whole, rest, strict=True):
        match expected, found:
            case SegmentStarted(), SegmentStarted():
                assert found.segment == expected.segment
                assert found.segment.source == expected.segment.source
            case PcmChunk(), PcmChunk():
                assert (found.segment, found.words) == (expected.segment, expected.words)
                assert np.array_equal(found.samples, expected.samples)
            case SegmentDone(), SegmentDone():
                assert (found.segment, found.n_samples) == (expected.segment, expected.n_samples)


def test_beyond_the_last_segment_there_is_nothing() -> None:
    assert list(speak_from(BuiltInVoice(), SpeechRequest(TEXT), 4, CancelToken())) == []


def test_the_rest_keeps_voice_and_options() -> None:
    spans = (LanguageSpan(0, 300, "en"), LanguageSpan(0, 3, "fr"), LanguageSpan(2, 9, "it"))
    request = SpeechRequest("x" * 300, Voice("built-in/f2"), SpeechOptions(seed=5), languages=spans)
    rest = rest_from(request, SEGMENT)
    assert (rest.text, rest.voice, rest.options) == ("x" * 297, request.voice, request.options)
    assert rest.languages == (LanguageSpan(0, 297, "en"), LanguageSpan(0, 6, "it"))


def test_what_a_file_declares_of_its_text_is_heeded() -> None:
    text, told = "Taxi Hotel Restaurant.", []
    for spans in ((), (LanguageSpan(0, len(text), "fr"),)):
        events = BuiltInVoice().speak(SpeechRequest(text, languages=spans), CancelToken())
        told += [event.segment.language for event in events if isinstance(event, SegmentStarted)]
    assert told[1:] == ["fr"]
    assert told[0] != "fr"


def test_a_short_rest_keeps_the_language_it_was_read_in() -> None:
    assert rest_from(SpeechRequest("abcdefgh"), SEGMENT).options.language == "de"
    chosen = SpeechRequest("abcdefgh", options=SpeechOptions(language="fr"))
    assert rest_from(chosen, SEGMENT).options.language == "fr"
    german = SpeechRequest("Das ist ein Satz, und er ist nicht kurz. Taxi Hotel Restaurant.")
    (started,) = (
        event for event in speak_from(BuiltInVoice(), german, 1, CancelToken()) if isinstance(event, SegmentStarted)
    )
    assert started.segment.language == "de"


def test_each_kind_of_event_is_shifted() -> None:
    source = SourceMap(array("I", [103, 104]), array("I", [104, 106]))
    later = Segment(7, "ab", 103, 106, "de", source, True, phonemes=(Phonemes(104, 106, "beː"),))
    timing = SegmentTiming(1.0, 2.0, 3.0)
    started = shifted(SegmentStarted(SEGMENT), 5, 100)
    assert started == SegmentStarted(later)
    assert isinstance(started, SegmentStarted)
    assert started.segment.source == later.source
    done = SegmentDone(SEGMENT, 9, timing, 2, 11, SegmentProblem.STUCK, Voice("x"))
    assert shifted(done, 5, 100) == SegmentDone(later, 9, timing, 2, 11, SegmentProblem.STUCK, Voice("x"))
    restarted = SegmentRestarted(2, SegmentProblem.SILENT, 3)
    assert shifted(restarted, 5, 100) == SegmentRestarted(7, SegmentProblem.SILENT, 3)
    samples = np.ones(3, np.float32)
    chunk = shifted(PcmChunk(samples, 44_100, 2, (Word(3, 5, 17),)), 5, 100)
    assert isinstance(chunk, PcmChunk)
    assert (chunk.segment, chunk.words, chunk.sample_rate) == (7, (Word(103, 105, 17),), 44_100)
    assert chunk.samples is samples
