"""PDF: text whole and in order, without running heads and the like, each of which is told."""

from pathlib import Path

import pytest
from alice import CHAPTER_TITLES, CHAPTERS
from fpdf import FPDF
from pypdf import PdfReader

from engine.errors import DocumentError
from engine.narration.document import Document, OmissionReason, n_chars
from engine.narration.reading import read_document

PAGE = (420, 595)
_ASCII = str.maketrans({"“": '"', "”": '"', "’": "'", "—": "-"})  # the fonts that every PDF has know no more
PLAIN = tuple((title, tuple(p.translate(_ASCII) for p in paragraphs)) for title, paragraphs in CHAPTERS)


class Book(FPDF):
    """Pages with a running head and a number."""

    def header(self) -> None:
        self.set_font("Helvetica", size=9)
        head = "Alice in Wonderland" if self.page_no() % 2 else "Lewis Carroll"
        self.cell(0, 12, head, new_x="LMARGIN", new_y="NEXT", align="C")

    def footer(self) -> None:
        self.set_y(-30)
        self.set_font("Helvetica", size=9)
        self.cell(0, 12, f"- {self.page_no()} -", align="C")


def new(kind: type[FPDF] = FPDF) -> FPDF:
    pdf = kind(unit="pt", format=PAGE)
    pdf.set_margins(40, 40)
    pdf.set_auto_page_break(True, 60)
    pdf.set_title("Alice")
    pdf.set_author("L. Carroll")
    pdf.set_lang("en-GB")
    pdf.add_page()
    pdf.set_font("Helvetica", size=11)
    return pdf


def write(pdf: FPDF, text: str, size: float = 11) -> None:
    pdf.set_font("Helvetica", size=size)
    pdf.multi_cell(0, 1.4 * size, text, new_x="LMARGIN", new_y="NEXT", align="L")


def write_book(pdf: FPDF, *, outline: bool) -> None:
    for title, paragraphs in PLAIN:
        if outline:
            pdf.start_section(title)
        write(pdf, title, 16)
        for paragraph in paragraphs * 4:
            write(pdf, paragraph)
            pdf.ln(6)


def saved(folder: Path, pdf: FPDF) -> Path:
    path = folder / "a.pdf"
    pdf.output(str(path))
    return path


def n_chars_of(path: Path) -> int:
    """What pypdf's own plain extraction finds."""
    return sum(n_chars(page.extract_text()) for page in PdfReader(path).pages)


def reasons(document: Document) -> list[tuple[str, str]]:
    return [(omission.reason.value, omission.text) for omission in document.omissions]


@pytest.mark.parametrize("outline", [True, False])
def test_a_book_comes_out_whole_and_in_order(tmp_path: Path, outline: bool) -> None:
    pdf = new(Book)
    write_book(pdf, outline=outline)
    path = saved(tmp_path, pdf)
    document = read_document(path)
    assert (document.title, document.author, document.language) == ("Alice", "L. Carroll", "en")
    assert tuple(chapter.title for chapter in document.chapters) == CHAPTER_TITLES
    assert [chapter.text for chapter in document.chapters] == [
        "\n\n".join((title, *paragraphs * 4)) for title, paragraphs in PLAIN
    ]
    n_pages = len(PdfReader(path).pages)
    assert n_pages >= 4
    heads = {(reason, text) for reason, text in reasons(document) if reason == "page_header"}
    assert heads == {("page_header", "Alice in Wonderland"), ("page_header", "Lewis Carroll")}
    numbers = [text for reason, text in reasons(document) if reason == "page_number"]
    assert numbers == [f"- {i} -" for i in range(1, n_pages + 1)]
    assert document.n_source_chars == n_chars_of(path)
    assert document.warnings == ()


def test_indented_paragraphs_and_words_that_lines_cut(tmp_path: Path) -> None:
    pdf = new()
    lines = (
        (15, "The rabbit-hole went straight on like a tunnel for some"),
        (0, "way, and then dipped sud-"),
        (0, "denly down, so that Alice"),
        (15, "Either the well was very deep, or she"),
        (0, "fell very slowly."),
    )
    for y, (indent, text) in enumerate(lines):
        pdf.text(40 + indent, 100 + 15 * y, text)
    document = read_document(saved(tmp_path, pdf))
    assert document.chapters[0].text.split("\n\n") == [
        "The rabbit-hole went straight on like a tunnel for some way, and then dipped suddenly down, so that Alice",
        "Either the well was very deep, or she fell very slowly.",
    ]
    assert reasons(document) == [("hyphen", "-")]
    assert document.n_source_chars == n_chars_of(tmp_path / "a.pdf")


LEFT = [f"left line number {word} goes on" for word in ("one", "two", "three", "four", "five", "six", "seven")]
RIGHT = [line.replace("left", "right") for line in LEFT]


