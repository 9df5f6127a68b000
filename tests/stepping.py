"""What the tests of frames share: prompts, choosers, a device that only seems to capture, and rows with little room."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.s1.decode.backend import Backend, Ready
from engine.s1.decode.decoder import backend_of
from engine.s1.decode.graph_backend import GraphBackend, Run, Send
from engine.s1.decode.plain_backend import PlainBackend
from engine.s1.decode.reference import reference_frames
from engine.s1.decode.rows import Rows, generate
from engine.s1.decode.stepper import Stepper
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.sampling import Chooser, Greedy, Sampler

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


class Uncaptured:
    """Repeats a step by calling it."""

    lag = 0

    def capture(self, run: Run) -> Run:
        return run

    def sender(self) -> Send:
        return Ready


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

    def sender(self) -> Send:
        def send(tensor: Tensor) -> Ready:
            self.n_begun += 1
            return Ready(tensor)

        return send


def graphs(model: DualAr, capturer: Uncaptured | None = None, first_bucket: int = 16) -> GraphBackend:
    """Buckets of 16, 32 and so on, so that a few frames see several."""
    return GraphBackend(PlainBackend(model), capturer or Uncaptured(), first_bucket)


def rows_of(backend: Backend, n_positions: int = 40) -> Rows:
    """For one generation, with too little room at first."""
    return Rows(Stepper(backend, n_positions=n_positions))


def frames(model: DualAr, choose: Chooser, n: int = 20, prompt: Tensor | None = None) -> Tensor:
    """The reference's codes (N, n)."""
    prompt = prompt_of(model) if prompt is None else prompt
    return torch.stack(list(reference_frames(model, prompt, choose, n)), dim=1)


def made(rows: Rows | DualAr, choose: Sampler | Greedy, n: int = 20, prompt: Tensor | None = None) -> Tensor:
    """Codes (N, n) that `rows` make; of a model: those by the backend that needs no proof."""
    if isinstance(rows, DualAr):
        rows = Rows.of(backend_of(rows))
    prompt = prompt_of(rows.backend.model) if prompt is None else prompt
    return torch.stack(list(generate(rows, prompt, choose, n)), dim=1)
