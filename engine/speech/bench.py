"""What this computer does with S1 Mini, measured: decoding, the first sound, the codec, memory.

Everything runs through the engine that speaks. Without a checkpoint the weights are random, in S1 Mini's sizes: speed
does not depend on their values. The result is a document of plain values, which names hardware and settings, so that
it can be kept and compared.
"""

from __future__ import annotations

import itertools
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import torch

from engine.errors import OptionError
from engine.machine.device import choose_device, describe
from engine.machine.memory import peak_memory_bytes
from engine.s1.checkpoint import load_codec, load_dual_ar, random_codec, random_dual_ar, write_sizes
from engine.s1.decode import Decoder, generate
from engine.s1.model import CodecModel, DualAr, LowBitLinear, Sampler, Tokenizer, build_prompt
from engine.s1.native import NativeDualAr, on_large_pages
from engine.speech.codec import Codec, DecodeStream
from engine.speech.keeping_up import open_parts
from engine.speech.pacing import FIRST_CHUNK_FRAMES, MAX_CHUNK_FRAMES
from engine.speech.s1_engine import S1Engine
from engine.types import CancelToken, PcmChunk, SpeechOptions, SpeechRequest

FRAMES = 215
"""10 s of sound."""
MAX_UTTERANCE_S = 60.0
"""Of waiting for the frames; on a slow computer there are fewer of them, and the document says how many."""
CODEC_FRAMES = 86
BATCH_S = 30.0
TEXT = "The kettle had begun to sing before anybody in the house was awake, and the cat knew it."
REPEATS = 3

Document = dict[str, Any]
Report = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class BenchOptions:
    """`checkpoint` None: random weights of S1 Mini's sizes. `cache_folder` None: nothing compiled."""

    checkpoint: Path | None = None
    device: str = "auto"
    precision: str = "auto"
    cache_folder: Path | None = None
    n_frames: int = FRAMES
    n_batch: int = 1

    def __post_init__(self) -> None:
        if not 8 <= self.n_frames <= 2000:
            raise OptionError("frames", self.n_frames, "8 to 2000")
        if not 1 <= self.n_batch <= 64:
            raise OptionError("batch", self.n_batch, "1 to 64")


def run_bench(options: BenchOptions, report: Report = lambda _: None) -> Document:
    """Measure, and tell `report` what is being done. Raises `CheckpointError`, `DeviceError`, `OptionError`."""
    device = choose_device(options.device)
    report("Measuring memory bandwidth")
    copy_gb_s, read_gb_s = measure_bandwidth(device)
    with tempfile.TemporaryDirectory() as temporary:
        report("Loading S1 Mini" if options.checkpoint else "Making random weights of S1 Mini's sizes")
        engine, load_s = _load(options, device, Path(temporary))
    try:
        if options.n_batch > engine.max_batch:
            raise OptionError("batch", options.n_batch, f"1 to {engine.max_batch} here")
        report("Warming up")
        warm_up_s = time_to_first_sound(engine)
        ttfa_s = [time_to_first_sound(engine) for _ in range(REPEATS)]
        report(f"Generating {options.n_frames} frames")
        utterance = generate_utterance(engine, options.n_frames)
        report("Decoding sound")
        codec = measure_codec(engine.codec, utterance.codes)
        batch = None
        if options.n_batch > 1:
            report(f"Speaking {options.n_batch} texts at once")
            batch = measure_batch(engine, options.n_batch)
        gb_per_frame = bytes_per_frame(engine.model, utterance.n_positions) / 1e9
        return {
            "date": datetime.now(UTC).strftime("%Y-%m-%d"),
            "hardware": hardware(device),
            "settings": {
                "weights": "random" if options.checkpoint is None else "checkpoint",
                "precision": engine.decoder.precision.name,
                "how": engine.decoder.how,
                "codec": engine.codec.backend,
                "batch": options.n_batch,
                "frames": len(utterance.seconds),
                "prompt_positions": utterance.n_positions - len(utterance.seconds),
            },
            "load_s": load_s,
            "warm_up_s": warm_up_s,
            "decode": _decode_figures(utterance, gb_per_frame, copy_gb_s, read_gb_s),
            "codec": codec,
            "batch": batch,
            "rtf": _rtf(engine.codec, utterance, codec),
            "ttfa_ms": 1000 * statistics.median(ttfa_s),
            "first_sound": _first_sound_figures(engine.codec, utterance, codec, statistics.median(ttfa_s)),
            "peak_memory_bytes": peak_memory_bytes(device),
        }
    finally:
        engine.close()


