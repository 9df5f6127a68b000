"""Words that are said as the phonetic alphabet has them: by each of espeak-ng's voices, and by the natural voice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from at_once import slow_but

from engine.builtin import BuiltInVoice
from engine.builtin.espeak import loaded_espeak
from engine.builtin.mixing import mixed_sounds
from engine.builtin.neural import Network, Row, Unsaid, open_network, rows_of
from engine.builtin.phonemes import GivenPhonemes, phoneme_input
from engine.builtin.synthesis import SpokenWord, spoken_blocks
from engine.errors import BuiltInVoiceError
from engine.registry import open_engine
from engine.text.ipa import VOWELS_AND_CONSONANTS, canonical_ipa
from engine.text.languages import all_records, record_of
from engine.types import CancelToken, PcmChunk, Pronunciation, SegmentDone, SpeechOptions, SpeechRequest, Voice

ENGLISH = "gmw/en-US"

# A word and its sound: as text, espeak-ng says it so itself.
WORDS = {
    "en": (("measure", "ˈmɛʒɚ"), ("rough", "rʌf"), ("thought", "θɔːt"), ("church", "ˈt͡ʃɜːtʃ"), ("bottle", "ˈbɑːɾəl")),
    "de": (("schön", "ʃøːn"), ("Pfütze", "ˈpfʏtsə"), ("euch", "ɔøç")),
    "fr": (("rouge", "ruʒ"), ("monsieur", "məsˈjø"), ("un", "œ̃"), ("lui", "lyˈi")),
    "es": (("perro", "ˈpero"), ("pero", "ˈpeɾo"), ("año", "ˈaɲo")),
    "ru": (("нет", "nʲet"), ("юг", "juk")),
    "pl": (("źdźbło", "ʑdʑbwɔ"),),
    "pt": (("pão", "pɐ̃ʊ̃"),),
    "ja": (("さくら", "saˈkuɽa"),),
    "ko": (("사랑", "saˈɾaŋ"),),
    "zh": (),
    "ar": (("سلام", "saˈlaːm"),),
    "nl": (("schip", "sxɪp"),),
    "it": (("gnocchi", "ˈɲokːɪ"),),
}


def said(text: str, *spans: GivenPhonemes, voice: str = ENGLISH) -> tuple[np.ndarray, list[SpokenWord]]:
    blocks = list(spoken_blocks(text, voice, lambda: False, spans))
    return np.concatenate([block.samples for block in blocks]), [word for block in blocks for word in block.words]


def sound_of(ipa: str, voice: str) -> str:
    """What espeak-ng makes of `ipa`, in its own IPA without stress."""
    with loaded_espeak() as espeak:
        espeak.select(voice)
        text = phoneme_input(espeak, "x", [GivenPhonemes(0, 1, canonical_ipa(ipa))]).text
        assert "[[" in text, ipa
        return espeak.phonemes(text, has_phonemes=True).strip().replace("ˈ", "").replace("ˌ", "")


@pytest.mark.parametrize("language", slow_but(["en", "de", "ar", "zh"], [record.code for record in all_records()]))
def test_every_letter_has_a_sound_in_every_language(language: str) -> None:
    with loaded_espeak() as espeak:
        espeak.select(record_of(language).espeak_voice)
        for letter in VOWELS_AND_CONSONANTS:
            made = phoneme_input(espeak, "x", [GivenPhonemes(0, 1, letter)]).text
            assert made.startswith(" [["), letter
            heard = espeak.phonemes(made.replace("[[", "[['a|").replace("]]", "|'a]]"), has_phonemes=True)
            assert heard.count("ˈ") == 2, (letter, made, heard)  # nothing ended it


@pytest.mark.parametrize(("language", "word", "ipa"), [(code, *w) for code, words in WORDS.items() for w in words])
def test_a_word_by_its_sound_is_the_word(language: str, word: str, ipa: str) -> None:
    voice = record_of(language).espeak_voice
    with loaded_espeak() as espeak:
        espeak.select(voice)
        expected = espeak.phonemes(word).strip().replace("ˈ", "").replace("ˌ", "")
    assert sound_of(ipa, voice) == expected


AROUND = (
    *("x (new) y", 'He said "new" y', "“new” y", "a, new, b", "[new] b", "[[new]] b", "new! b", "new… b", "a/new/b"),
    *(
        "new: b",
        "'new' b",
        "a new—b",
        "new) b",
        "new.",
        "{new}",
        "new",
        "so new it is",
        "[[x]] new [[y",
        "a [[[[new]]]]",
    ),
)


@pytest.mark.parametrize("text", AROUND)
def test_whatever_stands_around_it_a_sound_is_said_as_its_word_would_be(text: str) -> None:
    at = text.index("new")
    plain, words = said(text)
    with_sound, its_words = said(text, GivenPhonemes(at, at + 3, "nˈuː"))
    assert np.array_equal(plain, with_sound)
    assert its_words == words


def test_what_looks_like_phonemes_in_the_text_stays_text() -> None:
    text = "See [[n'u:]] and new."
    at = text.index("new")
    assert np.array_equal(said(text)[0], said(text, GivenPhonemes(at, at + 3, "nˈuː"))[0])
    assert not np.array_equal(said(text)[0], said("See new and new.")[0])


def test_what_is_elided_before_a_sound_belongs_to_it() -> None:
    plain, _ = said("Voici l'eau claire.", voice="roa/fr")
    sounded, words = said("Voici l'eau claire.", GivenPhonemes(8, 11, "ˈo"), voice="roa/fr")
    assert np.array_equal(plain, sounded)
    assert (words[1].start, words[1].end) == (6, 11)


@pytest.mark.parametrize("ipa", ["tʃ" * 100, "ˈdʒʷʰ" * 40, "a" * 200, "pʲ ʔ " * 40, "ˈ" * 199 + "a"])
def test_the_longest_sounds_are_said(ipa: str) -> None:
    samples, words = said("See X here.", GivenPhonemes(4, 5, canonical_ipa(ipa)))
    assert len(samples) > len(said("See here.")[0])
    assert [word.start for word in words] == [0, 4, 6]


def test_sounds_of_each_accent_and_timbre(built_in_voice: BuiltInVoice) -> None:
    lengths = set()
    for name in ("", "built-in/f2", "built-in/en-gb", "built-in/en-gb-scotland"):
        options = SpeechOptions(language="en", pronunciations=(Pronunciation("X", "", ipa="ˈnɜːs"),))
        events = list(built_in_voice.speak(SpeechRequest("X.", Voice(name), options), CancelToken()))
        lengths |= {event.n_samples for event in events if isinstance(event, SegmentDone)}
        assert all(event.problem is None for event in events if isinstance(event, SegmentDone))
    assert len(lengths) > 1


@pytest.fixture(scope="module")
def network() -> Network:
    return open_network()


def test_the_natural_voice_takes_a_sound_in_the_place_of_its_word(network: Network) -> None:
    text = 'See "XQZT", and Nguyen\'s.'
    (plain,) = rows_of(network, text)
    at, other = text.index("XQZT"), text.index("Nguyen")
    given = [GivenPhonemes(at, at + 4, "ˈnɜːs"), GivenPhonemes(other, other + 6, "nʊˈjɛn")]
    (row,) = rows_of(network, text, given)
    assert isinstance(plain, Row)
    assert isinstance(row, Row)
    words = {text[start:end]: row.phonemes[place:] for start, end, place in row.words}
    assert words["XQZT"].startswith("nˈɜɹs")
    assert words["Nguyen"].startswith("nʊjˈɛn")
    shorter, longer = (network.predict(made.phonemes, lambda: False) for made in (row, plain))
    assert shorter is not None
    assert longer is not None
    assert shorter.durations.sum() < longer.durations.sum()  # "nurse" is shorter than four letters


def test_what_the_natural_voice_has_no_sound_for_is_said_by_the_other(network: Network) -> None:
    def failed(error: BuiltInVoiceError) -> None:
        raise error

    def made(*given: GivenPhonemes) -> int:
        sounds = mixed_sounds(network, "See X here.", given, 0, lambda: False, failed)
        return sum(len(sound.samples) for sound in sounds)

    assert rows_of(network, "See X here.", [GivenPhonemes(4, 5, "ʕ")])[1] == Unsaid(4, 5)
    assert made(GivenPhonemes(4, 5, "ʕ")) != made()


@pytest.mark.parametrize("name", ["built-in", "natural"])
def test_a_sound_is_heard_wherever_its_word_stands(
    name: str, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("voice", "natural_voice"):
        monkeypatch.setattr(f"engine.builtin.{module}.open_network", lambda: network)
    speaker = open_engine(name)

    def n_samples(*entries: Pronunciation) -> int:
        options = SpeechOptions(language="en", seed=1, pronunciations=entries)
        events = list(speaker.speak(SpeechRequest("Nguyen came. So did Nguyen.", options=options), CancelToken()))
        return sum(event.n_samples for event in events if isinstance(event, SegmentDone))

    assert (
        n_samples()
        != n_samples(Pronunciation("Nguyen", "", ipa="ˈmɪsɪsˌɪpi"))
        > n_samples(Pronunciation("Nguyen", "", ipa="e"))
    )
    speaker.close()


def test_a_sound_lights_its_word_and_others_keep_theirs(speak_with: Callable[..., list[str]]) -> None:
    text = "(whispering) At 5 km Nguyen  rested, as did **NGUYEN**."
    plain = speak_with(text)
    assert plain == ["At", "5 km", "Nguyen", "rested", "as", "did", "NGUYEN"]
    for spoken in ("", "win", "new yen, so to say"):
        assert speak_with(text, Pronunciation("Nguyen", spoken, ipa="/nʊˈjɛn/")) == plain


@pytest.fixture
def speak_with(built_in_voice: BuiltInVoice) -> Callable[..., list[str]]:
    def speak(text: str, *entries: Pronunciation) -> list[str]:
        options = SpeechOptions(language="en", pronunciations=entries)
        events = list(built_in_voice.speak(SpeechRequest(text, options=options), CancelToken()))
        return [text[word.start : word.end] for event in events if isinstance(event, PcmChunk) for word in event.words]

    return speak
