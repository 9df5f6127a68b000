"""`lectern narrate` as a process: a whole book, killed at any moment, sounds as one that was left in peace."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import PIPE
from typing import IO, Any

import pytest
from long_book import pages
from waiting import LIMIT_S

from engine.audio import read_audio

TINY = Path(__file__).parents[1] / "golden/tiny_s1/checkpoint"
ESPEAK = ("--voice", "built-in/espeak")
"""The voice that is there at once, where the voice is not what is tested."""
NARRATOR = """
import contextlib, gc, hashlib, json, os, re, sys
from pathlib import Path
import numpy, sentencex
import engine
import engine.builtin.voice
import engine.narration.readers.text
import engine.narration.render
import engine.narration.report
import engine.registry


def narrate(book, folder):
    voice, cancel = engine.Voice("built-in/espeak"), engine.CancelToken()
    speaker = engine.builtin.BuiltInVoice()
    identity = engine.narration.engine_identity(engine.registry.always_there(), speaker.status(), None)
    if engine.narration.is_project(folder):
        project = engine.narration.Project(folder)
    else:
        # in a language that was chosen: telling it takes 90 MB, where it is needed
        settings = engine.narration.NarrationSettings(language="en")
        document = engine.narration.read_document(book)
        project = engine.narration.Project.create(folder, document, book, settings)
    with project:
        for progress in engine.narration.narrate(project, speaker, identity, voice, cancel):
            print(progress.n_done, flush=True)
        digest = hashlib.sha256()
        for chunk in engine.narration.narration_sound(project, identity, voice):
            digest.update(chunk.tobytes())
        report = engine.narration.report_on_narration(project, identity, voice)
    # Not getrusage: its peak begins with that of whoever started this.
    peak_bytes = int(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1]) * 1024
    print(json.dumps({"sound": digest.hexdigest(), "peak_bytes": peak_bytes, "adds_up": report.adds_up,
                      "n_spoken": report.n_spoken, "n_sentences": report.n_sentences, "n_chars": report.n_chars}))


gc.freeze()
children = []
for line in sys.stdin:
    book, folder, pipe = map(Path, json.loads(line))
    if not (pid := os.fork()):
        with pipe.open("w") as told, contextlib.redirect_stdout(told):
            print(os.getpid(), flush=True)
            narrate(book, folder)
        sys.exit()
    children.append(pid)
for pid in children:
    os.waitpid(pid, 0)
"""


class Narrator:
    """A process that narrates a book."""

    def __init__(self, lines: IO[str]) -> None:
        self._lines = lines
        self._pid = int(lines.readline())

    def finish(self) -> dict[str, Any]:
        with self._lines:
            return json.loads(self._lines.readlines()[-1])

    def kill_at(self, n_done: int) -> None:
        """When so many sentences are done, and a moment later."""
        with self._lines:
            for line in self._lines:
                if int(line) >= n_done:
                    break
            os.kill(self._pid, signal.SIGKILL)
            self._lines.read()  # which ends with the process


class Narrators:
    """Starts processes that narrate, forked from one that has loaded what it takes."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._numbers = folder, itertools.count()
        self._process = subprocess.Popen([sys.executable, "-c", NARRATOR], stdin=PIPE, encoding="utf-8", bufsize=1)

    def start(self, book: Path, folder: Path) -> Narrator:
        pipe = self._folder / f"pipe {next(self._numbers)}"
        os.mkfifo(pipe)
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([*map(str, (book, folder, pipe))]) + "\n")
        return Narrator(pipe.open(encoding="utf-8"))

    def close(self) -> None:
        self._process.communicate(timeout=LIMIT_S)
        assert self._process.returncode == 0


def files_of(folder: Path) -> dict[str, str]:
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in (folder / "audio").rglob("*")
        if path.is_file()
    }


@pytest.fixture
def big_folder(tmp_path: Path) -> Iterator[Path]:
    """Gigabytes, which pytest would keep for three runs."""
    yield tmp_path
    shutil.rmtree(tmp_path)


