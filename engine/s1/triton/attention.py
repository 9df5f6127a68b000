"""Attention over the positions that there are: how many is read on the device, so that one graph serves all lengths.

Shapes: H heads, K key/value heads, C channels per head, M positions there is room for, T new positions of a sequence
(one; or the fast stack's first two).
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import triton
import triton.language as tl

from engine.s1.triton.waiting import is_last


@triton.jit
def normed_and_turned(x, norm, cos, sin, is_there, c, EPS: tl.constexpr, C: tl.constexpr, HAS_NORM: tl.constexpr):
    """Read heads, pointers `x` (n, 1) to fp32 (C,), at the angles `cos` and `sin`, pointers (n, 1) to (C / 2,): (n, C),
    normalised over their channels `c` (1, C) and rotated in pairs."""
    is_channel = is_there & (c < C)
    own = tl.load(x + c, mask=is_channel, other=0.0, cache_modifier=".cg")
    other = tl.load(x + (c ^ 1), mask=is_channel, other=0.0, cache_modifier=".cg")  # of a pair
    if HAS_NORM:
        scale = tl.rsqrt(tl.sum(own * own, 1) / C + EPS)[:, None]
        own = own * scale * tl.load(norm + c, mask=c < C, other=0.0)
        other = other * scale * tl.load(norm + (c ^ 1), mask=c < C, other=0.0)
    sign = tl.where(c % 2 == 0, -1.0, 1.0)
    cosine = tl.load(cos + c // 2, mask=is_channel, other=0.0)
    return own * cosine + sign * other * tl.load(sin + c // 2, mask=is_channel, other=0.0)


@triton.jit
def attend(
    qkv,  # fp32 (sequences * T, (H + 2 K) * C)
    keys,  # (sequences, K, M, C), of one layer
    values,
    out,  # fp32 (sequences * T, H * C)
    partials,  # fp32 (sequences, K, SPLITS, heads of a task, 2 + WIDTH): highest score, sum, sum of values
    arrivals,  # int32 (sequences, K)
    q_norm,
    k_norm,
    cos,  # fp32 (positions, C / 2)
    sin,
    sequence,
    head,
    split,
    first,  # the first new position
    n_new,  # T
    max_positions,
    H: tl.constexpr,
    K: tl.constexpr,
    C: tl.constexpr,
    WIDTH: tl.constexpr,
    GROUP: tl.constexpr,
    BLOCK: tl.constexpr,
    SPLITS: tl.constexpr,
    HAS_NORM: tl.constexpr,
    EPS: tl.constexpr,
):
    """Look, for all heads that share key/value head `head`, at share `split` of `SPLITS` of the positions.

    Who has the last share writes the new keys and values, and then reads them as all others. `WIDTH` and `GROUP`: C
    and the new positions' heads, up to the next power of two. With many shares, the last program to come puts them
    together.
    """
    n_shared: tl.constexpr = H // K
    row_size: tl.constexpr = (H + 2 * K) * C
    c = tl.arange(0, WIDTH)[None, :]
    n_seen = tl.cast(first + n_new, tl.int32)
    span = tl.cdiv(tl.cdiv(n_seen, SPLITS), BLOCK) * BLOCK
    n_used = tl.cdiv(n_seen, span)
    if split < n_used:
        base = tl.cast(sequence * K + head, tl.int64) * max_positions * C
        if split == n_used - 1:
            for t in range(n_new):
                row = qkv + (sequence * n_new + t) * row_size
                at = base + (first + t) * C + c
                angle = (first + t) * (C // 2)
                one = tl.full([1, 1], 1, tl.int1)
                key = normed_and_turned(
                    row + (H + head) * C, k_norm, cos + angle, sin + angle, one, c, EPS, C, HAS_NORM
                )
                value = tl.load(row + (H + K + head) * C + c, mask=c < C, other=0.0, cache_modifier=".cg")
                tl.store(keys + at, key.to(keys.dtype.element_ty), mask=c < C)
                tl.store(values + at, value.to(values.dtype.element_ty), mask=c < C)
            tl.debug_barrier()

        g = tl.arange(0, GROUP)
        is_head = g < n_new * n_shared
        t = tl.where(is_head, g // n_shared, 0)
        heads = head * n_shared + g % n_shared
        query = qkv + ((sequence * n_new + t) * row_size + heads * C)[:, None]
        angle = (first + t)[:, None] * (C // 2)
        q = normed_and_turned(query, q_norm, cos + angle, sin + angle, is_head[:, None], c, EPS, C, HAS_NORM)
        q = q * (1.0 / tl.sqrt(C * 1.0))

        highest = tl.full([GROUP], float("-inf"), tl.float32)
        total = tl.zeros([GROUP], tl.float32)
        summed = tl.zeros([GROUP, WIDTH], tl.float32)
        for start in range(split * span, tl.minimum(n_seen, (split + 1) * span), BLOCK):
            position = start + tl.arange(0, BLOCK)
            at = base + position[:, None] * C + c
            is_there = (position < n_seen)[:, None] & (c < C)
            k = tl.load(keys + at, mask=is_there, other=0.0, cache_modifier=".cg").to(tl.float32)
            v = tl.load(values + at, mask=is_there, other=0.0, cache_modifier=".cg").to(tl.float32)
            scores = tl.sum(q[:, None, :] * k[None, :, :], 2)  # (GROUP, BLOCK)
            scores = tl.where(position[None, :] <= (first + t)[:, None], scores, float("-inf"))
            higher = tl.maximum(highest, tl.max(scores, 1))
            weights = tl.exp(scores - higher[:, None])
            shrunk = tl.exp(highest - higher)
            total = total * shrunk + tl.sum(weights, 1)
            summed = summed * shrunk[:, None] + tl.sum(weights[:, :, None] * v[None, :, :], 1)
            highest = higher

        to = out + ((sequence * n_new + t) * (H * C) + heads * C)[:, None] + c
        if SPLITS == 1:
            tl.store(to, summed / total[:, None], mask=is_head[:, None] & (c < C))
        else:
            task = sequence * K + head
            size: tl.constexpr = GROUP * (2 + WIDTH)
            mine = partials + (task * SPLITS + split) * size + g * (2 + WIDTH)
            tl.store(mine, highest)
            tl.store(mine + 1, total)
            tl.store(mine[:, None] + 2 + c, summed)
            if is_last(arrivals + task, n_used):
                highest = tl.full([GROUP], float("-inf"), tl.float32)
                total = tl.zeros([GROUP], tl.float32)
                summed = tl.zeros([GROUP, WIDTH], tl.float32)
                for other in range(n_used):
                    theirs = partials + (task * SPLITS + other) * size + g * (2 + WIDTH)
                    top = tl.load(theirs, cache_modifier=".cg")
                    higher = tl.maximum(highest, top)
                    shrunk, share = tl.exp(highest - higher), tl.exp(top - higher)
                    total = total * shrunk + tl.load(theirs + 1, cache_modifier=".cg") * share
                    part = tl.load(theirs[:, None] + 2 + c, cache_modifier=".cg")
                    summed = summed * shrunk[:, None] + part * share[:, None]
                    highest = higher
                tl.store(to, summed / total[:, None], mask=is_head[:, None] & (c < C))
