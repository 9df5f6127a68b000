"""A model's weights as the kernels read them: all layers of a matrix one after the other, in one tensor.

Nothing is kept twice: the modules they come from become views of it, and compute what they did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import torch
from torch import Tensor, nn

from engine.s1.model.config import StackConfig
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import Block, RmsNorm, rope_tables
from engine.s1.model.low_bit import LowBitLinear
from engine.s1.triton.sizes import SaySizes, StackSizes


@dataclass(frozen=True, slots=True)
class Matrix:
    """`data` (L, …): rows of `columns` weights, of `bits` 16 (or 32), 8 or 4; `scales` (L, …), see `LowBitLinear`;
    `bias` (L, rows). What a matrix does not have is `data` itself, and is not read."""

    data: Tensor
    scales: Tensor
    bias: Tensor
    rows: int
    columns: int
    bits: int
    has_bias: bool = False

    def of_layer(self, layer: int) -> tuple[Tensor, Tensor, Tensor]:
        return self.data[layer], self.scales[layer], self.bias[layer]

    @property
    def n_bytes(self) -> int:
        """What a layer's weights, with their scales, take."""
        parts = [self.data] if self.bits > 8 else [self.data, self.scales]
        return sum(part[0].numel() * part.element_size() for part in parts)


@dataclass(frozen=True, slots=True)
class StackWeights:
    """All of a stack: norms fp32 (L, …), the gate's w1 above its w3."""

    config: StackConfig
    attention_norm: Tensor
    ffn_norm: Tensor
    q_norm: Tensor
    k_norm: Tensor
    wqkv: Matrix
    wo: Matrix
    w13: Matrix
    w2: Matrix

    @property
    def sizes(self) -> StackSizes:
        bits = (self.wqkv.bits, self.wo.bits, self.w13.bits, self.w2.bits)
        return StackSizes(self.config, bits, (self.wqkv.has_bias, self.wo.has_bias))

    @property
    def n_bytes(self) -> int:
        """What a pass through the stack reads of its matrices."""
        return self.config.n_layer * sum(m.n_bytes for m in (self.wqkv, self.wo, self.w13, self.w2))


def stacked(layers: nn.ModuleList, config: StackConfig) -> StackWeights:
    """Put the weights of `layers` one after the other; the modules keep views. Takes room for one matrix more
    meanwhile."""
    blocks = [cast(Block, layer) for layer in layers]
    attention_norm = _norms([block.attention_norm for block in blocks])
    q_norm = k_norm = attention_norm  # not read
    if config.qk_norm:
        q_norm = _norms([block.attention.q_norm for block in blocks])
        k_norm = _norms([block.attention.k_norm for block in blocks])
    return StackWeights(
        config,
        attention_norm,
        _norms([block.ffn_norm for block in blocks]),
        q_norm,
        k_norm,
        _matrix([[block.attention.wqkv] for block in blocks]),
        _matrix([[block.attention.wo] for block in blocks]),
        _matrix([[block.feed_forward.w1, block.feed_forward.w3] for block in blocks]),
        _matrix([[block.feed_forward.w2] for block in blocks]),
    )


def _norms(norms: Sequence[RmsNorm]) -> Tensor:
    return torch.stack([norm.weight.detach().float() for norm in norms])


def _matrix(layers: Sequence[Sequence[nn.Module]]) -> Matrix:
    """Of linear modules [layer][part], all of one shape and format."""
    first = layers[0][0]
    if isinstance(first, LowBitLinear):
        data, scales = _joined(layers, "packed"), _joined(layers, "scales")
        columns, bits = first.in_features, first.bits
    else:
        data = scales = _joined(layers, "weight")
        columns, bits = data.shape[-1], 16
    has_bias = first.bias is not None
    bias = _joined(layers, "bias").flatten(1) if has_bias else data
    return Matrix(data, scales, bias, data.shape[1] * data.shape[2], columns, bits, has_bias)


def _joined(layers: Sequence[Sequence[nn.Module]], name: str) -> Tensor:
    """(layers, parts, …), of which the modules have views from now on."""
    rows = [[cast(Tensor, getattr(module, name)).detach() for module in layer] for layer in layers]
    shape = (len(rows), len(rows[0]), *rows[0][0].shape)
    joined = rows[0][0].new_empty(shape)
    for layer, modules in enumerate(layers):
        for part, module in enumerate(modules):
            view = joined[layer, part]
            view.copy_(rows[layer][part])
            is_parameter = isinstance(getattr(module, name), nn.Parameter)
            setattr(module, name, nn.Parameter(view, requires_grad=False) if is_parameter else view)
            del view
        rows[layer].clear()
    return joined


class ModelWeights:
    """A model's weights and tables as the kernels read them; the model keeps views of what is its own."""

    def __init__(self, model: DualAr) -> None:
        c = self.config = model.config
        self.semantic_begin, self.n_semantic = model.semantic_begin_id, model.n_semantic
        self.slow, self.fast = stacked(model.layers, c.slow), stacked(model.fast_layers, c.fast)
        self.slow_sizes, self.fast_sizes = self.slow.sizes, self.fast.sizes
        begin, end = model.semantic_begin_id, model.im_end_id
        self.token_head = torch.cat((model.head[begin : begin + model.n_semantic], model.head[end : end + 1]))
        self.residual_head = model.fast_output.weight[: c.n_residual_logits].contiguous()
        self.norm, self.fast_norm = model.norm.weight.float(), model.fast_norm.weight.float()
        self.tokens, self.codes = model.embeddings.weight, model.codebook_embeddings.weight
        self.fast_embeddings = model.fast_embeddings.weight
        self.projection = model.fast_project_in if c.fast.dim != c.slow.dim else None
        self.rope = rope_tables(0, c.max_seq_len, c.slow.head_dim, c.slow.rope_base, model.device)
        self.fast_rope = rope_tables(0, c.n_codebooks, c.fast.head_dim, c.fast.rope_base, model.device)
        n = len(self.token_head)
        self.token_sizes = SaySizes(n, c.slow.dim, c.fast.dim, c.n_codebooks, c.slow.norm_eps)
        self.residual_sizes = SaySizes(c.n_residual_logits, c.fast.dim, c.fast.dim, c.n_codebooks, c.fast.norm_eps)

    def embedding(self) -> dict[str, Any]:
        c = self.config
        return {
            "N_SEMANTIC": self.n_semantic,
            "N_CODES": c.n_codebooks,
            "CODEBOOK": c.codebook_size,
            "DIM": c.slow.dim,
            "IS_SCALED": c.scale_codebook_embeddings,
        }
