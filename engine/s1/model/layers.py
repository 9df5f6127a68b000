"""The transformer block that the slow, the fast and the codec's window transformers have in common
(specification sections 3 and 4), and the memories of keys and values it works with.

Shapes: B batch, T new positions, S positions seen (T included), D model, H heads, K key/value heads, C per head.
"""

from __future__ import annotations

from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.s1.model.config import StackConfig


class RmsNorm(nn.Module):
    """Root-mean-square norm over the last dimension: in fp32, cast back, then the weight."""

    def __init__(self, dim: int, eps: float) -> None:
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        wide = x.float()
        scale = torch.rsqrt(wide.square().mean(-1, keepdim=True) + self.eps)
        return (wide * scale).to(x.dtype) * self.weight


def rope_tables(
    start: int, n_positions: int, head_dim: int, base: float, device: torch.device
) -> tuple[Tensor, Tensor]:
    """Make cos and sin, each fp32 (n_positions, head_dim / 2), of the absolute positions from `start` on.

    The values are rounded to bf16 in every precision: the model was trained with rounded tables, and
    exact ones are audibly wrong. `base ** -x` would differ from `1 / base ** x` in some entries.
    """
    exponents = torch.arange(0, head_dim, 2, dtype=torch.float32, device=device) / head_dim
    frequencies = 1.0 / (base**exponents)
    positions = torch.arange(start, start + n_positions, dtype=torch.float32, device=device)
    angles = torch.outer(positions, frequencies)
    return angles.cos().bfloat16().float(), angles.sin().bfloat16().float()


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the interleaved pairs (2j, 2j+1) of x (B, heads, T, C) in fp32; the result has x's dtype."""
    even, odd = x.float().unflatten(-1, (-1, 2)).unbind(-1)  # each (B, heads, T, C/2)
    rotated = torch.stack((even * cos - odd * sin, odd * cos + even * sin), dim=-1)
    return rotated.flatten(-2).to(x.dtype)


class KeyValueMemory(Protocol):
    """What attention remembers between calls: `length` is the absolute position of the next input."""

    length: int

    def mask(self, n_new: int, device: torch.device) -> Tensor | None:
        """Make the mask (n_new, S) bool, True where a query may look; None where it may look everywhere."""
        ...

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Add (B, K, T, C) and return all that queries may see, (B, K, S, C)."""
        ...


class KvCache:
    """A preallocated cache of every position: for the slow and fast transformers.

    Only the valid prefix is ever read. `length` moves when a whole stack has run.
    """

    def __init__(
        self, stack: StackConfig, n_batch: int, max_positions: int, dtype: torch.dtype, device: torch.device
    ) -> None:
        shape = (stack.n_layer, 2, n_batch, stack.n_local_heads, max_positions, stack.head_dim)
        self.length = 0
        self.memory = torch.empty(shape, dtype=dtype, device=device)

    @classmethod
    def over(cls, memory: Tensor) -> KvCache:
        """Make an empty cache in `memory` (n_layer, 2, B, K, max_positions, C), which somebody else holds."""
        cache = cls.__new__(cls)
        cache.length, cache.memory = 0, memory
        return cache

    @property
    def max_positions(self) -> int:
        return self.memory.shape[4]

    def mask(self, n_new: int, device: torch.device) -> Tensor | None:
        if n_new == 1:
            return None
        causal = torch.ones(n_new, self.length + n_new, dtype=torch.bool, device=device)
        return causal.tril(self.length)

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        end = self.length + keys.shape[2]
        assert end <= self.max_positions, (end, self.max_positions)
        memory = self.memory[layer]  # (2, B, K, max_positions, C)
        memory[0, :, :, self.length : end] = keys
        memory[1, :, :, self.length : end] = values
        return memory[0, :, :, :end], memory[1, :, :, :end]


class WindowMemory:
    """The last `window` - 1 keys and values of each layer: the streaming state of a window transformer."""

    def __init__(self, window: int) -> None:
        self.length = 0
        self._window = window
        self._past: dict[int, tuple[Tensor, Tensor]] = {}

    def copy(self) -> WindowMemory:
        """Copy it as it is now, whatever is added later."""
        other = WindowMemory(self._window)
        other.length, other._past = self.length, dict(self._past)
        return other

    def mask(self, n_new: int, device: torch.device) -> Tensor | None:
        n_past = min(self.length, self._window - 1)
        query = torch.arange(n_past, n_past + n_new, device=device)[:, None]
        key = torch.arange(n_past + n_new, device=device)[None, :]
        return (key <= query) & (key > query - self._window)

    def extend(self, layer: int, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        if layer in self._past:
            past_keys, past_values = self._past[layer]
            keys, values = torch.cat((past_keys, keys), 2), torch.cat((past_values, values), 2)
        n_keep = min(self._window - 1, keys.shape[2])
        first = keys.shape[2] - n_keep
        self._past[layer] = keys[:, :, first:].clone(), values[:, :, first:].clone()
        return keys, values


class Attention(nn.Module):
    """Grouped-query causal attention with rotary positions and, where configured, qk-norm and biases."""

    def __init__(self, config: StackConfig) -> None:
        super().__init__()
        self.config = config
        n_rows = (config.n_head + 2 * config.n_local_heads) * config.head_dim
        self.wqkv = nn.Linear(config.dim, n_rows, bias=config.qkv_bias)
        self.wo = nn.Linear(config.n_head * config.head_dim, config.dim, bias=config.o_bias)
        if config.qk_norm:
            self.q_norm = RmsNorm(config.head_dim, config.norm_eps)
            self.k_norm = RmsNorm(config.head_dim, config.norm_eps)

    def forward(
        self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor | None, memory: KeyValueMemory, layer: int
    ) -> Tensor:
        """Attend: x (B, T, D) -> (B, T, D)."""
        c = self.config
        q, k, v = self.project(x, rope)
        keys, values = memory.extend(layer, k, v)  # (B, K, S, C)
        attended = F.scaled_dot_product_attention(
            q, keys, values, attn_mask=mask, enable_gqa=c.n_head != c.n_local_heads
        )
        return self.wo(attended.transpose(1, 2).flatten(2))

    def project(self, x: Tensor, rope: tuple[Tensor, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Project x (B, T, D) -> queries (B, H, T, C), keys and values (B, K, T, C), at the positions of `rope`."""
        c = self.config
        qkv = self.wqkv(x).unflatten(-1, (-1, c.head_dim)).transpose(1, 2)  # (B, H + 2K, T, C)
        q, k, v = qkv.split((c.n_head, c.n_local_heads, c.n_local_heads), dim=1)
        if c.qk_norm:
            q, k = self.q_norm(q), self.k_norm(k)
        return rotate(q, *rope), rotate(k, *rope), v


