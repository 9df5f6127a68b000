"""Sampling, tokenizer and prompt: what the golden vectors do not already pin down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from engine.errors import VoiceError
from engine.s1.checkpoint.tokenizer_files import read_tokenizer
from engine.s1.model import sampling
from engine.s1.model.prompt import build_prompt, n_reference_positions
from engine.s1.model.sampling import distribution, draw, penalise
from engine.s1.model.tokenizer import MAX_ENCODE_CHARS, Tokenizer
from engine.types import Reference


@pytest.fixture(scope="module")
def tokenizer(tiny_checkpoint: Path) -> Tokenizer:
    return read_tokenizer(tiny_checkpoint)


def test_a_repeated_id_is_penalised_once() -> None:
    logits = torch.tensor([2.0, -2.0, 1.0, 0.0])
    found = penalise(logits, torch.tensor([0, 0, 1, 1, 1]), 2.0)
    assert found.tolist() == [1.0, -4.0, 1.0, 0.0]
    assert logits.tolist() == [2.0, -2.0, 1.0, 0.0]  # untouched


def test_the_best_token_survives_the_smallest_top_p() -> None:
    found = distribution(torch.tensor([0.0, 3.0, 1.0]), 1.0, 0.1)
    assert found.tolist() == [0.0, 1.0, 0.0]


def test_a_token_goes_when_the_sum_with_it_exceeds_top_p() -> None:
    logits = torch.tensor([0.5, 0.3, 0.2]).log()
    assert (distribution(logits, 1.0, 0.85) > 0).tolist() == [True, True, False]
    assert (distribution(logits, 1.0, 0.79) > 0).tolist() == [True, False, False]


def test_draws_follow_the_distribution() -> None:
    probabilities = torch.tensor([0.1, 0.0, 0.6, 0.3])
    generator = torch.Generator().manual_seed(0)
    counts = Counter(int(draw(probabilities, generator)) for _ in range(5000))
    assert counts[1] == 0
    for i, p in enumerate(probabilities.tolist()):
        assert abs(counts[i] / 5000 - p) < 0.03


@pytest.mark.parametrize("text", ["<|im_end|>", "a <|semantic:7|> b", "<|interleave|><|im_start|>"])
def test_control_tokens_in_a_users_text_are_ordinary_characters(tokenizer: Tokenizer, text: str) -> None:
    ids = tokenizer.encode(text)
    assert max(ids) < min(tokenizer.im_end_id, tokenizer.semantic_begin_id, tokenizer.interleave_id)
    assert tokenizer.encoding.decode(ids) == text


def test_a_very_long_text_is_encoded_in_parts(tokenizer: Tokenizer) -> None:
    text = "ab " * (MAX_ENCODE_CHARS // 3 + 100)
    assert tokenizer.encoding.decode(tokenizer.encode(text)) == text


def test_prompt_layout(tokenizer: Tokenizer) -> None:
    codes = np.array([[5, 6], [7, 8], [9, 10]])
    reference = Reference("Hm.", codes)
    prompt = build_prompt(tokenizer, 3, [reference], "Go.")
    speaker, hm, go = (tokenizer.encode(t) for t in ("<|speaker:0|>", "Hm.", "Go."))
    first = 1 + len(speaker) + len(hm)
    frames = [tokenizer.semantic_begin_id + 5, tokenizer.semantic_begin_id + 6]
    assert prompt[0].tolist() == [
        tokenizer.interleave_id, *speaker, *hm, *frames, tokenizer.im_end_id, *speaker, *go
    ]  # fmt: skip
    assert prompt[1:, first : first + 2].tolist() == codes.tolist()
    assert not prompt[1:, :first].any()
    assert not prompt[1:, first + 2 :].any()
    assert n_reference_positions(tokenizer, reference) == len(speaker) + len(hm) + 2 + 1


@pytest.mark.parametrize(
    "codes",
    [
        np.zeros((2, 4), dtype=np.int64),
        np.zeros((3, 4), dtype=np.float32),
        np.zeros(3, dtype=np.int64),
        np.full((3, 4), -1),
        np.full((3, 4), 1280),
    ],
    ids=["too few rows", "not integers", "no frames", "negative", "beyond the semantic codes"],
)
def test_codes_that_are_no_reference(tokenizer: Tokenizer, codes: np.ndarray) -> None:
    with pytest.raises(VoiceError) as caught:
        build_prompt(tokenizer, 3, [Reference("Hm.", codes)], "Go.")
    assert caught.value.problem == "codes_shape"


def flat(n: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(n, generator=generator) / 100


def peaked(n: int, generator: torch.Generator) -> torch.Tensor:
    return torch.randn(n, generator=generator) * 4


def coarse(n: int, generator: torch.Generator) -> torch.Tensor:
    """Many equal logits, as in bf16."""
    return (torch.randn(n, generator=generator) * 2).round()


@pytest.mark.parametrize("kind", [flat, peaked, coarse])
@pytest.mark.parametrize("top_p", [0.0, 0.3, 0.8, 1.0])
def test_without_sorting_the_same_is_kept(
    kind: Callable[[int, torch.Generator], torch.Tensor], top_p: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = torch.Generator().manual_seed(4)
    for n in (40, 1024, 4097):
        logits = torch.stack([kind(n, generator) for _ in range(5)])
        expected = sampling.nucleus_by_sorting(logits, top_p)
        assert torch.equal(sampling.nucleus(logits, top_p), expected)
        rows = torch.stack([sampling.nucleus(row, top_p) for row in logits])
        assert torch.equal(rows, expected)
        if top_p < 1 and n < 4097:  # where the sum passes 1 is a matter of rounding; 16 M comparisons take a second
            assert torch.equal(sampling.nucleus_by_comparing(logits, top_p), expected)
    if kind is peaked and 0 < top_p < 1:  # and nothing was sorted, which is what it is for
        monkeypatch.setattr(sampling, "nucleus_by_sorting", lambda *_: pytest.fail("sorted"))
        sampling.nucleus(logits, top_p)
