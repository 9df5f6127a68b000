"""What must hold for every text, tried on random ones: plain, marked up, and hostile."""

import random
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from growth import assert_linear

from engine.errors import TextError
from engine.text import iter_segments, spoken_without_markers
from engine.types import LANGUAGES, Segment

WORDS = {
    "en": "the cat sat on Dr. Smith's mat e.g. at 3.5 U.S. well-known don't Paris",
    "zh": "你好 世界 今天 3.5 天气 很好 我们 走吧 北京",
    "ja": "これは 本です 東京 と 3.5 行こう カタカナ はい",
    "de": "der Hund z. B. Straße Dr. Müller 5. Mai größer läuft 3,5 Ä",
    "fr": "le chat M. Dupont n'est 3,5 l'été où ça p. ex. œuvre",
    "es": "el niño Sr. López está 3,5 pág. 5 más allá",
    "ko": "안녕하세요 오늘 날씨 좋습니다 3.5 우리 서울",
    "ar": "مرحبا العالم د. أحمد كتاب 3.5 السَّلامُ جميل",
    "ru": "кот т.е. г. Москва сидел 3,5 А. С. Пушкин ёж",
    "nl": "de kat bijv. het huis 3,5 's ochtends dhr. Jansen",
    "it": "il gatto sig. Rossi è 3,5 l'art. 5 perché città",
    "pl": "kot np. żółty 3,5 ul. Długa prof. Nowak w. źdźbło",
    "pt": "o gato Sr. Silva não 3,5 pág. 5 coração ação",
}
STOPS = {"zh": "。 ！ ？ ……", "ja": "。 ！ ？", "ar": ". ؟ ! ..."}
UNSPACED = ("zh", "ja")


def sentence(random_: random.Random, language: str) -> str:
    separator = "" if language in UNSPACED else " "
    words = random_.choices(WORDS[language].split(), k=random_.randint(1, 40))
    words[-1] = words[-1].rstrip(".")  # four full stops would be a pile
    opening, closing = random_.choice(['""', "()", "“”", "«»", "  ", "  ", "  "])
    stop = random_.choice(STOPS.get(language, ". ! ? … !? ... :").split())
    return f"{opening}{separator.join(words)}{stop}{closing}".strip()


def paragraph(random_: random.Random, language: str) -> str:
    sentences = [sentence(random_, language) for _ in range(random_.randint(1, 6))]
    return ("" if language in UNSPACED else " ").join(sentences)


def check_invariants(text: str, segments: list[Segment]) -> None:
    assert [segment.index for segment in segments] == list(range(len(segments)))
    previous_end = 0
    for segment in segments:
        assert previous_end <= segment.start < segment.end <= len(text)
        previous_end = segment.end
        starts, ends = segment.source.starts, segment.source.ends
        assert len(segment.text) == len(starts) == len(ends)
        assert list(starts) == sorted(starts)
        assert list(ends) == sorted(ends)
        assert all(start < end for start, end in zip(starts, ends, strict=True))
        assert (segment.start, segment.end) == (starts[0], ends[-1])
        assert segment.text == segment.text.strip()
        assert "\n" not in segment.text
        assert any(map(str.isalnum, segment.text))
        assert segment.language in LANGUAGES
        spoken, source = spoken_without_markers(segment)
        assert len(spoken) == len(source.starts) == len(source.ends)
    assert segments[-1].ends_paragraph


def without_space(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("language", LANGUAGES)
def test_plain_text_is_kept_to_the_letter(language: str) -> None:
    random_ = random.Random(language)
    for _ in range(30):
        paragraphs = [paragraph(random_, language) for _ in range(random_.randint(1, 4))]
        text = "\n\n".join(paragraphs)
        segments = list(iter_segments(text, language))
        check_invariants(text, segments)
        assert without_space("".join(s.text for s in segments)) == without_space(text).replace("……", "…")
        assert sum(segment.ends_paragraph for segment in segments) == len(paragraphs)
        if "……" not in text:
            for segment in segments:
                assert [text[start] for start in segment.source.starts] == list(segment.text)
                assert text[segment.start : segment.end] == segment.text


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language not in UNSPACED])
def test_hard_wrapped_text_keeps_its_words(language: str) -> None:
    random_ = random.Random(language)
    for _ in range(30):
        words = paragraph(random_, language).replace("-", "").split()
        text = "".join(word + random_.choice("    \n") for word in words).strip()
        segments = list(iter_segments(text, language))
        check_invariants(text, segments)
        assert " ".join(segment.text for segment in segments).split() == words


