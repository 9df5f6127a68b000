import subprocess
import sys

import pytest

from engine.errors import OptionError
from engine.text import detect_language, iter_segments
from engine.text.detection import guess_language
from engine.types import LANGUAGES

SENTENCES = {
    "en": "The weather was fine, and they went down to the river with the children.",
    "zh": "今天天气很好，我们带着孩子们去河边散步。",
    "ja": "今日は天気がよかったので、子供たちと川へ行きました。",
    "de": "Das Wetter war schön, und sie gingen mit den Kindern zum Fluss hinunter.",
    "fr": "Il faisait beau, et ils sont descendus à la rivière avec les enfants.",
    "es": "Hacía buen tiempo y bajaron al río con los niños, pero no había nadie.",
    "ko": "오늘은 날씨가 좋아서 아이들과 함께 강에 갔습니다.",
    "ar": "كان الطقس جميلا فذهبوا مع الأطفال إلى النهر.",
    "ru": "Погода была хорошая, и они пошли с детьми к реке.",
    "nl": "Het was mooi weer en ze gingen met de kinderen naar de rivier.",
    "it": "Il tempo era bello e andarono al fiume con i bambini della scuola.",
    "pl": "Pogoda była ładna, więc poszli z dziećmi nad rzekę.",
    "pt": "O tempo estava bom e eles foram ao rio com as crianças, mas não havia ninguém.",
}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_told(language: str) -> None:
    assert detect_language(SENTENCES[language]) == language
    assert {segment.language for segment in iter_segments(SENTENCES[language])} == {language}


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_language_is_guessed(language: str) -> None:
    assert guess_language(SENTENCES[language]) == language


def test_where_the_sentence_begins_is_known_without_the_classifier() -> None:
    """It takes half a second to load, in which a window would stand still."""
    code = """
import sys
from engine.text import sentence_start
text = "Lorem ipsum dolor sit amet, consectetur adipiscing elit. " * 30
assert sentence_start(text, 60) == 57
assert "py3langid.langid" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("", "en"),
        ("OK", "en"),
        ("Hola", "en"),
        ("123 456", "en"),
        ("lorem ipsum dolor sit amet", "en"),
        ("Guten Tag, wie geht es?", "de"),
        ("Non lo so.", "it"),
        ("本当？", "zh"),
        ("はい", "ja"),
        ("我喜欢 iPhone 和 iPad", "zh"),
        ("I like 北京 very much", "en"),
        ("안녕", "ko"),
        ("https://example.com/der-die-das/und/nicht (whispering) The cat and the dog", "en"),
    ],
)
def test_short_and_mixed_text(text: str, language: str) -> None:
    assert detect_language(text) == language


def languages(text: str, language: str | None = None) -> list[str]:
    return [segment.language for segment in iter_segments(text, language)]


def test_paragraph_in_another_script_or_surely_in_another_language_overrides_the_document() -> None:
    document = "\n\n".join([SENTENCES["en"]] * 3)
    assert languages(f"{document}\n\n{SENTENCES['ru']}\n\n{SENTENCES['ja']}") == ["en", "en", "en", "ru", "ja"]
    assert languages(f"{document}\n\n{SENTENCES['de']} {SENTENCES['de']}") == ["en", "en", "en", "de", "de"]
    assert languages(f"{document}\n\nGuten Tag, wie geht es?") == ["en", "en", "en", "en"]
    assert languages(f"{SENTENCES['ja']}\n\n東京都\n\n{SENTENCES['en']}") == ["ja", "ja", "en"]


def test_chosen_language_wins_but_for_other_scripts() -> None:
    assert languages(SENTENCES["en"], "de") == ["de"]
    assert languages(f"{SENTENCES['en']}\n\n{SENTENCES['ru']}", "fr") == ["fr", "ru"]
    assert languages("東京都", "ja") == ["ja"]


def test_unknown_language_is_refused() -> None:
    with pytest.raises(OptionError) as caught:
        iter_segments("Hej.", "sv")
    assert (caught.value.name, caught.value.found) == ("language", "sv")


def test_import_is_cheap_and_plain_english_needs_no_classifier() -> None:
    code = (
        "import sys, engine.text as t; "
        "assert not {'torch', 'sentencex', 'py3langid'} & sys.modules.keys();"
        f"assert t.detect_language({SENTENCES['en']!r} * 3) == 'en'; assert 'py3langid' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
