"""The launches that make a frame: four, in two of which all programs wait for each other, or one for each phase.

Shapes: R rows, N codebooks, V semantic tokens and the end, W residual logits, D and F the stacks' dimensions.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from engine.s1.model.row_buffers import RowBuffers
from engine.s1.triton import one_launch, phases
from engine.s1.triton.sizes import (
    BLOCK_POSITIONS,
    EMBED_CHANNELS,
    FAST_BLOCK,
    SPLITS,
    head_rows,
    tile_rows,
    up_to_power,
)
from engine.s1.triton.weights import Matrix, ModelWeights, StackWeights

N_WARPS = 8
OPTIONS: Mapping[str, Any] = {"num_warps": N_WARPS, "num_stages": 1}
"""Of Triton's compiler. Stages would move reads across waits."""


@dataclass(frozen=True, slots=True)
class Launch:
    """A kernel with all that it is started with. `n_bytes`: of weights that it reads. `is_cooperative`: all programs
    run at once, or the driver refuses."""

    kernel: Any
    n_programs: int
    arguments: Mapping[str, Any]
    constants: Mapping[str, Any]
    n_bytes: int
    n_phases: int = 1
    is_cooperative: bool = False

    def run(self) -> None:
        self.kernel[(self.n_programs,)](
            **self.arguments, **self.constants, **OPTIONS, launch_cooperative_grid=self.is_cooperative
        )


