"""What the tests of static steps share: prompts, choosers, and a stepper whose buckets are small."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.decode.generate import generate
from engine.s1.decode.graph_backend import Letter, Run, Uncaptured
from engine.s1.decode.plain_backend import OperatorStacks
from engine.s1.decode.stepper import Stepper, StepPlan
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.sampling import Chooser, Sampler

CPU = torch.device("cpu")
N_PROMPT = 29


def prompt_of(model: DualAr, n_text: int = 12, n_frames: int = 14) -> Tensor:
    """Text, frames, text: int64 (1 + N, T)."""
    generator = torch.Generator().manual_seed(2)
    n_codebooks = model.config.n_codebooks
    prompt = torch.zeros(1 + n_codebooks, n_text + n_frames + 3, dtype=torch.int64)
    prompt[0] = torch.randint(0, 256, (prompt.shape[1],), generator=generator)
    codes = torch.randint(0, min(1024, model.n_semantic), (n_codebooks, n_frames), generator=generator)
    prompt[0, n_text : n_text + n_frames] = model.semantic_begin_id + codes[0]
    prompt[1:, n_text : n_text + n_frames] = codes
    return prompt


def sampler(seed: int = 3, temperature: float = 0.8, top_p: float = 0.8, penalty: float = 1.1) -> Sampler:
    return Sampler(temperature, top_p, penalty, torch.Generator().manual_seed(seed))


class LateCapturer(Uncaptured):
    """As a device does: frames come later than they are begun, and capturing runs the step. Counts."""

    lag = 2

    def __init__(self) -> None:
        self.n_captured = self.n_begun = 0

    def capture(self, run: Run) -> Run:
        self.n_captured += 1
        for _ in range(3):
            run()
        return run

    def post(self, tensor: Tensor) -> Letter:
        self.n_begun += 1
        return super().post(tensor)


def with_stepper(model: DualAr, capturer: Uncaptured | None = None, n_positions: int = 40) -> DualAr:
    """Buckets of 16, 32 and so on, so that a few frames see several; and too little room at first."""
    plan = StepPlan(lambda rows, positions: OperatorStacks(model, rows, positions), capturer or Uncaptured(), 16)
    model.stepper = Stepper(model, plan, n_positions=n_positions)
    return model


def frames(model: DualAr, choose: Chooser, n: int = 20, prompt: Tensor | None = None) -> Tensor:
    prompt = prompt_of(model) if prompt is None else prompt
    return torch.stack(list(generate(model, prompt, choose, n)), dim=1)  # (N, n)
