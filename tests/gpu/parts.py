"""What is seen on a card, part by part; each gives a document of plain values. Times are in seconds unless they say
otherwise, memory in bytes."""

from __future__ import annotations

import contextlib
import gc
import json
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import golden
import numpy as np
import torch
from fake_cuda import fake_card, talking
from gpu.timeline import summary_of
from shapes import N_RANKS, PLAIN_CONFIG, SMALL_CODEC
from stepping import made, prompt_of
from torch._subclasses.fake_tensor import unset_fake_temporarily

from engine.errors import DeviceError
from engine.s1.checkpoint import load_codec, load_dual_ar, random_codec, random_dual_ar, write_sizes
from engine.s1.decode import Decoder, open_decoder
from engine.s1.decode.rows import Rows, generate
from engine.s1.model.low_bit import use_operators
from engine.s1.model.sampling import Greedy, Sampler
from engine.speech import bench
from engine.speech.codec import Codec, DecodeStream
from engine.speech.s1_engine import S1Engine

CUDA = torch.device("cuda")
GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "tiny_s1"
PRECISIONS = ("float32", "bfloat16", "float16", "int8", "int4")
BATCHES = (1, 8, 32)
DRY_BATCHES = (1, 2)

Found = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """`checkpoint` None: random weights. `out`: where files may be left."""

    checkpoint: Path | None
    out: Path
    is_dry: bool

    @property
    def n_frames(self) -> int:
        return 3 if self.is_dry else 215

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        if self.checkpoint is not None:
            yield self.checkpoint
            return
        with tempfile.TemporaryDirectory() as folder:
            if self.is_dry:
                write_sizes(Path(folder), PLAIN_CONFIG, SMALL_CODEC, N_RANKS)
            else:
                write_sizes(Path(folder))
            yield Path(folder)

    def open(self, folder: Path, precision: str, cache: Path | None = None) -> S1Engine:
        """Load an engine. `cache` None: nothing is compiled, frames are PyTorch's operators in a graph."""
        is_random = self.checkpoint is None
        decoder = open_decoder(folder, CUDA, precision, cache, load=random_dual_ar if is_random else load_dual_ar)
        return S1Engine(decoder, Codec.load(folder, "cuda", load=random_codec if is_random else load_codec))


@contextlib.contextmanager
def pretended(*, is_dry: bool) -> Iterator[None]:
    """With `is_dry`, a pretended card."""
    if not is_dry:
        yield
        return
    from engine.s1.decode import choosing, decoder, verify

    # followed operator by operator: one length and few frames will do
    choosing.USUAL_POSITIONS = decoder.BATCH_POSITIONS = 128
    verify.N_FRAMES = 2
    with fake_card() as card:
        card.answer = talking
        yield


def see_machine(_: Setting) -> Found:
    """`hardware`, memory, and the bandwidth that was measured, GB/s."""
    free_bytes, total_bytes = torch.cuda.mem_get_info()
    copy_gb_s, read_gb_s = bench.measure_bandwidth(CUDA)
    capability = torch.cuda.get_device_capability()
    return {
        "hardware": bench.hardware(CUDA),
        "capability": ".".join(map(str, capability)),
        "memory_bytes": total_bytes,
        "free_bytes": free_bytes,
        "copy_gb_per_s": copy_gb_s,
        "read_gb_per_s": read_gb_s,
    }


def see_proofs(setting: Setting) -> Found:
    """`golden`: vectors reproduced, and those that were not with their errors. `backends`: by precision how frames are
    made and how many of a greedy run's codes are the plain operators' (of the tiny checkpoint). `batches`: the same for
    eight rows beside one."""
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    with unset_fake_temporarily():  # in a dry run on the CPU, where nothing is pretended
        results = list(golden.compare_folder(GOLDEN, torch.device("cpu") if setting.is_dry else CUDA))
    missed = {result.name: result.error for result in results if not result.passed}
    found: Found = {"golden": {"passed": len(results) - len(missed), "missed": missed}, "backends": {}, "batches": {}}
    n_rows, n_frames = (2, 2) if setting.is_dry else (8, 64)
    for precision in ("bfloat16",) if setting.is_dry else PRECISIONS:
        if setting.is_dry:
            with setting.folder() as folder:
                decoder = open_decoder(folder, CUDA, precision, None, load=random_dual_ar)
        else:
            decoder = open_decoder(GOLDEN / "checkpoint", CUDA, precision, None)
        plain = Decoder(decoder.tokenizer, decoder.model, decoder.precision, "eager")
        use_operators(plain.model)
        one, expected = (made(each.rows_for_one(), Greedy(), n_frames) for each in (decoder, plain))
        found["backends"][precision] = {"how": decoder.how, "same_codes": _share_of_same(one, expected)}
        found["batches"][precision] = _share_of_same(_last_of(decoder.rows_for(n_rows), decoder, n_frames), one)
    return found


