"""Recordings to codes and codes to sound, NumPy in and out: S1 Mini's codec behind the door."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.machine.device import choose_device
from engine.machine.memory import give_back_memory, is_out_of_memory, trim_heap
from engine.s1.checkpoint import is_encoding_only, load_codec, load_codec_weights, memory_errors
from engine.s1.model import CodecModel, RowCodecModel, Stream
from engine.s1.native import CodecKernels, NativeCodecModel, NoKernelsError

log = logging.getLogger(__name__)

MAX_CHUNK_FRAMES = 128
"""Long signals pass through in chunks of about 6 s, so that memory does not grow with their length."""


class Codec:
    """The half that encodes (207 M of 391 M parameters) is read when a recording is first encoded."""

    def __init__(self, folder: Path, model: CodecModel, backend: str) -> None:
        """`backend` names what decodes: "plain" and "rows" are PyTorch's operators, "kernels" are compiled for this
        CPU."""
        self._folder, self.model, self.backend = folder, model, backend
        self.max_chunk_frames = MAX_CHUNK_FRAMES
        """Fewer once memory has run out."""
        self.when_short_of_memory: Callable[[], object] = lambda: None
        """Called before a chunk is tried again: whoever else keeps something on the device lets go of it."""

    @classmethod
    def load(
        cls,
        folder: Path,
        device: str = "auto",
        load: Callable[..., CodecModel] = load_codec,
        cache_folder: Path | None = None,
    ) -> Codec:
        """Load the half that decodes onto "auto", "cuda" or "cpu". What is compiled is kept in `cache_folder`; None
        compiles nothing.

        `load` may be another that takes what `load_codec` does. Raises `CheckpointError` or `DeviceError`.
        """
        target = choose_device(device)
        plain = load(folder, target, lambda name: not is_encoding_only(name))
        with memory_errors(target):
            model, backend = _fastest(plain, cache_folder)
        trim_heap()
        return cls(folder, model, backend)

    @property
    def sample_rate(self) -> int:
        return self.model.config.sample_rate

    @property
    def frame_length(self) -> int:
        """Samples per frame."""
        return self.model.config.frame_length

    @property
    def n_codebooks(self) -> int:
        return self.model.config.n_codebooks

    def encode(self, samples: np.ndarray) -> np.ndarray:
        """float32 (n,) mono at `sample_rate`, n > 0 -> codes int64 (n_codebooks, n_frames).

        The last frame is filled up with zeros.
        """
        return np.concatenate(list(self.encode_in_pieces(samples)), axis=1)

    def encode_in_pieces(self, samples: np.ndarray) -> Iterator[np.ndarray]:
        """As `encode`, the codes of about 6 s at a time."""
        assert len(samples) > 0
        if next(self.model.encoder.parameters()).is_meta:
            load_codec_weights(self.model, self._folder, self.model.device, is_encoding_only)
        n_frames = -(-len(samples) // self.frame_length)
        padded = torch.zeros(1, n_frames * self.frame_length)
        padded[0, : len(samples)] = torch.from_numpy(np.asarray(samples, dtype=np.float32))
        stream = Stream()
        for chunk in padded.split(MAX_CHUNK_FRAMES * self.frame_length, dim=1):
            yield self.model.encode(chunk.to(self.model.device), stream)[0].cpu().numpy()

    def decode(self, codes: np.ndarray) -> Iterator[np.ndarray]:
        """codes int (n_codebooks, n_frames) -> its samples, float32, in pieces; codes beyond a codebook are clamped."""
        stream = DecodeStream(self)
        for start in range(0, codes.shape[1], MAX_CHUNK_FRAMES):
            yield stream.decode(codes[:, start : start + MAX_CHUNK_FRAMES])

    @property
    def is_short_of_memory(self) -> bool:
        return self.max_chunk_frames < MAX_CHUNK_FRAMES

    def shrink_chunks(self, n_frames: int) -> None:
        """There was not enough memory for `n_frames` at once: free what can be, and take half as many from now on."""
        self.max_chunk_frames = max(1, n_frames // 2)
        log.warning("out of memory: the codec now decodes %d frames at a time", self.max_chunk_frames)
        self.when_short_of_memory()
        give_back_memory(self.model.device)


def _fastest(plain: CodecModel, cache_folder: Path | None) -> tuple[CodecModel, str]:
    """The codec as it decodes fastest here, and the name of that. On CUDA cuDNN takes the plain layout."""
    if plain.device.type != "cpu":
        return plain, "plain"
    if cache_folder is not None:
        try:
            return NativeCodecModel(plain, CodecKernels(cache_folder)), "kernels"
        except NoKernelsError as error:
            log.warning("no compiled kernels for the codec, which is slower without: %s", error)
    return RowCodecModel(plain), "rows"


class DecodeStream:
    """One signal being decoded: any chunking gives the same samples as one call.

    On a GPU the decoding is a stream of its own in CUDA's sense too: what was begun runs beside the next frames. On a
    CPU all cores are busy with one or the other anyway, and a thread more only makes them share their caches.
    """

    def __init__(self, codec: Codec) -> None:
        self._codec, self._stream = codec, Stream()
        device = codec.model.device
        self._side: torch.cuda.Stream | None = None
        if device.type == "cuda":
            self._side = torch.cuda.Stream(device)
            self._side.wait_stream(torch.cuda.current_stream(device))  # weights may be on their way to the card still

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The signal's next codes, int (n_codebooks, n_frames) -> float32 (n_frames * frame_length,)."""
        return self.begin(codes).result()

    def begin(self, codes: np.ndarray) -> PendingSound:
        """As `decode`; on a GPU it returns before the samples are there.

        Where memory runs out, what can be had is freed and the chunk decoded in halves, and so are those that follow.
        """
        if codes.shape[1] > self._codec.max_chunk_frames:
            return self._in_parts(codes, self._codec.max_chunk_frames)
        before = self._stream.copy()
        try:
            return self._begin(codes)
        except Exception as error:
            if codes.shape[1] == 1 or not is_out_of_memory(error):
                raise
            self._stream = before
        self._codec.shrink_chunks(codes.shape[1])
        return self._in_parts(codes, self._codec.max_chunk_frames)

    def _in_parts(self, codes: np.ndarray, n_frames: int) -> PendingSound:
        parts = [codes[:, i : i + n_frames] for i in range(0, codes.shape[1], n_frames)]
        began = time.perf_counter()
        samples = np.concatenate([self.decode(part) for part in parts])
        return PendingSound(torch.from_numpy(samples), time.perf_counter() - began)

    def _begin(self, codes: np.ndarray) -> PendingSound:
        model = self._codec.model
        batch = torch.from_numpy(np.ascontiguousarray(codes, dtype=np.int64))[None]
        if self._side is None:
            began = time.perf_counter()
            samples = model.decode(batch, self._stream)[0]
            return PendingSound(samples, time.perf_counter() - began)
        events = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        with torch.cuda.stream(self._side):
            events[0].record()
            on_device = model.decode(batch.to(model.device), self._stream)[0]
            samples = torch.empty(on_device.shape, pin_memory=True)
            samples.copy_(on_device, non_blocking=True)
            events[1].record()
        return PendingSound(samples, 0.0, events)


class PendingSound:
    """Samples that are there, or on their way from the GPU."""

    def __init__(
        self, samples: Tensor, seconds: float, events: tuple[torch.cuda.Event, torch.cuda.Event] | None = None
    ) -> None:
        self._samples, self._seconds, self._events = samples, seconds, events

    @property
    def is_ready(self) -> bool:
        return self._events is None or self._events[1].query()

    def result(self) -> np.ndarray:
        """float32 (n_samples,); waits for it."""
        if self._events is not None:
            self._events[1].synchronize()
        return self._samples.numpy()

    @property
    def seconds(self) -> float:
        """What the decoding took; ask once the result is there."""
        return self._seconds if self._events is None else self._events[0].elapsed_time(self._events[1]) / 1000
