"""Whole stacks in one launch: the phases of `engine/s1/triton/phases.py` in turn, all programs waiting between them.

A launch costs a card 1.5 to 2 µs in a graph, and empties its memory's queue; waiting for each other costs about half of
that, and weights are asked for meanwhile. All programs have to run at once: see `wait_for_all`.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import triton
import triton.language as tl

from engine.s1.triton.phases import embed, gate, look, project, project_and_look, say


@triton.jit
def weights_before(layer, N_ROWS: tl.constexpr, COLUMNS: tl.constexpr, BITS: tl.constexpr):
    """Tell how many elements a matrix's earlier layers take."""
    return layer * (N_ROWS * (COLUMNS // 2 if BITS == 4 else COLUMNS))


@triton.jit
def scales_before(layer, N_ROWS: tl.constexpr, COLUMNS: tl.constexpr, BITS: tl.constexpr):
    return layer * (N_ROWS * (COLUMNS // 16 if BITS == 4 else 1) if BITS < 16 else 0)


@triton.jit
def finish_layer(
    x,
    attended,
    gated,
    norm,
    wo,
    wo_scales,
    wo_bias,
    w13,
    w13_scales,
    w2,
    w2_scales,
    arrivals,
    n_inputs,
    layer,
    DIM: tl.constexpr,
    DIM_WIDTH: tl.constexpr,
    ATTENDED: tl.constexpr,
    ATTENDED_WIDTH: tl.constexpr,
    GATED: tl.constexpr,
    GATED_WIDTH: tl.constexpr,
    WO_BITS: tl.constexpr,
    W13_BITS: tl.constexpr,
    W2_BITS: tl.constexpr,
    WO_TILE: tl.constexpr,
    W13_TILE: tl.constexpr,
    W2_TILE: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    EPS: tl.constexpr,
):
    """Do what comes after attention: its output added, then the feed-forward."""
    project(
        attended, norm,
        wo + weights_before(layer, DIM, ATTENDED, WO_BITS), wo_scales + scales_before(layer, DIM, ATTENDED, WO_BITS),
        wo_bias + layer * DIM, x, arrivals, n_inputs, ATTENDED, DIM,
        DIM, DIM, WO_TILE, ATTENDED, ATTENDED_WIDTH, WO_BITS, False, HAS_BIAS, True, EPS, True,
    )  # fmt: skip
    gate(
        x, norm + layer * DIM,
        w13 + weights_before(layer, 2 * GATED, DIM, W13_BITS),
        w13_scales + scales_before(layer, 2 * GATED, DIM, W13_BITS),
        gated, arrivals, n_inputs, GATED, W13_TILE, DIM, DIM_WIDTH, W13_BITS, EPS, True,
    )  # fmt: skip
    project(
        gated, norm,
        w2 + weights_before(layer, DIM, GATED, W2_BITS), w2_scales + scales_before(layer, DIM, GATED, W2_BITS),
        w2_scales, x, arrivals, n_inputs, GATED, DIM,
        DIM, DIM, W2_TILE, GATED, GATED_WIDTH, W2_BITS, False, False, True, EPS, True,
    )  # fmt: skip


@triton.jit(do_not_specialize=["n_rows"])
def slow_stack(
    columns,
    tokens,
    codes,
    x,
    qkv,
    attended,
    gated,
    partials,
    attention_norm,
    ffn_norm,
    q_norm,
    k_norm,
    wqkv,
    wqkv_scales,
    wqkv_bias,
    wo,
    wo_scales,
    wo_bias,
    w13,
    w13_scales,
    w2,
    w2_scales,
    memory,
    cos,
    sin,
    positions,
    arrivals,  # int32: of all programs, of tiles, of heads
    n_rows,
    values_at,
    layer_size,  # of the memory, in elements
    max_positions,
    semantic_begin,
    N_LAYER: tl.constexpr,
    DIM: tl.constexpr,
    DIM_WIDTH: tl.constexpr,
    ATTENDED_WIDTH: tl.constexpr,
    GATED: tl.constexpr,
    GATED_WIDTH: tl.constexpr,
    QKV_BITS: tl.constexpr,
    WO_BITS: tl.constexpr,
    W13_BITS: tl.constexpr,
    W2_BITS: tl.constexpr,
    QKV_TILE: tl.constexpr,
    WO_TILE: tl.constexpr,
    W13_TILE: tl.constexpr,
    W2_TILE: tl.constexpr,
    HAS_QKV_BIAS: tl.constexpr,
    HAS_O_BIAS: tl.constexpr,
    H: tl.constexpr,
    K: tl.constexpr,
    C: tl.constexpr,
    WIDTH: tl.constexpr,
    GROUP: tl.constexpr,
    BLOCK: tl.constexpr,
    SPLITS: tl.constexpr,
    HAS_NORM: tl.constexpr,
    N_SEMANTIC: tl.constexpr,
    N_CODES: tl.constexpr,
    CODEBOOK: tl.constexpr,
    EMBED_BLOCK: tl.constexpr,
    IS_SCALED: tl.constexpr,
    EPS: tl.constexpr,
):
    """Take the rows' columns through the slow stack: into `x`."""
    n_qkv: tl.constexpr = (H + 2 * K) * C
    embed(
        columns, tokens, codes, x, n_rows, semantic_begin,
        N_SEMANTIC, N_CODES, CODEBOOK, DIM, EMBED_BLOCK, IS_SCALED,
    )  # fmt: skip
    for layer in range(N_LAYER):
        project(
            x, attention_norm + layer * DIM,
            wqkv + weights_before(layer, n_qkv, DIM, QKV_BITS),
            wqkv_scales + scales_before(layer, n_qkv, DIM, QKV_BITS),
            wqkv_bias + layer * n_qkv, qkv, arrivals, n_rows, DIM, n_qkv,
            n_qkv, n_qkv, QKV_TILE, DIM, DIM_WIDTH, QKV_BITS, True, HAS_QKV_BIAS, False, EPS, True,
        )  # fmt: skip
        look(
            qkv, memory + tl.cast(layer, tl.int64) * layer_size, attended, partials, arrivals + 2, arrivals,
            q_norm + layer * C, k_norm + layer * C, cos, sin, positions, n_rows, values_at, max_positions,
            H, K, C, WIDTH, GROUP, BLOCK, SPLITS, HAS_NORM, EPS, True,
        )  # fmt: skip
        finish_layer(
            x, attended, gated, ffn_norm, wo, wo_scales, wo_bias, w13, w13_scales, w2, w2_scales, arrivals, n_rows,
            layer, DIM, DIM_WIDTH, H * C, ATTENDED_WIDTH, GATED, GATED_WIDTH, WO_BITS, W13_BITS, W2_BITS,
            WO_TILE, W13_TILE, W2_TILE, HAS_O_BIAS, EPS,
        )  # fmt: skip


@triton.jit(do_not_specialize=["n_rows"])
def fast_stack(
    x,
    qkv,
    attended,
    gated,
    attention_norm,
    ffn_norm,
    q_norm,
    k_norm,
    wqkv,
    wqkv_scales,
    wqkv_bias,
    wo,
    wo_scales,
    wo_bias,
    w13,
    w13_scales,
    w2,
    w2_scales,
    memory,
    cos,
    sin,
    norm,
    head,
    logits,  # fp32 (N_CODES - 1, rows of the state, N_IDS)
    noise,
    settings,
    history,
    columns,
    said,
    positions,
    embeddings,
    arrivals,
    n_rows,
    values_at,
    layer_size,
    max_rows,
    semantic_begin,
    max_positions,
    N_IDS: tl.constexpr,
    IDS_WIDTH: tl.constexpr,
    HEAD_TILE: tl.constexpr,
    WINDOW: tl.constexpr,
    GROUP: tl.constexpr,
    N_LAYER: tl.constexpr,
    DIM: tl.constexpr,
    DIM_WIDTH: tl.constexpr,
    ATTENDED_WIDTH: tl.constexpr,
    GATED: tl.constexpr,
    GATED_WIDTH: tl.constexpr,
    QKV_BITS: tl.constexpr,
    WO_BITS: tl.constexpr,
    W13_BITS: tl.constexpr,
    W2_BITS: tl.constexpr,
    QKV_TILE: tl.constexpr,
    WO_TILE: tl.constexpr,
    W13_TILE: tl.constexpr,
    W2_TILE: tl.constexpr,
    HAS_QKV_BIAS: tl.constexpr,
    HAS_O_BIAS: tl.constexpr,
    H: tl.constexpr,
    K: tl.constexpr,
    C: tl.constexpr,
    WIDTH: tl.constexpr,
    BLOCK: tl.constexpr,
    HAS_NORM: tl.constexpr,
    N_CODES: tl.constexpr,
    EPS: tl.constexpr,
):
    """Make the residual codes of a frame, from what `say` has left in `x` with the token."""
    n_qkv: tl.constexpr = (H + 2 * K) * C
    for place in range(1, N_CODES):
        n_new = tl.where(place == 1, 2, 1)  # position 0 has no output of its own
        first = tl.where(place == 1, 0, place)
        for layer in range(N_LAYER):
            project_and_look(
                x, attention_norm + layer * DIM, wqkv + weights_before(layer, n_qkv, DIM, QKV_BITS),
                wqkv_scales + scales_before(layer, n_qkv, DIM, QKV_BITS), wqkv_bias + layer * n_qkv,
                qkv, memory + layer * layer_size, attended, arrivals + 2, arrivals,
                q_norm + layer * C, k_norm + layer * C, cos, sin, n_rows, first, n_new, values_at,
                QKV_TILE, DIM, DIM_WIDTH, QKV_BITS, HAS_QKV_BIAS,
                H, K, C, WIDTH, GROUP, N_CODES, BLOCK, HAS_NORM, EPS, True,
            )  # fmt: skip
            finish_layer(
                x, attended, gated, ffn_norm, wo, wo_scales, wo_bias, w13, w13_scales, w2, w2_scales, arrivals,
                n_rows * n_new, layer, DIM, DIM_WIDTH, H * C, ATTENDED_WIDTH, GATED, GATED_WIDTH,
                WO_BITS, W13_BITS, W2_BITS, WO_TILE, W13_TILE, W2_TILE, HAS_O_BIAS, EPS,
            )  # fmt: skip
        last = tl.where(place == 1, DIM, 0)  # of the first two positions the second
        say(
            x + last, norm, head, logits + (place - 1) * max_rows * N_IDS, noise + (place - 1) * N_IDS, settings,
            history, columns, said, positions, embeddings, x, x, arrivals + 1, arrivals, n_rows, last + DIM, place,
            (N_CODES - 1) * N_IDS, semantic_begin, max_positions,
            False, False, N_IDS, IDS_WIDTH, HEAD_TILE, N_CODES, WINDOW, DIM, DIM_WIDTH, DIM, DIM_WIDTH, EPS, True,
        )  # fmt: skip
