"""The codec's decoder, run by codec.cpp: weights packed for it once, one call for each chunk.

Shapes: B batch, L latent channels, T time steps, C channels.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from engine.s1.model.codec import CodecModel, Decoder
from engine.s1.model.codec_layers import CausalConv, CausalTransposedConv, ResidualUnit, Snake, Stage, Stream
from engine.s1.native.codec_kernels import CodecKernels, Kind, Op
from engine.s1.native.memory import on_large_pages

N_TAPS = 8
"""Of a residual unit's convolution: its seven, and a zero before them."""
AT_POINTS = torch.tensor(
    [
        [4, 0, 0, 0],
        [2, 2, 2, 2],
        [1 / 2, -1 / 2, 1 / 2, -1 / 2],
        [4, 2, 1, 1 / 2],
        [2, -1, 1 / 2, -1 / 4],
        [1 / 16, 1 / 8, 1 / 4, 1 / 2],
        [0, 0, 0, 2],
    ],
    dtype=torch.float64,
)
"""Four taps as a polynomial at 0, 1, -1, 1/2, -1/2, 2 and infinity, scaled as codec.cpp's tables want it."""


class _Packed(nn.Module):
    """Weights as codec.cpp wants them, kept where they are pointed to."""

    def __init__(self, panel: int) -> None:
        super().__init__()
        self._panel = panel
        self._kept = nn.ParameterList()

    def keep(self, tensor: Tensor) -> int:
        return self._pointer(tensor.float().contiguous())

    def channels(self, values: Tensor, fill: float = 0.0) -> int:
        """Keep (C,), filled up to whole panels."""
        return self.keep(F.pad(values.detach(), (0, -len(values) % self._panel), value=fill))

    def panels(self, matrices: Tensor) -> int:
        """Keep (N, …, C in, C out) by panel of C out, the last filled up with zeros: (N, panels, …, C in, panel)."""
        n_out = matrices.shape[-1]
        n_whole, n_rest = divmod(n_out, self._panel)
        shape = (len(matrices), n_whole + (n_rest > 0), *matrices.shape[1:-1], self._panel)
        packed = on_large_pages(4 * math.prod(shape)).view(torch.float32).view(shape)
        packed[:, :n_whole] = matrices[..., : n_out - n_rest].unflatten(-1, (n_whole, self._panel)).movedim(-2, 1)
        if n_rest:
            packed[:, n_whole, ..., :n_rest] = matrices[..., n_out - n_rest :]
        return self._pointer(packed)

    def _pointer(self, tensor: Tensor) -> int:
        self._kept.append(nn.Parameter(tensor, requires_grad=False))
        return self._kept[-1].data_ptr()

    def snake(self, snake: Snake | None) -> tuple[int | None, int | None]:
        """Keep its α and 1 / (α + 1e-9)."""
        if snake is None:
            return None, None
        alpha = snake.alpha.detach().flatten()
        return self.channels(alpha, 1.0), self.channels(1 / (alpha + 1e-9), 1.0)


