"""HTML and EPUB: text whole and in order, chapters by the book's own contents, hostile files in one sentence."""

import io
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from alice import AUTHOR, CHAPTER_TEXTS, CHAPTER_TITLES, TITLE
from books import PNG, chapter_page, epub_files, page, write_zip

from engine.errors import DocumentError
from engine.narration.document import Document, n_chars
from engine.narration.reading import read_document

PAGES = {f"c{i}.xhtml": chapter_page(i) for i in range(3)}


def n_chars_of(pages: dict[str, str]) -> int:
    """All text between the tags, as another parser sees it."""
    return sum(n_chars("".join(ElementTree.fromstring(text.encode()).itertext())) for text in pages.values())


def reasons(document: Document) -> list[tuple[str, str]]:
    return [(omission.reason.value, " ".join(omission.text.split())) for omission in document.omissions]


@pytest.mark.parametrize("version", [2, 3])
def test_an_epub_comes_out_whole_and_in_order(tmp_path: Path, version: int) -> None:
    document = read_document(write_zip(tmp_path / "a.epub", epub_files(version, PAGES)))
    assert (document.title, document.author, document.language) == (TITLE, AUTHOR, "en")
    assert tuple(chapter.title for chapter in document.chapters) == CHAPTER_TITLES
    assert tuple(chapter.text for chapter in document.chapters) == CHAPTER_TEXTS
    assert document.cover == PNG
    assert document.n_source_chars == n_chars_of(PAGES)
    assert {reason for reason, _ in reasons(document)} == {"front_matter", "code"}
    assert document.warnings == ()


def test_chapters_of_one_file_are_found_by_their_anchors(tmp_path: Path) -> None:
    body = "<p>A foreword.</p>" + "".join(f"<a id='x{i}'/><p>Beginning of {i}.</p><p>Its end.</p>" for i in range(4))
    entries = [(f"Part {i}", f"all.xhtml#x{i}") for i in range(4)]
    document = read_document(write_zip(tmp_path / "a.epub", epub_files(3, {"all.xhtml": page(body)}, entries)))
    assert [(chapter.title, chapter.text) for chapter in document.chapters] == [
        (TITLE, "A foreword."),
        *((f"Part {i}", f"Beginning of {i}.\n\nIts end.") for i in range(4)),
    ]


def test_a_part_without_text_goes_with_its_first_chapter(tmp_path: Path) -> None:
    pages = {
        "p.xhtml": page("<h1>PART ONE</h1>"),
        "a.xhtml": page("<h2>One</h2><p>Text.</p>"),
        "b.xhtml": page("<p>More.</p>"),
    }
    entries = [("Part One", "p.xhtml"), ("One", "a.xhtml"), ("Two", "b.xhtml")]
    document = read_document(write_zip(tmp_path / "a.epub", epub_files(2, pages, entries)))
    assert [(chapter.title, chapter.text) for chapter in document.chapters] == [
        ("Part One – One", "PART ONE\n\nOne\n\nText."),
        ("Two", "More."),
    ]


def test_footnotes_page_numbers_and_contents_are_left_out_and_told(tmp_path: Path) -> None:
    body = """<section epub:type="toc"><p>Contents: everything</p></section>
        <p>A word<a epub:type="noteref" href="#n1">1</a> and another<sup><a href="#n2">[2]</a></sup>, a square
        m<sup>2</sup>, <a href="#n2">a link</a>.<span epub:type="pagebreak" id="p12">12</span></p>
        <p>漢<ruby>字<rp>(</rp><rt>じ</rt><rp>)</rp></ruby> <span hidden="hidden">unseen</span>
        <script>let a = "b";</script></p>
        <aside epub:type="footnote" id="n1"><p>The first note.</p></aside>"""
    pages = {"c.xhtml": page(body)}
    path = write_zip(tmp_path / "a.epub", epub_files(3, pages, [("One", "c.xhtml")]))
    document = read_document(path)
    (chapter,) = document.chapters
    assert chapter.text == "A word and another, a square m², a link.\n\n漢じ"
    assert reasons(document)[1:] == [
        ("contents", "Contents: everything"),
        ("footnote", "1"),
        ("footnote", "[2]"),
        ("page_number", "12"),
        ("ruby", "("),
        ("ruby", "字"),
        ("ruby", ")"),
        ("hidden", "unseen"),
        ("code", 'let a = "b";'),
        ("footnote", "The first note."),
    ]
    assert document.n_source_chars == n_chars_of(pages)
    with_notes = read_document(path, footnotes=True)
    assert with_notes.chapters[0].text == f"{chapter.text}\n\nThe first note."
    assert with_notes.n_source_chars == document.n_source_chars


def test_a_page_of_links_is_a_table_of_contents(tmp_path: Path) -> None:
    links = "".join(f'<p><a href="c{i}.xhtml#start">{title}</a></p>' for i, title in enumerate(CHAPTER_TITLES))
    pages = {"toc.xhtml": page(f"<h2>Contents</h2>{links}"), **PAGES}
    entries = [(title, f"c{i}.xhtml") for i, title in enumerate(CHAPTER_TITLES)]
    document = read_document(write_zip(tmp_path / "a.epub", epub_files(3, pages, entries)))
    assert tuple(chapter.text for chapter in document.chapters) == CHAPTER_TEXTS
    assert document.n_source_chars == n_chars_of(pages)


