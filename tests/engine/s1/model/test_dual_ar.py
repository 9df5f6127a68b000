"""The transformer in every shape that a configuration allows, against the specification written out plainly."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import oracle
import pytest
import torch
from at_once import slow_but
from shapes import UNALIKE, VARIANTS, CheckpointWriter
from torch import Tensor

from engine.errors import PromptTooLongError
from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.checkpoint.reading import model_tensors
from engine.s1.decode.plain_backend import PlainBackend
from engine.s1.decode.reference import reference_frames
from engine.s1.decode.rows import Rows, generate
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.prompt import build_prompt
from engine.s1.model.sampling import Greedy, Sampler
from engine.s1.model.tokenizer import Tokenizer
from engine.types import CancelToken, Reference

CPU = torch.device("cpu")


def randomised(folder: Path) -> None:
    """Norms and biases that are not what they start as, or nobody would notice that they are left out."""
    weights = model_tensors(folder / "model.pth")
    generator = torch.Generator().manual_seed(5)
    for name, tensor in weights.items():
        scale = 4.0 if "weight" in name and "norm" not in name else 0.5
        weights[name] = tensor * scale + (0.2 * torch.randn(tensor.shape, generator=generator) if scale < 1 else 0)
    save(weights, folder / "model.pth")


def save(weights: dict[str, Tensor], path: Path) -> None:
    """Beside, then in its place: the tensors are memory-mapped from the very file."""
    torch.save(weights, path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def prompt_of(tokenizer: Tokenizer, model: DualAr) -> Tensor:
    n_codebooks = model.config.n_codebooks
    codes = np.random.default_rng(3).integers(0, model.config.codebook_size, (n_codebooks, 6))
    return torch.from_numpy(build_prompt(tokenizer, n_codebooks, [Reference("Ab c.", codes)], "One two."))


def plain_frames(
    model: DualAr, prompt: Tensor, choose: Sampler | Greedy, n: int, cancel: CancelToken | None = None
) -> Iterator[Tensor]:
    return generate(Rows.of(PlainBackend(model)), prompt, choose, n, cancel)


@pytest.mark.parametrize("variant", slow_but(UNALIKE, VARIANTS))
def test_prefill_decode_and_fast_pass_match_the_specification(variant: str, write_checkpoint: CheckpointWriter) -> None:
    folder = write_checkpoint(**VARIANTS[variant])
    randomised(folder)
    tokenizer, model = load_dual_ar(folder, CPU)
    weights = {name: tensor.double() for name, tensor in model_tensors(folder / "model.pth").items()}
    prompt = prompt_of(tokenizer, model)
    frames = torch.stack(list(plain_frames(model, prompt, Greedy(), 4)), dim=1)  # (N, 4)
    assert torch.equal(torch.stack(list(reference_frames(model, prompt, Greedy(), 4)), dim=1), frames)
    whole = torch.cat((prompt, torch.cat((frames[:1] + model.semantic_begin_id, frames))), dim=1)
    hidden = oracle.hidden_states(weights, model.config, whole, model.semantic_begin_id)
    expected = oracle.logits(weights, model.config, hidden)

    with torch.inference_mode():
        cache = model.slow_cache(whole.shape[1])
        prefilled = model.slow(whole[None], cache)[0]
        stepwise = model.slow_cache(whole.shape[1])
        decoded = torch.cat([model.slow(whole[None, :, t : t + 1], stepwise)[0] for t in range(whole.shape[1])])
        halves = model.slow_cache(whole.shape[1])
        in_halves = torch.cat([model.slow(part[None], halves)[0] for part in whole.split(7, dim=1)])
        for found in (prefilled, decoded, in_halves):
            log_probabilities = model.all_logits(found).log_softmax(-1)
            torch.testing.assert_close(log_probabilities.double(), expected.log_softmax(-1), atol=1e-4, rtol=0)
        legal = model.legal_logits(prefilled[-1]).double()
    begin, end = model.semantic_begin_id, model.im_end_id
    wanted = torch.cat((expected[-1, begin : begin + model.n_semantic], expected[-1, end : end + 1]))
    torch.testing.assert_close(legal, wanted, atol=1e-4, rtol=0)

    for i in range(frames.shape[1]):  # each frame is the best that the logits allow, code by code
        position = prompt.shape[1] - 1 + i
        semantic = expected[position, begin : begin + model.n_semantic]
        assert frames[0, i] == semantic.argmax()
        rows = oracle.fast_logits(weights, model.config, hidden[position], frames[:, i].tolist())
        assert frames[1:, i].tolist() == rows.argmax(-1).tolist()


def test_residual_codes_stay_below_the_literal_1024(write_checkpoint: CheckpointWriter) -> None:
    folder = write_checkpoint(codebook_size=1500, vocab_size=1900)
    weights = model_tensors(folder / "model.pth")
    weights["fast_output.weight"] = torch.cat((-torch.ones(1024, 24), torch.ones(476, 24)))  # high rows, if allowed
    weights["fast_norm.weight"] = weights["fast_norm.weight"].abs()
    save(weights, folder / "model.pth")
    tokenizer, model = load_dual_ar(folder, CPU)
    frames = torch.stack(list(plain_frames(model, prompt_of(tokenizer, model), Greedy(), 5)))
    assert frames[:, 1:].max() < 1024


def sampler(seed: int, **changes: Any) -> Sampler:
    settings = {"temperature": 0.8, "top_p": 0.8, "repetition_penalty": 1.1} | changes
    return Sampler(**settings, generator=torch.Generator().manual_seed(seed))


def sampled(model: DualAr, prompt: Tensor, seed: int, n: int = 12) -> list[list[int]]:
    return [codes.tolist() for codes in plain_frames(model, prompt, sampler(seed), n)]


def test_same_seed_same_codes_another_seed_others(tiny_checkpoint: Path) -> None:
    tokenizer, model = load_dual_ar(tiny_checkpoint, CPU)
    prompt = prompt_of(tokenizer, model)
    assert sampled(model, prompt, 7) == sampled(model, prompt, 7)
    assert sampled(model, prompt, 7) != sampled(model, prompt, 8)


def test_cancel_ends_within_a_frame(tiny_checkpoint: Path) -> None:
    tokenizer, model = load_dual_ar(tiny_checkpoint, CPU)
    cancel, n = CancelToken(), 0
    for _ in plain_frames(model, prompt_of(tokenizer, model), Greedy(), 50, cancel):
        n += 1
        if n == 3:
            cancel.cancel()
    assert n == 3


def test_prompt_and_frames_never_exceed_the_sequence(write_checkpoint: CheckpointWriter) -> None:
    tokenizer, model = load_dual_ar(write_checkpoint(max_seq_len=64), CPU)
    assert model.config.max_prompt_len == 32
    fits = torch.from_numpy(build_prompt(tokenizer, 3, [], "x")).repeat(1, 40)[:, :32]
    assert len(list(plain_frames(model, fits, Greedy(), 1000))) == 32
    with pytest.raises(PromptTooLongError) as caught:
        next(plain_frames(model, torch.cat((fits, fits[:, :1]), dim=1), Greedy(), 10))
    assert (caught.value.n_tokens, caught.value.limit) == (33, 32)


def test_the_token_for_the_end_ends_and_is_not_a_frame(write_checkpoint: CheckpointWriter) -> None:
    folder = write_checkpoint()
    tokenizer, model = load_dual_ar(folder, CPU)
    prompt = prompt_of(tokenizer, model)

    class EndsAtThird(Greedy):
        calls = 0

        def token(self, logits: Tensor) -> Tensor:
            self.calls += 1
            assert logits.shape == (model.n_semantic + 1,)
            return torch.tensor(model.n_semantic) if self.calls == 3 else super().token(logits)

    assert len(list(reference_frames(model, prompt, EndsAtThird(), 50))) == 2


def test_the_penalty_window_is_each_codebooks_own_last_sixteen(tiny_checkpoint: Path) -> None:
    tokenizer, model = load_dual_ar(tiny_checkpoint, CPU)

    class Watching(Greedy):
        windows: list[list[int]]

        def residual(self, logits: Tensor, previous: Tensor) -> Tensor:
            self.windows.append(previous.tolist())
            return super().residual(logits, previous)

    watching = Watching()
    watching.windows = []
    frames = torch.stack(list(reference_frames(model, prompt_of(tokenizer, model), watching, 20)))
    n_residual = model.config.n_codebooks - 1
    for i in (0, 1, 5, 19):
        for c in range(n_residual):
            before = [0] * 16 + frames[:i, 1 + c].tolist()
            assert watching.windows[i * n_residual + c] == before[-16:]


def test_generation_leaves_no_inference_mode_behind(tiny_checkpoint: Path) -> None:
    tokenizer, model = load_dual_ar(tiny_checkpoint, CPU)
    for make in (plain_frames, reference_frames):
        for _ in make(model, prompt_of(tokenizer, model), Greedy(), 2):
            assert not torch.is_inference_mode_enabled()
