"""What a page, a book or a note shows is what is read: tables of contents and the paragraphs they make."""

from pathlib import Path

import pytest
from books import docx_files, epub_files, page, paragraph, part, write_zip

from engine.narration.document import Document
from engine.narration.preview import preview_text
from engine.narration.reading import read_document
from engine.text import spoken_without_markers
from engine.types import SpeechOptions

HTML: dict[str, tuple[str, list[str]]] = {
    "a power of ten": ("<p>10<sup>12</sup> and 10<sup>−6</sup></p>", ["10^12 and 10^-6"]),
    "a power of a letter": ("<p>πr<sup>2</sup>, 2<sup>n</sup>, x<sup>n+1</sup></p>", ["πr², 2^n, x^n+1"]),
    "raised by style": ('<p>m<span style="vertical-align: super">2</span></p>', ["m²"]),
    "raised by class": ("<style>.up, p.x { vertical-align:super }</style><p>m<span class='up'>3</span></p>", ["m³"]),
    "the end of a word": (
        "<p>1<sup>er</sup>, M<sup>me</sup>, 1<sup>a</sup>, 2<sup>nd</sup></p>",
        ["1er, Mme, 1ª, 2nd"],
    ),
    "a note at a year": ("<p>In 1995<sup>3</sup> he</p>", ["In 1995 he"]),
    "notes in brackets": (
        "<p>In 1990<sup>[1]</sup> it rained.<sup>[2][3]</sup> A[0] is.</p>",
        ["In 1990 it rained. A[0] is."],
    ),
    "lowered": ("<p>H<sub>2</sub>O, x<sub>i</sub>, log<sub>2</sub> n</p>", ["H2O, x i, log 2 n"]),
    "a fraction": ("<p>Add 2<sup>1</sup>/<sub>2</sub> or <sup>3</sup>⁄<sub>7</sub></p>", ["Add 2½ or 3/7"]),
    "a formula by its author": ('<p><math alttext="one half"><mn>1</mn></math> end</p>', ["one half end"]),
    "a formula": (
        "<p><math><mi>A</mi><mo>=</mo><mi>π</mi><mo>\u2062</mo><msup><mi>r</mi><mn>2</mn></msup></math></p>",
        ["A = π r²"],
    ),
    "a formula whose author wrote TeX": (
        '<p><math alttext="\\frac{1}{2}"><mfrac><mn>1</mn><mn>2</mn></mfrac><annotation>x</annotation></math></p>',
        ["½"],
    ),
    "TeX": (r"<p>Here \(x^2 + \frac{a}{b}\) and $5 or $10.</p>", ["Here x² + a/b and $5 or $10."]),
    "escaped tags": ("<p>Use &lt;b&gt; &amp;amp; C:\\_x [a](b)</p>", ["Use <b> &amp; C:\\_x [a](b)"]),
    "a revision": ("<p>The <del>red</del><ins>blue</ins> car, <s>old</s></p>", ["The blue car,"]),
    "an address": ("<p>Acme Ltd<br/>5 High Street<br>London</p>", ["Acme Ltd", "5 High Street", "London"]),
    "a letter": ("<p>Dear John,<br>I am well and<br>happy.</p>", ["Dear John, I am well and happy."]),
    "verse": ("<p>one day,<br>Two<br>three,<br>Four</p>", ["one day, Two three, Four"]),
    "a heading of two lines": ("<h2>CHAPTER I<br>The Pool</h2>", ["CHAPTER I", "The Pool"]),
    "numbers": ('<ol start="3"><li>c</li><li value="9"><p>d</p><p>e</p></li></ol>', ["3. c", "9. d", "e"]),
    "numbers downwards": ("<ol reversed start=2><li>b<li>a</ol>", ["2. b", "1. a"]),
    "all numbers downwards": (
        "<ol reversed><li>c<ul><li>x</ul><li>b<li>a</ol><ol reversed><li>z</ol>",
        ["3. c", "x", "2. b", "1. a", "1. z"],
    ),
    "lists in lists": ("<ol><li>x<ol type='a'><li>y</ol><ul><li>z</ul><li>w</ol>", ["1. x", "a) y", "z", "2. w"]),
    "no numbers": ("<ol style='list-style:none'><li>x</ol><ol><li>1. y</ol>", ["x", "1. y"]),
    "cells": ("<table><tr><td><p>Ann</p><td><p>7</p></tr><tr><td>B<br>C<td><td>8</table>", ["Ann\t7", "B, C\t8"]),
    "a picture of a letter": (
        '<p><img class="drop" alt="O"/>nce <img alt="X"/> up</p><p><img class="dc" alt="T"> he</p>',
        ["Once up", "The"],
    ),
    "an initial": ("<p><span class='dc'>W</span> ord</p><p><big>A</big> cat</p>", ["Word", "A cat"]),
    "a reading": ("<p><ruby>神聖<rp>(</rp><rt>しんせい</rt><rp>)</rp></ruby>だ</p>", ["しんせいだ"]),
    "no reading": ("<p><ruby>汉<rt>hàn</rt></ruby><ruby>強調<rt>・・</rt></ruby></p>", ["汉強調"]),
    "readings after all signs": (
        "<p><ruby><rb>東</rb><rb>京</rb><rt>とう</rt><rt>きょう</rt></ruby></p>",
        ["とうきょう"],
    ),
    "a drawing": ("<svg><title>t</title><text>One</text><text>Two<tspan>b</tspan></text></svg>", ["One", "Two b"]),
    "an icon in a sentence": ("<p>Click <svg><title>Gear</title><path/></svg> now.</p>", ["Click now."]),
    "a page's end before a word": ("<p>went [Pg 13]home<span class='pagenum'>[14]</span> now</p>", ["went home now"]),
    "pages of a paper book": ('<p>went<span class="pagenum">[Pg 1]</span> home [Pg 13] now</p>', ["went home now"]),
    "notes": (
        "<p>a<sup><a href='#n1'>1</a></sup> b<a href='#n2'><sup>2</sup></a> c<a href='#x'>[3]</a> d</p>"
        "<div class='footnotes'><p>Note</p></div><div id='ftn1'>Note</div>",
        ["a b c d"],
    ),
    "notes that only links tell": (
        "<h1>T</h1><p>A word<a id='r' href='#n'>1</a> and, p. <a href='#q'>12</a>, on.</p>"
        "<p id='q'>Ended.<a href='#o'>2</a>"
        "</p><h2>Notes</h2><p id='n'><a href='#r'>1</a> Note.</p><p>More.</p><p id='o'><a href='#q'>2</a> Note.</p>",
        ["T", "A word and, p. 12, on.", "Ended."],
    ),
    "links": ("<p>see <a href='#n1'>chapter 1</a></p>", ["see chapter 1"]),
    "what only programs see": ("<p><span aria-hidden='true'>*</span>x<span style='display:none'>y</span></p>", ["x"]),
}
WORDS = "Boats are out beyond the breakwater by six, and the town sleeps on until the bells ring at eight. "
PAGES: dict[str, tuple[str, list[str]]] = {
    "what is marked as main": (
        '<div id="menu"><a href="/">Home</a></div><main><h1>Cat</h1><p>A cat.</p></main><div class="share">Tweet</div>',
        ["Cat", "A cat."],
    ),
    "an article": (
        "<div class='site-nav'>Home</div><h1>Cat</h1><article><p>A cat.</p><div class='relatedPosts'>More</div>"
        "</article><footer>Terms</footer>",
        ["Cat", "A cat."],
    ),
    "rows of links": (
        f"<div><a href=/>Home</a></div><div><a href=/n>News</a></div><p>{WORDS}</p><p><a href=/t>Terms</a></p>"
        "<p><a href=/p>Privacy</a></p>",
        [WORDS.strip()],
    ),
    "notes on cookies": (f"<p>{WORDS}</p><div id='cookie-banner'><p>We use cookies.</p></div>", [WORDS.strip()]),
    "a page of links only": ("<p><a href=/a>One</a></p><p><a href=/b>Two</a></p>", ["One", "Two"]),
    "a small main part": (f"<main><p>x</p></main><p>{WORDS * 3}</p>", ["x", (WORDS * 3).strip()]),
    "a book's heading": ("<header><h1>Title</h1><p>By Ann</p></header><p>Text.</p>", ["Title", "By Ann", "Text."]),
    "Gutenberg by class": (
        '<section class="pg-boilerplate pgheader"><p>Free.</p></section><p>It began.</p>',
        ["It began."],
    ),
    "Gutenberg by words": (
        "<p>Free.</p><div>*** START OF THE PROJECT GUTENBERG EBOOK X ***</div><p>It began.</p>"
        "<p>*** END OF THE PROJECT GUTENBERG EBOOK X ***</p><p>Licence</p>",
        ["It began."],
    ),
}
MARKDOWN: dict[str, tuple[str, list[str]]] = {
    "a rule at the top": ("---\n\nHello.\n\n---\n\nMore.", ["Hello.", "More."]),
    "prose between rules": (
        "---\nNothing but words: a lot.\nAnd more.\n---\n\nEnd.",
        ["Nothing but words: a lot. And more.", "End."],
    ),
    "front matter": ("---\ntitle: A\ntags:\n  - b\n...\n\n# One\n\n---\n\nAfter.", ["One", "After."]),
    "TOML": ('+++\ntitle = "A"\n[x]\n+++\nText', ["Text"]),
    "HTML in a heading": ('# Title <img src="a.png"/> here', ["Title here"]),
    "badges": ("[![Build](https://x.y/b.svg)](https://x.y) ![L](https://img.shields.io/z)\n\nText.", ["Text."]),
    "badges by name": ("[![A][b]][c] [![D][e]](f)\n\nText.\n\n[b]: https://x.y/b\n[c]: https://x.y", ["Text."]),
    "a picture that leads on": ("[![A cat](cat.png)](large.png)", ["A cat"]),
    "emphasis within words": ("*It*self, un**bold**ed, a*b*c and 2*3*4.", ["Itself, unbolded, a*b*c and 2*3*4."]),
    "tags that are named": (
        "The <main> tag, a <b>bold</b> word,<br>and </div>.\n\nA <i>x and on</i>.",
        ["The <main> tag, a bold word, and </div>.", "A x and on."],
    ),
    "commands to TeX": ("\\newpage\n\nText\\textbf.\n\n\\vspace{1em}", ["Text\\textbf."]),
    "a line that ends a sentence": ("A line.\\\nAnother.", ["A line. Another."]),
    "a picture": ("![A cat](cat.png) sat.", ["A cat sat."]),
    "marks": ("==marked words== but a == b", ["marked words but a == b"]),
    "a call-out": ("> [!NOTE]\n> Useful.", ["Note: Useful."]),
    "a call-out with a title": ("> [!tip] A title\n> Useful.", ["Tip: A title Useful."]),
    "links of wikis": ("[[Page|alias]], [[Page]] ![[a.png]]", ["alias, Page"]),
    "HTML": (
        "<ol>\n<li>Open <b>it</b></li>\n<li>Close &lt;b&gt;</li>\n</ol>\n\n<style>\np {}\n\nq {}\n</style>\n\nEnd",
        ["1. Open it", "2. Close <b>", "End"],
    ),
    "HTML within a line": (
        "10<sup>12</sup> <del>no</del>yes <ruby>漢字<rt>かんじ</rt></ruby> &lt;b&gt;",
        ["10^12 yes かんじ <b>"],
    ),
    "Pandoc's": ("::: {.x}\n10^-3^ H~2~O [mot]{lang=fr}\n:::\n\n# A {#b}", ["10^-3 H2O mot", "A"]),
    "TeX": (r"So $A = \pi r^2$ for $5 or $10.", ["So A = π r² for $5 or $10."]),
    "struck": ("It was ~~5~~ 4.\n\n~~done~~", ["It was 4.", "done"]),
    "lines": ("Acme Ltd  \n5 High Street\\\nLondon", ["Acme Ltd", "5 High Street", "London"]),
    "numbers in brackets": ("Press [1] for x[3].[2]", ["Press 1 for x[3]."]),
    "a reading in brackets": ("東京（とうきょう）、駐車場（あり）", ["とうきょう、駐車場（あり）"]),
}
TIMES = "00:00:0{0},000 --> 00:00:0{0},900\n"
SUBTITLES: dict[str, tuple[tuple[str, ...], list[str]]] = {
    "no empty line": (("One\n", "42\n", "two.\n"), ["One 42 two."]),
    "a word in two cues": (("A sen-\n\n", "tence.\n\n"), ["A sentence."]),
    "an empty line within": (("One\n\ntwo\n\n", "1999\n\n", "\n\n", "three.\n"), ["One two 1999 three."]),
    "sounds": (("[door\nslams]\n\n", "Come in! [sighs]\n\n", "(laughs)\n\n", "♪ La ♪\n"), ["Come in! La"]),
    "speakers": (("MAN 2: Hi\n\n", ">> Bye (SIGHS)\n\n", "Dr. Smith: 5:30\n"), ["Hi", "Bye Dr. Smith: 5:30"]),
    "ends of lines": (("One<br>two\\Nthree\n",), ["One two three"]),
}


