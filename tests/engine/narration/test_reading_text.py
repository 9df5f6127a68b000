"""Plain text: any encoding, hard-wrapped lines, headings in 13 languages, and every character accounted for."""

import textwrap
from pathlib import Path

import pytest
from alice import AUTHOR, CHAPTER_TEXTS, CHAPTER_TITLES, CHAPTERS, TITLE

from engine.errors import DocumentError
from engine.narration.document import Document, OmissionReason, n_chars
from engine.narration.readers.headings import is_heading
from engine.narration.reading import read_document


def read(folder: Path, text: str, encoding: str = "utf-8") -> Document:
    path = folder / "A book.txt"
    path.write_bytes(text.encode(encoding))
    return read_document(path)


def gutenberg_text() -> str:
    """As Project Gutenberg has it: wrapped lines, contents, a licence."""
    lines = [
        "The Project Gutenberg eBook of Alice, for the use of anyone anywhere.",
        f"\nTitle: {TITLE}\n\nAuthor: {AUTHOR}\n\nLanguage: English",
        "\n*** START OF THE PROJECT GUTENBERG EBOOK ALICE ***\n\n",
        f"{TITLE}\n\nby {AUTHOR}\n\nContents\n",
        *(f" {title}" for title in CHAPTER_TITLES),
    ]
    for title, paragraphs in CHAPTERS:
        lines += ["\n\n", title.replace(". ", ".\n", 1), "\n"]
        lines += [textwrap.fill(paragraph, 72, break_on_hyphens=False) + "\n" for paragraph in paragraphs]
    lines += ["\n*** END OF THE PROJECT GUTENBERG EBOOK ALICE ***", "The licence goes on for pages."]
    return "\n".join(lines)


def test_a_wrapped_book_comes_out_whole_and_in_order(tmp_path: Path) -> None:
    text = gutenberg_text()
    document = read(tmp_path, text)
    assert (document.title, document.author, document.language) == (TITLE, AUTHOR, "en")
    front, *chapters = document.chapters
    assert front.text == f"{TITLE}\n\nby {AUTHOR}"
    assert tuple(chapter.title for chapter in chapters) == CHAPTER_TITLES
    assert tuple(chapter.text.replace(".\n", ". ", 1) for chapter in chapters) == CHAPTER_TEXTS
    assert [omission.reason for omission in document.omissions] == ["licence", "licence", "contents", "contents"]
    assert document.n_source_chars == n_chars(text)


def test_unwrapped_paragraphs_stay_apart(tmp_path: Path) -> None:
    document = read(tmp_path, "\n".join(paragraph for _, paragraphs in CHAPTERS for paragraph in paragraphs))
    (chapter,) = document.chapters
    assert chapter.text.split("\n\n") == [paragraph for _, paragraphs in CHAPTERS for paragraph in paragraphs]
    assert chapter.title == document.title == "A book"


def test_a_word_cut_at_a_line_end_is_mended_and_its_hyphen_counted(tmp_path: Path) -> None:
    text = "The rabbit-hole went straight on like a tunnel for some way, and then dip-\nped suddenly down, so "
    text += "that Alice had not a moment\nto think about stopping.\n"
    document = read(tmp_path, text)
    assert "then dipped suddenly" in document.chapters[0].text
    assert [(omission.reason, omission.text) for omission in document.omissions] == [(OmissionReason.HYPHEN, "-")]
    assert document.n_source_chars == n_chars(text)


def test_verse_keeps_its_lines(tmp_path: Path) -> None:
    verse = "How doth the little crocodile\nImprove his shining tail,\nAnd pour the waters of the Nile"
    wrapped = "\n\n".join(textwrap.fill(paragraph, 70) for _, paragraphs in CHAPTERS for paragraph in paragraphs)
    document = read(tmp_path, f"{wrapped}\n\n  {verse.replace(chr(10), chr(10) + '  ')}\n")
    assert verse in document.chapters[0].text


def test_chapters_that_have_only_numbers(tmp_path: Path) -> None:
    text = "I\n\nIt began so.\n\nII\n\nIt went on.\n\nIII\n\nIt ended, on page\n\n7\n\nof the book."
    assert [chapter.title for chapter in read(tmp_path, text).chapters] == ["I", "II", "III"]


def test_a_title_on_a_line_of_its_own_belongs_to_its_heading(tmp_path: Path) -> None:
    paragraphs = [paragraph for _, paragraphs in CHAPTERS for paragraph in paragraphs]
    text = f"Chapter One\n\nThe Hole\n\n{paragraphs[0]}\n\nChapter Two\n\nThe Pool\n\n{paragraphs[1]}\n"
    assert [chapter.title for chapter in read(tmp_path, text).chapters] == [
        "Chapter One – The Hole",
        "Chapter Two – The Pool",
    ]


