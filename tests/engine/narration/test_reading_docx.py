"""Word documents: text whole and in order; what is deleted, hidden or beside the text is left out and told."""

from pathlib import Path
from xml.etree import ElementTree

import pytest
from alice import AUTHOR, CHAPTER_TEXTS, CHAPTER_TITLES, CHAPTERS, TITLE
from books import docx_files, paragraph, part, write_zip

from engine.errors import DocumentError
from engine.narration.document import n_chars
from engine.narration.reading import read_document


def n_chars_of(files: dict[str, str | bytes]) -> int:
    """All text in the folder's files, as another parser sees it; styles hold none."""
    parts = [content for name, content in files.items() if name.startswith("word/")]
    return sum(n_chars("".join(ElementTree.fromstring(content).itertext())) for content in parts)


def test_a_document_comes_out_whole_and_in_order(tmp_path: Path) -> None:
    chapters = [
        paragraph(title, style) + "".join(map(paragraph, paragraphs))
        for (title, paragraphs), style in zip(CHAPTERS, ("H1", "Mine", "H1"), strict=True)
    ]
    files = docx_files("".join(chapters))
    document = read_document(write_zip(tmp_path / "a.docx", files))
    assert (document.title, document.author, document.language) == (TITLE, AUTHOR, "en")
    assert tuple(chapter.title for chapter in document.chapters) == CHAPTER_TITLES
    assert tuple(chapter.text for chapter in document.chapters) == CHAPTER_TEXTS
    assert document.n_source_chars == n_chars_of(files)


def test_what_is_not_the_text_is_left_out_and_told(tmp_path: Path) -> None:
    note_mark = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    deleted = "<w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:ins><w:r><w:t> put in</w:t></w:r></w:ins>"
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>unseen</w:t></w:r>"
    field = "<w:r><w:instrText> PAGEREF x </w:instrText></w:r>"
    cells = "".join(f"<w:tc>{paragraph(text)}</w:tc>" for text in ("Ann", "7"))
    box = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice><w:txbxContent>"
        f"{paragraph('In a box.')}</w:txbxContent></mc:Choice></mc:AlternateContent></w:r></w:p>"
    )
    body = (
        paragraph("Contents 3", "TOC1")
        + paragraph("A sentence.", extra=note_mark + deleted + hidden + field)
        + f"<w:sdt><w:sdtContent>{paragraph('Within.')}</w:sdtContent></w:sdt><w:tbl><w:tr>{cells}</w:tr></w:tbl>"
        + box
        + "<w:p><w:r><w:t>non</w:t><w:noBreakHyphen/><w:t>stop</w:t><w:br/><w:t>next</w:t></w:r></w:p>"
    )
    note = f'<w:footnote w:id="2">{paragraph("The note.")}</w:footnote>'
    files = docx_files(
        body,
        footnotes=part("footnotes", note),
        header1=part("hdr", paragraph("Running head")),
        footer1=part("ftr", paragraph("Foot")),
        comments=part("comments", paragraph("Is this so?")),
    )
    path = write_zip(tmp_path / "a.docx", files)
    document = read_document(path)
    paragraphs = ["A sentence. put in", "Within.", "Ann\t7", "In a box.", "non\u2011stop\nnext"]
    assert document.chapters[0].text.split("\n\n") == paragraphs
    assert sorted((omission.reason.value, omission.text) for omission in document.omissions) == [
        ("code", "PAGEREF x"),
        ("contents", "Contents 3"),
        ("deleted", "gone"),
        ("footnote", "The note."),
        ("hidden", "Is this so?"),
        ("hidden", "unseen"),
        ("page_footer", "Foot"),
        ("page_header", "Running head"),
    ]
    assert document.n_source_chars == n_chars_of(files) + 1  # the hyphen, which is an element of its own
    with_notes = read_document(path, footnotes=True)
    assert with_notes.chapters[0].text.split("\n\n")[:2] == ["A sentence. put in", "The note."]
    assert with_notes.n_source_chars == document.n_source_chars


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "WordDocument".encode("utf-16-le"), "format"),
        (b"just words", "damaged"),
    ],
)
def test_what_is_no_such_document_is_told(tmp_path: Path, data: bytes, problem: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.problem == problem


def test_an_entity_bomb_is_refused(tmp_path: Path) -> None:
    files = docx_files("")
    entities = "".join(f'<!ENTITY e{i} "{f"&e{i - 1};" * 10 if i else "ha"}">' for i in range(12))
    files["word/document.xml"] = f"<!DOCTYPE d [{entities}]><d>&e11;</d>"
    with pytest.raises(DocumentError) as caught:
        read_document(write_zip(tmp_path / "a.docx", files))
    assert caught.value.problem == "damaged"


def test_deep_nesting_is_told(tmp_path: Path) -> None:
    files = docx_files("<w:sdt>" * 60_000 + "</w:sdt>" * 60_000)
    with pytest.raises(DocumentError) as caught:
        read_document(write_zip(tmp_path / "a.docx", files))
    assert (caught.value.problem, caught.value.detail) == ("damaged", "word/document.xml is nested too deeply")


def test_a_table_in_a_table_is_read_once(tmp_path: Path) -> None:
    inner = f"<w:tbl><w:tr><w:tc>{paragraph('c')}</w:tc><w:tc>{paragraph('d')}</w:tc></w:tr></w:tbl>"
    outer = f"<w:tbl><w:tr><w:tc>{paragraph('a')}{inner}</w:tc><w:tc>{paragraph('b')}</w:tc></w:tr></w:tbl>"
    document = read_document(write_zip(tmp_path / "a.docx", docx_files(outer)))
    assert document.chapters[0].text == "a\n\nc\td\n\nb"
