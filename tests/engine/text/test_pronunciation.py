"""The person's dictionary: words and patterns, offsets exact, patterns that cannot be or take for ever refused."""

import time
from dataclasses import replace

import pytest
from waiting import LIMIT_S

from engine.errors import PronunciationError
from engine.text import check_pronunciation, iter_segments, request_segments
from engine.types import Pronunciation, SpeechOptions, SpeechRequest


def say(text: str, *entries: Pronunciation, language: str = "en") -> str:
    for entry in entries:
        check_pronunciation(entry)
    return " | ".join(segment.text for segment in iter_segments(text, language, pronunciations=entries))


def pattern(written: str, spoken: str = "x", *, match_case: bool = False) -> Pronunciation:
    return Pronunciation(written, spoken, is_pattern=True, match_case=match_case)


WORDS = (
    ("The GIF is here, gifs are not.", ("gif", "jif"), "The jif is here, gifs are not."),
    ("Nginx, nginx and NGINX-based.", ("nginx", "engine X"), "engine X, engine X and engine X-based."),
    ("New  York is new.", ("New York", "the Apple"), "the Apple is new."),
    ("In C++ and C.", ("C++", "C plus plus"), "In C plus plus and C."),
    ("Don’t do it, don.", ("don't", "do not"), "do not do it, don."),
    ("It was cafe\u0301 time.", ("café", "coffee"), "It was coffee time."),
    ("Say it, (whispering) now.", ("whispering", "x"), "Say it, (whispering) now."),
    ("Nothing of it stays.", ("of it", ""), "Nothing stays."),
)


@pytest.mark.parametrize(("text", "entry", "spoken"), WORDS, ids=[spoken for _, _, spoken in WORDS])
def test_words_are_found_whole(text: str, entry: tuple[str, str], spoken: str) -> None:
    assert say(text, Pronunciation(*entry)) == spoken


def test_capitals_matter_where_they_are_wanted() -> None:
    entry = Pronunciation("US", "United States", match_case=True)
    assert say("The US and us.", entry) == "The United States and us."
    assert say("The US and us.", replace(entry, match_case=False)) == "The United States and United States."


def test_scripts_without_spaces() -> None:
    assert say("我住在重庆市。", Pronunciation("重庆", "虫庆"), language="zh") == "我住在虫庆市。"
    assert say("今日は大人です。", Pronunciation("大人", "おとな"), language="ja") == "今日はおとなです。"


def test_a_word_after_an_elision() -> None:
    assert say("L’eau est là.", Pronunciation("eau", "oh"), language="fr") == "L’oh est là."


def test_the_longest_word_and_then_the_first_entry_is_taken_and_only_once() -> None:
    entries = (Pronunciation("York", "B"), Pronunciation("New York", "A"), Pronunciation("York", "C"))
    assert say("New York, York, B.", *entries, Pronunciation("B", "D")) == "A, B, D."


def test_entries_of_other_languages_do_nothing() -> None:
    entry = Pronunciation("chat", "cat", language="fr")
    assert say("Le chat dort bien.", entry, language="fr") == "Le cat dort bien."
    assert say("A chat with them.", entry) == "A chat with them."


def test_patterns_and_their_groups() -> None:
    assert say("Room B12 and b7.", pattern(r"\b(B)(\d+)\b", r"\1 number \2")) == "Room B number 12 and b number 7."
    assert say("Room B12 and b7.", pattern(r"\bB(\d+)", r"\1", match_case=True)) == "Room 12 and b7."
    assert say("aaa bbb.", pattern(r"a|(b)", r"[\1]")) == "[][][] [b][b][b]."


def test_offsets_stay_exact() -> None:
    text = "First, see  **NGINX** here.\n\nThen see nginx again."
    entries = (Pronunciation("nginx", "engine ex"), pattern("Then (see)", r"\1"))
    first, second = iter_segments(text, "en", pronunciations=entries)
    for segment, written in ((first, "NGINX"), (second, "nginx")):
        start = segment.text.index("engine")
        assert segment.source.span(start, start + 9) == (text.index(written), text.index(written) + 5)
        assert list(segment.source.starts) == sorted(segment.source.starts)
        assert list(segment.source.ends) == sorted(segment.source.ends)
        assert text[segment.start : segment.end].endswith(".")
    assert text[slice(*first.source.span(0, 5))] == "First"
    assert text[slice(*second.source.span(0, 3))] == "Then see"
    assert (second.start, second.end) == (text.index("Then"), len(text))


def test_a_sentence_may_be_left_unsaid() -> None:
    entry = pattern(r"\[citation needed\]\.?", "")
    assert say("It is so. [citation needed].\n\nOr not.", entry) == "It is so. | Or not."


BAD = (
    ("empty", Pronunciation(" ", "x")),
    ("pattern", pattern("(")),
    ("pattern", pattern("[z-a]")),
    ("replacement", pattern("a", r"\1")),
    ("replacement", pattern("a", r"\g<name>")),
    ("matches_nothing", pattern("x*")),
    ("matches_nothing", pattern("^")),
    ("language", Pronunciation("a", "b", language="sv")),
    ("control", Pronunciation("a", "b\nc")),
    ("control", Pronunciation("a\0", "b")),
    ("slow", pattern(r"(a|aa)+$")),
    ("slow", pattern(r"(?:x|x)+[yz]")),
    ("slow", pattern(r"(?:7|7)+[89]")),
)


@pytest.mark.parametrize(("problem", "entry"), BAD, ids=[f"{problem}-{entry.written}" for problem, entry in BAD])
def test_what_cannot_be_is_refused(problem: str, entry: Pronunciation) -> None:
    with pytest.raises(PronunciationError) as caught:
        check_pronunciation(entry)
    assert caught.value.problem == problem


def test_a_pattern_that_takes_for_ever_is_left_out_and_nothing_is_lost() -> None:
    text = f"{'q' * 200}!"
    began_s = time.monotonic()
    (segment,) = iter_segments(text, "en", pronunciations=(pattern("(?:q|q)+[rs]"), Pronunciation("never", "x")))
    assert time.monotonic() - began_s < LIMIT_S
    assert segment.text == text


def test_a_request_speaks_with_its_own_dictionary() -> None:
    options = SpeechOptions(pronunciations=(Pronunciation("Lectern", "Lek turn"),))
    (segment,) = request_segments(SpeechRequest("Lectern reads.", options=options))
    assert segment.text == "Lek turn reads."