class FeedForward(nn.Module):
    """w2(silu(w1(x)) * w3(x)), no biases."""

    def __init__(self, config: StackConfig) -> None:
        super().__init__()
        self.w1 = nn.Linear(config.dim, config.intermediate_size, bias=False)
        self.w3 = nn.Linear(config.dim, config.intermediate_size, bias=False)
        self.w2 = nn.Linear(config.intermediate_size, config.dim, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class LayerScale(nn.Module):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self.gamma = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        return x * self.gamma


class Block(nn.Module):
    """A pre-norm transformer block: attention, then feed-forward, each added to its input."""

    def __init__(self, config: StackConfig) -> None:
        super().__init__()
        self.attention = Attention(config)
        self.feed_forward = FeedForward(config)
        self.attention_norm = RmsNorm(config.dim, config.norm_eps)
        self.ffn_norm = RmsNorm(config.dim, config.norm_eps)
        self.attention_layer_scale = LayerScale(config.dim) if config.layer_scale else nn.Identity()
        self.ffn_layer_scale = LayerScale(config.dim) if config.layer_scale else nn.Identity()

    def forward(
        self, x: Tensor, rope: tuple[Tensor, Tensor], mask: Tensor | None, memory: KeyValueMemory, layer: int
    ) -> Tensor:
        x = x + self.attention_layer_scale(self.attention(self.attention_norm(x), rope, mask, memory, layer))
        return x + self.ffn_layer_scale(self.feed_forward(self.ffn_norm(x)))


def run_blocks(layers: nn.ModuleList, config: StackConfig, x: Tensor, memory: KeyValueMemory) -> Tensor:
    """Take x (B, T, D) through a stack, at the positions that follow those in `memory`; -> (B, T, D)."""
    n_new = x.shape[1]
    rope = rope_tables(memory.length, n_new, config.head_dim, config.rope_base, x.device)
    mask = memory.mask(n_new, x.device)
    for i, layer in enumerate(layers):
        x = layer(x, rope, mask, memory, i)
    memory.length += n_new
    return x
