"""A voice's references are read once: the same frames as without, and no more memory than allowed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from engine.s1.checkpoint.load import load_dual_ar
from engine.s1.decode.backend import Logits
from engine.s1.decode.plain_backend import PlainBackend, PlainStep
from engine.s1.decode.prefix_cache import Prefix, PrefixCache
from engine.s1.decode.rows import Rows, generate
from engine.s1.decode.state import RowState
from engine.s1.model.prompt import build_prompt, common_boundaries
from engine.s1.model.sampling import Greedy
from engine.s1.model.tokenizer import Tokenizer
from engine.types import Reference

CPU = torch.device("cpu")
N_FRAMES = 5


class Counting(PlainBackend):
    """Counts the positions that its slow stack reads: in prompts, and one for each step."""

    n_read = 0

    def read(self, columns: Tensor, state: RowState, row: int, start: int) -> None:
        self.n_read += columns.shape[1]
        super().read(columns, state, row, start)

    def open(self, state: RowState) -> PlainStep:
        step = super().open(state)
        run = step.run

        def counted(n_rows: int, n_positions: int) -> Logits:
            self.n_read += 1
            return run(n_rows, n_positions)

        step.run = counted  # type: ignore[method-assign]
        return step


@pytest.fixture(scope="module")
def loaded(tiny_checkpoint: Path) -> tuple[Tokenizer, Counting]:
    tokenizer, model = load_dual_ar(tiny_checkpoint, CPU, torch.float32)
    return tokenizer, Counting(model)


def references(n: int, seed: int = 0) -> list[Reference]:
    rng = np.random.default_rng(seed)
    return [Reference(f"Number {i}.", rng.integers(0, 1000, (4, 7 + i))) for i in range(n)]


def speak(loaded: tuple[Tokenizer, Counting], voice: list[Reference], text: str, cache: PrefixCache | None) -> Tensor:
    tokenizer, backend = loaded
    backend.n_read = 0
    prompt = torch.from_numpy(build_prompt(tokenizer, 4, voice, text))
    prefix = None if cache is None else Prefix(cache, common_boundaries(tokenizer, voice))
    return torch.stack(list(generate(Rows.of(backend), prompt, Greedy(), N_FRAMES, prefix=prefix)), dim=1)


def test_the_same_frames_and_only_the_text_is_read_again(loaded: tuple[Tokenizer, Counting]) -> None:
    cache, voice = PrefixCache(), references(2)
    for i, text in enumerate(("Yes indeed.", "No.", "So be it, then.")):
        expected = speak(loaded, voice, text, None)
        n_whole = loaded[1].n_read
        assert torch.equal(speak(loaded, voice, text, cache), expected)
        n_spoken = len(loaded[0].encode(text)) + N_FRAMES - 1  # and the frames but the last
        assert loaded[1].n_read == (n_whole if i == 0 else n_spoken)
    assert len(cache) == 1


def test_a_voice_that_grows_begins_where_it_was(loaded: tuple[Tokenizer, Counting]) -> None:
    cache, voice = PrefixCache(), references(2)
    speak(loaded, voice[:1], "Yes.", cache)
    expected = speak(loaded, voice, "No.", None)
    n_whole = loaded[1].n_read
    assert torch.equal(speak(loaded, voice, "No.", cache), expected)
    assert loaded[1].n_read == n_whole - common_boundaries(loaded[0], voice)[1]
    assert len(cache) == 2


def test_the_least_used_voice_leaves_when_memory_is_short(loaded: tuple[Tokenizer, Counting]) -> None:
    first, second, third = (references(1, seed) for seed in range(3))
    whole = PrefixCache()
    speak(loaded, first, "Yes.", whole)
    cache = PrefixCache(budget_bytes=2 * whole.held_bytes)
    for voice in (first, second, first, third):
        speak(loaded, voice, "Yes.", cache)
    assert (len(cache), cache.held_bytes) == (2, 2 * whole.held_bytes)
    n_read = {}
    for name, voice in (("first", first), ("third", third), ("second", second)):
        speak(loaded, voice, "Yes.", cache)
        n_read[name] = loaded[1].n_read
    assert n_read["first"] == n_read["third"] < n_read["second"]


def test_a_voice_beyond_the_budget_is_spoken_and_not_kept(loaded: tuple[Tokenizer, Counting]) -> None:
    cache, voice = PrefixCache(budget_bytes=100), references(1)
    assert torch.equal(speak(loaded, voice, "Yes.", cache), speak(loaded, voice, "Yes.", None))
    assert (len(cache), cache.held_bytes) == (0, 0)


def test_without_references_the_beginning_of_all_prompts_is_kept(loaded: tuple[Tokenizer, Counting]) -> None:
    cache = PrefixCache()
    for text in ("Yes.", "No."):
        assert torch.equal(speak(loaded, [], text, cache), speak(loaded, [], text, None))
        n_whole = loaded[1].n_read
        speak(loaded, [], text, cache)
        assert loaded[1].n_read == n_whole - common_boundaries(loaded[0], [])[0]
    assert len(cache) == 1
    speak(loaded, references(1), "Yes.", cache)
    assert len(cache) == 2
