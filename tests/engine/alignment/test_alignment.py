"""Words found by listening, where their places are known: voices that tell them read to somebody who does not know."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import engine
import engine.alignment.example
from engine.alignment import Flaw, Speaker, WordFinder, align
from engine.audio import resample
from engine.text import request_segments

RATE_HZ = engine.SAMPLE_RATE_HZ
SENTENCES = (Path(__file__).parents[2] / "bench" / "voices_sentences.txt").read_text(encoding="utf-8").splitlines()
TEXT = "The old clock stopped at midnight, and nobody in the quiet house heard it fall silent."
IN_LANGUAGES = {
    "en": "In 1984 the ferry left the harbour, but (whispering) nobody saw it go.",
    "de": "Der Zug nach Hamburg fährt erst um neun Uhr ab, weil auf der Strecke noch gebaut wird.",
    "fr": "L'hiver dernier, nous avons marché par-dessus le lac, et la glace n'a pas cédé.",
    "ru": "Вчера вечером мы гуляли по набережной и смотрели на огни города.",
    "ar": "ذهبنا أمس إلى الحديقة القريبة من البيت وجلسنا تحت الأشجار.",
    "zh": "今天下午天气很好，我们去公园散步。",
    "ja": "彼は昨日東京へ行って、友だちに会いました。",
    "ko": "어제 우리는 강가를 따라 오래 걸었습니다.",
}
Spoken = tuple[engine.Segment, np.ndarray, tuple[engine.Word, ...]]


def spoken(text: str, voice: str = "built-in/espeak", language: str | None = None) -> list[Spoken]:
    """Each segment of `text` with its sound and its words."""
    speaker = engine.open_engine("natural" if voice == "natural" else "built-in")
    request = engine.SpeechRequest(text, engine.Voice(voice), engine.SpeechOptions(language=language))
    made, chunks = [], []
    for event in speaker.speak(request, engine.CancelToken()):
        if isinstance(event, engine.PcmChunk):
            chunks.append(event)
        elif isinstance(event, engine.SegmentDone):
            words = tuple(word for chunk in chunks for word in chunk.words)
            made.append((event.segment, np.concatenate([chunk.samples for chunk in chunks]), words))
            chunks = []
    return made


def errors_ms(found: tuple[engine.Word, ...], truth: tuple[engine.Word, ...]) -> np.ndarray:
    at = {word.start: word.at_sample for word in truth}
    return np.array([abs(word.at_sample - at[word.start]) for word in found if word.start in at]) / RATE_HZ * 1000


def chunks_of(samples: np.ndarray, n: int = 4 * 2048) -> Iterator[np.ndarray]:
    yield from (samples[start : start + n] for start in range(0, len(samples), n))


def segment_of(text: str, language: str | None = None) -> engine.Segment:
    return next(iter(request_segments(engine.SpeechRequest(text, options=engine.SpeechOptions(language=language)))))


@pytest.mark.slow
def test_words_of_the_natural_voice_are_found() -> None:
    """Twenty sentences by another voice than the example's: the bar is a median of 40 ms, and 90 % within 120."""
    readings = [reading for text in SENTENCES[::2] for reading in spoken(text, "natural")]
    errors = np.concatenate([errors_ms(align(sound, RATE_HZ, segment), truth) for segment, sound, truth in readings])
    assert len(errors) > 300
    assert np.median(errors) <= 40
    assert np.mean(errors <= 120) >= 0.9


@pytest.mark.parametrize("language", IN_LANGUAGES)
def test_words_of_another_timbre_are_found_in_each_kind_of_script(language: str) -> None:
    """Spans are those of the built-in voice: a number is a word, a marker none, Chinese goes by signs."""
    ((segment, sound, truth),) = spoken(IN_LANGUAGES[language], "built-in/f2", language)
    found = align(sound, RATE_HZ, segment)
    assert [(word.start, word.end) for word in found] == [(word.start, word.end) for word in truth]
    errors = errors_ms(found, truth)
    assert np.median(errors) <= 25
    assert np.mean(errors <= 120) >= 0.9
    assert all(0.5 <= word.confidence < 1 for word in found)


