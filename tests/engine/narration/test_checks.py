"""Nothing skipped: what is wrong shows, doubtful sentences come again, and what stays doubtful is listed."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from narrators import ToneEngine

from engine.builtin import BuiltInVoice
from engine.narration.checks import Doubt, Measures, doubts_of, measure, paces, repeats_itself, weigh
from engine.narration.project import Project
from engine.narration.render import MAX_ATTEMPTS, Stage, narrate, recipe_of
from engine.narration.report import report_on
from engine.narration.sound_file import audible_part, to_pcm
from engine.registry import open_engine
from engine.types import (
    CancelToken,
    EngineStatus,
    PcmChunk,
    SegmentDone,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
)

RATE = 44_100
IDENTITY = "tones/1"
WORDS = (
    *("the", "quiet", "river", "turns", "slowly", "under", "an", "old", "stone"),
    *("bridge", "while", "seven", "grey", "herons", "watch", "for", "fish"),
)


@dataclass(frozen=True)
class Sound:
    chars: float
    measures: Measures
    problem: str | None = None


@functools.cache
def speech(text: str) -> np.ndarray:
    """What the built-in voice says, int16, without silence at its ends."""
    engine = BuiltInVoice()
    request = SpeechRequest(text, options=SpeechOptions(language="en", clean=False))
    chunks = [e.samples for e in engine.speak(request, CancelToken()) if isinstance(e, PcmChunk)]
    samples = np.concatenate(chunks)
    return to_pcm(samples[slice(*audible_part(samples))])


def sound_of(pcm: np.ndarray, text: str) -> Sound:
    return Sound(weigh(text), measure(pcm))


SENTENCE = "A quiet river turns slowly under the old stone bridge."


def test_real_speech_raises_no_doubt() -> None:
    said = speech(SENTENCE)
    assert doubts_of(sound_of(said, SENTENCE), None, repeats_itself=False) == ()
    assert measure(said).audible_s == pytest.approx(len(said) / RATE, rel=0.1)


def test_what_is_said_twice_shows() -> None:
    said = speech(SENTENCE)
    pause = np.zeros(RATE // 10, np.int16)
    half = said[: int(1.5 * RATE)]
    # On whole frames, as an engine that is caught in a loop of codes says it.
    looped = np.concatenate([half[: len(half) // 2048 * 2048]] * 2)
    assert Doubt.REPETITION in doubts_of(sound_of(looped, SENTENCE), None, repeats_itself=False)
    assert doubts_of(sound_of(looped, SENTENCE), None, repeats_itself=True) == ()
    longer = np.concatenate([said, pause, speech("Something else is said here, and it is longer.")])
    assert doubts_of(sound_of(longer, SENTENCE), None, repeats_itself=False) == ()


def test_silence_and_clipping_show() -> None:
    said = speech(SENTENCE)
    middle = len(said) // 2
    gap = np.concatenate([said[:middle], np.zeros(2 * RATE, np.int16), said[middle:]])
    assert doubts_of(sound_of(gap, SENTENCE), None, repeats_itself=False) == (Doubt.LONG_PAUSE,)
    assert measure(gap).longest_pause_s == pytest.approx(2.0, abs=0.15)
    assert measure(gap).audible_s == pytest.approx(measure(said).audible_s, abs=0.15)
    loud = np.clip(said.astype(np.int32) * 8, -32_767, 32_767).astype(np.int16)
    assert Doubt.CLIPPED in doubts_of(sound_of(loud, SENTENCE), None, repeats_itself=False)
    for silence in (np.zeros(0, np.int16), np.zeros(RATE, np.int16)):
        assert doubts_of(sound_of(silence, SENTENCE), None, repeats_itself=False) == (Doubt.SILENT,)


def test_the_engines_own_doubt_counts() -> None:
    sound = Sound(40, measure(speech(SENTENCE)), "frame_cap")
    assert doubts_of(sound, None, repeats_itself=False) == (Doubt.FRAME_CAP,)


def test_a_pace_unlike_the_books_shows_and_a_short_sentence_may_vary() -> None:
    drawn = random.Random(3)

    def timed(chars: int, seconds: float) -> Sound:
        return Sound(chars, Measures(0.5, 0, seconds, 0.1, 0.0))

    book = [timed(n, (n + 4) / 14 * drawn.uniform(0.9, 1.1)) for n in (drawn.randint(5, 150) for _ in range(300))]
    pace = paces([("en", sound) for sound in book])["en"]
    assert not any(doubts_of(sound, pace, repeats_itself=False) for sound in book)
    assert doubts_of(timed(100, 104 / 14 / 2), pace, repeats_itself=False) == (Doubt.TOO_FAST,)  # half is missing
    assert doubts_of(timed(100, 104 / 14 * 2), pace, repeats_itself=False) == (Doubt.TOO_SLOW,)
    assert doubts_of(timed(3, 7 / 14 * 1.5), pace, repeats_itself=False) == ()
    assert paces([("en", sound) for sound in book[:5]]) == {}  # too few to tell


def test_what_proofreading_finds_shows_unless_it_finds_it_everywhere() -> None:
    """A voice that is far from the example is not accused in every other sentence."""

    def proofread(*leaps: float) -> Sound:
        return Sound(40, Measures(0.5, 0, 3.0, 0.1, 0.0, *leaps))

    good, spoilt = [proofread(1.0, 0.0, 0.5)] * 30, [proofread(20.0, 5.0, 9.0)]
    pace = paces([("en", sound) for sound in good + spoilt])["en"]
    assert doubts_of(good[0], pace, repeats_itself=False) == ()
    found = (Doubt.SKIPPED_WORD, Doubt.REPEATED_WORD, Doubt.STRANGE_SOUND)
    assert doubts_of(spoilt[0], pace, repeats_itself=False) == found
    assert doubts_of(spoilt[0], None, repeats_itself=False) == ()  # too few to tell
    far = paces([("en", sound) for sound in good + 10 * spoilt])["en"]
    assert doubts_of(spoilt[0], far, repeats_itself=False) == ()


class Skipping:
    """The built-in voice in another timbre, drawn: the first attempt at a sentence with "harbour" lacks that word."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._voice = open_engine("built-in")

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        is_first = request.text not in self.asked
        self.asked.append(request.text)
        chunks: list[PcmChunk] = []
        for event in self._voice.speak(SpeechRequest(request.text, Voice("built-in/f2"), request.options), cancel):
            if isinstance(event, PcmChunk):
                chunks.append(event)
                continue
            if isinstance(event, SegmentDone):
                samples = np.concatenate([chunk.samples for chunk in chunks])
                words = [word for chunk in chunks for word in chunk.words]
                for word, following in pairwise(words):
                    if is_first and request.text[word.start : word.end] == "harbour":
                        samples = np.concatenate((samples[: word.at_sample], samples[following.at_sample :]))
                yield PcmChunk(samples, RATE, event.segment.index)
                event, chunks = replace(event, n_samples=len(samples), seed=request.options.seed), []
            yield event

    def status(self) -> EngineStatus:
        return EngineStatus("skipping", "CPU", "drawn")

    def close(self) -> None: ...


