"""What documents look like: each format says it in its own way, and none of it changes a text."""

import zipfile
from pathlib import Path

import pytest
from books import page

from engine.narration import Chapter, StyleKind, read_document
from engine.narration.readers.markdown_styles import styles_of

K = StyleKind


def chapter_of(path: Path, content: str) -> Chapter:
    path.write_text(content, encoding="utf-8")
    (chapter,) = read_document(path).chapters
    return chapter


def shown(chapter: Chapter) -> list[tuple[StyleKind, int, str]]:
    return [(span.kind, span.level, chapter.text[span.start : span.end]) for span in chapter.styles]


def test_a_page_says_what_its_parts_are(tmp_path: Path) -> None:
    body = """<h1>The <em>Pool</em></h1><p>She was <i>very</i>
      <b>tired <em>indeed</em></b>, *so*.</p><p><img src="a.png" alt="A white
      rabbit"/></p><blockquote><p>Off with <strong>H<sub>2</sub>O!</strong></p></blockquote>
      <ul><li>tea</li><li><p>milk</p><ul><li>goat's</li></ul></li></ul><ol><li>one</li></ol>
      <table><tr><th>Name</th><th>Age</th></tr><tr><td>Alice</td><td><i>seven</i></td></tr></table>
      <pre>x = 1
y  = 2</pre><p>Run <code>make</code> now.</p><figure><img alt="A map"/><figcaption>Where it was</figcaption></figure>
      <p>The end.</p><img alt="A rose"/>"""
    chapter = chapter_of(tmp_path / "book.html", page(body))
    assert shown(chapter) == [
        (K.HEADING, 1, "The Pool"),
        (K.EMPHASIS, 0, "Pool"),
        (K.EMPHASIS, 0, "very"),
        (K.STRONG, 0, "tired indeed"),
        (K.EMPHASIS, 0, "indeed"),
        (K.QUOTATION, 1, "Off with H2O!"),
        (K.STRONG, 0, "H2O!"),
        (K.BULLET, 1, "tea"),
        (K.BULLET, 1, "milk"),
        (K.BULLET, 2, "goat's"),
        (K.ITEM, 1, "1. one"),
        (K.ROW, 0, "Name\tAge"),
        (K.STRONG, 0, "Name"),
        (K.STRONG, 0, "Age"),
        (K.ROW, 0, "Alice\tseven"),
        (K.EMPHASIS, 0, "seven"),
        (K.PREFORMATTED, 0, "x = 1\ny = 2"),
        (K.CODE, 0, "make"),
        (K.CAPTION, 0, "Where it was"),
    ]
    at = {picture.description: chapter.text[picture.place :][:8] for picture in chapter.pictures}
    assert at == {"A white rabbit": "Off with", "A map": "Where it", "A rose": ""}


@pytest.mark.parametrize(
    ("body", "emphasised"),
    [
        ("<p><i>It is \\(x^2\\) and</i> more</p>", "It is x² and"),
        ("<p>a \\(x^2\\) b <i>and more</i></p>", "and more"),
        ("<p><i>one<br/><br/>Two</i> three</p>", "one\n\nTwo"),
        ("<style>.it { font-style: italic }</style><p>one <span class='it'>two</span></p>", "two"),
        ("<p>one <span style='font-style:italic'>two</span></p>", "two"),
        ("<p>one<i><a href='#fn1'>12</a></i> two<sup><i>3</i></sup></p>", "³"),
        ("<p><ruby><i>漢字</i><rt>かんじ</rt></ruby>と<i>書く</i></p>", "書く"),
        ("<p>(sic) [<i>sic</i>] a_b_c <i>_under_</i></p>", "sic_under_"),
    ],
)
def test_what_is_emphasised_is_found_again_whatever_became_of_the_words(
    tmp_path: Path, body: str, emphasised: str
) -> None:
    chapter = chapter_of(tmp_path / "x.html", page(body))
    plain = chapter_of(tmp_path / "x.html", page(body.replace("<i>", "").replace("</i>", "")))
    assert chapter.text == plain.text
    found = "".join(chapter.text[s.start : s.end] for s in chapter.styles if s.kind is K.EMPHASIS)
    assert found.replace("\\", "") == emphasised.replace("\n\n", "")


