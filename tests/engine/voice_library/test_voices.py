"""Voices in folders, in the original server's layout."""

from pathlib import Path

import numpy as np
import pytest

from engine import AudioFileError, CodesFileError, Voice, VoiceError
from engine.audio import AudioWriter, read_codes, write_codes
from engine.voice_library import load_voice

CODES = np.arange(8, dtype=np.int64).reshape(2, 4)


def encode(samples: np.ndarray) -> np.ndarray:
    """Stands for the codec: the number of samples, as codes."""
    return np.array([[samples.size], [0]])


def load(name: str, folder: Path) -> Voice:
    return load_voice(name, folder, encode, n_codebooks=2)


def make_recording(path: Path, n_samples: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with AudioWriter(path) as writer:
        writer.write(np.zeros(n_samples, np.float32))


def test_recordings_with_transcripts_become_references_in_order(tmp_path: Path) -> None:
    make_recording(tmp_path / "Anna 2/b.flac", 200)
    make_recording(tmp_path / "Anna 2/a.wav", 100)
    (tmp_path / "Anna 2/b.txt").write_text("\ufeffZweiter Satz.\n", encoding="utf-8")
    (tmp_path / "Anna 2/a.lab").write_text("First sentence.", encoding="utf-8")
    voice = load("Anna 2", tmp_path)
    assert voice.name == "Anna 2"
    assert [(r.text, r.codes.tolist()) for r in voice.references] == [
        ("First sentence.", [[100], [0]]),
        ("Zweiter Satz.", [[200], [0]]),
    ]


def test_codes_beside_the_transcript_spare_the_codec(tmp_path: Path) -> None:
    make_recording(tmp_path / "anna/sample.wav", 100)
    (tmp_path / "anna/sample.lab").write_text("Text.")
    write_codes(tmp_path / "anna/sample.npy", CODES.astype(np.int32))
    codes = load("anna", tmp_path).references[0].codes
    np.testing.assert_array_equal(codes, CODES)
    assert codes.dtype == np.int64


def test_a_path_is_a_voice_too(tmp_path: Path) -> None:
    make_recording(tmp_path / "else.where/sample.wav", 100)
    (tmp_path / "else.where/sample.lab").write_text("Text.")
    assert load(str(tmp_path / "else.where"), tmp_path / "voices").name == "else.where"


@pytest.mark.parametrize("name", ["bob", "", "anna.lab", "an\x00na", "x" * 300, "../voices/nobody"])
def test_an_unknown_voice_names_the_known_ones(tmp_path: Path, name: str) -> None:
    for known in ("zoe", "anna", "not.a.name"):
        (tmp_path / known).mkdir()
    with pytest.raises(VoiceError) as caught:
        load(name, tmp_path)
    assert (caught.value.problem, caught.value.known) == ("unknown", ("anna", "zoe"))


def test_a_name_without_a_slash_never_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "voices").mkdir()
    (tmp_path / "sample.lab").write_text("Text.")
    for name in ("..", "."):
        with pytest.raises(VoiceError):
            load(name, tmp_path / "voices")


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    make_recording(tmp_path / "anna/sample.wav", 100)
    with pytest.raises(VoiceError, match="no_transcript"):
        load("anna", tmp_path)
    transcript = tmp_path / "anna/sample.lab"
    for useless in (b" \n", b"\xff\xfe"):
        transcript.write_bytes(useless)
        with pytest.raises(VoiceError, match="no_transcript"):
            load("anna", tmp_path)
    transcript.write_text("Text.")
    (tmp_path / "anna/sample.wav").unlink()
    with pytest.raises(VoiceError, match="no_recording"):
        load("anna", tmp_path)
    (tmp_path / "anna/sample.wav").write_text("no sound")
    with pytest.raises(AudioFileError, match="unreadable"):
        load("anna", tmp_path)


@pytest.mark.parametrize(
    ("array", "problem"),
    [
        (np.zeros((2, 3), np.float32), "dtype"),
        (np.zeros((2, 3), bool), "dtype"),
        (np.zeros(6, np.int64), "shape"),
        (np.zeros((3, 2), np.int64), "shape"),
        (np.zeros((2, 0), np.int64), "shape"),
        (np.array([{"an": "object"}]), "unreadable"),
    ],
)
def test_codes_that_the_codec_cannot_take(tmp_path: Path, array: np.ndarray, problem: str) -> None:
    np.save(tmp_path / "codes.npy", array, allow_pickle=True)
    with pytest.raises(CodesFileError) as caught:
        read_codes(tmp_path / "codes.npy", n_codebooks=2)
    assert caught.value.problem == problem


def test_a_codes_file_that_is_none(tmp_path: Path) -> None:
    np.save(tmp_path / "whole.npy", CODES)
    whole = (tmp_path / "whole.npy").read_bytes()
    for content in (b"", b"text", whole[:-1], whole[:50]):
        (tmp_path / "codes.npy").write_bytes(content)
        with pytest.raises(CodesFileError, match="unreadable"):
            read_codes(tmp_path / "codes.npy", n_codebooks=2)
    with pytest.raises(CodesFileError, match="missing"):
        read_codes(tmp_path / "nothing.npy", n_codebooks=2)
