"""The files of a checkpoint folder, read strictly and in every published spelling (specification section 1).

Nothing here knows what the tensors mean: a file becomes `{name: tensor}` in today's names, and is held
against the names and shapes that a model asks for.
"""

from __future__ import annotations

import pickle
import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from engine.errors import CheckpointError
from engine.files.checkpoint_files import reading, zip_sizes

Tensors = dict[str, Tensor]
Shapes = Mapping[str, tuple[int, ...]]

# The exceptions to strictness: tensors that are in the codec's file and derived from nothing but its
# sizes (0.30 GB of masks, and rotary tables). They are skipped, whatever their shape.
MAX_LIST_BYTES = 64 << 20
"""S1 Mini's lists have 0.1 MB."""
DERIVED_NAMES = re.compile(r"(^|\.)(causal_mask|freqs_cis)$")


def read_tensors(path: Path) -> Tensors:
    """Read the `state_dict` in `path`, memory-mapped: no tensor is read before it is used.

    Raises `CheckpointError`: "file_missing", "unreadable", or "unsafe" when the pickle inside asks for
    anything but tensors; it is then not run.
    """
    if not path.is_file():
        raise CheckpointError("file_missing", path)
    try:
        _expect_bounds(path)
        with reading():
            found = torch.load(path, map_location="cpu", mmap=True, weights_only=True)
    except pickle.UnpicklingError as error:
        # Among torch's advice stands the one line that says what the pickle asked for.
        forbidden = next((line for line in str(error).splitlines() if "GLOBAL" in line), None)
        if forbidden is None:
            raise CheckpointError("unreadable", path, found="its list of tensors is damaged") from error
        raise CheckpointError("unsafe", path, found=forbidden.strip()) from error
    except (OSError, ValueError) as error:  # a file cut short, damaged, or of another format
        raise CheckpointError("unreadable", path, found=_first_line(error)) from error
    if isinstance(found, Mapping) and isinstance(found.get("state_dict"), Mapping):
        found = found["state_dict"]
    if not isinstance(found, Mapping):
        raise CheckpointError("unreadable", path, found=type(found).__name__, expected="named tensors")
    for name, value in found.items():
        if not isinstance(name, str) or not isinstance(value, Tensor) or not _is_plain(value):
            raise CheckpointError("unreadable", path, name=str(name), found=type(value).__name__, expected="a tensor")
    return dict(found)


def _is_plain(tensor: Tensor) -> bool:
    """A pickle may also ask for tensors without storage, sparse ones, and such as the file holds in part only."""
    return tensor.layout is torch.strided and tensor.device.type == "cpu" and not tensor.is_quantized


def _expect_bounds(path: Path) -> None:
    """Look at the archive's table before anything is read by it: tensors lie in it as they are, so that nothing is
    unpacked, and their list is small. Raises OSError and ValueError."""
    for name, (size_bytes, is_stored) in zip_sizes(path).items():
        if not is_stored:
            raise ValueError(f"{name} in it is packed")
        if name.endswith("data.pkl") and size_bytes > MAX_LIST_BYTES:
            raise ValueError(f"its list of tensors has {size_bytes:,} bytes")


def expect_finite(tensor: Tensor, path: Path, name: str) -> None:
    """Raise `CheckpointError` where a value is no number: what a model makes of that is one value for ever, or noise.

    The least and the greatest value tell it, in one pass: 0.1 s for the largest tensor on two cores.
    """
    least, greatest = torch.aminmax(tensor)
    if not torch.isfinite(greatest - least):
        raise CheckpointError("not_finite", path, name=name)


def _first_line(error: Exception) -> str:
    return str(error).strip().split("\n", 1)[0][:200]


def model_tensors(path: Path) -> Tensors:
    """Read `model.pth` in today's names: no `model.` prefix, no audio tower, `wq`/`wk`/`wv` joined."""
    tensors = read_tensors(path)
    if tensors and all(name.startswith("model.") for name in tensors):
        tensors = {name.removeprefix("model."): tensor for name, tensor in tensors.items()}
    tensors = {name: tensor for name, tensor in tensors.items() if "audio_" not in name}
    for name in [n for n in tensors if n.endswith((".wq.weight", ".wq.bias"))]:
        layer, kind = re.fullmatch(r"(.*)\.wq\.(weight|bias)", name).groups()  # type: ignore[union-attr]
        parts = [take_tensor(tensors, f"{layer}.{part}.{kind}", path) for part in ("wq", "wk", "wv")]
        tensors[f"{layer}.wqkv.{kind}"] = torch.cat(parts)
    return tensors


def codec_tensors(path: Path) -> Tensors:
    """Read `codec.pth` in today's names: no `generator.` prefix, no derived tables; weight norm still apart."""
    tensors = read_tensors(path)
    if any(name.startswith("generator.") for name in tensors):
        prefix = "generator."
        tensors = {name.removeprefix(prefix): t for name, t in tensors.items() if name.startswith(prefix)}
    return {name: tensor for name, tensor in tensors.items() if not DERIVED_NAMES.search(name)}


def take_tensor(tensors: Tensors, name: str, path: Path) -> Tensor:
    if name not in tensors:
        raise CheckpointError("tensor_missing", path, name=name)
    return tensors.pop(name)


def check_shapes(found: Tensors, expected: Shapes, path: Path) -> None:
    """Expect every tensor, of its shape, and no other. Raises `CheckpointError` naming the first that is not so."""
    for name, shape in expected.items():
        if name not in found:
            raise CheckpointError("tensor_missing", path, name=name, expected=str(shape))
        if tuple(found[name].shape) != tuple(shape):
            raise CheckpointError(
                "tensor_shape", path, name=name, found=str(tuple(found[name].shape)), expected=str(tuple(shape))
            )
        if not found[name].is_floating_point():
            raise CheckpointError(
                "tensor_shape", path, name=name, found=str(found[name].dtype), expected="floating point"
            )
    if extra := sorted(found.keys() - expected.keys()):
        raise CheckpointError("tensor_extra", path, name=extra[0], found=str(tuple(found[extra[0]].shape)))
