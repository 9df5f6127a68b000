"""The phonetic alphabet: what is one, one spelling for each, and a sound for every letter in every voice."""

import pytest

from engine.errors import PronunciationError
from engine.text import check_pronunciation, iter_segments, request_segments
from engine.text.ipa import broad_ipa, canonical_ipa, foreign_sign, nearest_ipa
from engine.types import Phonemes, Pronunciation, SpeechOptions, SpeechRequest

SPELLINGS = (
    ("/nʊˈjɛn/", "nʊˈjɛn"),
    ("[ ˈt͡ʃɛ.xɔf ]", "ˈtʃɛxɔf"),
    ("gɪm'nɑ:ziəm", "ɡɪmˈnɑːziəm"),
    ("ʤɔɪ ʧɜrʧ", "dʒɔɪ tʃɜrtʃ"),
    ("bɔ̃ʒuʁ", "bɔ̃ʒuʁ"),
    ("iç", "iç"),
    ("ic\u0327", "iç"),
    ("tʂʰʊŋ˧˥ tɕʰiŋ˥˩", "tʂʰʊŋ tɕʰiŋ"),
)


@pytest.mark.parametrize(("typed", "canonical"), SPELLINGS, ids=[typed for typed, _ in SPELLINGS])
def test_each_sound_has_one_spelling(typed: str, canonical: str) -> None:
    assert foreign_sign(typed) is None
    assert canonical_ipa(typed) == canonical


def test_what_finer_transcriptions_have_can_be_left_out() -> None:
    assert broad_ipa(canonical_ipa("tʰä̝k n̩ ɔ̃ː")) == "tak n̩ ɔ̃ː"


REFUSED = (
    ("n7x", "ipa", "7"),
    ("nguyễn?", "ipa", "?"),
    ("NYEN", "ipa", "N"),
    ("нгуен", "ipa", "н"),
    ("阮", "ipa", "阮"),
    ("[[n'u:]]", "ipa", "["),
    ("<phoneme>", "ipa", "<"),
    ("n\u200bu", "ipa", "\u200b"),
    ("n\0u", "ipa", "\0"),
    ("/ /", "ipa_length", ""),
    ("ˈˌː", "ipa_length", ""),
    ("na" * 101, "ipa_length", ""),
)


@pytest.mark.parametrize(("ipa", "problem", "sign"), REFUSED, ids=[repr(ipa)[:12] for ipa, _, _ in REFUSED])
def test_what_is_none_is_refused_with_its_sign(ipa: str, problem: str, sign: str) -> None:
    with pytest.raises(PronunciationError) as caught:
        check_pronunciation(Pronunciation("Nguyen", "win", ipa=ipa))
    assert (caught.value.problem, caught.value.detail, caught.value.written) == (problem, sign, "Nguyen")


def test_the_nearest_sounds_are_found_through_others() -> None:
    assert nearest_ipa("ɻ", {"r", "l"}) == ("r",)
    assert nearest_ipa("ɲ", {"n", "j"}) == ("n", "j")
    assert nearest_ipa("ø", {"e", "ɜː"}) == ("ɜː",)
    assert nearest_ipa("ʰ", {"h"}) == ()
    assert nearest_ipa("a", set()) == ()


def spoken(text: str, *entries: Pronunciation, language: str = "en") -> list[tuple[str, list[tuple[str, str]]]]:
    """Each segment's text, and in it the words whose sounds are known."""
    return [
        (s.text, [(s.text[slice(*s.source.within(part.start, part.end))], part.ipa) for part in s.phonemes])
        for s in iter_segments(text, language, normalise=True, pronunciations=entries)
    ]


NGUYEN = Pronunciation("Nguyen", "", ipa="nʊˈjɛn")


def test_a_sound_stands_at_its_word_whatever_is_done_to_the_text_around_it() -> None:
    text = "At 5 °C, **Nguyen**  ran 5 km (whispering) with  Nguyen, etc.\n\nNobody did. Then NGUYEN!"
    assert spoken(text, NGUYEN) == [
        (
            "At 5 degrees Celsius, Nguyen ran 5 kilometres (whispering) with Nguyen, et cetera.",
            [("Nguyen", "nʊˈjɛn"), ("Nguyen", "nʊˈjɛn")],
        ),
        ("Nobody did.", []),
        ("Then NGUYEN!", [("NGUYEN", "nʊˈjɛn")]),
    ]
    last = list(iter_segments(text, "en", pronunciations=(NGUYEN,)))[-1]
    assert last.phonemes == (Phonemes(text.index("NGUYEN"), text.index("NGUYEN") + 6, "nʊˈjɛn"),)


def test_engines_are_given_one_spelling() -> None:
    entry = Pronunciation("Nguyen", "", ipa="/nʊ'jɛ:n/")
    assert spoken("Mr Nguyen.", entry) == [("Mr Nguyen.", [("Nguyen", "nʊˈjɛːn")])]


def test_beside_a_sound_stands_the_respelling_for_who_cannot_say_it() -> None:
    both = Pronunciation("Nguyen", "win", ipa="nʊˈjɛn")
    assert spoken("Mr Nguyen came.", both) == [("Mr win came.", [("win", "nʊˈjɛn")])]
    assert spoken("Mr Nguyen came.", Pronunciation("Nguyen", "win")) == [("Mr win came.", [])]


def test_words_patterns_and_languages() -> None:
    york = Pronunciation("New York", "", ipa="nuː jɔɹk")
    assert spoken("In New  York.", york) == [("In New York.", [("New York", "nuː jɔɹk")])]
    pattern = Pronunciation(r"\bv\d+\b", "", is_pattern=True, ipa="viː")
    assert spoken("See v12 now.", pattern) == [("See v12 now.", [("v12", "viː")])]
    assert spoken("我住在重庆市。", Pronunciation("重庆", "", "zh", ipa="tʂʰʊŋ"), language="zh") == [
        ("我住在重庆市。", [("重庆", "tʂʰʊŋ")])
    ]
    assert spoken("Mr Nguyen.", Pronunciation("Nguyen", "", "de", ipa="nʊˈjɛn")) == [("Mr Nguyen.", [])]


def test_a_request_carries_its_sounds() -> None:
    options = SpeechOptions(language="en", pronunciations=(NGUYEN,))
    (segment,) = request_segments(SpeechRequest("Nguyen.", options=options))
    assert segment.phonemes == (Phonemes(0, 6, "nʊˈjɛn"),)
