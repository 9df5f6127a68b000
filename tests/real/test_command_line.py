"""`lectern` as a process: exit codes, pipes, signals, bad input, and nothing half-written left behind."""

from __future__ import annotations

import array
import fcntl
import json
import os
import pty
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import termios
import wave
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from subprocess import PIPE
from typing import IO, Any

import numpy as np
import pytest
from books import docx_files, epub_files, page, paragraph, write_zip
from ready import Command
from waiting import LIMIT_S, wait_until

from engine.audio import read_audio

ESPEAK = ("--voice", "built-in/espeak")
"""The voice that is there at once, where the voice is not what is tested."""
LONG_TEXT = "One word after the other, and on and on it goes. " * 2000
SUMMARY = re.compile(
    rb"\d+\.\d s of audio made in \d+\.\d s \(RTF \d+\.\d+\), first audio after \d+ ms, built-in voice"
)


def complaint(done: subprocess.CompletedProcess[bytes], code: int = 2) -> str:
    """The line that was said before the program ended with `code`."""
    text = done.stderr.decode()
    assert done.returncode == code, text
    assert done.stdout == b""
    assert "Traceback" not in text
    line = text.splitlines()[-1]
    assert line.startswith("lectern: ")
    assert len(re.findall(r"[.?](?= |$)", line)) >= 2 or "run: " in line or ": " in line[9:], "no remedy"
    return line.removeprefix("lectern: ")


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "opus"])
def test_say_writes_each_format(lectern: Any, ending: str) -> None:
    done = lectern("say", "Hello from the command line.", "-o", f"a.{ending}")
    assert done.returncode == 0, done.stderr
    assert done.stdout == b""
    lines = done.stderr.splitlines()
    assert lines[0].startswith(b"Speaking with the built-in voice, because S1 Mini is not on this computer.")
    assert lines[1] == f"Wrote a.{ending}".encode()
    assert SUMMARY.match(lines[2])
    assert len(lines) == 3
    samples = read_audio(lectern.folder / f"a.{ending}")
    assert 1 < samples.size / 44_100 < 4
    assert np.abs(samples).max() > 0.1
    assert lectern.files() == [f"a.{ending}"]


WORDS_TEXT = "Hello there, dear reader. It costs $5, or 3 km away."
SPOKEN_WORDS = ["Hello", "there", "dear", "reader", "It", "costs", "$5", "or", "3 km", "away"]


def test_say_writes_when_each_word_is_heard(lectern: Any) -> None:
    (lectern.folder / "to").mkdir()
    done = lectern("say", WORDS_TEXT, "-o", "a.flac", "--words", "to/a.json")
    assert done.returncode == 0, done.stderr
    assert b"Wrote a.flac" in done.stderr
    assert b"Wrote to/a.json" in done.stderr
    data = (lectern.folder / "to/a.json").read_bytes()
    values = json.loads(data)
    assert (values["format"], values["version"], values["text"]) == ("lectern-words", 1, WORDS_TEXT)
    sound = (lectern.folder / "to" / values["sound"]).resolve()
    samples = read_audio(sound)
    assert values["duration"] == pytest.approx(samples.size / 44_100, abs=1e-4)
    words = values["words"]
    assert [word["text"] for word in words] == SPOKEN_WORDS
    assert all(WORDS_TEXT[word["text_start"] : word["text_end"]] == word["text"] for word in words)
    assert [word["segment"] for word in words] == [0] * 4 + [1] * 6
    assert {word["confidence"] for word in words} == {1.0}
    times = [(word["start"], word["end"]) for word in words]
    assert times == sorted(times)
    assert times[0][0] < 0.1
    silence = samples[round(times[3][1] * 44_100) + 1 : round(times[4][0] * 44_100)]
    assert silence.size > 2000
    assert np.abs(silence).max() < 0.003
    assert len(data.splitlines()) == len(words) + 2
    piped = lectern("say", WORDS_TEXT, "-o", "b.wav", "--words", "-")
    assert json.loads(piped.stdout)["words"] == words
    assert json.loads(piped.stdout)["sound"] == "b.wav"
    sound_alone = lectern("say", WORDS_TEXT, "-o", "-", "--words", "c.json")
    assert sound_alone.stdout.startswith(b"RIFF")
    values = json.loads((lectern.folder / "c.json").read_bytes())
    assert (values["sound"], values["words"]) == (None, words)
    espeak = lectern(
        "say", "こんにちは、世界。", "--lang", "ja", "--voice", "built-in/espeak", "-o", "-", "--words", "j.json"
    )
    assert espeak.returncode == 0, espeak.stderr
    assert json.loads((lectern.folder / "j.json").read_bytes())["words"]


