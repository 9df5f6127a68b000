"""Hyper-parameters of the transformer and the codec (specification sections 3 and 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

N_RESIDUAL_LOGITS = 1024
"""Legal logits of a residual codebook: a literal of the model, whatever the codec's codebook size."""


@dataclass(frozen=True, slots=True)
class StackConfig:
    """The sizes of one transformer stack, slow or fast."""

    n_layer: int
    dim: int
    n_head: int
    n_local_heads: int
    head_dim: int
    intermediate_size: int
    qkv_bias: bool
    o_bias: bool
    qk_norm: bool
    rope_base: float
    norm_eps: float
    layer_scale: bool = False


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The dual-AR transformer of `model.pth`."""

    vocab_size: int
    codebook_size: int
    n_codebooks: int
    max_seq_len: int
    tie_word_embeddings: bool
    scale_codebook_embeddings: bool
    slow: StackConfig
    fast: StackConfig

    @property
    def max_prompt_len(self) -> int:
        """Longest prompt, in positions, that leaves room to speak (specification section 6)."""
        return self.max_seq_len - min(2048, self.max_seq_len // 2)

    @property
    def n_residual_logits(self) -> int:
        return min(N_RESIDUAL_LOGITS, self.codebook_size)


@dataclass(frozen=True, slots=True)
class WindowConfig:
    """A window transformer of the codec. `max_positions` is the length of the tables stored in the
    file; they are derived data and never read, so it only says what such a file looks like."""

    n_layer: int = 8
    n_head: int = 16
    dim: int = 1024
    intermediate_size: int = 3072
    window: int = 128
    head_dim: int = 64
    max_positions: int = 4096

    @property
    def stack(self) -> StackConfig:
        return StackConfig(
            n_layer=self.n_layer,
            dim=self.dim,
            n_head=self.n_head,
            n_local_heads=self.n_head,
            head_dim=self.head_dim,
            intermediate_size=self.intermediate_size,
            qkv_bias=False,
            o_bias=False,
            qk_norm=False,
            rope_base=10_000.0,
            norm_eps=1e-5,
            layer_scale=True,
        )


@dataclass(frozen=True, slots=True)
class CodecConfig:
    """The codec of `codec.pth`; the defaults are S1 Mini's."""

    sample_rate: int = 44_100
    encoder_dim: int = 64
    encoder_rates: tuple[int, ...] = (2, 4, 8, 8)
    latent_dim: int = 1024
    encoder_transformer: WindowConfig = field(
        default_factory=lambda: WindowConfig(n_layer=4, window=512, max_positions=16_384)
    )
    downsample_factors: tuple[int, ...] = (2, 2)
    pre_module: WindowConfig = field(default_factory=WindowConfig)
    post_module: WindowConfig = field(default_factory=WindowConfig)
    semantic_codebook_size: int = 4096
    n_residual_codebooks: int = 9
    residual_codebook_size: int = 1024
    codebook_dim: int = 8
    decoder_dim: int = 1536
    decoder_rates: tuple[int, ...] = (8, 8, 4, 2)

    @property
    def n_codebooks(self) -> int:
        return 1 + self.n_residual_codebooks

    @property
    def frame_length(self) -> int:
        """Samples per frame: 2048 in S1 Mini."""
        return math.prod(self.encoder_rates) * math.prod(self.downsample_factors)

    @property
    def codebook_sizes(self) -> tuple[int, ...]:
        return (self.semantic_codebook_size, *[self.residual_codebook_size] * self.n_residual_codebooks)
