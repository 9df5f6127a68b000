"""The compiled kernels as ARM processors run them, which qemu plays here: the numbers of the plain path.

How fast they are there is not known. Small sizes, since qemu takes a hundred times as long.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import foreign_kernels
import pytest
import torch
from foreign_kernels import ForeignLibrary
from shapes import CheckpointWriter
from torch import Tensor

from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.decoder import backend_of
from engine.s1.decode.rows import Rows, generate
from engine.s1.decode.stepper import Stepper
from engine.s1.model.codec import Decoder
from engine.s1.model.codec_layers import Stream
from engine.s1.model.config import CodecConfig
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.layers import KvCache
from engine.s1.model.low_bit import make_low_bit
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.native import codec_kernels, kernels
from engine.s1.native.codec import NativeDecoder
from engine.s1.native.codec_kernels import CodecKernels
from engine.s1.native.kernels import Kernels

pytestmark = pytest.mark.slow
CPU = torch.device("cpu")
COMPILER, PLAYER = "aarch64-linux-gnu-g++", "qemu-aarch64"
PROCESSORS = {
    "cortex-a72": "-march=armv8-a",
    "neoverse-n1": "-march=armv8.2-a+dotprod",
    "max": "-march=armv8.2-a+dotprod+i8mm",
}
"""As qemu names them, and the flags that `Processor` gives for what they have: nothing, dotprod, i8mm too."""
SIZES = {"dim": 64, "intermediate_size": 96, "head_dim": 24, "n_head": 6, "vocab_size": 1400, "codebook_size": 1024}
"""Rows that fill no last panel, three queries to a key, columns in groups of 32 and, behind attention, not."""


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    missing = [name for name in (COMPILER, PLAYER) if shutil.which(name) is None]
    if missing:
        pytest.skip(f"the kernels for ARM are not tested: {' and '.join(missing)} not found")
    return foreign_kernels.compile_for(COMPILER, PROCESSORS, tmp_path_factory.mktemp("arm"))


@pytest.fixture(scope="module", params=PROCESSORS)
def library(request: pytest.FixtureRequest, programs: dict[str, Path]) -> Iterator[ForeignLibrary]:
    library = ForeignLibrary([PLAYER, "-cpu", request.param, programs[request.param]])
    with pytest.MonkeyPatch.context() as patch:
        for module in (kernels, codec_kernels):
            patch.setattr(module, "open_library", lambda *_: library)
        yield library
    assert library.close() == 0


@pytest.fixture
def arm(library: ForeignLibrary, tmp_path: Path) -> Kernels:
    assert library
    return Kernels(tmp_path, n_threads=2)


def prompt_of(model: DualAr, n_text: int = 23, n_frames: int = 8) -> Tensor:
    prompt = torch.zeros(1 + model.config.n_codebooks, n_text + n_frames, dtype=torch.int64)
    generator = torch.Generator().manual_seed(n_text)
    prompt[0, :n_text] = torch.randint(0, 256, (n_text,), generator=generator)
    codes = torch.randint(0, 1024, (model.config.n_codebooks, n_frames), generator=generator)
    prompt[0, n_text:] = model.semantic_begin_id + codes[0]
    prompt[1:, n_text:] = codes
    return prompt


@torch.inference_mode()
def all_logits(model: DualAr, prompt: Tensor) -> list[Tensor]:
    """What `model` says of a batch of two, and what its fast stack then says: (2, V) each."""
    prompts = torch.stack((prompt, prompt.flip(1)))
    caches = [KvCache(c, 2, n, model.cache_dtype, CPU) for c, n in ((model.config.slow, 40), (model.config.fast, 3))]
    hidden = model.slow(prompts, caches[0])[:, -1]
    fast = model.fast(model.fast_input(hidden)[:, None], caches[1])
    return [model.legal_logits(hidden).float(), fast.float()]


def frames(model: DualAr, choosers: list[Sampler | Greedy], n: int) -> list[Tensor]:
    """Of so many generations side by side: (N, n) each."""
    rows = Rows(Stepper(backend_of(model), len(choosers), 64))
    made = [generate(rows, prompt_of(model, 9 + i), choose, n) for i, choose in enumerate(choosers)]
    turns = list(zip(*made, strict=True))  # a frame from each in turn
    return [torch.stack(of, dim=1) for of in zip(*turns, strict=True)]


def relative(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


@pytest.mark.parametrize("precision", ["float32", "bfloat16", "float16", "int8", "int4"])
def test_arm_says_what_the_plain_path_says(precision: str, write_checkpoint: CheckpointWriter, arm: Kernels) -> None:
    folder = write_checkpoint(**SIZES)
    bits = {"int8": 8, "int4": 4}.get(precision)
    dtype = torch.float32 if bits else getattr(torch, precision)
    fast = load_dual_ar(folder, CPU, dtype, bits, arm)[1]
    plain = load_dual_ar(folder, CPU, dtype)[1].float()
    if bits:
        for stack in (plain.layers, plain.fast_layers):
            make_low_bit(stack, bits)  # without operators, so in fp32
    for found, expected in zip(*(all_logits(model, prompt_of(plain)) for model in (fast, plain)), strict=True):
        if precision == "float32":
            torch.testing.assert_close(found, expected, atol=1e-4, rtol=0)
        assert relative(found, expected) < (1e-5 if precision == "float32" else 5e-3)  # the cache's bf16


def test_arm_draws_the_codes_that_the_plain_path_draws(write_checkpoint: CheckpointWriter, arm: Kernels) -> None:
    """A frame for three rows at a time, each in its own way."""
    folder = write_checkpoint(**SIZES)

    def choosers() -> list[Sampler | Greedy]:
        seeds = [torch.Generator().manual_seed(i) for i in range(2)]
        return [Sampler(0.8, 0.8, 1.1, seeds[0]), Greedy(), Sampler(1.0, 1.0, 1.6, seeds[1])]

    found, expected = (
        frames(load_dual_ar(folder, CPU, torch.float32, kernels=k)[1], choosers(), 8) for k in (arm, None)
    )
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one, other)
        assert len(one.unique()) > 5


@torch.inference_mode()
def test_arm_decodes_what_the_plain_decoder_decodes(library: ForeignLibrary, tmp_path: Path) -> None:
    """Widths that fill no panel, chunks shorter than what is remembered, and longer ones."""
    assert library
    torch.manual_seed(0)
    plain = Decoder(CodecConfig(latent_dim=20, decoder_dim=72, decoder_rates=(4, 2, 2))).eval()
    for name, parameter in plain.named_parameters():
        if name.endswith("alpha"):
            torch.nn.init.uniform_(parameter, 0.05, 2.0)
        else:
            scale = 1.0 if name.endswith("bias") else parameter[0].numel() ** -0.5
            torch.nn.init.normal_(parameter, std=scale)
    codec_kernels = CodecKernels(tmp_path, n_threads=2)
    assert codec_kernels.panel == foreign_kernels.PANEL
    fast = NativeDecoder(plain, codec_kernels)
    x = torch.randn(1, 20, 16)
    stream = Stream()
    found = torch.cat([fast(part, stream) for part in x.split([1, 2, 13], dim=2)], dim=2)
    assert found.shape == (1, 1, 16 * 16)
    assert relative(found, plain(x, Stream())) < 1e-5