def test_words_that_cannot_be_written_leave_nothing(lectern: Any) -> None:
    (lectern.folder / "folder").mkdir()
    (lectern.folder / "old.json").write_text("old")
    (lectern.folder / "loop.json").symlink_to("/dev/full")
    for target, said in (
        ("no/a.json", "The folder for no/a.json does not exist."),
        ("folder", "folder is a folder"),
        ("loop.json", "loop.json"),
    ):
        assert said in complaint(lectern("say", "Hello.", "-o", "a.wav", "--words", target)), target
    for both in (("-o", "-", "--words", "-"), ("-o", "a.wav", "--words", "./a.wav")):
        done = lectern("say", "Hello.", *both)
        assert (done.returncode, done.stdout) == (2, b"")
        assert b"cannot both go to the same place" in done.stderr
    assert lectern.files() == ["folder", "loop.json", "old.json"]
    with lectern.start("say", *ESPEAK, "-", "-o", "a.wav", "--words", "old.json") as process:
        assert process.stdin is not None
        process.stdin.write(LONG_TEXT.encode())
        process.stdin.close()
        wait_for_growth(lectern.folder)
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 130
    assert lectern.files() == ["folder", "loop.json", "old.json"]
    assert (lectern.folder / "old.json").read_text() == "old"
    done = say_with_files_of(100, lectern, WORDS_TEXT, "-o", "-", "--words", "old.json")
    assert done.returncode == 2
    assert b"There is no room to write old.json" in done.stderr
    assert (lectern.folder / "old.json").read_text() == "old"


@pytest.mark.slow
def test_the_ways_a_text_can_come_give_the_same_speech(lectern: Any) -> None:
    text = "The same words, every time."
    (lectern.folder / "words.txt").write_text(text)
    (lectern.folder / "words").write_text(text)
    ways: list[tuple[Sequence[str], bytes]] = [
        ([text], b""),
        (text.split(), b""),
        (["--", *text.split()], b""),
        (["-"], text.encode()),
        ([], text.encode("utf-8-sig")),
        ([], text.encode("utf-16")),
        (["words.txt"], b""),
        (["--file", "words"], b""),
    ]
    say = ("say", *ESPEAK, "-o", "-")
    spoken = [lectern(*say, *arguments, stdin=stdin).stdout for arguments, stdin in ways]
    assert len(spoken[0]) > 50_000
    assert [sound == spoken[0] for sound in spoken] == [True] * len(ways)


def test_ssml_is_spoken_from_words_a_file_and_a_pipe(lectern: Any) -> None:
    ssml = '<speak>One & <break time="3s"/>two <nobody>three</nobody> <unclosed>'
    (lectern.folder / "greeting.ssml").write_text(ssml)
    (lectern.folder / "page.xml").write_text(ssml)
    for name, arguments, stdin in (
        ("a.wav", ("greeting.ssml",), b""),
        ("b.wav", ("--file", "page.xml"), b""),
        ("c.wav", ("--", ssml), b""),
        ("d.wav", (), ssml.encode()),
    ):
        done = lectern("say", "--ssml", "--voice", "built-in/espeak", "-o", name, *arguments, stdin=stdin)
        assert done.returncode == 0, done.stderr
    sounds = [(lectern.folder / name).read_bytes() for name in ("a.wav", "b.wav", "c.wav", "d.wav")]
    assert len(set(sounds)) == 1
    with wave.open(str(lectern.folder / "a.wav")) as file:
        assert 3.5 < file.getnframes() / file.getframerate() < 6.5
    assert complaint(lectern("say", "--ssml", "<speak><break/></speak>")).startswith("There is no text")


