"""`lectern` with an S1 checkpoint: the tiny one, whose voice is noise and which always reaches its frame cap."""

from __future__ import annotations

import json
import pickle
import re
import shutil
import sys
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.audio import AudioWriter, read_audio
from engine.speech import has_cuda

TINY = Path(__file__).parents[1] / "golden/tiny_s1/checkpoint"
FRAME_SAMPLES = 2048


@pytest.fixture
def lectern_s1(lectern: Any, ready_for_s1: Any) -> Any:
    """`lectern` beside a copy of the tiny checkpoint in `tiny/`, on one thread."""
    lectern.ready = ready_for_s1
    shutil.copytree(TINY, lectern.folder / "tiny")
    lectern.environment["OMP_NUM_THREADS"] = "1"
    return lectern


def make_recording(path: Path, seconds: float) -> np.ndarray:
    samples = (0.3 * np.sin(np.arange(int(44_100 * seconds)) * 0.06)).astype(np.float32)
    with AudioWriter(path) as writer:
        writer.write(samples)
    return samples


def said(done: Any, code: int = 0) -> str:
    text = done.stderr.decode()
    assert done.returncode == code, text
    assert "Traceback" not in text
    return text


@pytest.mark.slow
def test_say_goes_the_whole_way_and_the_same_seed_says_the_same(lectern_s1: Any) -> None:
    arguments = ["say", "Hi.", "--checkpoint", "tiny", "--seed", "7", "-o"]
    text = said(lectern_s1(*arguments, "a.wav"))
    assert text.startswith("Speaking with S1 Mini.\nListen again to “Hi.”: its end was not found in time")
    summary = re.search(
        r"\n(\d+\.\d) s of audio made in .* S1 Mini on CPU \(bfloat16, kernels\), \d.* at most\n$", text
    )
    assert summary
    with wave.open(str(lectern_s1.folder / "a.wav")) as file:
        n_samples = file.getnframes()
    # The attempts that were given up are not in it.
    assert n_samples / 44_100 == pytest.approx(float(summary[1]), abs=0.05)
    assert n_samples % FRAME_SAMPLES == 0
    said(lectern_s1(*arguments, "b.wav"))
    assert (lectern_s1.folder / "a.wav").read_bytes() == (lectern_s1.folder / "b.wav").read_bytes()
    assert lectern_s1.files() == ["a.wav", "b.wav", "tiny"]


@pytest.mark.slow
def test_say_tells_how_it_computed(lectern_s1: Any) -> None:
    ways = {
        "mixed, kernels": ["--precision", "mixed"],
        "int4, kernels": ["--precision", "int4"],
        "float32, eager: switched off": ["--no-compile"],
        "float16, eager: switched off": ["--half", "--no-compile"],
    }
    say = ["say", "Hi.", "--checkpoint", "tiny", "--seed", "3"]  # with which it mostly ends by itself, and soon
    for how, way in ways.items():
        assert f"S1 Mini on CPU ({how}), " in said(lectern_s1(*say, *way, "-o", "a.wav"))


