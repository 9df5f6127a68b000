"""Compare the engine with a folder of golden vectors: `python tests/golden.py FOLDER [--device cpu]`.

FOLDER holds `checkpoint/`, `tokenizer.json` and `vectors.npz` in the format of tests/golden/README.md.
Prints the largest error of every array and exits with 1 when any is beyond its tolerance. Nothing
here knows the sizes of a particular checkpoint; an array that nothing compares is a failure too.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from engine.machine.device import choose_device
from engine.s1.checkpoint.load import load_codec, load_dual_ar
from engine.s1.decode.decoder import backend_of
from engine.s1.decode.rows import Rows, generate
from engine.s1.model.codec import CodecModel
from engine.s1.model.codec_layers import Stream
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.prompt import build_prompt
from engine.s1.model.sampling import Greedy, distribution, penalise
from engine.s1.model.tokenizer import Tokenizer
from engine.types import Reference

EXACT = 0.0
LOGITS_TOLERANCE = 5e-5  # logits, hidden states, latents
WAVE_TOLERANCE = 5e-6  # waveforms and the codec's stages
PROBABILITY_TOLERANCE = 1e-6
BF16_RELATIVE_TOLERANCE = 0.02
TIE_TOLERANCE = 1e-5  # two nearest codes closer than this may be taken for one another


@dataclass(frozen=True)
class Result:
    name: str
    error: float
    tolerance: float

    @property
    def passed(self) -> bool:
        return self.error <= self.tolerance  # NaN fails


class Vectors:
    """The arrays of `vectors.npz`, remembering which were asked for."""

    def __init__(self, path: Path) -> None:
        self._file = np.load(path)
        self.names = set(self._file.files)
        self.used: set[str] = set()

    def __getitem__(self, name: str) -> np.ndarray:
        self.used.add(name)
        return self._file[name]


def compare_folder(folder: Path, device: torch.device) -> Iterator[Result]:
    vectors = Vectors(folder / "vectors.npz")
    texts = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokenizer, model = load_dual_ar(folder / "checkpoint", device, torch.float32)
    yield from _tokens(texts, tokenizer)
    prompts = _prompts(texts["texts"], vectors, tokenizer, model.config.n_codebooks)
    for case, prompt in prompts.items():
        yield Result(f"prompt_{case}", largest_error(prompt, vectors[f"prompt_{case}"]), EXACT)
    heard = [case for case in prompts if f"greedy_frames_{case}" in vectors.names]
    with torch.inference_mode():
        for case in heard:
            yield from _model(case, vectors, model)
        yield from _sampling(vectors)
        _, rounded = load_dual_ar(folder / "checkpoint", device, torch.bfloat16)
        for case in heard:
            yield _bf16(case, vectors, rounded)
        codec = load_codec(folder / "checkpoint", device, lambda _: True)
        yield from _codec_encoding(vectors, codec)
        yield from _codec_decoding(vectors, codec)
    for name in sorted(vectors.names - vectors.used):
        yield Result(f"{name} (nothing compares it)", float("inf"), EXACT)


def _tokens(texts: dict, tokenizer: Tokenizer) -> Iterator[Result]:
    for name, text in texts["texts"].items():
        # The vectors let control tokens through, as the model's reference does. We never do in a user's text.
        through = tokenizer.encoding.encode(text, allowed_special="all")
        yield Result(f"tokens {name}", float(through != texts["tokens"][name]), EXACT)
        ours, control = tokenizer.encode(text), set(tokenizer.encoding._special_tokens.values())
        same = ours == through or (set(through) & control and not set(ours) & control)
        yield Result(f"tokens {name}, no control token", float(not same), EXACT)
    for name in ("semantic_begin_id", "semantic_end_id", "im_end_id"):
        yield Result(name, abs(getattr(tokenizer, name) - texts[name]), EXACT)


def _prompts(texts: dict[str, str], vectors: Vectors, tokenizer: Tokenizer, n_codebooks: int) -> dict[str, np.ndarray]:
    codes = vectors["reference_codes"]
    cases: dict[str, tuple[str, list[Reference]]] = {
        "plain": ("en", []),
        "cloned": ("en_marker", [Reference("A short reference.", codes)]),
        "cloned2": ("zh", [Reference("First.", codes[:, :5]), Reference("Second!", codes[:, 5:])]),
        "merge": ("merge", [Reference("\n>> so", codes[:, :2])]),
    }
    return {
        case: build_prompt(tokenizer, n_codebooks, references, texts[text])
        for case, (text, references) in cases.items()
    }


def _model(case: str, vectors: Vectors, model: DualAr) -> Iterator[Result]:
    prompt = torch.from_numpy(vectors[f"prompt_{case}"]).to(model.device)
    cache = model.slow_cache(prompt.shape[1])
    hidden = model.slow(prompt[None], cache)[0, -1]
    logits = vectors[f"prefill_logits_{case}"]
    yield Result(f"prefill_logits_{case}", largest_error(model.all_logits(hidden), logits), LOGITS_TOLERANCE)
    legal = np.append(logits[model.semantic_begin_id :][: model.n_semantic], logits[model.im_end_id])
    error = largest_error(model.legal_logits(hidden), legal)
    yield Result(f"prefill_logits_{case}, legal rows", error, LOGITS_TOLERANCE)
    error = largest_error(model.fast_input(hidden), vectors[f"prefill_hidden_{case}"])
    yield Result(f"prefill_hidden_{case}", error, LOGITS_TOLERANCE)
    yield _fast_logits(case, vectors, model, hidden)
    expected = vectors[f"greedy_frames_{case}"]
    rows = Rows.of(backend_of(model))
    frames = list(islice(generate(rows, prompt.cpu(), Greedy(), expected.shape[1]), expected.shape[1]))
    codes = torch.stack(frames, dim=1)  # (N, n)
    found = torch.cat((codes[:1] + model.semantic_begin_id, codes))
    yield Result(f"greedy_frames_{case}", largest_error(found, expected), EXACT)


def _fast_logits(case: str, vectors: Vectors, model: DualAr, hidden: Tensor) -> Result:
    """The first frame's residual logits, whole rows, along the greedy path."""
    expected = vectors[f"fast_logits_first_frame_{case}"]
    codes = torch.from_numpy(vectors[f"greedy_frames_{case}"][1:, 0]).to(model.device)
    cache, rows = model.fast_cache(), []
    x = torch.stack((model.fast_input(hidden), model.fast_embeddings(codes[0])))[None]
    for code in codes[1:]:
        rows.append(model.all_fast_logits(x, cache)[0])
        x = model.fast_embeddings(code)[None, None]
    return Result(f"fast_logits_first_frame_{case}", largest_error(torch.stack(rows), expected), LOGITS_TOLERANCE)