class Frame:
    """Makes frames for the rows of `state`."""

    def __init__(self, weights: ModelWeights, state: RowBuffers, n_programs: int | None) -> None:
        """`n_programs`: how many run at once, for whole stacks in one launch; None: a launch for each phase."""
        self._weights, self._state, self._n_programs = weights, state, n_programs
        c, n_rows, device = weights.config, state.n_rows, state.memory.device

        def floats(*shape: int) -> Tensor:
            return torch.zeros(shape, dtype=torch.float32, device=device)

        slow = weights.slow_sizes
        self.token_logits = floats(n_rows, weights.token_sizes.n_ids)
        self.logits = floats(c.n_codebooks - 1, n_rows, c.n_residual_logits)
        self._slow, self._fast = _Buffers(weights.slow, n_rows, device), _Buffers(weights.fast, 2 * n_rows, device)
        size = up_to_power(c.slow.head_dim) + 2
        self._partials = floats(n_rows, c.slow.n_local_heads, SPLITS, slow.group(1), size)
        n_tasks = max(n_rows * c.slow.n_local_heads, c.fast.n_local_heads)
        self._arrivals = torch.zeros(2 + n_tasks, dtype=torch.int32, device=device)
        shape = (c.fast.n_layer, 2, n_rows, c.fast.n_local_heads, c.n_codebooks, c.fast.head_dim)
        self._fast_memory = torch.zeros(shape, dtype=state.memory.dtype, device=device)

    def launches(self, n_rows: int) -> Iterator[Launch]:
        """List what makes the next frame of the first `n_rows` rows, in turn."""
        w = self._weights
        if self._n_programs is None:
            yield self._embedding(n_rows)
            for layer in range(w.config.slow.n_layer):
                yield from self._slow_layer(n_rows, layer)
        else:
            yield self._slow_stack(n_rows, self._n_programs)
        if w.projection is not None:
            yield self._projection(n_rows)
        yield self._token(n_rows)
        if self._n_programs is not None:
            yield self._fast_stack(n_rows, self._n_programs)
            return
        for place in range(1, w.config.n_codebooks):
            for layer in range(w.config.fast.n_layer):
                yield from self._fast_layer(n_rows, layer, place)
            yield self._residual(n_rows, place)

    def run(self, n_rows: int) -> None:
        for launch in self.launches(n_rows):
            launch.run()

    def _embedding(self, n_rows: int) -> Launch:
        w, state = self._weights, self._state
        blocks = math.ceil(w.config.slow.dim / EMBED_CHANNELS)
        arguments = {
            "columns": state.columns,
            "tokens": w.tokens,
            "codes": w.codes,
            "x": self._slow.x,
            "n_rows": n_rows,
            "semantic_begin": w.semantic_begin,
        }
        return Launch(
            phases.embed, n_rows * blocks, arguments, w.embedding() | {"BLOCK": EMBED_CHANNELS}, self._embedded_bytes()
        )

    def _embedded_bytes(self) -> int:
        w = self._weights
        return (1 + w.config.n_codebooks) * w.config.slow.dim * w.tokens.element_size()

    def _slow_layer(self, n_rows: int, layer: int) -> Iterator[Launch]:
        w, state, buffers = self._weights, self._state, self._slow
        weights, c = w.slow, w.config.slow
        yield self._product(weights, "wqkv", buffers.x, buffers.qkv, n_rows, layer)
        arguments = {
            "qkv": buffers.qkv,
            "memory": state.memory[layer],
            "out": buffers.attended,
            "partials": self._partials,
            "task_arrivals": self._arrivals[2:],
            "arrivals": self._arrivals,
            **_tables(weights, w.rope, layer),
            "positions": state.positions,
            "n_inputs": n_rows,
            "values_at": state.memory.stride(1),
            "max_positions": state.max_positions,
        }
        yield Launch(phases.look, n_rows * c.n_local_heads * SPLITS, arguments, w.slow_sizes.looking(), 0)
        yield from self._finish(weights, buffers, n_rows, layer)

    def _fast_layer(self, n_rows: int, layer: int, place: int) -> Iterator[Launch]:
        w, buffers = self._weights, self._fast
        weights, c = w.fast, w.config.fast
        n_new = 2 if place == 1 else 1
        memory = self._fast_memory
        data, scales, bias = weights.wqkv.of_layer(layer)
        arguments = {
            "x": buffers.x,
            "norm": weights.attention_norm[layer],
            "weights": data,
            "scales": scales,
            "bias": bias,
            "qkv": buffers.qkv,
            "memory": memory[layer],
            "out": buffers.attended,
            "head_arrivals": self._arrivals[2:],
            "arrivals": self._arrivals,
            **_tables(weights, w.fast_rope, layer),
            "n_sequences": n_rows,
            "first": 0 if place == 1 else place,
            "n_new": n_new,
            "values_at": memory.stride(1),
        }
        constants = w.fast_sizes.projected_and_looked(w.config.n_codebooks)
        n_tiles = (c.n_head + 2 * c.n_local_heads) * math.ceil(c.head_dim / constants["TILE"])
        yield Launch(phases.project_and_look, n_tiles, arguments, constants, weights.wqkv.n_bytes)
        yield from self._finish(weights, buffers, n_new * n_rows, layer)

    def _finish(self, weights: StackWeights, buffers: _Buffers, n_inputs: int, layer: int) -> Iterator[Launch]:
        yield self._product(weights, "wo", buffers.attended, buffers.x, n_inputs, layer)
        data, scales, _ = weights.w13.of_layer(layer)
        arguments = {
            "x": buffers.x,
            "norm": weights.ffn_norm[layer],
            "weights": data,
            "scales": scales,
            "out": buffers.gated,
            "arrivals": self._arrivals,
            "n_inputs": n_inputs,
        }
        constants = weights.sizes.gated()
        n_tiles = math.ceil(constants["N_ROWS"] / constants["TILE"])
        yield Launch(phases.gate, n_tiles, arguments, constants, weights.w13.n_bytes)
        yield self._product(weights, "w2", buffers.gated, buffers.x, n_inputs, layer)

    def _product(self, weights: StackWeights, name: str, x: Tensor, out: Tensor, n_inputs: int, layer: int) -> Launch:
        matrix: Matrix = getattr(weights, name)
        constants = weights.sizes.products(name)
        data, scales, bias = matrix.of_layer(layer)
        arguments = {
            "x": x,
            "norm": weights.attention_norm[layer],  # of wqkv
            "weights": data,
            "scales": scales,
            "bias": bias,
            "out": out,
            "arrivals": self._arrivals,
            "n_inputs": n_inputs,
            "x_stride": matrix.columns,
            "out_stride": matrix.rows,
        }
        n_tiles = math.ceil(matrix.rows / constants["TILE"])
        return Launch(phases.project, n_tiles, arguments, constants, matrix.n_bytes)

    def _projection(self, n_rows: int) -> Launch:
        """The slow stack's hidden state, made as wide as the fast one reads it: into its first position."""
        w = self._weights
        assert w.projection is not None
        slow, fast = w.config.slow.dim, w.config.fast.dim
        tile = tile_rows(fast, slow)
        weight = w.projection.weight
        arguments = {
            "x": self._slow.x,
            "norm": w.norm,
            "weights": weight,
            "scales": weight,
            "bias": w.projection.bias,
            "out": self._fast.x,
            "arrivals": self._arrivals,
            "n_inputs": n_rows,
            "x_stride": slow,
            "out_stride": 2 * fast,
        }
        constants = {
            "N_ROWS": fast,
            "BLOCK": fast,
            "TILE": tile,
            "COLUMNS": slow,
            "WIDTH": up_to_power(slow),
            "BITS": 16,
            "HAS_NORM": False,
            "HAS_BIAS": True,
            "IS_ADDED": False,
            "EPS": w.config.slow.norm_eps,
            "IS_ONE_LAUNCH": False,
        }
        return Launch(
            phases.project, math.ceil(fast / tile), arguments, constants, weight.numel() * weight.element_size()
        )

    def _token(self, n_rows: int) -> Launch:
        w = self._weights
        constants = w.token_sizes.said(is_token=True)
        arguments = {
            **self._choice(n_rows),
            "x": self._slow.x,
            "norm": w.norm,
            "head": w.token_head,
            "logits": self.token_logits,
            "noise": self._state.token_noise,
            "hidden": self._slow.x,
            "x_stride": w.config.slow.dim,
            "place": 0,
            "noise_stride": w.token_sizes.n_ids,
        }
        return _say(arguments, constants, w.token_head)

    def _residual(self, n_rows: int, place: int) -> Launch:
        w, x = self._weights, self._fast.x
        dim = w.config.fast.dim
        noise = self._state.residual_noise
        arguments = {
            **self._choice(n_rows),
            "x": x.view(-1)[dim:] if place == 1 else x,  # of the first two positions the second
            "norm": w.fast_norm,
            "head": w.residual_head,
            "logits": self.logits[place - 1],
            "noise": noise[:, place - 1],
            "hidden": x,
            "x_stride": 2 * dim if place == 1 else dim,
            "place": place,
            "noise_stride": noise.stride(0),
        }
        return _say(arguments, w.residual_sizes.said(is_token=False), w.residual_head)

    def _choice(self, n_rows: int) -> dict[str, Any]:
        w, state = self._weights, self._state
        return {
            "settings": state.settings,
            "history": state.history,
            "columns": state.columns,
            "said": state.said,
            "positions": state.positions,
            "embeddings": w.fast_embeddings,
            "fast_input": self._fast.x,
            "tile_arrivals": self._arrivals[1:],
            "arrivals": self._arrivals,
            "n_rows": n_rows,
            "semantic_begin": w.semantic_begin,
            "max_positions": state.max_positions,
        }

    def _slow_stack(self, n_rows: int, n_programs: int) -> Launch:
        w, state, c = self._weights, self._state, self._weights.config
        sizes = w.slow_sizes
        arguments = {
            "columns": state.columns,
            "tokens": w.tokens,
            "codes": w.codes,
            "partials": self._partials,
            **_whole(w.slow, self._slow, w.rope),
            "memory": state.memory,
            "positions": state.positions,
            "arrivals": self._arrivals,
            "n_rows": n_rows,
            "values_at": state.memory.stride(1),
            "layer_size": state.memory.stride(0),
            "max_positions": state.max_positions,
            "semantic_begin": w.semantic_begin,
        }
        constants = {
            **sizes.layers(),
            "QKV_TILE": tile_rows(sizes.n_qkv, c.slow.dim),
            "GROUP": sizes.group(1),
            "BLOCK": BLOCK_POSITIONS,
            "SPLITS": SPLITS,
            **w.embedding(),
            "EMBED_BLOCK": EMBED_CHANNELS,
        }
        n_bytes = w.slow.n_bytes + self._embedded_bytes()
        return _cooperative(one_launch.slow_stack, n_programs, arguments, constants, n_bytes, 5 * c.slow.n_layer)

    def _fast_stack(self, n_rows: int, n_programs: int) -> Launch:
        w, state, c = self._weights, self._state, self._weights.config
        sizes, said = w.fast_sizes, w.residual_sizes.said(is_token=False)
        arguments = {
            **_whole(w.fast, self._fast, w.fast_rope),
            "memory": self._fast_memory,
            "norm": w.fast_norm,
            "head": w.residual_head,
            "logits": self.logits,
            "noise": state.residual_noise,
            "settings": state.settings,
            "history": state.history,
            "columns": state.columns,
            "said": state.said,
            "positions": state.positions,
            "embeddings": w.fast_embeddings,
            "arrivals": self._arrivals,
            "n_rows": n_rows,
            "values_at": self._fast_memory.stride(1),
            "layer_size": self._fast_memory.stride(0),
            "max_rows": state.n_rows,
            "semantic_begin": w.semantic_begin,
            "max_positions": state.max_positions,
        }
        constants = {
            **sizes.layers(),
            **{name: said[name] for name in ("N_IDS", "IDS_WIDTH", "N_CODES", "WINDOW")},
            "HEAD_TILE": said["TILE"],
            "QKV_TILE": head_rows(c.fast),
            "GROUP": sizes.group(2),
            "BLOCK": FAST_BLOCK,
        }
        n_passes = c.n_codebooks - 1
        n_bytes = n_passes * (w.fast.n_bytes + w.residual_head.numel() * w.residual_head.element_size())
        n_phases = n_passes * (4 * c.fast.n_layer + 1)
        return _cooperative(one_launch.fast_stack, n_programs, arguments, constants, n_bytes, n_phases)