@pytest.mark.slow
def test_a_voice_from_a_folder_and_the_codec_there_and_back(lectern_s1: Any) -> None:
    voice = lectern_s1.folder / "anna"
    voice.mkdir()
    make_recording(voice / "sample.flac", 0.5)
    (voice / "sample.lab").write_text("A short tone.")
    samples = make_recording(lectern_s1.folder / "in.mp3", 1.0)
    n_frames = -(-samples.size // FRAME_SAMPLES)
    tiny = ("--checkpoint", "tiny")
    spoke = said(lectern_s1("say", "Hi.", "--voice", "./anna", "--seed", "7", "-o", "a.wav", *tiny))
    assert spoke.startswith("Speaking with S1 Mini.")
    assert read_audio(lectern_s1.folder / "a.wav").size > FRAME_SAMPLES
    encoded = said(lectern_s1("codec", "encode", "in.mp3", "codes.npy", *tiny))
    assert encoded.startswith(f"Wrote codes.npy: 4 codebooks, {n_frames} frames")
    codes = np.load(lectern_s1.folder / "codes.npy")
    assert (codes.shape, codes.dtype) == ((4, n_frames), np.int64)
    said(lectern_s1("codec", "decode", "codes.npy", "out.flac", *tiny))
    assert read_audio(lectern_s1.folder / "out.flac").size == n_frames * FRAME_SAMPLES
    assert lectern_s1.files() == ["a.wav", "anna", "codes.npy", "in.mp3", "out.flac", "tiny"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="kernels are compiled on Linux alone")
def test_the_codec_decodes_with_kernels_of_this_computer_unless_they_are_switched_off(
    lectern_s1: Any, tmp_path: Path
) -> None:
    save_codes(lectern_s1.folder / "codes.npy", np.random.default_rng(5).integers(0, 1000, (4, 12)))
    lectern_s1.environment["XDG_CACHE_HOME"] = str(tmp_path / "cache")
    arguments = ["codec", "decode", "codes.npy", "--checkpoint", "tiny", "--device", "cpu"]
    said(lectern_s1(*arguments, "plain.wav", "--no-compile"))
    assert not (tmp_path / "cache").exists()
    said(lectern_s1(*arguments, "fast.wav"))
    assert [path.name.split("-")[0] for path in (tmp_path / "cache" / "lectern").iterdir()] == ["codec"]
    plain, fast = (read_audio(lectern_s1.folder / f"{name}.wav") for name in ("plain", "fast"))
    assert np.abs(plain).max() > 0.01
    np.testing.assert_allclose(fast, plain, atol=1e-3)


class RunsCode:
    """A pickle of this makes a file when it is loaded."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __reduce__(self) -> tuple[Any, tuple[Any, ...]]:
        return Path.touch, (self._path,)


def spoil(folder: Path, how: str) -> None:
    model = folder / "model.pth"
    if how == "missing":
        model.unlink()
    elif how == "truncated":
        model.write_bytes(model.read_bytes()[:100_000])
    elif how == "corrupt":
        model.write_bytes(bytes(1000))
    elif how == "malicious":
        model.write_bytes(pickle.dumps(RunsCode(folder.parent / "owned"), protocol=2))
    elif how == "config":
        config = folder / "config.json"
        config.write_text(re.sub(r'"dim": (\d+)', lambda m: f'"dim": {2 * int(m[1])}', config.read_text()))
    elif how == "config is no JSON":
        (folder / "config.json").write_text("{")


def test_a_bad_checkpoint_or_voice_is_a_sentence(lectern_s1: Any) -> None:
    ways = ("missing", "truncated", "corrupt", "malicious", "config", "config is no JSON")
    names = [f"tiny, {how}" for how in ways]
    for name, how in zip(names, ways, strict=True):
        shutil.copytree(TINY, lectern_s1.folder / name)
        spoil(lectern_s1.folder / name, how)
    for name in names:
        last = said(lectern_s1("say", "Hi.", "--checkpoint", name, "-o", "a.wav"), 2).splitlines()[-1]
        assert name in last
        assert last.startswith("lectern: ")
    no_voice = lectern_s1("say", "Hi.", "--voice", "nobody", "--checkpoint", "tiny", "-o", "a.wav")
    assert "There is no voice nobody." in said(no_voice, 2)
    assert lectern_s1.files() == sorted(["tiny", *names])


def save_codes(path: Path, codes: np.ndarray) -> None:
    np.save(path, codes, allow_pickle=True)


def test_what_the_codec_cannot_take(lectern_s1: Any) -> None:
    cases = (
        (["encode", "no.wav", "out"], "There is no recording no.wav."),
        (["encode", "zero.wav", "out"], "The recording zero.wav is 0 seconds long."),
        (["encode", "text.wav", "out"], "The recording text.wav cannot be read"),
        (["encode", "tone.wav", "no/out.npy"], "The folder for no/out.npy does not exist."),
        (["decode", "no.npy", "out.wav"], "There is no codes file no.npy."),
        (["decode", "floats.npy", "out.wav"], "The codes in floats.npy are float64"),
        (["decode", "rows.npy", "out.wav"], "The codes in rows.npy have the shape (7, 3)"),
        (["decode", "object.npy", "out.wav"], "object.npy is not a NumPy array file that can be read"),
        (["decode", "tone.wav", "out.wav"], "tone.wav is not a NumPy array file that can be read"),
    )
    folder = lectern_s1.folder
    make_recording(folder / "tone.wav", 0.2)
    make_recording(folder / "zero.wav", 0)
    (folder / "text.wav").write_text("no sound")
    save_codes(folder / "floats.npy", np.zeros((4, 3)))
    save_codes(folder / "rows.npy", np.zeros((7, 3), np.int64))
    save_codes(folder / "object.npy", np.array([RunsCode(folder / "owned")], dtype=object))
    before = lectern_s1.files()
    for arguments, sentence in cases:
        assert sentence in said(lectern_s1("codec", *arguments, "--checkpoint", "tiny"), 2)
    assert lectern_s1.files() == before


def test_without_a_gpu_a_checkpoint_that_was_only_found_gives_way_and_says_so(lectern_s1: Any) -> None:
    if has_cuda():
        pytest.skip("there is a GPU here, so S1 Mini speaks")
    lectern_s1.environment["LECTERN_CHECKPOINT"] = "tiny"
    text = said(lectern_s1("say", "Hi.", "-o", "a.wav"))
    assert "because there is no NVIDIA GPU. Pass --device cpu to hear S1 Mini, slowly." in text
    assert "built-in voice on CPU" in text
    assert "PyTorch finds no NVIDIA GPU here." in said(lectern_s1("say", "Hi.", "-o", "b.wav", "--device", "cuda"), 2)
    assert lectern_s1.files() == ["a.wav", "tiny"]


def test_bench_prints_a_table_and_last_one_json_document(lectern_s1: Any) -> None:
    options = ["--checkpoint", "tiny", "--device", "cpu", "--no-compile", "--frames", "8", "--json", "speed.json"]
    done = lectern_s1("bench", *options)
    assert said(done) == "Wrote speed.json\n"
    *table, last = done.stdout.decode().splitlines()
    document = json.loads(last)
    assert json.loads((lectern_s1.folder / "speed.json").read_text()) == document
    assert document["settings"]["frames"] == 8
    assert [line.partition("  ")[0] for line in table][:4] == ["Device", "Weights", "Loading, warming up", "Frames"]
    assert f"{document['decode']['frames_per_s']:.1f} a second" in table[3]
    refused = said(lectern_s1("bench", "--batch", "99"), 2)
    assert refused == "lectern: The option batch cannot be 99. It can be 1 to 64.\n"
    unwritable = lectern_s1("bench", "--checkpoint", "tiny", "--json", "no/speed.json")
    assert "no/speed.json does not exist" in said(unwritable, 2)
