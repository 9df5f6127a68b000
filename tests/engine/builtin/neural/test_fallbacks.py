"""Where the natural voice cannot be used, espeak-ng speaks, and one sentence says why."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.builtin import BuiltInVoice, NaturalVoice
from engine.builtin.neural import model
from engine.builtin.versions import builtin_version, natural_version
from engine.errors import BuiltInVoiceError
from engine.types import CancelToken, PcmChunk, SpeechOptions, SpeechRequest, Voice

MODEL, LEXICON, VOCABULARY = "hibari.onnx", "lexicon_us_gold.json.gz", "vocab.json"


def samples_of(engine: BuiltInVoice, voice: str = "") -> np.ndarray:
    request = SpeechRequest("Hello there, Nguyen.", Voice(voice), SpeechOptions(language="en"))
    events = engine.speak(request, CancelToken())
    return np.concatenate([event.samples for event in events if isinstance(event, PcmChunk)])


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the wheel's data, from which this process takes it as if it were the first time."""
    import hibari.g2p
    import hibari.voices

    copy = tmp_path / "assets"
    shutil.copytree(hibari.voices.ASSETS, copy)
    monkeypatch.setattr(hibari.voices, "ASSETS", str(copy))
    monkeypatch.setattr(hibari.g2p, "ASSETS", str(copy))
    monkeypatch.setattr(model, "_OPEN", {})
    return copy


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def fill(path: Path) -> None:
    path.write_bytes(b"\x00\xff" * 500)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        *((MODEL, Path.unlink), (MODEL, cut), (MODEL, flip), (MODEL, fill)),
        *((LEXICON, Path.unlink), (LEXICON, cut), (LEXICON, flip), (VOCABULARY, Path.unlink), (VOCABULARY, fill)),
    ],
)
def test_a_spoilt_wheel(assets: Path, name: str, spoil: Callable[[Path], Any]) -> None:
    spoil(assets / name)
    engine = BuiltInVoice()
    assert np.array_equal(samples_of(engine), samples_of(engine, "built-in/espeak"))
    status = engine.status()
    assert status.precision == "espeak-ng 1.52.0"
    assert status.how.startswith("without the natural voice: it")
    assert len(status.how) < 260
    with pytest.raises(BuiltInVoiceError, match="the natural voice: it"):
        NaturalVoice()


@pytest.mark.parametrize("missing", ["hibari.voices", "hibari.g2p", "onnxruntime"])
def test_a_package_is_missing(assets: Path, monkeypatch: pytest.MonkeyPatch, missing: str) -> None:
    assert assets.is_dir()
    monkeypatch.setitem(sys.modules, missing, None)
    engine = BuiltInVoice()
    assert np.array_equal(samples_of(engine), samples_of(engine, "built-in/espeak"))
    assert engine.status().how.startswith("without the natural voice: it cannot be used")


def test_what_fails_in_the_middle_is_said_by_espeak(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = BuiltInVoice()
    whole = samples_of(engine)
    assert engine.status().how == ""

    def fail(*_: object) -> None:
        raise BuiltInVoiceError("its computation failed")

    monkeypatch.setattr(model.Network, "predict", fail)
    assert np.array_equal(samples_of(engine), samples_of(engine, "built-in/espeak"))
    monkeypatch.undo()
    monkeypatch.setattr("engine.builtin.mixing.rows_of", fail)
    assert np.array_equal(samples_of(engine), samples_of(engine, "built-in/espeak"))
    assert engine.status().how == "without the natural voice: its computation failed"
    monkeypatch.undo()
    assert np.array_equal(samples_of(engine), whole)


def test_what_was_spoken_without_it_is_spoken_anew_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """A narration keeps sounds by the engine's release."""
    kana = version("pykakasi")
    assert natural_version() == "0.2.1"
    assert builtin_version() == f"0.2.4+{kana}+0.2.1"

    def not_installed(name: str) -> str:
        if name == "hibari-tts":
            raise PackageNotFoundError(name)
        return "0.2.4"

    monkeypatch.setattr("importlib.metadata.version", not_installed)
    assert builtin_version() == "0.2.4+0.2.4"