class _Buffers:
    """What is passed from phase to phase, for `n` inputs of a stack."""

    def __init__(self, weights: StackWeights, n: int, device: torch.device) -> None:
        sizes, c = weights.sizes, weights.config
        widths = (c.dim, sizes.n_qkv, sizes.n_attended, c.intermediate_size)
        self.x, self.qkv, self.attended, self.gated = (
            torch.zeros(n, width, dtype=torch.float32, device=device) for width in widths
        )


def _tables(weights: StackWeights, rope: tuple[Tensor, Tensor], layer: int) -> dict[str, Tensor]:
    cos, sin = rope
    return {"q_norm": weights.q_norm[layer], "k_norm": weights.k_norm[layer], "cos": cos, "sin": sin}


def _whole(weights: StackWeights, buffers: _Buffers, rope: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
    found = {
        "x": buffers.x,
        "qkv": buffers.qkv,
        "attended": buffers.attended,
        "gated": buffers.gated,
        "attention_norm": weights.attention_norm,
        "ffn_norm": weights.ffn_norm,
        "q_norm": weights.q_norm,
        "k_norm": weights.k_norm,
        "cos": rope[0],
        "sin": rope[1],
    }
    for name in ("wqkv", "wo", "w13", "w2"):
        matrix: Matrix = getattr(weights, name)
        found |= {name: matrix.data, f"{name}_scales": matrix.scales}
        if name in ("wqkv", "wo"):
            found[f"{name}_bias"] = matrix.bias
    return found


def _say(arguments: dict[str, Any], constants: dict[str, Any], head: Tensor) -> Launch:
    n_tiles = math.ceil(constants["N_IDS"] / constants["TILE"])
    return Launch(phases.say, n_tiles, arguments, constants, head.numel() * head.element_size())


def _cooperative(
    kernel: Any, n_programs: int, arguments: dict[str, Any], constants: dict[str, Any], n_bytes: int, n_phases: int
) -> Launch:
    """All programs at once: the driver refuses what does not fit."""
    return Launch(kernel, n_programs, arguments, constants, n_bytes, n_phases, is_cooperative=True)
