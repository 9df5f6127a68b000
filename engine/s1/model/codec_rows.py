"""The codec's decoder for a CPU without a C++ compiler: time runs along rows, so that a convolution is a product.

`Decoder` has its channels in rows, as the file does. Here a row is a moment: a dilated convolution reads whole rows
(channels last), and a transposed one is a single product, each input row giving `stride` output rows. The values
are the plain decoder's, summed in another order. Shapes: B batch, T time steps, C channels.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.s1.model.codec import CodecModel, Decoder
from engine.s1.model.codec_layers import CausalConv, CausalTransposedConv, Chain, ResidualUnit, Snake, Stage, Stream


class RowCodecModel(CodecModel):
    """A codec that decodes in rows."""

    def __init__(self, plain: CodecModel) -> None:
        """Take the modules of `plain`, whose decoding half has its weights."""
        nn.Module.__init__(self)  # not CodecModel's, which would make modules anew
        self.config, self.encoder, self.quantizer = plain.config, plain.encoder, plain.quantizer
        self.decoder = RowDecoder(plain.decoder)


class RowConv(nn.Module):
    """`CausalConv` without stride or groups, on rows (B, T, C)."""

    def __init__(self, plain: CausalConv) -> None:
        super().__init__()
        conv = plain.conv
        assert conv.stride == (1,)
        assert conv.groups == 1
        self.dilation, self.n_tail = conv.dilation[0], plain.n_tail
        weight = conv.weight.detach()[:, :, None].contiguous(memory_format=torch.channels_last)
        self.weight = nn.Parameter(weight, requires_grad=False)  # (C out, C in, 1, k)
        self.bias = conv.bias

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        if self.weight.shape[-1] == 1:
            return F.linear(x, self.weight[:, :, 0, 0], self.bias)
        images = stream.with_tail(self, x, self.n_tail, dim=1).transpose(1, 2)[:, :, None]  # (B, C, 1, T), a view
        return F.conv2d(images, self.weight, self.bias, dilation=(1, self.dilation))[:, :, 0].transpose(1, 2)


class RowUpsampling(nn.Module):
    """`CausalTransposedConv` on rows (B, T, C) -> (B, T * stride, C out): a product of each row and the one before."""

    def __init__(self, plain: CausalTransposedConv) -> None:
        super().__init__()
        self.stride, self.n_tail = plain.stride, plain.n_tail
        self.weight = nn.Parameter(upsampling_matrix(plain), requires_grad=False)
        assert plain.conv.bias is not None
        self.bias = nn.Parameter(plain.conv.bias.detach().repeat(self.stride), requires_grad=False)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        n_batch, n_rows, n_channels = x.shape
        rows = stream.with_tail(self, x.contiguous(), self.n_tail, dim=1)
        width = n_channels * (1 + self.n_tail)  # a row and the next lie side by side already
        pairs = rows.as_strided((n_batch, n_rows, width), (rows.shape[1] * n_channels, n_channels, 1))
        return F.linear(pairs, self.weight, self.bias).view(n_batch, n_rows * self.stride, -1)


def upsampling_matrix(plain: CausalTransposedConv) -> Tensor:
    """Lay the weights out as (stride * C out, (1 + n_tail) * C in).

    They lead from the row before, where it counts, and the row itself, to all its outputs.
    """
    weight = plain.conv.weight.detach()  # (C in, C out, k)
    parts = weight.split(plain.stride, dim=2)  # this row's outputs come first, then those of the next
    return torch.cat([part.permute(2, 1, 0).flatten(0, 1) for part in reversed(parts)], dim=1).contiguous()


class RowSnake(nn.Module):
    """`Snake` on rows (B, T, C)."""

    def __init__(self, plain: Snake) -> None:
        super().__init__()
        alpha = plain.alpha.detach().flatten()
        self.alpha = nn.Parameter(alpha, requires_grad=False)  # (C,)
        self.weight = nn.Parameter(1 / (alpha + 1e-9), requires_grad=False)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:  # noqa: ARG002 (layers in a chain are called alike)
        return (x * self.alpha).sin_().square_().mul_(self.weight).add_(x)


class RowUnit(nn.Module):
    """`ResidualUnit` on rows (B, T, C)."""

    def __init__(self, plain: ResidualUnit) -> None:
        super().__init__()
        self.block = _as_rows(plain.block)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return self.block(x, stream).add_(x)


class RowDecoder(nn.Module):
    """`Decoder`, on the inside in rows: (B, L, T) -> (B, 1, T * product of rates), in [-1, 1]."""

    def __init__(self, plain: nn.Module) -> None:
        super().__init__()
        assert isinstance(plain, Decoder)
        self.model = _as_rows(plain.model)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return self.model(x.transpose(1, 2), stream).transpose(1, 2).tanh_()


def _as_rows(layer: nn.Module) -> nn.Module:
    match layer:
        case CausalConv():
            return RowConv(layer)
        case CausalTransposedConv():
            return RowUpsampling(layer)
        case Snake():
            return RowSnake(layer)
        case ResidualUnit():
            return RowUnit(layer)
        case Stage():
            return _as_rows(layer.block)
        case Chain():
            return Chain(_as_rows(inner) for inner in layer)
    raise AssertionError(type(layer))
