"""Which precision a CPU takes when nobody asks for one: by what it measures, once; it starts in any case."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

import numpy as np
import pytest
from at_once import slow_but

from engine.errors import DeviceError, OutputError
from engine.s1.decode import decoder as decoding
from engine.s1.decode import rounding
from engine.s1.decode.attempts import MAX_LOST_ATTEMPTS
from engine.s1.native.codec_kernels import CodecKernels
from engine.s1.native.kernels import Kernels
from engine.speech import keeping_up
from engine.speech.bench import BenchOptions, run_bench
from engine.speech.keeping_up import measure, most_exact_that_keeps_up, open_parts
from engine.speech.s1_engine import S1Engine
from engine.types import CancelToken, PcmChunk, SpeechOptions, SpeechRequest

FAST, MIDDLING, SLOW = (0.3, 0.2), (1.0, 0.2), (1.3, 0.4)
"""Seconds that frames of bf16, and the codec, take for a second of sound."""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    for one in (Kernels, CodecKernels):
        one(folder)
    return folder


@pytest.fixture
def cache(library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder where the libraries are compiled already; little is said to round by."""
    monkeypatch.setattr(rounding, "TEXTS", ("One.", "And two."))
    monkeypatch.setattr(rounding, "N_FRAMES", 5)
    return Path(shutil.copytree(library, tmp_path / "cache"))


