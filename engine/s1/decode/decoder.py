"""A loaded transformer and the backend that makes its frames: the fastest that works here, chosen and said."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import cached_property, partial
from pathlib import Path

import torch

from engine.machine.device import Precision, choose_precision
from engine.s1.checkpoint.load import FastForm, load_dual_ar
from engine.s1.checkpoint.tokenizer_files import read_tokenizer
from engine.s1.decode.attempts import AttemptMemo
from engine.s1.decode.backend import Backend
from engine.s1.decode.choosing import FAILURES, cuda_candidates, first_that_works
from engine.s1.decode.graph_backend import GraphBackend
from engine.s1.decode.native_backend import NativeBackend
from engine.s1.decode.plain_backend import PlainBackend
from engine.s1.decode.rounding import FastRounding
from engine.s1.decode.rows import Rows
from engine.s1.decode.stepper import Stepper
from engine.s1.decode.verify import verify
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import use_operators
from engine.s1.model.tokenizer import Tokenizer
from engine.s1.native.build import NoKernelsError
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.kernels import Kernels

log = logging.getLogger(__name__)

MAX_BATCH = 8
"""Rows on a CPU: with more it computes longer instead of waiting less; see tests/bench/RESULTS.md."""
MAX_GPU_BATCH = 32
"""Rows on a GPU, which waits for its memory much longer than a CPU does."""
BATCH_POSITIONS = 1024
"""Of a row on a GPU, where more means capturing anew: a voice of 10 to 30 s and a sentence."""
MEMORY_SHARE = 0.5
"""Of a GPU's free memory that rows may take."""


class Decoder:
    """Makes frames of a model. What is captured for a GPU is kept from one generation to the next."""

    def __init__(
        self, tokenizer: Tokenizer, model: DualAr, precision: Precision, how: str = "", captured: Stepper | None = None
    ) -> None:
        """`captured`: a proven stepper of one row; None: the model's own backend makes all frames.

        `how` names the backend: "kernels" (compiled for this CPU), on CUDA "graph" with what is in it ("graph" alone
        needs no compiler), "eager"; and after a colon why it is not something faster.
        """
        self.tokenizer, self.model, self.precision, self.how = tokenizer, model, precision, how
        self._captured = None if captured is None else Rows(captured)
        self._captured_batch: Stepper | None = None

    def rows_for_one(self) -> Rows:
        """Give rows for one generation; captured ones are taken by one at a time."""
        if self._captured is not None and self._captured.is_free:
            return self._captured
        return Rows.of(self._uncaptured)

    def rows_for(self, n_requests: int) -> Rows:
        """Give rows for so many generations side by side, or as many as there is memory for."""
        n_rows = min(n_requests, self.max_batch)
        if self._captured is None:
            return Rows.of(self._uncaptured, n_rows)
        if self._captured_batch is None or self._captured_batch.state.n_rows < n_rows:  # takes seconds
            assert isinstance(self._captured.backend, GraphBackend)
            self._captured_batch = None  # there may not be room for both
            n_captured = min(self.max_batch, max(MAX_BATCH, 2 ** (n_rows - 1).bit_length()))
            self._captured_batch = self._capture(self._captured.backend, n_captured)
        return Rows(self._captured_batch, n_rows)

    @property
    def max_batch(self) -> int:
        """How many rows there is memory for."""
        if self.model.device.type != "cuda":
            return MAX_BATCH
        bytes_there, _ = torch.cuda.mem_get_info(self.model.device)
        if self._captured_batch is not None:  # what a larger one would have in its place
            bytes_there += self._captured_batch.state.memory.nbytes
        slow = self.model.config.slow
        n_elements = slow.n_layer * 2 * slow.n_local_heads * slow.head_dim * BATCH_POSITIONS
        row_bytes = n_elements * self.model.cache_dtype.itemsize
        return max(1, min(MAX_GPU_BATCH, int(MEMORY_SHARE * bytes_there / row_bytes)))

    @property
    def is_batch_exact(self) -> bool:
        """Whether frames are, to the bit, the same whoever is beside them."""
        return isinstance(self.model, NativeDualAr) and self.model.rows_are_independent

    @cached_property
    def _uncaptured(self) -> Backend:
        return backend_of(self.model)

    def _capture(self, backend: GraphBackend, n_rows: int) -> Stepper:
        """Captured as single frames are, once that is proven; else operator by operator."""
        sizes = tuple(2**i for i in range(n_rows.bit_length()) if 2**i < n_rows)
        try:
            stepper = Stepper(backend.for_rows((*sizes, n_rows)), n_rows, BATCH_POSITIONS)
            verify(stepper, n_rows - 1, n_rows)
            return stepper
        except FAILURES as error:
            log.warning("batches are not captured here: %s", error)
        return Stepper(self._uncaptured, n_rows, BATCH_POSITIONS)


def backend_of(model: DualAr) -> Backend:
    """Choose the backend that needs no proof: the library's where it has the weights, else PyTorch's operators."""
    return NativeBackend(model) if isinstance(model, NativeDualAr) else PlainBackend(model)


def open_decoder(
    folder: Path,
    device: torch.device,
    precision: str,
    cache_folder: Path | None,
    compiling: Callable[[float], object] = lambda _: None,
    load: Callable[..., tuple[Tokenizer, DualAr]] = load_dual_ar,
    with_kernels: str = "bfloat16",
) -> Decoder:
    """Load `folder` in one of `PRECISIONS`. What is compiled is kept in `cache_folder`; None compiles nothing.
    `with_kernels`: the precision that "auto" is on a CPU, once they are compiled.

    On a CPU the fast stack's weights of "mixed" are rounded once for a checkpoint, which takes half a minute, and kept
    there too. On CUDA frames are captured, compiled before where that can be, and proven on that very device: seconds,
    or a minute the first time. In both `compiling` is told the share done. `load` may be another that takes what
    `load_dual_ar` does. Raises `CheckpointError`, `DeviceError` or `OptionError`.
    """
    kernels, how = _open_kernels(cache_folder) if device.type == "cpu" else (None, "")
    chosen = choose_precision(device, precision, with_kernels if kernels is not None else None)
    fast = FastForm(chosen.fast_bits)
    if kernels is not None and chosen.fast_bits == 4 != chosen.bits:
        fast = FastForm(4, FastRounding(partial(read_tokenizer, folder), kernels, compiling))
    tokenizer, model = load(folder, device, chosen.dtype, chosen.bits, kernels, fast)
    captured = None
    if device.type == "cuda":
        captured, how = _capture_one(model, cache_folder, compiling)
    return Decoder(tokenizer, model, chosen, how, captured)


def _capture_one(
    model: DualAr, cache_folder: Path | None, report: Callable[[float], object]
) -> tuple[Stepper | None, str]:
    """The fastest stepper that works on this GPU, if any, and how it makes frames."""
    properties = torch.cuda.get_device_properties(model.device)
    key = f"{torch.__version__} {properties.name} {properties.major}.{properties.minor} {model.dtype}"
    memo = AttemptMemo(None if cache_folder is None else cache_folder / "decoding-attempt.json", key)
    captured, how = first_that_works(model, cuda_candidates(cache_folder), memo, report)
    if captured is None:
        use_operators(model)
    return captured, how


def _open_kernels(cache_folder: Path | None) -> tuple[Kernels | None, str]:
    if cache_folder is None:
        return None, "eager: switched off"
    try:
        return Kernels(cache_folder), "kernels"
    except NoKernelsError as error:
        log.warning("no compiled kernels, and so far slower: %s", error)
        return None, f"eager: {error.reason}"
