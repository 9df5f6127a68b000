"""Drawing a code from logits (specification section 3, "Sampling"). Shapes: … any batch, V logits, P previous codes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

PENALTY_WINDOW_FRAMES = 16
_N_BEST = 64
"""Looked at before all logits are sorted; what is kept is nearly always among them."""


def penalise(logits: Tensor, previous: Tensor, penalty: float | Tensor) -> Tensor:
    """Make the ids in `previous` (…, P) less likely, each once: logits (…, V) fp32 -> (…, V)."""
    scores = logits.gather(-1, previous)
    return logits.scatter(-1, previous, torch.where(scores < 0, scores * penalty, scores / penalty))


def distribution(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    """Make the probabilities that are drawn from: logits (…, V) fp32 -> (…, V). Temperature comes after the cut."""
    return tempered(logits, nucleus(logits, top_p), max(temperature, 1e-5))


def tempered(logits: Tensor, kept: Tensor, temperature: float | Tensor) -> Tensor:
    return (logits.masked_fill(~kept, float("-inf")) / temperature).softmax(-1)


def nucleus(logits: Tensor, top_p: float | Tensor) -> Tensor:
    """Find which of the logits (…, V) may be drawn: bool (…, V).

    A token goes when the cumulative probability, its own included, exceeds `top_p`; the best stays. The
    sum can pass 1 in fp32, so `top_p` 1 may drop a few. Of equal ones the first go last.
    """
    if logits.device.type == "cpu" and logits.shape[-1] > _N_BEST:  # elsewhere looking costs a wait for the device
        kept = _nucleus_of_best(logits, top_p)
        if kept is not None:
            return kept
    return nucleus_by_sorting(logits, top_p)


def nucleus_by_sorting(logits: Tensor, top_p: float | Tensor) -> Tensor:
    _, order = logits.sort(dim=-1, descending=True, stable=True)
    kept = logits.softmax(-1).gather(-1, order).cumsum(-1) <= top_p
    kept[..., 0] = True
    return torch.zeros_like(kept).scatter(-1, order, kept)


def _nucleus_of_best(logits: Tensor, top_p: float | Tensor) -> Tensor | None:
    """The very same, from the best alone; None where the cut is not among them, or goes through equal logits.

    The same sums: those of a prefix, one after the other.
    """
    best, order = logits.topk(_N_BEST, dim=-1)
    sums = logits.softmax(-1).gather(-1, order).cumsum(-1)
    n_kept = (sums <= top_p).sum(-1, keepdim=True).clamp(min=1)
    after = n_kept.clamp(max=_N_BEST - 1)
    if not bool(((n_kept < _N_BEST) & (best.gather(-1, after) < best.gather(-1, n_kept - 1))).all()):
        return None
    kept = torch.arange(_N_BEST, device=logits.device) < n_kept
    return torch.zeros_like(logits, dtype=torch.bool).scatter(-1, order, kept)


def nucleus_by_comparing(logits: Tensor, top_p: float | Tensor) -> Tensor:
    """Compare each logit with each other, V² of them: no sorting, for compilers that make one loop of it.

    The same but for the order of the sums: a sum within rounding of `top_p` may fall on the other side.
    """
    index = torch.arange(logits.shape[-1], device=logits.device)
    own, other = logits[..., :, None], logits[..., None, :]
    is_before = (other > own) | ((other == own) & (index[None, :] <= index[:, None]))
    sums = torch.where(is_before, logits.softmax(-1)[..., None, :], 0.0).sum(-1)
    return (sums <= top_p) | (index == logits.argmax(-1, keepdim=True))


def draw(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """Draw an index () without asking the host: argmax of p / Exp(1)."""
    noise = torch.empty_like(probabilities).exponential_(1.0, generator=generator)
    return (probabilities / noise).argmax(-1)


class Chooser(Protocol):
    """Picks one id from logits (V,): an index tensor ()."""

    def token(self, logits: Tensor) -> Tensor:
        """Choose from `logits` over the semantic tokens, and `<|im_end|>` last."""
        ...

    def residual(self, logits: Tensor, previous: Tensor) -> Tensor:
        """Choose a residual code.

        `previous` (PENALTY_WINDOW_FRAMES,): this codebook's last codes in this call, 0 before its start.
        """
        ...


@dataclass(frozen=True, slots=True)
class Sampler:
    """Chooses as the model does. No penalty on the semantic token: its reference has none, in effect."""

    temperature: float
    top_p: float
    repetition_penalty: float
    generator: torch.Generator

    def token(self, logits: Tensor) -> Tensor:
        return draw(distribution(logits.float(), self.temperature, self.top_p), self.generator)

    def residual(self, logits: Tensor, previous: Tensor) -> Tensor:
        penalised = penalise(logits.float(), previous, self.repetition_penalty)
        return draw(distribution(penalised, self.temperature, self.top_p), self.generator)


class Greedy:
    """The best semantic token, never the end, and the best residuals: for comparisons."""

    def token(self, logits: Tensor) -> Tensor:
        return logits[:-1].argmax()

    def residual(self, logits: Tensor, previous: Tensor) -> Tensor:  # noqa: ARG002 (the protocol's)
        return logits.argmax()


@dataclass(frozen=True, slots=True)
class Draws:
    """All that R rows' codes of a frame are drawn with, besides their logits: `history` int64 (R, N - 1, P), each
    residual codebook's last codes; `settings` fp32 (R, 4), see `settings_of`; noise from Exp(1), fp32, for the token
    (R, V) and the residuals (R, N - 1, W)."""

    history: Tensor
    settings: Tensor
    token_noise: Tensor
    residual_noise: Tensor


def settings_of(choose: Sampler | Greedy) -> tuple[float, float, float, float]:
    """List temperature, top-p, repetition penalty, and what the end's logit gains. Greedy keeps the best alone."""
    if isinstance(choose, Greedy):
        return 1.0, 0.0, 1.0, float("-inf")
    return max(choose.temperature, 1e-5), choose.top_p, choose.repetition_penalty, 0.0


def fill_noise(choose: Sampler | Greedy, noise: Iterable[Tensor]) -> None:
    """Draw the very numbers that `choose` would, one after the other, for logits of these shapes; greedy draws none."""
    if isinstance(choose, Sampler):
        for part in noise:
            part.exponential_(1.0, generator=choose.generator)
