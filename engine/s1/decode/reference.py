"""The frames of a model as plainly as it computes them, one code after the other: what backends are proven against.

Shapes: N codebooks, n frames, T positions, D slow model dimension, V semantic tokens and the end, W residual logits.
"""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import KvCache
from engine.s1.model.sampling import PENALTY_WINDOW_FRAMES, Chooser


def reference_frames(model: DualAr, prompt: Tensor, choose: Chooser, max_frames: int) -> Iterator[Tensor]:
    """Yield frames of codes, int64 (N,) on the model's device, until the end of speech or `max_frames`.

    `prompt` is int64 (1 + N, T), on the CPU. Any chooser will do.
    """
    cache, fast_cache = model.slow_cache(prompt.shape[1] + max_frames), model.fast_cache()
    shape = (model.config.n_codebooks - 1, PENALTY_WINDOW_FRAMES)
    history = torch.zeros(shape, dtype=torch.int64, device=model.device)
    positions = prompt.to(model.device)
    for _ in range(max_frames):
        with torch.inference_mode():  # which lives on the thread, and so must not be held across a yield
            hidden = model.slow(positions[None], cache)[0, -1]
            codes = _next_codes(model, hidden, history, choose, fast_cache)
            if codes is None:
                return
            history = torch.cat((history[:, 1:], codes[1:, None]), dim=1)
            positions = torch.cat((codes[:1] + model.semantic_begin_id, codes))[:, None]
        yield codes


def _next_codes(model: DualAr, hidden: Tensor, history: Tensor, choose: Chooser, cache: KvCache) -> Tensor | None:
    """The frame after hidden (D,): its codes (N,), or None at the end of speech.

    `history` (N - 1, PENALTY_WINDOW_FRAMES) holds the residual codes of the frames before it.
    """
    code = choose.token(model.legal_logits(hidden))
    if code == model.n_semantic:  # <|im_end|> stands behind the last semantic token
        return None
    codes = [code]
    cache.length = 0
    x = _first_fast_input(model, hidden, code)
    for previous in history:
        codes.append(choose.residual(model.fast(x, cache)[0], previous))
        x = model.fast_embeddings(codes[-1])[None, None]
    return torch.stack(codes)


def _first_fast_input(model: DualAr, hidden: Tensor, code: Tensor) -> Tensor:
    """(1, 2, F): position 0 has no output of its own, so that it runs together with position 1."""
    return torch.stack((model.fast_input(hidden), model.fast_embeddings(code)))[None]


@torch.inference_mode()
def logits_along(model: DualAr, prompt: Tensor, codes: Tensor) -> tuple[Tensor, Tensor]:
    """Lead `model` along `codes` int64 (N, n) after `prompt` int64 (1 + N, T).

    Returns the logits that it would choose from, fp32 (n, V) and (n, N - 1, W).
    """
    n_frames = codes.shape[1]
    prompt, codes = prompt.to(model.device), codes.to(model.device)
    cache, fast_cache = model.slow_cache(prompt.shape[1] + n_frames), model.fast_cache()
    columns = torch.cat((codes[:1] + model.semantic_begin_id, codes))
    tokens, residuals = [], []
    for i, part in enumerate((prompt, *columns[:, :-1].split(1, dim=1))):
        hidden = model.slow(part[None], cache)[0, -1]
        tokens.append(model.legal_logits(hidden).float())
        fast_cache.length, rows = 0, []
        x = _first_fast_input(model, hidden, codes[0, i])
        for code in codes[1:, i]:
            rows.append(model.fast(x, fast_cache)[0].float())
            x = model.fast_embeddings(code)[None, None]
        residuals.append(torch.stack(rows))
    return torch.stack(tokens), torch.stack(residuals)
