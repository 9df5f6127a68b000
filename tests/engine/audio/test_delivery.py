"""What notes ask of the sound, done to any engine's events: here to one that says each word as a tone of 100 ms."""

from collections.abc import Generator, Iterable, Iterator

import numpy as np
import pytest
from word_tones import TONE_S, Says, WordTones, late_s

from engine.audio import delivered
from engine.builtin import BuiltInVoice
from engine.errors import VoiceError
from engine.host.resume import speak_from
from engine.text import read_ssml
from engine.types import (
    SAMPLE_RATE_HZ,
    BookmarkReached,
    CancelToken,
    PcmChunk,
    SegmentDone,
    SegmentProblem,
    SegmentRestarted,
    SegmentStarted,
    SpeechEvent,
    SpeechOptions,
    SpeechRequest,
    Voice,
    Word,
    WordsPlaced,
)
from engine.words import TimedWords
from tests.third_engine import WORD_SAMPLES, ThirdEngine, tone

S = SAMPLE_RATE_HZ


def request_of(ssml: str, voice: str = "", language: str | None = "en") -> SpeechRequest:
    marked = read_ssml(ssml)
    return SpeechRequest(marked.text, Voice(voice), SpeechOptions(language=language), marked.notes)


def generated(events: Iterable[SpeechEvent]) -> Generator[SpeechEvent]:
    yield from events


def plain_events(request: SpeechRequest) -> Iterator[SpeechEvent]:
    """As the engine makes them, before anything is done to them."""
    return ThirdEngine()._speak(request, tone(440), CancelToken())


def heard(ssml: str) -> list[SpeechEvent]:
    return list(ThirdEngine().speak(request_of(ssml), CancelToken()))


def sound(events: Iterable[SpeechEvent]) -> np.ndarray:
    return np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])


def words_of(events: Iterable[SpeechEvent]) -> list[Word]:
    return [word for event in events if isinstance(event, PcmChunk) for word in event.words]


def marks_of(events: Iterable[SpeechEvent]) -> list[tuple[str, int, int]]:
    return [(event.name, event.segment, event.at_sample) for event in events if isinstance(event, BookmarkReached)]


def done_of(events: Iterable[SpeechEvent]) -> list[SegmentDone]:
    return [event for event in events if isinstance(event, SegmentDone)]


def pitch_hz(samples: np.ndarray) -> float:
    spectrum = np.abs(np.fft.rfft(samples * np.hanning(len(samples)), 1 << 17))
    return float(np.argmax(spectrum)) * S / (1 << 17)


def test_silence_comes_where_it_is_asked_for() -> None:
    events = heard('<break time="2500ms"/>one two <break time="1s"/> three')
    samples = sound(events)
    assert len(samples) == 2.5 * S + 3 * WORD_SAMPLES + S
    assert not samples[: int(2.5 * S)].any()
    assert not samples[int(2.5 * S) + 2 * WORD_SAMPLES : int(3.5 * S) + 2 * WORD_SAMPLES].any()
    assert [word.at_sample for word in words_of(events)] == [int(2.5 * S), int(2.5 * S) + WORD_SAMPLES, 0]
    assert sum(done.n_samples for done in done_of(events)) == len(samples)
    assert max(len(event.samples) for event in events if isinstance(event, PcmChunk)) <= S


def test_bookmarks_are_told_with_their_places() -> None:
    events = heard('<mark name="a"/>one <mark name="b"/>two<mark name="c"/> <break time="1s"/><mark name="d"/>three')
    at = 2 * WORD_SAMPLES
    assert marks_of(events) == [("a", 0, 0), ("b", 0, WORD_SAMPLES), ("c", 0, at), ("d", 1, 0)]


