"""`/v1/vqgan/*`: the codec alone, recordings to codes and back."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np

from engine.audio.decoding import decode_audio
from engine.registry import cloning_engine, engine_displayed
from engine.server.fields import Fields, wrong
from engine.server.replies import RequestError
from engine.server.settings import ServerLimits
from engine.server.worker import Channel, Work
from engine.types import AudioCodec, SpeechEngine, codec_of

MAX_FRAMES = 100_000  # of a request: more than an hour


def read_audios(values: dict[str, Any], limits: ServerLimits) -> list[bytes]:
    """Read a request's recordings: the bytes of audio files. Raises `RequestError` 400."""
    audios = Fields(values).get("audios")
    if not isinstance(audios, list) or not all(isinstance(audio, bytes) for audio in audios):
        raise wrong("audios", "a list of bytes, in MessagePack")
    if not 1 <= len(audios) <= limits.max_references:
        raise wrong("audios", f"1 to {limits.max_references} recordings")
    return audios


def read_tokens(values: dict[str, Any]) -> list[np.ndarray]:
    """Read a request's codes, int64 `(n_codebooks, n_frames)` each. Raises `RequestError` 400.

    How many codebooks there must be is the codec's to say.
    """
    tokens = Fields(values).get("tokens")
    if not isinstance(tokens, list) or not tokens:
        raise wrong("tokens", "a list of matrices")
    matrices: list[np.ndarray] = []
    for rows in tokens:
        if not isinstance(rows, list) or not rows or not all(isinstance(row, list) and row for row in rows):
            raise wrong("tokens", "a list of matrices")
        if len({len(row) for row in rows}) > 1 or not all(_is_code(code) for row in rows for code in row):
            raise wrong("tokens", "a list of matrices of whole numbers from 0 to 4095")
        matrices.append(np.array(rows, np.int64))
    if sum(matrix.shape[1] for matrix in matrices) > MAX_FRAMES:
        raise wrong("tokens", f"no more than {MAX_FRAMES} frames")
    return matrices


def _is_code(value: object) -> bool:
    return type(value) is int and 0 <= value < 4096


def encoding(audios: list[bytes], limits: ServerLimits) -> Work:
    """Make work that encodes recordings, and puts a list of int64 `(n_codebooks, n_frames)` into its channel."""

    def work(engine: SpeechEngine, channel: Channel[Any]) -> None:
        codec = _codec(engine, channel)
        if codec is None:
            return
        names = [Path(f"number {number} of the audios") for number in range(1, len(audios) + 1)]
        codes: list[np.ndarray] = []
        for name, audio in zip(names, audios, strict=True):
            if channel.cancel.cancelled:
                return
            codes.append(codec.encode(decode_audio(io.BytesIO(audio), name, codec.sample_rate, limits.max_reference_s)))
        channel.put(codes)

    return work


def decoding(tokens: list[np.ndarray]) -> Work:
    """Make work that decodes codes, and puts a list of float16 samples as bytes into its channel."""

    def work(engine: SpeechEngine, channel: Channel[Any]) -> None:
        codec = _codec(engine, channel)
        if codec is None:
            return
        if any(codes.shape[0] != codec.n_codebooks for codes in tokens):
            channel.put(wrong("tokens", f"matrices of {codec.n_codebooks} rows"))
            return
        audios: list[bytes] = []
        for codes in tokens:
            pieces: list[bytes] = []
            for samples in codec.decode(codes):
                if channel.cancel.cancelled:
                    return
                pieces.append(samples.astype(np.float16).tobytes())
            audios.append(b"".join(pieces))
        channel.put(audios)

    return work


def _codec(engine: SpeechEngine, channel: Channel[Any]) -> AudioCodec | None:
    codec = codec_of(engine)
    if codec is None:
        channel.put(RequestError(409, _no_codec(engine.status().name)))
    return codec


def _no_codec(speaker: str) -> str:
    entry = engine_displayed(speaker)
    name = speaker if entry is None else entry.spoken_name
    needed = cloning_engine().display_name
    return f"{name[:1].upper()}{name[1:]} is speaking here, which has no codec. It needs {needed}."