@pytest.mark.slow
def test_a_book_killed_ten_times_sounds_as_one_left_in_peace_and_needs_no_more_memory(big_folder: Path) -> None:
    book, short = big_folder / "book.txt", big_folder / "short.txt"
    book.write_text(pages(20, 4), encoding="utf-8")
    short.write_text(pages(2, 2), encoding="utf-8")
    drawn = random.Random(20261126)
    moments = sorted(drawn.randint(1, 145) for _ in range(10))
    with closing(Narrators(big_folder)) as narrators:
        undisturbed = narrators.start(book, big_folder / "undisturbed")  # at the same time, on the other core
        small = narrators.start(short, big_folder / "short").finish()
        for moment in moments:
            narrators.start(book, big_folder / "killed").kill_at(moment)
        killed = narrators.start(book, big_folder / "killed").finish()
        peaceful = undisturbed.finish()
    assert killed["sound"] == peaceful["sound"]
    assert files_of(big_folder / "killed") == files_of(big_folder / "undisturbed")
    for told in (killed, peaceful):
        assert told["n_spoken"] == told["n_sentences"] > moments[-1]
        assert told["n_chars"] > 14_000
        assert told["adds_up"]
        # A book ten times as long: its text, its sentences and what is known of them, and none of its sound, of which
        # a chapter has 40 MB.
        assert told["peak_bytes"] - small["peak_bytes"] < 15e6
        assert told["peak_bytes"] < 250e6


def make_book(folder: Path) -> Path:
    path = folder / "book.txt"
    chapters = [
        f"Chapter {number}\n\nThis is how chapter {name} begins. It goes on for a while, and then it is over.\n\n"
        f"A last paragraph ends chapter {name}."
        for number, name in ((1, "one"), (2, "two"), (3, "three"))
    ]
    path.write_text("\n\n".join(chapters), encoding="utf-8")
    return path


def said(done: subprocess.CompletedProcess[bytes], code: int = 0) -> str:
    text = done.stderr.decode()
    assert done.returncode == code, text
    assert "Traceback" not in text
    return text


def projects(lectern: Any) -> list[Path]:
    return sorted((Path(lectern.environment["XDG_DATA_HOME"]) / "lectern/narration").glob("*/book.json"))


@pytest.fixture
def own_data(lectern: Any) -> Any:
    lectern.environment["XDG_DATA_HOME"] = str(lectern.folder.parent / "data")
    return lectern


def test_a_book_becomes_an_audiobook_beside_it(own_data: Any) -> None:
    make_book(own_data.folder)
    text = said(own_data("narrate", "book.txt", "--subtitles", "srt,vtt,json", "--by-word"))
    assert own_data.files() == ["book.json", "book.m4b", "book.srt", "book.txt", "book.vtt"]
    words = json.loads((own_data.folder / "book.json").read_bytes())
    assert words["sound"] == "book.m4b"
    assert len(words["words"]) > 60
    assert (own_data.folder / "book.vtt").read_text(encoding="utf-8").count("<c>") == len(words["words"])
    assert re.search(r"\n12 of 12 sentences spoken, \d+ s of speech; of (\d+) characters \1 spoken, 0 left out", text)
    assert 10 < read_audio(own_data.folder / "book.m4b").size / 44_100 < 60
    (book,) = projects(own_data)
    report = json.loads((book.parent / "report.json").read_text(encoding="utf-8"))
    assert report["adds_up"] is True
    assert "12 of 12" not in (book.parent / "report.txt").read_text(encoding="utf-8")
    # Again: nothing is spoken, and the file is the same.
    before = (own_data.folder / "book.m4b").read_bytes()
    assert "Narrating 100 %" in said(own_data("narrate", "book.txt"))
    assert (own_data.folder / "book.m4b").read_bytes() == before


def test_chapters_formats_and_places_as_requested(own_data: Any) -> None:
    make_book(own_data.folder)
    chapters = ("--chapters", "1,3", "--per-chapter", "--format", "opus", "-o", "out")
    said(own_data("narrate", "book.txt", *ESPEAK, *chapters))
    assert sorted(path.name for path in (own_data.folder / "out").iterdir()) == [
        "01 - Chapter 1.opus",
        "02 - Chapter 3.opus",
    ]
    # What was chosen stays chosen, but for what is typed.
    said(own_data("narrate", "book.txt", "--resume", "--no-per-chapter", "-o", "two.flac", "--loudness", "off"))
    said(own_data("narrate", "book.txt", "--resume", "--pauses", "0,0,0", "-o", "dense.flac"))
    usual, dense = (read_audio(own_data.folder / name).size for name in ("two.flac", "dense.flac"))
    # 8 sentences in 2 chapters: 2 sentences' pauses, 4 paragraphs' and 2 chapters'.
    assert usual - dense == (2 * 350 + 4 * 750 + 2 * 2500) * 441 // 10


