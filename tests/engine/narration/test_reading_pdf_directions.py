"""PDFs in three columns, and PDFs that are read from right to left, in each of the ways in which files keep that."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from at_once import slow_but
from fpdf import FPDF
from pypdf import PdfReader

from engine.narration.document import n_chars
from engine.narration.reading import read_document

PAGE = (420, 595)
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")  # with Hebrew and Arabic letters


def new(size: float = 9) -> FPDF:
    pdf = FPDF(unit="pt", format=PAGE)
    pdf.add_font("Body", fname=str(FONT))
    pdf.add_page()
    pdf.set_auto_page_break(False)
    pdf.set_font("Body", size=size)
    return pdf


def saved(folder: Path, pdf: FPDF) -> Path:
    path = folder / "a.pdf"
    pdf.output(str(path))
    return path


def n_chars_of(path: Path) -> int:
    return sum(n_chars(page.extract_text()) for page in PdfReader(path).pages)


# --- columns

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")
COLUMNS = [[f"{name} {number} goes on so" for number in NUMBERS] for name in ("first", "second", "third")]
X = (30, 155, 280)


def draw_columns(pdf: FPDF, columns: list[list[str]], *, by_rows: bool, top: float = 80) -> None:
    places = [(y, x, text) for x, column in zip(X, columns, strict=True) for y, text in enumerate(column)]
    for y, x, text in sorted(places) if by_rows else places:
        pdf.text(x, top + 12 * y, text)


@pytest.mark.parametrize("by_rows", [True, False])
def test_three_columns_are_read_one_after_the_other(tmp_path: Path, by_rows: bool) -> None:
    pdf = new()
    pdf.text(30, 55, "A heading over all three of the columns, nearly as wide as the page.")
    draw_columns(pdf, COLUMNS, by_rows=by_rows)
    pdf.text(30, 200, "What stands below them goes over all of the columns, too, and ends.")
    path = saved(tmp_path, pdf)
    document = read_document(path)
    heading, text = document.chapters[0].text.split("\n\n", 1)
    assert heading.startswith("A heading over all")
    expected = " ".join(line for column in COLUMNS for line in column)
    assert " ".join(text.split()) == f"{expected} What stands below them goes over all of the columns, too, and ends."
    assert document.warnings == ("Three columns on page 1: the left one was read first.",)
    assert document.n_source_chars == n_chars_of(path)


def test_columns_with_a_line_across_them_are_read_above_it_first(tmp_path: Path) -> None:
    pdf = new()
    draw_columns(pdf, COLUMNS, by_rows=True)
    pdf.text(30, 190, "In between there is a line that goes over all of the columns.")
    below = [[line.replace("goes on", "is below") for line in column] for column in COLUMNS]
    draw_columns(pdf, below, by_rows=True, top=210)
    text = " ".join(read_document(saved(tmp_path, pdf)).chapters[0].text.split())
    parts = [" ".join(line for column in columns for line in column) for columns in (COLUMNS, below)]
    assert text == f"{parts[0]} In between there is a line that goes over all of the columns. {parts[1]}"


def test_columns_of_unequal_length(tmp_path: Path) -> None:
    pdf = new()
    columns = [COLUMNS[0], COLUMNS[1], COLUMNS[2][:5]]
    draw_columns(pdf, columns, by_rows=True)
    text = " ".join(read_document(saved(tmp_path, pdf)).chapters[0].text.split())
    assert text == " ".join(line for column in columns for line in column)


def test_a_table_is_read_row_by_row(tmp_path: Path) -> None:
    pdf = new()
    rows = [(f"Name {number}", f"{i} km", f"{i * 7} kg") for i, number in enumerate(NUMBERS, start=1)]
    for i, row in enumerate(rows):
        for x, cell in zip(X, row, strict=True):
            pdf.text(x, 80 + 12 * i, cell)
    document = read_document(saved(tmp_path, pdf))
    assert " ".join(document.chapters[0].text.split()) == " ".join(cell for row in rows for cell in row)
    assert document.warnings == ()


def test_the_numbers_of_a_list_stay_with_their_lines(tmp_path: Path) -> None:
    pdf = new()
    items = [f"This is item {number} of a list, set behind its number." for number in NUMBERS]
    for i, item in enumerate(items, start=1):
        pdf.text(30, 80 + 12 * i, f"{i}.")
        pdf.text(50, 80 + 12 * i, item)
    document = read_document(saved(tmp_path, pdf))
    assert document.chapters[0].text == " ".join(f"{i}. {item}" for i, item in enumerate(items, start=1))
    assert document.warnings == ()


def test_a_page_of_one_column_is_none_of_several_whatever_is_set_apart_in_it(tmp_path: Path) -> None:
    pdf = new()
    lines = [f"This is line {number} of a page that has but one column of text" for number in NUMBERS]
    for i, line in enumerate(lines):
        words = line.split(" ")
        x = 30.0
        for word in words:  # each for itself, as in justified text
            pdf.text(x, 80 + 12 * i, word)
            x += pdf.get_string_width(f"{word} ") + 0.1 * i
    document = read_document(saved(tmp_path, pdf))
    assert document.warnings == ()
    assert "".join(document.chapters[0].text.split()) == "".join(" ".join(lines).split())


# --- from right to left

HEBREW = (
    "(כאן) בראשית ברא אלהים את השמים ואת הארץ.",
    "והארץ היתה תהו ובהו וחשך על פני 12 תהום",
    "ורוח אלהים מרחפת על פני PDF המים.",
)
ARABIC = (
    "(هنا) كان يا ما كان في المدينة القديمة",
    "ملك يعيش في قصر كبير عام 1998 مع",
    "بناته الثلاث، وكانت الصغرى تحب السماء.",
)


def by_signs(pdf: FPDF, line: str, right: float, y: float) -> None:
    """Each sign where it belongs, in the order in which they are read."""
    x = right
    for run in re.findall(r"[0-9A-Z]+|.", line):
        x -= pdf.get_string_width(run)
        at = x
        for sign in run:
            pdf.text(at, y, sign)
            at += pdf.get_string_width(sign)


def by_words(pdf: FPDF, line: str, right: float, y: float) -> None:
    x = right
    for word in line.split(" "):
        x -= pdf.get_string_width(word)
        pdf.text(x, y, word)
        x -= pdf.get_string_width(" ")


def as_it_looks(pdf: FPDF, line: str, right: float, y: float) -> None:
    """One string, from left to right: what most programs write."""
    runs = [run if run.isalnum() and run.isascii() else run[::-1] for run in re.findall(r"[0-9A-Z]+|[^0-9A-Z]+", line)]
    text = "".join(reversed(runs)).translate(str.maketrans("()", ")("))
    pdf.text(right - pdf.get_string_width(text), y, text)


def as_it_is_read(pdf: FPDF, line: str, right: float, y: float) -> None:
    pdf.text(right - pdf.get_string_width(line), y, line)


def shaped(pdf: FPDF, line: str, right: float, y: float) -> None:
    """By HarfBuzz, with the joined forms of letters: sign by sign from the left."""
    pdf.set_text_shaping(True)
    pdf.set_xy(40, y - 12)
    pdf.cell(right - 40, 14, line, align="R")


@pytest.mark.parametrize("lines", [HEBREW, ARABIC], ids=["Hebrew", "Arabic"])
@pytest.mark.parametrize("draw", slow_but([by_signs, shaped], [by_signs, by_words, as_it_looks, as_it_is_read, shaped]))
def test_text_from_right_to_left_comes_out_as_it_is_read_and_is_told(
    tmp_path: Path, lines: tuple[str, ...], draw: Callable[[FPDF, str, float, float], None]
) -> None:
    pdf = new(11)
    for i, line in enumerate(lines * 3):
        draw(pdf, line, 380, 80 + 16 * i)
    document = read_document(saved(tmp_path, pdf))
    assert " ".join(document.chapters[0].text.split()) == " ".join(lines * 3)
    (doubt,) = document.warnings
    assert doubt.startswith("Text that runs from right to left on page 1:")


def test_joined_forms_become_letters(tmp_path: Path) -> None:
    pdf = new(11)
    forms = "\ufe8e\ufee3 \ufeea\ufee7\ufe8e\ufedb \ufef2\ufed3"  # as it looks, from the left: في كانه ما
    for i in range(4):
        pdf.text(300, 80 + 16 * i, forms)
    assert read_document(saved(tmp_path, pdf)).chapters[0].text.split()[:3] == ["في", "كانه", "ما"]


@pytest.mark.parametrize("draw", slow_but([as_it_looks], [as_it_looks, as_it_is_read, shaped]))
@pytest.mark.parametrize("order", ["rows", "right first", "left first"])
def test_the_right_one_of_two_columns_is_read_first_where_text_runs_from_there(
    tmp_path: Path, order: str, draw: Callable[[FPDF, str, float, float], None]
) -> None:
    pdf = new(8)
    right = [f"בימין {sign} עומדת שורה ארוכה למדי" for sign in "אבגדהוזח"]
    left = [line.replace("בימין", "בשמאל") for line in right]
    places = [(390.0, right, 0), (190.0, left, 1)]
    rows = [(i, edge, column[i], side) for edge, column, side in places for i in range(8)]
    if order == "rows":
        rows.sort(key=lambda row: row[0])
    elif order == "left first":
        rows.sort(key=lambda row: -row[3])
    for i, edge, line, _ in rows:
        draw(pdf, line, edge, 80 + 12 * i)
    document = read_document(saved(tmp_path, pdf))
    assert " ".join(document.chapters[0].text.split()) == " ".join([*right, *left])
    columns, direction = document.warnings
    assert columns == "Two columns on page 1: the right one was read first."
    assert direction.startswith("Text that runs from right to left on page 1:")


def test_a_word_from_right_to_left_in_other_text_stays_where_it_is(tmp_path: Path) -> None:
    pdf = new()
    for i in range(6):
        pdf.text(40, 80 + 12 * i, f"The word {'שלום'[::-1]} means peace, line {NUMBERS[i]}.")
    document = read_document(saved(tmp_path, pdf))
    text = " ".join(document.chapters[0].text.split())
    assert text == " ".join(f"The word שלום means peace, line {NUMBERS[i]}." for i in range(6))
    assert document.warnings == ()