def test_a_document_is_spoken_and_not_its_name(lectern: Any) -> None:
    """What `narrate` reads, `say` does too: the same words, whatever they stand in."""
    words = "Déjà vu, ça va. Une deuxième phrase suit la première."
    html = f"<html><head><title>x</title></head><body><p>{words}</p></body></html>"
    files: dict[str, bytes] = {
        "a.txt": words.encode(),
        "old.txt": words.encode("latin-1"),
        "odd.ending": words.encode("utf-16"),
        "a.html": html.encode(),
        "my own.html": html.encode(),
    }
    for name, data in files.items():
        (lectern.folder / name).write_bytes(data)
    write_zip(lectern.folder / "a.epub", epub_files(3, {"c.xhtml": page(f"<p>{words}</p>")}))
    write_zip(lectern.folder / "a.docx", docx_files(paragraph(words)))
    ways = [["--lang", "fr", name] for name in (*files, "a.epub", "a.docx")]
    done = [lectern("say", *ESPEAK, "-o", "-", *way) for way in ways]
    assert [one.returncode for one in done] == [0] * len(ways)
    piped = lectern("say", *ESPEAK, "-o", "-", "--lang", "fr", "-", stdin=words.encode("latin-1"))
    assert {one.stdout for one in (*done, piped)} == {done[0].stdout}
    guess = "The file does not say its encoding; it was read as cp1252."
    assert [guess in one.stderr.decode() for one in done] == [False, True, *[False] * 5]


def test_what_is_no_document_is_refused_and_not_spoken(lectern: Any) -> None:
    (lectern.folder / "a.pdf").write_bytes(b"%PDF-1.4 and no more")
    (lectern.folder / "a.epub").write_bytes(b"PK")
    for name, words in (
        ("a.pdf", "is damaged"),
        ("a.epub", "is damaged"),
        ("missing.epub", "There is no text file missing.epub."),
        ("missing.docx", "There is no text file missing.docx."),
    ):
        done = lectern("say", name, "-o", "a.wav")
        assert done.returncode == 2
        assert words in done.stderr.decode()
    assert not (lectern.folder / "a.wav").exists()


def test_an_option_after_two_hyphens_is_a_word(lectern: Any) -> None:
    done = lectern("say", "-o", "a.wav", "--", "--voice")
    assert done.returncode == 0, done.stderr
    assert lectern.files() == ["a.wav"]


