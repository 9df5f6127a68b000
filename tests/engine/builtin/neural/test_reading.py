"""What the natural voice makes of a text: every sign has its place, and what it cannot say is told."""

from __future__ import annotations

import pytest

from engine.builtin.neural import Network, Row, Unsaid, rows_of
from engine.builtin.neural.reading import read_words
from engine.builtin.neural.synthesis import MAX_ROW_PHONEMES
from engine.builtin.phonemes import GivenPhonemes


def words(network: Network, text: str) -> list[tuple[str, str | None]]:
    return [(text[word.start : word.end], word.phonemes) for word in read_words(network.g2p, text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hello, world!", [("Hello", "həlˈO"), (",", ","), ("world", "wˈɜɹld"), ("!", "!")]),
        ("isn’t it", [("isn’t", "ˈɪzᵊnt"), ("it", "ɪt")]),
        ("word—word", [("word", "wˈɜɹd"), ("—", "—"), ("word", "wˈɜɹd")]),
        ("$3.50", [("$3.50", "θɹˈi dˈɑləɹz ænd fˈɪfti sˈɛnts")]),
        ("/month", [("/month", "pɜɹ mˈʌnθ")]),
        ("3/4", [("3/4", "θɹˈi kwˈɔɹTəɹz")]),
        ("1/2", [("1/2", "wˈʌn hˈæf")]),
        ("24/7", [("24/7", "twˈɛnti fˈɔɹ sˈɛvən")]),
        ("007", [("0", "zˈɪɹO"), ("0", "zˈɪɹO"), ("7", "sˈɛvən")]),
        ("0.05", [("0.05", "zˈɪɹO pYnt zˈɪɹO fˈIv")]),
        ("XQZT", [("XQZT", "ˌɛkskjˌuzˌitˈi")]),
        ("Nguyen", [("Nguyen", "nˈujɛn")]),  # as espeak-ng says it
        ("Kubernetes", [("Kubernetes", "kˌubəɹnˈɛTiz")]),
        ("to 世界 now", [("to", "tə"), ("世界", None), ("now", "nˈW")]),
        ("iPhone手机", [("iPhone", "ˈIfˌOn"), ("手机", None)]),
        ("мир ½ 😀", [("мир", None), ("½", None), ("😀", None)]),
        ("…", [("…", "…")]),
        ("", []),
    ],
)
def test_words(network: Network, text: str, expected: list[tuple[str, str | None]]) -> None:
    assert words(network, text) == expected


def test_a_long_number_is_said_digit_by_digit(network: Network) -> None:
    assert words(network, "12345 " + "9" * 20) == [("12345", network.g2p("12345")), *[("9", "nˈIn")] * 20]
    assert len(words(network, "1,111" * 40)) == 200


def test_given_phonemes_are_taken_as_they_are(network: Network) -> None:
    text = "Dr Nguyen's son, the Ng."
    given = [GivenPhonemes(21, 23, "ɪŋ"), GivenPhonemes(3, 9, "nʊˈjɛn")]
    (row,) = rows_of(network, text, given)
    assert isinstance(row, Row)
    assert row.phonemes == "dˈɑktəɹ nʊjˈɛns sˈʌn, ðə ˈɪŋ."
    assert [text[start:end] for start, end, _ in row.words] == ["Dr", "Nguyen", "'s", "son", "the", "Ng"]
    assert [row.phonemes[place:][:2] for _, _, place in row.words] == ["dˈ", "nʊ", "s ", "sˈ", "ðə", "ˈɪ"]


@pytest.mark.parametrize(
    "text",
    [
        *("word " * 186, "1" * 300, "9," * 150, "x" * 400, "a" * 2000, "1.2.3.4.5", "hmm pfft brrr Ng", "\x07\x1b"),
        *("[abc](/x/) [[x]] <b> a_b 5'6 '' foo.bar() e=mc²", "\u200b\ufeff", "?!?!", "C++ C# | ~ ^ § 5€ €"),
        *("Z̸̢̛a̵l̴g̶o ﷺ", "𝕏 ① ⅷ", "नमस्ते שלום ไทย", "iPhone手机2025年"),
    ],
)
def test_nothing_is_lost(network: Network, text: str) -> None:
    """Whatever somebody would say is in a row's words, or in what is handed on; in order, and no row is too long."""
    covered: set[int] = set()
    reached = 0
    for part in rows_of(network, text):
        spans = [(part.start, part.end)] if isinstance(part, Unsaid) else [word[:2] for word in part.words]
        for start, end in spans:
            assert reached <= start < end <= len(text)
            reached = end
            covered.update(range(start, end))
        if isinstance(part, Row):
            assert 0 < len(part.phonemes) <= MAX_ROW_PHONEMES + 1
            assert all(network.knows(sign) for sign in part.phonemes)
            places = [place for _, _, place in part.words]
            assert places == sorted(set(places))
    assert not [sign for i, sign in enumerate(text) if sign.isalnum() and i not in covered]


@pytest.mark.parametrize(
    ("text", "ends"), [("A heading", ["."]), ("“Stop!”", ["!"]), ("Stop, now", ["."]), ("to 世界 now", [",", "."])]
)
def test_a_row_ends_with_a_pause(network: Network, text: str, ends: list[str]) -> None:
    assert [part.phonemes[-1] for part in rows_of(network, text) if isinstance(part, Row)] == ends
