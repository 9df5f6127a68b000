"""What must hold for every text, tried on texts that hypothesis makes of what people write: the same ones each time."""

from __future__ import annotations

import re
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import TextError
from engine.text import iter_segments
from engine.text.detection import document_language, guess_language
from engine.text.other_languages import name_of_language
from engine.types import LANGUAGES, LanguageSpan, Segment

# Words, two plain ones first, and what is written short: each language's own, and what may stand in any.
_WORDS = {
    "en": "the cat Dr. Smith e.g. U.S. don't well-known St. No. p.m. Henry VIII chapter IV 1st Jan. feet",
    "zh": "你好 世界 今天 天气 第十二章 公里 万 百分之 上午 元",
    "ja": "これは 本 東京 行こう カタカナ 第三章 午後 万円 度 気温は",
    "de": "der Hund z. B. Straße Dr. Müller 5. Mai größer Kap. IV Uhr Nr. Ludwig II. Mio. Std.",
    "fr": "le chat M. Dupont n'est l'été où p. ex. XIXe siècle Stéphane chap. IV Mme Drôle n° Md€",
    "es": "el niño Sr. López pág. más allá siglo XVIII Av. D.ª cap. IV años la una",
    "ko": "안녕하세요 오늘 날씨 제3장 시 분 원 라고 말했다 킬로미터",
    "ar": "مرحبا العالم د. أحمد كتاب السَّلامُ جميل الفصل بنسبة ٪",
    "ru": "кот ёж т.е. г. Москва А. С. Пушкин XVIII в. ул. Ленина гл. руб. млрд",
    "nl": "de kat bijv. het huis 's ochtends dhr. Jansen XIXe eeuw u. mln hfst. km/u",
    "it": "il gatto sig. Rossi l'art. perché sec. XVIII cap. IV p.es. mln di euro",
    "pl": "kot żółty np. ul. Długa prof. Nowak w. źdźbło rozdz. Jan Paweł II zł mld r.",
    "pt": "o gato Sr. Silva não pág. coração séc. XVIII cap. IV R$ mil bi",
}
_NUMBERS = [
    *("3.5", "3,5", "1,234", "12 345", "5 km", "20 %", "$5", "€ 0,90", "0.90 €", "2024", "14:30", "9:00 a.m.", "-5°C"),
    *("7–9", "3.5.2024", "2024-05-12", "10^6", "x²", "½", "1/2", "5'11\"", "+49 30 123 456", "2:05:30", "5 m", "1st"),
]
_STOPS = [
    *(". ", "! ", "? ", "。", "؟ ", ", ", " ", " ", " ", "; ", ": ", " — ", "\n", "\n\n", "… ", " (", ") "),
    *("“", "”", "«", "»"),
]


AT_ONCE = {"en", "de", "zh", "ar"}  # an alphabet, points that end nothing, no spaces, from the right
EACH = [code if code in AT_ONCE else pytest.param(code, marks=pytest.mark.slow) for code in LANGUAGES]
"""All of them take 20 seconds."""


def texts(language: str) -> st.SearchStrategy[str]:
    """Texts in `language`, with numbers and what surrounds them."""
    words = st.sampled_from(_WORDS[language].split() + _NUMBERS)
    return st.lists(st.tuples(words, st.sampled_from(_STOPS)), min_size=1, max_size=14).map(
        lambda pairs: "".join(word + stop for word, stop in pairs)
    )


def every_time(n: int) -> settings:
    """`n` texts, the same in every run, however long each takes on a busy computer."""
    return settings(
        max_examples=n, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
    )


def segments_of(text: str, language: str | None, *, normalise: bool = True) -> list[Segment]:
    try:
        return list(iter_segments(text, language, normalise=normalise))
    except TextError as error:
        assert error.problem in ("empty", "nothing_to_speak")  # noqa: PT017 - any other fails
        return []


def letters(text: str) -> Counter[str]:
    return Counter(sign for sign in text if sign.isalpha())


@pytest.mark.parametrize("language", EACH)
def test_every_place_is_spoken_once_and_in_order(language: str) -> None:
    @every_time(40)
    @given(texts(language))
    def check(text: str) -> None:
        reached = 0
        for segment in segments_of(text, language):
            starts, ends = list(segment.source.starts), list(segment.source.ends)
            assert (segment.start, segment.end) == (starts[0], ends[-1])
            assert starts == sorted(starts)
            assert ends == sorted(ends)
            assert reached <= segment.start < segment.end <= len(text)
            reached = segment.end

    check()


