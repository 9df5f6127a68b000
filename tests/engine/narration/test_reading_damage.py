"""Files damaged at random: each is read, or refused with a reason; nothing else may happen."""

import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from books import chapter_page, docx_files, epub_files, paragraph, part, write_zip
from fpdf import FPDF
from mutations import N_TRIES, damaged, ends_of, tries

from engine.errors import DocumentError
from engine.narration.reading import read_document, read_text

pytestmark = pytest.mark.slow


def pdf() -> bytes:
    made = FPDF()
    made.set_compression(False)
    made.add_page()
    made.set_font("Helvetica", size=12)
    made.start_section("One")
    made.multi_cell(0, 8, "Some words on a page. " * 8)
    return bytes(made.output())


PAGES = {f"c{i}.xhtml": chapter_page(i) for i in range(3)}
NOTES = part("footnotes", f'<w:footnote w:id="2">{paragraph("A note.")}</w:footnote>')
TABLE = f"<w:tbl><w:tr><w:tc>{paragraph('a cell')}</w:tc></w:tr></w:tbl>"
ARCHIVES = {
    "a.epub": epub_files(3, PAGES),
    "b.epub": epub_files(2, PAGES),
    "a.docx": docx_files(paragraph("Title", "H1") + paragraph("Some text.") + TABLE, footnotes=NOTES),
}
CUES = b"1\n00:00:01,000 --> 00:00:02,500\n<i>Alice</i> &amp; I\n\n2\n00:00:02,600 --> 00:00:04,000\nvery tired.\n"
FILES = {
    "a.html": PAGES["c0.xhtml"].encode(),
    "a.srt": CUES,
    "a.vtt": b"WEBVTT\n\n" + CUES,
    "a.txt": b"CHAPTER I\n\nSome text.\n\nCHAPTER II\n\nMore text.\n",
    "a.md": b"---\ntitle: A\n---\n\n# One\n\nText\n\n```\ncode\n```\n\nTwo\n---\nmore\n",
}


@pytest.mark.parametrize("name", [*ARCHIVES, *FILES])
def test_damage_is_read_or_refused(tmp_path: Path, name: str) -> None:
    dice = random.Random(name)
    ends: Counter[str] = Counter()
    for _ in range(N_TRIES):
        path = tmp_path / name
        if name in ARCHIVES:
            files = dict(ARCHIVES[name])
            inside = dice.choice(list(files))
            content = files[inside]
            files[inside] = damaged(content if isinstance(content, bytes) else content.encode(), dice)
            write_zip(path, files)
            if dice.random() < 0.3:
                path.write_bytes(damaged(path.read_bytes(), dice))
        else:
            path.write_bytes(damaged(FILES[name], dice))
        try:
            document = read_document(path)
        except DocumentError as error:
            ends[error.problem] += 1
        else:
            ends["read"] += 1
            assert document.chapters
    assert ends["read"] > 0
    assert sum(ends.values()) == N_TRIES


DAMAGED_PDFS = """
import sys
from collections import Counter
from pathlib import Path
from mutations import ends_of, tries
from engine.narration.readers.pdf import document_of
from engine.narration.readers.pdf_worker import file_of, values_of
path = Path(sys.argv[1])
problems = Counter()
def read(data):
    values = values_of(data)
    problems[values.get("problem", "read")] += 1
    document_of(path, file_of(path, values))
ends = ends_of(tries("pdf", path.read_bytes()), read)
assert ends.keys() == {"read", "DocumentError"}, ends
assert problems.keys() <= {"read", "broken", "encrypted", "too_large"}, problems
print(sum(ends.values()))
"""


def test_damaged_pdfs_are_read_or_refused_and_end_no_process(tmp_path: Path) -> None:
    path = write(tmp_path / "a.pdf", pdf())
    tests = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, "-c", DAMAGED_PDFS, str(path)], capture_output=True, encoding="utf-8", check=False, cwd=tests
    )
    assert (told.stdout, told.stderr) == (f"{N_TRIES}\n", "")


def test_damaged_texts_to_read_aloud(tmp_path: Path) -> None:
    """What is text already takes another way."""
    ends = ends_of(tries("text", FILES["a.md"], 300), lambda data: read_text(write(tmp_path / "a.md", data)))
    assert ends.keys() == {"read", "DocumentError"}


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def test_the_door_loads_no_reader() -> None:
    program = (
        "import sys, engine.narration\n"
        "names = ('charset_normalizer', 'defusedxml', 'engine.text', 'num2words', 'pypdfium2', 'regex')\n"
        "print([name for name in names if name in sys.modules])"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=True)
    assert told.stdout == "[]\n"
