"""The ways to make frames on a GPU, the fastest first: each is tried and proven here, and the next one taken where it
fails. Operator by operator, which needs no proof, is what is left."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from engine.files.json_files import parse_json
from engine.s1.decode.graph_backend import Capturer, CudaCapturer, compiler
from engine.s1.decode.plain_backend import Compiler, OperatorStacks
from engine.s1.decode.stepper import Stepper, StepPlan
from engine.s1.decode.verify import UnlikeError, verify
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import use_operators

log = logging.getLogger(__name__)

FAILURES = (RuntimeError, OSError, ImportError, UnlikeError)
"""What compilers, drivers and PyTorch raise; too little memory is a RuntimeError."""

MAX_LOST_ATTEMPTS = 2
MEMORY_S = 7 * 24 * 3600.0

Report = Callable[[float], object]
"""Called with the share that is done, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Way:
    """`why_not`: what is known beforehand to stand against it, in a word."""

    name: str
    plan: Callable[[DualAr], StepPlan]
    why_not: str = ""


def cuda_ways(cache_folder: Path) -> tuple[Way, ...]:
    """For this machine. What is compiled is kept in `cache_folder`."""
    from torch.utils._triton import has_triton

    why_not = "" if has_triton() else "no_triton"
    return (
        Way("graph, compiled", lambda model: _cuda_plan(model, _kept_compiler(cache_folder)), why_not),
        Way("graph", lambda model: _cuda_plan(model, None)),
    )


def _cuda_plan(model: DualAr, compiled: Compiler | None) -> StepPlan:
    if compiled is None:
        use_operators(model)
    return plan_of(model, CudaCapturer(), compiled)


def plan_of(model: DualAr, capturer: Capturer, compiled: Compiler | None) -> StepPlan:
    return StepPlan(lambda n_rows, n_positions: OperatorStacks(model, n_rows, n_positions, compiled), capturer)


def _kept_compiler(cache_folder: Path) -> Compiler:
    """Inductor, with products of a vector and a matrix as loops of its own, so that weights of few bits are widened
    while they are read."""
    os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(cache_folder / "inductor"))  # it looks nowhere else
    return compiler(options={"coordinate_descent_tuning": True, "triton.cudagraphs": False})


def first_that_works(
    model: DualAr, ways: Sequence[Way], memo: AttemptMemo, report: Report = lambda _: None
) -> tuple[Stepper | None, str]:
    """The stepper of the first of `ways` that works, ready for all usual lengths, and how: its name, and after a colon
    why not the one before. (None, "eager: …") when none does."""
    before = ""
    for way in ways:
        why_not = way.why_not or memo.why_not(way.name)
        if not why_not:
            report(0.0)
            try:
                with memo.attempt(way.name):
                    stepper = _proven(model, way, report)
                return stepper, f"{way.name}: {before}" if before else way.name
            except FAILURES as error:
                log.warning("%s does not work here: %s", way.name, error)
                why_not = _reason(error)
            if model.device.type == "cuda":
                torch.cuda.empty_cache()  # here, where nothing holds the attempt any more
        before = why_not
    return None, f"eager: {before}"


def _proven(model: DualAr, way: Way, report: Report) -> Stepper:
    stepper = Stepper(model, way.plan(model))
    verify(stepper)
    buckets = stepper.buckets()
    for i, bucket in enumerate(buckets):
        report((i + 1) / (len(buckets) + 1))
        stepper.capture(1, bucket)
    return stepper


def _reason(error: BaseException) -> str:
    match error:
        case UnlikeError():
            return "differs"
        case torch.OutOfMemoryError():
            return "out_of_memory"
        case _:
            return "failed"


class AttemptMemo:
    """Remembers on disk what is being tried: a way that took the whole process down twice is not tried again.

    Twice, because a process is also ended by people; for a week, and for one machine and version only (`key`). A file
    that cannot be read or written counts as none.
    """

    def __init__(self, path: Path | None = None, key: str = "") -> None:
        self._path, self._key = path, key

    def why_not(self, name: str) -> str:
        return "crashed" if self._n_lost(name) >= MAX_LOST_ATTEMPTS else ""

    @contextlib.contextmanager
    def attempt(self, name: str) -> Iterator[None]:
        """Around the attempt, however it ends."""
        n_lost = self._n_lost(name)
        self._write({"key": self._key, "way": name, "n_lost": n_lost + 1, "at_s": time.time()})
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                if self._path is not None:
                    self._path.unlink(missing_ok=True)

    def _n_lost(self, name: str) -> int:
        match self._read():
            case {"key": self._key, "way": way, "n_lost": int(n), "at_s": float(at_s)} if way == name:
                return n if abs(time.time() - at_s) < MEMORY_S else 0
        return 0

    def _read(self) -> object:
        try:
            return parse_json(self._path.read_bytes()) if self._path else None
        except (OSError, ValueError):
            return None

    def _write(self, values: dict[str, object]) -> None:
        if self._path is None:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            beside = self._path.with_suffix(".new")
            beside.write_text(json.dumps(values), encoding="utf-8")
            beside.replace(self._path)