def test_a_sentence_that_lacks_a_word_is_spoken_again(make_project: Callable[..., Project]) -> None:
    sentences = (Path(__file__).parents[2] / "bench" / "voices_sentences.txt").read_text(encoding="utf-8").splitlines()
    with make_project([" ".join((*sentences[:5], *sentences[6:10]))]) as project:
        engine = Skipping()
        list(narrate(project, engine, IDENTITY, Voice("x"), CancelToken()))
        assert sum("harbour" in text for text in engine.asked) == 2
        assert len(engine.asked) == 10
        assert report_on(project, recipe_of(project, IDENTITY, Voice("x"))).doubtful == ()


@pytest.mark.parametrize(
    ("text", "does"),
    [
        ("No, no, no!", True),
        ("Row, row, row your boat.", True),
        ("He said that he came, and she said that he came.", True),
        (SENTENCE, False),
        ("好好学习，好好学习。", True),
        ("今天天气很好。", False),
    ],
)
def test_texts_that_repeat_themselves(text: str, does: bool) -> None:
    assert repeats_itself(text) is does


def test_digits_and_east_asian_signs_weigh_more() -> None:
    assert weigh("abc, def.") == 6
    assert weigh("1999") == 16
    assert weigh("你好") == 6


# --- in a book


def book(n: int) -> str:
    drawn = random.Random(1)
    sentences = []
    for i in range(n):
        words = drawn.sample(WORDS, drawn.randint(4, 8))
        if i == 20:
            words[2] = "sometimes"
        if i == 40:
            words[2] = "never"
        sentences.append(" ".join(words).capitalize() + ".")
    return " ".join(sentences)


class Misbehaving:
    """ "sometimes": the first two attempts lose their end; "never" is all silence, always."""

    def __init__(self) -> None:
        self._n_cut = 0

    def __call__(self, text: str, samples: np.ndarray, _drawn: random.Random) -> np.ndarray:
        if "sometimes" in text and self._n_cut < 2:
            self._n_cut += 1
            return samples[: len(samples) // 3]
        return samples * 0 if "never" in text else samples


@pytest.mark.slow
@pytest.mark.parametrize("interrupted", [False, True])
def test_outliers_come_again_and_what_stays_doubtful_is_listed(
    make_project: Callable[..., Project], interrupted: bool
) -> None:
    with make_project([book(45)]) as project:
        engine = ToneEngine(Misbehaving())
        stages = []
        for _ in range(6 if interrupted else 1):
            cancel = CancelToken()
            for i, progress in enumerate(narrate(project, engine, IDENTITY, Voice("x"), cancel)):
                stages.append(progress.stage)
                if interrupted and i == 17:
                    cancel.cancel()
        assert Stage.CHECKING in stages
        asked = [request.text for request in engine.requests]
        bad = {sentence.text for sentence in project.sentences() if "never" in sentence.text}
        fickle = {sentence.text for sentence in project.sentences() if "sometimes" in sentence.text}
        assert len(bad) == len(fickle) == 1
        assert asked.count(*bad) == MAX_ATTEMPTS
        assert asked.count(*fickle) == 3
        assert {text for text in asked if asked.count(text) > 1} <= bad | fickle
        recipe = recipe_of(project, IDENTITY, Voice("x"))
        report = report_on(project, recipe)
        assert [(d.sentence.text, d.doubts) for d in report.doubtful] == [(*bad, ("silent",))]
        assert report.adds_up
        assert report.n_failed_chars == next(s.n_chars for s in project.sentences() if s.text in bad)
        # The best attempt was kept, and of the others there is no file.
        n_files = len(list((project.folder / "audio").rglob("*.wav")))
        assert n_files == 45
        (mended,) = (recipe.key(s) for s in project.sentences() if s.text in fickle)
        take = project.sounds.take(mended)
        assert take is not None
        assert take.attempt == 2
        assert len(project.sounds.read(take)) == take.n_samples
        n_asked = len(asked)
        list(narrate(project, engine, IDENTITY, Voice("x"), CancelToken()))
        assert len(engine.requests) == n_asked  # it is decided