def _bf16(case: str, vectors: Vectors, model: DualAr) -> Result:
    prompt = torch.from_numpy(vectors[f"prompt_{case}"]).to(model.device)
    hidden = model.slow(prompt[None], model.slow_cache(prompt.shape[1]))[0, -1]
    found, expected = model.all_logits(hidden).float().cpu().numpy(), vectors[f"prefill_logits_bf16_{case}"]
    error = float(np.linalg.norm(found - expected) / np.linalg.norm(expected))
    return Result(f"prefill_logits_bf16_{case} (relative)", error, BF16_RELATIVE_TOLERANCE)


def _sampling(vectors: Vectors) -> Iterator[Result]:
    for kind in ("sampling", "sampling_flat"):
        logits = torch.from_numpy(vectors[f"{kind}_logits"])
        previous = torch.from_numpy(vectors[f"{kind}_previous"])
        cases = zip(vectors[f"{kind}_params_T_topp_rep"].tolist(), vectors[f"{kind}_probs"], strict=True)
        for i, ((temperature, top_p, penalty), expected) in enumerate(cases):
            found = distribution(penalise(logits, previous, penalty), temperature, top_p)
            yield Result(f"{kind}_probs[{i}]", largest_error(found, expected), PROBABILITY_TOLERANCE)


def _codec_encoding(vectors: Vectors, codec: CodecModel) -> Iterator[Result]:
    latent, codes = _encode(vectors["codec_wave_in"], codec)
    yield Result("codec_encoder_latent", largest_error(latent, vectors["codec_encoder_latent"]), LOGITS_TOLERANCE)
    yield _codes("codec_codes", codes, vectors["codec_codes"], latent, codec)
    yield Result("codec_lens", abs(codes.shape[1] - int(vectors["codec_lens"][0])), EXACT)
    latent, codes = _encode(vectors["codec_long_wave_in"], codec)
    tail = vectors["codec_long_encoder_latent_tail"]
    error = largest_error(latent[:, -tail.shape[1] :], tail)
    yield Result("codec_long_encoder_latent_tail", error, LOGITS_TOLERANCE)
    yield _codes("codec_long_codes", codes, vectors["codec_long_codes"], latent, codec)


