"""Speech in a file that is whole or not there, or in a pipe. Importing this loads PyAV."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self

import numpy as np

from engine.audio.encoding import FILE_FORMATS, WAV_STREAM, Encoder, PipeFile, SeekableFile, Sink, output_errors
from engine.errors import OutputError
from engine.files.disk import FileBeside
from engine.types import SAMPLE_RATE_HZ


class AudioWriter:
    """Write float32 mono chunks to `path`, in the format of its ending, whole or not at all.

    A context manager: the file is there, whole and on the disk, once the block ends; when the block raises, nothing is
    left and a file that was there before is as it was. Entering it checks all that can be checked, so enter it before
    the long work. Raises `OutputError`, from entering, writing and leaving.

    Sample counts are exact for WAV and FLAC; MP3 and Opus carry their encoder's delay and padding in the file, so that
    players which know the format's gapless header give back the exact count too.
    """

    def __init__(self, path: Path, sample_rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self.path = path
        self._sample_rate_hz = sample_rate_hz

    def __enter__(self) -> Self:
        spec = FILE_FORMATS.get(self.path.suffix.lower())
        if spec is None:
            raise OutputError("format", self.path, detail=self.path.suffix)
        with output_errors(self.path):
            self._file = FileBeside(_replaceable(self.path))
            try:
                self._encoder = Encoder(SeekableFile(self._file.open()), spec, self._sample_rate_hz)
            except BaseException:
                self._file.discard()
                raise
        return self

    def write(self, samples: np.ndarray) -> None:
        """Append float32 `(n_samples,)`; values outside [-1, 1] are limited."""
        if samples.size:
            with output_errors(self.path):
                self._encoder.write(samples)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        done = False
        try:
            if kind is None:
                with output_errors(self.path):
                    self._encoder.finish()
                    self._file.keep()
                done = True
        finally:
            if not done:
                self._encoder.discard()
                self._file.discard()


class WavStream:
    """Write 16-bit WAV to what cannot seek, such as a pipe; its header states no length.

    `name` is what an `OutputError` calls it. BrokenPipeError, when the reader is gone, stays what it is.
    """

    def __init__(self, file: Sink, name: str, sample_rate_hz: int = SAMPLE_RATE_HZ) -> None:
        self._name = Path(name)
        self._encoder = Encoder(PipeFile(file), WAV_STREAM, sample_rate_hz)

    def __enter__(self) -> Self:
        return self

    def write(self, samples: np.ndarray) -> None:
        """Append float32 `(n_samples,)`. Raises `OutputError`, BrokenPipeError."""
        if samples.size:
            with output_errors(self._name):
                self._encoder.write(samples)

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            with output_errors(self._name):
                self._encoder.finish()
        else:
            self._encoder.discard()


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a file beside `path` that takes its place when the block ends well, and goes when it raises.

    Raises `OutputError` for what goes wrong with the file.
    """
    with output_errors(path), FileBeside(_replaceable(path)) as beside:
        yield beside.open()
        beside.keep()


def check_output(path: Path) -> None:
    """Check that a file `path` can be made or replaced, as far as can be known without doing it. Raises
    `OutputError`."""
    with output_errors(path):
        target = _replaceable(path)
    if not os.access(target.parent, os.W_OK):
        raise OutputError("not_allowed", path, detail="its folder is write-protected")


def _replaceable(path: Path) -> Path:
    """The file that `path` leads to, through links, once it is certain that it may be written."""
    target = path.resolve()
    try:
        target.lstat()
    except FileNotFoundError:
        if not target.parent.is_dir():
            raise OutputError("folder_missing", path, detail=str(target.parent)) from None
        return target
    if target.is_dir():
        raise OutputError("is_folder", path)
    if not target.is_file():
        raise OutputError("not_allowed", path, detail="it is no regular file")
    if not os.access(target, os.W_OK):
        raise OutputError("not_allowed", path, detail="it is write-protected")
    return target