def _last_of(rows: Rows, decoder: Decoder, n_frames: int) -> torch.Tensor:
    """Greedy codes of the last of some generations side by side, which all began elsewhere in the text."""
    prompt = prompt_of(decoder.model)
    starts = [i % 3 for i in range(rows.max_rows - 1)] + [0]
    all_of_them = [generate(rows, prompt[:, start:], Greedy(), n_frames) for start in starts]
    return torch.stack([frames[-1] for frames in zip(*all_of_them, strict=True)], dim=1)


def _share_of_same(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one == other).float().mean()) if one.shape == other.shape else 0.0


def see_bench(setting: Setting, precision: str) -> Found:
    """`how`; `load_s`; `peak_memory_bytes`; `first_sound_ms` median of three; `frames`: `per_s` alone, `ms` median and
    best, `gb_per_frame`, `gb_per_s`; `codec`: see `bench.measure_codec`; `batches`: frames/s by the number of rows."""
    with setting.folder() as folder:
        torch.cuda.reset_peak_memory_stats()
        began = time.perf_counter()
        engine = setting.open(folder, precision)
        torch.cuda.synchronize()
        load_s = time.perf_counter() - began
    try:
        bench.time_to_first_sound(engine)
        first_s = [bench.time_to_first_sound(engine) for _ in range(1 if setting.is_dry else 3)]
        utterance = bench.generate_utterance(engine, setting.n_frames)
        median_s = statistics.median(utterance.seconds)
        gb = bench.bytes_per_frame(engine.model, utterance.n_positions) / 1e9
        found: Found = {
            "how": engine.decoder.how,
            "load_s": load_s,
            "first_sound_ms": 1000 * statistics.median(first_s),
            "frames": {
                "per_s": 1 / median_s,
                "ms": 1000 * median_s,
                "best_ms": 1000 * min(utterance.seconds),
                "gb_per_frame": gb,
                "gb_per_s": gb / median_s,
            },
            "codec": bench.measure_codec(engine.codec, utterance.codes),
            "batches": {
                str(n): _frames_per_s(engine.decoder, n, setting)
                for n in (DRY_BATCHES if setting.is_dry else BATCHES)
                if n <= engine.decoder.max_batch
            },
        }
        return found | {"peak_memory_bytes": torch.cuda.max_memory_allocated()}
    finally:
        engine.close()


def _frames_per_s(decoder: Decoder, n_rows: int, setting: Setting) -> float:
    """Of all rows together, after the first frames, in which graphs are captured."""
    rows = decoder.rows_for_one() if n_rows == 1 else decoder.rows_for(n_rows)
    prompt, n = prompt_of(decoder.model), 3 if setting.is_dry else 60
    joined = [
        rows.join(prompt, Sampler(0.8, 0.8, 1.1, torch.Generator(CUDA).manual_seed(i)), 2 * n + 10, None)
        for i in range(n_rows)
    ]
    try:
        for _ in range(4):
            rows.step()
        torch.cuda.synchronize()
        began, n_made = time.perf_counter(), 0
        for _ in range(n):
            n_made += rows.n_rows
            rows.step()
        torch.cuda.synchronize()
        return n_made / (time.perf_counter() - began)
    finally:
        for row in joined:
            rows.leave(row)


