"""S1 Mini opened as this computer keeps up with it. On a CPU, where nobody asks for a precision, that is the most exact
one that is faster than speech: tried once, and remembered."""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from engine.errors import DeviceError, OutputError
from engine.files.disk import write_whole
from engine.files.json_files import json_bytes, object_in
from engine.machine.device import choose_device
from engine.machine.memory import give_back_memory
from engine.s1.checkpoint import load_codec, load_dual_ar, read_model_config
from engine.s1.decode import AttemptMemo, Decoder, generate, open_decoder
from engine.s1.model import CodecModel, DualAr, Sampler, Tokenizer, build_prompt
from engine.s1.native import NativeDualAr, find_processor
from engine.speech.codec import Codec, DecodeStream

log = logging.getLogger(__name__)

EXACT, FASTEST = "bfloat16", "mixed"
MEGABYTES = {EXACT: 2063, "int8": 1045, FASTEST: 833}
"""What a frame reads of S1 Mini's weights, the most exact first (tests/bench/RESULTS.md). A CPU waits for them, so its
frames take as long as these are many."""
MAX_RTF = 0.9
"""Seconds of work for a second of sound. With less to spare, what else the computer does would be heard as pauses."""
VERSION = 1
"""Of the kernels' speed and of what is remembered; with another number every computer tries again."""
_TEXT = "The kettle had begun to sing before anybody in the house was awake."
_N_FRAMES, _N_TRIES = 16, 3


def open_parts(
    folder: Path,
    device: str,
    precision: str,
    cache_folder: Path | None,
    compiling: Callable[[float], object] = lambda _: None,
    before_codec: Callable[[], object] = lambda: None,
    load: Callable[..., tuple[Tokenizer, DualAr]] = load_dual_ar,
    load_sound: Callable[..., CodecModel] = load_codec,
) -> tuple[Decoder, Codec]:
    """Open the transformer and the codec in `folder`, as `open_decoder` and `Codec.load` do; `before_codec` is called
    between them.

    On a CPU with compiled kernels, "auto" is found out the first time: where bf16 is too slow, that loads twice. Raises
    `CheckpointError`, `DeviceError` or `OptionError`.
    """
    target = choose_device(device)

    def open_with(name: str) -> Decoder:
        return open_decoder(folder, target, precision, cache_folder, compiling, load, name)

    def open_codec() -> Codec:
        before_codec()
        return Codec.load(folder, device, load_sound, cache_folder)

    if precision != "auto" or target.type != "cpu" or cache_folder is None:
        return open_with(EXACT), open_codec()
    found = FoundPrecision(cache_folder / "precision.json", _this_computer(folder))
    known = found.read()
    decoder, codec = open_with(known or EXACT), open_codec()
    if known is not None or not isinstance(decoder.model, NativeDualAr):
        return decoder, codec
    best = most_exact_that_keeps_up(*measure(decoder, codec))
    if best != EXACT:
        memo = AttemptMemo(cache_folder / "precision-attempt.json", found.key)
        if memo.why_not(best):
            return decoder, codec
        log.info("%s is slower than speech here: %s is taken", EXACT, best)
        del decoder  # there may not be memory for both
        give_back_memory(target)
        compiling(0.0)
        try:
            with memo.attempt(best):  # for a while, rounding takes more memory
                decoder = open_with(best)
        except DeviceError as error:
            log.warning("no memory for %s: %s", best, error)
            return open_with(EXACT), codec
    found.write(best)
    return decoder, codec


def most_exact_that_keeps_up(frames_s: float, codec_s: float) -> str:
    """Choose by the seconds that bf16's frames, and the codec, take for a second of sound. Where nothing keeps up, what
    falls behind least."""
    exact_s = frames_s / MEGABYTES[EXACT]
    keep_up = (name for name, megabytes in MEGABYTES.items() if exact_s * megabytes + codec_s <= MAX_RTF)
    return next(keep_up, FASTEST)


def measure(decoder: Decoder, codec: Codec) -> tuple[float, float]:
    """Return the seconds that frames, and the codec, take for a second of sound. It is the best of what was tried,
    because what else a computer does now it will not do for ever. Frames that a model does not make take no time."""
    prompt = torch.from_numpy(build_prompt(decoder.tokenizer, codec.n_codebooks, (), _TEXT))
    best_s: list[float] = []
    for seed in range(_N_TRIES):
        sampler = Sampler(0.8, 0.8, 1.1, torch.Generator().manual_seed(seed))
        at_s = [time.perf_counter() for _ in generate(decoder.rows_for_one(), prompt, sampler, _N_FRAMES)]
        best_s += np.diff(at_s).tolist()  # without the first frame, for which the prompt is read
    codes = np.zeros((codec.n_codebooks, _N_FRAMES), dtype=np.int64)
    codec_s = min(DecodeStream(codec).begin(codes).seconds for _ in range(_N_TRIES))
    frame_s = codec.frame_length / codec.sample_rate
    return min(best_s, default=0.0) / frame_s, codec_s / (_N_FRAMES * frame_s)


class FoundPrecision:
    """What was found for one computer and one size of model (`key`), in a file with that of others. One that cannot be
    read counts as none."""

    def __init__(self, path: Path, key: str) -> None:
        self._path, self.key = path, key

    def read(self) -> str | None:
        name = object_in(self._path).get(self.key)
        return name if isinstance(name, str) and name in MEGABYTES else None

    def write(self, name: str) -> None:
        try:
            write_whole(self._path, json_bytes(object_in(self._path) | {self.key: name}), make_folders=True)
        except OutputError as error:
            log.warning("what this computer keeps up with cannot be kept, and will be found again: %s", error)


def _this_computer(folder: Path) -> str:
    """Make a name of the processor, of its threads that work, and of the model's sizes. Raises `CheckpointError`."""
    what = f"{VERSION} {torch.get_num_threads()} {find_processor().description} {read_model_config(folder)}"
    return hashlib.blake2b(what.encode(), digest_size=12).hexdigest()