def test_speed_and_pitch_and_loudness_are_changed_together() -> None:
    plain = sound(heard("<speak>one two three four</speak>"))
    fast = heard('<prosody rate="200%">one two <mark name="m"/>three four</prosody>')
    assert len(sound(fast)) == pytest.approx(len(plain) / 2, abs=2)
    places = [word.at_sample for word in words_of(fast)]
    assert places == pytest.approx([i * WORD_SAMPLES // 2 for i in range(4)], abs=0.015 * S)
    assert marks_of(fast) == [("m", 0, places[2])]
    high = sound(heard('<prosody pitch="+50%">one two three four</prosody>'))
    assert len(high) == pytest.approx(len(plain), abs=20)
    assert pitch_hz(high) == pytest.approx(660, rel=0.03)
    assert pitch_hz(sound(heard('<prosody rate="fast">one two three four</prosody>'))) == pytest.approx(440, rel=0.03)
    soft = sound(heard('<prosody volume="-6dB">one two three four</prosody>'))
    assert np.abs(soft).max() == pytest.approx(np.abs(plain).max() / 2, rel=0.01)
    assert not sound(heard('<prosody volume="silent">one two</prosody>')).any()


@pytest.mark.parametrize("rate", ["50%", "80%", "150%", "300%"])
@pytest.mark.parametrize("says", [Says.AT_ONCE, Says.PLACED])
def test_words_are_heard_where_they_are_said_to_be_at_any_speed(rate: str, says: Says) -> None:
    marked = read_ssml(f'<speak><break time="700ms"/><prosody rate="{rate}">One two three. And four.</prosody></speak>')
    request = SpeechRequest(marked.text, options=SpeechOptions(language="en"), notes=marked.notes)
    events = list(WordTones(says).speak(request, CancelToken()))
    timed = TimedWords()
    words = [word for event in events for word in timed.take(event)]
    assert [marked.text[word.start : word.end] for word in words] == ["One", "two", "three", "And", "four"]
    samples = sound(events)
    assert len(samples) == timed.n_samples
    speed = int(rate.removesuffix("%")) / 100
    off = [late_s(samples, marked.text[w.start : w.end], w.from_sample / S, tone_s=TONE_S / speed) for w in words]
    assert max(map(abs, off)) < 0.02, off


def test_an_emphasised_word_is_louder_than_those_around_it() -> None:
    samples = sound(heard("<speak>one <emphasis level='strong'>two</emphasis> three</speak>"))
    one, two, three = (np.abs(samples[i * WORD_SAMPLES : (i + 1) * WORD_SAMPLES]).max() for i in range(3))
    assert two == pytest.approx(1.75 * one, rel=0.05)
    assert three == pytest.approx(one, rel=0.01)


def test_words_that_come_later_tell_bookmarks_and_an_attempt_that_fails_is_forgotten() -> None:
    request = request_of('one <mark name="b"/>two<break time="100ms"/> three')
    started, *rest = plain_events(request)
    done = next(event for event in rest if isinstance(event, SegmentDone))
    chunk = PcmChunk(np.full(2000, 0.1, np.float32), S, 0)
    placed = WordsPlaced(0, (Word(0, 3, 0, 0.5), Word(4, 7, 900, 0.5)))
    again = SegmentRestarted(0, SegmentProblem.STUCK, 2)
    events = list(delivered(generated([started, chunk, placed, again, chunk, placed, done])))
    assert marks_of(events) == [("b", 0, 900), ("b", 0, 900)]
    assert done_of(events)[0].n_samples == 2000 + S // 10
    unknown = list(delivered(generated([started, chunk, done])))  # nobody tells where words are: a guess
    assert marks_of(unknown) == [("b", 0, round(4 / 7 * 2000))]


def test_nobody_waits_for_a_wrapper_that_is_left() -> None:
    closed: list[bool] = []

    def endless() -> Generator[SpeechEvent]:
        try:
            yield from plain_events(request_of("one two"))
        finally:
            closed.append(True)

    events = delivered(endless())
    assert isinstance(next(events), SegmentStarted)
    events.close()
    assert closed == [True]


def test_the_built_in_voice_does_it_all() -> None:
    voice = BuiltInVoice()
    ssml = (
        '<speak>Hello <mark name="w"/>there.<break time="1s"/><lang xml:lang="de">Guten Tag.</lang> '
        '<voice name="espeak/f2" xml:lang="fr">Bonjour <emphasis>madame</emphasis>.</voice> '
        '<voice name="nobody">Hi.</voice> <say-as interpret-as="characters">ok</say-as></speak>'
    )
    events = list(voice.speak(request_of(ssml, "built-in/espeak"), CancelToken()))
    started = [event.segment for event in events if isinstance(event, SegmentStarted)]
    assert [(s.language, s.text) for s in started] == [
        ("en", "Hello there."),
        ("de", "Guten Tag."),
        ("fr", "Bonjour madame."),
        ("en", "Hi."),
        ("en", "O, K"),
    ]
    hello = sound([event for event in events if isinstance(event, PcmChunk) and event.segment == 0])
    assert not hello[-S:].any()
    assert np.abs(hello[-S - S // 20 : -S]).max() > 0
    (mark,) = marks_of(events)
    there = next(word for word in words_of(events) if word.start == 6)
    assert mark == ("w", 0, there.at_sample)
    f2 = list(voice.speak(request_of('<lang xml:lang="fr">Bonjour madame.</lang>', "built-in/f2"), CancelToken()))
    other = sound([event for event in events if isinstance(event, PcmChunk) and event.segment == 2])
    assert np.array_equal(other[:5000], sound(f2)[:5000])
    rest = list(speak_from(voice, request_of(ssml, "built-in/espeak"), 2, CancelToken()))
    texts = [(e.segment.text, e.segment.start, e.segment.language) for e in rest if isinstance(e, SegmentStarted)]
    assert texts == [(s.text, s.start, s.language) for s in started[2:]]
    with pytest.raises(VoiceError):
        list(voice.speak(request_of(ssml, "built-in/nobody"), CancelToken()))
    voice.close()
