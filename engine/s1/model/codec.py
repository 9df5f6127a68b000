"""The codec of `codec.pth`: waveform to codes and back, in exact streams (specification section 4)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from engine.s1.model.codec_layers import (
    CausalConv,
    CausalTransposedConv,
    Chain,
    Snake,
    Stage,
    Stream,
    WindowTransformer,
    residual_units,
)
from engine.s1.model.config import CodecConfig
from engine.s1.model.quantizer import Quantizer


class Encoder(nn.Module):
    """(B, 1, T) -> (B, L, T / product of rates)."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        n, layers = config.encoder_dim, list[nn.Module]()
        layers.append(CausalConv(1, n, 7))
        for i, rate in enumerate(config.encoder_rates):
            stage = [*residual_units(n), Snake(n), CausalConv(n, 2 * n, 2 * rate, stride=rate)]
            n *= 2
            if i == len(config.encoder_rates) - 1:
                stage.append(WindowTransformer(n, config.encoder_transformer))
            layers.append(Stage(stage))
        layers += [Snake(n), CausalConv(n, config.latent_dim, 3)]
        self.block = Chain(layers)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return self.block(x, stream)


class Decoder(nn.Module):
    """(B, L, T) -> (B, 1, T * product of rates), in [-1, 1]."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        n, layers = config.decoder_dim, list[nn.Module]()
        layers.append(CausalConv(config.latent_dim, n, 7))
        for rate in config.decoder_rates:
            layers.append(Stage([Snake(n), CausalTransposedConv(n, n // 2, 2 * rate, rate), *residual_units(n // 2)]))
            n //= 2
        layers += [Snake(n), CausalConv(n, 1, 7)]
        self.model = Chain(layers)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return self.model(x, stream).tanh()


class CodecModel(nn.Module):
    """Parameters bear the file's names, weight norm folded."""

    def __init__(self, config: CodecConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.quantizer = Quantizer(config)
        self.decoder: nn.Module = Decoder(config)

    @property
    def device(self) -> torch.device:
        return next(self.decoder.parameters()).device

    @torch.inference_mode()
    def encode(self, samples: Tensor, stream: Stream) -> Tensor:
        """Encode samples fp32 (B, n_frames * frame_length), the next of a signal -> codes int64 (B, N, n_frames)."""
        return self.quantizer.encode(self.encoder(samples[:, None], stream), stream)

    @torch.inference_mode()
    def decode(self, codes: Tensor, stream: Stream) -> Tensor:
        """Decode codes int64 (B, N, n_frames), the next of a signal -> samples fp32 (B, n_frames * frame_length)."""
        return self.decoder(self.quantizer.decode(codes, stream), stream)[:, 0]