def test_what_a_web_page_shows(tmp_path: Path) -> None:
    body = """<nav>Home | About</nav><h1>A title</h1><p>First&nbsp;line<br/>second   line.</p>
        <ul><li>one</li><li>two</li></ul>
        <table><tr><th>Name</th><th>Age</th></tr><tr><td>Ann</td><td>7</td></tr></table>
        <pre>a = 1\n  b = 2</pre><div>Loose text<p>in a box &amp; out</p></div>"""
    path = tmp_path / "page.html"
    path.write_text(page(body.replace("&nbsp;", "&#160;"), "The page"), encoding="utf-8")
    document = read_document(path)
    assert document.title == "The page"
    assert document.chapters[0].text.split("\n\n") == [
        *("A title", "First\xa0line\nsecond line.", "one", "two", "Name\tAge", "Ann\t7", "a = 1\nb = 2"),
        *("Loose text", "in a box & out"),
    ]
    assert document.n_source_chars == n_chars_of({"": path.read_text(encoding="utf-8")})


def test_tag_soup_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "old.htm"
    path.write_bytes(
        b"<meta http-equiv=Content-Type content='text/html; charset=iso-8859-1'><title>Old</title>"
        b"<p>Caf\xe9 &eacute;t&eacute;<p>next<b>bold<li>item</b></p> end</i> <td>cell &lt;3 &unknown; <"
    )
    document = read_document(path)
    assert "".join(document.chapters[0].text.split()) == "Caféétén​extbolditemendcell<3&unknown;<".replace("\u200b", "")
    assert document.title == "Old"


@pytest.mark.parametrize(
    ("files", "problem"),
    [
        ({"META-INF/container.xml": None}, "damaged"),
        ({"OPS/book.opf": None}, "damaged"),
        ({"OPS/book.opf": "<package>"}, "damaged"),
        ({"OPS/book.opf": '<!DOCTYPE p [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><package>&b;</package>'}, "damaged"),
        ({"OPS/c0.xhtml": page(""), "OPS/c1.xhtml": page("<p/>"), "OPS/c2.xhtml": page("<img src='x'/>")}, "no_text"),
        (
            {
                "META-INF/encryption.xml": "<encryption xmlns:enc='http://www.w3.org/2001/04/xmlenc#'><enc:EncryptedData>"
                "<enc:EncryptionMethod Algorithm='http://www.w3.org/2001/04/xmlenc#aes128-cbc'/><enc:CipherData>"
                "<enc:CipherReference URI='OPS/c1.xhtml'/></enc:CipherData></enc:EncryptedData></encryption>"
            },
            "protected",
        ),
    ],
)
def test_a_broken_or_locked_epub_is_told(tmp_path: Path, files: dict[str, str | None], problem: str) -> None:
    changed = {**epub_files(3, PAGES), **files}
    path = write_zip(tmp_path / "a.epub", {name: text for name, text in changed.items() if text is not None})
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.problem == problem


def test_encrypted_fonts_are_no_drm(tmp_path: Path) -> None:
    fonts = (
        "<encryption xmlns:enc='http://www.w3.org/2001/04/xmlenc#'><enc:EncryptedData>"
        "<enc:EncryptionMethod Algorithm='http://www.idpf.org/2008/embedding'/><enc:CipherData>"
        "<enc:CipherReference URI='OPS/font.otf'/></enc:CipherData></enc:EncryptedData></encryption>"
    )
    document = read_document(write_zip(tmp_path / "a.epub", {**epub_files(3, PAGES), "META-INF/encryption.xml": fonts}))
    assert len(document.chapters) == 3


def test_a_zip_bomb_is_refused(tmp_path: Path) -> None:
    bomb = epub_files(3, {"c0.xhtml": "<p>" + "a" * 51_000_000})
    path = write_zip(tmp_path / "a.epub", bomb)
    assert path.stat().st_size < 200_000
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.problem == "too_large"


def test_damaged_archives_are_told(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "a.epub", epub_files(3, PAGES)).read_bytes()
    for damaged in (b"", b"PK\x03\x04", whole[: len(whole) // 2], whole[:200] + bytes(600) + whole[800:]):
        path = tmp_path / "b.epub"
        path.write_bytes(damaged)
        with pytest.raises(DocumentError) as caught:
            read_document(path)
        assert caught.value.problem == "damaged"


def test_a_missing_part_is_a_doubt(tmp_path: Path) -> None:
    files = epub_files(3, PAGES)
    del files["OPS/c1.xhtml"]
    document = read_document(write_zip(tmp_path / "a.epub", files))
    assert len(document.chapters) == 2
    assert document.warnings == ("The book names a part that is not in it: OPS/c1.xhtml.",)


def test_nothing_is_read_outside_the_archive(tmp_path: Path) -> None:
    (tmp_path / "secret.xhtml").write_text(page("<p>secret</p>"))
    files = epub_files(3, PAGES)
    files["OPS/book.opf"] = str(files["OPS/book.opf"]).replace('href="c1.xhtml"', 'href="../../secret.xhtml"')
    document = read_document(write_zip(tmp_path / "a.epub", files))
    assert "secret" not in "".join(chapter.text for chapter in document.chapters)
    with zipfile.ZipFile(io.BytesIO((tmp_path / "a.epub").read_bytes())) as archive:
        assert "OPS/c1.xhtml" in archive.namelist()
