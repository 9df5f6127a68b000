"""The codec streams exactly: however a signal is cut, the result is that of one call."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.s1.model.codec_layers import CausalConv, CausalTransposedConv, Snake, Stream, WindowTransformer
from engine.s1.model.config import WindowConfig
from engine.speech.codec import MAX_CHUNK_FRAMES, Codec, DecodeStream


@pytest.fixture(scope="module")
def codec(tiny_checkpoint: Path) -> Codec:
    return Codec.load(tiny_checkpoint, "cpu")


@pytest.fixture(scope="module")
def codes() -> np.ndarray:
    random = np.random.default_rng(0)
    return np.concatenate((random.integers(0, 1280, (1, 90)), random.integers(0, 1024, (3, 90))))


@pytest.mark.parametrize("cuts", [[1] * 90, [4, 8, 16, 32, 30], [89, 1], [1, 89], [17, 1, 1, 40, 31]])
def test_decoding_in_chunks_equals_decoding_whole(codec: Codec, codes: np.ndarray, cuts: list[int]) -> None:
    whole = np.concatenate(list(codec.decode(codes)))
    assert len(whole) == 90 * codec.frame_length
    stream, position, pieces = DecodeStream(codec), 0, []
    for n in cuts:
        pieces.append(stream.decode(codes[:, position : position + n]))
        assert pieces[-1].shape == (n * codec.frame_length,)
        position += n
    assert np.abs(np.concatenate(pieces) - whole).max() <= 1e-5


def test_what_comes_later_does_not_change_what_came_before(codec: Codec, codes: np.ndarray) -> None:
    changed = codes.copy()
    changed[:, 50:] = 7
    ours, theirs = (np.concatenate(list(codec.decode(c))) for c in (codes, changed))
    n = 50 * codec.frame_length
    assert np.abs(ours[:n] - theirs[:n]).max() <= 1e-6
    assert np.abs(ours[n:] - theirs[n:]).max() > 1e-3


def test_two_streams_do_not_mix(codec: Codec, codes: np.ndarray) -> None:
    alone = DecodeStream(codec)
    expected = [alone.decode(codes[:, i : i + 9]) for i in range(0, 45, 9)]
    first, other = DecodeStream(codec), DecodeStream(codec)
    for i, wanted in zip(range(0, 45, 9), expected, strict=True):
        other.decode(codes[::-1, i : i + 5])
        assert np.array_equal(first.decode(codes[:, i : i + 9]), wanted)


@pytest.mark.slow
def test_long_signals_pass_in_chunks(codec: Codec) -> None:
    n_frames = MAX_CHUNK_FRAMES + 9
    codes = np.random.default_rng(1).integers(0, 1000, (4, n_frames))
    pieces = list(codec.decode(codes))
    assert [len(p) // codec.frame_length for p in pieces] == [MAX_CHUNK_FRAMES, 9]
    wave = 0.3 * np.sin(np.arange(n_frames * codec.frame_length) * 0.05).astype(np.float32)
    in_chunks = codec.encode(wave)
    whole = codec.model.encode(torch.from_numpy(wave)[None], Stream())[0].numpy()
    assert in_chunks.shape == (4, n_frames)
    assert np.array_equal(in_chunks, whole)


@pytest.mark.parametrize("n_samples", [1, 2047, 2048, 2049, 6000])
def test_the_last_frame_is_filled_with_zeros(codec: Codec, n_samples: int) -> None:
    wave = np.random.default_rng(2).uniform(-0.5, 0.5, n_samples).astype(np.float32)
    n_frames = -(-n_samples // 2048)
    padded = np.pad(wave, (0, n_frames * 2048 - n_samples))
    codes = codec.encode(wave)
    assert codes.shape == (4, n_frames)
    assert codes.dtype == np.int64
    assert np.array_equal(codes, codec.encode(padded))


LAYERS = {
    "conv": (lambda: CausalConv(3, 5, 7, dilation=3), 1),
    "strided conv": (lambda: CausalConv(3, 5, 8, stride=4), 4),
    "transposed conv, k = 2s": (lambda: CausalTransposedConv(3, 5, 8, 4), 1),
    "transposed conv, k = s": (lambda: CausalTransposedConv(3, 5, 2, 2), 1),
    "snake": (lambda: Snake(3), 1),
    "window transformer": (lambda: WindowTransformer(3, WindowConfig(2, 2, 16, 24, window=6, head_dim=8)), 1),
}


@pytest.mark.parametrize("name", LAYERS)
def test_each_layer_streams_exactly(name: str) -> None:
    make, granule = LAYERS[name]
    torch.manual_seed(0)
    layer = make().eval()
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter, std=0.4)
    x = torch.randn(1, 3, 40 * granule)
    with torch.inference_mode():
        whole = layer(x, Stream())
        stream = Stream()
        pieces = [layer(piece, stream) for piece in x.split([granule * n for n in (1, 2, 9, 1, 20, 7)], dim=2)]
    torch.testing.assert_close(torch.cat(pieces, dim=2), whole, atol=1e-5, rtol=0)


def test_causal_convs_match_their_definition() -> None:
    """Left padding of (k - 1) d + 1 - s; the last k - s samples of a transposed one dropped."""
    torch.manual_seed(0)
    x = torch.randn(1, 3, 24)
    conv = CausalConv(3, 4, 8, stride=4)
    padded = torch.nn.functional.pad(x, (8 - 4, 0))
    torch.testing.assert_close(conv(x, Stream()), conv.conv(padded))
    up = CausalTransposedConv(3, 4, 8, 4)
    torch.testing.assert_close(up(x, Stream()), up.conv(x)[..., :-4])


def test_the_window_hides_what_is_older() -> None:
    torch.manual_seed(0)
    layer = WindowTransformer(8, WindowConfig(1, 1, 8, 16, window=4, head_dim=8)).eval()
    x = torch.randn(1, 8, 12)
    changed = x.clone()
    changed[..., 5] += 1.0
    with torch.inference_mode():
        moved = (layer(x, Stream()) - layer(changed, Stream())).abs().amax(1)[0] > 1e-7
    assert moved.nonzero()[:, 0].tolist() == [5, 6, 7, 8]


def test_streaming_state_is_bounded_and_positions_are_not(codec: Codec) -> None:
    """Beyond 4096 frames, where the published tables end, the state is as large as before and positions go on."""
    transformer = codec.model.quantizer.post_module
    stream = Stream()
    x = torch.randn(1, 128, 1)
    with torch.inference_mode():
        for _ in range(20):
            transformer(x, stream)
        memory = stream.window(transformer, 16)
        memory.length = 10_000
        after = transformer(x, stream)
    assert memory.length == 10_001
    assert all(keys.shape[2] == 15 for keys, _ in memory._past.values())
    assert torch.isfinite(after).all()