def see_memory(setting: Setting) -> Found:
    """`left_bytes` once an engine is unloaded. `loading`: what too little memory raises. `speaking`: whether the codec
    went on in smaller chunks when memory was taken from it, of how many frames, and whether frames are made after."""
    with setting.folder() as folder:
        before = torch.cuda.memory_allocated()
        engine = setting.open(folder, "bfloat16")
        loaded = torch.cuda.memory_allocated() - before
        taken = _take_all_but(32 * 2**20 if not setting.is_dry else 2 * 2**20)
        n_frames = 128
        try:
            sound = DecodeStream(engine.codec).decode(np.ones((engine.codec.n_codebooks, n_frames), dtype=np.int64))
            speaking = {"survived": len(sound) > 0, "chunk_frames": engine.codec.max_chunk_frames}
        except RuntimeError as error:
            speaking = {"survived": False, "error": str(error)[:300]}
        taken.clear()
        torch.cuda.empty_cache()
        n_made = len(list(generate(engine.decoder.rows_for_one(), prompt_of(engine.model), Greedy(), 3)))
        speaking["frames_after"] = n_made
        engine.close()
        del engine
        gc.collect()
        left = torch.cuda.memory_allocated() - before
        taken = _take_all_but(loaded // 4)
        try:
            setting.open(folder, "bfloat16").close()
            loading = "nothing"
        except DeviceError as error:
            loading = error.problem
        finally:
            taken.clear()
            torch.cuda.empty_cache()
    return {"loaded_bytes": loaded, "left_bytes": left, "loading": loading, "speaking": speaking}


def _take_all_but(n_bytes: int) -> list[torch.Tensor]:
    """As another program would."""
    torch.cuda.empty_cache()
    free_bytes, _ = torch.cuda.mem_get_info()
    return [torch.empty(max(0, free_bytes - n_bytes), dtype=torch.uint8, device=CUDA)]


def see_timeline(setting: Setting) -> Found:
    """See `timeline.summary_of`, of some frames in bfloat16."""
    n_frames = 3 if setting.is_dry else 20
    with setting.folder() as folder:
        engine = setting.open(folder, "bfloat16")
    rows, prompt = engine.decoder.rows_for_one(), prompt_of(engine.model)
    row = rows.join(prompt, Greedy(), 2 * n_frames + 10, None)
    for _ in range(4):
        rows.step()
    torch.cuda.synchronize()
    activities = [torch.profiler.ProfilerActivity.CPU if setting.is_dry else torch.profiler.ProfilerActivity.CUDA]
    with torch.profiler.profile(activities=activities) as profile:
        for _ in range(n_frames):
            rows.step()
        torch.cuda.synchronize()
    rows.leave(row)
    engine.close()
    wanted = "CPU" if setting.is_dry else "CUDA"
    kernels = [
        (event.name, event.time_range.start, event.time_range.elapsed_us())
        for event in profile.events() or ()
        if event.device_type.name == wanted
    ]
    return summary_of(kernels, n_frames)


def see_start(setting: Setting) -> Found:
    """Seconds from opening to the first sound: `plain` compiles nothing; `cold` and `warm` compile into an empty folder
    and use what is there. `how` of each. Each is in a process of its own on a real card."""
    found: Found = {}
    with setting.folder() as folder, tempfile.TemporaryDirectory() as kept:
        for name in ("plain",) if setting.is_dry else ("plain", "cold", "warm"):
            cache = "" if name == "plain" else kept
            if setting.is_dry:
                found[name] = start(setting, folder, cache)
                continue
            arguments = [str(folder), cache, "" if setting.checkpoint is None else str(setting.checkpoint)]
            code = "import sys, json, gpu.parts; print(json.dumps(gpu.parts.start_of(*sys.argv[1:])))"
            run = subprocess.run(
                [sys.executable, "-c", code, *arguments], capture_output=True, encoding="utf-8", check=False
            )
            found[name] = json.loads(run.stdout.splitlines()[-1]) if run.returncode == 0 else run.stderr[-500:]
    return found


def start_of(folder: str, cache: str, checkpoint: str) -> Found:
    setting = Setting(Path(checkpoint) if checkpoint else None, Path(), is_dry=False)
    return start(setting, Path(folder), cache)


def start(setting: Setting, folder: Path, cache: str) -> Found:
    began = time.perf_counter()
    engine = setting.open(folder, "bfloat16", Path(cache) if cache else None)
    opened_s = time.perf_counter() - began
    first_s = bench.time_to_first_sound(engine)
    how = engine.decoder.how
    engine.close()
    return {"opened_s": opened_s, "first_sound_s": opened_s + first_s, "how": how}


def see_marked_tests(setting: Setting) -> Found:
    """`passed`, `failed` and `skipped`, and the last lines."""
    tests = Path(__file__).resolve().parents[1] / "engine" / "s1"
    options = ["--collect-only"] if setting.is_dry else []
    command = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-m", "cuda", str(tests), *options]
    run = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=tests.parents[2])
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|skipped|error)", run.stdout)}
    return {**counts, "code": run.returncode, "said": run.stdout[-1500:]}


PARTS: dict[str, Callable[[Setting], Found]] = {
    "machine": see_machine,
    "proofs": see_proofs,
    "bench bfloat16": partial(see_bench, precision="bfloat16"),
    "bench int8": partial(see_bench, precision="int8"),
    "bench int4": partial(see_bench, precision="int4"),
    "memory": see_memory,
    "timeline": see_timeline,
    "start": see_start,
    "marked tests": see_marked_tests,
}
