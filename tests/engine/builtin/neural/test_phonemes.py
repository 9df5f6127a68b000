"""IPA in the voice's alphabet: a person's, and espeak-ng's."""

from __future__ import annotations

import pytest

from engine.builtin.neural import Network, from_ipa, unknown_signs


@pytest.mark.parametrize(
    ("ipa", "expected"),
    [
        ("həˈloʊ", "həlˈO"),
        ("/ˈstɹɛŋθs/", "stɹˈɛŋθs"),
        ("[nʊˈjɛn]", "nʊjˈɛn"),
        ("nʊjɛn", "nˈʊjɛn"),
        ("ˈt͡ʃaɪ", "ʧˈI"),
        ("bˈʌʔn̩", "bˈʌtᵊn"),
        ("fˈaɪɚ", "fˈIəɹ"),
        ("bˈɜːd", "bˈɜɹd"),
        ("ˌɛndʒˈiː", "ˌɛnʤˈi"),
        ("bɔ̃ʒuʁ", "bˈɔnʒuɹ"),
        ("ˈbax", "bˈɑk"),
        ("ɡʁaˈθjas", "ɡɹɑθjˈɑs"),
        ("mˈɪlk ʃˈeɪk", "mˈɪlk ʃˈAk"),
        ("ŋ", "ŋ"),
        ("", ""),
    ],
)
def test_ipa(network: Network, ipa: str, expected: str) -> None:
    assert from_ipa(ipa) == expected
    assert all(network.knows(sign) for sign in expected)
    assert unknown_signs(ipa) == ""


def test_what_is_no_ipa_is_told() -> None:
    assert unknown_signs("hə9lˈo世9") == "9世"
    assert from_ipa("hə9lˈoʊ") == "həlˈO"


def test_all_of_the_alphabet_is_known(network: Network) -> None:
    """Whatever IPA has for a sound, the network has learned what becomes of it."""
    signs = "abcdefhijklmnopqrstuvwxyzæðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʈʉʊʋʌʍʎʏʐʑʒʔʕʜʝʟβθχ"
    assert unknown_signs(signs) == ""
    for sign in signs:
        assert all(network.knows(phoneme) for phoneme in from_ipa(sign)), sign
