"""The folder of voices: found by any name, changed by several programs at once, never left half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kept_voices import CODES, coded, encode, recorded, tone

from engine import AudioFileError, OutputError, Voice, VoiceError
from engine.audio import AudioWriter
from engine.voice_library import VoiceLibrary, list_voices, load_voice
from engine.voice_library.loading import VoiceCache
from engine.voice_library.names import VOICE_ID, checked_name, id_of

NAMES = {
    "Anna": "Anna",
    "Zoë": "Zoe",
    "Łukasz Groß": "Lukasz Gross",
    "Анна": "voice",
    "日本語": "voice",
    "Anna (warm), 2nd take!": "Anna warm 2nd take",
    "con": "voice con",
    "a" * 200: "a" * 200,
}


def make_folder_voice(folder: Path, seconds: float = 0.5, text: str = "What is said.") -> None:
    folder.mkdir(parents=True)
    with AudioWriter(folder / "sample.wav") as writer:
        writer.write(tone(seconds))
    (folder / "sample.lab").write_text(text, encoding="utf-8")


def files(library: VoiceLibrary) -> list[str]:
    return sorted(path.name for path in library.folder.iterdir())


@pytest.mark.parametrize("name", NAMES)
def test_any_name_gives_an_id_that_cannot_escape(name: str) -> None:
    assert id_of(checked_name(name)) == NAMES[name]
    assert VOICE_ID.fullmatch(id_of(name))


@pytest.mark.parametrize(
    "name",
    [
        *("", "  ", "a/b", "..\\x", "../../x", ".", "..", ".hidden", "a\nb", "a\0b", "a\u202eb", "\ud800", "x" * 201),
        *("built-in", "Built-In", "built-in/f2", "/etc/passwd"),
    ],
)
def test_what_no_voice_can_be_called(library: VoiceLibrary, name: str) -> None:
    for attempt in (lambda: library.add(coded(name)), lambda: library.rename("x", name)):
        with pytest.raises(VoiceError, match="name"):
            attempt()
    assert not any(library.folder.parent.rglob("*.voice"))


def test_names_are_found_however_they_are_written(library: VoiceLibrary) -> None:
    info = library.add(coded("Zoë 你好"))
    assert (info.id, info.name, files(library)) == ("Zoe", "Zoë 你好", ["Zoe.voice"])
    for name in ("Zoë 你好", "Zoe\u0308 你好", "zoë 你好", "Zoe"):
        assert library.find(name).id == "Zoe"
        assert load_voice(name, library.folder, encode, 2).name == "Zoë 你好"
    assert list_voices(library.folder) == library.names() == ("Zoë 你好",)
    with pytest.raises(VoiceError) as caught:
        library.find("Anna")
    assert (caught.value.problem, caught.value.known) == ("unknown", ("Zoë 你好",))


def test_one_name_is_one_voice_and_one_id_one_file(library: VoiceLibrary) -> None:
    library.add(coded("Анна"))
    library.add(coded("Ольга"))
    assert [(info.name, info.id) for info in library.infos()] == [("Анна", "voice"), ("Ольга", "voice 2")]
    make_folder_voice(library.folder / "Anna")
    for name in ("анна", "anna", "voice 2", "Anna "):
        with pytest.raises(VoiceError, match="taken"):
            library.add(coded(name))
    assert len(library.infos()) == 3


def test_a_path_is_a_voice_too(library: VoiceLibrary, tmp_path: Path) -> None:
    library.add(coded("Anna"))
    library.export("Anna", tmp_path / "else.voice")
    voice = load_voice(str(tmp_path / "else.voice"), tmp_path / "nowhere", encode, 2)
    assert voice.name == "Anna"
    for name in (f"{tmp_path}/none.voice", f"{tmp_path}/{'x' * 300}", "a/\0"):
        with pytest.raises(VoiceError, match="unknown"):
            load_voice(name, library.folder, encode, 2)


def test_a_rename_takes_name_and_file_along(library: VoiceLibrary) -> None:
    library.add(coded("Anna"))
    make_folder_voice(library.folder / "Bob")
    assert library.rename("Anna", "Анна").id == "voice"
    assert library.rename("voice", "ANNA").id == "ANNA"
    assert library.rename("ANNA", "Anna").id == "Anna"  # to itself, in another case
    assert library.rename("Bob", "Bo").is_folder
    assert library.rename("Bo", "Bø").name == "Bø"  # which only a file can say
    assert files(library) == ["Anna.voice", "B.voice"]
    assert library.read("Bø").recordings[0].text == "What is said."
    for old, new, problem in (("Anna", "bø", "taken"), ("nobody", "x", "unknown"), ("Anna", "a/b", "name")):
        with pytest.raises(VoiceError, match=problem):
            library.rename(old, new)


def test_what_is_told_about_a_voice_can_change(library: VoiceLibrary) -> None:
    library.add(coded("Anna"))
    make_folder_voice(library.folder / "Bob")
    info = library.describe("Anna", language="fr", notes="sonore")
    assert (info.language, info.notes) == ("fr", "sonore")
    assert library.describe("Anna", notes="").language == "fr"
    assert not library.describe("Bob", language="de").is_folder
    assert files(library) == ["Anna.voice", "Bob.voice"]


def test_what_is_removed_comes_back_until_it_is_discarded(library: VoiceLibrary) -> None:
    library.add(coded("Anna"))
    make_folder_voice(library.folder / "Bob")
    for name in ("Anna", "Bob"):
        before = files(library)
        removed = library.set_aside(name)
        assert not library.has(name)
        assert library.restore(removed).name == name
        assert files(library) == before
    removed = library.set_aside("Anna")
    library.add(coded("Anna", "Another."))
    with pytest.raises(VoiceError, match="taken"):
        library.restore(removed)
    library.discard(removed)
    library.remove("Bob")
    assert files(library) == ["Anna.voice"]
    with pytest.raises(VoiceError, match="unknown"):
        library.remove("Bob")


def test_a_recording_is_encoded_once_and_its_sound_stays(library: VoiceLibrary) -> None:
    library.add(recorded("Anna"))
    assert not library.find("Anna").is_encoded
    shelf_calls = []

    def counting(samples: np.ndarray) -> np.ndarray:
        shelf_calls.append(samples.size)
        return encode(samples)

    voice = load_voice("Anna", library.folder, counting, 2)
    assert (shelf_calls, voice.references[0].text) == ([22_050], "What is said.")
    assert library.find("Anna").is_encoded
    again = load_voice("Anna", library.folder, counting, 2)
    np.testing.assert_array_equal(again.references[0].codes, voice.references[0].codes)
    assert len(shelf_calls) == 1
    # Another codec has codes of its own; without the sound there is no way to them.
    assert load_voice("Anna", library.folder, lambda _: np.zeros((3, 1), np.int64), 3).references[0].codes.shape[0] == 3
    library.add(coded("Bob"))
    with pytest.raises(VoiceError, match="codes_shape"):
        load_voice("Bob", library.folder, encode, 3)


def test_a_folder_that_may_not_be_written_still_speaks(library: VoiceLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add(recorded("Anna"))

    def refuse(*_: object) -> None:
        raise OutputError("not_allowed", library.folder)

    monkeypatch.setattr("engine.voice_library.references.write_voice_file", refuse)
    assert load_voice("Anna", library.folder, encode, 2).references


def test_a_rename_in_mid_encoding_is_not_undone(library: VoiceLibrary) -> None:
    library.add(recorded("Anna"))

    def renaming(samples: np.ndarray) -> np.ndarray:
        library.describe("Anna", notes="while it was encoded")
        return encode(samples)

    load_voice("Anna", library.folder, renaming, 2)
    info = library.find("Anna")
    assert (info.notes, info.is_encoded) == ("while it was encoded", True)

    def removing(samples: np.ndarray) -> np.ndarray:
        library.remove("Anna")
        return encode(samples)

    library.remove("Anna")
    library.add(recorded("Anna"))
    load_voice("Anna", library.folder, removing, 2)
    assert files(library) == []


def test_the_shelf_notices_every_change(library: VoiceLibrary) -> None:
    library.add(coded("Anna", "One."))
    make_folder_voice(library.folder / "Bob", text="Two.")
    kept = VoiceCache(library)

    def shelf(name: str) -> Voice:
        return kept.load(name, encode, 2)

    assert shelf("Anna") is shelf("Anna")
    assert shelf("Bob") is shelf("Bob")
    library.remove("Anna")
    library.add(coded("Anna", "Three."))
    (library.folder / "Bob" / "sample.lab").write_text("Four.", encoding="utf-8")
    assert [shelf(name).references[0].text for name in ("Anna", "Bob")] == ["Three.", "Four."]
    library.remove("Anna")
    with pytest.raises(VoiceError, match="unknown"):
        shelf("Anna")


def test_a_folder_of_the_original_server_becomes_a_file(library: VoiceLibrary, tmp_path: Path) -> None:
    source = tmp_path / "references" / "narrator"
    make_folder_voice(source, 1.5, "Word for word.")
    info = library.import_folder(source)
    assert (info.name, info.seconds, info.has_sound, info.is_encoded) == ("narrator", 1.5, True, False)
    by_folder = load_voice(str(source), library.folder, encode, 2)
    by_file = load_voice("narrator", library.folder, encode, 2)
    np.testing.assert_array_equal(by_folder.references[0].codes, by_file.references[0].codes)
    with pytest.raises(VoiceError, match="taken"):
        library.import_folder(source)
    np.save(source / "sample.npy", CODES)
    assert library.import_folder(source, "with codes").is_encoded
    (source / "sample.wav").write_text("no sound")
    with pytest.raises(AudioFileError):
        library.import_folder(source, "another")


def test_a_voice_goes_to_another_computer_in_one_file(library: VoiceLibrary, tmp_path: Path) -> None:
    library.add(replace(recorded("Zoë"), notes="hers"))
    with pytest.raises(VoiceError, match="not_encoded"):
        library.export("Zoë", tmp_path / "out.voice", with_sound=False)
    load_voice("Zoë", library.folder, encode, 2)
    library.export("Zoë", tmp_path / "out.voice", with_sound=False)
    other = VoiceLibrary(tmp_path / "other")
    info = other.import_file(tmp_path / "out.voice")
    assert (info.name, info.notes, info.has_sound, info.is_encoded) == ("Zoë", "hers", False, True)
    assert other.import_file(tmp_path / "out.voice", "Another").id == "Another"
    with pytest.raises(VoiceError, match="taken"):
        other.import_file(tmp_path / "out.voice")
    with pytest.raises(OutputError, match="folder_missing"):
        library.export("Zoë", tmp_path / "no" / "out.voice")


def test_a_damaged_file_is_listed_and_can_be_removed(library: VoiceLibrary) -> None:
    library.add(coded("Anna"))
    (library.folder / "Bob.voice").write_bytes(b"x")
    (library.folder / "note.txt").write_text("no voice")
    (library.folder / "a.b.voice").write_bytes(b"x")
    infos = library.infos()
    assert [(info.name, bool(info.problem)) for info in infos] == [("Anna", False), ("Bob", True)]
    assert library.names() == ("Anna",)
    with pytest.raises(VoiceError, match="damaged"):
        library.load("Bob", encode, 2)
    library.remove("Bob")
    assert not (library.folder / "Bob.voice").exists()


def test_links_lead_nowhere_when_they_are_removed(library: VoiceLibrary, tmp_path: Path) -> None:
    make_folder_voice(tmp_path / "elsewhere")
    library.folder.mkdir()
    (library.folder / "link").symlink_to(tmp_path / "elsewhere")
    assert library.find("link").is_folder
    library.remove("link")
    assert (tmp_path / "elsewhere" / "sample.wav").exists()


def test_what_killed_programs_left_goes_after_a_day(library: VoiceLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    library.add(coded("Anna"))
    for name in ("Anna.voice-ab12cd_9", ".removed-00-Bob.voice"):
        (library.folder / name).write_bytes(b"x")
    (library.folder / ".adding-0").mkdir()
    library.tidy()
    assert len(files(library)) == 4
    monkeypatch.setattr("engine.voice_library.library.LEFTOVER_S", -1.0)
    library.tidy()
    assert files(library) == ["Anna.voice"]


def test_two_programs_at_once_lose_nothing(library: VoiceLibrary) -> None:
    library.add(coded("Anna"))

    def add(first: int) -> None:
        for number in range(first, first + 10):
            library.add(coded(f"Voice {number}"))
            library.describe("Anna", notes=str(number))

    threads = [threading.Thread(target=add, args=(first,)) for first in (0, 10, 20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(library.names()) == 31
    assert all(name.endswith(".voice") for name in files(library))


WRITER = """
import sys
from pathlib import Path
import numpy as np
from engine.voice_library import StoredVoice, VoiceRecording, VoiceLibrary as VoiceLibrary
library = VoiceLibrary(Path(sys.argv[1]))
recording = VoiceRecording("text", 1.0, np.zeros((10, 500), np.int64), b"fLaC" + bytes(2_000_000))
print("ready", flush=True)
for number in range(10_000):
    library.describe("Anna", notes=str(number))
"""


@pytest.mark.slow
def test_killed_in_the_middle_of_writing_the_voice_is_the_old_or_the_new(library: VoiceLibrary) -> None:
    recording = replace(coded("x").recordings[0], flac=b"fLaC" + os.urandom(2_000_000))
    library.add(replace(coded("Anna"), recordings=(recording,)))
    for pause in (0, 3, 11, 29):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(library.folder)], stdout=subprocess.PIPE, encoding="utf-8"
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            threading.Event().wait(pause / 1000)  # another moment of the writing each time
            process.send_signal(signal.SIGKILL)
        assert library.read("Anna").recordings[0].flac == recording.flac
        library.describe("Anna", notes="and it can be changed again")
    assert library.names() == ("Anna",)
