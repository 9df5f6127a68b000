"""The compiled stacks and the low-bit weights against PyTorch's own operators, which stay the oracle."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import golden
import pytest
import torch
from at_once import slow_but
from shapes import UNALIKE, VARIANTS, CheckpointWriter
from torch import Tensor

from engine.errors import DeviceError, OptionError
from engine.machine.device import PRECISIONS, choose_precision
from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.decoder import backend_of, open_decoder
from engine.s1.decode.native_backend import NativeBackend
from engine.s1.decode.reference import reference_frames
from engine.s1.decode.rows import Rows, generate
from engine.s1.decode.stepper import Stepper
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import GROUP, LowBitLinear, make_low_bit, pack_int4, pack_int8, unpack_int4, unpack_int8
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.native.build import FOLDER, NoKernelsError, _find_compiler, open_library
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.kernels import Kernels
from engine.s1.native.memory import on_large_pages
from engine.s1.native.processor import Processor

CPUINFO = Path("/proc/cpuinfo")
HAS_AVX512 = CPUINFO.exists() and " avx512f " in CPUINFO.read_text(encoding="utf-8")
CPU = torch.device("cpu")
LOGITS_TOLERANCE = 1e-4


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    return Kernels(tmp_path_factory.mktemp("kernels"), n_threads=3)  # more than this machine has cores: they yield


def prompt_of(model: DualAr, n_text: int = 50, n_frames: int = 24) -> Tensor:
    """Text, frames, text: int64 (1 + N, T), longer than the kernels take at a time."""
    generator = torch.Generator().manual_seed(2)
    n_codebooks = model.config.n_codebooks
    prompt = torch.zeros(1 + n_codebooks, n_text + n_frames + 3, dtype=torch.int64)
    prompt[0] = torch.randint(0, 256, (prompt.shape[1],), generator=generator)
    codes = torch.randint(0, min(1024, model.n_semantic), (n_codebooks, n_frames), generator=generator)
    prompt[0, n_text : n_text + n_frames] = model.semantic_begin_id + codes[0]
    prompt[1:, n_text : n_text + n_frames] = codes
    return prompt


@torch.inference_mode()
def logits_along(model: DualAr, prompt: Tensor, frames: Tensor) -> Tensor:
    """What `model` says at the prompt's end and after each of `frames` (N, n) but the last: (n, V)."""
    cache = model.slow_cache(prompt.shape[1] + frames.shape[1])
    tokens = torch.cat((frames[:1] + model.semantic_begin_id, frames))
    inputs = (prompt, *tokens[:, :-1].split(1, dim=1))
    return torch.stack([model.legal_logits(model.slow(part[None], cache)[0, -1]).float() for part in inputs])


def seeded(seed: int) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def frames_of(model: DualAr, choose: Sampler | Greedy, n: int) -> Tensor:
    """By the library where it has the weights, else the reference's: (N, n)."""
    prompt = prompt_of(model)
    if isinstance(model, NativeDualAr):
        return torch.stack(list(generate(Rows.of(NativeBackend(model)), prompt, choose, n)), dim=1)
    return torch.stack(list(reference_frames(model, prompt, choose, n)), dim=1)


def greedy(model: DualAr, prompt: Tensor, n: int) -> Tensor:
    """As `frames_of`, after another prompt; and the reference says the same, the library's model or not."""
    codes = torch.stack(list(reference_frames(model, prompt, Greedy(), n)), dim=1)
    made = torch.stack(list(generate(Rows.of(backend_of(model)), prompt, Greedy(), n)), dim=1)
    if model.activation_dtype == torch.float32 == model.cache_dtype:
        assert torch.equal(made, codes)
    return made if isinstance(model, NativeDualAr) else codes


@pytest.mark.parametrize("variant", slow_but(UNALIKE, VARIANTS))
def test_kernels_equal_the_plain_path_in_every_shape(
    variant: str, write_checkpoint: CheckpointWriter, kernels: Kernels
) -> None:
    folder = write_checkpoint(**VARIANTS[variant])
    _, plain = load_dual_ar(folder, CPU, torch.float32)
    _, fast = load_dual_ar(folder, CPU, torch.float32, kernels=kernels)
    prompt = prompt_of(plain)
    frames = greedy(plain, prompt, 12)
    assert torch.equal(greedy(fast, prompt, 12), frames)
    found, expected = (logits_along(model, prompt, frames) for model in (fast, plain))
    torch.testing.assert_close(found, expected, atol=LOGITS_TOLERANCE, rtol=0)


