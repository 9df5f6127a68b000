"""All that would run on a GPU, on a pretended one, in S1 Mini's sizes: from loading to sound, in every precision.

Layers are alike, so that most tests have one of each stack; `test_at_full_depth…` has them all.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from fake_cuda import GTX_1660, H200, RTX_3060, RTX_4060_TI, Card, Model, fake_card, talking

from engine.errors import DeviceError
from engine.s1.checkpoint import load
from engine.s1.checkpoint.random_weights import S1_MINI_CONFIG, random_codec, random_dual_ar, write_sizes
from engine.s1.decode.decoder import Decoder, open_decoder
from engine.s1.decode.graph_backend import GraphStep
from engine.s1.decode.rows import generate
from engine.s1.decode.state import RowState
from engine.s1.model.sampling import Greedy, Sampler
from engine.speech.codec import Codec, DecodeStream
from engine.speech.s1_engine import S1Engine
from engine.types import CancelToken, PcmChunk, Reference, SegmentDone, SpeechEvent, SpeechOptions, SpeechRequest, Voice

pytestmark = pytest.mark.slow

SHALLOW = {"n_layer": 1, "n_fast_layer": 1}
N_FRAMES = 3
TEXT = "A card was wanted. There was none."
CUDA = torch.device("cuda")


@contextmanager
def card_of(model: Model = RTX_4060_TI) -> Iterator[Card]:
    with fake_card(model) as card:
        card.answer = talking
        yield card


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sizes")
    write_sizes(folder, S1_MINI_CONFIG | SHALLOW)
    return folder


@pytest.fixture(scope="module", autouse=True)
def one_tokenizer() -> Iterator[None]:
    """Read once: 150 000 ranks take as long as the rest of a test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(load, "read_tokenizer", functools.cache(load.read_tokenizer))
        yield


