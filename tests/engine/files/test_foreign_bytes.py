"""Whatever bytes a person brings, some hundred times each: they are read, or refused with a reason. Nothing else."""

from __future__ import annotations

import io
import json
import wave
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from kept_voices import CODES, coded, recorded, tone
from mutations import N_TRIES, ends_of, tries
from narrators import ToneEngine

from desktop.common.settings import Settings, load_settings, save_settings
from desktop.narration.queue_file import QUEUE_NAME, QueuedBook, load_queue, save_queue
from desktop.narration.values import JobPhase
from engine.audio.codes import read_codes
from engine.audio.decoding import decode_with_rate, open_recording
from engine.audio.encoding import StreamEncoder
from engine.errors import CodesFileError, EngineError, NarrationError, VoiceError
from engine.files.foreign import Library, foreign
from engine.files.json_files import parse_json
from engine.narration.document import Chapter, Document
from engine.narration.project import Project
from engine.narration.project_files import read_voice
from engine.narration.render import narrate
from engine.narration.settings import NarrationSettings
from engine.text.dictionary import read_dictionary, write_dictionary
from engine.types import CancelToken, Pronunciation, Reference, Voice
from engine.voice_library.library import VoiceLibrary
from engine.voice_library.voice_file import read_voice_file, read_voice_info, voice_bytes

pytestmark = pytest.mark.slow

DEEP = b"[" * 200_000


