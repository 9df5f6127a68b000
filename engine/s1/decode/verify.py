"""A backend proves itself on the very device: its frames against the reference, before anybody hears one."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.decode.backend import Logits
from engine.s1.decode.plain_backend import choose_ids
from engine.s1.decode.reference import logits_along
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
    """A backend's frames are not the reference's; says what differs and by how much."""


def verify(stepper: Stepper, row: int = 0, n_rows: int = 1) -> None:
    """Make some frames in row `row` of `n_rows`, greedy and sampled, and throw them away. Raises `UnlikeError`."""
    model = stepper.backend.model
    bound = MAX_DIFFERENCES[model.activation_dtype]
    for choose in (Greedy(), Sampler(0.8, 0.8, 1.1, torch.Generator(model.device).manual_seed(0))):
        codes, made, n_other = _stepped(stepper, choose, row, n_rows)
        if n_other > MAX_OTHER_CHOICES:
            raise UnlikeError(f"{n_other} codes of {codes.numel()} are not those that their logits say")
        for found, expected in zip(made, logits_along(model, _prompt(model), codes), strict=True):
            for one, wanted in zip(found, expected, strict=True):
                difference = float((one - wanted).norm() / wanted.norm().clamp(min=1e-6))
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
def _stepped(
    stepper: Stepper, choose: Sampler | Greedy, row: int, n_rows: int
) -> tuple[Tensor, tuple[Tensor, Tensor], int]:
    """Codes (N, n), the logits they were chosen from (n, V) and (n, N - 1, W), and how many of the codes the logits do
    not say."""
    stepper.reserve(n_rows, N_PROMPT + N_FRAMES)
    state = stepper.state
    stepper.begin(row, _prompt(stepper.backend.model), choose, None)
    codes, tokens, residuals, n_other = [], [], [], 0
    for i in range(N_FRAMES):
        state.fill_noise(row, choose)
        history = state.history[row].clone()
        made = stepper.run(n_rows, N_PROMPT + i)
        said = state.said[row, :-1].clone()
        n_other += int((_chosen(stepper, made, history, row) != said).sum())
        codes.append(said)
        tokens.append(made.token[row].clone())
        residuals.append(torch.stack([rows[row] for rows in made.residuals]))
    return torch.stack(codes, dim=1), (torch.stack(tokens), torch.stack(residuals)), n_other


def _chosen(stepper: Stepper, made: Logits, history: Tensor, row: int) -> Tensor:
    """The codes (N,) that the logits say, by other means than the step's."""
    state, one = stepper.state, slice(row, row + 1)
    settings, noise = state.settings[one], state.residual_noise[one]
    token = choose_ids(made.token[one], None, settings, state.token_noise[one], is_fused=False)
    residuals = [
        choose_ids(logits[one], history[None, i], settings, noise[:, i], is_fused=False)
        for i, logits in enumerate(made.residuals)
    ]
    return torch.cat((token.clamp(max=stepper.backend.model.n_semantic - 1), *residuals))
