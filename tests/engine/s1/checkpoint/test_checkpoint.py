"""Reading a checkpoint folder: every published spelling, and every way in which a folder can be wrong."""

from __future__ import annotations

import json
import math
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from shapes import CheckpointWriter
from torch import Tensor

from engine.errors import CheckpointError
from engine.s1.checkpoint.codec_file import derived_shapes, fold_weight_norm, is_encoding_only, weight_shapes
from engine.s1.checkpoint.config_files import read_codec_config, read_model_config
from engine.s1.checkpoint.load import load_codec, load_dual_ar
from engine.s1.checkpoint.reading import DERIVED_NAMES, read_tensors
from engine.s1.model.codec import CodecModel
from engine.s1.model.config import CodecConfig
from engine.speech.codec import Codec
from engine.speech.s1_engine import S1Engine

CPU = torch.device("cpu")
Tensors = dict[str, Tensor]


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of the tiny checkpoint, to be spoilt."""
    copy = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, copy)
    return copy


def rewrite(path: Path, change: Callable[[Tensors], Any]) -> None:
    """Save `change(tensors)`, beside and then in place: the tensors are memory-mapped from the very file."""
    torch.save(change(read_tensors(path)), path.with_suffix(".new"))
    path.with_suffix(".new").replace(path)


def edit_json(path: Path, **changes: Any) -> None:
    values = json.loads(path.read_text(encoding="utf-8")) | changes
    path.write_text(json.dumps({name: value for name, value in values.items() if value is not ...}), encoding="utf-8")


# Spellings


def old_attention(tensors: Tensors) -> Tensors:
    """`wq`, `wk`, `wv` apart: 4 query heads, 2 and 2 others."""
    apart: Tensors = {}
    for name, tensor in tensors.items():
        if name.endswith("wqkv.weight"):
            n = tensor.shape[0] // 8
            parts = zip(("wq", "wk", "wv"), tensor.split((4 * n, 2 * n, 2 * n)), strict=True)
            apart |= {name.replace("wqkv", part): rows.clone() for part, rows in parts}
        else:
            apart[name] = tensor
    return apart


@pytest.mark.parametrize(
    "spelling",
    [
        lambda t: {"state_dict": t},
        lambda t: {f"model.{name}": tensor for name, tensor in t.items()},
        lambda t: t | {"audio_tower.weight": torch.zeros(3)},
        lambda t: {"state_dict": {f"model.{n}": v for n, v in (t | {"audio_projector.bias": torch.zeros(2)}).items()}},
        old_attention,
    ],
    ids=["state_dict", "model.", "audio_", "all three", "wq wk wv"],
)
def test_model_spellings_load_alike(spelling: Callable[[Tensors], Any], folder: Path, tiny_checkpoint: Path) -> None:
    rewrite(folder / "model.pth", spelling)
    _, found = load_dual_ar(folder, CPU)
    _, expected = load_dual_ar(tiny_checkpoint, CPU)
    for name, tensor in expected.state_dict().items():
        assert torch.equal(found.state_dict()[name], tensor), name


@pytest.mark.parametrize(
    "spelling",
    [
        pytest.param(lambda t: {"state_dict": t}, marks=pytest.mark.slow),
        lambda t: {f"generator.{n}": v for n, v in t.items()} | {"discriminator.weight": torch.zeros(3)},
        pytest.param(lambda t: {n: v for n, v in t.items() if not DERIVED_NAMES.search(n)}, marks=pytest.mark.slow),
    ],
    ids=["state_dict", "generator.", "no derived tables"],
)
def test_codec_spellings_load_alike(spelling: Callable[[Tensors], Any], folder: Path, tiny_checkpoint: Path) -> None:
    rewrite(folder / "codec.pth", spelling)
    found, expected = (load_codec(f, CPU, lambda _: True) for f in (folder, tiny_checkpoint))
    for name, tensor in expected.state_dict().items():
        assert torch.equal(found.state_dict()[name], tensor), name


@pytest.mark.slow
def test_codec_names_and_shapes_are_the_published_541(golden_folder: Path) -> None:
    manifest = json.loads((golden_folder / "codec_manifest.json").read_text())
    with torch.device("meta"):
        codec = CodecModel(CodecConfig())
    ours = {name: (list(shape), "float32") for name, shape in weight_shapes(codec).items()}
    for name, shape in derived_shapes(codec).items():
        ours[name] = (list(shape), "bool" if name.endswith("causal_mask") else "bfloat16")
    assert ours == {name: (entry["shape"], entry["dtype"]) for name, entry in manifest.items()}
    assert len(ours) == 541
    sizes = {"float32": 4, "bool": 1, "bfloat16": 2}
    assert sum(math.prod(shape) * sizes[dtype] for shape, dtype in ours.values()) == 1_870_857_736


def test_speaking_leaves_the_encoding_half_unread(tiny_checkpoint: Path) -> None:
    codec = Codec.load(tiny_checkpoint, "cpu")
    on_meta = {name for name, p in codec.model.named_parameters() if p.is_meta}
    assert on_meta == {name for name, _ in codec.model.named_parameters() if is_encoding_only(name)}
    codec.encode(torch.zeros(3000).numpy())
    assert not any(p.is_meta for p in codec.model.parameters())


def test_weight_norm_runs_over_all_dimensions_but_the_first() -> None:
    v, g = torch.randn(3, 4, 5), torch.rand(3, 1, 1)
    expected = torch.stack([g[i, 0, 0] * v[i] / v[i].square().sum().sqrt() for i in range(3)])
    for names in (
        ("c.parametrizations.weight.original0", "c.parametrizations.weight.original1"),
        ("c.weight_g", "c.weight_v"),
    ):
        folded = fold_weight_norm(dict(zip(names, (g, v), strict=True)), lambda _: True, Path("codec.pth"))
        torch.testing.assert_close(folded["c.weight"], expected)


def test_null_or_absent_fast_sizes_equal_their_slow_twins(write_checkpoint: CheckpointWriter) -> None:
    config = read_model_config(write_checkpoint(fast_dim=None, fast_head_dim=6))
    assert (config.fast.dim, config.fast.n_head, config.fast.head_dim) == (24, 4, 6)
    assert config.fast.n_local_heads == config.slow.n_local_heads == 2


# Wrong folders. Each names what is wrong, what was found and what was expected.


def failure(folder: Path) -> CheckpointError:
    with pytest.raises(CheckpointError) as caught:
        S1Engine.load(folder, "cpu")
    return caught.value


FILES = ("config.json", "model.pth", "codec.pth", "tokenizer.tiktoken", "special_tokens.json")


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file(name: str, folder: Path) -> None:
    (folder / name).unlink()
    error = failure(folder)
    assert (error.problem, error.path.name) == ("file_missing", name)


@pytest.mark.parametrize("name", FILES[:4])
@pytest.mark.parametrize("share", [0.0, 0.3, 0.999])
def test_a_truncated_file(name: str, share: float, folder: Path) -> None:
    path = folder / name
    os.truncate(path, int(path.stat().st_size * share))
    error = failure(folder)
    assert error.path.name in (name, "special_tokens.json")  # a short tokenizer collides with the ids after it
    assert error.problem in ("unreadable", "tokenizer", "config")


@pytest.mark.parametrize("name", ["model.pth", "codec.pth"])
def test_a_file_of_another_kind(name: str, folder: Path) -> None:
    (folder / name).write_bytes(b"<html>Access to this model is restricted</html>" * 100)
    assert (failure(folder).problem, failure(folder).path.name) == ("unreadable", name)


class Evil:
    def __init__(self, proof: Path) -> None:
        self.proof = proof

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.proof),)


@pytest.mark.parametrize("name", ["model.pth", "codec.pth"])
@pytest.mark.parametrize("legacy", [False, True])
def test_a_pickle_that_would_run_code_does_not(name: str, legacy: bool, folder: Path, tmp_path: Path) -> None:
    proof = tmp_path / "was run"
    torch.save({"embeddings.weight": Evil(proof)}, folder / name, _use_new_zipfile_serialization=not legacy)
    error = failure(folder)
    assert error.path.name == name
    assert error.problem == ("unreadable" if legacy else "unsafe")
    assert not proof.exists()


def test_a_bare_pickle_is_not_run_either(folder: Path, tmp_path: Path) -> None:
    proof = tmp_path / "was run"
    (folder / "model.pth").write_bytes(pickle.dumps(Evil(proof)))
    assert failure(folder).problem == "unreadable"
    assert not proof.exists()


def test_a_missing_an_extra_and_a_misshapen_tensor(folder: Path) -> None:
    path = folder / "model.pth"
    whole = dict(read_tensors(path))
    name = "layers.1.feed_forward.w2.weight"

    rewrite(path, lambda _: {n: t for n, t in whole.items() if n != name})
    assert (failure(folder).problem, failure(folder).name) == ("tensor_missing", name)

    rewrite(path, lambda _: whole | {"layers.9.wo.weight": torch.zeros(2, 3)})
    assert (failure(folder).problem, failure(folder).name) == ("tensor_extra", "layers.9.wo.weight")

    rewrite(path, lambda _: whole | {name: whole[name].T.contiguous()})
    error = failure(folder)
    assert (error.problem, error.name, error.found, error.expected) == ("tensor_shape", name, "(160, 64)", "(64, 160)")

    rewrite(path, lambda _: whole | {name: whole[name].to(torch.int8)})
    assert (failure(folder).problem, failure(folder).found) == ("tensor_shape", "torch.int8")

    rewrite(path, lambda _: whole | {"note": "not a tensor"})
    assert (failure(folder).problem, failure(folder).name) == ("unreadable", "note")


def test_half_a_weight_norm_pair(folder: Path) -> None:
    name = "decoder.model.0.conv.parametrizations.weight.original1"
    rewrite(folder / "codec.pth", lambda t: {n: v for n, v in t.items() if n != name})
    assert (failure(folder).problem, failure(folder).name) == ("tensor_missing", name)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"model_type": "naive"}, "model_type"),
        ({"dim": ...}, "dim"),
        ({"n_layer": 0}, "n_layer"),
        ({"n_layer": 2.5}, "n_layer"),
        ({"n_head": True}, "n_head"),
        ({"n_local_heads": 3}, "n_local_heads"),
        ({"head_dim": 7}, "head_dim"),
        ({"norm_eps": "small"}, "norm_eps"),
        ({"rope_base": -1}, "rope_base"),
        ({"tie_word_embeddings": "yes"}, "tie_word_embeddings"),
        ({"vocab_size": 700}, "vocab_size"),
        ({"codebook_size": 1279}, "codebook_size"),
    ],
)
def test_an_impossible_configuration(change: dict[str, Any], field: str, folder: Path) -> None:
    edit_json(folder / "config.json", **change)
    error = failure(folder)
    assert (error.problem, error.name) == ("config", field)
    assert error.expected


def test_a_configuration_that_does_not_fit_the_tensors(folder: Path) -> None:
    edit_json(folder / "config.json", intermediate_size=168)
    error = failure(folder)
    assert (error.problem, error.name) == ("tensor_shape", "layers.0.feed_forward.w1.weight")
    assert (error.found, error.expected) == ("(160, 64)", "(168, 64)")


@pytest.mark.parametrize("text", ["[]", "{", "nul", '"\\ud800'])
def test_a_configuration_that_is_no_json_object(text: str, folder: Path) -> None:
    (folder / "config.json").write_text(text)
    assert failure(folder).problem == "unreadable"


def test_a_codec_that_does_not_fit_the_model(folder: Path, write_checkpoint: CheckpointWriter) -> None:
    other = write_checkpoint.func(folder.parent / "other", num_codebooks=5)  # type: ignore[attr-defined]
    for name in ("codec.pth", "codec.json"):
        shutil.copy(other / name, folder / name)
    error = failure(folder)
    assert (error.problem, error.name, error.found, error.expected) == ("config", "num_codebooks", "5", "4")


def test_codec_json_is_held_against_itself(folder: Path) -> None:
    edit_json(folder / "codec.json", decoder_rates=[8, 8, 4, 4])
    assert failure(folder).name == "decoder_rates"
    edit_json(folder / "codec.json", decoder_rates=[])
    assert failure(folder).name == "decoder_rates"


def test_without_codec_json_the_sizes_are_s1_minis(folder: Path) -> None:
    (folder / "codec.json").unlink()
    assert read_codec_config(folder) == CodecConfig()
    assert failure(folder).problem == "tensor_shape"


@pytest.mark.parametrize(
    ("old", "new"), [("<|semantic:5|>", "<|semantik:5|>"), ("<|im_end|>", "<|the_end|>"), ("623", "1")]
)
def test_special_tokens_that_the_model_cannot_live_with(old: str, new: str, folder: Path) -> None:
    path = folder / "special_tokens.json"
    path.write_text(path.read_text().replace(old, new, 1))
    assert failure(folder).problem == "tokenizer"