def test_words_are_found_while_the_sound_comes() -> None:
    """Whatever has come is in words, in order and within it, and a word is late or early by one at most."""
    ((segment, sound, truth),) = spoken(TEXT, "built-in/m3")
    finder, n_heard = WordFinder(segment), 0
    for chunk in chunks_of(sound):
        finder.hear(chunk)
        n_heard += len(chunk)
        words = finder.words()
        assert all(a.at_sample <= b.at_sample for a, b in pairwise(words))
        assert all(word.at_sample < n_heard for word in words)
        n_due = sum(word.at_sample <= n_heard - RATE_HZ // 20 for word in truth)
        n_begun = sum(word.at_sample <= n_heard for word in truth)
        assert n_due - 1 <= len(words) <= n_begun + 1
    assert finder.finish() == align(sound, RATE_HZ, segment)
    finder.begin()  # the segment comes again
    assert finder.words() == ()
    finder.hear(sound)
    assert len(finder.finish()) == len(truth)


def test_what_was_heard_of_a_speaker_helps_with_the_next_segment() -> None:
    speaker = Speaker()
    for segment, sound, truth in spoken(
        "A first sentence tells how somebody speaks, at some length. Yes, it does.", "built-in/f2"
    ):
        finder = WordFinder(segment, speaker)
        finder.hear(sound)
        assert np.median(errors_ms(finder.finish(), truth)) <= 25
    assert speaker.warp is not None
    assert speaker.n_frames > 200


@pytest.mark.slow
def test_words_of_another_text_are_spread_and_said_to_be_unsure() -> None:
    ((_, sound, _),) = spoken(TEXT, "natural")
    segment = segment_of("Eleven geese went home because the miller had whistled and shut both gates behind them.")
    finder = WordFinder(segment)
    for chunk in chunks_of(sound):
        finder.hear(chunk)
        finder.words()
    words = finder.finish()
    assert not finder.is_sure
    assert len(words) > 10
    assert {word.confidence for word in words} == {0.0}
    assert all(a.at_sample < b.at_sample for a, b in pairwise(words))
    assert words[-1].at_sample > 0.7 * (len(sound) - RATE_HZ // 4)


def test_a_sound_that_was_cut_has_the_words_that_are_in_it() -> None:
    ((segment, sound, truth),) = spoken(TEXT, "built-in/f2")
    half = len(sound) // 2
    finder = WordFinder(segment)
    finder.hear(sound[:half])
    words = finder.finish(is_whole=False)
    assert abs(len(words) - sum(word.at_sample < half for word in truth)) <= 1
    assert np.median(errors_ms(words, truth)) <= 40


def test_where_espeak_cannot_be_used_letters_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    ((segment, sound, _),) = spoken(TEXT)

    def refuse(*_: object) -> None:
        raise engine.BuiltInVoiceError("it is gone")

    monkeypatch.setattr(engine.alignment.example, "example_of", refuse)
    words = align(sound, RATE_HZ, segment)
    assert [TEXT[word.start : word.end] for word in words] == TEXT.replace(",", "").replace(".", "").split()
    assert {word.confidence for word in words} == {0.0}


@pytest.mark.parametrize("n", [0, 1, 1023, 1024, 5000, 30_000])
@pytest.mark.parametrize("level", [0.0, 1e-4, 0.5])
def test_a_sound_in_which_nobody_speaks_is_no_trouble(n: int, level: float) -> None:
    noise = np.random.default_rng(0).normal(0, level, n).astype(np.float32)
    words = align(noise, RATE_HZ, segment_of("A word or two."))
    assert all(0 <= word.at_sample < n for word in words)
    assert not words or level


def test_places_are_samples_of_the_sound_at_its_own_rate() -> None:
    ((segment, sound, truth),) = spoken(TEXT)
    words = align(resample(sound, RATE_HZ, 16_000), 16_000, segment)
    assert (
        np.median([abs(a.at_sample / 16_000 - b.at_sample / RATE_HZ) for a, b in zip(words, truth, strict=True)]) < 0.02
    )
    with pytest.raises(engine.OptionError):
        align(sound, 100, segment)


def test_a_reading_is_proofread() -> None:
    """A word of some length that is missing, one that comes twice, and more speech at the end."""
    ((segment, sound, truth),) = spoken(TEXT, "built-in/f2")
    k = next(i for i, word in enumerate(truth) if TEXT[word.start : word.end] == "midnight")
    start, end = truth[k].at_sample, truth[k + 1].at_sample
    spoilt = {
        (): sound,
        (Flaw.SKIPPED,): np.concatenate((sound[:start], sound[end:])),
        (Flaw.REPEATED,): np.concatenate((sound[:end], sound[start:])),
        (Flaw.STRANGE,): np.concatenate((sound[: len(sound) - RATE_HZ // 4], sound[20_000:80_000][::-1])),
    }
    for flaws, samples in spoilt.items():
        finder = WordFinder(segment)
        finder.hear(samples)
        finder.finish()
        assert set(flaws) <= set(finder.proof().flaws)
        assert flaws or not finder.proof().flaws
    assert WordFinder(segment).proof().flaws == ()
