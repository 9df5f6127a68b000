"""The Triton kernels compiled for cards that are not here, at S1 Mini's full sizes, and what the compiler says of them.

Sizes come from the engine's own launches, over tensors without storage.
"""

# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import torch
import triton
from torch import Tensor
from triton.backends.compiler import GPUTarget
from triton.compiler import ASTSource

from engine.s1.checkpoint.config_files import read_model_config
from engine.s1.checkpoint.load import blank
from engine.s1.checkpoint.random_weights import S1_MINI_CONFIG
from engine.s1.decode.state import RowState
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import make_low_bit
from engine.s1.triton.frame import OPTIONS, Frame, Launch
from engine.s1.triton.weights import ModelWeights

TARGETS = {80: "A100", 86: "RTX 3060", 89: "RTX 4060 Ti, 4090", 90: "H100, H200", 120: "RTX 5090"}
PROGRAMS = Path(triton.__file__).parent / "backends" / "nvidia" / "bin"
POSITIONS = 2048
TYPES = {
    torch.float32: "*fp32",
    torch.bfloat16: "*bf16",
    torch.int64: "*i64",
    torch.int32: "*i32",
    torch.int8: "*i8",
    torch.uint8: "*u8",
}


@dataclass(frozen=True, slots=True)
class Compiled:
    """What a kernel takes of a card: registers of a thread, bytes of memory that programs share, bytes that a thread
    has spilt; and the CPU seconds that compiling took."""

    name: str
    n_registers: int
    n_shared_bytes: int
    n_spilt_bytes: int
    cpu_s: float
    ptx: str


def full_size_launches(bits: int | None, n_programs: int | None) -> list[Launch]:
    """List a frame's launches, bf16 or of few bits; `n_programs`: see `Frame`."""
    weights, state = _full_size(bits)
    with blank(), torch.inference_mode():
        return list(Frame(weights, state, n_programs).launches(1))


@cache
def _full_size(bits: int | None) -> tuple[ModelWeights, RowState]:
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "config.json").write_text(json.dumps(S1_MINI_CONFIG), encoding="utf-8")
        config = read_model_config(Path(folder))
    with blank(), torch.inference_mode():
        model = DualAr(config, 151_658, 4096, 151_647).to(torch.bfloat16)
        if bits is not None:
            make_low_bit(model.layers, bits)
            make_low_bit(model.fast_layers, bits)
        return ModelWeights(model), RowState(model, 1, POSITIONS)


def distinct(launches: list[Launch]) -> dict[Any, tuple[Launch, ASTSource, int]]:
    """Find what has to be compiled: each with a launch of it, and how many there are."""
    found: dict[Any, tuple[Launch, ASTSource, int]] = {}
    for launch in launches:
        source = source_of(launch)
        key = (launch.kernel.fn.__name__, str(source.signature), str(source.constants), str(source.attrs))
        _, _, n = found.get(key, (launch, source, 0))
        found[key] = (launch, source, n + 1)
    return found


def source_of(launch: Launch) -> ASTSource:
    """Say of each argument what Triton's own launch would: its type, whether 16 divides it, or that it is 1."""
    signature: dict[str, str] = {}
    constants: dict[str, Any] = dict(launch.constants)
    attributes: dict[tuple[int], list[list[Any]]] = {}
    for i, parameter in enumerate(launch.kernel.params):
        name = parameter.name
        if name in launch.constants:
            signature[name] = "constexpr"
            continue
        value = launch.arguments[name]
        if isinstance(value, Tensor):
            signature[name] = TYPES[value.dtype]
            is_aligned = value.storage_offset() * value.element_size() % 16 == 0
        else:
            signature[name] = "i32" if value < 2**31 else "i64"
            is_aligned = value % 16 == 0 and not parameter.do_not_specialize
            if value == 1 and not parameter.do_not_specialize:
                signature[name], constants[name], is_aligned = "constexpr", 1, False
        if is_aligned:
            attributes[i,] = [["tt.divisibility", 16]]
    return ASTSource(launch.kernel, signature, constants, attributes)


def compile_for(cc: int, launch: Launch, source: ASTSource) -> Compiled:
    """Compile for compute capability `cc` (89 is 8.9). The machine code is looked at and not kept."""
    begun = os.times()
    made = triton.compile(source, target=GPUTarget("cuda", cc, 32), options=dict(OPTIONS))
    cpu_s = sum(os.times()[:4]) - sum(begun[:4])
    usage = _usage(made.asm["cubin"])
    n_spilt = usage["STACK"] + usage["LOCAL"]
    name, n_shared = launch.kernel.fn.__name__, made.metadata.shared
    return Compiled(name, usage["REG"], n_shared, n_spilt, cpu_s, made.asm["ptx"])


def assemble_for(cc: int, made: Compiled) -> Compiled:
    """What `compile_for` would say of a card of the same generation (8.0 of what was compiled for 8.6 or 8.9), in a
    quarter of the time: for all of them Triton writes the same, but for the card's name, and assembles it for each."""
    text = re.sub(r"^\.target sm_\d+", f".target sm_{cc}", made.ptx, flags=re.MULTILINE)
    begun = os.times()
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "kernel.ptx", Path(folder) / "kernel.cubin"
        source.write_text(text, encoding="utf-8")
        subprocess.run([PROGRAMS / "ptxas", "-lineinfo", f"--gpu-name=sm_{cc}", source, "-o", target], check=True)
        usage = _usage(target.read_bytes())
    cpu_s = sum(os.times()[:4]) - sum(begun[:4])
    return replace(made, n_registers=usage["REG"], n_spilt_bytes=usage["STACK"] + usage["LOCAL"], cpu_s=cpu_s, ptx=text)


def _usage(cubin: bytes) -> Mapping[str, int]:
    """By the program that comes with Triton."""
    with tempfile.NamedTemporaryFile(suffix=".cubin") as file:
        file.write(cubin)
        file.flush()
        said = subprocess.run(
            [PROGRAMS / "cuobjdump", "-res-usage", file.name], capture_output=True, encoding="utf-8", check=True
        ).stdout
    return {name: int(n) for name, n in re.findall(r"(REG|STACK|LOCAL):(\d+)", said)}