@pytest.fixture(autouse=True)
def few_of_each(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """One length at first, and a short proof, in one test alone: to follow operator by operator takes its time."""
    monkeypatch.setattr("engine.s1.decode.choosing.USUAL_POSITIONS", 128)
    monkeypatch.setattr("engine.s1.decode.decoder.BATCH_POSITIONS", 128)
    monkeypatch.setattr("engine.s1.decode.verify.N_FRAMES", 2)
    if request.node.originalname != "test_from_loading_to_sound":
        monkeypatch.setattr("engine.s1.decode.choosing.verify", lambda _: None)


def open_random(folder: Path, precision: str, cache: Path | None) -> S1Engine:
    decoder = open_decoder(folder, CUDA, precision, cache, load=random_dual_ar)
    codec = Codec.load(folder, "cuda", load=lambda *a: random_codec(a[0], a[1], lambda _: True), cache_folder=cache)
    return S1Engine(decoder, codec)


def asked(
    seed: int = 0,
    voice: Voice = Voice("anybody"),  # noqa: B008 (frozen)
    text: str = TEXT,
    **options: Any,
) -> SpeechRequest:
    made = SpeechOptions(seed=seed, language="en", max_attempts=1, max_frames=N_FRAMES, **options)
    return SpeechRequest(text, voice, made)


def spoken(events: Iterator[SpeechEvent], n_segments: int = 2) -> int:
    """How many samples; every segment has to be done."""
    everything = list(events)
    assert sum(isinstance(event, SegmentDone) for event in everything) == n_segments
    return sum(len(event.samples) for event in everything if isinstance(event, PcmChunk))


PRECISIONS = ["float32", "bfloat16", "float16", "int8", "int4"]


@pytest.mark.parametrize("precision", PRECISIONS)
def test_from_loading_to_sound(precision: str, sizes: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with card_of() as card:
        engine = open_random(sizes, precision, tmp_path)
        assert engine.decoder.how == "graph: no_triton", caplog.text
        devices = {tensor.device for tensor in (*engine.model.parameters(), *engine.model.buffers())}
        assert {device.type for device in devices} == {"cuda"}
        assert {p.device.type for p in engine.codec.model.parameters()} == {"cuda"}
        assert spoken(engine.speak(asked(), CancelToken())) == 2 * N_FRAMES * 2048
        before = card.n_questions
        assert spoken(engine.speak(asked(1), CancelToken())) == 2 * N_FRAMES * 2048
        assert card.n_questions == before  # frames and samples come through pinned memory
        assert engine.status().memory_bytes == card.held_bytes > 0
        engine.close()
        assert (card.used_bytes, card.held_bytes) == (0, 0)
    assert [r for r in caplog.records if r.levelno >= logging.WARNING] == []


def test_voices_prefixes_settings_and_live_listeners(sizes: Path, tmp_path: Path) -> None:
    with card_of() as card:
        engine = open_random(sizes, "bfloat16", tmp_path)
        codes = engine.codec.encode(np.zeros(3 * 44_100, dtype=np.float32))
        assert codes.shape == (10, 65)
        voice = Voice(
            "somebody", (Reference("As I was saying.", np.tile(codes, 2)), Reference("And so on.", codes[:, :9]))
        )
        settings: list[dict[str, Any]] = [{"repetition_penalty": 2.0, "top_p": 0.1}, {"temperature": 0.1, "live": True}]
        for options in settings:
            assert spoken(engine.speak(asked(2, voice, **options), CancelToken())) == 2 * N_FRAMES * 2048
        assert len(engine.prefixes) == 1
        step = engine.decoder.rows_for_one()._stepper.step
        assert isinstance(step, GraphStep)
        assert len(step.buckets()) > 1  # it grew
        del step  # which holds the model
        assert sum(len(s) for s in engine.codec.decode(codes)) == 65 * 2048
        cancel = CancelToken()
        for _ in engine.speak(asked(3, voice), cancel):
            cancel.cancel()
        engine.close()
        assert card.used_bytes == 0


def test_a_batch_with_sound(sizes: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    n_rows = 8
    with card_of(H200) as card:
        engine = open_random(sizes, "int4", tmp_path)
        assert engine.max_batch >= n_rows
        requests = [asked(seed, text="There was none.") for seed in range(n_rows + 1)]
        found: dict[int, list[SpeechEvent]] = {}
        for number, event in engine.speak_batch(requests, CancelToken()):
            found.setdefault(number, []).append(event)
        assert [spoken(iter(found[number]), 1) for number in range(n_rows + 1)] == [N_FRAMES * 2048] * (n_rows + 1)
        assert "batches are not captured" not in caplog.text
        engine.close()
        assert card.used_bytes == 0


def test_thirty_two_rows_where_there_is_memory_for_them(sizes: Path, caplog: pytest.LogCaptureFixture) -> None:
    prompt = torch.zeros(11, 20, dtype=torch.int64)
    with card_of(H200):
        decoder = open_decoder(sizes, CUDA, "int8", None, load=random_dual_ar)
        rows = decoder.rows_for(40)
        assert rows.max_rows == decoder.max_batch == 32
        joined = [rows.join(prompt, Greedy(), 3, None) for _ in range(32)]
        assert all(rows.next_frame(row) is not None for row in joined)
    assert "batches are not captured" not in caplog.text


def test_operator_by_operator(sizes: Path) -> None:
    """A second generation beside the first is not captured."""
    with card_of(RTX_3060):
        decoder = open_decoder(sizes, CUDA, "int4", None, load=random_dual_ar)
        plain = Decoder(decoder.tokenizer, decoder.model, decoder.precision, "eager")
        prompt = torch.zeros(11, 20, dtype=torch.int64)
        for choose in (Greedy(), Sampler(0.8, 0.8, 1.1, torch.Generator(CUDA).manual_seed(0))):
            for rows in (plain.rows_for_one(), plain.rows_for(3)):
                assert len(list(generate(rows, prompt, choose, 3))) == 3


@pytest.mark.parametrize(("model", "precision"), [(GTX_1660, "float16"), (RTX_3060, "bfloat16")])
def test_the_precision_follows_the_card(model: Model, precision: str, sizes: Path, tmp_path: Path) -> None:
    with card_of(model):
        decoder = open_decoder(sizes, CUDA, "auto", tmp_path, load=random_dual_ar)
        assert decoder.precision.name == precision
        assert decoder.how == "graph: no_triton"


def test_from_files(tiny_checkpoint: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The half of the codec that encodes is loaded late, onto the card too."""
    with card_of() as card:
        engine = S1Engine.load(tiny_checkpoint, "auto", "auto", cache_folder=tmp_path)
        assert engine.decoder.how == "graph: no_triton", caplog.text
        assert next(engine.codec.model.encoder.parameters()).is_meta
        codes = engine.codec.encode(np.zeros(44_100, dtype=np.float32))
        assert next(engine.codec.model.encoder.parameters()).device.type == "cuda"
        voice = Voice("somebody", (Reference("As I was saying.", codes),))
        assert spoken(engine.speak(asked(0, voice), CancelToken())) > 0
        engine.close()
        assert card.used_bytes == 0


def planted(monkeypatch: pytest.MonkeyPatch, question: Callable[[RowState], object]) -> None:
    advance = RowState.advance

    def asking(state: RowState, codes: torch.Tensor, is_over: torch.Tensor) -> None:
        question(state)
        advance(state, codes, is_over)

    monkeypatch.setattr(RowState, "advance", asking)


@pytest.mark.parametrize(
    "question", [lambda s: s.positions[0].item(), lambda s: s.said.cpu(), lambda s: bool(s.said[0, -1])]
)
def test_a_step_that_asks_the_host_is_found_out(
    question: Callable[[RowState], object],
    sizes: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    planted(monkeypatch, question)
    with card_of():
        decoder = open_decoder(sizes, CUDA, "bfloat16", tmp_path, load=random_dual_ar)
        assert decoder.how == "eager: failed"
        assert "while a graph is captured" in caplog.text


def test_memory_that_runs_out_is_an_error_when_loading_and_survived_when_speaking(sizes: Path, tmp_path: Path) -> None:
    with card_of(Model("a small card", (8, 6), 2**30)), pytest.raises(DeviceError) as caught:
        open_random(sizes, "bfloat16", tmp_path)
    assert caught.value.problem == "out_of_memory"
    with card_of() as card:
        engine = open_random(sizes, "bfloat16", tmp_path)
        others = torch.empty(int(card.free_bytes - 150 * 2**20), dtype=torch.uint8, device="cuda")  # another program's
        sound = DecodeStream(engine.codec).decode(np.ones((10, 64), dtype=np.int64))
        assert len(sound) == 64 * 2048
        assert engine.codec.max_chunk_frames < 64
        assert "short of memory" in engine.status().how
        del others
        engine.close()
        assert card.used_bytes == 0


def test_at_full_depth_a_frame_is_one_graph(tmp_path: Path) -> None:
    write_sizes(tmp_path / "sizes")
    with card_of() as card:
        engine = open_random(tmp_path / "sizes", "bfloat16", None)
        rows = engine.decoder.rows_for_one()
        questions, launches = card.n_questions, card.n_launches
        prompt = torch.zeros(11, 20, dtype=torch.int64)
        n_frames = len(list(generate(rows, prompt, Sampler(0.8, 0.8, 1.1, torch.Generator(CUDA)), 20)))
        assert n_frames == 20
        assert card.n_questions == questions
        of_prompt = 28 * 100  # at most so many operators a layer; operator by operator, a frame alone has as many
        assert card.n_launches - launches < of_prompt + 20 * 20  # noise, the copy and the repetition
        assert card.peak_bytes < 4.2 * 2**30
        engine.close()
