"""The dual-AR transformer once more, as plainly as the specification states it: whole sequences, no cache,
no restricted heads, float64 (but for the tables that are rounded by definition). For comparison only.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.s1.model.config import ModelConfig, StackConfig

Weights = dict[str, Tensor]


def hidden_states(weights: Weights, config: ModelConfig, prompt: Tensor, semantic_begin_id: int) -> Tensor:
    """prompt (1 + N, T) -> (T, D): the slow stack's output before its norm."""
    rows = []
    for column in prompt.T.tolist():
        token, codes = column[0], column[1:]
        x = weights["embeddings.weight"][token]
        if semantic_begin_id <= token < semantic_begin_id + config.codebook_size:
            for i, code in enumerate(codes):
                x = x + weights["codebook_embeddings.weight"][code + i * config.codebook_size]
            if config.scale_codebook_embeddings:
                x = x / math.sqrt(config.n_codebooks + 1)
        rows.append(x)
    return _stack(weights, "layers", config.slow, torch.stack(rows))


def logits(weights: Weights, config: ModelConfig, hidden: Tensor) -> Tensor:
    """(T, D) -> (T, vocab_size)."""
    head = weights["embeddings.weight" if config.tie_word_embeddings else "output.weight"]
    return _rms(hidden, weights["norm.weight"], config.slow.norm_eps) @ head.T


def fast_logits(weights: Weights, config: ModelConfig, hidden: Tensor, codes: list[int]) -> Tensor:
    """hidden (D,) and a frame's codes (N,) -> (N - 1, codebook_size): for codes 1 to N - 1."""
    x = hidden
    if "fast_project_in.weight" in weights:
        x = weights["fast_project_in.weight"] @ x + weights["fast_project_in.bias"]
    inputs = torch.stack([x, *(weights["fast_embeddings.weight"][code] for code in codes[:-1])])
    out = _stack(weights, "fast_layers", config.fast, inputs)
    return (_rms(out, weights["fast_norm.weight"], config.fast.norm_eps) @ weights["fast_output.weight"].T)[1:]


def _stack(weights: Weights, prefix: str, c: StackConfig, x: Tensor) -> Tensor:
    for i in range(c.n_layer):
        w = {n.removeprefix(f"{prefix}.{i}."): t for n, t in weights.items() if n.startswith(f"{prefix}.{i}.")}
        x = x + _attention(w, c, _rms(x, w["attention_norm.weight"], c.norm_eps))
        z = _rms(x, w["ffn_norm.weight"], c.norm_eps)
        gate = z @ w["feed_forward.w1.weight"].T
        x = x + (gate * gate.sigmoid() * (z @ w["feed_forward.w3.weight"].T)) @ w["feed_forward.w2.weight"].T
    return x


def _attention(w: Weights, c: StackConfig, x: Tensor) -> Tensor:
    n, d = len(x), c.head_dim
    qkv = x @ w["attention.wqkv.weight"].T + w.get("attention.wqkv.bias", torch.zeros((), dtype=x.dtype))
    q, k, v = qkv.split((c.n_head * d, c.n_local_heads * d, c.n_local_heads * d), dim=1)
    out = []
    for head in range(c.n_head):
        group = head // (c.n_head // c.n_local_heads)
        qh, kh = q[:, head * d : (head + 1) * d], k[:, group * d : (group + 1) * d]
        if c.qk_norm:
            qh = _rms(qh, w["attention.q_norm.weight"], c.norm_eps)
            kh = _rms(kh, w["attention.k_norm.weight"], c.norm_eps)
        scores = _rotated(qh, c) @ _rotated(kh, c).T / math.sqrt(d)
        scores = scores.masked_fill(torch.ones(n, n).triu(1).bool(), -math.inf)
        out.append(scores.softmax(-1) @ v[:, group * d : (group + 1) * d])
    y = torch.cat(out, dim=1) @ w["attention.wo.weight"].T
    return y + w.get("attention.wo.bias", torch.zeros((), dtype=x.dtype))


def _rotated(x: Tensor, c: StackConfig) -> Tensor:
    y = x.clone()
    for t in range(len(x)):
        for j in range(c.head_dim // 2):
            frequency = 1.0 / (torch.tensor(c.rope_base) ** torch.tensor(2 * j / c.head_dim))
            angle = t * frequency  # fp32, by definition
            cos, sin = angle.cos().bfloat16().double(), angle.sin().bfloat16().double()
            a, b = x[t, 2 * j], x[t, 2 * j + 1]
            y[t, 2 * j], y[t, 2 * j + 1] = a * cos - b * sin, b * cos + a * sin
    return y


def _rms(x: Tensor, weight: Tensor, eps: float) -> Tensor:
    return x / (x.square().mean(-1, keepdim=True) + eps).sqrt() * weight
