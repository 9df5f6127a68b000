"""From a prompt to frames of codes, one by one (specification section 3)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.errors import PromptTooLongError
from engine.s1.dual_ar import DualAr
from engine.s1.prefix_cache import PrefixCache
from engine.s1.sampling import PENALTY_WINDOW_FRAMES, Chooser
from engine.types import CancelToken


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginnings that a prompt may have in common with others, as numbers of positions, and where they are kept."""

    cache: PrefixCache
    boundaries: tuple[int, ...]


def generate(
    model: DualAr,
    prompt: Tensor,
    choose: Chooser,
    max_frames: int,
    cancel: CancelToken | None = None,
    prefix: Prefix | None = None,
) -> Iterator[Tensor]:
    """Yield frames of codes, int64 (N,) on the model's device, until the end of speech.

    `prompt` is int64 (1 + N, T), on the CPU; what `prefix` knows of its beginning is not computed again. Ends
    without a word after `max_frames`, when prompt and frames fill `max_seq_len`, or within a frame of `cancel`.
    Raises `PromptTooLongError`.
    """
    n_prompt = prompt.shape[1]
    if n_prompt > model.config.max_prompt_len:
        raise PromptTooLongError(n_prompt, model.config.max_prompt_len)
    max_frames = min(max_frames, model.config.max_seq_len - n_prompt)
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
        if prefix is None or not prefix.boundaries:
            return on_device
        n_common = prefix.boundaries[-1]
        prefix.cache.restore(prompt, prefix.boundaries, self.slow_cache)
        if self.slow_cache.length < n_common:
            self.model.slow(on_device[None, :, self.slow_cache.length : n_common], self.slow_cache)
            prefix.cache.keep(prompt, self.slow_cache)
        return on_device[:, n_common:]

    @torch.inference_mode()
    def next_frame(self, positions: Tensor, choose: Chooser) -> Tensor | None:
        """Feed positions (1 + N, T); the codes (N,) that follow, or None at the end of speech."""
        model = self.model
        hidden = model.slow(positions[None], self.slow_cache)[0, -1]
        code = choose.token(model.legal_logits(hidden))
        if code == model.n_semantic:  # <|im_end|> stands behind the last semantic token
            return None
        codes = model.residual_codes(hidden, code, self.history, choose, self.fast_cache)
        self.history = torch.cat((self.history[:, 1:], codes[1:, None]), dim=1)
        return codes