def test_tidying_deletes_what_is_not_used_any_more(own_data: Any) -> None:
    path = make_book(own_data.folder)
    said(own_data("narrate", "book.txt", *ESPEAK, "-o", "a.wav", "--loudness", "off"))
    path.write_text(path.read_text(encoding="utf-8").replace("goes on", "carries on"), encoding="utf-8")
    (book,) = projects(own_data)
    before = files_of(book.parent)
    text = said(own_data("narrate", "book.txt", *ESPEAK, "-o", "a.wav", "--tidy"))
    assert text.endswith("Deleted 1 unused sound.\n")
    after = files_of(book.parent)
    assert len(after) == len(before)
    assert len(after.keys() - before.keys()) == 1


def test_a_dry_run_tells_and_does_nothing(own_data: Any) -> None:
    make_book(own_data.folder)
    done = own_data("narrate", "book.txt", "--dry-run", "--chapters", "2-3")
    said(done)
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "book"
    assert lines[1] == "   1. Chapter 1: left out"
    assert re.fullmatch(r"   2\. Chapter 2: 4 sentences, about \d+ s", lines[2])
    assert re.fullmatch(r"8 sentences, about \d+ s", lines[4])
    assert lines[5] == "Sentences by language: English (8)"
    total, waiting, left_out = (int(re.sub(r"\D", "", line)) for line in lines[6:9])
    assert total == waiting + left_out
    assert own_data.files() == ["book.txt"]
    assert projects(own_data) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.txt"], "There is no document nowhere.txt."),
        (["book.txt", "--resume"], "There is no narration in"),
        (["book.txt", "--chapters", "7"], "There is no chapter 7 of 3."),
        (["book.txt", "--chapters", "3-1"], "There is no chapter 3-1 of 3."),
        (["book.txt", "--loudness", "loud"], "The option loudness cannot be loud."),
        (["book.txt", "--pauses", "1,2"], "The option pauses cannot be 1,2."),
        (["book.txt", "--subtitles", "ass"], "The option subtitles cannot be ass."),
        (["book.txt", "-o", "nowhere/out.m4b"], "The folder for nowhere/out.m4b does not exist."),
        (["book.txt", "-o", "out.doc"], "The option --output cannot be out.doc."),
        (["book.txt", "--voice", "nobody"], "There is no voice nobody."),
    ],
)
def test_what_cannot_be_done_is_said_with_a_remedy(own_data: Any, arguments: list[str], words: str) -> None:
    make_book(own_data.folder)
    line = said(own_data("narrate", *arguments), 2).splitlines()[-1]
    assert line.startswith(f"lectern: {words}")
    assert len(re.findall(r"[.?](?= |$)", line)) >= 2 or "run: " in line or ": lectern" in line
    assert own_data.files() == ["book.txt"]


def test_ctrl_c_keeps_everything_and_says_how_to_go_on(own_data: Any) -> None:
    (own_data.folder / "book.txt").write_text(pages(2, 2), encoding="utf-8")
    with own_data.start("narrate", "book.txt") as process:
        for line in process.stderr:
            if re.search(rb"Narrating [4-9]\d %", line):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(30) == 130
    assert rest.endswith(b"Stopped. What is spoken stays; the same command goes on with it.\n")
    assert own_data.files() == ["book.txt"]
    (book,) = projects(own_data)
    n_files = len(files_of(book.parent))
    assert n_files > 5
    text = said(own_data("narrate", "book.txt", "-o", "book.wav", "--loudness", "off"))
    first = re.search(r"sentence (\d+) of", text)
    assert first
    assert int(first[1]) >= n_files - 1


def test_ctrl_c_while_it_writes_leaves_nothing_half_written(own_data: Any) -> None:
    """It takes its time to write the whole book; one chapter is enough to see that it goes on."""
    (own_data.folder / "book.txt").write_text(pages(3, 6), encoding="utf-8")
    requested = ["narrate", "book.txt", *ESPEAK, "--loudness", "-10", "--subtitles", "srt,epub"]
    with own_data.start(*requested) as process:
        for line in process.stderr:
            if line.startswith(b"Writing"):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stderr.read()
        assert process.wait(30) == 130
    assert rest.endswith(b"Stopped. What is spoken stays; the same command goes on with it.\n")
    assert own_data.files() == ["book.txt"]
    text = said(own_data(*requested, "--chapters", "1"))
    assert "Narrating 100 %" in text
    assert "Narrating 0 %" not in text
    assert own_data.files() == ["book.epub", "book.m4b", "book.srt", "book.txt"]


