"""Documents that would take for ever: time and memory follow what is read, and beyond a bound it is refused."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from books import docx_files, epub_files, paragraph, write_zip
from growth import assert_linear

from engine.errors import DocumentError, TextError
from engine.narration.preview import preview_text
from engine.narration.readers.pdf_worker import file_of
from engine.narration.reading import read_document
from engine.text import iter_segments
from engine.types import Pronunciation, SpeechOptions

pytestmark = pytest.mark.slow

HEAD = "<html><body><p>Some words.</p>"
HTML: dict[str, Callable[[int], str]] = {
    "open tags that do not end": lambda n: "<a " * n,
    "values that do not end": lambda n: "<a b='" * n,
    "comments that do not end": lambda n: "<!--" * n,
    "declarations": lambda n: "<!" * n,
    "instructions": lambda n: "<?" * n,
    "ends": lambda n: "</" * n,
    "cells": lambda n: "<table><tr>" + "<td>x" * n,
    "empty cells": lambda n: "<table><tr>" + "<td> " * n,
    "rows": lambda n: "<table>" + "<tr><td>x<td>y" * n,
    "depth": lambda n: "<b>" * n + "x" + "</b>" * n,
    "lists": lambda n: "<ul><li>x" * n,
    "notes": lambda n: '<p>x<sup><a href="#a">1</a></sup> ' * n,
    "notes in one paragraph": lambda n: "<p>" + '<sup><a href="#a">1</a></sup> ' * n,
    "breaks": lambda n: "<p>" + "<br>" * n,
    "headings": lambda n: "<h1>x</h1>" * n,
    "headings with text": lambda n: "<h1>x</h1><p>y" * n,
    "characters as numbers": lambda n: "&#" * n,
    "CDATA": lambda n: "<![CDATA[" * n,
    "CDATA that ends": lambda n: "<p><![CDATA[x]]>" * n,
    "scripts": lambda n: "<script>x</script>" * n,
    "scripts that do not end": lambda n: "<script></" * n,
    "attributes": lambda n: "<a " + "b " * n + ">x",
    "spaces": lambda n: "<p>x" + " " * n + "y",
    "what is left out": lambda n: "<div hidden>" + "a\1" * n + "</div>",
    "readings": lambda n: "<p><ruby>" + "漢<rt>かん</rt>" * n,
    "signs without readings": lambda n: "<p>" + "<ruby>漢</ruby><rt>かん</rt>" * n,
    "formulas": lambda n: "<p>" + "<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math>" * n,
    "one formula": lambda n: "<math>" + "<msup><mi>x</mi><mn>2</mn></msup><mo>+</mo>" * n,
    "formulas in formulas": lambda n: "<math>" + "<mrow>" * n + "x",
    "raised signs": lambda n: "<p>" + "x<sup>2</sup>" * n,
    "raised signs that do not end": lambda n: "<p>" + "<sup>2" * n,
    "initials": lambda n: "<p>" + "<span class=dc>W</span> " * n,
    "languages": lambda n: "<p>" + "<i lang=fr>mot</i> " * n,
    "emphasis": lambda n: "<p>" + "a <i>b</i> <b>c</b>" * n,
    "emphasis in emphasis": lambda n: "<p>" + "<i>a<b>b" * n,
    "emphasis over paragraphs": lambda n: "<i>" + "<p>a</p>" * n,
    "emphasis and breaks": lambda n: "<p>" + "<i>a</i><br><br>B " * n,
    "emphasis and notes": lambda n: "<p>" + '<i>word</i><sup><a href="#a">1</a></sup> ' * n,
    "emphasis and formulas": lambda n: "<p>" + "<i>word</i> \\(x^2\\) " * n,
    "pictures": lambda n: "<img alt=a>" * n,
    "languages in languages": lambda n: "<p>" + "<i lang=fr>mot" * n,
    "boxes in boxes": lambda n: "<div>x" * n,
    "numbered lists in lists": lambda n: "<ol><li>x" * n,
    "notes that links tell": lambda n: "<p id=r>" + "word<a href='#n'>1</a> " * n + "<p id=n>x",
    "notes and their paragraphs": lambda n: "".join(f"<p>word<a href='#n{i}'>1</a>.<p id=n{i}>x" for i in range(n)),
    "dollars": lambda n: "<p>" + "$x " * n,
    "backslashes": lambda n: "<p>" + "\\(x " * n,
    "brackets": lambda n: "<p>" + "[Pg 1]" * n,
    "document types": lambda n: "<!DOCTYPE html [" * n,
}
TEXT: dict[str, Callable[[int], str]] = {
    "blank lines": lambda n: "\n" * n + "x",
    "blank lines in Gutenberg's": lambda n: "*** START OF THE PROJECT GUTENBERG EBOOK X ***\n" + "x\n" + "\n" * n + "y",
    "blank lines with spaces": lambda n: " \n" * n + "x",
    "leaders": lambda n: "CHAPTER I\n" + "." * n + "x",
    "headings": lambda n: "CHAPTER I\n\nA sentence.\n\n" * n,
    "headings alone": lambda n: "CHAPTER I\n\n" * n,
    "numbers": lambda n: "1.\n\nx\n\n" * n,
    "one line": lambda n: "A sentence of words. " * n,
    "one word": lambda n: "x" * n,
    "hyphens": lambda n: "exam-\nple " * n,
    "letters that cannot be seen": lambda n: "a\1" * n,
    "marks": lambda n: "a" + "\u0301" * n,
    "quotes": lambda n: "> " * n + "x",
    "stops": lambda n: "." * n + "x",
    "fields": lambda n: "Title: x\n" * n + "*** START OF THE PROJECT GUTENBERG EBOOK X ***\nx",
}
MARKDOWN: dict[str, Callable[[int], str]] = {
    "brackets": lambda n: "# " + "[" * n,
    "emphasis": lambda n: "# x" + "*a" * n,
    "spaces in a heading": lambda n: "# x" + " " * n + "y",
    "front matter": lambda n: "---\n" + "title: a" + " " * n + "b\n---\nx",
    "front matter with blank lines": lambda n: "---\n" + "title\n\n\n" * n + "---\nx",
    "front matter that does not end": lambda n: "---\n" + "a: b\n" * n,
    "fences": lambda n: "```\nx\n" * n,
    "fences of all lengths": lambda n: "".join("`" * (3 + i % 100) + "\nx\n" for i in range(n)),
    "tables": lambda n: "|a|b|\n" * n,
    "comments": lambda n: "x <!--" * n,
    "links": lambda n: "[a](" * n,
    "entities": lambda n: "&amp;" * n,
    "references": lambda n: "[a]: http://b.c\n" * n,
    "HTML": lambda n: "<p>x</p>\n\n" * n,
    "HTML that does not end": lambda n: "<div>\n" * n,
    "scripts": lambda n: "<script>\n" * n,
    "formulas": lambda n: "$x^2$ " * n,
    "formulas in formulas": lambda n: "$" + "\\frac{" * n + "x$",
    "formulas that do not end": lambda n: "\\[x^2 " * n,
    "brackets of wikis": lambda n: "[[a|" * n,
    "struck": lambda n: "~~a " * n,
    "marked": lambda n: "==a " * n,
    "raised": lambda n: "x^2^ " * n,
    "tags": lambda n: "<del>a" * n,
    "hard breaks": lambda n: "Line  \n" * n,
    "readings in brackets": lambda n: "東京（とうきょう" * n,
}
CUE = "1\n00:00:01,000 --> 00:00:02,500\n"
SUBTITLES: dict[str, Callable[[int], str]] = {
    "cues": lambda n: (CUE + "word\n\n") * n,
    "spaces": lambda n: CUE + "x\n\n" + " " * n + "y",
    "closing brackets": lambda n: CUE + "x." + ")" * n + "a\n\n" + (CUE + "word\n\n"),
    "tags": lambda n: CUE + "<i" * n,
    "entities": lambda n: CUE + "&amp;" * n,
    "lines": lambda n: CUE + "word\n" * n,
    "cues without lines between": lambda n: (CUE + "word\n") * n,
    "sounds that do not end": lambda n: CUE + "[a" * n,
}


def reading(folder: Path, name: str, make: Callable[[int], str]) -> Callable[[int], Callable[[], object]]:
    def of(n: int) -> Callable[[], object]:
        path = folder / f"{n}-{name}"
        path.write_text(make(n), encoding="utf-8")

        def read() -> None:
            with suppress(DocumentError):
                read_document(path)

        return read

    return of


@pytest.mark.parametrize("what", HTML)
def test_markup_is_read_in_linear_time(tmp_path: Path, what: str) -> None:
    assert_linear(reading(tmp_path, "a.html", lambda n: HEAD + HTML[what](n)), 1000)


@pytest.mark.parametrize("what", TEXT)
def test_text_is_read_in_linear_time(tmp_path: Path, what: str) -> None:
    assert_linear(reading(tmp_path, "a.txt", TEXT[what]), 500)


@pytest.mark.parametrize("what", MARKDOWN)
def test_markdown_is_read_in_linear_time(tmp_path: Path, what: str) -> None:
    assert_linear(reading(tmp_path, "a.md", MARKDOWN[what]), 500)


@pytest.mark.parametrize("what", SUBTITLES)
def test_subtitles_are_read_in_linear_time(tmp_path: Path, what: str) -> None:
    assert_linear(reading(tmp_path, "a.srt", SUBTITLES[what]), 350)


@pytest.mark.parametrize("what", [*TEXT, *MARKDOWN])
def test_text_is_cut_in_linear_time(what: str) -> None:
    """By what a speaking engine asks, with a dictionary, and by what a narration does."""
    make = (TEXT | MARKDOWN)[what]
    entries = (Pronunciation("x", "ex"), Pronunciation(r"(\w)a", r"\1b", is_pattern=True))

    def of(n: int) -> Callable[[], object]:
        text = make(n)

        def cut() -> None:
            with suppress(TextError):
                list(iter_segments(text, "en", normalise=True, pronunciations=entries))

        return cut

    assert_linear(of, 150)


@pytest.mark.parametrize("what", [*TEXT, *MARKDOWN])
def test_text_is_accounted_for_in_linear_time(what: str) -> None:
    make = (TEXT | MARKDOWN)[what]

    def of(n: int) -> Callable[[], object]:
        text = make(n)

        def look() -> None:
            with suppress(TextError):
                preview_text(text, SpeechOptions(language="en"))

        return look

    assert_linear(of, 150)


# --- beyond a bound

WORDS = "<p>Some words.</p>"
BOMBS: dict[str, tuple[str, Callable[[], dict[str, str | bytes]]]] = {
    "an EPUB of spaces": ("a.epub", lambda: epub_files(3, {"a.xhtml": WORDS + " " * 45_000_000})),
    "an EPUB of tags": ("a.epub", lambda: epub_files(3, {"a.xhtml": "<b>" * 15_000_000})),
    "a Word document of runs": ("a.docx", lambda: docx_files("<w:r><w:t>x</w:t></w:r>" * 2_000_000)),
    "a Word document of elements": ("a.docx", lambda: docx_files("<w:p/>" * 7_000_000)),
    "a Word document of styles": (
        "a.docx",
        lambda: {**docx_files(paragraph("x")), "word/styles.xml": "<a>" + "<b/>" * 10_000_000 + "</a>"},
    ),
}
MEASURED = """
import re, resource, sys, time
from pathlib import Path
from engine.errors import DocumentError
from engine.narration.readers.pdf_worker import file_of
from engine.narration.reading import read_document
resource.setrlimit(resource.RLIMIT_AS, (1_500_000_000, 1_500_000_000))
try:
    read_document(Path(sys.argv[1]))
    end = "read"
