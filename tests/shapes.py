"""Small random checkpoints in every shape that the format allows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from engine.s1.checkpoint.random_weights import write_random_checkpoint
from engine.s1.model.config import CodecConfig, WindowConfig

N_RANKS = 300

PLAIN_CONFIG: dict[str, Any] = {
    "model_type": "dual_ar",
    "vocab_size": 720,
    "n_layer": 2,
    "n_head": 4,
    "n_local_heads": 2,
    "head_dim": 8,
    "dim": 24,
    "intermediate_size": 40,
    "rope_base": 10_000,
    "norm_eps": 1e-6,
    "max_seq_len": 256,
    "tie_word_embeddings": False,
    "attention_qkv_bias": False,
    "attention_o_bias": False,
    "attention_qk_norm": True,
    "codebook_size": 400,
    "num_codebooks": 3,
    "scale_codebook_embeddings": True,
    "n_fast_layer": 2,
}
SMALL_WINDOW = WindowConfig(n_layer=2, n_head=1, dim=64, intermediate_size=48, window=5, max_positions=16)
SMALL_CODEC = CodecConfig(
    encoder_dim=4,
    encoder_transformer=SMALL_WINDOW,
    latent_dim=64,
    pre_module=SMALL_WINDOW,
    post_module=SMALL_WINDOW,
    semantic_codebook_size=400,
    n_residual_codebooks=2,
    residual_codebook_size=60,
    codebook_dim=4,
    decoder_dim=32,
)

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "tied embeddings": {"tie_word_embeddings": True},
    "projection biases": {"attention_qkv_bias": True, "attention_o_bias": True},
    "fast biases alone": {"fast_attention_qkv_bias": True, "fast_attention_o_bias": True},
    "no qk-norm": {"attention_qk_norm": False},
    "fast without qk-norm": {"fast_attention_qk_norm": False, "fast_dim": None},
    "another fast dimension": {
        "fast_dim": 20,
        "fast_n_head": 3,
        "fast_n_local_heads": 1,
        "fast_head_dim": 6,
        "fast_intermediate_size": 32,
    },
    "full multi-head": {"n_local_heads": -1},
    "unscaled embeddings": {"scale_codebook_embeddings": False},
    "seven codebooks": {"num_codebooks": 7},
}

UNALIKE = ("plain", "another fast dimension", "seven codebooks")
"""The variants that are furthest from each other."""

CheckpointWriter = Callable[..., Path]


def write_small_checkpoint(folder: Path, **changes: Any) -> Path:
    """Random fp32 weights; `changes` are made to config.json."""
    config = PLAIN_CONFIG | changes
    codec = replace(SMALL_CODEC, n_residual_codebooks=config["num_codebooks"] - 1)
    write_random_checkpoint(folder, config, codec, n_ranks=N_RANKS, seed=1, dtype=torch.float32)
    return folder
