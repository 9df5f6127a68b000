"""Between latents and codes: one semantic codebook, then residual ones (specification section 4).

Shapes: B batch, L latent channels, T frames, N codebooks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.s1.model.codec_layers import CausalConv, CausalTransposedConv, Chain, ConvNeXt, Stream, WindowTransformer
from engine.s1.model.config import CodecConfig


class VectorQuantizer(nn.Module):
    """One codebook, looked up by cosine in a few dimensions."""

    def __init__(self, n_latent: int, n_codes: int, code_dim: int) -> None:
        super().__init__()
        self.in_proj = nn.Conv1d(n_latent, code_dim, 1)
        self.out_proj = nn.Conv1d(code_dim, n_latent, 1)
        self.codebook = nn.Embedding(n_codes, code_dim)

    def nearest(self, z: Tensor) -> Tensor:
        """Look z (B, L, T) up -> codes (B, T)."""
        directions = F.normalize(self.in_proj(z).transpose(1, 2), dim=-1)  # (B, T, code_dim)
        return (directions @ F.normalize(self.codebook.weight, dim=-1).T).argmax(-1)

    def lookup(self, codes: Tensor) -> Tensor:
        """Look codes (B, T) up, clamped to the codebook as the model's reference does -> (B, L, T)."""
        rows = self.codebook(codes.clamp(0, self.codebook.num_embeddings - 1))
        return self.out_proj(rows.transpose(1, 2))


class Quantizers(nn.Module):
    """Codebooks applied one after the other, each to what those before it left."""

    def __init__(self, n_latent: int, sizes: tuple[int, ...], code_dim: int) -> None:
        super().__init__()
        self.quantizers = nn.ModuleList(VectorQuantizer(n_latent, size, code_dim) for size in sizes)

    def __iter__(self) -> Iterator[VectorQuantizer]:
        return cast(Iterator[VectorQuantizer], iter(self.quantizers))

    def encode(self, z: Tensor) -> tuple[Tensor, Tensor]:
        """Encode z (B, L, T) -> codes (B, n, T) and what is left of z."""
        codes = []
        for quantizer in self:
            codes.append(quantizer.nearest(z))
            z = z - quantizer.lookup(codes[-1])
        return torch.stack(codes, dim=1), z

    def decode(self, codes: Tensor) -> Tensor:
        """Decode codes (B, n, T) -> (B, L, T)."""
        return torch.stack([q.lookup(codes[:, i]) for i, q in enumerate(self)]).sum(0)


class Quantizer(nn.Module):
    """The whole bottleneck: downsampling and context before the codebooks, the same backwards after them."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        n_latent, factors = config.latent_dim, config.downsample_factors
        self.downsample = Chain(
            Chain((CausalConv(n_latent, n_latent, factor, stride=factor), ConvNeXt(n_latent))) for factor in factors
        )
        self.pre_module = WindowTransformer(n_latent, config.pre_module)
        self.semantic_quantizer = Quantizers(n_latent, config.codebook_sizes[:1], config.codebook_dim)
        self.quantizer = Quantizers(n_latent, config.codebook_sizes[1:], config.codebook_dim)
        self.post_module = WindowTransformer(n_latent, config.post_module)
        self.upsample = Chain(
            Chain((CausalTransposedConv(n_latent, n_latent, factor, factor), ConvNeXt(n_latent)))
            for factor in reversed(factors)
        )

    def encode(self, latent: Tensor, stream: Stream) -> Tensor:
        """Encode the encoder's output (B, L, T * downsampling) -> codes (B, N, T)."""
        z = self.pre_module(self.downsample(latent, stream), stream)
        semantic, left = self.semantic_quantizer.encode(z)
        residual, _ = self.quantizer.encode(left)
        return torch.cat((semantic, residual), dim=1)

    def sum_of_rows(self, codes: Tensor) -> Tensor:
        """Sum the rows that codes (B, N, T) name -> (B, L, T)."""
        return self.semantic_quantizer.decode(codes[:, :1]) + self.quantizer.decode(codes[:, 1:])

    def decode(self, codes: Tensor, stream: Stream) -> Tensor:
        """Decode codes (B, N, T) -> decoder input (B, L, T * downsampling)."""
        return self.upsample(self.post_module(self.sum_of_rows(codes), stream), stream)