def read(folder: Path, name: str, text: str) -> Document:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read_document(path)


def said(document: Document) -> list[str]:
    """The paragraphs' words, without what each language makes of them."""
    paragraphs: list[str] = []
    for chapter in document.chapters:
        for text in chapter.text.split("\n\n"):
            segments = preview_text(text, SpeechOptions(language="en", normalise=False)).segments
            if words := " ".join(spoken_without_markers(segment)[0] for segment in segments):
                paragraphs.append(words)
    return paragraphs


def with_tabs(paragraphs: list[str]) -> list[str]:
    return [text.replace("\t", ", ") for text in paragraphs]


@pytest.mark.parametrize("what", HTML)
def test_a_page_is_read_as_it_is_shown(tmp_path: Path, what: str) -> None:
    text, expected = HTML[what]
    assert said(read(tmp_path, "a.html", text)) == with_tabs(expected)


@pytest.mark.parametrize("what", PAGES)
def test_what_is_around_a_text_is_left_out_and_told(tmp_path: Path, what: str) -> None:
    text, expected = PAGES[what]
    document = read(tmp_path, "a.html", text)
    assert document.chapters[0].text.split("\n\n") == expected
    assert {omission.reason.value for omission in document.omissions} <= {"furniture", "licence", "contents"}


@pytest.mark.parametrize("what", MARKDOWN)
def test_a_note_is_read_as_it_is_shown(tmp_path: Path, what: str) -> None:
    text, expected = MARKDOWN[what]
    assert said(read(tmp_path, "a.md", text)) == expected


