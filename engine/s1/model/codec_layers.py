"""The codec's layers (specification section 4). Every one is causal and streams.

A forward pass takes a `Stream`, the state that a run carries from chunk to chunk. A fresh one is the
start of the signal: there is no second code path for whole signals, they are streams of one chunk.
Shapes: B batch, C channels, T time steps.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.s1.model.config import WindowConfig
from engine.s1.model.layers import Block, RmsNorm, WindowMemory, run_blocks


class Stream:
    """What each layer remembers of one signal: its last inputs, or its last keys and values."""

    def __init__(self) -> None:
        self._tails: dict[nn.Module, Tensor] = {}
        self._windows: dict[nn.Module, WindowMemory] = {}

    def copy(self) -> Stream:
        """Copy it as it is now, to go back to when a chunk fails half-way."""
        other = Stream()
        other._tails = dict(self._tails)  # tails are replaced and never changed
        other._windows = {layer: memory.copy() for layer, memory in self._windows.items()}
        return other

    def with_tail(self, layer: nn.Module, x: Tensor, n_tail: int, dim: int = -1) -> Tensor:
        """Put x (B, C, T) behind the `n_tail` inputs before it, zeros at first: (B, C, n_tail + T). Time is `dim`."""
        if n_tail == 0:
            return x
        tail = self._tails.get(layer)
        if tail is None:
            shape = list(x.shape)
            shape[dim] = n_tail
            tail = x.new_zeros(shape)
        joined = torch.cat((tail, x), dim=dim)
        self._tails[layer] = joined.narrow(dim, joined.shape[dim] - n_tail, n_tail).clone()
        return joined

    def state(self, layer: nn.Module, shape: tuple[int, ...]) -> Tensor:
        """Give fp32 of `shape`, zeros at the start: a layer's own, to change in place until the next call."""
        known = self._tails.get(layer)
        self._tails[layer] = torch.zeros(shape) if known is None else known.clone()
        return self._tails[layer]

    def window(self, layer: nn.Module, window: int) -> WindowMemory:
        return self._windows.setdefault(layer, WindowMemory(window))


class CausalConv(nn.Module):
    """Convolution that sees the past only. With a stride, T must be a multiple of it."""

    def __init__(
        self, n_in: int, n_out: int, kernel: int, *, dilation: int = 1, stride: int = 1, groups: int = 1
    ) -> None:
        super().__init__()
        self.conv = nn.Conv1d(n_in, n_out, kernel, stride=stride, dilation=dilation, groups=groups)
        self.n_tail = (kernel - 1) * dilation + 1 - stride

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return self.conv(stream.with_tail(self, x, self.n_tail))


class CausalTransposedConv(nn.Module):
    """Upsampling by `stride` with a kernel of 2 * stride, or of stride (then nothing is remembered).

    Output block j is made of inputs j and, with the longer kernel, j - 1.
    """

    def __init__(self, n_in: int, n_out: int, kernel: int, stride: int) -> None:
        super().__init__()
        assert kernel in (stride, 2 * stride)
        self.conv = nn.ConvTranspose1d(n_in, n_out, kernel, stride=stride)
        self.n_tail, self.stride = kernel // stride - 1, stride

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        n_out = x.shape[-1] * self.stride
        first = self.n_tail * self.stride  # the remembered input's own block has been given out
        return self.conv(stream.with_tail(self, x, self.n_tail))[..., first : first + n_out]


class Snake(nn.Module):
    """x + sin²(αx) / (α + 1e-9), α per channel."""

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.alpha = nn.Parameter(torch.ones(1, n_channels, 1))

    def forward(self, x: Tensor, stream: Stream) -> Tensor:  # noqa: ARG002 (layers in a chain are called alike)
        return x + (self.alpha * x).sin().square() / (self.alpha + 1e-9)


class Chain(nn.ModuleList):
    """Layers one after the other, each given the stream."""

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        for layer in self:
            x = layer(x, stream)
        return x


class ResidualUnit(nn.Module):
    """Snake, conv k=7 with a dilation, Snake, conv k=1; added to its input."""

    def __init__(self, n_channels: int, dilation: int) -> None:
        super().__init__()
        self.block = Chain(
            (
                Snake(n_channels),
                CausalConv(n_channels, n_channels, 7, dilation=dilation),
                Snake(n_channels),
                CausalConv(n_channels, n_channels, 1),
            )
        )

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return x + self.block(x, stream)


def residual_units(n_channels: int) -> list[nn.Module]:
    return [ResidualUnit(n_channels, dilation) for dilation in (1, 3, 9)]


class Stage(nn.Module):
    """One rate of the encoder or decoder: its layers under the name `block`."""

    def __init__(self, layers: list[nn.Module]) -> None:
        super().__init__()
        self.block = Chain(layers)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        return self.block(x, stream)


class ConvNeXt(nn.Module):
    """Depthwise conv k=7, LayerNorm over channels, linear ×4, exact GELU, linear back, ×γ; added to its input."""

    def __init__(self, n_channels: int) -> None:
        super().__init__()
        self.dwconv = CausalConv(n_channels, n_channels, 7, groups=n_channels)
        self.norm = nn.LayerNorm(n_channels, eps=1e-6)
        self.pwconv1 = nn.Linear(n_channels, 4 * n_channels)
        self.pwconv2 = nn.Linear(4 * n_channels, n_channels)
        self.gamma = nn.Parameter(torch.ones(n_channels))

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        y = self.norm(self.dwconv(x, stream).transpose(1, 2))  # (B, T, C)
        y = self.pwconv2(F.gelu(self.pwconv1(y))) * self.gamma
        return x + y.transpose(1, 2)


class WindowTransformer(nn.Module):
    """Causal transformer over the last `window` steps, on (B, n_channels, T); absolute positions."""

    def __init__(self, n_channels: int, config: WindowConfig) -> None:
        super().__init__()
        self.config = config
        self.layers = nn.ModuleList(Block(config.stack) for _ in range(config.n_layer))
        self.norm = RmsNorm(config.dim, config.stack.norm_eps)
        same = n_channels == config.dim
        self.input_proj = nn.Identity() if same else nn.Linear(n_channels, config.dim)
        self.output_proj = nn.Identity() if same else nn.Linear(config.dim, n_channels)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        memory = stream.window(self, self.config.window)
        y = run_blocks(self.layers, self.config.stack, self.input_proj(x.transpose(1, 2)), memory)
        return self.output_proj(self.norm(y)).transpose(1, 2)
