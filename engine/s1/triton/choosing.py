"""Drawing a code from logits on the device, as `engine/s1/model/sampling.py` does, without sorting them.

The cut of top-p is found by halving: how probable are all logits above a threshold together? Only the order of the sums
differs, so that a sum within rounding of top-p may fall on the other side.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import triton
import triton.language as tl

N_HALVINGS = tl.constexpr(32)
"""For any fp32 threshold."""


@triton.jit
def drawn(scores, noise, index, n, temperature, top_p):
    """Draw from `scores` fp32 (WIDTH,), of which `n` are there and the rest -inf, with `noise`, a pointer to as many
    numbers from Exp(1), which are read last, when there are registers for them: the index."""
    best = tl.max(scores, 0)
    probabilities = tl.exp(scores - best)
    probabilities = probabilities / tl.sum(probabilities, 0)
    bits = scores.to(tl.int32, bitcast=True)
    keys = tl.where(bits < 0, bits ^ 0x7FFFFFFF, bits)  # integers in the order of the scores

    low, high = tl.min(keys, 0), tl.max(keys, 0) + 1
    for _ in range(N_HALVINGS):  # until `high` is the lowest threshold above which all are kept
        middle = (low & high) + ((low ^ high) >> 1)
        fits = tl.sum(tl.where(keys >= middle, probabilities, 0.0), 0) <= top_p
        high = tl.where(fits, middle, high)
        low = tl.where(fits, low, tl.minimum(middle + 1, high))
    above = tl.sum(tl.where(keys >= high, probabilities, 0.0), 0)
    cut = tl.max(tl.where(keys < high, keys, -2147483648), 0)
    is_cut = keys == cut  # of equal ones the first go last
    at_cut = tl.max(tl.where(is_cut, probabilities, 0.0), 0)
    rank = tl.cumsum(is_cut.to(tl.int32), 0)
    kept = (keys >= high) | (is_cut & (above + rank * at_cut <= top_p))
    kept = kept | (index == tl.argmax(keys, 0, tie_break_left=True))
    luck = tl.load(noise + index, mask=index < n, other=1.0)
    scores = tl.where(keys < 0, keys ^ 0x7FFFFFFF, keys).to(tl.float32, bitcast=True)  # again, rather than kept so long
    return tl.argmax(tl.where(kept, tl.exp((scores - best) / temperature) / luck, -1.0), 0, tie_break_left=True)


@triton.jit
def penalised(scores, index, history, penalty, WINDOW: tl.constexpr):
    """Make the ids in `history` int64 (WINDOW,) less likely, each once."""
    is_previous = index < 0
    for i in tl.static_range(WINDOW):
        is_previous = is_previous | (index == tl.load(history + i))
    return tl.where(is_previous, tl.where(scores < 0, scores * penalty, scores / penalty), scores)


@triton.jit
def choose(
    logits,  # fp32 (rows, N_IDS)
    noise,  # fp32 (rows, …): of a row's place, `noise_stride` from one row to the next
    settings,  # fp32 (rows, 4)
    history,  # int64 (rows, N_CODES - 1, WINDOW)
    columns,  # int64 (rows, 1 + N_CODES)
    said,  # int64 (rows, N_CODES + 1)
    positions,  # int64 (rows,)
    embeddings,  # of the fast stack, (ids, DIM)
    hidden,  # fp32 (rows, DIM): of the slow stack
    fast_input,  # fp32 (rows, 1 or 2, DIM)
    row,
    place,  # 0: the token; from 1 on residual codes
    noise_stride,
    semantic_begin,
    max_positions,
    IS_TOKEN: tl.constexpr,
    IS_COPIED: tl.constexpr,
    N_IDS: tl.constexpr,
    WIDTH: tl.constexpr,
    N_CODES: tl.constexpr,
    WINDOW: tl.constexpr,
    DIM: tl.constexpr,
    DIM_WIDTH: tl.constexpr,
):
    """Choose the row's code of `place`, note it wherever it is wanted, and put its embedding where the fast stack reads
    on. With `IS_COPIED` the slow stack's hidden state goes before the token's."""
    index = tl.arange(0, WIDTH)
    is_id = index < N_IDS
    scores = tl.load(logits + row * N_IDS + index, mask=is_id, other=float("-inf"), cache_modifier=".cg")
    temperature, top_p = tl.load(settings + 4 * row), tl.load(settings + 4 * row + 1)
    old = history + (row * (N_CODES - 1) + place - 1) * WINDOW
    if IS_TOKEN:
        scores = tl.where(index == N_IDS - 1, scores + tl.load(settings + 4 * row + 3), scores)
    else:
        scores = penalised(scores, index, old, tl.load(settings + 4 * row + 2), WINDOW)
    code = tl.minimum(
        drawn(scores, noise + row * noise_stride, index, N_IDS, temperature, top_p), N_IDS - 1
    )  # also where nothing is a number

    if IS_TOKEN:
        is_over = code == N_IDS - 1
        code = tl.minimum(code, N_IDS - 2)  # what follows the end is never heard, but is computed
        end = said + row * (N_CODES + 1) + N_CODES
        was_over = tl.load(end)
        tl.store(end, was_over | is_over.to(tl.int64))
        tl.store(columns + row * (1 + N_CODES), code.to(tl.int64) + semantic_begin)
    else:
        last = tl.arange(0, WINDOW)
        shifted = tl.load(old + last + 1, mask=last < WINDOW - 1, other=0)
        tl.debug_barrier()  # all have read
        tl.store(old + last, tl.where(last == WINDOW - 1, code.to(tl.int64), shifted))
        if place == N_CODES - 1:
            position = tl.load(positions + row)
            tl.debug_barrier()
            tl.store(positions + row, tl.minimum(position + 1, max_positions - 1))
    tl.store(columns + row * (1 + N_CODES) + 1 + place, code.to(tl.int64))
    tl.store(said + row * (N_CODES + 1) + place, code.to(tl.int64))

    channel = tl.arange(0, DIM_WIDTH)
    is_channel = channel < DIM
    x = tl.load(embeddings + code * DIM + channel, mask=is_channel, other=0.0).to(tl.float32)
    to = fast_input + row * DIM
    if IS_TOKEN:
        to = fast_input + (2 * row + 1) * DIM
        if IS_COPIED:
            state = tl.load(hidden + row * DIM + channel, mask=is_channel, other=0.0, cache_modifier=".cg")
            tl.store(fast_input + 2 * row * DIM + channel, state, mask=is_channel)
    tl.store(to + channel, x, mask=is_channel)