except DocumentError as error:
    end = error.problem
# Not getrusage: its peak survives exec, and begins with that of whoever started this.
peak_kb = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
print(end, peak_kb // 1000, round(time.process_time(), 1))
"""


@pytest.mark.parametrize("what", BOMBS)
def test_what_unpacks_to_fifty_megabytes_is_refused_at_once(tmp_path: Path, what: str) -> None:
    name, files = BOMBS[what]
    path = write_zip(tmp_path / name, files())
    assert path.stat().st_size < 400_000
    told = subprocess.run(
        [sys.executable, "-c", MEASURED, str(path)], capture_output=True, encoding="utf-8", check=True
    ).stdout.split()
    assert told[0] == "too_large"
    assert int(told[1]) < 600, "MB"
    assert float(told[2]) < 20, "seconds of the processor"


STRICTER = """
from engine.narration.readers import pdf_glyphs, pdf_worker
pdf_glyphs.FREE_GLYPHS, pdf_glyphs.GLYPHS_PER_BYTE = 20_000, 1
pdf_worker.main()
"""


def test_a_pdf_whose_pages_share_one_long_drawing_is_refused(tmp_path: Path) -> None:
    """By a twentieth of what is allowed, which takes a quarter of a minute to read."""
    from fpdf import FPDF

    made = FPDF()
    made.add_page()
    made.set_font("Helvetica", size=12)
    made.cell(text="Some words. ")
    plain = bytes(made.output())
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject, StreamObject

    writer = PdfWriter()
    page = writer.add_page(PdfReader(io.BytesIO(plain)).pages[0])
    drawing = StreamObject()
    words = (b"1 0 0 1 %d %d Tm (word%d) Tj\n" % (i % 20 * 25, i // 20 * 2, i) for i in range(600))
    drawing.set_data(b"BT /F1 3 Tf\n%b ET" % b"".join(words))
    page[NameObject("/Contents")] = writer._add_object(drawing.flate_encode())
    for _ in range(100):
        writer.add_page(page)
    path = tmp_path / "a.pdf"
    writer.write(path)
    assert path.stat().st_size < 20_000
    told = subprocess.run([sys.executable, "-c", STRICTER], input=path.read_bytes(), capture_output=True, check=True)
    with pytest.raises(DocumentError) as caught:
        file_of(path, json.loads(told.stdout))
    assert caught.value.problem == "too_large"


def pdf_of(drawing: bytes, forms: tuple[bytes, ...] = (), resources: bytes = b"") -> bytes:
    """A PDF of one page, written by hand: its drawing, and what that draws."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> "
    objects = (
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        page + resources + b" >> >>",
        stream_of(drawing),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        *forms,
    )
    return (
        b"%PDF-1.7\n"
        + b"".join(b"%d 0 obj\n%b\nendobj\n" % (i, part) for i, part in enumerate(objects, 1))
        + (b"trailer\n<< /Size %d /Root 1 0 R >>\n" % (len(objects) + 1))
    )


def stream_of(data: bytes, values: bytes = b"") -> bytes:
    packed = zlib.compress(data)
    return b"<< /Filter /FlateDecode /Length %d %b >>\nstream\n%b\nendstream" % (len(packed), values, packed)


def nested_forms(depth: int) -> bytes:
    """A page that draws a form ten times, which draws another ten times, and so on."""
    forms: list[bytes] = []
    for number in range(7, 7 + depth):
        resources = b"/Resources << /Font << /F1 5 0 R >> /XObject << /X %d 0 R >> >>" % number
        forms.append(stream_of(b"/X Do " * 10, b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] " + resources))
    words = b"BT /F1 12 Tf 9 9 Td (word) Tj ET"
    last = b"/Type /XObject /Subtype /Form /BBox [0 0 600 800] /Resources << /Font << /F1 5 0 R >> >>"
    return pdf_of(b"/X Do", (*forms, stream_of(words, last)), b"/XObject << /X 6 0 R >>")


@pytest.mark.skipif(sys.platform == "win32", reason="a process has no limit for the processor's time there")
def test_a_pdf_that_never_ends_ends_its_process_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(nested_forms(2))
    assert read_document(path).chapters[0].text.startswith("word")
    path.write_bytes(nested_forms(20))
    monkeypatch.setattr("engine.narration.readers.pdf_worker.MAX_CPU_S", 2)
    with pytest.raises(DocumentError) as caught:
        read_document(path)
    assert caught.value.problem in ("too_large", "damaged")
