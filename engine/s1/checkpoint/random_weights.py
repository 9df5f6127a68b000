"""Random weights in the published shapes, as a checkpoint folder or straight on a device: noise of the right length, at
the right cost.

Speed and memory do not depend on the values, so they show what a machine can do without the real weights;
and small ones in any shape serve the tests. Nothing is downloaded.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.s1.checkpoint.codec_file import derived_shapes, weight_shapes
from engine.s1.checkpoint.config_files import read_codec_config, read_model_config
from engine.s1.checkpoint.load import LIKE_THE_SLOW, FastForm, blank, blank_dual_ar, filled_dual_ar, memory_errors
from engine.s1.model.codec import CodecModel
from engine.s1.model.config import CodecConfig
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.tokenizer import Tokenizer
from engine.s1.native.kernels import Kernels

S1_MINI_CONFIG: dict[str, Any] = {
    "model_type": "dual_ar",
    "vocab_size": 155_776,
    "n_layer": 28,
    "n_head": 16,
    "n_local_heads": 8,
    "head_dim": 128,
    "dim": 1024,
    "intermediate_size": 3072,
    "rope_base": 1_000_000,
    "norm_eps": 1e-6,
    "max_seq_len": 8192,
    "tie_word_embeddings": False,
    "attention_qkv_bias": False,
    "attention_o_bias": False,
    "attention_qk_norm": True,
    "codebook_size": 4096,
    "num_codebooks": 10,
    "scale_codebook_embeddings": True,
    "n_fast_layer": 4,
}
S1_MINI_N_RANKS = 151_643
_CONTROL_TOKENS = [
    "begin_of_text",
    "end_of_text",
    "pad",
    "im_start",
    "im_end",
    "phoneme_start",
    "phoneme_end",
    "tool_call_start",
    "tool_call_end",
    "text",
    "voice",
    "interleave",
    "audio_start",
    "audio_end",
    "audio",
]


def write_random_checkpoint(
    folder: Path,
    config: dict[str, Any] | None = None,
    codec_config: CodecConfig | None = None,
    n_ranks: int = S1_MINI_N_RANKS,
    seed: int = 0,
    dtype: torch.dtype = torch.bfloat16,
) -> None:
    """Write a folder of these sizes, S1 Mini's by default (3.6 GB). `config` is what config.json will say.

    `n_ranks` is the size of the tokenizer, at least 256; the special tokens follow it.
    """
    generator = torch.Generator().manual_seed(seed)
    write_sizes(folder, config, codec_config, n_ranks)
    with blank():
        model = DualAr(read_model_config(folder), 0, 0, 0)
        codec = CodecModel(codec_config or CodecConfig())
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters()}
    torch.save(
        {name: random_tensor(name, shape, generator).to(dtype) for name, shape in shapes.items()}, folder / "model.pth"
    )
    tensors = {name: random_tensor(name, shape, generator) for name, shape in weight_shapes(codec).items()}
    for name, shape in derived_shapes(codec).items():
        tensors[name] = torch.zeros(shape, dtype=torch.bool if name.endswith("mask") else torch.bfloat16)
    torch.save(tensors, folder / "codec.pth")


def write_sizes(
    folder: Path,
    config: dict[str, Any] | None = None,
    codec_config: CodecConfig | None = None,
    n_ranks: int = S1_MINI_N_RANKS,
) -> None:
    """Write a checkpoint folder without its weights: configuration and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    config = config or S1_MINI_CONFIG
    (folder / "config.json").write_text(json.dumps(config, indent=2))
    if codec_config is not None:
        (folder / "codec.json").write_text(json.dumps(asdict(codec_config), indent=2))
    _write_tokenizer(folder, n_ranks, config["codebook_size"])


def random_dual_ar(
    folder: Path,
    device: torch.device,
    dtype: torch.dtype | None = None,
    bits: int | None = None,
    kernels: Kernels | None = None,
    fast: FastForm = LIKE_THE_SLOW,
) -> tuple[Tokenizer, DualAr]:
    """Do as `load_dual_ar` with a folder by `write_sizes`, with noise for weights; `dtype` None is bf16.

    Raises `DeviceError` when the device's memory does not suffice.
    """
    tokenizer, model = blank_dual_ar(folder)
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters()}
    with memory_errors(device):
        noise = _Noise(device, dtype or torch.bfloat16)
    return tokenizer, filled_dual_ar(model, lambda name: noise.tensor(name, shapes[name]), device, bits, kernels, fast)


def random_codec(folder: Path, device: torch.device, wanted: Callable[[str], bool]) -> CodecModel:
    """Do as `load_codec` with such a folder, with noise for weights. Raises `DeviceError`."""
    with blank():
        model = CodecModel(read_codec_config(folder))
    shapes = {name: tuple(p.shape) for name, p in model.named_parameters() if wanted(name)}
    with memory_errors(device):
        noise = _Noise(device, torch.float32)
        weights = {name: noise.tensor(name, shape) for name, shape in shapes.items()}
    model.load_state_dict(weights, strict=False, assign=True)
    return model.requires_grad_(False).eval()


class _Noise:
    """The same million random numbers over and over, because drawing a billion takes longer than what is measured."""

    def __init__(self, device: torch.device, dtype: torch.dtype) -> None:
        generator = torch.Generator().manual_seed(0)
        self._block = torch.randn(2**20, generator=generator).to(device, dtype)

    def tensor(self, name: str, shape: tuple[int, ...]) -> Tensor:
        if name.endswith(("norm.weight", "alpha")):
            return self._block.new_ones(shape)
        if name.endswith("gamma"):
            return self._block.new_full(shape, 0.1)
        # of a matrix, so that what comes out is as large as what goes in
        scale = 0.02 if len(shape) < 2 else 1 / math.sqrt(math.prod(shape[1:]))
        flat = self._block.new_empty(math.prod(shape))
        n_whole, n_left = divmod(len(flat), len(self._block))
        whole, left = flat.split([len(flat) - n_left, n_left])
        torch.mul(self._block.expand(n_whole, -1), scale, out=whole.view(n_whole, len(self._block)))
        torch.mul(self._block[:n_left], scale, out=left)
        return flat.view(shape)


def random_tensor(name: str, shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Draw values that neither explode nor fade through the layers, fp32."""
    if name.endswith(("norm.weight", "alpha", "original0", "weight_g")):
        return torch.ones(shape)
    if name.endswith("gamma"):
        return torch.full(shape, 0.1)
    scale = 1.0 if name.endswith(("original1", "weight_v", "codebook.weight")) else 0.02
    return torch.randn(shape, generator=generator) * scale


def _write_tokenizer(folder: Path, n_ranks: int, n_semantic: int) -> None:
    """Every single byte, then longer strings of bytes until there are `n_ranks`."""
    tokens = itertools.chain.from_iterable(itertools.product(range(256), repeat=n) for n in (1, 2, 3))
    lines = [
        f"{base64.b64encode(bytes(token)).decode()} {rank}"
        for rank, token in enumerate(itertools.islice(tokens, n_ranks))
    ]
    (folder / "tokenizer.tiktoken").write_text("\n".join(lines) + "\n")
    names = [*(f"<|{name}|>" for name in _CONTROL_TOKENS), *(f"<|semantic:{code}|>" for code in range(n_semantic))]
    special_tokens = {name: n_ranks + i for i, name in enumerate(names)}
    (folder / "special_tokens.json").write_text(json.dumps(special_tokens))
