"""The backends for a GPU, the fastest first: each is tried and proven here, and the next one taken where it fails.

The plain backend, which needs no proof, is what is left.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.s1.decode.attempts import AttemptMemo
from engine.s1.decode.graph_backend import CudaCapturer, GraphBackend, GraphStep, compiler
from engine.s1.decode.plain_backend import Compiler, PlainBackend
from engine.s1.decode.stepper import Stepper
from engine.s1.decode.verify import UnlikeError, verify
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import use_operators

log = logging.getLogger(__name__)

FAILURES = (RuntimeError, OSError, ImportError, UnlikeError)
"""What compilers, drivers and PyTorch raise; too little memory is a RuntimeError."""
USUAL_POSITIONS = 2048
"""What is set aside at first: a voice of 30 s and a minute of speech. More is made when it is asked for."""

C_COMPILERS = ("gcc", "clang", "cc")
"""As Triton looks for them, after `CC`."""

Report = Callable[[float], object]
"""Called with the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A backend that may work here. `why_not`: what is known beforehand to stand against it, in a word."""

    name: str
    make: Callable[[DualAr], GraphBackend]
    why_not: str = ""


def cuda_candidates(cache_folder: Path | None) -> tuple[Candidate, ...]:
    """List those for this machine. What is compiled is kept in `cache_folder`; None compiles nothing.

    PyTorch's own operators, captured, need neither Triton nor a compiler: they are what there is on Windows.
    """
    why_not = "switched off" if cache_folder is None else why_not_compiled()
    if cache_folder is not None:
        os.environ.setdefault("TRITON_CACHE_DIR", str(cache_folder / "triton"))  # it looks nowhere else
    return (
        Candidate("graph, kernels, one launch", lambda model: _triton_kernels(model, at_once=True), why_not),
        Candidate("graph, kernels", lambda model: _triton_kernels(model, at_once=False), why_not),
        Candidate("graph, compiled", lambda model: _cuda_graphs(model, _kept_compiler(cache_folder)), why_not),
        Candidate("graph", lambda model: _cuda_graphs(model, None)),
    )


def why_not_compiled() -> str:
    """Say in a word what keeps PyTorch from compiling for the GPU here, "" if nothing is known to.

    "windows", "no_triton" or "no_compiler": looked up, because an attempt takes its time to fail.
    """
    from torch.utils._triton import has_triton

    if sys.platform == "win32":
        return "windows"  # what it needs there, Triton and Microsoft's compiler, hardly anybody has
    if not has_triton():
        return "no_triton"
    named = os.environ.get("CC", "")
    if not any(map(shutil.which, (named, *C_COMPILERS) if named else C_COMPILERS)):
        return "no_compiler"  # Triton builds its launchers with one
    return ""


def _triton_kernels(model: DualAr, *, at_once: bool) -> GraphBackend:
    from engine.s1.decode.triton_backend import TritonBackend, programs_at_once  # late: Triton is not everywhere

    return TritonBackend(model, CudaCapturer(), programs_at_once(model.device) if at_once else None)


def _cuda_graphs(model: DualAr, compiled: Compiler | None) -> GraphBackend:
    if compiled is None:
        use_operators(model)
    return GraphBackend(PlainBackend(model, compiled), CudaCapturer())


def _kept_compiler(cache_folder: Path | None) -> Compiler:
    """Inductor, with products of a vector and a matrix as loops of its own, so that weights of few bits are widened
    while they are read."""
    assert cache_folder is not None
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder / "inductor"))  # it looks nowhere else
    return compiler(options={"coordinate_descent_tuning": True, "triton.cudagraphs": False})


def first_that_works(
    model: DualAr, candidates: Sequence[Candidate], memo: AttemptMemo, report: Report = lambda _: None
) -> tuple[Stepper | None, str]:
    """Try `candidates` in turn: return the stepper of the first that works, ready for all usual lengths, and how, which
    is its name, and after a colon why not the one before. (None, "eager: …") when none does."""
    before = ""
    for candidate in candidates:
        why_not = candidate.why_not or memo.why_not(candidate.name)
        if not why_not:
            report(0.0)
            try:
                with memo.attempt(candidate.name):
                    stepper = _proven(candidate.make(model), report)
                return stepper, f"{candidate.name}: {before}" if before else candidate.name
            except FAILURES as error:
                log.warning("%s does not work here: %s", candidate.name, error)
                why_not = _reason(error)
            if model.device.type == "cuda":
                torch.cuda.empty_cache()  # here, where nothing holds the attempt any more
        log.info("frames are not made by %s: %s", candidate.name, why_not)
        before = why_not
    return None, f"eager: {before}"


def _proven(backend: GraphBackend, report: Report) -> Stepper:
    stepper = Stepper(backend, n_positions=USUAL_POSITIONS)
    verify(stepper)
    step = stepper.step
    assert isinstance(step, GraphStep)
    buckets = step.buckets()
    for i, bucket in enumerate(buckets):
        report((i + 1) / (len(buckets) + 1))
        step.capture(1, bucket)
    return stepper


def _reason(error: BaseException) -> str:
    match error:
        case UnlikeError():
            return "differs"
        case torch.OutOfMemoryError():
            return "out_of_memory"
        case _:
            return "failed"