@pytest.mark.skipif(sys.platform != "linux", reason="names there are Unicode")
def test_a_book_whose_name_is_no_utf_8(own_data: Any) -> None:
    """As an old archive has it: read, told, kept, and written beside it."""
    name = os.fsdecode(b"caf\xe9.txt")
    (own_data.folder / name).write_bytes("Déjà vu, ça va. Une phrase de plus.".encode("latin-1"))
    told = said(own_data("narrate", name, "--subtitles", "srt,epub"))
    assert "Narrating “café”" in told
    assert "Wrote" in told
    stem = os.fsdecode(b"caf\xe9")
    assert own_data.files() == sorted(f"{stem}{ending}" for ending in (".epub", ".m4b", ".srt", ".txt"))
    again = own_data("narrate", name, "--resume", "--dry-run")
    said(again)
    assert again.stdout.decode().splitlines()[0] == "café"
    probed = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format_tags=title", own_data.folder / f"{stem}.m4b"],
        capture_output=True,
        check=True,
    )
    assert "title=café" in probed.stdout.decode()
    spoken = own_data("say", name, "-o", os.fsdecode(b"\xe9.wav"))
    assert "Wrote é.wav" in said(spoken)
    assert "There is no text file nixé.epub." in said(own_data("say", os.fsdecode(b"nix\xe9.epub")), 2)


def test_two_processes_on_one_book(own_data: Any) -> None:
    (own_data.folder / "book.txt").write_text(pages(60, 2), encoding="utf-8")
    with own_data.start("narrate", "book.txt") as process:
        for line in process.stderr:
            if b"Narrating 0 %" in line:
                break
        text = said(own_data("narrate", "book.txt"), 2)
        assert "Another Lectern is working on the narration" in text
        process.kill()
        process.stderr.read()
    said(own_data("narrate", "book.txt", "--dry-run"))


def test_a_full_disk_stops_it_with_a_sentence_and_loses_nothing(own_data: Any) -> None:
    """No file may grow beyond 200 kB: the first long sentence does not fit."""
    short = "Yes. " + "This goes on and on, and it takes its time, as long sentences do, until it ends. " * 3
    (own_data.folder / "book.txt").write_text(f"It is short. {short}", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "desktop", "narrate", "book.txt", *ESPEAK],
        cwd=own_data.folder,
        env=own_data.environment,
        capture_output=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)),
    )
    text = said(done, 2)
    assert text.splitlines()[-1].startswith("lectern: There is no room to write")
    assert own_data.files() == ["book.txt"]
    (book,) = projects(own_data)
    kept = files_of(book.parent)
    assert len(kept) >= 1
    assert not list(book.parent.rglob("*.part"))
    said(own_data("narrate", "book.txt", *ESPEAK))
    after = files_of(book.parent)
    assert {name: after[name] for name in kept} == kept
    assert own_data.files() == ["book.m4b", "book.txt"]


@pytest.mark.slow
def test_s1_goes_the_whole_way_with_one_improvised_voice(own_data: Any, ready_for_s1: Any) -> None:
    own_data.ready = ready_for_s1
    shutil.copytree(TINY, own_data.folder / "tiny")
    own_data.environment["OMP_NUM_THREADS"] = "1"
    (own_data.folder / "book.txt").write_text("It is.\n\nYes.", encoding="utf-8")
    base = ["narrate", "book.txt", "--checkpoint", "tiny", "--seed", "3", "--loudness", "off"]
    said(own_data(*base, "-o", "a.wav"))
    (book,) = projects(own_data)
    assert (book.parent / "voice.npz").is_file()
    said(own_data(*base, "-o", "b.wav", "--project", "again"))
    assert (own_data.folder / "a.wav").read_bytes() == (own_data.folder / "b.wav").read_bytes()
    assert files_of(book.parent) == files_of(own_data.folder / "again")
    report = json.loads((book.parent / "report.json").read_text(encoding="utf-8"))
    assert report["adds_up"] is True
    # Of random weights' sentences most never end: they are listed, after all attempts.
    assert {doubt for doubtful in report["doubtful"] for doubt in doubtful["doubts"]} == {"frame_cap"}
