"""Two checkouts of Lectern against each other, on one machine: `python tests/bench/against.py OTHER int8 int4`.

A machine's speed drifts by a quarter within minutes, and so does where a process's memory happens to lie. So both run
beside each other, taking turns of a fraction of a second, and both are started anew several times; the figure is the
median of the turns' ratios, with what resampling them makes of it. A ratio above 1 says that this checkout is faster
than OTHER, which has an environment of its own, `.venv`, and is not older than this file.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]
PRECISIONS = ("float32", "bfloat16", "float16", "int8", "mixed", "int4")
WORK = (*PRECISIONS, "plain", "codec-kernels", "codec-plain")
"""Frames by the kernels in a precision, frames by plain float32 operators, and sound from frames."""
CODEC_FRAMES = 16


def prepared(work: str, cache_folder: Path) -> Callable[[], object]:
    """Load random weights of S1 Mini's sizes, and return what does one step of `work`."""
    import numpy as np
    import torch

    from engine.s1.checkpoint import random_codec, random_dual_ar, write_sizes
    from engine.s1.decode import open_decoder
    from engine.s1.model import build_prompt
    from engine.speech.bench import TEXT, never_ending
    from engine.speech.codec import Codec, DecodeStream

    device = torch.device("cpu")
    cache = None if work in ("plain", "codec-plain") else cache_folder
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        write_sizes(folder)
        if work.startswith("codec"):
            codec = Codec.load(folder, "cpu", load=random_codec, cache_folder=cache)
            codes = np.random.default_rng(0).integers(0, 1000, (codec.n_codebooks, CODEC_FRAMES))
            stream = DecodeStream(codec)
            return lambda: stream.decode(codes)
        precision = "float32" if work == "plain" else work
        decoder = open_decoder(folder, device, precision, cache, load=random_dual_ar)
    prompt = torch.from_numpy(build_prompt(decoder.tokenizer, decoder.model.config.n_codebooks, (), TEXT))
    frames = never_ending(decoder, prompt, 400)
    return lambda: next(frames).cpu()


def serve(work: str, cache_folder: Path) -> None:
    """Do as many steps as each line of standard input says, and write the seconds of each."""
    step = prepared(work, cache_folder)
    for _ in range(3):
        step()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            began = time.perf_counter()
            step()
            seconds.append(time.perf_counter() - began)
        sys.stdout.write(" ".join(map(str, seconds)) + "\n")
        sys.stdout.flush()


class Side:
    """One checkout at work in a process of its own."""

    def __init__(self, checkout: Path, work: str, cache_folder: Path) -> None:
        command = [
            checkout / ".venv/bin/python",
            HERE / "tests/bench/against.py",
            checkout,
            work,
            "--serve",
            cache_folder,
        ]
        environment = {**os.environ, "PYTHONPATH": str(checkout)}
        self.process = subprocess.Popen(
            list(map(str, command)),
            cwd=checkout,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            encoding="utf-8",
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout
        if self.output.readline() != "ready\n":
            raise SystemExit(f"{checkout} cannot do {work}")

    def steps(self, n: int) -> list[float]:
        self.input.write(f"{n}\n")
        self.input.flush()
        return [float(seconds) for seconds in self.output.readline().split()]

    def close(self) -> None:
        self.input.close()
        self.process.wait()


def compare(other: Path, work: str, n_starts: int, n_turns: int, n_steps: int, caches: Path) -> str:
    """Let both take turns, and describe what came out in a line."""
    ratios: list[float] = []
    medians: dict[Path, list[float]] = {other: [], HERE: []}
    for start in range(n_starts):
        order = [other, HERE][:: 1 if start % 2 == 0 else -1]
        sides = {checkout: Side(checkout, work, caches / checkout.name / work) for checkout in order}
        for turn in range(n_turns):
            seconds = {
                checkout: statistics.median(sides[checkout].steps(n_steps)) for checkout in order[:: 1 - turn % 2 * 2]
            }
            ratios.append(seconds[other] / seconds[HERE])
            for checkout, median in seconds.items():
                medians[checkout].append(median)
        for side in sides.values():
            side.close()
    low, high = interval(ratios)
    before, now = (1000 * statistics.median(medians[checkout]) for checkout in (other, HERE))
    return f"{work:14} {before:8.1f} ms {now:8.1f} ms   {statistics.median(ratios):.3f} [{low:.3f}, {high:.3f}]"


def interval(ratios: Sequence[float]) -> tuple[float, float]:
    """Return what 95 of 100 medians of resampled `ratios` lie between."""
    drawn = random.Random(0)
    medians = sorted(statistics.median(drawn.choices(ratios, k=len(ratios))) for _ in range(2000))
    return medians[50], medians[1949]


def main() -> None:
    parser = argparse.ArgumentParser(description="Compare this checkout's speed with another's.")
    parser.add_argument("other", type=Path)
    parser.add_argument("work", nargs="*", choices=WORK, default=WORK)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--turns", type=int, default=10)
    parser.add_argument("--steps", type=int, default=6, help="frames, or calls of the codec, a turn")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve is not None:
        serve(options.work[0], options.serve)
        return
    with tempfile.TemporaryDirectory() as caches:
        for work in options.work:
            line = compare(options.other.resolve(), work, options.starts, options.turns, options.steps, Path(caches))
            print(line, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