@pytest.mark.parametrize("what", SUBTITLES)
def test_subtitles_are_what_is_said(tmp_path: Path, what: str) -> None:
    cues, expected = SUBTITLES[what]
    text = "".join(f"{i}\n{TIMES.format(i)}{cue}" for i, cue in enumerate(cues, 1))
    assert said(read(tmp_path, "a.srt", text)) == expected


def test_a_page_says_which_parts_are_in_another_language(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "a.html",
        '<html lang="en"><body><ol><li>He said <i lang="fr">bonjour</i>.</li></ol><div lang="de"><p>Guten '
        '<b lang="en">day</b></p><p>Ja</p></div><p lang="en-GB">End</p></body></html>',
    )
    (chapter,) = document.chapters
    parts = [(chapter.text[span.start : span.end], span.code) for span in chapter.languages]
    assert parts == [("bonjour", "fr"), ("Guten day", "de"), ("day", "en"), ("Ja", "de")]


def test_a_book_knows_drawn_pages_style_sheets_and_languages(tmp_path: Path) -> None:
    files = epub_files(
        3,
        {
            "a.xhtml": page('<p>10<span class="hoch">12</span> is <i lang="fr">beaucoup</i>.</p>'),
            "b.xhtml": page("<svg><text>A drawn page</text></svg>").replace("<html ", '<html lang="de" '),
        },
        [("One", "a.xhtml"), ("Two", "b.xhtml")],
    )
    style = '<item id="css" href="s.css" media-type="text/css"/></manifest>'
    files["OPS/book.opf"] = str(files["OPS/book.opf"]).replace("</manifest>", style)
    files["OPS/s.css"] = "p { margin: 0 }\n.tief, span.hoch { font-size: 60%; vertical-align: super; }"
    one, two = read_document(write_zip(tmp_path / "a.epub", files)).chapters
    assert (one.text, two.text) == ("10^12 is beaucoup.", "A drawn page")
    assert [span.code for span in (*one.languages, *two.languages)] == ["fr", "de"]