HEADINGS = (
    *(
        "CHAPTER I",
        "Chapter 12: The End",
        "Book the First: Recalled",
        "PART TWO",
        "Prologue",
        "CHAPTER II The Pool of Tears",
    ),
    *("第一章", "第12章 结局", "第三回 宴桃园豪杰", "序章", "第二話", "プロローグ"),
    *("Kapitel 3", "Erstes Kapitel", "Vorwort", "Zweiter Teil"),
    *("Chapitre premier", "CHAPITRE IV", "Première partie", "Épilogue"),
    *("Capítulo 5", "Primera parte", "Prólogo"),
    *("제3장 바다", "제 1 부", "머리말"),
    *("الفصل الأول", "مقدمة"),
    *("Глава 1", "ГЛАВА ПЕРВАЯ", "Часть вторая", "Эпилог"),
    *("Hoofdstuk 7", "Eerste deel", "Voorwoord"),
    *("Capitolo III", "Parte seconda", "Prefazione"),
    *("Rozdział 2", "ROZDZIAŁ PIERWSZY", "Część druga", "Wstęp"),
    *("Capítulo primeiro", "Segunda parte", "Introdução"),
)
SENTENCES = (
    *(
        "Part of the crew stayed behind.",
        "chapter 3 says so",
        "Book a table for two, please.",
        "Letter by letter, he read.",
    ),
    *(
        "Teil der Mannschaft war er nie.",
        "第一章では何も起こらない。",
        "Часть команды осталась на берегу.",
        "Parte de la gente se fue,",
    ),
)


@pytest.mark.parametrize("line", HEADINGS)
def test_headings_are_told_by_their_words(line: str) -> None:
    assert is_heading(line)


@pytest.mark.parametrize("line", SENTENCES)
def test_sentences_are_no_headings(line: str) -> None:
    assert not is_heading(line)


ENCODED = (
    ("utf-8-sig", "Es war schön."),
    ("utf-16", "Было хорошо, и они пошли."),
    ("utf-16-le", "Было хорошо, и они пошли."),
    ("utf-16-be", "It was fine, and they went."),
    ("utf-32", "It was fine, and they went."),
    ("cp1252", "„Schön“, sagte sie, und sie gingen mit den Kindern über die Brücke zum Fluss."),
    ("cp850", "Das Wetter war schön, und sie gingen mit den Kindern über die Brücke zum Fluss."),
    ("cp1252", "Hacía buen tiempo y bajaron al río con los niños, que querían jugar en el agua."),
    ("cp1250", "Było ładnie, więc poszli z dziećmi nad rzekę, żeby się bawić w wodzie i na łące."),
    ("iso8859_2", "Było ładnie, więc poszli z dziećmi nad rzekę, żeby się bawić w wodzie i na łące."),
    ("cp1251", "Погода была хорошая, и они пошли с детьми к реке, чтобы поиграть у воды."),
    ("koi8_r", "Погода была хорошая, и они пошли с детьми к реке, чтобы поиграть у воды."),
    ("cp1256", "كان الطقس جميلا وذهبوا مع الأطفال إلى النهر ليلعبوا قرب الماء طوال اليوم."),
    ("gb18030", "天气很好，他们带着孩子们去河边玩水，一直玩到太阳下山才回家。"),
    ("big5", "天氣很好，他們帶著孩子們去河邊玩水，一直玩到太陽下山才回家。"),
    ("cp932", "天気がよかったので、子どもたちと川へ行って、日が暮れるまで水遊びをしました。"),
    ("euc_jp", "天気がよかったので、子どもたちと川へ行って、日が暮れるまで水遊びをしました。"),
    ("cp949", "날씨가 좋아서 아이들과 함께 강가에 가서 해가 질 때까지 물놀이를 했습니다."),
)


@pytest.mark.parametrize(("encoding", "text"), ENCODED, ids=[encoding for encoding, _ in ENCODED])
def test_any_encoding_is_read(tmp_path: Path, encoding: str, text: str) -> None:
    document = read(tmp_path, text, encoding)
    assert document.chapters[0].text == text
    assert bool(document.warnings) == (not encoding.startswith("utf"))


def problem_of(path: Path) -> str:
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    return caught.value.problem


def test_what_cannot_be_read_is_told(tmp_path: Path) -> None:
    assert problem_of(tmp_path / "none.txt") == "missing"
    assert problem_of(tmp_path) == "is_folder"
    for name, data, problem in (
        ("book.xyz", b"words", "format"),
        ("empty.txt", b"", "no_text"),
        ("signs.txt", b" *** \n\n---", "no_text"),
        ("sound.txt", bytes(range(256)) * 40, "binary"),
    ):
        (tmp_path / name).write_bytes(data)
        assert problem_of(tmp_path / name) == problem


def test_a_sign_that_no_text_may_hold_is_left_out_and_told(tmp_path: Path) -> None:
    text = "\n\n".join((*CHAPTER_TEXTS * 3, "Before\0after\x01."))
    document = read(tmp_path, text)
    assert "Beforeafter." in document.chapters[-1].text
    assert [(o.reason.value, o.text) for o in document.omissions] == [("hidden", "\0\x01")]
    assert document.n_source_chars == n_chars(text)
