"""The network of hibari-tts: phonemes become a spectrum, and the length of each. Loading it takes half a second."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Unfinished
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.builtin.espeak import loaded_espeak
from engine.builtin.neural.phonemes import from_ipa
from engine.builtin.neural.reading import has_foreign_letters
from engine.errors import BuiltInVoiceError
from engine.files.foreign import Library, foreign, reason_of
from engine.machine.cpp_runtime import missing_cpp_runtime

if TYPE_CHECKING:
    from hibari.g2p import G2P

VOICE = "heart"
"""The one that comes in the package: American. The British ones have to be downloaded, so there is none here."""
SAMPLE_RATE_HZ = 24_000
DURATION_SAMPLES = 600
"""The unit of a phoneme's length: 25 ms."""
POLL_S = 0.01
"""How often it is looked whether a sentence is still wanted, while it is computed."""

_DURATIONS = "/Cast_32_output_0"
_SPECTRUM = ("lh", "theta", "ln", "lr", "phi", "f0")
_ESPEAK_VOICE = "gmw/en-US"

_OPEN: weakref.WeakValueDictionary[str, Network] = weakref.WeakValueDictionary()
_OPENING = threading.Lock()
# Module state: the 150 MB are immutable, and all engines of a process share them as long as there is one.


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the network says of a row of phonemes.

    `durations`: int64 `(n_phonemes + 2,)`, in `DURATION_SAMPLES`, with the silence before and after. The spectrum has
    frames of 12.5 ms: `harmonic`, `phase`, `noise`, `rest` and `rest_phase` are float32 `(601, n_frames)`, `f0_hz` is
    float32 `(n_frames,)`.
    """

    durations: np.ndarray
    harmonic: np.ndarray
    phase: np.ndarray
    noise: np.ndarray
    rest: np.ndarray
    rest_phase: np.ndarray
    f0_hz: np.ndarray


class Network:
    """Holds the network and the lexicon. Get it from `open_network`; any thread may use it."""

    def __init__(self) -> None:
        ort = _onnxruntime()
        with foreign(Library.VOICE, _unusable):
            from hibari.g2p import G2P
            from hibari.voices import ASSETS, VOICES

            model = Path(ASSETS, VOICES[VOICE]["file"]).read_bytes()
            if hashlib.sha256(model).hexdigest() != VOICES[VOICE]["sha256"]:
                raise BuiltInVoiceError("its model file is damaged")
            self._ids: dict[str, int] = json.loads(Path(ASSETS, "vocab.json").read_text(encoding="utf-8"))
            options = ort.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1  # more bring nothing, for so small a one
            options.log_severity_level = 4  # what fails is raised, and not written to the terminal besides
            self._session = ort.InferenceSession(
                with_output(model, _DURATIONS), options, providers=["CPUExecutionProvider"]
            )
            self._run_options: Callable[[], Any] = ort.RunOptions
            self.g2p: G2P = G2P(oov=_unknown_word)

    def knows(self, phoneme: str) -> bool:
        return phoneme in self._ids

    def predict(self, phonemes: str, is_cancelled: Callable[[], bool]) -> Prediction | None:
        """Predict the sound of `phonemes`, each of which the network `knows`; None when cancelled.

        A row of 400 takes 0.3 s, so `is_cancelled` is polled while it is computed. Raises `BuiltInVoiceError`.
        """
        ids = np.array([[0, *(self._ids[sign] for sign in phonemes), 0]], np.int64)
        inputs = {"ids": ids, "speed": np.ones(1, np.float32)}
        run_options = self._run_options()
        run_options.log_severity_level = 4
        with ThreadPoolExecutor(1, "natural-voice") as thread:
            running = thread.submit(self._session.run, [_DURATIONS, *_SPECTRUM], inputs, run_options)
            if not _awaited(running, is_cancelled):
                run_options.terminate = True
                return None
            with foreign(Library.VOICE, _unusable):
                durations, *spectrum = running.result()
        return Prediction(durations.reshape(-1), *(part[0] for part in spectrum))


def open_network() -> Network:
    """Return this process's network, which is loaded when nobody else holds it. Raises `BuiltInVoiceError`."""
    with _OPENING:
        network = _OPEN.get(VOICE)
        if network is None:
            network = _OPEN[VOICE] = Network()
        return network


def with_output(model: bytes, name: str) -> bytes:
    """Return an ONNX `model` that gives its inner value `name` out as well.

    A protobuf message goes on where it ended: what is appended is joined to the fields that are there. So this is a
    `ModelProto` with nothing but a graph (field 7), with nothing but an output (12), with nothing but a name (1).
    """

    def field(number: int, content: bytes) -> bytes:
        assert len(content) < 128  # its length is one byte
        return bytes([number << 3 | 2, len(content)]) + content

    return model + field(7, field(12, field(1, name.encode())))


def _awaited(running: Future[Any], is_cancelled: Callable[[], bool]) -> bool:
    """Wait until it is done; False when it was cancelled."""
    while not is_cancelled():
        try:
            running.exception(POLL_S)
        except Unfinished:
            continue
        return True
    return False


def _onnxruntime() -> ModuleType:
    """Import onnxruntime, so that it reports nothing to anybody.

    From 1.29 it queues messages under the cache folder unless this variable is there when it is imported; on Windows
    the switch is needed besides.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    if missing := missing_cpp_runtime():
        raise BuiltInVoiceError(", ".join(missing), "no_runtime")
    with foreign(Library.VOICE, _unusable):
        ort = import_module("onnxruntime")
        ort.disable_telemetry_events()
    return ort


def _unusable(error: BaseException) -> BuiltInVoiceError:
    return BuiltInVoiceError(f"it cannot be used: {reason_of(error)}")


def _unknown_word(word: str) -> str:
    """Return the phonemes of a word that the lexicon lacks, by espeak-ng; none for a word in another script."""
    if has_foreign_letters(word):
        return ""
    with loaded_espeak() as espeak:
        espeak.select(_ESPEAK_VOICE)
        return from_ipa(espeak.phonemes(word))