@pytest.mark.slow
@pytest.mark.parametrize("head_dim", [84, 128])
def test_wide_heads_look_at_many_positions(
    head_dim: int, write_checkpoint: CheckpointWriter, kernels: Kernels, lesser_kernels: Kernels
) -> None:
    """Three queries to a key, channels in fours of vectors, one by one and alone; 300 positions."""
    folder = write_checkpoint(n_layer=2, n_head=6, n_local_heads=2, head_dim=head_dim, max_seq_len=800)
    _, plain = load_dual_ar(folder, CPU, torch.float32)
    prompt = prompt_of(plain, n_text=200, n_frames=90)
    frames = greedy(plain, prompt, 6)
    expected = logits_along(plain, prompt, frames)
    for library in (kernels, lesser_kernels):
        _, fast = load_dual_ar(folder, CPU, torch.float32, kernels=library)
        torch.testing.assert_close(logits_along(fast, prompt, frames), expected, atol=LOGITS_TOLERANCE, rtol=0)


SAMPLERS = {"usual": (0.8, 0.8, 1.1), "all": (1.0, 1.0, 1.0), "few": (0.3, 0.2, 1.8), "cold": (0.0, 0.9, 1.3)}


@pytest.mark.parametrize("name", slow_but(["usual", "cold"], SAMPLERS))
def test_kernels_draw_the_codes_that_the_plain_path_draws(
    name: str, write_checkpoint: CheckpointWriter, kernels: Kernels
) -> None:
    folder = write_checkpoint(codebook_size=1024, vocab_size=1400)
    models = [load_dual_ar(folder, CPU, torch.float32, kernels=k)[1] for k in (None, kernels)]
    plain, fast = (frames_of(m, Sampler(*SAMPLERS[name], seeded(3)), 40) for m in models)
    assert torch.equal(plain, fast)
    assert len(plain.unique()) > 5


def test_of_codes_that_are_equally_likely_the_first_are_drawn(
    write_checkpoint: CheckpointWriter, lesser_kernels: Kernels, kernels: Kernels
) -> None:
    """The cut of top-p goes through them."""
    folder = write_checkpoint(codebook_size=1024, vocab_size=1400)
    tensors = torch.load(folder / "model.pth")
    for head in ("output.weight", "fast_output.weight"):
        same = tensors[head][::8]
        tensors[head] = same.repeat_interleave(8, 0)[: len(tensors[head])].clone()
    torch.save(tensors, folder / "model.pth")
    models = [load_dual_ar(folder, CPU, torch.float32, kernels=k)[1] for k in (None, kernels, lesser_kernels)]
    plain, *others = (frames_of(m, Sampler(*SAMPLERS["few"], seeded(3)), 24) for m in models)
    assert all(torch.equal(plain, frames) for frames in others)
    assert len(plain.unique()) > 5


@pytest.mark.slow
def test_the_kernels_know_the_end_of_speech(tiny_checkpoint: Path, tmp_path: Path, kernels: Kernels) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "likely to end")
    tensors = torch.load(folder / "model.pth")
    tensors["output.weight"][load_dual_ar(folder, CPU)[1].im_end_id] *= 3
    torch.save(tensors, folder / "model.pth")
    models = [load_dual_ar(folder, CPU, torch.float32, kernels=k)[1] for k in (None, kernels)]
    counts = [[frames_of(m, Sampler(0.8, 0.8, 1.1, seeded(seed)), 60).shape[1] for seed in range(6)] for m in models]
    assert counts[0] == counts[1]
    assert len(set(counts[0])) > 2


def test_kernels_reproduce_the_golden_vectors(golden_folder: Path, tiny_checkpoint: Path, kernels: Kernels) -> None:
    vectors = golden.Vectors(golden_folder / "tiny_s1" / "vectors.npz")
    _, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32, kernels=kernels)
    with torch.inference_mode():
        results = [result for case in ("plain", "cloned", "cloned2") for result in golden._model(case, vectors, model)]
    assert len(results) == 15
    assert [r for r in results if not r.passed] == []


LARGEST_CHANGES = {"bfloat16": 0.02, "float16": 0.005, "int8": 0.05, "int4": 0.5}


@pytest.mark.parametrize(("precision", "largest"), LARGEST_CHANGES.items())
def test_a_precision_changes_the_logits_by_no_more_than_is_stated(
    precision: str, largest: float, tiny_checkpoint: Path, kernels: Kernels
) -> None:
    """Relative to the logits' spread; and PyTorch's own operators say the same as the kernels."""
    _, exact = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    prompt = prompt_of(exact)
    frames = greedy(exact, prompt, 12)
    expected = logits_along(exact, prompt, frames)
    chosen = choose_precision(CPU, precision)
    _, fast = load_dual_ar(tiny_checkpoint, CPU, chosen.dtype, chosen.bits, kernels)
    _, plain = load_dual_ar(tiny_checkpoint, CPU, chosen.dtype, chosen.bits)
    found, slow = (logits_along(model, prompt, frames) for model in (fast, plain))
    assert 0 < relative(found, expected) < largest
    assert relative(slow, found) < 0.05  # its activations are bf16


