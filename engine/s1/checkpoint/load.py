"""A checkpoint folder becomes models (specification section 1): sizes from its configuration, strictly."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch.overrides import TorchFunctionMode

from engine.errors import CheckpointError, DeviceError
from engine.machine.memory import is_out_of_memory, trim_heap
from engine.s1.checkpoint.codec_file import fold_weight_norm, weight_shapes
from engine.s1.checkpoint.config_files import read_codec_config, read_model_config
from engine.s1.checkpoint.reading import check_shapes, codec_tensors, expect_finite, model_tensors
from engine.s1.checkpoint.tokenizer_files import read_tokenizer
from engine.s1.model.codec import CodecModel
from engine.s1.model.config import ModelConfig
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import make_low_bit
from engine.s1.model.tokenizer import Tokenizer
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.kernels import Kernels


@contextlib.contextmanager
def blank() -> Iterator[None]:
    """Make modules without storage meanwhile, and draw nothing for it: to draw what does not exist, PyTorch loads its
    compiler, which takes a second."""
    with torch.device("meta"), _NoInitialisers():
        yield


class _NoInitialisers(TorchFunctionMode):
    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        if getattr(func, "__module__", "") == "torch.nn.init":
            return args[0] if args else kwargs["tensor"]
        return func(*args, **kwargs)


@dataclass(frozen=True, slots=True)
class FastForm:
    """How the fast stack's matrices are stored, where that is not as the slow one's: in `bits`, and rounded by `round`
    while all weights are as in the checkpoint; those that it leaves are rounded plainly."""

    bits: int | None = None
    round: Callable[[DualAr], object] | None = None


LIKE_THE_SLOW = FastForm()


def load_dual_ar(
    folder: Path,
    device: torch.device,
    dtype: torch.dtype | None = None,
    bits: int | None = None,
    kernels: Kernels | None = None,
    fast: FastForm = LIKE_THE_SLOW,
) -> tuple[Tokenizer, DualAr]:
    """Load the tokenizer and the transformer onto `device`; `dtype` None keeps the file's.

    `bits` 8 or 4 stores the stacks' matrices so, but for what `fast` says. With `kernels`, on a CPU, they run the
    stacks; without, PyTorch. Raises `CheckpointError`, or `DeviceError` when the device's memory does not suffice.
    """
    tokenizer, model = blank_dual_ar(folder)
    path = folder / "model.pth"
    tensors = model_tensors(path)
    check_shapes(tensors, {name: tuple(p.shape) for name, p in model.named_parameters()}, path)

    def tensor(name: str) -> torch.Tensor:
        there = tensors[name].to(device)
        expect_finite(there, path, name)
        return there.to(dtype) if dtype is not None else there

    return tokenizer, filled_dual_ar(model, tensor, device, bits, kernels, fast)


def blank_dual_ar(folder: Path) -> tuple[Tokenizer, DualAr]:
    """Read the tokenizer, and make the transformer without storage. Raises `CheckpointError`."""
    config = read_model_config(folder)
    tokenizer = read_tokenizer(folder)
    _check_vocabulary(tokenizer, config, folder)
    with blank():
        model = DualAr(config, tokenizer.semantic_begin_id, tokenizer.n_semantic, tokenizer.im_end_id)
    return tokenizer, model


def filled_dual_ar(
    model: DualAr,
    tensor: Callable[[str], torch.Tensor],
    device: torch.device,
    bits: int | None,
    kernels: Kernels | None,
    fast: FastForm = LIKE_THE_SLOW,
) -> DualAr:
    """Give a blank model its weights, `tensor(name)` on `device`, in the form that they are computed in.

    Raises `DeviceError` when the device's memory does not suffice.
    """
    with memory_errors(device):
        model.load_state_dict({name: tensor(name) for name, _ in model.named_parameters()}, assign=True)
        model.requires_grad_(False).eval()
        if bits is not None:
            # on a GPU that depends on the backend: see `low_bit.use_operators`
            with_operators = kernels is None and device.type == "cpu"
            if fast.round is not None:
                fast.round(model)
            make_low_bit(model.layers, bits, with_operators=with_operators)
            make_low_bit(model.fast_layers, fast.bits or bits, with_operators=with_operators)
            trim_heap()
        if kernels is not None:
            # beside weights of few bits a cache of bf16 costs nothing in quality, and half the reading
            model = NativeDualAr(model, kernels, torch.float32 if bits is None else torch.bfloat16)
            trim_heap()
    return model


def _check_vocabulary(tokenizer: Tokenizer, config: ModelConfig, folder: Path) -> None:
    path = folder / "config.json"
    if tokenizer.n_vocab > config.vocab_size:
        raise CheckpointError(
            "config", path, "vocab_size", str(config.vocab_size), f"at least the tokenizer's {tokenizer.n_vocab}"
        )
    if tokenizer.n_semantic > config.codebook_size:
        raise CheckpointError(
            "config", path, "codebook_size", str(config.codebook_size), f"the tokenizer's {tokenizer.n_semantic}"
        )


def load_codec(folder: Path, device: torch.device, wanted: Callable[[str], bool]) -> CodecModel:
    """Load the codec in fp32 onto `device`; parameters that are not `wanted` stay without storage, on "meta".

    Raises `CheckpointError` or `DeviceError`.
    """
    with blank():
        model = CodecModel(read_codec_config(folder))
    load_codec_weights(model, folder, device, wanted)
    return model.requires_grad_(False).eval()


def load_codec_weights(model: CodecModel, folder: Path, device: torch.device, wanted: Callable[[str], bool]) -> None:
    """Fill in the `wanted` parameters, weight norm folded; the whole file is checked, whatever is wanted."""
    path = folder / "codec.pth"
    tensors = codec_tensors(path)
    with blank():
        as_in_file = CodecModel(model.config)  # the decoder of `model` may have another layout by now
    check_shapes(tensors, weight_shapes(as_in_file), path)
    with memory_errors(device):
        folded = fold_weight_norm(tensors, wanted, path)
        folded = {name: tensor.to(device, torch.float32) for name, tensor in folded.items()}
        for name, tensor in folded.items():
            expect_finite(tensor, path, name)
    model.load_state_dict(folded, strict=False, assign=True)


@contextlib.contextmanager
def memory_errors(device: torch.device) -> Iterator[None]:
    """Turn a lack of memory into a `DeviceError`."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        if not is_out_of_memory(error):
            raise
        raise DeviceError("out_of_memory", str(device), str(error)) from error