@pytest.mark.parametrize("by_rows", [True, False])
def test_two_columns_are_read_one_after_the_other(tmp_path: Path, by_rows: bool) -> None:
    pdf = new()
    pdf.set_font("Helvetica", size=9)
    pdf.text(40, 60, "A heading over both of the columns, as wide as the page is or nearly so")
    places = [(40, 80 + 12 * i, text) for i, text in enumerate(LEFT)] + [
        (230, 80 + 12 * i, text) for i, text in enumerate(RIGHT)
    ]
    for x, y, text in sorted(places, key=lambda place: place[1]) if by_rows else places:
        pdf.text(x, y, text)
    document = read_document(saved(tmp_path, pdf))
    heading, columns = document.chapters[0].text.split("\n\n")
    assert heading.startswith("A heading")
    assert columns == " ".join([*LEFT, *RIGHT])
    assert document.warnings == ("Two columns on page 1: the left one was read first.",)
    assert document.n_source_chars == n_chars_of(tmp_path / "a.pdf")


def test_footnotes_in_small_print_are_left_out_unless_they_are_wanted(tmp_path: Path) -> None:
    pdf = new()
    write(pdf, PLAIN[0][1][0])
    pdf.set_font("Helvetica", size=8)
    pdf.text(40, 500, "1 This is the first note, about the rabbit.")
    pdf.text(40, 510, "It goes on for a second line.")
    path = saved(tmp_path, pdf)
    document = read_document(path)
    assert document.chapters[0].text == PLAIN[0][1][0]
    assert [reason for reason, _ in reasons(document)] == [OmissionReason.FOOTNOTE] * 2
    assert document.n_source_chars == n_chars_of(path)
    assert "second line" in read_document(path, footnotes=True).chapters[0].text


def test_pages_that_are_pictures(tmp_path: Path) -> None:
    from PIL import Image

    picture = Image.new("L", (8, 8), 200)
    pdf = new()
    pdf.image(picture, 0, 0, 100, 100)
    path = saved(tmp_path, pdf)
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert (caught.value.problem, caught.value.detail) == ("no_text", "its pages are pictures")
    pdf = new()
    pdf.image(picture, 0, 0, 100, 100)
    pdf.add_page()
    write(pdf, "Now there is text.")
    assert read_document(saved(tmp_path, pdf)).warnings == ("No text on page 1, only pictures.",)


@pytest.mark.parametrize("method", ["RC4", "AES_256"])
def test_a_password_is_asked_for_only_where_it_is_needed(tmp_path: Path, method: str) -> None:
    from fpdf.enums import EncryptionMethod

    for user_password in ("secret", ""):
        pdf = new()
        write(pdf, "Hidden words.")
        pdf.set_encryption(
            owner_password="owner", user_password=user_password, encryption_method=EncryptionMethod[method]
        )
        path = saved(tmp_path, pdf)
        if not user_password:
            assert read_document(path).chapters[0].text == "Hidden words."
            continue
        with pytest.raises(DocumentError) as caught:
            read_document(path)
        assert caught.value.problem == "encrypted"


@pytest.mark.slow
def test_damaged_files_are_told(tmp_path: Path) -> None:
    pdf = new()
    write_book(pdf, outline=True)
    whole = saved(tmp_path, pdf).read_bytes()
    path = tmp_path / "b.pdf"
    for damaged in (b"", b"%PDF-1.7\n", b"no pdf", whole[:300], whole.replace(b"/Pages", b"/Pagan"), whole[:400][::-1]):
        path.write_bytes(damaged)
        with pytest.raises(DocumentError) as caught:
            read_document(path)
        assert caught.value.problem in ("damaged", "no_text")


def test_a_broken_page_is_a_doubt(tmp_path: Path) -> None:
    pdf = new()
    write(pdf, "First page.")
    pdf.add_page()
    write(pdf, "Second page.")
    pdf.set_compression(False)
    data = saved(tmp_path, pdf).read_bytes()
    path = tmp_path / "b.pdf"
    path.write_bytes(data.replace(b"(Second page.) Tj", b"(Second page.)   ", 1))
    document = read_document(path)
    assert document.chapters[0].text == "First page."


def test_a_running_head_that_names_the_chapter(tmp_path: Path) -> None:
    pdf = new()
    texts = [paragraph for _, paragraphs in PLAIN for paragraph in paragraphs]
    for number, chapter in enumerate(("The Hole", "The Pool", "The Race", "The Race", "The Race", "The Race"), start=1):
        if number > 1:
            pdf.add_page()
        pdf.set_font("Helvetica", size=11)
        pdf.text(40, 50, f"{chapter} {number}")
        pdf.set_y(70)
        write(pdf, f"{texts[number]} This was page {number}.")
    path = saved(tmp_path, pdf)
    document = read_document(path)
    text = "".join(chapter.text for chapter in document.chapters)
    assert "The Hole 1" not in text
    assert "The Pool 2" not in text
    assert [text for reason, text in reasons(document) if reason == "page_header"][:3] == [
        *("The Hole 1", "The Pool 2", "The Race 3"),
    ]
    assert text.count("This was page") == 6
    assert document.n_source_chars == n_chars_of(path)
