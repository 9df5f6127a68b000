"""The model's parts for a static step, in PyTorch's operators: each a plain function of fixed shapes, so that each
can be compiled on its own. One compilation serves all layers of a stack: seconds, where the whole step takes minutes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.s1.decode.state import Chosen, Logits
from engine.s1.model.config import StackConfig
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import Block, RmsNorm, rope_tables
from engine.s1.model.sampling import Draws, nucleus, nucleus_by_comparing, penalise, tempered

Compiler = Callable[[Callable[..., Any]], Callable[..., Any]]


class OperatorStacks:
    """`compiled` wraps a function into its compiled form; None computes operator by operator."""

    def __init__(self, model: DualAr, max_rows: int, max_positions: int, compiled: Compiler | None = None) -> None:
        c = model.config
        self._model = model
        self._layers, self._fast_layers = (
            [cast(Block, b) for b in stack] for stack in (model.layers, model.fast_layers)
        )
        self._block, self._choose, self._embed = _block, _choose, model.embed
        self._is_fused = compiled is not None
        if compiled is not None:
            self._block, self._choose, self._embed = compiled(_block), compiled(_choose), compiled(model.embed)
        head = model.head
        begin, end = model.semantic_begin_id, model.im_end_id
        self._token_head = torch.cat((head[begin : begin + model.n_semantic], head[end : end + 1]))
        self._residual_head = model.fast_output.weight[: c.n_residual_logits]
        self._slow_rope = rope_tables(0, max_positions, c.slow.head_dim, c.slow.rope_base, model.device)
        self._slow_places = torch.arange(max_positions, device=model.device)
        self._fast_rope = rope_tables(0, c.n_codebooks, c.fast.head_dim, c.fast.rope_base, model.device)
        self._fast_places = torch.arange(c.n_codebooks, device=model.device)
        shape = (c.fast.n_layer, 2, max_rows, c.fast.n_local_heads, c.n_codebooks, c.fast.head_dim)
        self._fast_memory = torch.zeros(shape, dtype=model.activation_dtype, device=model.device)

    def slow(self, columns: Tensor, positions: Tensor, memory: Tensor, n_seen: int) -> Tensor:
        x = self._embed(columns[:, :, None])  # (R, 1, D)
        at = positions[:, None]  # (R, 1)
        cos, sin = self._slow_rope
        rope = cos[at][:, None], sin[at][:, None]  # (R, 1, 1, C / 2)
        mask = (self._slow_places[:n_seen] <= at[..., None])[:, None]  # (R, 1, 1, S)
        for i, layer in enumerate(self._layers):
            x = self._block(layer, x, rope, mask, memory[i, :, : len(x)], at, self._is_fused)
        return x[:, 0]

    def choose(self, hidden: Tensor, draws: Draws) -> Chosen:
        model, settings = self._model, draws.settings
        token, token_logits = self._choose(
            model.norm, hidden, self._token_head, None, settings, draws.token_noise, self._is_fused
        )
        is_over = token == model.n_semantic
        codes = [token.clamp(max=model.n_semantic - 1)]  # what follows the end is never heard, but is computed
        logits = []
        for place in range(draws.history.shape[1]):
            inputs = hidden if place == 0 else None
            history, noise = draws.history[:, place], draws.residual_noise[:, place]
            code, of_code = self._choose_residual(inputs, codes[-1], place, history, settings, noise)
            codes.append(code)
            logits.append(of_code)
        return Chosen(torch.stack(codes, dim=1), is_over, Logits(token_logits, tuple(logits)))

    def _choose_residual(
        self, inputs: Tensor | None, code: Tensor, place: int, history: Tensor, settings: Tensor, noise: Tensor
    ) -> tuple[Tensor, Tensor]:
        """The code (R,) of residual codebook `place`, 0 the first, after `code` (R,); and the logits (R, W).

        `inputs` (R, D): the slow stack's hidden states, for the first codebook; None for the others.
        """
        model = self._model
        n_rows = len(code)
        x = model.fast_embeddings(code)[:, None]  # (R, 1, F)
        first = place + 1
        if inputs is not None:  # position 0 has no output of its own, so that it runs together with position 1
            x, first = torch.cat((model.fast_input(inputs)[:, None], x), dim=1), 0
        at = self._fast_places[first : place + 2].expand(n_rows, -1)  # (R, T)
        cos, sin = (table[first : place + 2] for table in self._fast_rope)  # (T, C / 2)
        mask = (self._fast_places <= at[..., None])[:, None]  # (R, 1, T, N)
        memory = self._fast_memory[:, :, :n_rows]
        for i, layer in enumerate(self._fast_layers):
            x = self._block(layer, x, (cos, sin), mask, memory[i], at, self._is_fused)
        last = x[:, -1:].clone(memory_format=torch.contiguous_format)[:, 0]  # one layout, one compilation
        return self._choose(model.fast_norm, last, self._residual_head, history, settings, noise, self._is_fused)


def _block(
    layer: Block, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor, memory: Tensor, at: Tensor, is_fused: bool
) -> Tensor:
    """x (R, T, D) at positions `at` (R, T) through a layer: its keys and values go to `memory` (2, R, K, M, C), and it
    looks at the positions of `mask` (R, 1, T, S), the first S."""
    attention = layer.attention
    q, k, v = attention.project(layer.attention_norm(x), rope)
    rows, n_seen = torch.arange(len(x), device=x.device)[:, None], mask.shape[-1]
    keys, values = memory[0], memory[1]  # (R, K, M, C)
    keys[rows, :, at] = k.transpose(1, 2).to(keys.dtype)  # (R, T, K, C)
    values[rows, :, at] = v.transpose(1, 2).to(values.dtype)
    look = _look_fused if is_fused else _look
    attended = look(attention.config, q, keys[:, :, :n_seen], values[:, :, :n_seen], mask)  # (R, H, T, C)
    x = x + attention.wo(attended.transpose(1, 2).flatten(2))
    return x + layer.feed_forward(layer.ffn_norm(x))


def _look(config: StackConfig, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """q (R, H, T, C), keys and values (R, K, S, C) -> (R, H, T, C). The heads that share keys stand as further queries,
    so that no key is copied for them."""
    n_shared = config.n_head // config.n_local_heads
    queries = q.unflatten(1, (-1, n_shared)).flatten(2, 3)  # (R, K, G T, C)
    masks = mask.expand(-1, n_shared, -1, -1).flatten(1, 2)[:, None]  # (R, 1, G T, S)
    out = F.scaled_dot_product_attention(queries, keys, values, attn_mask=masks)
    return out.unflatten(2, (n_shared, -1)).flatten(1, 2)


def _look_fused(config: StackConfig, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor) -> Tensor:
    """The same as sums over products, which a compiler makes three loops of; in fp32."""
    queries = q.unflatten(1, (config.n_local_heads, -1)).float()  # (R, K, G, T, C)
    scores = (queries[..., None, :] * keys[:, :, None, None].float()).sum(-1) / math.sqrt(config.head_dim)
    weights = scores.masked_fill(~mask[:, None], float("-inf")).softmax(-1)  # (R, K, G, T, S)
    out = (weights[..., None] * values[:, :, None, None].float()).sum(-2)
    return out.flatten(1, 2).to(q.dtype)


def _choose(
    norm: RmsNorm,
    hidden: Tensor,
    head: Tensor,
    history: Tensor | None,
    settings: Tensor,
    noise: Tensor,
    is_fused: bool,
) -> tuple[Tensor, Tensor]:
    """hidden (R, D) -> ids (R,), and the logits (R, V) they were chosen from; see `choose_ids`."""
    logits = F.linear(norm(hidden), head).float()
    return choose_ids(logits, history, settings, noise, is_fused), logits


def choose_ids(logits: Tensor, history: Tensor | None, settings: Tensor, noise: Tensor, is_fused: bool) -> Tensor:
    """logits fp32 (R, V) -> ids (R,). Without a history (R, P) it is the semantic token, whose last logit is the end's.
    `is_fused`: for a compiler."""
    temperature, top_p, penalty, to_end = settings[:, :, None].unbind(1)  # each (R, 1)
    if history is None:
        logits = torch.cat((logits[:, :-1], logits[:, -1:] + to_end), dim=1)
    else:
        logits = penalise(logits, history, penalty)
    kept = (nucleus_by_comparing if is_fused else nucleus)(logits, top_p)
    return (tempered(logits, kept, temperature) / noise).argmax(-1)
