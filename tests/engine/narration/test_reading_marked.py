"""Markdown and subtitles: text whole and in order, every character accounted for."""

from pathlib import Path

import pytest
from alice import CHAPTER_TITLES, CHAPTERS

from engine.errors import DocumentError
from engine.narration.document import Document, n_chars
from engine.narration.reading import read_document


def read(folder: Path, name: str, text: str) -> Document:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_document(path)


def test_markdown_comes_out_whole_and_in_order(tmp_path: Path) -> None:
    chapters = ["\n\n".join((f"## {title}", *paragraphs)) for title, paragraphs in CHAPTERS]
    text = '---\ntitle: "Alice"\nauthor: Carroll\nlang: en\n---\n\n# *Alice*\n\n' + "\n\n\n".join(chapters)
    document = read(tmp_path, "book.md", text)
    assert (document.title, document.author, document.language) == ("Alice", "Carroll", "en")
    assert [chapter.title for chapter in document.chapters] == [f"Alice – {CHAPTER_TITLES[0]}", *CHAPTER_TITLES[1:]]
    assert [chapter.text for chapter in document.chapters] == [f"# *Alice*\n\n{chapters[0]}", *chapters[1:]]
    assert document.n_source_chars == n_chars(text)


def test_markdown_headings_of_both_kinds_and_none_in_code(tmp_path: Path) -> None:
    text = (
        "The `Title`\n===\n\nOne\n---\n\nText\n\n```\n# no heading\n\nTwo\n---\n```\n\nTwo\n---\nmore text\n- an item\n"
    )
    document = read(tmp_path, "x.markdown", text)
    assert document.title == "The Title"
    assert [chapter.title for chapter in document.chapters] == ["The Title – One", "Two"]
    assert "# no heading" in document.chapters[0].text
    assert document.n_source_chars == n_chars(text)


SRT = """1
00:00:01,000 --> 00:00:02,500
<i>Alice was beginning</i> to get

2
00:00:02,600 --> 00:00:04,000
{\\an8}very tired.

3
00:00:09,000 --> 00:00:10,000
- Who are you?
- I hardly know.

4
00:00:10,100 --> 00:00:11,000
"""


def test_subrip_becomes_running_text(tmp_path: Path) -> None:
    document = read(tmp_path, "film.srt", "\ufeff" + SRT.replace("\n", "\r\n"))
    (chapter,) = document.chapters
    assert chapter.text == "Alice was beginning to get very tired.\n\n- Who are you?\n\n- I hardly know."
    assert document.n_source_chars == n_chars(SRT)
    left_out = [omission.text for omission in document.omissions if omission.reason == "markup"]
    assert left_out == ["<i>", "</i>", "{\\an8}"]


VTT = """WEBVTT - a title

NOTE written by hand

STYLE
::cue { color: red }

intro
00:01.000 --> 00:02.000 align:start
<v Alice>“Tea &amp; cake” &lt;she</v>

00:02.000 --> 00:03.000
“Tea & cake” <she
said<00:02.500><c.loud> so.</c>

00:03.000 --> 00:04.000
said so.
"""


def test_webvtt_that_rolls_is_read_once(tmp_path: Path) -> None:
    document = read(tmp_path, "film.vtt", VTT)
    assert document.chapters[0].text == "“Tea & cake” <she said so."
    assert document.n_source_chars == n_chars(VTT)
    assert [o.text for o in document.omissions if o.reason == "repetition"] == ["“Tea & cake” <she", "said so."]
    assert [o.text for o in document.omissions if o.reason == "code"] == ["STYLE\n::cue { color: red }"]


def test_what_is_no_subtitle_is_told(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        read(tmp_path, "film.srt", "Just a text.")
    assert caught.value.problem == "damaged"
