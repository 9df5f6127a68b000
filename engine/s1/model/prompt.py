"""The model's input: voice references, then the text to speak (specification section 3, "Prompt")."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate

import numpy as np

from engine.errors import VoiceError
from engine.s1.model.tokenizer import Tokenizer
from engine.types import Reference

SPEAKER = "<|speaker:0|>"  # looks like a control token, and is ordinary text


def build_prompt(tokenizer: Tokenizer, n_codebooks: int, references: Sequence[Reference], text: str) -> np.ndarray:
    """Build the prompt, int64 (1 + n_codebooks, T): token ids in row 0, codes below them at frame positions, else 0.

    Each piece is tokenised on its own. Raises `VoiceError` for a reference whose codes do not fit.
    """
    pieces = [_text_columns([tokenizer.interleave_id], n_codebooks)]
    for reference in references:
        pieces += _reference_pieces(tokenizer, n_codebooks, reference)
    for spoken in (SPEAKER, text):
        pieces.append(_text_columns(tokenizer.encode(spoken), n_codebooks))
    return np.concatenate(pieces, axis=1)


def n_reference_positions(tokenizer: Tokenizer, reference: Reference) -> int:
    """Tell how many positions of a prompt `reference` takes."""
    n_text = len(tokenizer.encode(SPEAKER)) + len(tokenizer.encode(reference.text))
    return n_text + reference.codes.shape[1] + 1


def common_boundaries(tokenizer: Tokenizer, references: Sequence[Reference]) -> tuple[int, ...]:
    """List the numbers of positions that a prompt may have in common with others: up to the words of its first, second,
    … reference, and up to the text to speak."""
    n_before = 1 + len(tokenizer.encode(SPEAKER))  # `<|interleave|>`, and the speaker, who is named before all words
    sizes = (n_reference_positions(tokenizer, reference) for reference in references)
    return tuple(accumulate(sizes, initial=n_before))


def _reference_pieces(tokenizer: Tokenizer, n_codebooks: int, reference: Reference) -> list[np.ndarray]:
    codes = reference.codes
    if codes.ndim != 2 or codes.shape[0] != n_codebooks or codes.dtype.kind not in "iu":
        raise VoiceError("codes_shape", reference.text, detail=f"{codes.shape} {codes.dtype}, not ({n_codebooks}, T)")
    if codes.size and (codes.min() < 0 or codes.max() >= tokenizer.n_semantic):
        raise VoiceError("codes_shape", reference.text, detail=f"codes outside 0 to {tokenizer.n_semantic - 1}")
    frames = np.concatenate((tokenizer.semantic_begin_id + codes[:1], codes)).astype(np.int64)
    return [
        _text_columns(tokenizer.encode(SPEAKER), n_codebooks),
        _text_columns(tokenizer.encode(reference.text), n_codebooks),
        frames,
        _text_columns([tokenizer.im_end_id], n_codebooks),
    ]


def _text_columns(ids: Sequence[int], n_codebooks: int) -> np.ndarray:
    columns = np.zeros((1 + n_codebooks, len(ids)), dtype=np.int64)
    columns[0] = ids
    return columns
