"""Engines that do not know their words, listened to: what comes, in which order, and what stays as it was."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import engine
from engine.alignment import listened
from engine.opening import EngineSetup
from engine.registry import engine_named, open_engine
from engine.types import FRAME_SAMPLES

TEXT = "The old clock stopped at midnight. Nobody heard it."
LIVE = engine.SpeechOptions(live=True, language="en")


@dataclass
class Wordless:
    """espeak-ng in chunks of four frames, which tells no words. `restarts`: each segment's first attempt is void."""

    restarts: bool = False
    is_closed: bool = False
    n_closed: int = 0
    voice: engine.SpeechEngine = field(default_factory=lambda: open_engine("built-in"))

    def speak(self, request: engine.SpeechRequest, cancel: engine.CancelToken) -> Iterator[engine.SpeechEvent]:
        if request.voice.name == "nobody":
            raise engine.VoiceError("unknown", "nobody")
        return self._speak(engine.SpeechRequest(request.text, engine.Voice("built-in/f2"), request.options), cancel)

    def _speak(self, request: engine.SpeechRequest, cancel: engine.CancelToken) -> Iterator[engine.SpeechEvent]:
        try:
            for event in self.voice.speak(request, cancel):
                if isinstance(event, engine.PcmChunk):
                    for start in range(0, len(event.samples), 4 * FRAME_SAMPLES):
                        samples = event.samples[start : start + 4 * FRAME_SAMPLES]
                        yield engine.PcmChunk(samples, event.sample_rate, event.segment)
                else:
                    yield event
                if self.restarts and isinstance(event, engine.SegmentStarted):
                    yield engine.PcmChunk(np.ones(50_000, np.float32), engine.SAMPLE_RATE_HZ, event.segment.index)
                    yield engine.SegmentRestarted(event.segment.index, engine.SegmentProblem.STUCK, 2)
        finally:
            self.n_closed += 1

    def status(self) -> engine.EngineStatus:
        return engine.EngineStatus("Wordless", "CPU", "plain")

    def close(self) -> None:
        self.is_closed = True


class Batching(Wordless):
    max_batch = 4

    def speak_batch(
        self, requests: Sequence[engine.SpeechRequest], cancel: engine.CancelToken
    ) -> Iterator[tuple[int, engine.SpeechEvent]]:
        lines = [(i, list(self.speak(request, cancel))) for i, request in enumerate(requests)]
        while any(events for _, events in lines):
            yield from ((i, events.pop(0)) for i, events in lines if events)


def said(speaker: engine.SpeechEngine, text: str = TEXT, options: engine.SpeechOptions = LIVE) -> list[Any]:
    return list(speaker.speak(engine.SpeechRequest(text, options=options), engine.CancelToken()))


def kinds(events: list[Any]) -> str:
    names = {"SegmentStarted": "<", "PcmChunk": "p", "WordsPlaced": "w", "SegmentRestarted": "r", "SegmentDone": ">"}
    return "".join(names[type(event).__name__] for event in events)


def placed(events: list[Any]) -> list[engine.WordsPlaced]:
    return [event for event in events if isinstance(event, engine.WordsPlaced)]


def test_words_follow_each_chunk_and_come_a_last_time_before_the_end() -> None:
    events = said(listened(Wordless()))
    for segment in kinds(events).split(">")[:-1]:
        assert segment == "<" + "pw" * segment.count("p") + "w"
    final = [e for e, after in pairwise(events) if isinstance(after, engine.SegmentDone)]
    words = [TEXT[word.start : word.end] for event in placed(final) for word in event.words]
    assert words == ["The", "old", "clock", "stopped", "at", "midnight", "Nobody", "heard", "it"]
    assert [event.segment for event in placed(final)] == [0, 1]


def test_sound_and_all_else_pass_through_untouched() -> None:
    plain, heard = said(Wordless()), said(listened(Wordless()))
    kept = [event for event in heard if not isinstance(event, engine.WordsPlaced)]
    assert kinds(kept) == kinds(plain)
    for a, b in zip(kept, plain, strict=True):
        assert not isinstance(a, engine.PcmChunk) or np.array_equal(a.samples, b.samples)


