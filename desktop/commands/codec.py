"""`lectern codec`: recordings to codes and back."""

from __future__ import annotations

import argparse
from pathlib import Path

import engine
import engine.audio
import engine.speech
import engine.weights
from desktop.common.errors import NoCheckpointError
from desktop.common.paths import cache_folder, data_folder
from desktop.common.terminal import Terminal
from desktop.s1.checkpoint_choice import find_checkpoint_for_command


def encode(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Turn a recording into a `.npy` of codes, int64 `(n_codebooks, n_frames)`."""
    engine.audio.check_output(arguments.target)
    codec = _open_codec(arguments, terminal)
    codes = codec.encode(engine.audio.read_audio(arguments.source, codec.sample_rate))
    engine.audio.write_codes(arguments.target, codes)
    terminal.clear()
    terminal.say(f"Wrote {arguments.target}: {codes.shape[0]} codebooks, {codes.shape[1]} frames")
    return 0


def decode(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Turn a `.npy` of codes into a recording."""
    with engine.audio.AudioWriter(arguments.target) as writer:
        codec = _open_codec(arguments, terminal, cache_folder() if arguments.compile else None)
        n_samples = 0
        for samples in codec.decode(engine.audio.read_codes(arguments.source, codec.n_codebooks)):
            writer.write(samples)
            n_samples += samples.size
    terminal.clear()
    terminal.say(f"Wrote {arguments.target}: {n_samples / codec.sample_rate:.1f} s")
    return 0


def _open_codec(arguments: argparse.Namespace, terminal: Terminal, cache: Path | None = None) -> engine.AudioCodec:
    """The codec of the checkpoint that is named or found; with `cache` its decoder is compiled, and kept there.
    Raises `CheckpointError`, `DeviceError`."""
    checkpoint = find_checkpoint_for_command(arguments.checkpoint, terminal, engine.weights.CODEC_FILES)
    if checkpoint is None:
        raise NoCheckpointError(engine.weights.usual_folders(data_folder())[0])
    terminal.progress(f"Loading the codec from {checkpoint} …")
    return engine.speech.open_codec(checkpoint, arguments.device, cache)