# Pieces of markup around words, and in capital Q the letters that no reader says.
SAID = [
    "word",
    "слово",
    "كلمة",
    "单词",
    "ことば",
    "단어",
    "naïve",
    "e\u0301tude",
    "42",
    "(angry)",
    "&eacute;",
    "`co_de`",
]
SAID += [
    "**bold**",
    "_it_",
    "[link](http://Q.Q/Q)",
    "![alt](Q.Q)",
    "a_b",
    "Dr.",
    "2 * 3",
    "R&amp;D",
    "\\*x\\*",
    "<b>t</b>",
]
SIGNS = [
    ". ",
    "! ",
    "? ",
    "。",
    ", ",
    " ",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\n- ",
    "\n# ",
    "\n> ",
    "\n1. ",
    " | ",
    "\n|",
    "*",
    "_",
]
SIGNS += [
    "**",
    "`",
    "```",
    "\n```\n",
    "~~",
    "[",
    "]",
    "(",
    ")",
    "<",
    ">",
    "&",
    "\\",
    "\u00ad",
    "\u200b",
    "\u200d",
    "😀",
]
SIGNS += [
    "\u0301",
    "…",
    "!!!!",
    "\u2029",
    "\t",
    "[^Q]",
    " <!-- Q -->",
    "「",
    "」",
    "“",
    "”",
    "—",
    "--",
    "\u00a0",
    "\ue000",
]
SIGNS += ["https://www.", "http://", "mailto:", "@", "://", ";", ":", "¿", "؟", "-\n", "\n---\n", "\n--|--\n"]


@pytest.mark.slow
def test_marked_up_text_loses_only_what_nobody_says() -> None:
    separators = [
        ". ",
        "! ",
        "? ",
        "。",
        ", ",
        " ",
        "\n",
        "\n\n",
        "\n- ",
        "\n# ",
        "\n> ",
        "\n1. ",
        " 😀 ",
        " [^Q] ",
        "…",
    ]
    separators += [" <!-- Q --> ", "\n---\n", "\n\n```\n\n```\n", " — ", "; ", "\n[Q]: http://Q/Q\n", "\u2029"]
    random_ = random.Random(7)
    for _ in range(400):
        text = "".join(random_.choice(SAID) + random_.choice(separators) for _ in range(random_.randint(1, 60)))
        segments = list(iter_segments(text))
        check_invariants(text, segments)
        covered = bytearray(len(text))
        for segment in segments:
            covered[segment.start : segment.end] = b"\1" * (segment.end - segment.start)
        lost = {text[i] for i in range(len(text)) if not covered[i] and text[i].isalnum()}
        assert lost <= set("Qhtpb"), text  # of an address's or a tag's own letters
        said = "".join(segment.text for segment in segments)
        assert "Q" not in said
        for word in (
            "word",
            "слово",
            "كلمة",
            "单词",
            "ことば",
            "단어",
            "naïve",
            "étude",
            "bold",
            "link",
            "alt",
            "angry",
        ):
            assert said.count(word) == unicodedata.normalize("NFC", text).count(word), (word, text)


@pytest.mark.slow
def test_no_text_breaks_the_invariants() -> None:
    random_ = random.Random(11)
    for _ in range(1500):
        text = "".join(random_.choice(random_.choice((SAID, SIGNS, SIGNS))) for _ in range(random_.randint(1, 40)))
        try:
            segments = list(iter_segments(text, random_.choice((None, *LANGUAGES))))
        except TextError as error:
            assert error.problem in ("empty", "nothing_to_speak")  # noqa: PT017 - both outcomes are right
        else:
            check_invariants(text, segments)


def hostile_units() -> Iterator[str]:
    yield from ("a", "(", "\n", "中", "中。", "a. ", "* ", "**", "_", "`", "[", "[a](", "<", "<!--", "![", "&", "\\")
    yield from (
        "https://a.b/(",
        "| ",
        "a|b\n",
        '"',
        "e\u0301",
        "\u0300\u0316",
        "😀",
        "-\n",
        "```a\n",
        "> ",
        "# ",
        "1. ",
    )
    yield from ("- a\n", "…", "(angry)", "( angry", "<a b=", "a@", "\u200d", "\u2029", "z. B. ", "a.b.", "x\n\n")


@pytest.mark.slow
@pytest.mark.parametrize("unit", list(hostile_units()))
def test_work_grows_with_the_length_and_not_its_square(unit: str) -> None:
    def of(n: int) -> Callable[[], object]:
        text = unit * (n // len(unit))

        def cut() -> None:
            with suppress(TextError):
                list(iter_segments(text, "en"))

        return cut

    assert_linear(of, 4_000, least_s=0.015)


def test_first_segment_comes_before_the_rest_is_read() -> None:
    text = "It was a dark night. " * 50_000
    next(iter_segments("Warm up.", "en"))
    begun = time.process_time()
    first = next(iter_segments(text, "en"))
    assert time.process_time() - begun < 0.5  # the whole of it takes many times that
    assert first.text == "It was a dark night."
