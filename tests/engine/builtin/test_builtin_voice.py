from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from engine.builtin import BuiltInVoice, variants
from engine.builtin.shaping import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS, TAIL_MS
from engine.builtin.synthesis import GAIN
from engine.errors import BuiltInVoiceError, VoiceError
from engine.types import (
    LANGUAGES,
    SAMPLE_RATE_HZ,
    CancelToken,
    PcmChunk,
    SegmentDone,
    SegmentProblem,
    SegmentStarted,
    SpeechOptions,
    SpeechRequest,
    Voice,
)

Speak = Callable[..., Any]

SENTENCES = {
    "en": "The quick brown fox jumps over the lazy dog, and then it rests.",
    "zh": "今天天气很好，我们一起去公园散步吧。",
    "ja": "きょうは とても いい てんき なので、いっしょに こうえんを さんぽ しましょう。",
    "de": "Der schnelle braune Fuchs springt heute über den faulen Hund.",
    "fr": "Le renard brun saute par-dessus le chien paresseux, puis il se repose.",
    "es": "El zorro marrón salta sobre el perro perezoso y después descansa.",
    "ko": "오늘은 날씨가 아주 좋아서 함께 공원을 산책합시다.",
    "ar": "الطقس جميل اليوم، فلنذهب معا إلى الحديقة.",
    "ru": "Сегодня очень хорошая погода, пойдём вместе гулять в парк.",
    "nl": "Het is vandaag mooi weer, laten we samen in het park gaan wandelen.",
    "it": "Oggi il tempo è molto bello, andiamo insieme al parco.",
    "pl": "Dzisiaj jest bardzo ładna pogoda, chodźmy razem do parku.",
    "pt": "Hoje o tempo está muito bom, vamos juntos passear no parque.",
}