# --- Word

NUMBERING = part(
    "numbering",
    '<w:abstractNum w:abstractNumId="7">'
    '<w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="decimal"/><w:lvlText w:val="%1."/></w:lvl>'
    '<w:lvl w:ilvl="1"><w:start w:val="1"/><w:numFmt w:val="lowerLetter"/><w:lvlText w:val="%2."/></w:lvl>'
    '<w:lvl w:ilvl="2"><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/></w:lvl></w:abstractNum>'
    '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/>'
    "</w:lvlOverride></w:num>",
)


def run(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def item(text: str, level: int, number: int = 1) -> str:
    numbered = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return f"<w:p><w:pPr>{numbered}</w:pPr>{run(text)}</w:p>"


def cell(*paragraphs: str) -> str:
    return f"<w:tc>{''.join(map(paragraph, paragraphs))}</w:tc>"


UP, DOWN = '<w:vertAlign w:val="superscript"/>', '<w:vertAlign w:val="subscript"/>'
FORMULA = f"<w:oMath><w:f><w:num>{run('1')}</w:num><w:den>{run('2')}</w:den></w:f></w:oMath>"
RUBY = f"<w:r><w:ruby><w:rt>{run('とうきょう')}</w:rt><w:rubyBase>{run('東京')}</w:rubyBase></w:ruby></w:r>"
INITIAL = f'<w:p><w:pPr><w:framePr w:dropCap="drop"/></w:pPr>{run("O")}</w:p>'
MOVED = (
    f"<w:p><w:moveFrom>{run('Twice.')}</w:moveFrom>{run('One. ')}</w:p><w:p><w:moveTo>{run('Twice.')}</w:moveTo></w:p>"
)
JOINED = f"<w:p><w:pPr><w:rPr><w:del/></w:rPr></w:pPr>{run('One ')}</w:p>{paragraph('line.')}"
WORD: dict[str, tuple[str, list[str]]] = {
    "raised": (
        f"<w:p>{run('10')}{run('1', UP)}{run('2', UP)}{run(' H')}{run('2', DOWN)}{run('O')}</w:p>",
        ["10^12 H2O"],
    ),
    "a formula": (f"<w:p>{run('x = ')}{FORMULA}{run(' m')}</w:p>", ["x = ½ m"]),
    "a reading": (f"<w:p>{RUBY}{run('へ')}</w:p>", ["とうきょうへ"]),
    "an initial": (INITIAL + paragraph("nce more"), ["Once more"]),
    "what looks like markup": (paragraph("the <b> tag"), [r"the \<b> tag"]),
    "moved text": (MOVED, ["One.", "Twice."]),
    "struck": (f"<w:p>{run('5', '<w:strike/>')}{run('4')}</w:p>", ["4"]),
    "a paragraph's end that was deleted": (JOINED, ["One line."]),
    "lists": (
        item("x", 0) + item("y", 1) + item("z", 2) + item("w", 0) + item("v", 0, 2) + item("u", 1),
        ["1. x", "a) y", "z", "2. w", "5. v", "a) u"],
    ),
    "cells": (f"<w:tbl><w:tr>{cell('Ann', 'Lee')}{cell('7')}{cell()}</w:tr></w:tbl>", ["Ann, Lee\t7"]),
    "lines": ("<w:p><w:r><w:t>Acme Ltd</w:t><w:br/><w:t>5 High St</w:t></w:r></w:p>", ["Acme Ltd", "5 High St"]),
}


@pytest.mark.parametrize("what", WORD)
def test_a_word_document_is_read_as_it_is_shown(tmp_path: Path, what: str) -> None:
    body, expected = WORD[what]
    path = write_zip(tmp_path / "a.docx", docx_files(body, numbering=NUMBERING))
    assert read_document(path).chapters[0].text.split("\n\n") == expected


def test_a_word_document_has_its_parts_where_it_says(tmp_path: Path) -> None:
    files = docx_files(paragraph("A text.", "H1", '<w:r><w:footnoteReference w:id="1"/></w:r>'))
    note = part("footnotes", f'<w:footnote w:id="1">{paragraph("A note.")}</w:footnote>')
    kinds = "http://purl.oclc.org/ooxml/officeDocument/relationships"
    package = "http://schemas.openxmlformats.org/package/2006/relationships"

    def relations(**targets: str) -> str:
        rows = "".join(f'<Relationship Type="{kinds}/{kind}" Target="{name}"/>' for kind, name in targets.items())
        return f'<Relationships xmlns="{package}">{rows}</Relationships>'

    moved = {
        "doc/main2.xml": files["word/document.xml"],
        "doc/other/look.xml": files["word/styles.xml"],
        "doc/notes.xml": note,
        "_rels/.rels": relations(officeDocument="/doc/main2.xml"),
        "doc/_rels/main2.xml.rels": relations(styles="other/look.xml", footnotes="notes.xml"),
    }
    document = read_document(write_zip(tmp_path / "a.docx", moved))
    assert [(chapter.title, chapter.text) for chapter in document.chapters] == [("A text.", "A text.")]
    assert [(omission.reason.value, omission.text) for omission in document.omissions] == [("footnote", "A note.")]


def test_a_word_document_says_which_runs_are_in_another_language(tmp_path: Path) -> None:
    french = '<w:lang w:val="fr-FR"/>'
    body = f"<w:p>{run('He said ')}{run('bon', french)}{run('jour', french)}{run('.')}</w:p>"
    (chapter,) = read_document(write_zip(tmp_path / "a.docx", docx_files(body))).chapters
    assert [(chapter.text[span.start : span.end], span.code) for span in chapter.languages] == [("bonjour", "fr")]
