"""Choosing how frames are made: tried, proven, and left for the next where it fails; failures injected."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fake_cuda import fake_card
from shapes import CheckpointWriter
from stepping import CPU, LateCapturer, Uncaptured, frames, graphs, made, prompt_of, sampler

from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.attempts import AttemptMemo
from engine.s1.decode.backend import Logits
from engine.s1.decode.choosing import Candidate, cuda_candidates, first_that_works
from engine.s1.decode.decoder import Decoder, open_decoder
from engine.s1.decode.graph_backend import GraphBackend, GraphStep, Run, compiler
from engine.s1.decode.plain_backend import PlainBackend
from engine.s1.decode.rows import Rows, generate
from engine.s1.decode.stepper import Stepper
from engine.s1.decode.verify import UnlikeError, verify
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import make_low_bit, use_operators
from engine.s1.model.sampling import Greedy, Sampler


@pytest.fixture
def model(tiny_checkpoint: Path) -> DualAr:
    return load_dual_ar(tiny_checkpoint, CPU, torch.float32)[1]


def candidate(name: str, capturer: Uncaptured, why_not: str = "") -> Candidate:
    return Candidate(name, lambda model: graphs(model, capturer, 64), why_not)


class Failing(Uncaptured):
    def __init__(self, error: Exception, at: int = 1) -> None:
        self.error, self.n_left = error, at

    def capture(self, run: Run) -> Run:
        self.n_left -= 1
        if self.n_left == 0:
            raise self.error
        return run


class Lying(Uncaptured):
    """Captures something else than it was given."""

    def __init__(self, change: Callable[[Logits], Logits]) -> None:
        self.change = change

    def capture(self, run: Run) -> Run:
        return lambda: self.change(run())


def wrong_logits(made: Logits) -> Logits:
    return replace(made, residuals=(*made.residuals[:-1], made.residuals[-1] * 1.2))


def not_a_number(made: Logits) -> Logits:
    return replace(made, token=made.token * float("nan"))


def test_the_first_backend_is_taken_and_ready_for_every_length(model: DualAr) -> None:
    capturer, shares = LateCapturer(), list[float]()
    stepper, how = first_that_works(model, [candidate("graph", capturer)], AttemptMemo(), shares.append)
    assert how == "graph"
    assert stepper is not None
    assert isinstance(stepper.step, GraphStep)
    assert capturer.n_captured == len(stepper.step.buckets())
    assert shares == sorted(shares)
    assert shares[0] == 0 < shares[-1] < 1
    assert torch.equal(made(Rows(stepper), sampler()), frames(model, sampler()))
    assert capturer.n_captured == len(stepper.step.buckets())


@pytest.mark.parametrize(
    ("capturer", "reason"),
    [
        (Failing(RuntimeError("no such operator")), "failed"),
        (Failing(OSError("no compiler")), "failed"),
        (Failing(torch.OutOfMemoryError("CUDA out of memory"), at=3), "out_of_memory"),
        (Lying(wrong_logits), "differs"),
        (Lying(not_a_number), "differs"),
    ],
    ids=["capture fails", "compiler fails", "memory ends at a later length", "wrong logits", "not a number"],
)
def test_what_fails_or_differs_is_left_for_the_next_and_said(
    model: DualAr, capturer: Uncaptured, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = candidate("graph, compiled", capturer), candidate("graph", Uncaptured())
    stepper, how = first_that_works(model, [bad, good], AttemptMemo())
    assert stepper is not None
    assert how == f"graph: {reason}"
    assert "graph, compiled does not work here" in caplog.text
    none, how = first_that_works(model, [candidate("graph", Lying(wrong_logits))], AttemptMemo())
    assert (none, how) == (None, "eager: differs")


def test_what_cannot_work_is_not_tried(model: DualAr) -> None:
    untried = LateCapturer()
    stepper, how = first_that_works(model, [candidate("graph, compiled", untried, "no_triton")], AttemptMemo())
    assert (stepper, how, untried.n_captured) == (None, "eager: no_triton", 0)


def test_a_step_that_draws_otherwise_is_found_out(model: DualAr) -> None:
    """Right logits, wrong codes: the second residual is always one more."""

    def shifted(made: Logits) -> Logits:
        stepper.state.said[0, 2] += 1
        return made

    stepper = Stepper(graphs(model, Lying(shifted), 64))
    with pytest.raises(UnlikeError, match="codes"):
        verify(stepper)


def test_other_errors_are_not_hidden(model: DualAr) -> None:
    with pytest.raises(ZeroDivisionError):
        first_that_works(model, [candidate("graph", Failing(ZeroDivisionError()))], AttemptMemo())


def test_a_backend_that_took_the_process_down_twice_is_not_tried_again(model: DualAr, tmp_path: Path) -> None:
    memo = AttemptMemo(tmp_path / "cache" / "attempt.json", "this GPU")
    path = tmp_path / "cache" / "attempt.json"
    with memo.attempt("graph"):
        first = path.read_text(encoding="utf-8")
    assert not path.exists()
    path.write_text(first, encoding="utf-8")  # a killed process does not clean up
    assert memo.why_not("graph") == ""
    with memo.attempt("graph"):
        second = path.read_text(encoding="utf-8")
    path.write_text(second, encoding="utf-8")
    assert first_that_works(model, [candidate("graph", LateCapturer())], memo) == (None, "eager: crashed")
    assert memo.why_not("graph, compiled") == ""
    assert AttemptMemo(path, "another GPU").why_not("graph") == ""
    path.write_text(json.dumps(json.loads(second) | {"at_s": 0.0}), encoding="utf-8")
    assert memo.why_not("graph") == ""  # long ago
    for broken in ("", "[]", '{"key": 3}', "\x00"):
        path.write_text(broken, encoding="utf-8")
        assert memo.why_not("graph") == ""
    with memo.attempt("graph"):
        pass
    assert not path.exists()


def test_where_nothing_can_be_written_nothing_is_remembered(model: DualAr, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    memo = AttemptMemo(tmp_path / "file" / "attempt.json", "this GPU")
    assert first_that_works(model, [candidate("graph", Uncaptured())], memo)[1] == "graph"


@pytest.mark.slow
@pytest.mark.parametrize("bits", [8, 4])
def test_the_step_is_one_graph_for_each_part(bits: int, tiny_checkpoint: Path) -> None:
    """Traced as the compiler traces it, but computed by PyTorch: no part of it asks the host, and all layers of a
    stack share what is compiled for one. Of fp32 the next test says so."""
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.bfloat16)
    make_low_bit(model.layers, bits)
    make_low_bit(model.fast_layers, bits)
    n_compiled: list[int] = []

    def counting(graph: torch.fx.GraphModule, _: list[torch.Tensor]) -> torch.fx.GraphModule:
        n_compiled.append(1)
        return graph

    torch._dynamo.reset()
    verify(Stepper(GraphBackend(PlainBackend(model, compiler(counting)), Uncaptured(), 64)))
    assert len(n_compiled) == 6  # embedding, token, residual; slow block, fast block of two positions, and of one
    torch._dynamo.reset()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit.script:DeprecationWarning")  # PyTorch's compiler imports its own past
def test_compiled_for_this_processor_it_makes_the_same_frames(
    write_checkpoint: CheckpointWriter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By PyTorch's own compiler, to C++ here: the fused forms of attention and sampling, memory written in place. Two
    codes, of which no frame has a fast block of one position."""
    import torch._dynamo.utils
    import torch._inductor.config as compiler_settings
    import torch._inductor.cpu_vec_isa as isa

    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(isa, "valid_vec_isa_list", list)  # else it compiles ten programs to see what this one can do
    _, model = load_dual_ar(write_checkpoint(n_layer=2, n_fast_layer=2, num_codebooks=2), CPU, torch.float32)
    choosers = (Greedy, sampler)
    expected = [frames(model, make(), 4) for make in choosers]
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    with compiler_settings.patch(compile_threads=1):
        rows = Rows(Stepper(GraphBackend(PlainBackend(model, compiler()), Uncaptured(), 64)))
        assert torch.equal(made(rows, choosers[0](), 4), expected[0])
        assert torch.equal(made(rows, choosers[1](), 4), expected[1])
    assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 5
    torch._dynamo.reset()


