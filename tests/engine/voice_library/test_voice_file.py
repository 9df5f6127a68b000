"""A voice's file: what goes in comes out, and what comes from elsewhere is believed in nothing."""

from __future__ import annotations

import io
import json
import pickle
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from kept_voices import CODES, coded, recorded

from engine import VoiceError
from engine.voice_library import StoredVoice, VoiceRecording
from engine.voice_library.voice_file import read_voice_file, read_voice_info, voice_bytes, write_voice_file

HEADER = {
    "format": "lectern voice",
    "version": 1,
    "name": "Anna",
    "language": "en",
    "notes": "",
    "recordings": [{"text": "Hello.", "seconds": 0.3, "codes": "0.npy", "sound": None}],
}
"""As the format's description has it."""


def npy(array: np.ndarray, *, allow_pickle: bool = False) -> bytes:
    file = io.BytesIO()
    np.save(file, array, allow_pickle=allow_pickle)
    return file.getvalue()


def archive(parts: dict[str, bytes], *, stored: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return file.getvalue()


def file_of(header: Any, **parts: bytes) -> bytes:
    content = header if isinstance(header, bytes) else json.dumps(header).encode()
    return archive(
        {"voice.json": content, **{name.replace("_", ".").lstrip("n"): data for name, data in parts.items()}}
    )


def test_what_is_written_is_read(tmp_path: Path) -> None:
    both = replace(recorded("x").recordings[0], codes=CODES)
    voice = StoredVoice("Zoë 你好 🎙", (coded("x").recordings[0], both), "zh", "Zeile\nund \u201eZeichen\u201c")
    path = tmp_path / "a.voice"
    write_voice_file(path, voice)
    read = read_voice_file(path)
    assert (read.name, read.language, read.notes) == (voice.name, "zh", voice.notes)
    for found, wanted in zip(read.recordings, voice.recordings, strict=True):
        assert (found.text, found.flac, round(found.seconds, 3)) == (wanted.text, wanted.flac, round(wanted.seconds, 3))
        assert found.codes is not None
        np.testing.assert_array_equal(found.codes, CODES)
        assert found.codes.dtype == np.int64
    info = read_voice_info(path)
    assert (info.id, info.name, info.n_recordings, info.is_encoded, info.has_sound) == ("a", voice.name, 2, True, True)
    assert info.seconds == pytest.approx(0.779, abs=0.001)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["a.voice"], "nothing is left beside it"


def test_the_same_voice_gives_the_same_bytes() -> None:
    assert voice_bytes(coded("Anna")) == voice_bytes(coded("Anna"))
    assert len(voice_bytes(coded("Anna"))) < 1000


def test_a_file_as_the_description_has_it(tmp_path: Path) -> None:
    (tmp_path / "a.voice").write_bytes(file_of(HEADER, n0_npy=npy(CODES.astype(np.int32))))
    np.testing.assert_array_equal(read_voice_file(tmp_path / "a.voice").recordings[0].codes, CODES)


class Bomb:
    def __reduce__(self) -> Any:
        return Path.touch, (Path("exploded"),)


def but(**changes: Any) -> dict[str, Any]:
    return HEADER | changes


def with_recording(**changes: Any) -> dict[str, Any]:
    return but(recordings=[HEADER["recordings"][0] | changes])  # type: ignore[index]


GOOD_CODES = npy(CODES)
HOSTILE: dict[str, Callable[[], bytes]] = {
    "nothing": lambda: b"",
    "a text": lambda: b"this is no archive",
    "a pickle": lambda: pickle.dumps(Bomb()),
    "no header": lambda: archive({"0.npy": GOOD_CODES}),
    "another's header": lambda: file_of(but(format="another"), n0_npy=GOOD_CODES),
    "no version": lambda: file_of(but(version=None), n0_npy=GOOD_CODES),
    "true as a version": lambda: file_of(but(version=True), n0_npy=GOOD_CODES),
    "a list": lambda: file_of([1, 2], n0_npy=GOOD_CODES),
    "no UTF-8": lambda: file_of(b"\xff\xfe{}", n0_npy=GOOD_CODES),
    "deeply nested": lambda: file_of(b"[" * 200_000, n0_npy=GOOD_CODES),
    "a name that escapes": lambda: file_of(but(name="../../evil"), n0_npy=GOOD_CODES),
    "a name that turns": lambda: file_of(but(name="a\u202eb"), n0_npy=GOOD_CODES),
    "half a sign": lambda: file_of(json.dumps(HEADER).replace("Anna", "\\ud800").encode(), n0_npy=GOOD_CODES),
    "an unknown language": lambda: file_of(but(language="xx"), n0_npy=GOOD_CODES),
    "endless notes": lambda: file_of(but(notes="x" * 100_000), n0_npy=GOOD_CODES),
    "no recordings": lambda: file_of(but(recordings=[]), n0_npy=GOOD_CODES),
    "many recordings": lambda: file_of(but(recordings=HEADER["recordings"] * 100), n0_npy=GOOD_CODES),
    "no transcript": lambda: file_of(with_recording(text=" "), n0_npy=GOOD_CODES),
    "an infinite length": lambda: file_of(with_recording(seconds=float("inf")), n0_npy=GOOD_CODES),
    "neither codes nor sound": lambda: file_of(with_recording(codes=None), n0_npy=GOOD_CODES),
    "codes from elsewhere": lambda: file_of(with_recording(codes="/etc/passwd"), n0_npy=GOOD_CODES),
    "codes that are not there": lambda: file_of(HEADER),
    "a path in the archive": lambda: archive(
        {"voice.json": json.dumps(HEADER).encode(), "0.npy": GOOD_CODES, "../evil": b"x"}
    ),
    "too many parts": lambda: archive({f"{n}.npy": b"" for n in range(60)}),
    "a pickle for codes": lambda: file_of(HEADER, n0_npy=npy(np.array([[Bomb()]]), allow_pickle=True)),
    "real numbers": lambda: file_of(HEADER, n0_npy=npy(CODES.astype(np.float32))),
    "three dimensions": lambda: file_of(HEADER, n0_npy=npy(CODES[None])),
    "columns first": lambda: file_of(HEADER, n0_npy=npy(np.asfortranarray(CODES))),
    "a shape that lies": lambda: file_of(HEADER, n0_npy=GOOD_CODES.replace(b"(2, 6)", b"(9, 9)")),
    "no frames": lambda: file_of(HEADER, n0_npy=npy(np.zeros((2, 0), np.int64))),
    "negative codes": lambda: file_of(HEADER, n0_npy=npy(CODES - 1)),
    "codes beyond any codebook": lambda: file_of(HEADER, n0_npy=npy(CODES + 4096)),
    "a bomb of zeros": lambda: file_of(HEADER, n0_npy=b"\0" * 64 * 2**20),
    "no FLAC": lambda: file_of(with_recording(sound="0.flac"), n0_npy=GOOD_CODES, n0_flac=b"RIFF"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_damaged_or_hostile_file_is_refused(what: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.voice").write_bytes(HOSTILE[what]())
    with pytest.raises(VoiceError) as caught:
        read_voice_file(Path("a.voice"))
    assert caught.value.problem == "damaged"
    assert [path.name for path in tmp_path.iterdir()] == ["a.voice"], "nothing in it was run or unpacked"


def test_a_size_that_lies_unpacks_no_more_than_allowed(tmp_path: Path) -> None:
    data = bytearray(archive({"voice.json": b" " * (2 * 2**20), "0.npy": GOOD_CODES}))
    size = (2 * 2**20).to_bytes(4, "little")
    while (at := data.find(size)) >= 0:
        data[at : at + 4] = (100).to_bytes(4, "little")
    (tmp_path / "a.voice").write_bytes(data)
    with pytest.raises(VoiceError, match="damaged"):
        read_voice_file(tmp_path / "a.voice")


def test_every_cut_and_many_a_flipped_bit_is_noticed_or_harmless(tmp_path: Path) -> None:
    whole = voice_bytes(coded("Anna"))
    path = tmp_path / "a.voice"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(VoiceError, match="damaged"):
            read_voice_file(path)
    dice = random.Random(7)
    for _ in range(400):
        damaged = bytearray(whole)
        damaged[dice.randrange(len(whole))] ^= 1 << dice.randrange(8)
        path.write_bytes(damaged)
        try:
            voice = read_voice_file(path)
        except VoiceError as error:
            assert error.problem in ("damaged", "newer")  # noqa: PT017  either may come of it
        else:
            np.testing.assert_array_equal(voice.recordings[0].codes, CODES)  # what is checksummed is whole


def test_a_later_lectern_s_file_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.voice").write_bytes(file_of(but(version=2), n0_npy=GOOD_CODES))
    with pytest.raises(VoiceError, match="newer"):
        read_voice_file(tmp_path / "a.voice")


def test_what_is_no_file_is_no_voice(tmp_path: Path) -> None:
    for path in (tmp_path / "nothing.voice", tmp_path):
        with pytest.raises(VoiceError, match="unknown"):
            read_voice_file(path)


def test_values_that_hold_nothing_are_not_made() -> None:
    with pytest.raises(AssertionError):
        VoiceRecording("text", 1.0)
