"""Rows of a matrix, in 16, 8 or 4 bits, times a vector; see `engine/s1/model/low_bit.py` for how they are stored.

A tile is some rows and all columns: it is read once, and then serves every row of the input. Input and sums are fp32.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def read_weights(weights, scales, rows, is_row, COLUMNS: tl.constexpr, WIDTH: tl.constexpr, BITS: tl.constexpr):
    """Read the tile of `rows`: weights, scales and zeros. `WIDTH`: the columns up to the next power of two."""
    if BITS == 4:
        groups = tl.arange(0, WIDTH // 32)
        is_group = is_row[:, None] & (groups < COLUMNS // 32)[None, :]
        at = rows[:, None] * (COLUMNS // 32) + groups[None, :]
        of_group = tl.arange(0, 16)[None, None, :]
        tile = tl.load(weights + (at[:, :, None] * 16 + of_group), mask=is_group[:, :, None], other=0)
        scale = tl.load(scales + 2 * at, mask=is_group, other=0.0).to(tl.float32)
        zero = tl.load(scales + (2 * at + 1), mask=is_group, other=0.0).to(tl.float32)
    else:
        columns = tl.arange(0, WIDTH)
        is_there = is_row[:, None] & (columns < COLUMNS)[None, :]
        tile = tl.load(weights + (rows[:, None] * COLUMNS + columns[None, :]), mask=is_there, other=0)
        scale = is_row.to(tl.float32)
        if BITS == 8:
            scale = tl.load(scales + rows, mask=is_row, other=0.0).to(tl.float32)
        zero = scale
    return tile, scale, zero


@triton.jit
def read_input(
    x,
    norm,
    COLUMNS: tl.constexpr,
    WIDTH: tl.constexpr,
    BITS: tl.constexpr,
    HAS_NORM: tl.constexpr,
    EPS: tl.constexpr,
):
    """Read a vector fp32 as tiles of `BITS` are multiplied with it, RMS-normalised before: in one part, or for 4 bits
    in two, what meets the low and the high halves of bytes.

    Past the first cache: within one launch other programs have written it.
    """
    if BITS == 4:
        columns = tl.arange(0, WIDTH // 32)[:, None] * 32 + tl.arange(0, 16)[None, :]
        others = columns + 16
        high = tl.load(x + others, mask=others < COLUMNS, other=0.0, cache_modifier=".cg")
    else:
        columns = tl.arange(0, WIDTH)
        others = columns
        high = 0.0
    low = tl.load(x + columns, mask=columns < COLUMNS, other=0.0, cache_modifier=".cg")
    if HAS_NORM:
        if BITS == 4:
            squares = tl.sum(tl.sum(low * low + high * high, 1), 0)
        else:
            squares = tl.sum(low * low, 0)
        scale = tl.rsqrt(squares / COLUMNS + EPS)
        low = low * scale * tl.load(norm + columns, mask=columns < COLUMNS, other=0.0)
        if BITS == 4:
            high = high * scale * tl.load(norm + others, mask=others < COLUMNS, other=0.0)
    return low, high


@triton.jit
def multiply(tile, scale, zero, low, high, BITS: tl.constexpr):
    """Multiply a tile with a vector: fp32 (rows,)."""
    if BITS == 4:
        lower = (tile & 15).to(tl.float32) - 8.0
        upper = (tile >> 4).to(tl.float32) - 8.0
        of_codes = tl.sum(lower * low[None, :, :] + upper * high[None, :, :], 2)  # (rows, groups)
        of_group = tl.sum(low + high, 1)  # (groups,)
        product = tl.sum(of_codes * scale + zero * of_group[None, :], 1)
    else:
        product = tl.sum(tile.to(tl.float32) * low[None, :], 1)
        if BITS == 8:
            product = product * scale
    return product
