"""The built-in voice as a person meets it: English in a natural voice, all else by espeak-ng, in one sound."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from at_once import slow_but

from engine.audio.loudness import LoudnessMeter
from engine.builtin import BuiltInVoice, NaturalVoice
from engine.builtin.mixing import JOIN_MS
from engine.builtin.shaping import SENTENCE_PAUSE_MS
from engine.errors import VoiceError
from engine.types import SAMPLE_RATE_HZ, CancelToken, PcmChunk, SegmentDone, SpeechOptions, SpeechRequest, Voice

Speak = Callable[..., Any]

MIXED = "I said 你好 to 世界, and привет; it cost $3.50 in 2025."
ENGLISH = (
    "She bought three apples, a loaf of bread, and some cheese at the market. Where did you put the keys? "
    "Physics explains why the sky is blue and sunsets are red."
)


def loudness_lufs(samples: np.ndarray) -> float:
    meter = LoudnessMeter()
    meter.hear(samples)
    return meter.loudness().integrated_lufs


def longest_gap_ms(samples: np.ndarray) -> float:
    """The longest stretch below -50 dB, in steps of 10 ms, the end left out."""
    steps = np.abs(samples[: len(samples) // 441 * 441].reshape(-1, 441)).max(axis=1) > 0.003
    edges = np.flatnonzero(steps)
    return 10.0 * int(np.diff(edges).max() - 1)


def test_english_is_natural_and_the_rest_is_espeak(speak: Speak) -> None:
    assert not np.array_equal(speak("Hello there.").samples, speak("Hello there.", "built-in/espeak").samples)
    for language, text in (("de", "Guten Tag."), ("zh", "你好。"), ("fr", "Bonjour à tous.")):
        natural, espeak = speak(text, language=language), speak(text, "built-in/espeak", language=language)
        assert np.array_equal(natural.samples, espeak.samples)


@pytest.mark.parametrize(
    "voice", ["built-in/f2", "built-in/espeak/f2", "built-in/ESPEAK/F2", "built-in/en-gb-scotland"]
)
def test_variants_are_espeaks(speak: Speak, voice: str) -> None:
    first, again = (
        speak("Hello there.", voice),
        speak("Hello there.", voice.replace("espeak/", "").replace("ESPEAK/", "")),
    )
    assert np.array_equal(first.samples, again.samples)
    assert not np.array_equal(first.samples[:20000], speak("Hello there.").samples[:20000])


def test_both_are_equally_loud(speak: Speak) -> None:
    natural, espeak = (loudness_lufs(speak(ENGLISH, voice).samples) for voice in ("built-in", "built-in/espeak"))
    german = loudness_lufs(speak("Der schnelle braune Fuchs springt über den faulen Hund.", language="de").samples)
    assert natural == pytest.approx(espeak, abs=1.0)
    assert natural == pytest.approx(german, abs=2.0)


def test_a_mixed_sentence_is_one_sound(speak: Speak) -> None:
    """Each word in its turn, no gap longer than a comma's pause, no click where one voice takes over."""
    spoken = speak(MIXED)
    texts = spoken.word_texts
    assert [word for word in texts if word.isascii()] == ["I", "said", "to", "and", "it", "cost", "$3.50", "in", "2025"]
    assert "".join(word for word in texts if not word.isascii()) == "你好世界привет"
    starts, places = [word.start for word in spoken.words], [word.at_sample for word in spoken.words]
    assert starts == sorted(set(starts))
    assert places == sorted(set(places))
    speech = spoken.samples[: -SENTENCE_PAUSE_MS * SAMPLE_RATE_HZ // 1000]
    assert longest_gap_ms(speech) < 2.5 * JOIN_MS
    assert np.abs(np.diff(speech)).max() < 0.5
    assert np.abs(speech).max() <= 1.0


@pytest.mark.parametrize("text", ["世界", "Привет, мир!", "½", "مرحبا", "你好 hello 世界"])
def test_what_it_cannot_say_is_never_silent(speak: Speak, text: str) -> None:
    spoken = speak(text)
    assert all(done.problem is None for done in spoken.done)
    assert np.abs(spoken.samples).max() > 0.1


def test_a_sentence_that_ends_with_the_unsayable_has_its_pause(speak: Speak) -> None:
    options = SpeechOptions(language="en", clean=False)
    events = list(BuiltInVoice().speak(SpeechRequest("Good morning \U0001f600", options=options), CancelToken()))
    samples = np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])
    plain = speak("Good morning,").samples
    assert abs(len(samples) - len(plain)) < SAMPLE_RATE_HZ // 2
    assert not samples[-600 * SAMPLE_RATE_HZ // 1000 :].any()


BAD = {
    "words without an end": "word " * 186,
    "a long paragraph": "So it goes on and on. " * 12,
    "digits": "1234567890" * 12,
    "only signs": "C++ & # @ 100% § ~",
    "scripts": "abc абв αβγ אבג あいう 한국 ไทย",
    "a long word": "pneumono" * 20,
    "what looks like markup": "[x](/kˈæt/) [[h@l'oU]] <break time='30s'/> {x}",
}


@pytest.mark.parametrize("kind", slow_but(BAD.keys() - {"words without an end", "a long paragraph"}, BAD))
def test_bad_input_is_spoken(built_in_voice: BuiltInVoice, kind: str) -> None:
    text = BAD[kind]
    for normalise in (True, False):
        options = SpeechOptions(language="en", clean=False, normalise=normalise, max_frames=60)
        events = list(built_in_voice.speak(SpeechRequest(text, options=options), CancelToken()))
        done = [event for event in events if isinstance(event, SegmentDone)]
        assert done
        assert all(event.problem is None and event.n_samples > 2000 for event in done)
        words = [word for event in events if isinstance(event, PcmChunk) for word in event.words]
        assert all(0 <= word.start < word.end <= len(text) for word in words)
        assert max(abs(event.samples).max() for event in events if isinstance(event, PcmChunk)) <= 1.0


def test_the_natural_voice_reads_all_that_is_latin(speak: Speak) -> None:
    engine = NaturalVoice()
    options = SpeechOptions(language="en")
    events = engine.speak(SpeechRequest(ENGLISH, Voice("natural"), options), CancelToken())
    samples = np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])
    assert np.array_equal(samples, speak(ENGLISH).samples)
    with pytest.raises(VoiceError):
        engine.speak(SpeechRequest("Hello.", Voice("natural/other")), CancelToken())
    assert engine.status().precision == "hibari 0.2.1"
