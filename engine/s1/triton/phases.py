"""What a layer is made of: phases, each of which every program of a launch shares in, and between which all wait.

In one launch a program takes tiles in turn. It asks for a tile's weights before it multiplies the one before, and for
the first before it waits for its input: weights depend on nobody. Where each phase has a launch of its own, so has each
tile a program.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import triton
import triton.language as tl

from engine.s1.triton.attention import attend
from engine.s1.triton.choosing import choose
from engine.s1.triton.products import multiply, read_input, read_weights
from engine.s1.triton.waiting import is_last, wait_for_all


@triton.jit
def rows_of(tile, N_ROWS: tl.constexpr, BLOCK: tl.constexpr, TILE: tl.constexpr):
    """Tell which rows of a matrix a tile has, and which of them are rows: no tile crosses the end of a block."""
    parts: tl.constexpr = (BLOCK + TILE - 1) // TILE
    within = tile % parts * TILE + tl.arange(0, TILE)
    rows = tile // parts * BLOCK + within
    return rows, (within < BLOCK) & (rows < N_ROWS)


@triton.jit
def read_tile(
    tile,
    weights,
    scales,
    N_ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
    TILE: tl.constexpr,
    COLUMNS: tl.constexpr,
    WIDTH: tl.constexpr,
    BITS: tl.constexpr,
):
    rows, is_row = rows_of(tile, N_ROWS, BLOCK, TILE)
    return read_weights(weights, scales, rows, is_row, COLUMNS, WIDTH, BITS)


@triton.jit(do_not_specialize=["n_inputs"])
def project(
    x,  # fp32, rows of COLUMNS, `x_stride` from one to the next
    norm,
    weights,
    scales,
    bias,
    out,  # fp32 (n_inputs, N_ROWS)
    arrivals,  # of `wait_for_all`
    n_inputs,
    x_stride,
    out_stride,
    N_ROWS: tl.constexpr,
    BLOCK: tl.constexpr,
    TILE: tl.constexpr,
    COLUMNS: tl.constexpr,
    WIDTH: tl.constexpr,
    BITS: tl.constexpr,
    HAS_NORM: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    IS_ADDED: tl.constexpr,
    EPS: tl.constexpr,
    IS_ONE_LAUNCH: tl.constexpr,
):
    """Compute `weights` times x, normalised before with `HAS_NORM`, into `out`, or with `IS_ADDED` onto it."""
    n_tiles: tl.constexpr = (N_ROWS // BLOCK) * ((BLOCK + TILE - 1) // TILE)
    mine, step = tl.program_id(0), tl.num_programs(0)
    w, s, z = read_tile(mine, weights, scales, N_ROWS, BLOCK, TILE, COLUMNS, WIDTH, BITS)
    wait_for_all(arrivals, IS_ONE_LAUNCH)
    for tile in range(mine, n_tiles, step):
        if IS_ONE_LAUNCH:
            next_w, next_s, next_z = read_tile(tile + step, weights, scales, N_ROWS, BLOCK, TILE, COLUMNS, WIDTH, BITS)
        rows, is_row = rows_of(tile, N_ROWS, BLOCK, TILE)
        for i in range(n_inputs):
            low, high = read_input(x + i * x_stride, norm, COLUMNS, WIDTH, BITS, HAS_NORM, EPS)
            y = multiply(w, s, z, low, high, BITS)
            if HAS_BIAS:
                y += tl.load(bias + rows, mask=is_row, other=0.0).to(tl.float32)
            to = out + i * out_stride + rows
            if IS_ADDED:
                y += tl.load(to, mask=is_row, other=0.0, cache_modifier=".cg")
            tl.store(to, y, mask=is_row)
        if IS_ONE_LAUNCH:
            w, s, z = next_w, next_s, next_z


@triton.jit(do_not_specialize=["n_inputs"])
def gate(
    x,
    norm,
    weights,  # (2, N_ROWS, COLUMNS): w1, w3
    scales,
    out,
    arrivals,
    n_inputs,
    N_ROWS: tl.constexpr,
    TILE: tl.constexpr,
    COLUMNS: tl.constexpr,
    WIDTH: tl.constexpr,
    BITS: tl.constexpr,
    EPS: tl.constexpr,
    IS_ONE_LAUNCH: tl.constexpr,
):
    """Compute silu(w1 z) * (w3 z), z being x normalised, into `out`."""
    n_tiles: tl.constexpr = (N_ROWS + TILE - 1) // TILE
    other = weights + N_ROWS * (COLUMNS // 2 if BITS == 4 else COLUMNS)
    other_scales = scales + N_ROWS * (COLUMNS // 16 if BITS == 4 else 1)
    mine, step = tl.program_id(0), tl.num_programs(0)
    a, a_s, a_z = read_tile(mine, weights, scales, N_ROWS, N_ROWS, TILE, COLUMNS, WIDTH, BITS)
    b, b_s, b_z = read_tile(mine, other, other_scales, N_ROWS, N_ROWS, TILE, COLUMNS, WIDTH, BITS)
    wait_for_all(arrivals, IS_ONE_LAUNCH)
    for tile in range(mine, n_tiles, step):
        after = tile + step
        if IS_ONE_LAUNCH:
            next_a, next_as, next_az = read_tile(after, weights, scales, N_ROWS, N_ROWS, TILE, COLUMNS, WIDTH, BITS)
            next_b, next_bs, next_bz = read_tile(after, other, other_scales, N_ROWS, N_ROWS, TILE, COLUMNS, WIDTH, BITS)
        rows, is_row = rows_of(tile, N_ROWS, N_ROWS, TILE)
        for i in range(n_inputs):
            low, high = read_input(x + i * COLUMNS, norm, COLUMNS, WIDTH, BITS, True, EPS)
            first = multiply(a, a_s, a_z, low, high, BITS)
            second = multiply(b, b_s, b_z, low, high, BITS)
            tl.store(out + i * N_ROWS + rows, first / (1.0 + tl.exp(-first)) * second, mask=is_row)
        if IS_ONE_LAUNCH:
            a, a_s, a_z = next_a, next_as, next_az
            b, b_s, b_z = next_b, next_bs, next_bz


@triton.jit(do_not_specialize=["n_inputs"])
def look(
    qkv,
    memory,  # of one layer: keys, and `values_at` after them values, (rows, K, M, C)
    out,
    partials,
    task_arrivals,
    arrivals,
    q_norm,
    k_norm,
    cos,
    sin,
    positions,  # int64 (rows,)
    n_inputs,
    values_at,
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
    IS_ONE_LAUNCH: tl.constexpr,
):
    """Let each row's heads look at the positions up to its own."""
    wait_for_all(arrivals, IS_ONE_LAUNCH)
    for task in range(tl.program_id(0), n_inputs * K * SPLITS, tl.num_programs(0)):
        row, head, split = task // SPLITS // K, task // SPLITS % K, task % SPLITS
        attend(
            qkv, memory, memory + values_at, out, partials, task_arrivals, q_norm, k_norm, cos, sin,
            row, head, split, tl.load(positions + row, cache_modifier=".cg"), 1, max_positions,
            H, K, C, WIDTH, GROUP, BLOCK, SPLITS, HAS_NORM, EPS,
        )  # fmt: skip