def _load(options: BenchOptions, device: torch.device, temporary: Path) -> tuple[S1Engine, float]:
    """The engine, and the seconds that loading it took."""
    load_model: Callable[..., tuple[Tokenizer, DualAr]] = load_dual_ar
    load_sound: Callable[..., CodecModel] = load_codec
    folder = options.checkpoint
    if folder is None:
        folder, load_model, load_sound = temporary, random_dual_ar, random_codec
        write_sizes(folder)
    began = time.perf_counter()
    decoder, codec = open_parts(
        folder, options.device, options.precision, options.cache_folder, load=load_model, load_sound=load_sound
    )
    _wait(device)
    return S1Engine(decoder, codec), time.perf_counter() - began


def hardware(device: torch.device) -> Document:
    return {
        "device": describe(device),
        "cpu": _cpu_name(),
        "threads": torch.get_num_threads(),
        "capability": torch.backends.cpu.get_cpu_capability(),
        "system": f"{platform.system()} {platform.machine()}",
        "torch": torch.__version__,
        "cuda": torch.version.cuda if device.type == "cuda" else None,
    }


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor())


def measure_bandwidth(device: torch.device) -> tuple[float, float]:
    """GB/s of a large copy (bytes read and bytes written), and of reading alone; the best of six."""
    n_bytes = 2**29 if device.type == "cuda" else 2**28

    def floats() -> torch.Tensor:
        if device.type == "cuda":
            return torch.ones(n_bytes // 4, device=device)
        return on_large_pages(n_bytes).view(torch.float32).fill_(1.0)  # where weights lie, too

    source, target = floats(), floats()

    def best(run: Callable[[], object]) -> float:
        return min(_timed(run, device) for _ in range(6))

    copy_s, read_s = best(lambda: target.copy_(source)), best(source.max)
    return 2 * n_bytes / copy_s / 1e9, n_bytes / read_s / 1e9


def _timed(run: Callable[[], object], device: torch.device) -> float:
    _wait(device)
    began = time.perf_counter()
    run()
    _wait(device)
    return time.perf_counter() - began


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def time_to_first_sound(engine: S1Engine) -> float:
    """Seconds from a request to its first samples."""
    cancel = CancelToken()
    request = SpeechRequest(TEXT, options=SpeechOptions(seed=0, language="en", max_attempts=1))
    began = time.perf_counter()
    for event in engine.speak(request, cancel):
        if isinstance(event, PcmChunk):
            break
    seconds = time.perf_counter() - began
    cancel.cancel()
    return seconds


@dataclass(frozen=True, slots=True)
class Utterance:
    """`first_s`: the prompt and the first frame. `seconds`: of each frame after it. `codes` int64 (N, n_frames)."""

    first_s: float
    seconds: list[float]
    codes: np.ndarray
    n_positions: int


def generate_utterance(engine: S1Engine, n_frames: int) -> Utterance:
    """That many frames after the first, or as many as `MAX_UTTERANCE_S` allows. Ends of speech are gone past."""
    prompt = torch.from_numpy(build_prompt(engine.tokenizer, engine.codec.n_codebooks, (), TEXT))
    frames = never_ending(engine.decoder, prompt, n_frames)
    began = time.perf_counter()
    codes = [next(frames).cpu().numpy()]
    first_s = time.perf_counter() - began
    seconds: list[float] = []
    while len(seconds) < n_frames and sum(seconds) < MAX_UTTERANCE_S:
        began = time.perf_counter()
        codes.append(next(frames).cpu().numpy())
        seconds.append(time.perf_counter() - began)
    return Utterance(first_s, seconds, np.stack(codes, axis=1), prompt.shape[1] + len(seconds))


def never_ending(decoder: Decoder, prompt: torch.Tensor, n_frames: int) -> Iterator[torch.Tensor]:
    """Frames int64 (N,); where the model ends, it begins again."""
    for seed in itertools.count():
        sampler = Sampler(0.8, 0.8, 1.1, torch.Generator(decoder.model.device).manual_seed(seed))
        yield from generate(decoder.rows_for_one(), prompt, sampler, n_frames + 1)


def bytes_per_frame(model: DualAr, n_positions: int) -> int:
    """What a frame reads at least: all slow layers and legal logits once, the fast ones once for each pass, and the
    keys and values of `n_positions` (their mean over the utterance is about that of its middle)."""
    c = model.config
    head = (model.n_semantic + 1) * c.slow.dim * model.dtype.itemsize
    fast_head = c.n_residual_logits * c.fast.dim * model.dtype.itemsize
    cache = 2 * c.slow.n_layer * c.slow.n_local_heads * c.slow.head_dim * n_positions * model.cache_dtype.itemsize
    n_passes = c.n_codebooks - 1
    slow, fast = _layer_bytes(model)
    return slow + head + cache + n_passes * (fast + fast_head)


def _layer_bytes(model: DualAr) -> tuple[int, int]:
    """Of the slow layers and of the fast ones."""
    if isinstance(model, NativeDualAr):
        return model.layer_bytes
    return _stack_bytes(model.layers), _stack_bytes(model.fast_layers)


def _stack_bytes(stack: torch.nn.Module) -> int:
    total = sum(p.nbytes for p in stack.parameters())
    for module in stack.modules():
        if isinstance(module, LowBitLinear):
            total += module.out_features * module.in_features * module.bits // 8 + module.scales.nbytes
    return total


def chunk_sizes(n_frames: int) -> list[int]:
    """As a device that is fast enough is given them: 4, 8, 16, 32, then the largest."""
    sizes: list[int] = []
    size = FIRST_CHUNK_FRAMES
    while (left := n_frames - sum(sizes)) > 0:
        sizes.append(min(size, left))
        size = min(2 * size, MAX_CHUNK_FRAMES)
    return sizes


def measure_codec(codec: Codec, codes: np.ndarray) -> Document:
    """Whole and in chunks, taking turns; seconds of work per second of sound, medians."""
    codes = codes[:, :CODEC_FRAMES] if codec.model.device.type == "cpu" else codes
    n_frames = codes.shape[1]
    audio_s = n_frames * codec.frame_length / codec.sample_rate
    cuts = {"whole": [n_frames], "chunked": chunk_sizes(n_frames)}
    seconds: dict[str, list[float]] = {name: [] for name in cuts}
    for turn, (name, sizes) in itertools.product(range(REPEATS + 1), cuts.items()):
        stream, ends = DecodeStream(codec), np.cumsum(sizes)
        began = time.perf_counter()
        for n, end in zip(sizes, ends, strict=True):
            stream.decode(codes[:, end - n : end])
        if turn:  # the first is a warm-up
            seconds[name].append(time.perf_counter() - began)
    whole, chunked = (statistics.median(seconds[name]) / audio_s for name in cuts)
    return {
        "path": codec.backend,
        "dtype": "float32",
        "frames": n_frames,
        "chunks": cuts["chunked"],
        "whole_s_per_s": whole,
        "chunked_s_per_s": chunked,
        "chunked_against_whole": chunked / whole,
    }


def measure_batch(engine: S1Engine, n_texts: int) -> Document:
    """As many texts at once, sound and all, for at most `BATCH_S`: what comes out of them together."""
    cancel, n_samples = CancelToken(), 0
    options = (SpeechOptions(seed=seed, language="en", max_attempts=1) for seed in range(n_texts))
    requests = [SpeechRequest(TEXT, options=one) for one in options]
    began = time.perf_counter()
    for _, event in engine.speak_batch(requests, cancel):
        if isinstance(event, PcmChunk):
            n_samples += len(event.samples)
            if time.perf_counter() - began > BATCH_S:
                break
    seconds = time.perf_counter() - began
    cancel.cancel()
    audio_s = n_samples / engine.codec.sample_rate
    frames_per_s = n_samples / engine.codec.frame_length / seconds
    return {"texts": n_texts, "audio_s": audio_s, "frames_per_s": frames_per_s, "rtf": seconds / audio_s}


def _decode_figures(utterance: Utterance, gb_per_frame: float, copy_gb_s: float, read_gb_s: float) -> Document:
    median = statistics.median(utterance.seconds)
    return {
        "frames_per_s": 1 / median,
        "ms_per_frame": 1000 * median,
        "best_ms_per_frame": 1000 * min(utterance.seconds),
        "first_frame_ms": 1000 * utterance.first_s,
        "gb_per_frame": gb_per_frame,
        "gb_per_s": gb_per_frame / median,
        "copy_gb_per_s": copy_gb_s,
        "read_gb_per_s": read_gb_s,
        "fraction_of_copy": gb_per_frame / median / copy_gb_s,
        "fraction_of_read": gb_per_frame / median / read_gb_s,
    }


def _rtf(codec: Codec, utterance: Utterance, codec_figures: Document) -> float:
    """Compute over sound, for a long text: frames and their decoding, one after the other."""
    frame_s = codec.frame_length / codec.sample_rate
    return statistics.median(utterance.seconds) / frame_s + codec_figures["chunked_s_per_s"]


def _first_sound_figures(codec: Codec, utterance: Utterance, codec_figures: Document, ttfa_s: float) -> Document:
    """Against the whole utterance first: its frames as they were timed, and the codec's time for so much sound."""
    audio_s = utterance.codes.shape[1] * codec.frame_length / codec.sample_rate
    whole_s = utterance.first_s + sum(utterance.seconds) + codec_figures["whole_s_per_s"] * audio_s
    return {"utterance_s": audio_s, "whole_first_ms": 1000 * whole_s, "share": ttfa_s / whole_s}
