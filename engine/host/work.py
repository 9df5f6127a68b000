"""Work for an engine's process beside speaking: several requests at once, and its codec for owners that have none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from engine.types import AudioCodec, CancelToken, SpeechEngine, SpeechEvent, SpeechRequest, as_batching, codec_of


@dataclass(frozen=True, slots=True)
class SpeakBatch:
    """Yield what `BatchingEngine.speak_batch` does; an engine that does not batch speaks one request after the
    other."""

    requests: Sequence[SpeechRequest]

    def __call__(self, engine: SpeechEngine, cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        if (batching := as_batching(engine)) is not None:
            yield from batching.speak_batch(self.requests, cancel)
            return
        for number, request in enumerate(self.requests):
            for event in engine.speak(request, cancel):
                yield number, event


@dataclass(frozen=True, slots=True)
class CodecFacts:
    """Describe an engine's codec: codebooks, and its rate in Hz."""

    n_codebooks: int
    sample_rate: int


@dataclass(frozen=True, slots=True)
class DescribeCodec:
    """Yield one `CodecFacts`."""

    def __call__(self, engine: SpeechEngine, cancel: CancelToken) -> Iterator[CodecFacts]:
        codec = _codec(engine)
        if not cancel.cancelled:
            yield CodecFacts(codec.n_codebooks, codec.sample_rate)


@dataclass(frozen=True, slots=True)
class EncodeRecording:
    """Encode samples float32 `(n,)`, n > 0, and yield codes int64 `(n_codebooks, n_frames)`, piece by piece."""

    samples: np.ndarray

    def __call__(self, engine: SpeechEngine, cancel: CancelToken) -> Iterator[np.ndarray]:
        return _while_wanted(_codec(engine).encode_in_pieces(self.samples), cancel)


@dataclass(frozen=True, slots=True)
class DecodeCodes:
    """Decode codes int64 `(n_codebooks, n_frames)`, and yield samples float32 `(n,)`, piece by piece."""

    codes: np.ndarray

    def __call__(self, engine: SpeechEngine, cancel: CancelToken) -> Iterator[np.ndarray]:
        return _while_wanted(_codec(engine).decode(self.codes), cancel)


def _codec(engine: SpeechEngine) -> AudioCodec:
    codec = codec_of(engine)
    assert codec is not None  # whoever sends such work knows which engine it is
    return codec


def _while_wanted(pieces: Iterator[np.ndarray], cancel: CancelToken) -> Iterator[np.ndarray]:
    for piece in pieces:
        if cancel.cancelled:
            return
        yield piece