def speech(spoken: Any) -> np.ndarray:
    """The samples of a request of one segment, without the pause after it."""
    return spoken.samples[: -SENTENCE_PAUSE_MS * SAMPLE_RATE_HZ // 1000]


def non_silent_share(samples: np.ndarray) -> float:
    """The share of 10 ms frames above -40 dB."""
    frames = samples[: len(samples) // 441 * 441].reshape(-1, 441)
    return float(np.mean(np.sqrt(np.mean(frames**2, axis=1)) > 0.01))


def level_db(samples: np.ndarray) -> float:
    frames = samples[: len(samples) // 441 * 441].reshape(-1, 441)
    powers = np.mean(frames**2, axis=1)
    return float(10 * np.log10(np.mean(powers[powers > 1e-4])))


def test_speaks_thirteen_languages_and_detects_them(speak: Speak) -> None:
    print(f"\n{'language':9}{'detected':9}{'seconds':>8}{'non-silent':>12}{'level dB':>10}  text")  # noqa: T201
    levels = []
    for language, text in SENTENCES.items():
        spoken = speak(text, language=None)
        assert len(spoken.done) == 1
        detected = spoken.done[0].segment.language
        samples = speech(spoken)
        seconds = len(samples) / SAMPLE_RATE_HZ
        share = non_silent_share(samples)
        levels.append(level_db(samples))
        print(f"{language:9}{detected:9}{seconds:8.2f}{share:12.0%}{levels[-1]:10.1f}  {text}")  # noqa: T201
        assert detected == language
        assert 1.5 < seconds < 6
        assert share > 0.6
        assert spoken.done[0].problem is None
    assert tuple(SENTENCES) == LANGUAGES
    assert max(levels) - min(levels) < 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_cover_the_text_in_order_inside_the_sound(speak: Speak, language: str) -> None:
    spoken = speak(SENTENCES[language], language=language)
    starts = [word.start for word in spoken.words]
    places = [word.at_sample for word in spoken.words]
    assert len(places) > 3
    assert starts == sorted(set(starts))
    assert places == sorted(set(places))
    assert places[0] == 0
    assert places[-1] < len(speech(spoken))
    covered = {i for word in spoken.words for i in range(word.start, word.end)}
    missed = "".join(sign for i, sign in enumerate(spoken.text) if i not in covered)
    assert not any(sign.isalnum() for sign in missed), missed


def test_words_are_the_words(speak: Speak) -> None:
    assert speak("The quick brown fox, in 2025 — $3.50!").word_texts == [
        *("The", "quick", "brown", "fox", "in", "2025", "$3.50")
    ]
    assert speak("Le chien par-dessus tout.", language="fr").word_texts == ["Le", "chien", "par-dessus", "tout"]
    assert speak("오늘은 날씨가 좋아서", language="ko").word_texts == ["오늘은 날씨가", "좋아서"]


def test_word_begins_where_its_sound_does(speak: Speak) -> None:
    """After a comma's pause a word's place is within 30 ms of its first sound."""
    spoken = speak("Mama, mama.", "built-in/espeak")
    place = spoken.words[1].at_sample
    samples = speech(spoken)
    window = 30 * SAMPLE_RATE_HZ // 1000
    assert np.abs(samples[place - 4 * window : place - window]).max() < 0.005
    onset = place - window + int(np.argmax(np.abs(samples[place - window :]) > 0.005))
    assert abs(onset - place) < window


def test_chunks_are_contiguous_and_carry_their_words(speak: Speak) -> None:
    spoken = speak(SENTENCES["en"] + " " + SENTENCES["en"])
    for done in spoken.done:
        place = 0
        for chunk in (chunk for chunk in spoken.chunks if chunk.segment == done.segment.index):
            assert chunk.sample_rate == SAMPLE_RATE_HZ
            assert chunk.samples.dtype == np.float32
            assert chunk.samples.ndim == 1
            assert all(place <= word.at_sample < place + len(chunk.samples) for word in chunk.words)
            place += len(chunk.samples)
        assert place == done.n_samples
        assert done.timing.audio_s == place / SAMPLE_RATE_HZ
        assert 0 < done.timing.ttfa_ms / 1000 <= done.timing.compute_s
    assert [type(event) for event in spoken.events if not isinstance(event, PcmChunk)] == (
        [SegmentStarted, SegmentDone] * 2
    )


def test_the_same_samples_whatever_came_before(speak: Speak, built_in_voice: BuiltInVoice) -> None:
    first = speak(SENTENCES["en"])
    speak(SENTENCES["ru"], language="ru")
    speak(SENTENCES["en"], "built-in/f2")
    abandoned = iter(built_in_voice.speak(SpeechRequest(SENTENCES["de"]), CancelToken()))
    assert isinstance(next(abandoned), SegmentStarted)
    assert isinstance(next(abandoned), PcmChunk)
    again = speak(SENTENCES["en"])  # while the other stands still in mid-sentence
    assert np.array_equal(first.samples, again.samples)
    assert first.words == again.words
    third = [event for event in abandoned if isinstance(event, SegmentDone)]
    assert len(third) == 1


def test_the_second_sentence_sounds_as_it_does_alone(speak: Speak) -> None:
    both = speak("Good morning to you. The dog sleeps.")
    alone = speak("The dog sleeps.")
    second = np.concatenate([chunk.samples for chunk in both.chunks if chunk.segment == 1])
    n_speech = len(speech(alone))
    assert np.array_equal(second[:n_speech], alone.samples[:n_speech])


def test_cancel_ends_the_run_at_the_next_chunk(built_in_voice: BuiltInVoice) -> None:
    cancel = CancelToken()
    events = built_in_voice.speak(SpeechRequest(" ".join([SENTENCES["en"]] * 3)), cancel)
    assert isinstance(next(events), SegmentStarted)
    n_samples = 0
    while n_samples < SAMPLE_RATE_HZ:
        event = next(events)
        assert isinstance(event, PcmChunk)
        n_samples += len(event.samples)
    cancel.cancel()
    assert list(events) == []
    assert n_samples < 1.5 * SAMPLE_RATE_HZ  # of 12 s


def test_cancelled_from_the_start_gives_nothing(built_in_voice: BuiltInVoice) -> None:
    cancel = CancelToken()
    cancel.cancel()
    assert list(built_in_voice.speak(SpeechRequest("Hello there."), cancel)) == []


def test_closing_the_iterator_leaves_the_library_free(built_in_voice: BuiltInVoice, speak: Speak) -> None:
    n_threads = threading.active_count()
    events = built_in_voice.speak(SpeechRequest(SENTENCES["en"]), CancelToken())
    next(events)
    next(events)
    events.close()  # pyright: ignore[reportAttributeAccessIssue]
    assert threading.active_count() == n_threads
    assert speak("Hello.").done


@pytest.mark.slow
def test_threads_do_not_mix(speak: Speak) -> None:
    jobs = [(SENTENCES[language], language) for language in ("en", "de", "zh", "ru")]
    expected = [speak(text, language=language).samples for text, language in jobs]
    found: list[list[np.ndarray]] = [[] for _ in jobs]
    start = threading.Barrier(len(jobs))

    def run(index: int) -> None:
        voice = BuiltInVoice()
        text, language = jobs[index]
        request = SpeechRequest(text, options=SpeechOptions(language=language))
        start.wait()
        for _ in range(5):
            events = voice.speak(request, CancelToken())
            found[index].append(np.concatenate([e.samples for e in events if isinstance(e, PcmChunk)]))

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, samples in enumerate(expected):
        assert len(found[index]) == 5
        assert all(np.array_equal(samples, other) for other in found[index])


def test_emotion_markers_are_not_spoken(speak: Speak) -> None:
    plain = speak("Come closer, it is a secret.")
    marked = speak("(whispering) Come closer, it is a secret.")
    assert np.array_equal(plain.samples, marked.samples)
    assert marked.word_texts == plain.word_texts
    assert marked.words[0].start == len("(whispering) ")


def test_a_variant_sounds_different_and_repeats(speak: Speak) -> None:
    usual, named = speak("Hello there."), speak("Hello there.", "built-in")
    assert np.array_equal(usual.samples, named.samples)
    for variant in ("f2", "annie", "whisper", "Mr serious", "en-gb-scotland"):
        assert variant.casefold() in {name.casefold() for name in variants()}
        first, again = speak("Hello there.", f"built-in/{variant}"), speak("Hello there.", f"built-in/{variant}")
        assert np.array_equal(first.samples, again.samples)
        assert not np.array_equal(first.samples[:20000], usual.samples[:20000])


def test_breath_is_the_same_in_another_second(speak: Speak) -> None:
    names = ("built-in/f2", "built-in/whisper", "built-in/Reed")
    first = [speak("Hello there.", name) for name in names]
    second = int(time.time())
    while int(time.time()) == second:  # espeak-ng seeds its generator with it
        time.sleep(0.01)
    for before, name in zip(first, names, strict=True):
        assert np.array_equal(before.samples, speak("Hello there.", name).samples)


def test_an_accent_leaves_other_languages_alone(speak: Speak) -> None:
    text = SENTENCES["de"]
    assert np.array_equal(
        speak(text, "built-in/en-gb-scotland", language="de").samples, speak(text, language="de").samples
    )


def test_variants_are_many_and_none_is_in_a_foreign_script() -> None:
    names = variants()
    assert len(names) > 100
    assert len({name.casefold() for name in names}) == len(names)
    assert {"f2", "m3", "Annie", "en-us", "en-gb", "pt", "pt-br", "es", "yue"} <= set(names)
    assert not {name for name in names if "latn" in name.casefold() or "shaw" in name.casefold()}


@pytest.mark.parametrize("name", ["built-in/nobody", "built-in/", "narrator", "built-in/../f2", "f2"])
def test_unknown_voice(built_in_voice: BuiltInVoice, name: str) -> None:
    with pytest.raises(VoiceError) as caught:
        built_in_voice.speak(SpeechRequest("Hello.", Voice(name)), CancelToken())
    assert caught.value.problem == "unknown"
    assert caught.value.name == name
    assert "built-in/f2" in caught.value.known


def test_edges_do_not_click_and_peaks_do_not_clip(speak: Speak) -> None:
    for language, text in SENTENCES.items():
        samples = speech(speak(text, language=language))
        assert abs(samples[0]) < 1e-4
        assert abs(samples[-1]) < 1e-4
        assert np.abs(samples[:44]).max() < 0.05
        assert np.abs(samples[-44:]).max() < 0.05
        assert 0.3 < np.abs(samples).max() <= GAIN + 0.05


def test_silence_is_trimmed_and_pauses_follow(speak: Speak) -> None:
    spoken = speak("Papa.\n\nPapa.")
    paragraph, last = spoken.done
    assert paragraph.segment.ends_paragraph
    pauses_ms = {True: PARAGRAPH_PAUSE_MS, False: SENTENCE_PAUSE_MS}
    for done in (paragraph, last):
        samples = np.concatenate([c.samples for c in spoken.chunks if c.segment == done.segment.index])
        audible = np.flatnonzero(np.abs(samples) > 1e-3)
        assert audible[0] < 25 * SAMPLE_RATE_HZ // 1000
        silence_ms = (len(samples) - audible[-1]) * 1000 / SAMPLE_RATE_HZ
        pause_ms = pauses_ms[done.segment.ends_paragraph]
        assert pause_ms <= silence_ms < pause_ms + TAIL_MS + 10
    first, second = speak("Papa. Papa.").done
    assert not first.segment.ends_paragraph
    assert first.n_samples < paragraph.n_samples
    assert second.n_samples == last.n_samples


def test_a_silent_segment_is_reported(speak: Speak) -> None:
    spoken = speak("(sighing)")
    assert [type(event) for event in spoken.events] == [SegmentStarted, SegmentDone]
    assert spoken.done[0].problem is SegmentProblem.SILENT
    assert spoken.done[0].n_samples == 0


def test_status_and_close(built_in_voice: BuiltInVoice) -> None:
    status = built_in_voice.status()
    assert (status.name, status.device, status.precision) == (
        *("built-in voice", "CPU"),
        "hibari 0.2.1, espeak-ng 1.52.0",
    )
    assert status.memory_bytes is None
    built_in_voice.close()
    built_in_voice.close()
    with pytest.raises(BuiltInVoiceError):
        built_in_voice.speak(SpeechRequest("Hello."), CancelToken())


def test_a_segment_is_no_longer_than_it_may_be() -> None:
    text = f"{SENTENCES['en']} {SENTENCES['en']}"

    def events_of(max_frames: int) -> list[Any]:
        options = SpeechOptions(language="en", max_frames=max_frames)
        return list(BuiltInVoice().speak(SpeechRequest(text, options=options), CancelToken()))

    cut, whole = events_of(20), events_of(0)
    done = [event for event in cut if isinstance(event, SegmentDone)]
    assert [event.n_samples for event in done] == [20 * 2048] * 2
    assert all(event.problem is None for event in done)
    for number in range(2):
        chunks = [event for event in cut if isinstance(event, PcmChunk) and event.segment == number]
        same = [event for event in whole if isinstance(event, PcmChunk) and event.segment == number]
        sound = np.concatenate([chunk.samples for chunk in chunks])
        assert np.array_equal(sound, np.concatenate([chunk.samples for chunk in same])[: sound.size])
        words = [word for chunk in chunks for word in chunk.words]
        assert words == [word for chunk in same for word in chunk.words][: len(words)]
        assert all(word.at_sample < 20 * 2048 for word in words)