def test_markdown_keeps_its_signs_and_says_which_they_are(tmp_path: Path) -> None:
    text = (
        "# The *Pool*\n\nShe was **very _tired_** and `2 * 3 * 4` \\*so\\* of [sitting](http://x.org/a_b_c).\n\n"
        "- tea\n  * milk\n1. one\n\n> said\n> she\n\n```sh\nmake *all*\n```\n\n| a | b |\n|---|---|\n"
    )
    chapter = chapter_of(tmp_path / "book.md", text)
    assert chapter.text == text.strip()
    found = shown(chapter)
    assert [(kind, part) for kind, _, part in found if kind is not K.MARKUP] == [
        (K.HEADING, "# The *Pool*"),
        (K.EMPHASIS, "Pool"),
        (K.STRONG, "very _tired_"),
        (K.EMPHASIS, "tired"),
        (K.CODE, "2 * 3 * 4"),
        (K.ITEM, "- tea"),
        (K.ITEM, "  * milk"),
        (K.ITEM, "1. one"),
        (K.QUOTATION, "> said"),
        (K.QUOTATION, "> she"),
        (K.PREFORMATTED, "```sh\nmake *all*\n```"),
        (K.PREFORMATTED, "| a | b |"),
        (K.PREFORMATTED, "|---|---|"),
    ]
    signs = [part for kind, _, part in found if kind is K.MARKUP]
    assert signs[:4] == ["# ", "*", "*", "**"]
    assert {"\\", "[", "](http://x.org/a_b_c)", "> ", "```sh", "```"} <= set(signs)
    assert [level for kind, level, _ in found if kind is K.ITEM] == [1, 2, 1]


@pytest.mark.parametrize("sign", ["*a ", "_a", "`a", "[a", "**a", "![a](", "\\*", "> ", "*a* "])
def test_time_follows_the_length_of_markdown(sign: str) -> None:
    for n in (100, 20_000):
        assert len(styles_of(sign * n)) <= 4 * n


WORD = """<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"
 xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"><w:body>
<w:p><w:pPr><w:pStyle w:val="H"/></w:pPr><w:r><w:t>The Pool</w:t></w:r></w:p>
<w:p><w:r><w:t xml:space="preserve">She was </w:t></w:r><w:r><w:rPr><w:b/><w:i/></w:rPr><w:t>ve</w:t></w:r>
<w:r><w:rPr><w:b/><w:i w:val="0"/></w:rPr><w:t>ry</w:t></w:r><w:r><w:t> tired.</w:t></w:r>
<w:r><w:drawing><wp:docPr id="1" descr="A rabbit"/></w:drawing></w:r></w:p>
<w:p><w:pPr><w:pStyle w:val="Q"/></w:pPr><w:r><w:t>Off with it</w:t></w:r></w:p>
<w:tbl><w:tr><w:tc><w:p><w:r><w:t>a</w:t></w:r></w:p></w:tc><w:tc><w:p><w:r><w:t>b</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
<w:p><w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="9"/></w:numPr></w:pPr><w:r><w:t>tea</w:t></w:r></w:p>
</w:body></w:document>"""
WORD_STYLES = """<w:styles xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">
<w:style w:styleId="H"><w:name w:val="heading 2"/></w:style><w:style w:styleId="Q"><w:name w:val="Quote"/></w:style>
</w:styles>"""


def test_a_word_document_says_what_its_parts_are(tmp_path: Path) -> None:
    path = tmp_path / "book.docx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", WORD)
        archive.writestr("word/styles.xml", WORD_STYLES)
    (chapter,) = read_document(path).chapters
    assert shown(chapter) == [
        (K.HEADING, 2, "The Pool"),
        (K.EMPHASIS, 0, "ve"),
        (K.STRONG, 0, "ve"),
        (K.STRONG, 0, "ry"),
        (K.QUOTATION, 1, "Off with it"),
        (K.ROW, 0, "a\tb"),
        (K.BULLET, 1, "tea"),
    ]
    assert [(p.description, chapter.text[p.place :][:3]) for p in chapter.pictures] == [("A rabbit", "Off")]


def test_a_plain_text_shows_its_headings(tmp_path: Path) -> None:
    chapter = chapter_of(tmp_path / "book.txt", "CHAPTER I\n\nIt rained. She sat there.\n")
    assert shown(chapter) == [(K.HEADING, 1, "CHAPTER I")]