def recording_bytes(ending: str) -> bytes:
    """A third of a second in a format."""
    if ending == "wav":
        file = io.BytesIO()
        with wave.open(file, "wb") as writer:
            writer.setnchannels(1)
            writer.setsampwidth(2)
            writer.setframerate(44_100)
            writer.writeframes((32767 * tone(0.3)).astype("<i2").tobytes())
        return file.getvalue()
    encoder = StreamEncoder(ending, whole=True)
    return encoder.write(tone(0.3)) + encoder.finish()


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def write(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.fixture
def project_folder(tmp_path: Path) -> Path:
    document = Document("A Book", "Some Body", "en", (Chapter("One", "A first. A second."), Chapter("Two", "A third.")))
    settings = NarrationSettings(pronunciations=(Pronunciation("GIF", "jif"),), subtitles=("srt",))
    with Project.create(tmp_path / "project", document, Path("book.txt"), settings) as project:
        project.set_chapters(reversed(project.chapters))
        project.edit_sentence(project.sentence(0, 0), "Another first.")
        list(narrate(project, ToneEngine(), "tones/1", Voice("x"), CancelToken()))
        project.keep_voice("tones/1", Voice("kept", (Reference("Text.", CODES),)))
    return tmp_path / "project"


def open_project(folder: Path) -> None:
    with Project(folder, is_writer=False) as project:
        project.sentences()
        project.left_out()


@pytest.mark.parametrize("ending", ["wav", "flac", "mp3", "opus"])
def test_recordings(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"

    def read(data: bytes) -> None:
        with open_recording(write(path, data)) as file:
            decode_with_rate(file, path, max_s=60.0)

    ends = ends_of(tries(ending, recording_bytes(ending)), read)
    assert ends.keys() <= {"read", "AudioFileError"}
    assert sum(ends.values()) == N_TRIES


def test_voices(tmp_path: Path) -> None:
    path = tmp_path / "a.voice"

    def read(data: bytes) -> None:
        read_voice_info(write(path, data))
        read_voice_file(path)

    ends = ends_of(tries("voice", voice_bytes(replace(recorded("Anna"), notes="notes"))), read)
    assert ends.keys() == {"read", "VoiceError"}


@pytest.mark.parametrize("inside", ["voice.json", "0.npy"])
def test_what_is_in_a_voice(tmp_path: Path, inside: str) -> None:
    """Whole as a zip, damaged in it."""
    with zipfile.ZipFile(io.BytesIO(voice_bytes(coded("Anna")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    path = tmp_path / "a.voice"

    def read(data: bytes) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            for name, content in parts.items():
                archive.writestr(name, data if name == inside else content)
        read_voice_info(path)
        read_voice_file(path)

    assert ends_of(tries(inside, parts[inside]), read).keys() == {"read", "VoiceError"}


def test_codes(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    ends = ends_of(tries("npy", npy(CODES)), lambda data: read_codes(write(path, data), None))
    assert ends.keys() == {"read", "CodesFileError"}


@pytest.mark.parametrize("name", ["book.json", "settings.json", "chapters.json", "edits.json"])
def test_a_project_s_json(project_folder: Path, name: str) -> None:
    """Refused, where it is damaged; its log and its voice come below."""
    data = (project_folder / name).read_bytes()
    ends = ends_of(tries(name, data), lambda data: (write(project_folder / name, data), open_project(project_folder)))
    assert ends.keys() == {"read", "NarrationError"}


def test_a_project_s_log_is_believed_line_by_line(project_folder: Path) -> None:
    path = project_folder / "sentences.jsonl"
    ends = ends_of(tries("log", path.read_bytes()), lambda data: (write(path, data), open_project(project_folder)))
    assert ends.keys() == {"read"}


def test_a_project_s_voice(project_folder: Path) -> None:
    path = project_folder / "voice.npz"
    ends = ends_of(tries("npz", path.read_bytes()), lambda data: read_voice(write(path, data), "tones/1"))
    assert ends.keys() == {"read", "NarrationError"}


def test_the_queue(tmp_path: Path) -> None:
    """It is never refused: what can be read of it is, and what cannot is told."""
    books = [
        QueuedBook(tmp_path / "a", tmp_path / "b.m4b", JobPhase.DONE, "tones"),
        QueuedBook(tmp_path, Path(), JobPhase.READY),
    ]
    save_queue(tmp_path, books)
    told = []

    def read(data: bytes) -> None:
        write(tmp_path / QUEUE_NAME, data)
        told.append(load_queue(tmp_path)[1])

    assert ends_of(tries("queue", (tmp_path / QUEUE_NAME).read_bytes()), read).keys() == {"read"}
    assert sum(message is None for message in told) < N_TRIES < 2 * sum(message is not None for message in told)


def test_settings(tmp_path: Path) -> None:
    path = tmp_path / "settings.json"
    save_settings(path, Settings(voice="Anna", strip_position=(1, 2)))
    assert ends_of(tries("settings", path.read_bytes()), lambda data: load_settings(write(path, data))).keys() == {
        "read"
    }


def test_dictionaries(tmp_path: Path) -> None:
    path = tmp_path / "dictionary.json"
    entries = (Pronunciation("GIF", "jif", "en"), Pronunciation(r"v(\d+)", r"version \1", is_pattern=True))
    write_dictionary(path, entries)
    ends = ends_of(tries("dictionary", path.read_bytes()), lambda data: read_dictionary(write(path, data)))
    assert ends.keys() == {"read", "PronunciationError"}


# --- single ones, each found by a person


@pytest.mark.parametrize("compression", [zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_one_voice_that_cannot_be_unpacked_leaves_the_others(tmp_path: Path, compression: int) -> None:
    library = VoiceLibrary(tmp_path)
    library.add(coded("Anna"))
    whole = voice_bytes(coded("Ben"))
    with zipfile.ZipFile(tmp_path / "Ben.voice", "w", compression) as archive:
        archive.writestr("voice.json", b'{"format": "lectern voice", "version": 1}' * 20)
    data = bytearray((tmp_path / "Ben.voice").read_bytes())
    data[60:90] = bytes(30)  # in the middle of what is packed
    (tmp_path / "Ben.voice").write_bytes(data)
    later = bytearray(whole)
    for at in (i for i in range(len(later)) if later[i : i + 4] == b"PK\x01\x02"):
        later[at + 6] = 99  # the version of zip that it needs
    (tmp_path / "Cid.voice").write_bytes(later)
    assert [(info.id, bool(info.problem)) for info in library.infos()] == [
        ("Anna", False),
        ("Ben", True),
        ("Cid", True),
    ]
    assert library.names() == ("Anna",)


def test_a_header_that_python_cannot_parse(tmp_path: Path) -> None:
    for header in (
        b"{'descr': '<i8', ((((((",
        b"(" * 5000,
        b"'''",
        b"{'descr': '<i8', 'fortran_order': False, 'shape': (9" + b"9" * 60 + b",), }",
    ):
        size = len(header) + 1
        data = b"\x93NUMPY\x01\x00" + size.to_bytes(2, "little") + header + b"\n" + npy(CODES)[128:]
        with pytest.raises(CodesFileError):
            read_codes(write(tmp_path / "a.npy", data), None)


def test_what_is_nested_deeply_is_no_json(tmp_path: Path, project_folder: Path) -> None:
    for data in (DEEP, b'{"a":' * 100_000):
        with pytest.raises(ValueError, match="nested too deeply"):
            parse_json(data)
        assert load_queue(write(tmp_path / QUEUE_NAME, data).parent)[1] is not None
        assert load_settings(write(tmp_path / "settings.json", data))[1] is not None
        with pytest.raises(EngineError):
            read_dictionary(write(tmp_path / "dictionary.json", data))
        write(project_folder / "edits.json", data)
        with pytest.raises(NarrationError):
            open_project(project_folder)


def test_numbers_that_are_texts_are_none(project_folder: Path) -> None:
    path = project_folder / "sentences.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    with Project(project_folder, is_writer=False) as project:
        key = lines[0]["key"]
        assert project.sounds.take(key) is not None
    for name in ("n_samples", "attempt", "crc32", "chars"):
        changed = [
            {**line, name: str(line[name])} if line.get("key") == key and name in line else line for line in lines
        ]
        path.write_text("".join(f"{json.dumps(line)}\n" for line in changed))
        with Project(project_folder, is_writer=False) as project:
            assert project.sounds.take(key) is None, f"{name} is a text"


def test_what_a_library_raises_becomes_an_error_of_ours() -> None:
    """Each by a real call, with what it is known to raise."""
    from lxml.etree import LxmlError

    def refusal(error: BaseException) -> VoiceError:
        return VoiceError("damaged", "x", detail=str(error))

    for library, raised in ((Library.HTML, LxmlError("no")), (Library.NUMPY, zipfile.BadZipFile())):
        with pytest.raises(VoiceError), foreign(library, refusal):
            raise raised