class Measuring:
    """Says how fast the computer is, instead of measuring it, and counts how often it was asked."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds, self.n_times = FAST, 0
        monkeypatch.setattr(keeping_up, "measure", self._say)

    def _say(self, *_: object) -> tuple[float, float]:
        self.n_times += 1
        return self.seconds


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Measuring:
    return Measuring(monkeypatch)


def taken(folder: Path, cache: Path, precision: str = "auto") -> str:
    decoder, _ = open_parts(folder, "cpu", precision, cache)
    return decoder.precision.name


def sound(folder: Path, cache: Path, precision: str = "auto") -> tuple[str, np.ndarray]:
    engine = S1Engine.load(folder, "cpu", precision, cache_folder=cache)
    request = SpeechRequest("So be it.", options=SpeechOptions(seed=1, language="en", max_attempts=1))
    chunks = [e.samples for e in engine.speak(request, CancelToken()) if isinstance(e, PcmChunk)]
    precision = engine.status().precision
    engine.close()
    return precision, np.concatenate(chunks)


@pytest.mark.parametrize(
    ("frame_ms", "codec_s", "best"),
    [
        (10, 0.05, "bfloat16"),  # a large server
        (35, 0.12, "bfloat16"),
        (51, 0.15, "int8"),  # two channels of DDR4
        (68.1, 0.35, "mixed"),  # two cores of a server, where int8 falls behind
        (95, 0.43, "mixed"),  # and where everything does
        (0, 2.0, "mixed"),
    ],
)
def test_the_most_exact_that_keeps_up(frame_ms: float, codec_s: float, best: str) -> None:
    assert most_exact_that_keeps_up(frame_ms / 1000 * 44_100 / 2048, codec_s) == best


@pytest.mark.parametrize("case", slow_but([(SLOW, "mixed")], [(FAST, "bfloat16"), (MIDDLING, "int8"), (SLOW, "mixed")]))
def test_it_is_found_once_and_then_taken(
    case: tuple[tuple[float, float], str], tiny_checkpoint: Path, cache: Path, measuring: Measuring
) -> None:
    seconds, best = case
    measuring.seconds = seconds
    first, samples = sound(tiny_checkpoint, cache)
    measuring.seconds = FAST
    again, same = sound(tiny_checkpoint, cache)
    asked, of_asked = sound(tiny_checkpoint, cache, best)
    assert (first, again, asked, measuring.n_times) == (best, best, best, 1)
    assert np.array_equal(samples, same)
    assert np.array_equal(samples, of_asked)


def test_who_asks_for_one_gets_it(tiny_checkpoint: Path, cache: Path, measuring: Measuring) -> None:
    measuring.seconds = SLOW
    assert taken(tiny_checkpoint, cache, "bfloat16") == "bfloat16"
    assert measuring.n_times == 0


@pytest.mark.parametrize("kept", [b"", b"[]", b'{"another computer": "mixed"}'])
def test_what_cannot_be_read_or_is_of_another_computer_counts_as_none(
    kept: bytes, tiny_checkpoint: Path, cache: Path, measuring: Measuring
) -> None:
    (cache / "precision.json").write_bytes(kept)
    measuring.seconds = MIDDLING
    assert taken(tiny_checkpoint, cache) == "int8"
    assert taken(tiny_checkpoint, cache) == "int8"
    assert measuring.n_times == 1


def test_a_precision_that_is_known_no_more_is_found_anew(
    tiny_checkpoint: Path, cache: Path, measuring: Measuring
) -> None:
    taken(tiny_checkpoint, cache)
    path = cache / "precision.json"
    path.write_text(path.read_text().replace("bfloat16", "int3"))
    assert taken(tiny_checkpoint, cache) == "bfloat16"
    assert measuring.n_times == 2


def test_it_is_found_for_each_number_of_threads(
    tiny_checkpoint: Path, cache: Path, measuring: Measuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken(tiny_checkpoint, cache)
    measuring.seconds = MIDDLING
    with monkeypatch.context() as patch:
        patch.setattr("torch.get_num_threads", lambda: 7)
        assert taken(tiny_checkpoint, cache) == "int8"
    assert taken(tiny_checkpoint, cache) == "bfloat16"
    assert measuring.n_times == 2


def test_where_nothing_can_be_kept_it_is_found_each_time(
    tiny_checkpoint: Path,
    cache: Path,
    measuring: Measuring,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OutputError("disk_full", path)

    monkeypatch.setattr(keeping_up, "write_whole", refuse)
    measuring.seconds = MIDDLING
    with caplog.at_level(logging.WARNING):
        assert [taken(tiny_checkpoint, cache) for _ in range(2)] == ["int8"] * 2
    assert "cannot be kept" in caplog.text
    assert measuring.n_times == 2


def test_without_memory_for_rounding_the_exact_one_speaks(
    tiny_checkpoint: Path, cache: Path, measuring: Measuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    measuring.seconds = SLOW
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "FastRounding", no_memory)
        assert taken(tiny_checkpoint, cache) == "bfloat16"
    assert taken(tiny_checkpoint, cache) == "mixed"  # another time there was


def no_memory(*_: object) -> None:
    raise DeviceError("out_of_memory", "cpu")


def test_what_took_the_process_down_twice_is_not_tried_again(
    tiny_checkpoint: Path, cache: Path, measuring: Measuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException): ...

    def kill(*_: object) -> None:
        raise Killed

    measuring.seconds = SLOW
    with monkeypatch.context() as patch:
        patch.setattr(decoding, "FastRounding", kill)
        patch.setattr("pathlib.Path.unlink", lambda *_, **__: None)  # a process that is gone tidies nothing up
        for _ in range(MAX_LOST_ATTEMPTS):
            with pytest.raises(Killed):
                taken(tiny_checkpoint, cache)
    assert taken(tiny_checkpoint, cache) == "bfloat16"


@pytest.mark.slow
def test_this_computer_is_measured(tiny_checkpoint: Path, cache: Path) -> None:
    """The tiny model is faster than speech on whatever runs this."""
    frames_s, codec_s = measure(*open_parts(tiny_checkpoint, "cpu", "auto", cache))
    assert 0 < frames_s < 1000
    assert 0 < codec_s < 1000
    document = run_bench(BenchOptions(tiny_checkpoint, "cpu", cache_folder=cache, n_frames=9))
    assert document["settings"]["precision"] == "bfloat16"


def test_a_model_that_says_nothing_is_opened_all_the_same(
    tiny_checkpoint: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping_up, "generate", lambda *_: iter(()))
    assert taken(tiny_checkpoint, cache) == "bfloat16"


def test_without_kernels_nothing_is_measured(
    tiny_checkpoint: Path, tmp_path: Path, measuring: Measuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    measuring.seconds = SLOW
    cache = tmp_path / "cache"
    assert taken(tiny_checkpoint, cache) == "float32"
    assert measuring.n_times == 0
    assert not (cache / "precision.json").exists()


def test_found_with_kernels_it_is_not_taken_without(
    tiny_checkpoint: Path, cache: Path, tmp_path: Path, measuring: Measuring, monkeypatch: pytest.MonkeyPatch
) -> None:
    measuring.seconds = SLOW
    assert taken(tiny_checkpoint, cache) == "mixed"
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    assert taken(tiny_checkpoint, cache) == "float32"
