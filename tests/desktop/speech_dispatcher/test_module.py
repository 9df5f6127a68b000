"""The module as the daemon starts it: a process, its pipes, and no Lectern anywhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, Queue

import numpy as np
import pytest
from at_once import slow_but
from waiting import LIMIT_S

SOUND_HEAD = re.compile(rb"705-(\w+)=(\d+)$")


class Daemon:
    """Talks with the module as speech-dispatcher does: reads all it writes, lines and sound."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        (folder / "run").mkdir(mode=0o700, exist_ok=True)
        kept = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        kept.pop("QT_QPA_PLATFORM", None)
        self.log = (folder / "log").open("w+b")
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "desktop.speech_dispatcher", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.log,
            env=kept | {"XDG_RUNTIME_DIR": str(folder / "run"), "XDG_CONFIG_HOME": str(folder)},
        )
        self.replies: Queue[str] = Queue()
        self.sound: list[np.ndarray] = []
        self.rate_hz = 0
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(b"705-AUDIO\0"):
                data = line[len(b"705-AUDIO\0") : -1]
                plain = re.sub(rb"\x7d(.)", lambda found: bytes((found[1][0] ^ 0x20,)), data, flags=re.DOTALL)
                self.sound.append(np.frombuffer(plain, np.int16))
            elif found := SOUND_HEAD.match(line.strip()):
                if found[1] == b"sample_rate":
                    self.rate_hz = int(found[2])
            elif line != b"705 AUDIO\n":
                self.replies.put(line.decode().removesuffix("\n"))
        self.replies.put("EOF")

    def send(self, *lines: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self.process.stdin.flush()

    def until(self, *ends: str) -> list[str]:
        """The replies up to one of `ends`."""
        got: list[str] = []
        while not got or got[-1] not in ends:
            try:
                got.append(self.replies.get(timeout=LIMIT_S))
            except Empty:
                pytest.fail(f"{ends} never came after {got}; {self.process.poll()}")
            assert got[-1] != "EOF" or "EOF" in ends, got
        return got

    def ask(self, *lines: str, end: str) -> list[str]:
        self.send(*lines)
        return self.until(end)

    def say(self, text: str, kind: str = "SPEAK") -> tuple[list[str], np.ndarray]:
        """The events, and the sound as int16."""
        self.sound.clear()
        self.send(kind, *(f".{line}" if line.startswith(".") else line for line in text.split("\n")), ".")
        assert self.until("200 OK SPEAKING")[0] == "202 OK SEND DATA"
        events = self.until("702 END", "703 STOP", "704 PAUSE")
        return events, np.concatenate(self.sound) if self.sound else np.zeros(0, np.int16)

    def set(self, **values: object) -> list[str]:
        return self.ask("SET", *(f"{name}={value}" for name, value in values.items()), ".", end=SETTINGS_TAKEN)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.reader.join()
        for stream in (self.process.stdin, self.process.stdout, self.log):
            assert stream is not None
            stream.close()


SETTINGS_TAKEN = "203 OK SETTINGS RECEIVED"
USUAL = {
    **{"pitch": 0, "pitch_range": 0, "rate": 0, "volume": 100, "punctuation_mode": "none", "spelling_mode": "off"},
    **{"cap_let_recogn": "none", "voice": "male1", "language": "en-us", "synthesis_voice": "NULL"},
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    daemon = Daemon(tmp_path_factory.mktemp("module"), "/etc/nothing.conf")
    try:
        assert daemon.ask("INIT", end="299 OK LOADED SUCCESSFULLY")[0].startswith("299-")
        daemon.ask("AUDIO", "audio_output_method=server", ".", end="203 OK AUDIO INITIALIZED")
        daemon.ask("LOGLEVEL", "log_level=3", ".", end="203 OK LOG LEVEL SET")
        yield daemon
        daemon.send("QUIT")
        daemon.until("210 OK QUIT")
        assert daemon.process.wait(LIMIT_S) == 0
    finally:
        daemon.close()


@pytest.fixture
def daemon(running: Daemon) -> Daemon:
    running.set(**USUAL)
    return running


def test_the_first_voice_of_each_language_is_the_chosen_one(daemon: Daemon) -> None:
    voices = [line.removeprefix("200-").split("\t") for line in daemon.ask("LIST VOICES", end="200 OK VOICE LIST SENT")]
    german = [name for name, language, _ in voices[:-1] if language == "de"] if len(voices[-1]) == 1 else []
    assert german[:2] == ["Lectern", "built-in"]


def test_a_key_a_letter_and_a_text_are_heard_between_begin_and_end(daemon: Daemon) -> None:
    for text, kind in (
        ("shift_a", "KEY"),
        (".", "CHAR"),
        ("space", "CHAR"),
        ("no such icon", "SOUND_ICON"),
        ("<speak>File menu</speak>", "SPEAK"),
    ):
        events, sound = daemon.say(text, kind)
        assert events == ["701 BEGIN", "702 END"], text
        assert 0.2 < len(sound) / daemon.rate_hz < 2
        assert np.abs(sound).max() > 3000


def test_marks_are_told_where_their_words_begin(daemon: Daemon) -> None:
    text = '<mark name="a"/>One &amp; two. <mark name="b"/>Three, four <mark name="c"/>five.<mark name="d"/>'
    events, _ = daemon.say(f"<speak>{text}</speak>")
    assert [event for event in events if event.startswith("700-")] == ["700-a", "700-b", "700-c", "700-d"]
    assert events.index("701 BEGIN") == 0


def test_rate_pitch_volume_and_voice_are_heard(daemon: Daemon) -> None:
    text = "<speak>This is said to be measured.</speak>"
    _, usual = daemon.say(text)
    daemon.set(rate=100)
    assert len(daemon.say(text)[1]) < 0.6 * len(usual)
    daemon.set(rate=-100)
    assert len(daemon.say(text)[1]) > 1.4 * len(usual)
    daemon.set(rate=0, volume=0)
    assert np.abs(daemon.say(text)[1]).max() == pytest.approx(np.abs(usual).max() / 2, rel=0.2)
    daemon.set(volume=100, pitch=80)
    assert not np.array_equal(daemon.say(text)[1], usual)
    daemon.set(pitch=0, voice="female1")
    assert not np.array_equal(daemon.say(text)[1], usual)
    daemon.set(voice="male1", synthesis_voice="Lectern")
    assert np.array_equal(daemon.say(text)[1], usual)


def test_signs_and_capitals_are_named_where_that_is_asked_for(daemon: Daemon) -> None:
    text = "<speak>Ab, c</speak>"
    lengths = [len(daemon.say(text)[1])]
    signs = "<speak>Ab (c)</speak>"
    n_plain = len(daemon.say(signs)[1])
    daemon.set(punctuation_mode="most")
    assert len(daemon.say(text)[1]) == lengths[0]
    assert len(daemon.say(signs)[1]) > 1.5 * n_plain
    for change in ({"punctuation_mode": "all"}, {"cap_let_recogn": "spell"}, {"spelling_mode": "on"}):
        daemon.set(**USUAL)
        daemon.set(**change)
        lengths.append(len(daemon.say(text)[1]))
    assert min(lengths[1:]) > 1.2 * lengths[0]


def test_a_stop_ends_the_message_and_the_next_is_heard(daemon: Daemon) -> None:
    for _ in range(3):
        daemon.send("SPEAK", "<speak>" + "This goes on for long. " * 50 + "</speak>", ".")
        daemon.until("701 BEGIN")
        daemon.send("STOP")
        assert daemon.until("703 STOP")[-1] == "703 STOP"
    assert daemon.say("<speak>Yes</speak>")[0] == ["701 BEGIN", "702 END"]
    daemon.send("STOP")  # nothing is said: no answer, no harm
    assert daemon.say("<speak>Yes</speak>")[0] == ["701 BEGIN", "702 END"]


def test_a_daemon_that_lost_the_end_of_a_message_is_told_again(daemon: Daemon) -> None:
    daemon.send("SPEAK", "<speak>" + "This goes on for long. " * 50 + "</speak>", ".", "STOP")
    daemon.until("703 STOP")
    time.sleep(1.1)  # a second of it is too soon, and may be one that was on its way
    daemon.send("STOP")
    assert daemon.until("703 STOP") == ["703 STOP"]
    assert daemon.say("a", "KEY")[0] == ["701 BEGIN", "702 END"]


def test_a_message_is_not_told_to_be_stopped_the_moment_it_came(daemon: Daemon) -> None:
    for _ in range(5):
        daemon.send("KEY", "a", ".")
        daemon.until("202 OK SEND DATA")
        began = time.monotonic()
        daemon.send("STOP")
        daemon.until("703 STOP")
        assert time.monotonic() - began > 0.02


def test_a_pause_waits_for_a_mark_of_the_daemons(daemon: Daemon) -> None:
    parts = "".join(f'Sentence {n} is here. <mark name="__spd_{n}"/>' for n in range(5))
    daemon.send("SPEAK", f'<speak>First. <mark name="mine"/>{parts}</speak>', ".")
    daemon.until("701 BEGIN")
    daemon.send("PAUSE")
    events = daemon.until("704 PAUSE", "702 END")
    assert re.fullmatch("700-__spd_[0-4]", events[-3])  # on a busy computer some had been passed when it was told
    assert events[-2:] == ["700 INDEX MARK", "704 PAUSE"]


def test_text_with_dots_newlines_and_what_is_no_ssml_is_said(daemon: Daemon) -> None:
    for text in (".a dot", "a < b && c > d &#55296; &nothing;", "<speak>\n..\nunclosed <mark", "\u0000 \ud7ff x"):
        events, sound = daemon.say(text)
        assert (events, bool(len(sound))) == (["701 BEGIN", "702 END"], True), text


def test_garbage_is_answered_and_a_message_at_the_wrong_time_refused(daemon: Daemon) -> None:
    assert daemon.ask("\x00\xff nonsense", end="300 ERR UNKNOWN COMMAND")
    assert daemon.ask("", end="300 ERR UNKNOWN COMMAND")
    assert daemon.ask("SPEAK", ".", end="301 ERROR CANT SPEAK")
    assert daemon.ask("KEY", "two", "lines", ".", end="305 DATA MORE THAN ONE LINE")
    assert daemon.ask("SET", "nonsense", "rate=a lot", ".", end="302 ERROR BAD SYNTAX")
    assert daemon.ask("AUDIO", "audio_output_method=pulse", ".", end="300 MODULE ERROR")
    daemon.send("SPEAK", "<speak>A long text goes on and on and on.</speak>", ".")
    daemon.until("200 OK SPEAKING")
    assert daemon.ask("SPEAK", "x", ".", end="301 ERROR CANT SPEAK")
    daemon.until("702 END")


def test_of_a_flood_of_keys_the_last_is_heard_and_the_memory_stays(daemon: Daemon) -> None:
    def memory_kb() -> int:
        facts = Path(f"/proc/{daemon.process.pid}/status").read_text(encoding="utf-8")
        return int(re.findall(r"VmRSS:\s+(\d+)", facts)[0])

    daemon.say("a", "KEY")
    before_kb = memory_kb()
    for _ in range(300):
        daemon.send("KEY", "a", ".")
        daemon.until("200 OK SPEAKING")
        daemon.send("STOP")
        daemon.until("703 STOP", "702 END")
    events, sound = daemon.say("z", "KEY")
    assert (events, bool(len(sound))) == (["701 BEGIN", "702 END"], True)
    assert memory_kb() < before_kb + 10_000


@pytest.mark.parametrize("busy", slow_but([False], [False, True]), ids=["silent", "in mid-word, and nobody reads"])
def test_the_module_ends_with_its_parent(tmp_path: Path, busy: bool) -> None:
    ours, theirs = os.pipe()
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "desktop.speech_dispatcher"],
        stdin=subprocess.PIPE,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        env={key: value for key, value in os.environ.items() if "DISPLAY" not in key and key != "QT_QPA_PLATFORM"}
        | {"XDG_RUNTIME_DIR": str(tmp_path)},
    )
    os.close(theirs)
    with os.fdopen(ours, "rb") as output, process:
        assert process.stdin is not None
        if busy:
            process.stdin.write(b"KEY\na\n.\nSPEAK\n" + b"This is long. " * 500 + b"\n.\n")
            process.stdin.flush()
            assert output.readline() == b"202 OK SEND DATA\n"
        process.stdin.close()
        assert process.wait(LIMIT_S) == 0