@pytest.mark.parametrize("language", EACH)
def test_nothing_that_can_be_said_is_lost(language: str) -> None:
    """Each letter and digit is in a segment's span, whatever is said for it; as written, letters stay themselves."""

    @every_time(40)
    @given(texts(language))
    def check(text: str) -> None:
        covered = bytearray(len(text))
        for segment in segments_of(text, language):
            covered[segment.start : segment.end] = b"\1" * (segment.end - segment.start)
        lost = [sign for sign, is_said in zip(text, covered, strict=True) if sign.isalnum() and not is_said]
        assert not lost
        plain = segments_of(text, language, normalise=False)
        assert sum((letters(segment.text) for segment in plain), Counter()) == letters(text)

    check()


@pytest.mark.parametrize("language", EACH)
def test_what_was_said_is_said_the_same_again(language: str) -> None:
    """What a number or an abbreviation between words became holds nothing any more that would become other words.

    One beside another may: "7 -5" is "7 min 5" in Dutch, where "7 min" is short for seven minutes.
    """
    plain = st.sampled_from(_WORDS[language].split()[:2])
    short = st.sampled_from(_NUMBERS)
    clauses = st.tuples(plain, short, plain).map(" ".join)

    @every_time(40)
    @given(st.lists(clauses, min_size=1, max_size=5).map(", ".join))
    def check(text: str) -> None:
        for segment in segments_of(text, language):
            again = " ".join(other.text for other in segments_of(segment.text, language))
            assert "".join(again.split()) == "".join(segment.text.split())

    check()


_GLUED = re.compile(r"[^\W\d_]\d|\d(?!(?:st|nd|rd|th|er|re)\b)[^\W\d_]")  # "12th" is how a day is said
_UNSPACED = ("zh", "ja", "ko")


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language not in _UNSPACED])
def test_no_digit_is_glued_to_a_letter(language: str) -> None:
    """But where the text itself has the two together."""

    @every_time(40)
    @given(texts(language))
    def check(text: str) -> None:
        written = {match[0] for match in _GLUED.finditer(text)}
        for segment in segments_of(text, language):
            glued = {match[0] for match in _GLUED.finditer(segment.text)}
            assert glued <= written, (segment.text, glued)

    check()


@pytest.mark.slow
@every_time(150)
@given(
    st.lists(st.sampled_from([word for words in _WORDS.values() for word in words.split()] + _STOPS), max_size=30),
    st.lists(
        st.builds(
            LanguageSpan,
            st.integers(-5, 200),
            st.integers(-5, 200),
            st.sampled_from(["en", "fr", "sv", "ja", "zz", ""]),
        )
    ),
)
def test_whatever_is_declared_every_sentence_has_a_language(parts: list[str], declared: list[LanguageSpan]) -> None:
    text = "".join(parts)
    try:
        segments = list(iter_segments(text, declared=declared))
    except TextError as error:
        assert error.problem in ("empty", "nothing_to_speak")  # noqa: PT017 - any other fails
    else:
        assert all(segment.language in LANGUAGES for segment in segments)
        assert not any(segment.unvoiced_language in LANGUAGES for segment in segments)


@every_time(300)
@given(st.text(max_size=60) | st.text("aä²½Ⅷªそ東한שא﷽ǅ々·🙂\u0301 .", max_size=30))
def test_any_signs_at_all_have_a_language(text: str) -> None:
    told = document_language(text)
    assert told.language in LANGUAGES
    assert told.unvoiced not in LANGUAGES
    assert name_of_language(told.unvoiced or told.language)
    assert guess_language(text) in LANGUAGES
    if not re.search("[\0\ud800-\udfff]", text):  # refused
        assert all(segment.start < segment.end for segment in segments_of(text, None))


@pytest.mark.parametrize("language", EACH)
def test_work_grows_with_the_length(language: str) -> None:
    """Eight times the text is far from the sixty-four times of a square."""
    words = _WORDS[language].split()
    pairs = zip(words * 4, (_NUMBERS + words) * 4, strict=False)
    unit = "".join(f"{word} {number}{stop}" for (word, number), stop in zip(pairs, _STOPS * 2, strict=False))

    def seconds(n: int) -> float:
        begun = time.process_time()
        segments_of(unit * n, language)
        return time.process_time() - begun

    seconds(1)  # imports and compiles what is needed
    assert seconds(40) <= 30 * max(seconds(5), 0.03)
