"""`lectern voices` as a process: with the tiny checkpoint, a real sound server, and a microphone that hears a voice."""

from __future__ import annotations

import json
import os
import pty
import shutil
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from disturbance import undisturbed
from served import same_words, spoken

from engine.audio import AudioWriter, read_audio
from engine.voice_library import read_voice, script_in

TINY = Path(__file__).parents[1] / "golden/tiny_s1/checkpoint"
TEXT = script_in("en")
Say = Callable[..., str]


def write_wav(path: Path, samples: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with AudioWriter(path) as writer:
        writer.write(samples)
    return path


def outcome(done: subprocess.CompletedProcess[bytes], code: int = 0) -> str:
    text = done.stderr.decode()
    assert done.returncode == code, text
    assert "Traceback" not in text
    return text


@pytest.fixture
def program(lectern: Any, tmp_path: Path) -> Any:
    """`lectern` with voices of its own."""
    lectern.environment["XDG_DATA_HOME"] = str(tmp_path / "data")
    lectern.environment["OMP_NUM_THREADS"] = "1"
    return lectern


def kept(program: Any, name: str) -> Path:
    return Path(program.environment["XDG_DATA_HOME"]) / "lectern" / "voices" / f"{name}.voice"


def listed(program: Any) -> list[dict[str, Any]]:
    return json.loads(program("voices", "list", "--json").stdout)


def test_a_voice_from_its_recording_to_its_end(program: Any) -> None:
    assert "no voices yet" in outcome(program("voices", "list"))
    write_wav(program.folder / "zoe.mp3", spoken(TEXT, "built-in/f2"))
    (program.folder / "zoe.lab").write_text(TEXT)
    told = outcome(program("voices", "add", "Zoë", "zoe.mp3", "--notes", "by the sea"))
    assert told.splitlines()[:2] == ["Good: 17 seconds of clear speech.", "Added Zoë."]
    assert "S1 Mini first speaks with it" in told
    (voice,) = listed(program)
    assert (voice["id"], voice["name"], voice["language"], voice["notes"]) == ("Zoe", "Zoë", "en", "by the sea")
    assert (voice["is_encoded"], voice["has_sound"], voice["recordings"]) == (False, True, 1)
    assert program("voices", "list").stdout.decode().startswith("Zoë  English · 17 s · prepared at its first use")

    assert "Zoë is now Anna." in outcome(program("voices", "rename", "Zoë", "Anna"))
    assert "Anna: French · 17 s" in outcome(program("voices", "describe", "Anna", "--lang", "fr", "--notes", ""))
    assert "Wrote Anna.voice" in outcome(program("voices", "export", "Anna"))
    assert "Good" in outcome(program("voices", "check", "Anna.voice"))
    assert "There is a voice Anna already." in outcome(program("voices", "import", "Anna.voice"), 2)
    outcome(program("voices", "preview", "anna", "-o", "heard.wav"))
    assert same_words(read_audio(program.folder / "heard.wav"), spoken(TEXT, "built-in/f2"))
    assert "--yes" in outcome(program("voices", "remove", "Anna"), 2)
    outcome(program("voices", "remove", "Anna", "--yes"))
    assert listed(program) == []
    outcome(program("voices", "import", "Anna.voice", "--name", "Berta"))
    assert [voice["name"] for voice in listed(program)] == ["Berta"]


def test_removing_is_asked_for_on_a_terminal(program: Any) -> None:
    write_wav(program.folder / "a.wav", spoken("Yes. " * 9))
    outcome(program("voices", "add", "Anna", "a.wav", "--text", "Yes. " * 9))
    for answer, is_left in (("n", True), ("", True), ("y", False)):
        ours, theirs = pty.openpty()
        with program.start("voices", "remove", "Anna", stdin=theirs) as process:
            os.close(theirs)
            os.write(ours, f"{answer}\n".encode())
            assert process.wait(60) == 0
            asked = process.stdout.read().decode()
        os.close(ours)
        assert asked == "Delete Anna for good? [y/N] "
        assert kept(program, "Anna").exists() == is_left


def test_what_is_wrong_is_said_before_anything_is_kept(program: Any) -> None:
    write_wav(program.folder / "good.wav", spoken("Yes. " * 9))
    write_wav(program.folder / "silent.wav", np.zeros(5 * 44_100, np.float32))
    (program.folder / "text.wav").write_text("no sound")
    for arguments, words in (
        (("add", "x", "good.wav"), "word for word"),
        (("add", "x", "none.wav", "--text", "a"), "There is no recording none.wav"),
        (("add", "x", "text.wav", "--text", "a"), "text.wav"),
        (("add", "x", "silent.wav", "--text", "a"), "No voice can be made of the recording"),
        (("add", "../x", "good.wav", "--text", "a"), "slashes"),
        (("add", "built-in", "good.wav", "--text", "a"), "built-in voice"),
        (("add", "x", "good.wav", "--text", "a", "--text", "b"), "1 recordings and 2 transcripts"),
        (("add", "x"), "--record"),
        (("rename", "x", "y"), "There is no voice x"),
        (("remove", "x", "--yes"), "There is no voice x"),
        (("preview", "../../etc/passwd"), "There is no voice"),
        (("import", "nothing"), "There is no voice nothing"),
        (("import", "good.wav"), "damaged"),
        (("import", "."), "There are no voices in ."),
        (("describe", "x"), "--lang or --notes"),
        (("gallery", "--n", "0"), "1 to 24"),
        (("gallery", "--keep", "7=x"), "NUMBER=NAME"),
        (("gallery", "-o", "out"), "S1 Mini is not on this computer"),
    ):
        told = outcome(program("voices", *arguments), 2)
        assert words in told, told
    assert not kept(program, "x").parent.exists() or not any(kept(program, "x").parent.iterdir())


def test_a_whole_folder_of_the_original_server_s_voices(program: Any) -> None:
    for name in ("anna", "bob", "broken"):
        write_wav(program.folder / "references" / name / "sample.wav", spoken("Yes. " * 9))
        (program.folder / "references" / name / "sample.lab").write_text("Yes. " * 9)
    (program.folder / "references" / "broken" / "sample.wav").write_text("no sound")
    told = outcome(program("voices", "import", "references"), 2)
    assert "Imported anna." in told
    assert "Imported bob." in told
    assert "Not imported: " in told
    assert [voice["name"] for voice in listed(program)] == ["anna", "bob"]


def test_doubts_are_told_in_words_and_as_data(program: Any) -> None:
    samples = np.concatenate((spoken(TEXT, "built-in/espeak"), spoken(TEXT, "built-in/f2")))
    write_wav(program.folder / "two.wav", samples)
    told = outcome(program("voices", "check", "two.wav"))
    assert "Two people may be speaking" in told
    (check,) = json.loads(program("voices", "check", "two.wav", "--json", "--text", "Much less.").stdout)
    assert check["is_usable"]
    assert {"several_speakers", "text_short"} <= {doubt["doubt"] for doubt in check["doubts"]}
    write_wav(program.folder / "silent.wav", np.zeros(5 * 44_100, np.float32))
    assert "Nobody is heard" in outcome(program("voices", "check", "silent.wav"), 2)


@pytest.fixture
def program_with_s1(program: Any, ready_for_s1: Any) -> Any:
    """The same, beside a copy of the tiny checkpoint in `tiny/`."""
    program.ready = ready_for_s1
    shutil.copytree(TINY, program.folder / "tiny")
    return program


def test_ctrl_c_leaves_no_voice_or_a_whole_one(program: Any) -> None:
    shutil.copytree(TINY, program.folder / "tiny")
    write_wav(program.folder / "a.wav", spoken(TEXT))
    with program.start("voices", "add", "Anna", "a.wav", "--text", TEXT, "--checkpoint", "tiny") as process:
        for line in process.stderr:
            if line == b"Added Anna.\n":
                process.send_signal(signal.SIGINT)
                break
        assert process.wait(60) == 130
    assert read_voice(kept(program, "Anna")).recordings[0].text == " ".join(TEXT.split())


@pytest.mark.slow
def test_with_s1_mini_voices_are_encoded_improvised_kept_and_spoken_with(program_with_s1: Any) -> None:
    program = program_with_s1
    tiny = ("--checkpoint", "tiny")
    write_wav(program.folder / "a.wav", spoken(TEXT)[: 4 * 44_100])
    told = outcome(program("voices", "add", "Anna", "a.wav", "--text", "Early in the morning.", *tiny))
    assert "Encoded: 87 frames." in told
    assert read_voice(kept(program, "Anna")).recordings[0].codes is not None

    outcome(program("voices", "export", "Anna", "--without-sound"))
    say = ("say", "Yes.", *tiny, "--seed", "6", "-o")
    outcome(program(*say, "anna.wav", "--voice", "./Anna.voice"))
    outcome(program("voices", "import", "Anna.voice", "--name", "Codes"))
    outcome(program("voices", "preview", "Codes", "-o", "codes.wav", *tiny))
    assert read_audio(program.folder / "codes.wav").size == 87 * 2048

    assert "Kept the voice as Mine." in outcome(program(*say, "mine.wav", "--keep-voice", "Mine"))
    gallery = ("voices", "gallery", "--seed", "6", "--n", "1", "--text", "Yes.", *tiny)
    assert "Kept voice 1 as Six." in outcome(program(*gallery, "-o", "gallery", "--keep", "1=Six"))
    assert sorted(os.listdir(program.folder / "gallery")) == ["1-seed6.voice", "1-seed6.wav"]  # noqa: PTH208
    by_say, by_gallery = (read_voice(kept(program, name)).recordings[0] for name in ("Mine", "Six"))
    assert by_say.codes is not None
    np.testing.assert_array_equal(by_say.codes, by_gallery.codes)  # the same seed, the same words
    one, other = (read_audio(program.folder / path) for path in ("mine.wav", "gallery/1-seed6.wav"))
    np.testing.assert_allclose(one, other, atol=1e-3)  # chunks, and so the last bits, follow the computer's speed


def test_without_s1_mini_there_is_no_voice_to_keep(program: Any) -> None:
    told = outcome(program("say", "Yes.", "-o", "a.wav", "--keep-voice", "Mine"), 2)
    assert "only S1 Mini improvises one" in told
    assert program.files() == []
    assert "--keep-voice" in outcome(program("say", "Yes.", "--voice", "built-in", "--keep-voice", "Mine"), 2)


@undisturbed
def test_a_recording_from_the_microphone_is_what_was_said(program: Any, sound_server: Any) -> None:
    """The sink's monitor is the only source there is, so what is played is what the microphone hears."""
    program.environment = sound_server.environment | {"XDG_DATA_HOME": program.environment["XDG_DATA_HOME"]}
    said = spoken(TEXT)[: 6 * 44_100]
    write_wav(program.folder / "said.wav", said)
    with program.start("voices", "add", "Anna", "--record", "--no-encode", "--text", TEXT[:90]) as process:
        told = [process.stderr.readline() for _ in range(5)]
        assert told[-1].startswith(b"Recording from "), told
        subprocess.run(["paplay", str(program.folder / "said.wav")], env=program.environment, check=True)
        process.stdin.write(b"\n")
        process.stdin.flush()
        assert process.wait(60) == 0, process.stderr.read()
    recording = read_voice(kept(program, "Anna")).recordings[0]
    assert recording.text == " ".join(TEXT[:90].split())
    outcome(program("voices", "preview", "Anna", "-o", "heard.wav"))
    heard = read_audio(program.folder / "heard.wav")
    loud = np.flatnonzero(np.abs(heard) > 0.02)
    first = np.flatnonzero(np.abs(said) > 0.02)[0]
    start = max(0, loud[0] - first)
    assert same_words(heard[start : start + said.size], said)


def test_without_a_microphone_it_says_so(program: Any) -> None:
    told = outcome(program("voices", "add", "Anna", "--record"), 2)
    assert "There is no microphone." in told


@undisturbed
def test_a_voice_is_heard(program: Any, sound_server: Any) -> None:
    program.environment = sound_server.environment | {"XDG_DATA_HOME": program.environment["XDG_DATA_HOME"]}
    said = spoken("Yes, this is it.")
    write_wav(program.folder / "said.wav", said)
    outcome(program("voices", "add", "Anna", "said.wav", "--text", "Yes, this is it."))
    with sound_server.monitor.recording() as stop:
        outcome(program("voices", "preview", "Anna"))
        heard = stop()
    assert np.abs(heard).max() > 0.05
