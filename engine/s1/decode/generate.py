"""From a prompt to frames of codes, one by one (specification section 3)."""

from __future__ import annotations

from collections.abc import Iterator

import torch
from torch import Tensor

from engine.errors import PromptTooLongError
from engine.s1.decode.prefix_cache import Prefix, read_beginning
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.sampling import PENALTY_WINDOW_FRAMES, Chooser, is_known
from engine.types import CancelToken


def generate(
    model: DualAr,
    prompt: Tensor,
    choose: Chooser,
    max_frames: int,
    cancel: CancelToken | None = None,
    prefix: Prefix | None = None,
) -> Iterator[Tensor]:
    """Yield frames of codes, int64 (N,) on the model's device or the CPU, until the end of speech.

    By the model's stepper where it has one; a chooser of another kind, or a second generation while one is under way,
    goes the plain way.

    `prompt` is int64 (1 + N, T), on the CPU; what `prefix` knows of its beginning is not computed again. Ends
    without a word after `max_frames`, when prompt and frames fill `max_seq_len`, or within a frame of `cancel`.
    Raises `PromptTooLongError`.
    """
    n_prompt = prompt.shape[1]
    if n_prompt > model.config.max_prompt_len:
        raise PromptTooLongError(n_prompt, model.config.max_prompt_len)
    max_frames = min(max_frames, model.config.max_seq_len - n_prompt)
    stepper = model.stepper
    if stepper is not None and not stepper.is_busy and is_known(choose):
        yield from stepper.generate(prompt, choose, max_frames, cancel, prefix)
        return
    state = _Decoder(model, n_prompt + max_frames)
    positions = state.begin(prompt, prefix)
    for _ in range(max_frames):
        if cancel is not None and cancel.cancelled:
            return
        codes = state.next_frame(positions, choose)
        if codes is None:
            return
        yield codes
        token = codes[:1] + model.semantic_begin_id
        positions = torch.cat((token, codes))[:, None]


class _Decoder:
    """The caches and the penalty window of one run."""

    def __init__(self, model: DualAr, max_positions: int) -> None:
        self.model = model
        self.slow_cache, self.fast_cache = model.slow_cache(max_positions), model.fast_cache()
        self.history = torch.zeros(
            model.config.n_codebooks - 1, PENALTY_WINDOW_FRAMES, dtype=torch.int64, device=model.device
        )

    # Inference mode lives on the thread, so it must not be held across a generator's yield.
    @torch.inference_mode()
    def begin(self, prompt: Tensor, prefix: Prefix | None) -> Tensor:
        """Read what the prompt has in common with others; the positions (1 + N, T') that are left."""
        on_device = prompt.to(self.model.device)
        read_beginning(self.model, prompt, on_device, prefix, self.slow_cache)
        return on_device[:, self.slow_cache.length :]

    @torch.inference_mode()
    def next_frame(self, positions: Tensor, choose: Chooser) -> Tensor | None:
        """Feed positions (1 + N, T); the codes (N,) that follow, or None at the end of speech."""
        model = self.model
        hidden = model.slow(positions[None], self.slow_cache)[0, -1]
        codes = model.next_codes(hidden, self.history, choose, self.fast_cache)
        if codes is None:
            return None
        self.history = torch.cat((self.history[:, 1:], codes[1:, None]), dim=1)
        return codes
