"""The dual-AR transformer of `model.pth` (specification section 3).

The slow stack reads one position per text token or frame and gives the next semantic token; the fast
stack reads the slow one's hidden state and gives that frame's residual codes, one after the other.
Shapes: B batch, T positions, N codebooks, D slow and F fast model dimension.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from engine.s1.model.config import ModelConfig
from engine.s1.model.layers import Block, KvCache, RmsNorm, run_blocks


class DualAr(nn.Module):
    """Parameters bear the file's names. No run state: caches are passed in."""

    def __init__(self, config: ModelConfig, semantic_begin_id: int, n_semantic: int, im_end_id: int) -> None:
        super().__init__()
        self.config = config
        self.semantic_begin_id, self.n_semantic, self.im_end_id = semantic_begin_id, n_semantic, im_end_id
        slow, fast = config.slow, config.fast
        self.embeddings = nn.Embedding(config.vocab_size, slow.dim)
        self.codebook_embeddings = nn.Embedding(config.codebook_size * config.n_codebooks, slow.dim)
        self.layers = nn.ModuleList(Block(slow) for _ in range(slow.n_layer))
        self.norm = RmsNorm(slow.dim, slow.norm_eps)
        if not config.tie_word_embeddings:
            self.output = nn.Linear(slow.dim, config.vocab_size, bias=False)
        if fast.dim != slow.dim:
            self.fast_project_in = nn.Linear(slow.dim, fast.dim)
        self.fast_embeddings = nn.Embedding(config.codebook_size, fast.dim)
        self.fast_layers = nn.ModuleList(Block(fast) for _ in range(fast.n_layer))
        self.fast_norm = RmsNorm(fast.dim, fast.norm_eps)
        self.fast_output = nn.Linear(fast.dim, config.codebook_size, bias=False)

    @property
    def device(self) -> torch.device:
        return self.embeddings.weight.device

    @property
    def dtype(self) -> torch.dtype:
        return self.embeddings.weight.dtype

    @property
    def activation_dtype(self) -> torch.dtype:
        """What is computed in between the weights; KV caches too, unless `cache_dtype` says otherwise."""
        return self.dtype

    @property
    def cache_dtype(self) -> torch.dtype:
        return self.activation_dtype

    def slow_cache(self, max_positions: int) -> KvCache:
        return KvCache(self.config.slow, 1, max_positions, self.cache_dtype, self.device)

    def fast_cache(self) -> KvCache:
        """Make a cache for one frame; set its `length` to 0 for the next."""
        return KvCache(self.config.fast, 1, self.config.n_codebooks, self.cache_dtype, self.device)

    def embed(self, prompt: Tensor) -> Tensor:
        """Embed prompt int (B, 1 + N, T) -> (B, T, D): token embeddings, plus the codes' at frame positions."""
        c = self.config
        tokens, codes = prompt[:, 0], prompt[:, 1:]
        rows = torch.arange(c.n_codebooks, device=prompt.device)[:, None] * c.codebook_size
        of_codes = self.codebook_embeddings(codes + rows).to(self.activation_dtype).sum(dim=1)  # (B, T, D)
        is_frame = ((tokens >= self.semantic_begin_id) & (tokens < self.semantic_begin_id + self.n_semantic))[..., None]
        x = self.embeddings(tokens).to(self.activation_dtype)
        with_codes = x + of_codes
        if c.scale_codebook_embeddings:
            with_codes = with_codes / math.sqrt(c.n_codebooks + 1)
        return torch.where(is_frame, with_codes, x)

    def slow(self, prompt: Tensor, cache: KvCache) -> Tensor:
        """Read positions int (B, 1 + N, T) after those in `cache` -> hidden (B, T, D), not yet normalised."""
        return run_blocks(self.layers, self.config.slow, self.embed(prompt), cache)

    @property
    def head(self) -> Tensor:
        return self.embeddings.weight if self.config.tie_word_embeddings else self.output.weight

    def legal_logits(self, hidden: Tensor) -> Tensor:
        """Score hidden (…, D) -> (…, n_semantic + 1): the semantic tokens, then `<|im_end|>`; 4097 of 155 776 rows."""
        x, head = self.norm(hidden), self.head
        semantic = head[self.semantic_begin_id : self.semantic_begin_id + self.n_semantic]
        end = head[self.im_end_id : self.im_end_id + 1]
        return torch.cat((x @ semantic.T, x @ end.T), dim=-1)

    def all_logits(self, hidden: Tensor) -> Tensor:
        """Score hidden (…, D) -> (…, vocab_size)."""
        return self.norm(hidden) @ self.head.T

    def fast_input(self, hidden: Tensor) -> Tensor:
        """Project hidden (…, D) -> (…, F): the fast transformer's input at position 0."""
        return self.fast_project_in(hidden) if self.config.fast.dim != self.config.slow.dim else hidden

    def fast(self, x: Tensor, cache: KvCache) -> Tensor:
        """Run x (B, T, F) -> logits (B, n_residual_logits) at its last position: the legal ones alone."""
        return self._fast_hidden(x, cache) @ self.fast_output.weight[: self.config.n_residual_logits].T

    def all_fast_logits(self, x: Tensor, cache: KvCache) -> Tensor:
        """Run x (B, T, F) -> logits (B, codebook_size) at its last position."""
        return self.fast_output(self._fast_hidden(x, cache))

    def _fast_hidden(self, x: Tensor, cache: KvCache) -> Tensor:
        return self.fast_norm(run_blocks(self.fast_layers, self.config.fast, x, cache)[:, -1])