@triton.jit(do_not_specialize=["n_sequences", "first", "n_new"])
def project_and_look(
    x,
    norm,
    weights,
    scales,
    bias,
    qkv,
    memory,
    out,
    head_arrivals,  # int32 (K,)
    arrivals,
    q_norm,
    k_norm,
    cos,
    sin,
    n_sequences,
    first,
    n_new,
    values_at,
    TILE: tl.constexpr,
    COLUMNS: tl.constexpr,
    COLUMNS_WIDTH: tl.constexpr,
    BITS: tl.constexpr,
    HAS_BIAS: tl.constexpr,
    H: tl.constexpr,
    K: tl.constexpr,
    C: tl.constexpr,
    WIDTH: tl.constexpr,
    GROUP: tl.constexpr,
    N_POSITIONS: tl.constexpr,
    BLOCK: tl.constexpr,
    HAS_NORM: tl.constexpr,
    EPS: tl.constexpr,
    IS_ONE_LAUNCH: tl.constexpr,
):
    """Project to queries, keys and values; whoever completes what shares a key/value head looks with it at once, which
    costs nothing while there are few positions, as in the fast stack."""
    parts: tl.constexpr = (C + TILE - 1) // TILE
    n_rows: tl.constexpr = (H + 2 * K) * C
    mine, step = tl.program_id(0), tl.num_programs(0)
    w, s, z = read_tile(mine, weights, scales, n_rows, C, TILE, COLUMNS, COLUMNS_WIDTH, BITS)
    wait_for_all(arrivals, IS_ONE_LAUNCH)
    for tile in range(mine, (H + 2 * K) * parts, step):
        if IS_ONE_LAUNCH:
            next_w, next_s, next_z = read_tile(
                tile + step, weights, scales, n_rows, C, TILE, COLUMNS, COLUMNS_WIDTH, BITS
            )
        rows, is_row = rows_of(tile, n_rows, C, TILE)
        for i in range(n_sequences * n_new):
            low, high = read_input(x + i * COLUMNS, norm, COLUMNS, COLUMNS_WIDTH, BITS, True, EPS)
            y = multiply(w, s, z, low, high, BITS)
            if HAS_BIAS:
                y += tl.load(bias + rows, mask=is_row, other=0.0).to(tl.float32)
            tl.store(qkv + i * n_rows + rows, y, mask=is_row)
        one = tile // parts  # of the heads, queries' first
        head = tl.where(one < H, one // (H // K), (one - H) % K)
        if is_last(head_arrivals + head, (H // K + 2) * parts):
            for sequence in range(n_sequences):
                attend(
                    qkv, memory, memory + values_at, out, out, arrivals, q_norm, k_norm, cos, sin,
                    sequence, head, 0, first, n_new, N_POSITIONS,
                    H, K, C, WIDTH, GROUP, BLOCK, 1, HAS_NORM, EPS,
                )  # fmt: skip
        if IS_ONE_LAUNCH:
            w, s, z = next_w, next_s, next_z


@triton.jit(do_not_specialize=["n_rows", "place"])
def say(
    x,
    norm,
    head,  # (N_IDS, DIM), not of few bits
    logits,
    noise,
    settings,
    history,
    columns,
    said,
    positions,
    embeddings,
    hidden,
    fast_input,
    tile_arrivals,  # int32 (1,)
    arrivals,
    n_rows,
    x_stride,
    place,
    noise_stride,
    semantic_begin,
    max_positions,
    IS_TOKEN: tl.constexpr,
    IS_COPIED: tl.constexpr,
    N_IDS: tl.constexpr,
    IDS_WIDTH: tl.constexpr,
    TILE: tl.constexpr,
    N_CODES: tl.constexpr,
    WINDOW: tl.constexpr,
    DIM: tl.constexpr,
    DIM_WIDTH: tl.constexpr,
    FAST_DIM: tl.constexpr,
    FAST_WIDTH: tl.constexpr,
    EPS: tl.constexpr,
    IS_ONE_LAUNCH: tl.constexpr,
):
    """Compute logits; whoever computes the last of them chooses."""
    n_tiles: tl.constexpr = (N_IDS + TILE - 1) // TILE
    mine, step = tl.program_id(0), tl.num_programs(0)
    w, s, z = read_tile(mine, head, head, N_IDS, N_IDS, TILE, DIM, DIM_WIDTH, 16)
    wait_for_all(arrivals, IS_ONE_LAUNCH)
    # each tile has a program where each phase has a launch; a loop would keep its weights while a code is chosen
    for tile in range(mine, n_tiles if IS_ONE_LAUNCH else mine + 1, step if IS_ONE_LAUNCH else 1):
        if IS_ONE_LAUNCH:
            next_w, next_s, next_z = read_tile(tile + step, head, head, N_IDS, N_IDS, TILE, DIM, DIM_WIDTH, 16)
        rows, is_row = rows_of(tile, N_IDS, N_IDS, TILE)
        for i in range(n_rows):
            low, high = read_input(x + i * x_stride, norm, DIM, DIM_WIDTH, 16, True, EPS)
            tl.store(logits + i * N_IDS + rows, multiply(w, s, z, low, high, 16), mask=is_row)
        if is_last(tile_arrivals, n_tiles):
            for row in range(n_rows):
                choose(
                    logits, noise, settings, history, columns, said, positions, embeddings, hidden, fast_input,
                    row, place, noise_stride, semantic_begin, max_positions,
                    IS_TOKEN, IS_COPIED, N_IDS, IDS_WIDTH, N_CODES, WINDOW, FAST_DIM, FAST_WIDTH,
                )  # fmt: skip
        if IS_ONE_LAUNCH:
            w, s, z = next_w, next_s, next_z


@triton.jit(do_not_specialize=["n_rows"])
def embed(
    columns,  # int64 (rows, 1 + N_CODES)
    tokens,  # (ids, DIM)
    codes,  # (N_CODES * CODEBOOK, DIM)
    x,  # fp32 (rows, DIM)
    n_rows,
    semantic_begin,
    N_SEMANTIC: tl.constexpr,
    N_CODES: tl.constexpr,
    CODEBOOK: tl.constexpr,
    DIM: tl.constexpr,
    BLOCK: tl.constexpr,
    IS_SCALED: tl.constexpr,
):
    """Sum a token's embedding and, at frames, those of its codes."""
    n_blocks: tl.constexpr = (DIM + BLOCK - 1) // BLOCK
    for task in range(tl.program_id(0), n_rows * n_blocks, tl.num_programs(0)):
        row = task // n_blocks
        channel = task % n_blocks * BLOCK + tl.arange(0, BLOCK)
        column = columns + row * (1 + N_CODES)
        token = tl.load(column)
        value = tl.load(tokens + token * DIM + channel, mask=channel < DIM, other=0.0).to(tl.float32)
        if (token >= semantic_begin) & (token < semantic_begin + N_SEMANTIC):
            for i in tl.static_range(N_CODES):
                of_code = (tl.load(column + 1 + i) + i * CODEBOOK) * DIM
                value += tl.load(codes + of_code + channel, mask=channel < DIM, other=0.0).to(tl.float32)
            if IS_SCALED:
                value = value / tl.sqrt(N_CODES + 1.0)
        tl.store(x + row * DIM + channel, value, mask=channel < DIM)