@contextmanager
def a_card_where(platform: str, monkeypatch: pytest.MonkeyPatch, path: str, *, has_triton: bool) -> Iterator[None]:
    with monkeypatch.context() as patch, fake_card():
        patch.setattr(sys, "platform", platform)
        patch.setenv("PATH", path)
        patch.delenv("CC", raising=False)
        patch.setattr("torch.utils._triton.has_triton", lambda: has_triton)
        yield


@pytest.mark.slow
@pytest.mark.parametrize(
    ("platform", "has_triton", "why_not"),
    [("win32", True, "windows"), ("linux", False, "no_triton"), ("linux", True, "no_compiler")],
)
def test_without_a_compiler_plain_operators_are_captured(
    platform: str,
    has_triton: bool,
    why_not: str,
    tiny_checkpoint: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Faster than speech on any card, where operator by operator is not."""
    with a_card_where(platform, monkeypatch, str(tmp_path), has_triton=has_triton):
        *compiled, plain = cuda_candidates(tmp_path)
        assert [one.name for one in compiled] == ["graph, kernels, one launch", "graph, kernels", "graph, compiled"]
        assert {one.why_not for one in compiled} == {why_not}
        assert (plain.name, plain.why_not) == ("graph", "")
        if platform == "win32":
            monkeypatch.setattr("engine.s1.decode.choosing.USUAL_POSITIONS", 128)
            monkeypatch.setattr("engine.s1.decode.verify.N_FRAMES", 2)
            decoder = open_decoder(tiny_checkpoint, torch.device("cuda"), "auto", tmp_path)
            assert decoder.how == "graph: windows"


@pytest.mark.slow
def test_nothing_is_compiled_where_that_is_switched_off_or_tried_in_vain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiler = tmp_path / "cc"
    compiler.write_text("")
    compiler.chmod(0o755)
    with a_card_where("linux", monkeypatch, str(tmp_path), has_triton=True):
        assert [c.why_not for c in cuda_candidates(None)] == [*["switched off"] * 3, ""]
        assert [c.why_not for c in cuda_candidates(tmp_path)] == [""] * 4


@pytest.mark.cuda
@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16", "int8", "mixed", "int4"])
def test_on_a_gpu_frames_are_captured(precision: str, tiny_checkpoint: Path, tmp_path: Path) -> None:
    decoder = open_decoder(tiny_checkpoint, torch.device("cuda"), precision, tmp_path)
    assert decoder.how.startswith("graph"), decoder.how
    plain = Decoder(decoder.tokenizer, decoder.model, decoder.precision, "eager")
    use_operators(plain.model)
    assert made(decoder.rows_for_one(), Greedy(), 200).shape[1] == 200
    if precision == "float32":
        assert torch.equal(made(decoder.rows_for_one(), Greedy(), 40), made(plain.rows_for_one(), Greedy(), 40))
        found, expected = (on_gpu_sampled(one) for one in (decoder, plain))
        assert torch.equal(found, expected)


def on_gpu_sampled(decoder: Decoder) -> torch.Tensor:
    choose = Sampler(0.8, 0.8, 1.1, torch.Generator("cuda").manual_seed(5))
    return torch.stack(list(generate(decoder.rows_for_one(), prompt_of(decoder.model), choose, 30)), dim=1)