def _encode(wave: np.ndarray, codec: CodecModel) -> tuple[Tensor, Tensor]:
    samples = torch.from_numpy(wave.astype(np.float32))
    samples = torch.nn.functional.pad(samples, (0, -len(samples) % codec.config.frame_length)).to(codec.device)
    latent = codec.encoder(samples[None, None], Stream())
    return latent[0], codec.quantizer.encode(latent, Stream())[0]


def _codes(name: str, found: Tensor, expected: np.ndarray, latent: Tensor, codec: CodecModel) -> Result:
    """Wrong codes, ties aside. After a tie the residual codes of that frame follow the other branch."""
    wrong = 0
    if found.shape != expected.shape:
        return Result(name, float("inf"), EXACT)
    quantizers = [*codec.quantizer.semantic_quantizer, *codec.quantizer.quantizer]
    z = codec.quantizer.pre_module(codec.quantizer.downsample(latent[None], Stream()), Stream())
    for frame in (found.cpu().numpy() != expected).any(axis=0).nonzero()[0].tolist():
        left = z[:, :, frame : frame + 1]
        for quantizer, ours, theirs in zip(
            quantizers, found[:, frame].tolist(), expected[:, frame].tolist(), strict=True
        ):
            if ours != theirs:
                direction = torch.nn.functional.normalize(quantizer.in_proj(left)[0, :, 0], dim=0)
                rows = torch.nn.functional.normalize(quantizer.codebook.weight[[ours, theirs]], dim=1)
                distances = 2 - 2 * rows @ direction
                wrong += int((distances[0] - distances[1]).abs() > TIE_TOLERANCE)
                break
            left = left - quantizer.lookup(torch.tensor([[ours]], device=codec.device))
    return Result(name, wrong, EXACT)


def _codec_decoding(vectors: Vectors, codec: CodecModel) -> Iterator[Result]:
    codes = torch.from_numpy(vectors["codec_decode_codes"])[None].to(codec.device)
    stream, quantizer = Stream(), codec.quantizer
    summed = quantizer.sum_of_rows(codes)
    context = quantizer.post_module(summed, stream)
    upsampled = quantizer.upsample(context, stream)
    for name, stage in (("quantizer_sum", summed), ("post_module_out", context), ("upsampled", upsampled)):
        yield Result(f"codec_{name}", largest_error(stage[0], vectors[f"codec_{name}"]), WAVE_TOLERANCE)
    wave = codec.decode(codes, Stream())[0]
    yield Result("codec_decode_wave", largest_error(wave, vectors["codec_decode_wave"]), WAVE_TOLERANCE)
    yield Result("codec_decode_len", abs(len(wave) - int(vectors["codec_decode_len"][0])), EXACT)
    n_first = min(30, codes.shape[2] - 1)
    first = codec.decode(codes[:, :, :n_first], Stream())[0]
    causality = largest_error(first, wave[: len(first)].cpu().numpy())
    _ = vectors["causality_max_abs_diff_first30"]  # the reference's own figure: ours is held to the waveform's bound
    yield Result("causality_max_abs_diff_first30", causality, WAVE_TOLERANCE)
    beyond = torch.from_numpy(vectors["codec_out_of_range_codes"])[None].to(codec.device)
    error = largest_error(codec.decode(beyond, Stream())[0], vectors["codec_out_of_range_wave"])
    yield Result("codec_out_of_range_wave", error, WAVE_TOLERANCE)


def largest_error(found: Tensor | np.ndarray, expected: np.ndarray) -> float:
    """Largest absolute difference; infinite when the shapes differ."""
    values = np.asarray(found.cpu() if isinstance(found, Tensor) else found)
    if values.shape != expected.shape:
        return float("inf")
    return float(np.abs(values.astype(np.float64) - expected.astype(np.float64)).max(initial=0.0))


def main() -> int:
    parser = argparse.ArgumentParser(description="Compare the engine with a folder of golden vectors.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    arguments = parser.parse_args()
    # fp32 means fp32: no TF32 in products or convolutions.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    results = list(compare_folder(arguments.folder, choose_device(arguments.device)))
    for result in results:
        verdict = "ok" if result.passed else "FAILED"
        print(f"{verdict:6}  {result.name:45} error {result.error:9.3g}   allowed {result.tolerance:g}")  # noqa: T201
    n_failed = sum(not result.passed for result in results)
    print(f"{len(results) - n_failed} passed, {n_failed} failed")  # noqa: T201
    return 1 if n_failed else 0


if __name__ == "__main__":
    sys.exit(main())
