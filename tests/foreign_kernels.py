"""The kernels' libraries on a processor that this computer does not have: `compile_for` compiles them with
foreign_kernels.cpp beside this file, and a program that plays that processor (qemu) runs them.

`ForeignLibrary` takes the place of `ctypes.CDLL`. Every call is written into a pipe with all that its structures point
to, and what the library has written comes back to where it belongs. So whole models run there, through the same Python
as here: sizes come from the structures, and an address that is new in one has to be named in `_Call`.
"""

from __future__ import annotations

import ctypes
import math
import subprocess
from ctypes import POINTER, Structure, sizeof
from pathlib import Path
from typing import Any, NamedTuple

from engine.s1.native import build
from engine.s1.native.codec_kernels import Kind, Op
from engine.s1.native.kernels import Embeddings, Format, Frame, Layer, Matrix, Run, Stack, Unpacked

BYTES = {Format.FP32: 4, Format.BF16: 2, Format.FP16: 2, Format.INT8: 1}
PANEL = 16
"""Output channels that the codec's library makes together on ARM."""
FUNCTIONS = (
    "lectern_open_pool",
    "lectern_close_pool",
    "lectern_max_rows",
    "lectern_panels_bytes",
    "lectern_pack",
    "lectern_run",
    "lectern_frame",
    "lectern_codec_panel",
    "lectern_codec_open",
    "lectern_codec_close",
    "lectern_codec_run",
    "lectern_rows_are_independent",
)


class Area(NamedTuple):
    """What an address points to: so many bytes, which the call may write to."""

    address: int
    n_bytes: int
    is_written: bool = False


def compile_for(compiler: str, processors: dict[str, str], folder: Path) -> dict[str, Path]:
    """Compile a program for each of `processors` (name, and the compiler's flags for it).

    The last is compiled with the engine's own flags. The others do what they do otherwise in intrinsics, which show as
    much when little else is optimised, in half the time.
    The codec uses nothing that only some of them have, and is compiled once, for the first.
    """
    first, last = next(iter(processors.values())), list(processors)[-1]
    sources = {"main": Path(__file__).with_suffix(".cpp"), "codec": build.FOLDER / "codec.cpp"}
    common = [_compile(compiler, [first], source, folder / f"{name}.o") for name, source in sources.items()]
    programs = {}
    for name, flags in processors.items():
        less = [] if name == last else ["-O1"]
        stack = _compile(compiler, [flags, *less], build.FOLDER / "stack.cpp", folder / f"{name}.o")
        programs[name] = folder / name
        subprocess.run([compiler, "-static", "-pthread", *common, stack, "-o", programs[name]], check=True)
    return programs


def _compile(compiler: str, flags: list[str], source: Path, target: Path) -> Path:
    warnings = ("-Wall", "-Wextra", "-Werror")
    subprocess.run([compiler, *build.FLAGS, "-pthread", *flags, *warnings, "-c", source, "-o", target], check=True)
    return target