LESSER = [f"-march={kind}" for kind in ("x86-64", "x86-64-v3") if platform.machine() == "x86_64"]


@pytest.fixture(scope="module", params=LESSER)
def lesser_kernels(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    """As they are compiled for older processors, which the newer ones run as well. What they do otherwise stands in
    vectors and intrinsics, which show as much when little else is optimised, in half the time."""
    if request.param.endswith("v3") and " avx2 " not in Path("/proc/cpuinfo").read_text(encoding="utf-8"):
        pytest.skip("this processor has no AVX2")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Processor, "flags", (request.param, "-O1"))
        return Kernels(tmp_path_factory.mktemp("lesser"), n_threads=2)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["float32", *LARGEST_CHANGES])
def test_every_processor_says_the_same(
    precision: str, tiny_checkpoint: Path, kernels: Kernels, lesser_kernels: Kernels
) -> None:
    chosen = choose_precision(CPU, precision)
    models = [load_dual_ar(tiny_checkpoint, CPU, chosen.dtype, chosen.bits, k)[1] for k in (kernels, lesser_kernels)]
    prompt = prompt_of(models[0])
    frames = greedy(models[0], prompt, 12)
    found, expected = (logits_along(model, prompt, frames) for model in models)
    assert relative(found, expected) < 1e-3
    if chosen.bits is None:  # else the cache is of bf16, and int4's inputs of 15 bits where bytes are multiplied
        torch.testing.assert_close(found, expected, atol=LOGITS_TOLERANCE, rtol=0)


@pytest.mark.skipif(platform.machine() != "x86_64", reason="its compiler has no such processors")
@pytest.mark.parametrize("kind", slow_but(["skylake-avx512"], ["skylake-avx512", "icelake-server", "alderlake"]))
def test_the_source_is_valid_for_processors_that_are_not_here(kind: str) -> None:
    """AVX-512 without products of bytes and with them, and AVX2 with them."""
    command = [_find_compiler(sys.platform), "-std=c++17", "-fsyntax-only", f"-march={kind}", str(FOLDER / "stack.cpp")]
    subprocess.run(command, check=True)


