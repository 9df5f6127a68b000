"""PDFs of the kinds that people have: manuals, papers, laws, tables of contents; and what TeX makes of a text.

The files are read in this process, but for one: a process for each takes longer than all of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from fpdf import FPDF

from engine.errors import DocumentError
from engine.narration.document import Document
from engine.narration.readers.pdf import document_of
from engine.narration.readers.pdf_worker import file_of, values_of
from engine.narration.reading import read_document

PAGE = (420, 595)
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
FILES = Path(__file__).parent / "pdfs"
NOUNS = ("lantern", "harbour", "office", "shelf", "window", "flower", "river", "chapel", "orchard", "mountain", "field")


def new(size: float = 10) -> FPDF:
    pdf = FPDF(unit="pt", format=PAGE)
    pdf.set_auto_page_break(False)
    pdf.set_font("Times", size=size)
    pdf.add_page()
    return pdf


def read(data: FPDF | bytes, *, footnotes: bool = False) -> Document:
    path = Path("a.pdf")
    content = data if isinstance(data, bytes) else bytes(data.output())
    return document_of(path, file_of(path, values_of(content)), footnotes=footnotes)


def paragraphs(document: Document) -> list[str]:
    return [part for chapter in document.chapters for part in chapter.text.split("\n\n")]


def left_out(document: Document, reason: str) -> list[str]:
    return [omission.text for omission in document.omissions if omission.reason == reason]


def line(i: int) -> str:
    a, b = NOUNS[i % len(NOUNS)], NOUNS[(i * 3 + 1) % len(NOUNS)]
    return f"the {a} of the old {b} was seen from the {NOUNS[(i * 5 + 2) % len(NOUNS)]} again"


def narrow(i: int) -> str:
    return " ".join(line(i).split()[3:11])


def draw(
    pdf: FPDF, n_lines: int, x: float = 60, y: float = 80, first: int = 0, make: Callable[[int], str] = line
) -> list[str]:
    """A paragraph of lines of about one length, the last one short. Returns its words."""
    lines = [make(first + i) for i in range(n_lines)]
    lines[0] = lines[0].capitalize()
    lines[-1] = " ".join(lines[-1].split()[:5]) + "."
    for i, text in enumerate(lines):
        pdf.text(x, y + 13 * i, text)
    return lines


# --- margins


@pytest.mark.parametrize("every", [1, 5])
def test_numbers_of_lines_in_the_margin_are_left_out(every: int) -> None:
    pdf = new()
    expected: list[str] = []
    for page in range(2):
        if page:
            pdf.add_page()
        expected.append(" ".join(draw(pdf, 25, first=25 * page)))
        for i in range(25):
            if (i + 1) % every == 0:
                pdf.text(30, 80 + 13 * i, str(25 * page + i + 1))
    document = read(pdf)
    assert paragraphs(document) == expected
    assert left_out(document, "margin_number") == [str(i) for i in range(1, 51) if i % every == 0]


def test_numbers_of_a_laws_paragraphs_in_the_margin_are_left_out() -> None:
    pdf = new()
    expected = []
    for i in range(6):
        expected.append(" ".join(draw(pdf, 4, y=80 + 70 * i, first=4 * i)))
        pdf.text(360, 80 + 70 * i, str(101 + i))
    document = read(pdf)
    assert paragraphs(document) == expected
    assert left_out(document, "margin_number") == [str(101 + i) for i in range(6)]


def test_numbers_in_the_text_stay() -> None:
    pdf = new()
    for i, text in enumerate(("1. Fill the lantern with oil.", "2. Wait.", "3. Light it.")):
        pdf.text(60, 80 + 13 * i, text)
    pdf.text(60, 150, "In")
    pdf.text(100, 150, "1984")
    pdf.text(140, 150, "it was old.")
    assert re.findall(r"\d+", " ".join(paragraphs(read(pdf)))) == ["1", "2", "3", "1984"]


def test_page_numbers_and_heads_are_found_by_place_however_far_from_the_edge() -> None:
    pdf = new()
    expected = []
    for page in range(5):
        if page:
            pdf.add_page()
        pdf.text(150, 60, f"Of the {NOUNS[page]} and the {NOUNS[page + 1]}")  # never twice the same
        expected.append(" ".join(draw(pdf, 20, y=100, first=20 * page)))
        pdf.text(200, 430, f"{page + 7}")  # more than a fourth of the page up
    document = read(pdf)
    assert paragraphs(document) == expected
    assert left_out(document, "page_number") == ["7", "8", "9", "10", "11"]
    assert len(left_out(document, "page_header")) == 5


# --- contents


def contents_page(pdf: FPDF, leader: str) -> None:
    pdf.text(60, 60, "Contents")
    for i, noun in enumerate(NOUNS[:6]):
        entry = f"{i + 1}  The {noun}"
        y = 90 + 14 * i
        pdf.text(60, y, f"{entry} {leader}".rstrip())
        pdf.text(340, y, str(3 + 4 * i))


@pytest.mark.parametrize("leader", ["." * 60, " . " * 30, ""])
def test_a_table_of_contents_is_left_out(leader: str) -> None:
    pdf = new()
    contents_page(pdf, leader)
    pdf.add_page()
    text = " ".join(draw(pdf, 12))
    document = read(pdf)
    assert paragraphs(document) == [text]
    assert len(left_out(document, "contents")) == 7


def test_dots_in_a_text_are_no_contents() -> None:
    pdf = new()
    pdf.text(60, 80, "He waited . . . . and nobody came, so he went home.")
    assert paragraphs(read(pdf)) == ["He waited . . . . and nobody came, so he went home."]


# --- raised and lowered signs


def test_raised_marks_are_left_out_and_powers_are_kept() -> None:
    pdf = new()

    def write(x: float, y: float, parts: tuple[tuple[str, float], ...]) -> None:
        for text, rise in parts:
            pdf.set_font("Times", size=10 if not rise else 6.5)
            pdf.text(x, y - rise, text)
            x += pdf.get_string_width(text)

    write(60, 80, (("It was said", 0), ("1", 3.5), (" that light, of 10", 0), ("12", 3.5), (" rays, needs", 0)))
    write(60, 93, (("no H", 0), ("2", -2), ("O on the 21", 0), ("st", 3.5), (" of May, in 40 m", 0), ("2", 3.5)))
    write(60, 106, ((" at most.", 0), ("2, 3", 3.5)))
    document = read(pdf)
    assert paragraphs(document) == [
        "It was said that light, of 10¹² rays, needs no H₂O on the 21st of May, in 40 m² at most."
    ]
    assert left_out(document, "footnote") == ["1", "2, 3"]


def test_notes_below_one_of_two_columns_are_left_out() -> None:
    pdf = new(8)
    left = draw(pdf, 20, x=30, make=narrow)
    right = draw(pdf, 30, x=225, first=40, make=narrow)
    pdf.set_font("Times", size=6)
    pdf.text(30, 370, "1 See the catalogue, volume two,")
    pdf.text(30, 378, "which nobody has seen.")
    document = read(pdf)
    assert paragraphs(document) == [" ".join(left), " ".join(right)]
    assert len(left_out(document, "footnote")) == 2
    assert "catalogue" in " ".join(paragraphs(read(pdf, footnotes=True)))


# --- pictures


def test_a_sentence_goes_on_round_a_figure_over_both_columns() -> None:
    pdf = new(8)
    words = [narrow(i) for i in range(40)]
    words[0] = words[0].capitalize()
    words[-1] = "and so the sentence is cut in two"
    for i, text in enumerate(words):
        x, row = (30, i) if i < 20 else (225, i - 20)
        pdf.text(x, 80 + 11 * row, text)
    pdf.add_page()
    pdf.text(130, 200, "Figure 1: What stands over both columns.")
    more = [narrow(i + 50) for i in range(40)]
    more[-1] = "and ended, too."
    for i, text in enumerate(more):
        x, row = (30, i) if i < 20 else (225, i - 20)
        pdf.text(x, 240 + 11 * row, text)
    document = read(pdf)
    assert paragraphs(document) == [" ".join([*words, *more]), "Figure 1: What stands over both columns."]
    assert document.warnings == ("Two columns on pages 1–2: the left one was read first.",)


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_paragraph_beside_a_picture_is_read_before_the_pictures_words(side: str) -> None:
    pdf = new()
    lines: list[str] = []
    for i in range(20):
        text = line(i) if not 5 <= i < 14 else " ".join(line(i).split()[:7])
        x = 180 if 5 <= i < 14 and side == "left" else 60
        lines.append(text.capitalize() if i == 0 else text)
        pdf.text(x, 80 + 13 * i, lines[-1])
    pdf.text(60, 80 + 13 * 20, "and so it ended.")
    pdf.set_font("Times", size=8)
    for i, text in enumerate(("The old lantern, as it", "was seen in the year 1900.")):
        pdf.text(60 if side == "left" else 245, 80 + 13 * 11 + 4 + 10 * i, text)
    document = read(pdf)
    assert paragraphs(document) == [
        " ".join([*lines, "and so it ended."]),
        "The old lantern, as it was seen in the year 1900.",
    ]
    assert document.warnings == (
        "Something stands beside the text on page 1: it was read after it, where a paragraph ends.",
    )


# --- words


def with_breaks(*lines: str, known: str = "") -> str:
    pdf = new()
    pdf.add_font("Body", fname=str(FONT))
    pdf.set_font("Body", size=10)
    for i, text in enumerate(lines):
        pdf.text(60, 80 + 13 * i, text)
    pdf.text(60, 200, known)
    return paragraphs(read(pdf))[0]


@pytest.mark.parametrize(
    ("lines", "known", "said"),
    [
        (("It kept the ﬁ-", "delity of the sound."), "", "It kept the fidelity of the sound."),
        (("A state-", "of-the-art lantern."), "", "A state-of-the-art lantern."),
        (("A state-of-", "the-art lantern."), "", "A state-of-the-art lantern."),
        (("A well-", "known lantern."), "It is well-known here.", "A well-known lantern."),
        (("An enter-", "taining lantern."), "An entertaining one.", "An entertaining lantern."),
        (("A half-for‐", "gotten, long-last‐", "ing, self-made."), "", "A half-forgotten, long-lasting, self-made."),
        (("Zehn Haupt- und Neben-", "straßen."), "", "Zehn Haupt- und Nebenstraßen."),
        (("Cien­", "cia."), "", "Ciencia."),
    ],
)
def test_hyphens_at_the_ends_of_lines(lines: tuple[str, ...], known: str, said: str) -> None:
    assert with_breaks(*lines, known=known) == said


def test_accents_ligatures_and_signs_of_tex() -> None:
    document = read((FILES / "tex_accents.pdf").read_bytes())
    assert paragraphs(document) == [
        "The naïve fiancée of Stéphane met Gödel, Erdős and Čapek at the façade in São Paulo; Ångström wrote to Viète, "
        "Dvořák, and Malmö about coûte, Kōrin, İstanbul, Brăila and ů. Žižek began a line.",
        "An efficient officer suffered the difficult afflictions of fidelity, and the fluffy waffle baffled the "
        "sufficient staff in the office. It weighed 10¹² times H₂O, on the 21st of May, E = mc².",
    ]
    assert left_out(document, "page_number") == ["1"]


def test_tex_with_bitmap_fonts_that_name_no_letters() -> None:
    assert paragraphs(read((FILES / "tex_bitmap.pdf").read_bytes())) == [
        "§ 7 says: “The efficient officer – not the staff — suffered a difficult affliction.” Dvořák and Erdős of Łódź."
    ]


# --- fonts, angles, directions


def unnamed(pages: tuple[bool, ...]) -> bytes:
    """Pages of text, some in a font that does not say which letters its signs are."""
    pdf = new()
    pdf.set_compression(False)
    pdf.add_font("Body", fname=str(FONT))
    pdf.add_font("Other", fname=str(FONT.with_name("DejaVuSerif.ttf")))
    for i, is_named in enumerate(pages):
        if i:
            pdf.add_page()
        pdf.set_font("Other" if is_named else "Body", size=10)
        draw(pdf, 6, first=6 * i)
    data = bytes(pdf.output())
    place = data.index(b"/ToUnicode", data.index(b"DejaVuSans", data.index(b"/Type0") - 200))
    end = data.index(b"R", place) + 1
    return data[:place] + b" " * (end - place) + data[end:]


def test_a_font_without_letters_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(unnamed((False, False)))
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert (caught.value.problem, caught.value.detail) == ("no_text", "its fonts do not say which letters they show")


def test_a_page_whose_font_names_no_letters_is_told() -> None:
    document = read(unnamed((False, True)))
    assert len(paragraphs(document)) == 1
    assert document.warnings == ("The fonts on page 1 do not say which letters they show, so it was left out.",)


@pytest.mark.parametrize("angle", [90, 180, 270])
def test_a_page_that_is_turned_is_read(angle: int) -> None:
    pdf = new()
    with pdf.rotation(angle, x=210, y=297):
        expected = draw(pdf, 8, y=200)
    document = read(pdf)
    assert paragraphs(document) == [" ".join(expected)]
    assert document.warnings == ()


def test_a_watermark_is_left_out_and_told() -> None:
    pdf = new()
    expected = draw(pdf, 20)
    with pdf.rotation(45, x=210, y=297):
        pdf.set_font("Times", size=40)
        pdf.text(100, 300, "DRAFT")
    document = read(pdf)
    assert paragraphs(document) == [" ".join(expected)]
    assert left_out(document, "turned") == ["DRAFT"]
    assert document.warnings == ("Text at another angle on page 1 was left out.",)


VERTICAL = ("吾輩は猫である。名前はまだ無い。", "どこで生れたかとんと見当がつかぬ。", "何でも薄暗いじめじめした所で")


def vertical(*, as_columns: bool) -> bytes:
    """Columns from the right, as strings in vertical writing or sign by sign. No font here has Japanese signs: one that
    has others says that they are these."""
    letters = {sign: chr(0x100 + i) for i, sign in enumerate(sorted(set("".join(VERTICAL))))}
    pdf = FPDF(unit="pt", format=PAGE)
    pdf.set_compression(False)
    pdf.add_font("Body", fname=str(FONT))
    pdf.add_page()
    pdf.set_font("Body", size=12)
    for i, column in enumerate(VERTICAL):
        for j, part in enumerate([column] if as_columns else column):
            pdf.text(360 - 20 * i, 80 + 12 * j, "".join(letters[sign] for sign in part))
    data = bytes(pdf.output())
    for sign, letter in letters.items():
        data = data.replace(b"<%04X>" % ord(letter), b"<%04X>" % ord(sign))
    return data.replace(b"/Identity-H", b"/Identity-V") if as_columns else data


@pytest.mark.parametrize("as_columns", [True, False])
def test_vertical_japanese_is_read_from_the_right(as_columns: bool) -> None:
    assert "".join(paragraphs(read(vertical(as_columns=as_columns)))) == "".join(VERTICAL)


def test_words_that_come_back_at_the_top_of_pages_are_no_heads() -> None:
    pdf = new()
    expected: list[str] = []
    for page in range(6):
        if page:
            pdf.add_page()
        words = ("The", NOUNS[page], "of", "the", NOUNS[page + 1], "was")  # set far apart, to fill the line
        for i, word in enumerate(words):
            pdf.text(60 + 50 * i, 80, word)
        rest = [line(12 * page + i) for i in range(11)]
        for i, text in enumerate([*rest, "and gone."]):
            pdf.text(60, 93 + 13 * i, text)
        expected.append(" ".join([*words, *rest, "and gone."]))
    document = read(pdf)
    assert paragraphs(document) == expected
    assert document.omissions == ()


def test_pages_that_begin_alike_lose_none_of_their_text() -> None:
    """As those of a form do; the head above them is one."""
    pdf = new()
    for number in range(1, 5):
        if number > 1:
            pdf.add_page()
        pdf.text(60, 40, "Report of the harbour office")
        for i, text in enumerate(
            ("Answer " + line(0) + " and", line(1) + " and then", f"go on from {number} as told.")
        ):
            pdf.text(60, 64 + 13 * i, text)
        draw(pdf, 9, y=140, first=10 * number)
    document = read(pdf)
    text = " ".join(paragraphs(document))
    assert (text.count("Answer"), text.count("and then"), text.count("go on from")) == (4, 4, 4)
    assert left_out(document, "page_header") == ["Report of the harbour office"] * 4


def test_lines_of_an_address_and_of_a_list_stay_apart() -> None:
    pdf = new()
    draw(pdf, 6)
    lines = ("Acme Ltd", "5 High Street", "London", "", "- Milk", "- Eggs", "- Flour")
    for i, text in enumerate(lines):
        pdf.text(60, 180 + 13 * i, text)
    draw(pdf, 6, y=300, first=20)
    assert paragraphs(read(pdf))[1:-1] == [text for text in lines if text]


def test_large_initials_belong_to_their_words() -> None:
    pdf = new()
    rest = [line(i) for i in range(8)]
    for i, text in enumerate(rest):
        pdf.text(85 if i < 2 else 60, 80 + 13 * i, text if i else text.removeprefix("t"))
    pdf.set_font("Times", size=32)
    pdf.text(60, 93, "T")
    assert paragraphs(read(pdf)) == [" ".join(["T" + rest[0].removeprefix("t"), *rest[1:]])]


def test_sizes_that_a_scanner_guessed_divide_nothing() -> None:
    pdf = new()
    words = [line(i) for i in range(16)]
    for i, text in enumerate(words):
        pdf.set_font("Times", size=(9.1, 10, 10.7, 11.6, 9.6)[i % 5])
        pdf.text(60, 80 + 15 * i, text)
    assert paragraphs(read(pdf)) == [" ".join(words)]


def test_rows_of_a_table_are_told_apart() -> None:
    pdf = new()
    text = draw(pdf, 6)
    rows = (("Year", "Lanterns"), ("1900", "12"), ("1901", "14"))
    for i, row in enumerate(rows):
        for j, cell in enumerate(row):
            pdf.text(60 + 120 * j, 164 + 13 * i, cell)
    assert paragraphs(read(pdf)) == [" ".join(text), *(" ".join(row) for row in rows)]
