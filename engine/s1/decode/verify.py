"""A stepper proves itself on the very device: its frames against the plain path's, before anybody hears one."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.decode.plain_backend import choose_ids
from engine.s1.decode.state import Logits
from engine.s1.decode.stepper import Stepper
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.sampling import Greedy, Sampler

N_FRAMES = 4
N_PROMPT = 24
MAX_DIFFERENCES = {torch.float32: 2e-3, torch.float16: 2e-2, torch.bfloat16: 6e-2}
"""Of logits, as the norm of the difference over the norm: several times what rounding makes of it."""
MAX_OTHER_CHOICES = 1
"""Codes of a frame's logits that the step chose otherwise: one may lie within rounding of the cut."""


class UnlikeError(Exception):
    """The stepper's frames are not the plain path's; says what differs and by how much."""


def verify(stepper: Stepper, row: int = 0, n_rows: int = 1) -> None:
    """Some frames of row `row` of `n_rows`, greedy and sampled; what they are is not kept. Raises `UnlikeError`."""
    model = stepper.model
    bound = MAX_DIFFERENCES[model.activation_dtype]
    for choose in (Greedy(), Sampler(0.8, 0.8, 1.1, torch.Generator(model.device).manual_seed(0))):
        codes, logits, n_other = _stepped(stepper, choose, row, n_rows)
        if n_other > MAX_OTHER_CHOICES:
            raise UnlikeError(f"{n_other} codes of {codes.numel()} are not those that their logits say")
        for found, expected in zip(logits, _logits_along(model, codes), strict=True):
            difference = float((found - expected).norm() / expected.norm().clamp(min=1e-6))
            if not difference <= bound:  # written so that NaN is none
                raise UnlikeError(f"logits differ by {difference:.3g}, beyond {bound:g}")


def _prompt(model: DualAr) -> Tensor:
    """Some text, then frames, then text."""
    generator = torch.Generator().manual_seed(1)
    n_codebooks = model.config.n_codebooks
    prompt = torch.zeros(1 + n_codebooks, N_PROMPT, dtype=torch.int64)
    prompt[0] = torch.randint(0, min(256, model.config.vocab_size), (N_PROMPT,), generator=generator)
    frames = slice(N_PROMPT // 3, 2 * N_PROMPT // 3)
    n_codes = min(model.n_semantic, model.config.n_residual_logits)
    prompt[1:, frames] = torch.randint(0, n_codes, prompt[1:, frames].shape, generator=generator)
    prompt[0, frames] = model.semantic_begin_id + prompt[1, frames]
    return prompt


@torch.inference_mode()
def _stepped(stepper: Stepper, choose: Sampler | Greedy, row: int, n_rows: int) -> tuple[Tensor, list[Tensor], int]:
    """Codes (N, n), the logits they were chosen from, and how many of the codes the logits do not say."""
    stepper.reserve(n_rows, N_PROMPT + N_FRAMES)
    state = stepper.state
    stepper.begin(row, _prompt(stepper.model), choose, None)
    codes, logits, n_other = [], [], 0
    for i in range(N_FRAMES):
        state.fill_noise(row, choose)
        history = state.history[row].clone()
        made = stepper.run(n_rows, N_PROMPT + i)
        said = state.said[row, :-1].clone()
        n_other += int((_chosen(stepper, made, history, row) != said).sum())
        codes.append(said)
        logits += [made.token[row].clone(), torch.stack([rows[row] for rows in made.residuals])]
    return torch.stack(codes, dim=1), logits, n_other


def _chosen(stepper: Stepper, made: Logits, history: Tensor, row: int) -> Tensor:
    """The codes (N,) that the logits say, by other means than the step's."""
    state, one = stepper.state, slice(row, row + 1)
    settings, noise = state.settings[one], state.residual_noise[one]
    token = choose_ids(made.token[one], None, settings, state.token_noise[one], is_fused=False)
    residuals = [
        choose_ids(logits[one], history[None, i], settings, noise[:, i], is_fused=False)
        for i, logits in enumerate(made.residuals)
    ]
    return torch.cat((token.clamp(max=stepper.model.n_semantic - 1), *residuals))


@torch.inference_mode()
def _logits_along(model: DualAr, codes: Tensor) -> list[Tensor]:
    """The plain path's logits where it is led along `codes` (N, n): for each frame (V,), then (N - 1, W)."""
    n_frames = codes.shape[1]
    cache, fast_cache = model.slow_cache(N_PROMPT + n_frames), model.fast_cache()
    columns = torch.cat((codes[:1] + model.semantic_begin_id, codes))
    found = []
    for i, part in enumerate((_prompt(model).to(model.device), *columns[:, :-1].split(1, dim=1))):
        hidden = model.slow(part[None], cache)[0, -1]
        found.append(model.legal_logits(hidden).float())
        fast_cache.length, rows = 0, []
        x = torch.stack((model.fast_input(hidden), model.fast_embeddings(codes[0, i])))[None]
        for code in codes[1:, i]:
            rows.append(model.fast(x, fast_cache)[0].float())
            x = model.fast_embeddings(code)[None, None]
        found.append(torch.stack(rows))
    return found
