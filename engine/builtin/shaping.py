"""From a voice's raw sound to what is played: 44.1 kHz, even edges, a fixed level, a pause after it."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from engine.audio.resampling import StreamResampler
from engine.builtin.synthesis import Block, SpokenWord
from engine.types import SAMPLE_RATE_HZ

SENTENCE_PAUSE_MS = 250
PARAGRAPH_PAUSE_MS = 600
LEAD_MS = 10
"""Silence kept before the first sound: espeak-ng leaves none to 111 ms (Japanese), the natural voice 310 ms."""
TAIL_MS = 20
"""Silence kept after the last sound, before the pause: espeak-ng leaves about 7 ms and at times much more, the natural
voice 500 ms."""
FADE_MS = 5
MIN_CHUNK_MS = 20


@dataclass(frozen=True, slots=True)
class Sound:
    """float32 `(n_samples,)` mono at 44.1 kHz, and the words that begin in it (`at_sample` at that rate,
    from the beginning of the text's sound). `ran_away` as in `Block`."""

    samples: np.ndarray
    words: tuple[SpokenWord, ...]
    ran_away: bool = False


def shaped(blocks: Iterable[Block], pause_ms: int) -> Generator[Sound]:
    """Resample, trim, fade and level `blocks`, and append `pause_ms` of silence.

    Yields nothing when nothing in them is audible. Without a last block (cancelled) there is no end either.

    From 22 050 Hz the resampler gives exactly two samples for one, however they are cut into chunks, and no delay in
    them: an impulse at sample n comes out at 2n.
    """
    resampler: StreamResampler | None = None
    words: list[SpokenWord] = []
    lead = 0  # samples cut from the beginning, at the voice's rate
    n_out = 0
    for block in _merged(blocks):
        pcm = _played(block)
        if resampler is None:
            first = int(np.argmax(np.abs(pcm) > block.silence))
            lead = max(0, first - LEAD_MS * block.sample_rate_hz // 1000)
            pcm = pcm[lead:]
            resampler = StreamResampler(block.sample_rate_hz, SAMPLE_RATE_HZ)
        if block.is_last:
            audible = np.flatnonzero(np.abs(pcm) > block.silence)
            last = int(audible[-1]) if len(audible) else 0
            pcm = pcm[: last + 1 + TAIL_MS * block.sample_rate_hz // 1000]
        out = resampler.push(pcm)
        if block.is_last:
            out = np.concatenate((out, resampler.flush()))
        _fade(out, fade_in=n_out == 0, fade_out=block.is_last)
        if block.is_last:
            out = np.concatenate((out, np.zeros(pause_ms * SAMPLE_RATE_HZ // 1000, np.float32)))
        n_out += len(out)
        # A first word's own beginning may lie in the silence that was cut: it begins at 0 then.
        words += [
            replace(word, at_sample=max(0, word.at_sample - lead) * SAMPLE_RATE_HZ // block.sample_rate_hz)
            for word in block.words
        ]
        # The resampler holds back 64 samples, so a word at a block's very end begins in the next one's sound.
        begun = [word for word in words if word.at_sample < n_out]
        words = words[len(begun) :]
        yield Sound(out, tuple(begun), block.ran_away)


def _merged(blocks: Iterable[Block]) -> Iterator[Block]:
    """Join blocks until one is long enough, and the first of them until it is audible. A silent whole yields none."""
    held: Block | None = None
    audible = False
    for block in blocks:
        if held is not None:
            joined = np.concatenate((held.samples, block.samples))
            block = replace(block, samples=joined, words=held.words + block.words)
        audible = audible or bool((np.abs(_played(block)) > block.silence).any())
        long_enough = len(block.samples) * 1000 >= MIN_CHUNK_MS * block.sample_rate_hz
        if audible and (long_enough or block.is_last):
            yield block
            held = None
        else:
            held = block


def _played(block: Block) -> np.ndarray:
    """float32 `(n_samples,)`, as loud as it is played."""
    return block.samples * np.float32(block.gain)


def _fade(samples: np.ndarray, fade_in: bool, fade_out: bool) -> None:
    n = min(len(samples), FADE_MS * SAMPLE_RATE_HZ // 1000)
    ramp = np.linspace(0, 1, n, dtype=np.float32)
    if fade_in:
        samples[:n] *= ramp
    if fade_out:
        samples[len(samples) - n :] *= ramp[::-1]
