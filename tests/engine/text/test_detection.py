import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from tables import all_right

from engine.errors import OptionError
from engine.text import detect_language, iter_segments
from engine.text.detection import guess_language
from engine.text.other_languages import name_of_language
from engine.types import LANGUAGES, LanguageSpan

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


@dataclass(frozen=True)
class Row:
    text: str
    languages: list[str]
    declared: str = ""


def rows() -> list[Row]:
    """The table `detection.tsv`, which says in its first lines how it is written."""
    found: list[Row] = []
    for line in Path(__file__).with_name("detection.tsv").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        text, told, _why = line.split("\t")
        declared = re.match(r"\[(\w\w)\]", text)
        text = text[declared.end() if declared else 0 :].replace("¶", "\n\n")
        found.append(Row(text, told.split(), declared[1] if declared else ""))
    return found


def told_of_paragraphs(text: str, declared: Sequence[LanguageSpan] = (), chosen: str | None = None) -> list[str]:
    """The language of each paragraph, with what it is really in where nobody speaks that: "en+sv"."""
    told: list[str] = []
    starts_paragraph = True
    for segment in iter_segments(text, chosen, declared=declared):
        if starts_paragraph:
            told.append("+".join(filter(None, (segment.language, segment.unvoiced_language))))
        starts_paragraph = segment.ends_paragraph
    return told


def test_a_text_is_told_as_the_table_says() -> None:
    with all_right() as right:
        for row in rows():
            with right(row.text):
                declared = (LanguageSpan(0, len(row.text), row.declared),) if row.declared else ()
                assert told_of_paragraphs(row.text, declared) == row.languages


@pytest.mark.parametrize("text", ["", "123 456", "…", "https://example.com/der-die-das/und/nicht"])
def test_what_has_no_letters_is_in_the_default_language(text: str) -> None:
    assert detect_language(text) == "en"


def test_what_belongs_to_no_language_does_not_count() -> None:
    assert detect_language("https://example.com/der-die-das/und/nicht (whispering) The cat and the dog") == "en"


def test_parts_are_in_the_language_that_is_declared_for_them() -> None:
    text = "He turned to the door.\n\nPardon, Madame.\n\nShe said it again. Pardon, Madame. Nobody knew why."
    first, second = text.index("Pardon"), text.rindex("Pardon")
    spans = [LanguageSpan(place, place + len("Pardon, Madame."), "fr") for place in (first, second)]
    whole = LanguageSpan(0, len(text), "en")
    found = [(segment.text, segment.language) for segment in iter_segments(text, declared=[whole, *spans])]
    assert [language for _, language in found] == ["en", "fr", "en", "fr", "en"], found
    assert {segment.language for segment in iter_segments(text)} == {"en"}
    assert {segment.language for segment in iter_segments(text, "en", declared=[whole, *spans])} == {"en"}


def test_a_sentence_in_another_script_is_in_its_own_language() -> None:
    text = "She said this twice. 你好，我是小明。 Then she left. Как у тебя дела? Все хорошо. He typed 北京 and waited."
    found = [(segment.text, segment.language) for segment in iter_segments(text)]
    assert [language for _, language in found] == ["en", "zh", "en", "ru", "ru", "en"], found
    assert languages("これは本です。東京都。もう読みました。Windows 11.") == ["ja"] * 4
    told = [segment.unvoiced_language for segment in iter_segments("She said it. שלום עולם, מה שלומך? He left.", "en")]
    assert told == ["", "he", ""]


def test_a_declared_word_within_a_sentence_is_read_with_the_sentence() -> None:
    text = "She ordered a crème brûlée and left."
    spans = [LanguageSpan(text.index("crème"), text.index(" and"), "fr")]
    assert {segment.language for segment in iter_segments(text, declared=spans)} == {"en"}


def test_many_declarations_take_no_longer_than_the_text() -> None:
    n = 2000
    text = "Hello. Bonjour. " * n
    spans = [LanguageSpan(0, len(text), "en"), LanguageSpan(0, len(text) - 1, "fr")]
    spans += [LanguageSpan(16 * i + 7, 16 * i + 15, "fr") for i in range(n)]
    begun = time.process_time()
    assert sum(1 for _ in iter_segments(text, declared=spans)) == 2 * n
    assert time.process_time() - begun < 20


def test_every_language_that_no_voice_speaks_has_a_name() -> None:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    for code in LanguageIdentifier.from_model_file(MODEL_FILE).labels:
        name = name_of_language(code)
        assert code == "zxx" or (name[0].isupper() and name != code), code
    assert (name_of_language("de"), name_of_language("nb"), name_of_language("tlh")) == ("German", "Norwegian", "tlh")


def languages(text: str, language: str | None = None) -> list[str]:
    return [segment.language for segment in iter_segments(text, language)]


def test_paragraph_in_another_script_or_surely_in_another_language_overrides_the_document() -> None:
    document = "\n\n".join([SENTENCES["en"]] * 3)
    assert languages(f"{document}\n\n{SENTENCES['ru']}\n\n{SENTENCES['ja']}") == ["en", "en", "en", "ru", "ja"]
    assert languages(f"{document}\n\n{SENTENCES['de']} {SENTENCES['de']}") == ["en", "en", "en", "de", "de"]
    assert languages(f"{document}\n\nGuten Tag, wie geht es?") == ["en", "en", "en", "de"]
    assert languages(f"{document}\n\nMünchen, Königsplatz") == ["en", "en", "en", "en"]
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