def test_where_nobody_listens_words_come_once() -> None:
    events = said(listened(Wordless()), options=engine.SpeechOptions(language="en"))
    assert [segment.lstrip("<p") for segment in kinds(events).split(">")[:-1]] == ["w", "w"]


def test_a_segment_that_begins_anew_has_the_words_of_its_last_attempt() -> None:
    again, once = said(listened(Wordless(restarts=True))), said(listened(Wordless()))
    assert kinds(again).count("r") == 2
    last = [placed(events)[-1].words for events in (again, once)]
    assert [word.at_sample for word in last[0]] == [word.at_sample for word in last[1]]


def test_a_cancelled_run_looks_for_nothing_more_and_ends() -> None:
    cancel, inner = engine.CancelToken(), Wordless()
    events = []
    for event in listened(inner).speak(engine.SpeechRequest(TEXT, options=LIVE), cancel):
        events.append(event)
        if isinstance(event, engine.PcmChunk):
            cancel.cancel()
    assert kinds(events) == "<p"
    assert inner.n_closed == 1


def test_closing_the_events_closes_those_of_the_engine() -> None:
    inner = Wordless()
    events = listened(inner).speak(engine.SpeechRequest(TEXT, options=LIVE), engine.CancelToken())
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert inner.n_closed == 1


def test_errors_come_when_they_came() -> None:
    request = engine.SpeechRequest(TEXT, engine.Voice("nobody"))
    with pytest.raises(engine.VoiceError):
        listened(Wordless()).speak(request, engine.CancelToken())
    with pytest.raises(engine.TextError):
        said(listened(Wordless()), "!!! ...")


def test_what_an_engine_can_do_it_can_still_do() -> None:
    plain, batching = listened(Wordless()), listened(Batching())
    assert engine.as_batching(plain) is None
    assert engine.codec_of(plain) is None
    able = engine.as_batching(batching)
    assert able is not None
    assert able.max_batch == 4
    plain.close()
    assert plain.is_closed  # type: ignore[attr-defined]
    assert plain.status().name == "Wordless"


def test_in_a_batch_each_request_has_its_words_in_its_own_order() -> None:
    texts = ["One cup of tea.", TEXT, "(whispering) In 1984!"]
    requests = [engine.SpeechRequest(text, options=engine.SpeechOptions(language="en")) for text in texts]
    able = engine.as_batching(listened(Batching()))
    assert able is not None
    events = list(able.speak_batch(requests, engine.CancelToken()))
    for number, text in enumerate(texts):
        own = [event for i, event in events if i == number]
        assert all(segment.lstrip("<p") == "w" for segment in kinds(own).split(">")[:-1])
        words = [text[word.start : word.end] for event in placed(own) for word in event.words]
        assert words[-1] == {0: "tea", 1: "it", 2: "1984"}[number]
    cancel = engine.CancelToken()
    cancel.cancel()
    assert not [event for _, event in able.speak_batch(requests, cancel) if isinstance(event, engine.SegmentDone)]


def test_a_sound_that_was_to_be_no_longer_has_the_words_in_it() -> None:
    text = "The old clock stopped at midnight and nobody in the quiet house heard it fall silent."
    events = said(listened(Wordless()), text, engine.SpeechOptions(language="en", max_frames=40))
    (words,) = [event.words for event in placed(events)]
    assert 3 <= len(words) <= 8
    assert words[-1].at_sample < 40 * FRAME_SAMPLES


def test_every_engine_that_is_opened_places_words(tiny_checkpoint: Path) -> None:
    """S1 Mini, which knows of none, as the registry opens it; with weights that say nothing the words are spread."""
    speaker = open_engine("s1", EngineSetup(tiny_checkpoint, "cpu"))
    options = engine.SpeechOptions(seed=1, max_attempts=1, max_frames=20, live=True, language="en")
    events = said(speaker, "(whispering) Hello there, my friend.", options)
    assert kinds(events).endswith("w>")
    assert placed(events)[-1].words
    assert all(word.start >= 13 and word.confidence < 1 for word in placed(events)[-1].words)
    assert (engine.codec_of(speaker) is not None) == engine_named("s1").capabilities.clones
    speaker.close()
