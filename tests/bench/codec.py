"""Decoding of sound at S1 Mini's full sizes, each decoder against the plain one: `python tests/bench/codec.py`.

Random weights. The decoders take turns, so that whatever else the machine does falls on all of them; figures are
medians, in seconds of work per second of sound: of the clock, and of processor time over the number of threads, which
a busy machine disturbs less. Prints a table, and last one JSON document.
"""

from __future__ import annotations

import argparse
import copy
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

import torch
from torch import Tensor

from engine.s1.checkpoint.codec_file import is_encoding_only
from engine.s1.checkpoint.random_weights import random_codec
from engine.s1.model.codec import CodecModel
from engine.s1.model.codec_layers import Stream
from engine.s1.model.codec_rows import RowCodecModel
from engine.s1.native.codec import NativeCodecModel
from engine.s1.native.codec_kernels import CodecKernels
from engine.speech.bench import chunk_sizes

DECODERS = ("plain", "rows", "kernels")


def build(model: CodecModel, name: str, kernels: CodecKernels) -> CodecModel:
    """Another decoder for the same weights."""
    plain = copy.deepcopy(model)
    match name:
        case "rows":
            return RowCodecModel(plain)
        case "kernels":
            return NativeCodecModel(plain, kernels)
    return plain


def decode(model: CodecModel, codes: Tensor, sizes: list[int]) -> Tensor:
    stream = Stream()
    return torch.cat([model.decode(part, stream) for part in codes.split(sizes, dim=2)], dim=1)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--frames", type=int, default=43, help="frames decoded each time (43: 2 s)")
    parser.add_argument("--repeats", type=int, default=5, help="turns of each decoder (5)")
    parser.add_argument("--decoders", nargs="*", default=list(DECODERS), choices=DECODERS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        model = random_codec(Path(folder), torch.device("cpu"), lambda name: not is_encoding_only(name))
        kernels = CodecKernels(Path(folder))
    names = ["plain", *(name for name in arguments.decoders if name != "plain")]
    models = {name: build(model, name, kernels) for name in names}
    codes = torch.randint(0, 1024, (1, 10, arguments.frames), generator=torch.Generator().manual_seed(0))
    cuts = {"whole": [arguments.frames], "chunked": chunk_sizes(arguments.frames)}
    audio_s = arguments.frames * model.config.frame_length / model.config.sample_rate
    n_threads = torch.get_num_threads()
    clock = {(name, cut): list[float]() for name in names for cut in cuts}
    processor = {key: list[float]() for key in clock}
    sound: dict[str, Tensor] = {}
    for turn in range(arguments.repeats + 1):
        for name, cut in clock:
            began, busy = time.perf_counter(), time.process_time()
            sound[name] = decode(models[name], codes, cuts[cut])
            if turn:  # the first is a warm-up
                clock[name, cut].append((time.perf_counter() - began) / audio_s)
                processor[name, cut].append((time.process_time() - busy) / audio_s / n_threads)
    plain = sound["plain"]
    rows = {}
    for name in names:
        error = sound[name] - plain
        row = {f"{cut}_s": statistics.median(clock[name, cut]) for cut in cuts}
        row |= {f"{cut}_processor_s": statistics.median(processor[name, cut]) for cut in cuts}
        row["best_s"] = min(clock[name, "whole"])
        row["chunked_against_whole"] = row["chunked_s"] / row["whole_s"]
        row["against_plain"] = row["whole_s"] / statistics.median(clock["plain", "whole"])
        row["relative_error"] = float(error.norm() / plain.norm())
        rows[name] = row
        print(  # noqa: T201
            f"{name:8} whole {row['whole_s']:6.3f} s (best {row['best_s']:.3f}, processor "
            f"{row['whole_processor_s']:.3f})  chunked {row['chunked_s']:6.3f} s ({row['chunked_processor_s']:.3f})  "
            f"{row['against_plain']:.2f} of plain  error {row['relative_error']:.1e}",
            flush=True,
        )
    document = {"frames": arguments.frames, "threads": n_threads, "torch": torch.__version__, "decoders": rows}
    print(json.dumps(document))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
