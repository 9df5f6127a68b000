"""Drawing a code from logits (specification section 3, "Sampling")."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

PENALTY_WINDOW_FRAMES = 16


def penalise(logits: Tensor, previous: Tensor, penalty: float) -> Tensor:
    """Make the ids in `previous` (P,) less likely, each once: logits (V,) fp32 -> (V,)."""
    scores = logits[previous]
    return logits.scatter(0, previous, torch.where(scores < 0, scores * penalty, scores / penalty))


def distribution(logits: Tensor, temperature: float, top_p: float) -> Tensor:
    """The probabilities drawn from: logits (V,) fp32 -> (V,).

    A token goes when the cumulative probability, its own included, exceeds `top_p`; the best stays. The
    sum can pass 1 in fp32, so `top_p` 1 may drop a few. Temperature comes after the cut.
    """
    ordered, order = logits.sort(descending=True)
    dropped = ordered.softmax(-1).cumsum(-1) > top_p
    dropped[0] = False
    kept = logits.masked_fill(torch.zeros_like(dropped).scatter(0, order, dropped), float("-inf"))
    return (kept / max(temperature, 1e-5)).softmax(-1)


def draw(probabilities: Tensor, generator: torch.Generator) -> Tensor:
    """An index (), drawn without asking the host: argmax of p / Exp(1)."""
    noise = torch.empty_like(probabilities).exponential_(1.0, generator=generator)
    return (probabilities / noise).argmax()


class Chooser(Protocol):
    """Picks one id from logits (V,): an index tensor ()."""

    def token(self, logits: Tensor) -> Tensor:
        """`logits` over the semantic tokens, then `<|im_end|>` last."""
        ...

    def residual(self, logits: Tensor, previous: Tensor) -> Tensor:
        """`previous` (PENALTY_WINDOW_FRAMES,): this codebook's last codes in this call, 0 before its start."""
        ...


@dataclass(frozen=True, slots=True)
class Sampler:
    """The model's own way to choose. No penalty on the semantic token: its reference has none, in effect."""

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
