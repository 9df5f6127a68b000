"""What the kernels are compiled for: the sizes of a stack, of its tiles, and of what codes are chosen from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.s1.model.config import StackConfig
from engine.s1.model.sampling import PENALTY_WINDOW_FRAMES

TILE_WEIGHTS = 8192
"""Of a tile: 32 for each thread, twice, as the next is read meanwhile. With twice as many of 8 or 4 bits the fast
stack's kernel has more than there are registers for."""
SPLITS = 16
"""Shares of the positions that the slow stack looks at: 128 programs with eight key/value heads."""
BLOCK_POSITIONS = 32
FAST_BLOCK = 8
"""Of the fast stack's positions: fewer registers than all at once."""
EMBED_CHANNELS = 256


def up_to_power(n: int) -> int:
    return 1 << (n - 1).bit_length()


def tile_rows(rows: int, columns: int) -> int:
    """Choose how many rows a tile has."""
    return min(up_to_power(rows), max(1, TILE_WEIGHTS // up_to_power(columns)))


@dataclass(frozen=True, slots=True)
class StackSizes:
    """What the kernels for a stack are compiled for."""

    config: StackConfig
    bits: tuple[int, int, int, int]
    """Of wqkv, wo, w13, w2."""
    has_biases: tuple[bool, bool]
    """Of wqkv, wo."""

    @property
    def n_qkv(self) -> int:
        return (self.config.n_head + 2 * self.config.n_local_heads) * self.config.head_dim

    @property
    def n_attended(self) -> int:
        return self.config.n_head * self.config.head_dim

    def group(self, n_new: int) -> int:
        return up_to_power(n_new * self.config.n_head // self.config.n_local_heads)

    def heads(self) -> dict[str, Any]:
        c = self.config
        return {
            "H": c.n_head,
            "K": c.n_local_heads,
            "C": c.head_dim,
            "WIDTH": up_to_power(c.head_dim),
            "HAS_NORM": c.qk_norm,
            "EPS": c.norm_eps,
        }

    def layers(self) -> dict[str, Any]:
        """For a whole stack in one launch."""
        c = self.config
        qkv, wo, w13, w2 = self.bits
        return self.heads() | {
            "N_LAYER": c.n_layer,
            "DIM": c.dim,
            "DIM_WIDTH": up_to_power(c.dim),
            "ATTENDED_WIDTH": up_to_power(self.n_attended),
            "GATED": c.intermediate_size,
            "GATED_WIDTH": up_to_power(c.intermediate_size),
            "QKV_BITS": qkv,
            "WO_BITS": wo,
            "W13_BITS": w13,
            "W2_BITS": w2,
            "WO_TILE": tile_rows(c.dim, self.n_attended),
            "W13_TILE": gate_rows(c),
            "W2_TILE": tile_rows(c.dim, c.intermediate_size),
            "HAS_QKV_BIAS": self.has_biases[0],
            "HAS_O_BIAS": self.has_biases[1],
        }

    def products(self, name: str) -> dict[str, Any]:
        """For a launch that multiplies with `wqkv`, `wo` or `w2`."""
        c = self.config
        rows, columns, bits, has_bias = {
            "wqkv": (self.n_qkv, c.dim, self.bits[0], self.has_biases[0]),
            "wo": (c.dim, self.n_attended, self.bits[1], self.has_biases[1]),
            "w2": (c.dim, c.intermediate_size, self.bits[3], False),
        }[name]
        return {
            "N_ROWS": rows,
            "BLOCK": rows,
            "TILE": tile_rows(rows, columns),
            "COLUMNS": columns,
            "WIDTH": up_to_power(columns),
            "BITS": bits,
            "HAS_NORM": name == "wqkv",
            "HAS_BIAS": has_bias,
            "IS_ADDED": name != "wqkv",
            "EPS": c.norm_eps,
            "IS_ONE_LAUNCH": False,
        }

    def gated(self) -> dict[str, Any]:
        c = self.config
        return {
            "N_ROWS": c.intermediate_size,
            "TILE": gate_rows(c),
            "COLUMNS": c.dim,
            "WIDTH": up_to_power(c.dim),
            "BITS": self.bits[2],
            "EPS": c.norm_eps,
            "IS_ONE_LAUNCH": False,
        }

    def looking(self) -> dict[str, Any]:
        """For the slow stack's attention."""
        split = {"GROUP": self.group(1), "BLOCK": BLOCK_POSITIONS, "SPLITS": SPLITS, "IS_ONE_LAUNCH": False}
        return self.heads() | split

    def projected_and_looked(self, n_positions: int) -> dict[str, Any]:
        """For the fast stack's."""
        c = self.config
        return self.heads() | {
            "TILE": head_rows(c),
            "COLUMNS": c.dim,
            "COLUMNS_WIDTH": up_to_power(c.dim),
            "BITS": self.bits[0],
            "HAS_BIAS": self.has_biases[0],
            "GROUP": self.group(2),
            "N_POSITIONS": n_positions,
            "BLOCK": FAST_BLOCK,
            "IS_ONE_LAUNCH": False,
        }


def gate_rows(config: StackConfig) -> int:
    """Choose how many rows a tile of each of the gate's matrices has."""
    return max(1, tile_rows(config.intermediate_size, config.dim) // 2)


def head_rows(config: StackConfig) -> int:
    """Choose how many rows a tile has that stays within a head."""
    return min(up_to_power(config.head_dim), tile_rows(config.head_dim, config.dim))


@dataclass(frozen=True, slots=True)
class SaySizes:
    """What the kernels for codes are compiled for."""

    n_ids: int
    dim: int
    fast_dim: int
    n_codes: int
    eps: float

    def said(self, *, is_token: bool) -> dict[str, Any]:
        return {
            "IS_TOKEN": is_token,
            "IS_COPIED": is_token and self.dim == self.fast_dim,
            "N_IDS": self.n_ids,
            "IDS_WIDTH": up_to_power(self.n_ids),
            "TILE": tile_rows(self.n_ids, self.dim),
            "N_CODES": self.n_codes,
            "WINDOW": PENALTY_WINDOW_FRAMES,
            "DIM": self.dim,
            "DIM_WIDTH": up_to_power(self.dim),
            "FAST_DIM": self.fast_dim,
            "FAST_WIDTH": up_to_power(self.fast_dim),
            "EPS": self.eps,
            "IS_ONE_LAUNCH": False,
        }