class NativeCodecModel(CodecModel):
    """A codec whose decoding half the library runs."""

    def __init__(self, plain: CodecModel, kernels: CodecKernels) -> None:
        """Take the modules of `plain`, whose decoding half has its weights. Raises `MemoryError`."""
        nn.Module.__init__(self)  # not CodecModel's, which would make modules anew
        self.config, self.encoder, self.quantizer = plain.config, plain.encoder, plain.quantizer
        for part in (self.quantizer.post_module, self.quantizer.upsample):  # which only decoding uses
            _use_kernels(part, kernels)
        self.decoder = NativeDecoder(plain.decoder, kernels)

    def decode(self, codes: Tensor, stream: Stream) -> Tensor:
        with _one_thread():
            return super().decode(codes, stream)


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """PyTorch's threads go on spinning after each of its operators, on the cores that the library's wait for."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class NativeDecoder(nn.Module):
    """`Decoder` by the library: (B, L, T) -> (B, 1, T * product of rates), fp32."""

    def __init__(self, plain: nn.Module, kernels: CodecKernels) -> None:
        super().__init__()
        self._kernels = kernels
        self._packed = _Packed(kernels.panel)
        self._n_state = 0
        ops: list[Op] = []
        snake: Snake | None = None
        for layer in _flat(plain):
            match layer:
                case Snake():
                    snake = layer
                    continue
                case ResidualUnit():
                    ops.append(self._unit(layer))
                case CausalTransposedConv():
                    ops.append(self._upsampling(layer, snake))
                case CausalConv():
                    ops.append(self._convolution(layer, snake))
                case _:
                    raise AssertionError(type(layer))
            snake = None
        assert ops[-1].kind == Kind.LAST
        self.rate = 1
        for op in ops:
            self.rate *= op.rate
        self._ops, self._n_ops = (Op * len(ops))(*ops), len(ops)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:
        n_batch, _, n_steps = x.shape
        state = stream.state(self, (n_batch, self._n_state))
        rows = x.transpose(1, 2).contiguous()  # (B, T, L)
        samples = x.new_empty(n_batch, 1, n_steps * self.rate)
        for i in range(n_batch):
            self._kernels.run(self._ops, self._n_ops, state[i], rows[i], samples[i])
        return samples

    def _state(self, op: Op) -> Op:
        op.state = self._n_state
        self._n_state += op.n_tail * op.n_in
        return op

    def _convolution(self, layer: CausalConv, snake: Snake | None) -> Op:
        weight = layer.conv.weight.detach()  # (C out, C in, k)
        assert layer.conv.bias is not None
        n_out, n_in, n_segments = weight.shape
        op = Op(kind=Kind.CONVOLUTION, n_in=n_in, n_out=n_out, n_segments=n_segments, dilation=1, rate=1)
        op.n_tail = layer.n_tail
        op.alpha, op.beta = self._packed.snake(snake)
        op.bias = self._packed.channels(layer.conv.bias)
        if n_out == 1:
            op.kind = Kind.LAST
            op.weights = self._packed.keep(weight[0].T)
        else:
            op.weights = self._packed.panels(weight.permute(2, 1, 0)[None])
        return self._state(op)

    def _upsampling(self, layer: CausalTransposedConv, snake: Snake | None) -> Op:
        op = _upsampling(layer, self._packed)
        op.alpha, op.beta = self._packed.snake(snake)
        return self._state(op)

    def _unit(self, layer: ResidualUnit) -> Op:
        first_snake, long, second_snake, short = layer.block
        assert isinstance(first_snake, Snake)
        assert isinstance(second_snake, Snake)
        assert isinstance(long, CausalConv)
        assert isinstance(short, CausalConv)
        assert long.conv.bias is not None
        assert short.conv.bias is not None
        weight = long.conv.weight.detach()  # (C, C, 7)
        n, dilation = weight.shape[0], long.conv.dilation[0]
        op = Op(kind=Kind.UNIT, n_in=n, n_out=n, n_segments=2, dilation=dilation, rate=1)
        op.n_tail = (N_TAPS - 1) * dilation
        op.alpha, op.beta = self._packed.snake(first_snake)
        op.alpha2, op.beta2 = self._packed.snake(second_snake)
        op.bias, op.bias2 = self._packed.channels(long.conv.bias), self._packed.channels(short.conv.bias)
        taps = F.pad(weight, (N_TAPS - weight.shape[2], 0)).unflatten(2, (2, 4)).double()  # (C out, C in, half, 4)
        halves = torch.einsum("pq,oihq->phio", AT_POINTS, taps)
        a, b = halves[1:].unbind(1)
        op.weights = self._packed.panels(
            torch.cat((halves[0, 1:], torch.stack((a, b, (a + b) / 2, (a - b) / 2), dim=1).flatten(0, 1)))
        )
        op.weights2 = self._packed.panels(short.conv.weight.detach()[None, :, :, 0].mT)
        return self._state(op)


def _upsampling(layer: CausalTransposedConv, packed: _Packed) -> Op:
    """Each row and the one before it, where that counts, to `stride` rows, side by side."""
    weight = layer.conv.weight.detach()  # (C in, C out, k)
    assert layer.conv.bias is not None
    n_in, n_out, _ = weight.shape
    parts = [part.permute(0, 2, 1).flatten(1) for part in reversed(weight.split(layer.stride, dim=2))]
    op = Op(kind=Kind.CONVOLUTION, n_in=n_in, n_out=layer.stride * n_out, n_segments=len(parts), dilation=1)
    op.rate, op.n_tail = layer.stride, layer.n_tail
    op.bias = packed.channels(layer.conv.bias.detach().repeat(layer.stride))
    if len(parts) == 2:
        op.kind = Kind.TWO_TAPS
        parts = list(_with_sum(torch.stack(parts)))
    op.weights = packed.panels(torch.stack(parts)[None])
    return op


def _with_sum(taps: Tensor) -> Tensor:
    """(…, 2, C in, C out) -> (…, 3, C in, C out): the two taps and their sum."""
    return torch.cat((taps, taps.sum(-3, keepdim=True)), dim=-3)


def _linear(layer: nn.Linear, packed: _Packed) -> Op:
    n_out, n_in = layer.weight.shape
    bias = layer.weight.new_zeros(n_out) if layer.bias is None else layer.bias.detach()
    op = Op(kind=Kind.CONVOLUTION, n_in=n_in, n_out=n_out, n_segments=1, dilation=1, rate=1)
    op.weights, op.bias = packed.panels(layer.weight.detach().T[None]), packed.channels(bias)
    return op


class _Alone(nn.Module):
    """One operation by itself, of which nothing is remembered."""

    def __init__(self, op: Op, packed: _Packed, kernels: CodecKernels) -> None:
        """`packed` keeps what `op` points to."""
        super().__init__()
        self._op, self._packed, self._kernels = op, packed, kernels

    def run(self, rows: Tensor) -> Tensor:
        """Multiply (R, C in) -> (R, C out)."""
        out = rows.new_empty(len(rows), self._op.n_out)
        self._kernels.run(self._op, 1, out, rows.contiguous(), out)  # no state: nothing is remembered
        return out


class NativeLinear(_Alone):
    """`nn.Linear` by the library, whose weights are read once, however few the rows: (…, C in) -> (…, C out), fp32."""

    def __init__(self, plain: nn.Linear, kernels: CodecKernels) -> None:
        packed = _Packed(kernels.panel)
        super().__init__(_linear(plain, packed), packed, kernels)

    def forward(self, x: Tensor) -> Tensor:
        return self.run(x.flatten(0, -2)).unflatten(0, x.shape[:-1])


class NativeUpsampling(_Alone):
    """A `CausalTransposedConv` that remembers nothing, by the library: (B, C, T) -> (B, C out, T * stride), fp32."""

    def __init__(self, plain: CausalTransposedConv, kernels: CodecKernels) -> None:
        assert plain.n_tail == 0
        packed = _Packed(kernels.panel)
        super().__init__(_upsampling(plain, packed), packed, kernels)

    def forward(self, x: Tensor, stream: Stream) -> Tensor:  # noqa: ARG002 (layers in a chain are called alike)
        rows = self.run(x.transpose(1, 2).flatten(0, 1))  # (B T, stride * C out)
        return rows.view(len(x), -1, self._op.n_out // self._op.rate).transpose(1, 2)


def _use_kernels(part: nn.Module, kernels: CodecKernels) -> None:
    """Replace every `nn.Linear` inside `part`, and what it has of upsampling without a memory."""
    for parent in list(part.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, nn.Linear):
                setattr(parent, name, NativeLinear(child, kernels))
            elif isinstance(child, CausalTransposedConv) and child.n_tail == 0:
                setattr(parent, name, NativeUpsampling(child, kernels))


def _flat(layer: nn.Module) -> list[nn.Module]:
    """The decoder's layers in order; residual units whole."""
    match layer:
        case Decoder():
            inner = layer.model
        case Stage():
            inner = layer.block
        case _:
            return [layer]
    return [one for part in inner for one in _flat(part)]
