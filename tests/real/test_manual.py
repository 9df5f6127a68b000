"""Every command on the pages for people who use Lectern is run as it stands there, on a computer with a screen, sound
and an empty home, without a network and PyTorch. What needs more says so above the block, and is only looked at
(tests/test_manual.py). What stands on several pages is run for the first one."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from subprocess import DEVNULL, PIPE
from typing import Any

import numpy as np
import pytest
from books import docx_files, paragraph, write_zip
from desktops import own_by_xclip
from fpdf import FPDF
from manual import PAGES, Block, blocks
from ready import Ready
from typed import typed_lectern
from waiting import LIMIT_S

from engine.audio import read_audio
from tests.real.conftest import COMMAND_LIMIT_S
from tests.real.test_books import three_chapters

TESTS = Path(__file__).parents[1]
pytestmark = pytest.mark.xdist_group("manual")  # they share what commands are forked from
SAMPLE = TESTS.parent / "resources" / "samples" / "english-natural.opus"
SERVERS = re.compile(r"^(?:\w+=\S+ )*lectern (serve|webui|wyoming)\b")
ADDRESS = "127.0.0.1:8080"
"""What the pages say; each run has a free port."""
SOUNDS = {".wav", ".flac", ".mp3", ".opus", ".m4b"}
FILES = {
    "notes.txt": "Two short notes. Both are read.\n",
    "play.txt": "(whispering) Who is there?\n\n(excited) It is me!\n",
    "book.txt": "Chapter 1\n\nIt rained.\n\nChapter 2\n\nIt stopped.\n",
    "greeting.ssml": '<speak>Hello. <break time="300ms"/> <emphasis>Good</emphasis> day.</speak>\n',
}


def blocks_to_run() -> dict[Path, list[Block]]:
    """By page, without the lines that stand on a page before it."""
    found: dict[Path, list[Block]] = {}
    before: set[str] = set()
    for page in PAGES:
        own: set[str] = set()
        for block in blocks(page):
            if not block.reason and block.language in ("bash", "python"):
                lines = {line: re.sub(r"  +# .*", "", line) for line in block.text.splitlines()}
                own |= {line for line in lines.values() if line.startswith("lectern ")}
                text = "".join(f"{line}\n" for line, bare in lines.items() if bare not in before)
                found.setdefault(page, []).append(replace(block, text=text))
        before |= own
    return found


TO_RUN = blocks_to_run()


@dataclass
class Person:
    """Sits at the computer, in the folder with the files, and types what the pages say."""

    folder: Path
    environment: dict[str, str]
    server: subprocess.Popen[bytes] | None = None
    address: str = ADDRESS

    def type(self, block: Block) -> None:
        if SERVERS.match(block.text):
            self.start(block)
        elif block.language == "python":
            self.run(block, sys.executable, "-c", block.text.replace(ADDRESS, self.address))
        else:
            self.run(block, "bash", "-euo", "pipefail", "-c", block.text.replace(ADDRESS, self.address))

    def run(self, block: Block, *command: str) -> None:
        done = subprocess.run(
            command,
            cwd=self.folder,
            env=self.environment,
            stdin=DEVNULL,
            capture_output=True,
            timeout=COMMAND_LIMIT_S,
            check=False,
        )
        said = (done.stdout + done.stderr).decode("utf-8", "replace")
        assert done.returncode == 0, f"{block}\n{said}"
        assert "Traceback" not in said, f"{block}\n{said}"

    def start(self, block: Block) -> None:
        """Have a server answer at a free port, in the place of the one before."""
        self.stop()
        text = re.sub(r":\d{4,5}\b", ":0", block.text.strip())
        if "--listen" not in text:
            text += " --listen 127.0.0.1:0"
        self.server = subprocess.Popen(
            ["bash", "-c", f"exec env {text}"], cwd=self.folder, env=self.environment, stdin=DEVNULL, stderr=PIPE
        )
        assert self.server.stderr
        for line in self.server.stderr:
            if found := re.search(rb" answers at \w+://[^\s:]+:(\d+)", line):
                self.address = f"127.0.0.1:{int(found[1])}"
                return
        pytest.fail(f"{block} ended: {self.server.wait()}")

    def stop(self) -> None:
        if self.server is not None:
            server, self.server = self.server, None
            server.send_signal(signal.SIGINT)
            assert server.wait(LIMIT_S) == 128 + signal.SIGINT
            assert server.stderr
            server.stderr.close()


@pytest.fixture
def person(x_display: str, sound_server: Any, tmp_path: Path, ready: Ready) -> Iterator[Person]:
    folder, programs = tmp_path / "work", tmp_path / "bin"
    for new in (folder, programs):
        new.mkdir()
    command = programs / "lectern"
    environment = {**sound_server.environment, "DISPLAY": x_display, "PATH": f"{programs}:{os.environ['PATH']}"}
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = str(tmp_path / name.lower())
    environment.pop("LECTERN_CHECKPOINT", None)
    environment["PYTHONPATH"] = os.pathsep.join((str(TESTS / "without_torch"), environment["PYTHONPATH"]))
    (Path(environment["HOME"]) / ".curlrc").write_text("fail\n")  # what the server refuses, curl fails at
    write_files(folder)
    person = Person(folder, environment)
    with own_selections(environment), typed_lectern(command, ready):
        try:
            yield person
        finally:
            person.stop()
            subprocess.run([command, "quit"], env=environment, cwd=folder, capture_output=True, check=False)


def write_files(folder: Path) -> None:
    """What the commands name."""
    for name, text in FILES.items():
        (folder / name).write_text(text)
    three_chapters(folder / "book.epub")
    write_zip(folder / "book.docx", docx_files(paragraph("It rained. Then it stopped.")))
    shutil.copy(SAMPLE, folder / "recording.mp3")
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("Helvetica", size=14)
    pdf.multi_cell(0, 8, "It rained all day. Nobody came.")
    pdf.output(str(folder / "book.pdf"))


@contextmanager
def own_selections(environment: dict[str, str]) -> Iterator[None]:
    """Something is selected, and something else was copied."""
    for selection, text in (("primary", "This is selected."), ("clipboard", "This was copied.")):
        own_by_xclip(selection, text, environment)
    yield


@pytest.mark.slow
@pytest.mark.parametrize("page", TO_RUN, ids=lambda page: page.name)
def test_every_command_does_what_the_page_says(person: Person, page: Path) -> None:
    for block in TO_RUN[page]:
        person.type(block)
    made = [path for path in person.folder.rglob("*") if path.suffix in SOUNDS and path.name != "recording.mp3"]
    assert all(np.abs(read_audio(path)).max() > 0.1 for path in made), made
    text = "".join(block.text for block in TO_RUN[page])
    named = re.findall(r"""(?:-o |--output |write_to_file\(")([\w-]+\.\w+)""", text)
    assert {path.name for path in made} >= set(named)
