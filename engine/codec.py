"""Recordings to codes and codes to sound, NumPy in and out: S1 Mini's codec behind the door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from engine.device import choose_device
from engine.s1.codec import CodecModel, is_encoding_only
from engine.s1.codec_fast import CodecPath, choose_path, take_path
from engine.s1.codec_layers import Stream
from engine.s1.load import load_codec, load_codec_weights

MAX_CHUNK_FRAMES = 128
"""Long signals pass through in chunks of about 6 s, so that memory does not grow with their length."""


class Codec:
    """The half that encodes (207 M of 391 M parameters) is read when a recording is first encoded."""

    def __init__(self, folder: Path, model: CodecModel) -> None:
        self._folder, self.model = folder, model

    @classmethod
    def load(cls, folder: Path, device: str = "auto", path: CodecPath | None = None) -> Codec:
        """`path` None is the fastest exact one. Raises `CheckpointError` or `DeviceError`."""
        target = choose_device(device)
        model = load_codec(folder, target, lambda name: not is_encoding_only(name))
        path = path or choose_path(target, has_kernels=False)
        take_path(model, path)
        return cls(folder, model)

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


class DecodeStream:
    """One signal being decoded: any chunking gives the same samples as one call."""

    def __init__(self, codec: Codec) -> None:
        self._model, self._stream = codec.model, Stream()

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """The signal's next codes, int (n_codebooks, n_frames) -> float32 (n_frames * frame_length,)."""
        batch = torch.from_numpy(np.ascontiguousarray(codes, dtype=np.int64))[None].to(self._model.device)
        return self._model.decode(batch, self._stream)[0].float().cpu().numpy()