class ForeignLibrary:
    """Both libraries, run by `command`, as `ctypes.CDLL` would give them."""

    def __init__(self, command: list[str | Path]) -> None:
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for number, name in enumerate(FUNCTIONS):
            setattr(self, name, _Function(self, number))

    def close(self) -> int:
        """End the program, and all that it holds; return its exit status. Calls after that do nothing."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.close()
        status = self._process.wait()
        stdout.close()
        return status

    def call(self, number: int, arguments: list[int], areas: list[Area], links: list[tuple[int, int, int]]) -> int:
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        if stdin.closed:
            return 0
        message = bytearray(b"".join(n.to_bytes(4, "little") for n in (number, len(areas), len(links))))
        for area in areas:
            message += area.n_bytes.to_bytes(8, "little") + int(area.is_written).to_bytes(8, "little")
            message += ctypes.string_at(area.address, area.n_bytes)
        for value in (*(part for link in links for part in link), *arguments, *[0] * (7 - len(arguments))):
            message += value.to_bytes(8, "little", signed=True)
        stdin.write(message)
        stdin.flush()
        answer = stdout.read(8 + sum(area.n_bytes for area in areas if area.is_written))
        assert len(answer) >= 8, f"the foreign program ended: {self._process.wait()}"
        at = 8
        for area in areas:
            if area.is_written:
                ctypes.memmove(area.address, answer[at : at + area.n_bytes], area.n_bytes)
                at += area.n_bytes
        return int.from_bytes(answer[:8], "little", signed=True)


class _Function:
    """One function of a library. Its types are set as on those of ctypes; this finds them out by itself."""

    restype: Any = None
    argtypes: Any = None

    def __init__(self, library: ForeignLibrary, number: int) -> None:
        self._library, self._number = library, number

    def __call__(self, *arguments: Any) -> int:
        call = _Call(arguments)
        return self._library.call(self._number, call.values, call.areas, call.links)


class _Call:
    """The buffers of a call, and which address in them is which buffer's."""

    def __init__(self, arguments: tuple[Any, ...]) -> None:
        self.areas: list[Area] = []
        self.links: list[tuple[int, int, int]] = []
        self._arguments = arguments
        self._passed = [value._obj for value in arguments if hasattr(value, "_obj")]  # by byref
        self.values = [self._argument(i, value) for i, value in enumerate(arguments)]

    def _argument(self, i: int, value: Any) -> int:
        """Give what is passed as it is, and make what is passed by address a buffer."""
        if isinstance(value, int):
            return value
        if isinstance(value, ctypes.Array):
            buffer = self._structures(list(value), ctypes.addressof(value), None)
        elif isinstance(value, ctypes._Pointer):  # of floats: the codec's state, rows or samples
            address = ctypes.cast(value, ctypes.c_void_p).value
            assert address is not None
            buffer = self._buffer(Area(address, 4 * self._codec_floats()[i], is_written=i != 4))
        else:
            structure = value if isinstance(value, Structure) else value._obj
            buffer = self._structures([structure], ctypes.addressof(structure), None)
        self.links.append((buffer, -1 - i, buffer))
        return 0

    def _buffer(self, area: Area) -> int:
        self.areas.append(area)
        return len(self.areas) - 1

    def _structures(self, structures: list[Any], address: int, holder: Structure | None) -> int:
        """Structures side by side, which `holder` points to, and all that they point to."""
        size = sizeof(structures[0])
        buffer = self._buffer(Area(address, size * len(structures)))
        for n, structure in enumerate(structures):
            self._follow(structure, buffer, n * size, holder)
        return buffer

    def _follow(self, structure: Structure, buffer: int, at: int, holder: Structure | None) -> None:
        pointed = getattr(self, f"_{type(structure).__name__.lower()}")(structure, holder)
        for name, kind in structure._fields_:  # type: ignore[misc]  # all of them have two parts
            place = at + getattr(type(structure), name).offset
            value = getattr(structure, name)
            if isinstance(value, Structure):
                self._follow(value, buffer, place, holder)
            elif kind is POINTER(Layer):
                layers = [value[i] for i in range(structure.n_layer)]
                if layers:
                    address = ctypes.addressof(value.contents)
                    self.links.append((buffer, place, self._structures(layers, address, structure)))
            elif kind is ctypes.c_void_p and value:
                is_written = name in pointed.get("written", ())
                self.links.append((buffer, place, self._buffer(Area(value, pointed[name], is_written))))

    # How many bytes each of a structure's addresses points to, and which of them are written to.

    def _matrix(self, m: Matrix, _: Structure | None) -> dict[str, Any]:
        n_panels = -(-m.rows // 16)
        n_bytes = m.columns // 32 * 320 if m.format == Format.INT4 else m.columns * 16 * BYTES[Format(m.format)]
        written = ("panels",) if isinstance(self._passed[0], Unpacked) else ()
        return {"panels": n_panels * n_bytes, "scales": n_panels * 32, "bias": m.rows * 4, "written": written}

    def _unpacked(self, u: Unpacked, _: Structure | None) -> dict[str, Any]:
        n = u.rows * u.columns
        return {"data": n // 2 if u.format == Format.INT4 else n * BYTES[Format(u.format)], "scales": n // 32 * 4}

    def _layer(self, _: Layer, stack: Stack) -> dict[str, Any]:
        dim, head_dim = 4 * stack.dim, 4 * stack.head_dim
        return {"attention_norm": dim, "ffn_norm": dim, "q_norm": head_dim, "k_norm": head_dim}

    def _stack(self, s: Stack, _: Structure | None) -> dict[str, Any]:
        table = self._passed[-1].max_positions * s.head_dim // 2 * 4
        return {"cos": table, "sin": table, "norm": 4 * s.dim}

    def _run(self, r: Run, _: Structure | None) -> dict[str, Any]:
        s = self._passed[0]
        return {
            "x": 4 * r.n_rows * s.dim,
            "sequences": 8 * r.n_rows,
            "positions": 8 * r.n_rows,
            "cache": _cache_bytes(s, r.n_sequences, r.max_positions, r.cache_format),
            "logits": 4 * r.n_logits * s.head.rows,
            "logit_rows": 8 * r.n_logits,
            "written": ("x", "cache", "logits"),
        }

    def _frame(self, f: Frame, _: Structure | None) -> dict[str, Any]:
        slow, fast = self._passed[:2]
        n, n_places = f.n_rows, f.n_places
        return {
            "columns": 8 * n * (n_places + 2),
            "positions": 8 * n,
            "history": 8 * n * n_places * f.window,
            "said": 8 * n * (n_places + 2),
            "settings": 16 * n,
            "token_noise": 4 * n * slow.head.rows,
            "noise": 4 * n * n_places * fast.head.rows,
            "token_logits": 4 * n * slow.head.rows,
            "logits": 4 * n_places * n * fast.head.rows,
            "memory": _cache_bytes(slow, f.n_sequences, f.max_positions, f.memory_format),
            "fast_memory": _cache_bytes(fast, n, n_places + 1, f.memory_format),
            "fast_embeddings": (slow.head.rows - 1) * fast.dim * BYTES[Format(f.embeddings.format)],
            "written": ("columns", "positions", "history", "said", "token_logits", "logits", "memory", "fast_memory"),
        }

    def _embeddings(self, e: Embeddings, _: Structure | None) -> dict[str, Any]:
        slow, _, frame = self._passed
        width = slow.dim * BYTES[Format(e.format)]
        return {"tokens": e.n_ids * width, "codes": (frame.n_places + 1) * e.codebook_size * width}

    def _op(self, op: Op, _: Structure | None) -> dict[str, Any]:
        n_in, n_out = (-(-n // PANEL) * PANEL for n in (op.n_in, op.n_out))
        weights = {
            Kind.CONVOLUTION: op.n_segments * op.n_in * n_out,
            Kind.TWO_TAPS: 3 * op.n_in * n_out,
            Kind.UNIT: 25 * op.n_in * n_in,
            Kind.LAST: op.n_segments * op.n_in,
        }[Kind(op.kind)]
        channels = dict.fromkeys(("alpha", "beta", "alpha2", "beta2", "bias2"), 4 * n_in)
        return channels | {"weights": 4 * weights, "weights2": 4 * op.n_in * n_in, "bias": 4 * n_out}

    def _codec_floats(self) -> dict[int, int]:
        """By argument of `lectern_codec_run`: of state, rows, samples."""
        ops, n_ops, _, _, n_rows, _ = self._arguments[1:]
        used = [ops] if isinstance(ops, Op) else list(ops)[:n_ops]
        n_made = math.prod((n_rows, *(op.rate for op in used)))
        n_state = max(op.state + op.n_tail * op.n_in for op in used)
        return {3: n_state, 4: n_rows * used[0].n_in, 6: n_made * used[-1].n_out // used[-1].rate}


def _cache_bytes(s: Stack, n_sequences: int, max_positions: int, kind: int) -> int:
    return s.n_layer * 2 * n_sequences * s.n_local_heads * max_positions * s.head_dim * BYTES[Format(kind)]
