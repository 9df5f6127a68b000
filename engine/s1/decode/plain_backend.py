"""The backend in PyTorch's own operators: the model's parts as plain functions of fixed shapes.

Nothing in them asks the host, so that a step can also be captured, and each part be compiled on its own: one
compilation serves all layers of a stack, seconds, where the whole step takes minutes. Shapes: R rows, S positions
looked at, and those of `RowState`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.s1.decode.backend import Logits, Ready
from engine.s1.decode.state import RowState
from engine.s1.model.config import StackConfig
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import Block, RmsNorm, rope_tables
from engine.s1.model.sampling import Draws, nucleus, nucleus_by_comparing, penalise, tempered

Compiler = Callable[[Callable[..., Any]], Callable[..., Any]]


class PlainBackend:
    """Computes frames operator by operator, or with `compiled`, which wraps a function into its compiled form."""

    lag = 0

    def __init__(self, model: DualAr, compiled: Compiler | None = None) -> None:
        c = model.config
        self.model = model
        self.is_fused = compiled is not None
        self.layers, self.fast_layers = ([cast(Block, b) for b in stack] for stack in (model.layers, model.fast_layers))
        self.block, self.choose, self.embed = _block, _choose, model.embed
        if compiled is not None:
            self.block, self.choose, self.embed = compiled(_block), compiled(_choose), compiled(model.embed)
        head = model.head
        begin, end = model.semantic_begin_id, model.im_end_id
        self.token_head = torch.cat((head[begin : begin + model.n_semantic], head[end : end + 1]))
        self.residual_head = model.fast_output.weight[: c.n_residual_logits]
        self.rope = rope_tables(0, c.max_seq_len, c.slow.head_dim, c.slow.rope_base, model.device)
        self.places = torch.arange(c.max_seq_len, device=model.device)
        self.fast_rope = rope_tables(0, c.n_codebooks, c.fast.head_dim, c.fast.rope_base, model.device)
        self.fast_places = torch.arange(c.n_codebooks, device=model.device)
        self.fast_mask = torch.ones(2, 2, dtype=torch.bool, device=model.device).tril()[None, None]  # the first two

    def room_for(self, n_positions: int) -> int:
        return n_positions

    def read(self, columns: Tensor, state: RowState, row: int, start: int) -> None:
        self.model.slow(columns[None], state.cache(row, start))

    def open(self, state: RowState) -> PlainStep:
        return PlainStep(self, state)


class PlainStep:
    """One frame as a function of fixed shapes over the buffers of `state`, sampling included."""

    def __init__(self, backend: PlainBackend, state: RowState, *, is_exact: bool = True) -> None:
        """`is_exact`: it is told how many positions there are; else at least so many."""
        self._backend, self.state, self._is_exact = backend, state, is_exact
        model = backend.model
        c = model.config
        shape = (c.fast.n_layer, 2, state.n_rows, c.fast.n_local_heads, c.n_codebooks, c.fast.head_dim)
        self._fast_memory = torch.zeros(shape, dtype=model.activation_dtype, device=model.device)

    @torch.inference_mode()
    def run(self, n_rows: int, n_positions: int) -> Logits:
        model, state = self._backend.model, self.state
        hidden = self._slow(n_rows, n_positions)
        draws = state.draws(n_rows)
        token, token_logits = self._choose(model.norm, hidden, self._backend.token_head, draws, None)
        codes = [token.clamp(max=model.n_semantic - 1)]  # what follows the end is never heard, but is computed
        logits = []
        for place in range(draws.history.shape[1]):
            code, of_code = self._choose_residual(hidden if place == 0 else None, codes[-1], place, draws)
            codes.append(code)
            logits.append(of_code)
        state.advance(torch.stack(codes, dim=1), token == model.n_semantic)
        return Logits(token_logits, tuple(logits))

    def send(self, n_rows: int) -> Ready:
        return Ready(self.state.said[:n_rows])

    def _slow(self, n_rows: int, n_seen: int) -> Tensor:
        """The slow stack's hidden states (R, D), looking at the memory's first `n_seen` positions."""
        backend, state = self._backend, self.state
        x = backend.embed(state.columns[:n_rows, :, None])  # (R, 1, D)
        at = state.positions[:n_rows, None]  # (R, 1)
        cos, sin = backend.rope
        rope = cos[at][:, None], sin[at][:, None]  # (R, 1, 1, C / 2)
        mask = None
        if n_rows > 1 or not self._is_exact or backend.is_fused:
            mask = (backend.places[:n_seen] <= at[..., None])[:, None]  # (R, 1, 1, S)
        if n_rows == 1 and not backend.is_fused:
            at = at[0]
        for i, layer in enumerate(backend.layers):
            x = backend.block(layer, x, rope, mask, state.memory[i, :, :n_rows], at, n_seen, backend.is_fused)
        return x[:, 0]

    def _choose_residual(self, inputs: Tensor | None, code: Tensor, place: int, draws: Draws) -> tuple[Tensor, Tensor]:
        """The code (R,) of residual codebook `place`, 0 the first, after `code` (R,); and the logits (R, W).

        `inputs` (R, D): the slow stack's hidden states, for the first codebook; None for the others.
        """
        backend = self._backend
        model = backend.model
        n_rows = len(code)
        x = model.fast_embeddings(code)[:, None]  # (R, 1, F)
        first = place + 1
        if inputs is not None:  # position 0 has no output of its own, so that it runs together with position 1
            x, first = torch.cat((model.fast_input(inputs)[:, None], x), dim=1), 0
        at, n_seen = backend.fast_places[first : place + 2], place + 2  # (T,)
        mask = None if first else backend.fast_mask
        if backend.is_fused:  # one compilation for all places
            at, n_seen = at.expand(n_rows, -1), model.config.n_codebooks  # (R, T)
            mask = (backend.fast_places <= at[..., None])[:, None]  # (R, 1, T, N)
        rope = backend.fast_rope[0][first : place + 2], backend.fast_rope[1][first : place + 2]  # (T, C / 2)
        memory = self._fast_memory[:, :, :n_rows]
        for i, layer in enumerate(backend.fast_layers):
            x = backend.block(layer, x, rope, mask, memory[i], at, n_seen, backend.is_fused)
        last = x[:, -1:].clone(memory_format=torch.contiguous_format)[:, 0]  # one layout, one compilation
        return self._choose(model.fast_norm, last, backend.residual_head, draws, place)

    def _choose(
        self, norm: RmsNorm, hidden: Tensor, head: Tensor, draws: Draws, place: int | None
    ) -> tuple[Tensor, Tensor]:
        """The semantic token, or the code of residual codebook `place`, see `_choose`."""
        history, noise = None, draws.token_noise
        if place is not None:
            history, noise = draws.history[:, place], draws.residual_noise[:, place]
        return self._backend.choose(norm, hidden, head, history, draws.settings, noise, self._backend.is_fused)


def _block(
    layer: Block,
    x: Tensor,
    rope: tuple[Tensor, Tensor],
    mask: Tensor | None,
    memory: Tensor,
    at: Tensor,
    n_seen: int,
    is_fused: bool,
) -> Tensor:
    """Take x (R, T, D) at positions `at` (R, T), or (T,) for all rows, through a layer.

    Its keys and values go to `memory` (2, R, K, M, C), and it looks at the first `n_seen` positions, S, or at those of
    them that are in `mask` (R, 1, T, S).
    """
    attention = layer.attention
    q, k, v = attention.project(layer.attention_norm(x), rope)
    keys, values = memory[0], memory[1]  # (R, K, M, C)
    if at.ndim == 1:
        keys.index_copy_(2, at, k.to(keys.dtype))
        values.index_copy_(2, at, v.to(values.dtype))
    else:
        rows = torch.arange(len(x), device=x.device)[:, None]
        keys[rows, :, at] = k.transpose(1, 2).to(keys.dtype)  # (R, T, K, C)
        values[rows, :, at] = v.transpose(1, 2).to(values.dtype)
    look = _look_fused if is_fused else _look
    attended = look(attention.config, q, keys[:, :, :n_seen], values[:, :, :n_seen], mask)  # (R, H, T, C)
    x = x + attention.wo(attended.transpose(1, 2).flatten(2))
    return x + layer.feed_forward(layer.ffn_norm(x))


def _look(config: StackConfig, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """q (R, H, T, C), keys and values (R, K, S, C) -> (R, H, T, C). The heads that share keys stand as further queries,
    so that no key is copied for them."""
    n_shared = config.n_head // config.n_local_heads
    queries = q.unflatten(1, (-1, n_shared)).flatten(2, 3)  # (R, K, G T, C)
    if mask is not None:
        mask = mask.expand(-1, n_shared, -1, -1).flatten(1, 2)[:, None]  # (R, 1, G T, S)
    out = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask)
    return out.unflatten(2, (n_shared, -1)).flatten(1, 2)


def _look_fused(config: StackConfig, q: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None) -> Tensor:
    """The same as sums over products, which a compiler makes three loops of; in fp32."""
    assert mask is not None
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
    """Draw from logits fp32 (R, V): ids (R,).

    Without a history (R, P) it is the semantic token, whose last logit is the end's. `is_fused`: for a compiler.
    """
    temperature, top_p, penalty, to_end = settings[:, :, None].unbind(1)  # each (R, 1)
    if history is None:
        logits = torch.cat((logits[:, :-1], logits[:, -1:] + to_end), dim=1)
    else:
        logits = penalise(logits, history, penalty)
    kept = (nucleus_by_comparing if is_fused else nucleus)(logits, top_p)
    return (tempered(logits, kept, temperature) / noise).argmax(-1)