def relative(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


def test_weights_in_bf16_alone_are_those_of_the_file(write_checkpoint: CheckpointWriter, kernels: Kernels) -> None:
    """A file in bf16, as published: kept in bf16 and computed in fp32, nothing is lost."""
    folder = write_checkpoint()
    tensors = torch.load(folder / "model.pth")
    torch.save({name: tensor.bfloat16() for name, tensor in tensors.items()}, folder / "model.pth")
    _, plain = load_dual_ar(folder, CPU, torch.float32)
    _, fast = load_dual_ar(folder, CPU, torch.bfloat16, kernels=kernels)
    prompt = prompt_of(plain)
    frames = greedy(plain, prompt, 12)
    found, expected = (logits_along(model, prompt, frames) for model in (fast, plain))
    torch.testing.assert_close(found, expected, atol=LOGITS_TOLERANCE, rtol=0)
    assert torch.equal(greedy(fast, prompt, 12), frames)


def test_packing_is_as_exact_as_its_bits() -> None:
    weight = torch.randn(24, 96, generator=torch.Generator().manual_seed(0)) * 0.02
    packed, scales = pack_int8(weight)
    assert packed.dtype == torch.int8
    assert ((unpack_int8(packed, scales) - weight).abs() <= 0.51 * scales.float()[:, None] + 1e-9).all()
    packed, scales = pack_int4(weight)
    assert packed.shape == (24, 48)
    assert scales.shape == (24, 96 // GROUP, 2)
    error = (unpack_int4(packed, scales) - weight).abs().unflatten(1, (-1, GROUP))
    assert (error <= 0.6 * scales[..., :1].float()).all()


@pytest.mark.parametrize("bits", [8, 4])
def test_rows_longer_than_the_kernels_take_at_a_time(
    bits: int, write_checkpoint: CheckpointWriter, kernels: Kernels
) -> None:
    """Many lots of panels, and groups to the last of 544 and 1056: what low-bit weights say is exactly computed."""
    folder = write_checkpoint(n_layer=1, n_fast_layer=1, dim=544, intermediate_size=1056)
    _, fast = load_dual_ar(folder, CPU, torch.float32, bits, kernels)
    assert isinstance(fast, NativeDualAr)
    _, plain = load_dual_ar(folder, CPU, torch.float32)
    for stack in (plain.layers, plain.fast_layers):
        make_low_bit(stack, bits)  # without operators, so in fp32
    frames = greedy(plain, prompt_of(plain), 4)
    found, expected = (logits_along(model, prompt_of(plain), frames) for model in (fast, plain))
    assert relative(found, expected) < 5e-3  # the cache's bf16


@pytest.mark.skipif(not HAS_AVX512, reason="elsewhere it is so to rounding")
@pytest.mark.parametrize("precision", ["float32", *LARGEST_CHANGES])
def test_who_is_beside_a_row_changes_no_bit_of_it(precision: str, tiny_checkpoint: Path, kernels: Kernels) -> None:
    """15 rows: eight, four, two and one are multiplied at a time."""
    chosen = choose_precision(CPU, precision)
    _, model = load_dual_ar(tiny_checkpoint, CPU, chosen.dtype, chosen.bits, kernels)
    backend, prompt = backend_of(model), prompt_of(model)
    made = []
    for n_rows in (15, 1):
        stepper = Stepper(backend, n_rows, prompt.shape[1] + 2)
        for row in range(n_rows):
            stepper.begin(row, prompt[:, row if n_rows > 1 else 14 :], Greedy(), None)
        logits = [stepper.run(n_rows, prompt.shape[1] + i) for i in range(2)]
        made.append([part[-1].clone() for step in logits for part in (step.token, *step.residuals)])
    for together, alone in zip(*made, strict=True):
        assert torch.equal(together, alone)


def test_a_matrix_of_equal_weights_survives_packing() -> None:
    for pack, unpack in ((pack_int8, unpack_int8), (pack_int4, unpack_int4)):
        for value in (0.0, 0.25):
            weight = torch.full((16, 32), value)
            torch.testing.assert_close(unpack(*pack(weight)), weight, atol=0, rtol=2**-8)  # of bf16


def test_a_matrix_that_has_no_groups_of_32_becomes_int8(write_checkpoint: CheckpointWriter, kernels: Kernels) -> None:
    _, model = load_dual_ar(write_checkpoint(), CPU, torch.bfloat16, 4, kernels)  # dim 24, heads of 8
    kinds = {m.in_features: m.bits for m in model.modules() if isinstance(m, LowBitLinear)}
    assert kinds == {24: 8, 32: 4, 40: 8}
    assert greedy(model, prompt_of(model), 3).shape == (3, 3)


def test_without_a_compiler_the_engine_says_so_and_works(
    tiny_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(NoKernelsError) as caught:
        open_library(tmp_path)
    assert caught.value.reason == "no_compiler"
    decoder = open_decoder(tiny_checkpoint, CPU, "auto", tmp_path)
    assert (decoder.how, decoder.precision.name) == ("eager: no_compiler", "float32")
    assert greedy(decoder.model, prompt_of(decoder.model), 2).shape == (4, 2)


def test_a_lack_of_memory_is_told(tiny_checkpoint: Path, kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MemoryError):
        on_large_pages(2**60)
    monkeypatch.setattr(kernels, "panels_bytes", lambda *_: 2**56)
    with pytest.raises(DeviceError) as caught:
        load_dual_ar(tiny_checkpoint, CPU, torch.float32, kernels=kernels)
    assert caught.value.problem == "out_of_memory"


def test_a_compiler_that_fails_is_told_from_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken"
    broken.write_text("#!/bin/sh\necho no such flag >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setenv("CXX", str(broken))
    with pytest.raises(NoKernelsError) as caught:
        open_library(tmp_path / "cache")
    assert (caught.value.reason, caught.value.detail) == ("compiler_failed", "no such flag")
    assert list((tmp_path / "cache").iterdir()) == []


def test_what_is_compiled_is_found_again(tmp_path: Path, kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = kernels.folder
    (library,) = folder.iterdir()
    made_at = library.stat().st_mtime_ns
    assert Kernels(folder, n_threads=1).max_rows == kernels.max_rows
    assert [f.stat().st_mtime_ns for f in folder.iterdir()] == [made_at]
    (tmp_path / "c++").symlink_to(_find_compiler(sys.platform))
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("CXX", str(tmp_path / "absent"))  # one that is not there is passed over
    assert Kernels(folder, n_threads=1).n_threads == 1


def test_kernels_are_chosen_where_they_can_be_made(tiny_checkpoint: Path, kernels: Kernels) -> None:
    decoder = open_decoder(tiny_checkpoint, CPU, "auto", kernels.folder)
    assert (decoder.how, decoder.precision.name) == ("kernels", "bfloat16")
    off = open_decoder(tiny_checkpoint, CPU, "int8", None)
    assert (off.how, off.precision.name) == ("eager: switched off", "int8")


def test_a_precision_that_does_not_exist() -> None:
    with pytest.raises(OptionError) as caught:
        choose_precision(CPU, "int3")
    assert caught.value.expected == ", ".join(PRECISIONS)
