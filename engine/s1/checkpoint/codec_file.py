"""What stands in `codec.pth`: names, shapes, and weights in the two parts of weight norm (specification section 4)."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import torch

from engine.s1.checkpoint.reading import Tensors, take_tensor
from engine.s1.model.codec import CodecModel
from engine.s1.model.codec_layers import WindowTransformer
from engine.s1.model.config import WindowConfig

# Weight norm. g holds the norms, v the directions; the file has one of two spellings of the pair.
_G_NAME = re.compile(r"(.*)\.(parametrizations\.weight\.original0|weight_g)")
_V_OF_G = {"parametrizations.weight.original0": "parametrizations.weight.original1", "weight_g": "weight_v"}


def fold_weight_norm(tensors: Tensors, wanted: Callable[[str], bool], path: Path) -> Tensors:
    """Keep the tensors for which `wanted(name)`, each pair (g, v) folded into `weight` = g * v / ‖v‖.

    The norm runs over all dimensions but the first, transposed convolutions included.
    """
    folded: Tensors = {}
    remaining = dict(tensors)
    for name in list(remaining):
        if not (match := _G_NAME.fullmatch(name)):
            continue
        module, spelling = match.groups()
        g, v = remaining.pop(name), take_tensor(remaining, f"{module}.{_V_OF_G[spelling]}", path)
        if wanted(f"{module}.weight"):
            norm = torch.linalg.vector_norm(v, dim=tuple(range(1, v.ndim)), keepdim=True)
            folded[f"{module}.weight"] = g * v / norm
    folded |= {name: tensor for name, tensor in remaining.items() if wanted(name)}
    return folded


def weight_norm_names(name: str, shape: tuple[int, ...], spelling: str) -> dict[str, tuple[int, ...]]:
    """Name the pair (g, v) that stands in a file for the weight `name`: the inverse of folding."""
    module = name.removesuffix("weight")
    return {module + spelling: (shape[0], *[1] * (len(shape) - 1)), module + _V_OF_G[spelling]: shape}


def is_encoding_only(name: str) -> bool:
    """Tell whether the tensor is needed only to make codes from a recording: 207 M of S1 Mini's parameters."""
    return name.startswith(("encoder.", "quantizer.pre_module.", "quantizer.downsample."))


def weight_shapes(codec: CodecModel) -> dict[str, tuple[int, ...]]:
    """List names and shapes that stand in a codec.pth of this codec's sizes, less the derived tables."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, parameter in codec.named_parameters():
        shape = tuple(parameter.shape)
        if re.fullmatch(r"(encoder|decoder)\..*\.conv\.weight", name):
            shapes |= weight_norm_names(name, shape, "parametrizations.weight.original0")
        elif re.fullmatch(r".*\.(in|out)_proj\.weight", name) and ".quantizers." in name:
            shapes |= weight_norm_names(name, shape, "weight_g")
        else:
            shapes[name] = shape
    return shapes


def derived_shapes(codec: CodecModel) -> dict[str, tuple[int, ...]]:
    """List names and shapes of the masks (bool) and rotary tables (bf16) that such a file also holds."""
    shapes: dict[str, tuple[int, ...]] = {}
    for name, module in codec.named_modules():
        if isinstance(module, WindowTransformer):
            sizes: WindowConfig = module.config
            shapes[f"{name}.causal_mask"] = (sizes.max_positions, sizes.max_positions)
            shapes[f"{name}.freqs_cis"] = (sizes.max_positions, sizes.head_dim // 2, 2)
    return shapes