BAD_INPUT: list[tuple[str, list[str | bytes], bytes, str]] = [
    ("empty", ["say", "", "-o", "a.wav"], b"", "There is no text to speak."),
    ("empty pipe", ["say", "-o", "a.wav"], b"", "There is no text to speak."),
    ("signs", ["say", "… — …", "-o", "a.wav"], b"", "only signs and spaces"),
    ("huge", ["say", "-", "-o", "a.wav"], b"word " * 2_000_000, "characters; at most"),
    ("lone surrogate", ["say", b"caf\xe9 au lait", "-o", "a.wav"], b"", "Character 3 of the text is half of a sign"),
    ("NUL", ["say", "-", "-o", "a.wav"], b"ab\x00c", "Character 2 of the text is a NUL byte"),
    ("not UTF-8", ["say", "-", "-o", "a.wav"], b"\xef\xbb\xbfcaf\xe9", "Byte 6 of standard input is not"),
    ("surrogate in a pipe", ["say", "-", "-o", "a.wav"], b"\xef\xbb\xbf\xed\xa0\x80", "Byte 3 of standard input"),
    ("no such text file", ["say", "no.txt", "-o", "a.wav"], b"", "There is no text file no.txt."),
    ("a folder as text", ["say", "--file", ".", "-o", "a.wav"], b"", ". is a folder."),
    ("unknown ending", ["say", "Hello", "-o", "a.xyz"], b"", "a.xyz has no ending of an audio format"),
    ("no such folder", ["say", "Hello", "-o", "no/a.wav"], b"", "The folder for no/a.wav does not exist."),
    ("output is a folder", ["say", "Hello", "-o", "folder.wav"], b"", "folder.wav is a folder."),
    ("output is a device", ["say", "Hello", "-o", "full.wav"], b"", "full.wav may not be written"),
    ("read-only place", ["say", "Hello", "-o", "/proc/a.wav"], b"", "/proc/a.wav"),
    ("no device", ["say", "Hello"], b"", "There is no sound output device."),
    ("unknown voice", ["say", "Hello", "-o", "a.wav", "--voice", "nobody"], b"", "There is no voice nobody."),
    (
        "bad option",
        ["say", "Hello", "-o", "a.wav", "--temperature", "nan"],
        b"",
        "The option temperature cannot be nan.",
    ),
    ("bad language", ["say", "Hello", "-o", "a.wav", "--lang", "xx"], b"", "The option language cannot be xx."),
    ("no checkpoint folder", ["say", "Hello", "-o", "a.wav", "--checkpoint", "no"], b"", "no checkpoint folder no."),
    ("half a checkpoint", ["say", "Hello", "-o", "a.wav", "--checkpoint", "half"], b"", "half has no model.pth."),
    ("no codec", ["codec", "encode", "zero.wav", "a.npy"], b"", "S1 Mini is not on this computer."),
]


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"), [case[1:] for case in BAD_INPUT], ids=[c[0] for c in BAD_INPUT]
)
def test_bad_input_is_a_sentence_and_leaves_nothing(
    lectern: Any, arguments: list[str | bytes], stdin: bytes, said: str
) -> None:
    (lectern.folder / "folder.wav").mkdir()
    (lectern.folder / "full.wav").symlink_to("/dev/full")
    (lectern.folder / "half").mkdir()
    (lectern.folder / "half/config.json").write_text("{}")
    before = lectern.files()
    assert said in complaint(lectern(*arguments, stdin=stdin))
    assert lectern.files() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["say", "--seed", "x", "Hello"],
        ["say", "--device", "tpu", "Hello"],
        ["fly"],
        ["codec"],
        ["say", "a", "--file", "b"],
    ],
)
def test_wrong_usage_shows_the_usage(lectern: Any, arguments: list[str]) -> None:
    done = lectern(*arguments)
    assert done.returncode == 2
    assert done.stderr.startswith(b"usage: lectern")


def test_the_help_says_what_there_is(lectern: Any) -> None:
    done = lectern("--help")
    assert (done.returncode, done.stderr) == (0, b"")
    for command in (b"read", b"status", b"say", b"install-desktop", b"doctor"):
        assert b"\n    " + command in done.stdout


def test_without_a_text_on_a_terminal_the_usage_is_shown(lectern: Any) -> None:
    master, slave = pty.openpty()
    try:
        with lectern.start("say", "-o", "a.wav", stdin=slave) as process:
            _, said = process.communicate(timeout=LIMIT_S)
    finally:
        os.close(master)
        os.close(slave)
    assert process.returncode == 2
    assert said.startswith(b"usage: lectern say")


def test_version(lectern: Any) -> None:
    done = lectern.anew("--version")
    assert done.returncode == 0
    assert re.match(rb"lectern \d+\.\d+\.\d+\n", done.stdout)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system with room for 256 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("only root may mount the small disk; the same case runs under a file size limit")
    yield folder
    subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "opus"])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(lectern: Any, small_disk: Path, ending: str) -> None:
    old = small_disk / f"a.{ending}"
    old.write_bytes(b"the old one")
    done = lectern("say", *ESPEAK, "-", "-o", old, stdin=LONG_TEXT[:20_000].encode())
    assert "There is no room to write" in complaint(done)
    assert [path.name for path in small_disk.iterdir()] == [old.name]
    assert old.read_bytes() == b"the old one"


def say_with_files_of(max_bytes: int, lectern: Any, text: str, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """Say `text` in a process that may write no larger file, which is set while it waits for the text."""
    with lectern.start("say", *ESPEAK, "-", *arguments) as process:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (max_bytes, max_bytes))
        output, errors = process.communicate(text.encode(), LIMIT_S)
        return subprocess.CompletedProcess(arguments, process.wait(), output, errors)


def test_a_file_size_limit_leaves_nothing(lectern: Any) -> None:
    done = say_with_files_of(100_000, lectern, LONG_TEXT[:1000], "-o", "a.wav")
    assert "There is no room to write" in complaint(done)
    assert lectern.files() == []


def test_standard_output_on_a_full_disk_is_an_error(lectern: Any) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        started(lectern, "say", *ESPEAK, "Hello", "-o", "-", output=full.fileno()) as process,
    ):
        _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert said.count(b"tandard output") == 1
    assert b"There is no room to write standard output" in said
    assert b"Traceback" not in said


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_who_is_asked_to_end_does_not_wait_for_a_reader_that_stopped_reading(
    lectern: Any, number: signal.Signals
) -> None:
    """One signal suffices, though the pipe is full."""
    with started(lectern, "say", *ESPEAK, LONG_TEXT[:4000], "-o", "-") as process:
        most = fcntl.fcntl(process.stdout, fcntl.F_GETPIPE_SZ)  # in pages, of which some have room that nobody gets
        wait_until(lambda: waiting_bytes(process.stdout) > 0.75 * most, "the pipe is full")
        process.send_signal(number)
        assert process.wait(LIMIT_S) == 128 + number
        assert b"Traceback" not in process.stderr.read()


def waiting_bytes(pipe: IO[bytes]) -> int:
    """Return how much nobody has read yet."""
    found = array.array("i", [0])
    fcntl.ioctl(pipe, termios.FIONREAD, found)
    return found[0]


def started(lectern: Any, *arguments: str, output: int = PIPE, errors: int = PIPE) -> Command:
    """A command whose standard output or error is a descriptor."""
    return lectern.ready.start(arguments, lectern.folder, lectern.environment, (PIPE, output, errors))


def test_a_language_that_no_voice_speaks_is_named_before_it_is_read(lectern: Any) -> None:
    done = lectern("say", "Hej, hur mår du idag? Jag mår mycket bra, tack.", "-o", "a.wav")
    assert done.returncode == 0
    words = "This looks like Swedish, which no voice speaks: it is read as English."
    assert done.stderr.decode().count(words) == 1, done.stderr


@pytest.mark.parametrize("arguments", [["doctor"], ["--help"]])
def test_a_report_on_a_full_disk_is_an_error(lectern: Any, arguments: list[str]) -> None:
    with (
        Path("/dev/full").open("wb") as full,
        started(lectern, *arguments, output=full.fileno()) as process,
    ):
        _, said = process.communicate(timeout=LIMIT_S)
    assert process.returncode == 2
    assert b"No space left on device" in said
    assert b"Traceback" not in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_write_protected_folder_is_told(lectern: Any) -> None:
    lectern.folder.chmod(0o500)
    assert "may not be written" in complaint(lectern("say", "Hello", "-o", "a.wav"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_writing_leaves_nothing(lectern: Any, number: signal.Signals) -> None:
    """Ctrl+C as a Python finds it that starts with nothing."""
    (lectern.folder / "a.wav").write_bytes(b"the old one")
    start = lectern.start_anew if number == signal.SIGINT else lectern.start
    with start("say", "-", "-o", "a.wav") as process:
        process.stdin.write(LONG_TEXT.encode())
        process.stdin.close()
        assert process.stderr.readline().startswith(b"Speaking with")
        wait_for_growth(lectern.folder)
        process.send_signal(number)
        assert process.wait(30) == 128 + number
        assert process.stderr.read() == b""
    assert lectern.files() == ["a.wav"]
    assert (lectern.folder / "a.wav").read_bytes() == b"the old one"


def wait_for_growth(folder: Path) -> None:
    """Return when a part of a file has been written."""
    wait_until(lambda: any(path.stat().st_size for path in folder.glob(".lectern-*.part")), "something is written")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_while_waiting_for_text(lectern: Any, number: signal.Signals) -> None:
    with lectern.start("say", "-", "-o", "a.wav") as process:
        wait_until_it_reads(process)
        process.send_signal(number)
        assert process.wait(30) == 128 + number
        assert process.stderr.read() == b""
    assert lectern.files() == []


def wait_until_it_reads(process: subprocess.Popen[bytes]) -> None:
    """Return when the process sleeps in a read of its standard input, with our handlers in place."""
    terminates = 1 << (signal.SIGTERM - 1)
    read = {"x86_64": "0 0x0 ", "aarch64": "63 0x0 "}[os.uname().machine]  # the call's number, and the descriptor
    folder = Path(f"/proc/{process.pid}")

    def reads() -> bool:
        caught = re.search(r"SigCgt:\s+(\w+)", (folder / "status").read_text())
        return bool(caught and int(caught[1], 16) & terminates) and (folder / "syscall").read_text().startswith(read)

    wait_until(reads, "it reads")


@pytest.mark.parametrize("arguments", ["say --voice built-in/espeak - -o -", "doctor", "--help"])
def test_a_reader_that_goes_away_is_no_failure(lectern: Any, arguments: str) -> None:
    with lectern.start(*arguments.split()) as process:
        with suppress(BrokenPipeError), process.stdin:  # not every one waits for a text
            process.stdin.write(LONG_TEXT[:5000].encode())
        assert process.stdout.read1(10)
        process.stdout.close()
        code = process.wait(LIMIT_S)
        said = process.stderr.read()
    assert b"Traceback" not in said
    assert b"Exception ignored" not in said
    # Short output may be gone before the reader is.
    assert code in {141, 0} if arguments == "--help" else code == 141


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_streams_do_not_matter(lectern: Any, closed: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m desktop say {shlex.join(ESPEAK)} Hello there -o a.wav {closed}"
    done = subprocess.run(
        ["bash", "-c", command], cwd=lectern.folder, capture_output=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert lectern.files() == ["a.wav"]
    assert done.stdout == b""


def test_sound_does_not_go_to_a_terminal(lectern: Any) -> None:
    master, slave = pty.openpty()
    try:
        with started(lectern, "say", "Hello", "-o", "-", output=slave) as process:
            _, said = process.communicate(timeout=LIMIT_S)
    finally:
        os.close(slave)
        os.close(master)
    assert process.returncode == 2
    assert b"not a pipe or a file" in said


def test_progress_is_shown_on_a_terminal_and_cleared(lectern: Any) -> None:
    master, slave = pty.openpty()
    with started(lectern, "say", *ESPEAK, "One sentence. Another one.", "-o", "a.wav", errors=slave) as process:
        assert process.wait(LIMIT_S) == 0
    os.close(slave)
    said = os.read(master, 65_536).decode()
    os.close(master)
    assert "Segment 1 · 0.0 s of audio" in said
    assert "Segment 2 · " in said
    assert "\x1b[K" in said.split("Segment 2")[1].split("Wrote")[0]


def test_an_unexpected_failure_is_one_sentence_and_code_1(lectern: Any) -> None:
    """The interpreter is started with a door that is broken in a way that nobody foresaw."""
    (lectern.folder / "sitecustomize.py").write_text("import engine\nengine.SpeechRequest = None\n")
    lectern.environment["PYTHONPATH"] = f"{lectern.folder}:{Path(__file__).parents[2]}"
    done = lectern.anew("say", "Hello", "-o", "a.wav")
    assert "Something unexpected went wrong (TypeError" in complaint(done, code=1)
    assert sorted(set(lectern.files()) - {"__pycache__"}) == ["sitecustomize.py"]
    for arguments in (("say", "Hello", "-o", "a.wav", "--debug"), ("--debug", "say", "Hello", "-o", "a.wav")):
        assert b"Traceback" in lectern.anew(*arguments).stderr


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs unshare")
def test_say_works_in_a_computer_without_any_network(lectern: Any) -> None:
    probe = subprocess.run(["unshare", "-rn", "true"], capture_output=True, check=False)
    if probe.returncode:
        pytest.skip("this system lets nobody make a network namespace; other tests watch the sockets all the same")
    command = ["unshare", "-rn", sys.executable, "-m", "desktop", "say", "No network here.", "-o", "a.wav"]
    done = subprocess.run(command, cwd=lectern.folder, capture_output=True, timeout=LIMIT_S, check=False)
    assert done.returncode == 0, done.stderr
    assert lectern.files() == ["a.wav"]


def test_doctor_without_sound_weights_and_gpu(lectern: Any) -> None:
    done = lectern("doctor")
    lines = done.stdout.decode().splitlines()
    assert done.returncode == 0, lines
    findings = {line[4:].split(":")[0].strip(): line[:2] for line in lines if not line.startswith("      ")}
    assert {findings[name] for name in ("Python", "built-in voice", "PyTorch", "PortAudio")} == {"ok"}
    assert findings["S1 Mini"] == findings["sound output"] == "--"
    assert any("lectern login && lectern download" in line for line in lines)
    assert any("https://huggingface.co/fishaudio/openaudio-s1-mini" in line for line in lines)


def test_doctor_names_each_file_of_a_half_checkpoint(lectern: Any) -> None:
    (lectern.folder / "half").mkdir()
    (lectern.folder / "half/config.json").write_text("{}")
    done = lectern("doctor", "--checkpoint", "half")
    assert done.returncode == 2
    assert b"no  S1 Mini: The checkpoint folder half has no model.pth." in done.stdout
    assert b"ok    config.json: 2 bytes" in done.stdout
    assert b"--    codec.pth: missing" in done.stdout


def loaded_modules(code: str) -> set[str]:
    """Which of the heavy modules a fresh Python holds after `code`."""
    names = {"torch", "torchaudio", "numpy", "PySide6", "av", "sounddevice", "tiktoken", "sentencex", "py3langid"}
    script = f"{code}\nimport sys\nprint(*({names!r} & sys.modules.keys()))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True)
    return set(done.stdout.split())


def test_importing_the_door_or_the_command_line_loads_nothing_heavy() -> None:
    doors = (
        "audio",
        "builtin",
        "files",
        "host",
        "machine",
        "narration",
        "server",
        "speech",
        "text",
        "voice_library",
        "weights",
    )
    assert loaded_modules("".join(f"import engine.{door}\n" for door in doors)) == set()
    assert loaded_modules("import desktop.cli\ndesktop.cli.build_parser()") == set()
    shared = "desktop.playback.player, desktop.common.messages, desktop.doctor.report"
    assert loaded_modules(f"import {shared}, desktop.commands.say") == {"numpy"}


def test_the_built_in_voice_needs_neither_torch_nor_qt(lectern: Any) -> None:
    code = "from desktop.cli import run\nassert run(['say', 'Hello', '-o', 'a.wav', '--voice', 'built-in']) == 0"
    script = f"import os\nos.chdir({str(lectern.folder)!r})\n{code}"
    assert not loaded_modules(script) & {"torch", "torchaudio", "PySide6", "sounddevice"}


def test_the_help_comes_at_once(lectern: Any) -> None:
    """Below what an import of PyTorch takes, by far: seconds of work, since the computer may be busy with other."""

    def worked_s() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def help_s() -> float:
        before = worked_s()
        lectern.anew("--help")
        return worked_s() - before

    assert any(help_s() < 1.0 for _ in range(5))
