"""A checkpoint's files, spoilt a thousand times each: a `CheckpointError`, or a model; never anything else."""

from __future__ import annotations

import json
import shutil
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from spoilt import spoilt

from engine.errors import CheckpointError
from engine.files.checkpoint_files import check_zip
from engine.machine.memory import peak_memory_bytes
from engine.s1.checkpoint.config_files import read_codec_config, read_model_config
from engine.s1.checkpoint.load import load_codec, load_dual_ar
from engine.s1.checkpoint.reading import read_tensors
from engine.s1.checkpoint.tokenizer_files import read_tokenizer

N_TIMES = 1000
CPU = torch.device("cpu")


@pytest.fixture
def folder(tiny_checkpoint: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "checkpoint"
    shutil.copytree(tiny_checkpoint, copy)
    return copy


def spoil(path: Path, read: Callable[[Path], object], n_times: int = N_TIMES) -> int:
    """How often reading the folder of `path` was refused."""
    refused: list[CheckpointError] = []
    for data in spoilt(path.read_bytes(), n_times):
        path.write_bytes(data)
        try:
            read(path.parent)
        except CheckpointError as error:
            refused.append(error)
    assert max(len(str(error)) for error in refused) < 2000
    return len(refused)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("config.json", read_model_config),
        ("codec.json", read_codec_config),
        ("special_tokens.json", read_tokenizer),
        ("tokenizer.tiktoken", read_tokenizer),
    ],
)
def test_spoilt_settings_and_tokens(folder: Path, name: str, read: Callable[[Path], object]) -> None:
    assert spoil(folder / name, read) > N_TIMES // 4


def small_weights(path: Path) -> None:
    """A file in the published format, so small that what is spoilt is its structure."""
    torch.save({f"layers.{i}.weight": torch.randn(3, 4).bfloat16() for i in range(4)}, path)


def test_spoilt_weights(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    small_weights(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of formats that it has given up
        assert spoil(path, lambda folder: read_tensors(folder / "model.pth")) > N_TIMES // 4


def test_spoilt_archives_that_are_verified(tmp_path: Path) -> None:
    path = tmp_path / "model.pth"
    small_weights(path)
    n_refused = 0
    for data in spoilt(path.read_bytes(), N_TIMES, seed=1):
        path.write_bytes(data)
        try:
            list(check_zip(path, 1 << 20))
        except (OSError, ValueError):
            n_refused += 1
    assert n_refused > N_TIMES // 4


def test_a_packed_list_is_not_unpacked(tmp_path: Path) -> None:
    """50 kB that would become 100 MB."""
    path = tmp_path / "model.pth"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("model/data.pkl", bytes(100 << 20))
    with pytest.raises(CheckpointError) as caught:
        read_tensors(path)
    assert caught.value.found == "model/data.pkl in it is packed"


HUGE = [2**31 - 1, 10**9, 2**20 + 1, 10**30]


def names_of(values: dict[str, Any], before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Where its numbers stand."""
    found: list[tuple[str, ...]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            found += names_of(value, (*before, name))
        elif isinstance(value, list) or (isinstance(value, int | float) and not isinstance(value, bool)):
            found.append((*before, name))
    return found


@pytest.mark.parametrize(
    ("file", "load"),
    [("config.json", lambda f: load_dual_ar(f, CPU)), ("codec.json", lambda f: load_codec(f, CPU, lambda _: True))],
    ids=["config.json", "codec.json"],
)
def test_absurd_sizes_are_refused_before_anything_is_made_of_them(
    folder: Path, file: str, load: Callable[[Path], object]
) -> None:
    """Each by itself; what was refused only for lack of 20 GB took the computer down."""
    path = folder / file
    whole = json.loads(path.read_text())
    before = peak_memory_bytes(CPU) or 0
    for place in names_of(whole):
        if place[-1] in ("dropout", "initializer_range"):  # of the training
            continue
        for huge in HUGE[-1:] if place[-1] in ("rope_base", "norm_eps") else HUGE:
            values = json.loads(json.dumps(whole))
            inner = values
            for name in place[:-1]:
                inner = inner[name]
            inner[place[-1]] = [huge] * 4 if isinstance(inner[place[-1]], list) else huge
            path.write_text(json.dumps(values))
            with pytest.raises(CheckpointError) as caught:
                load(folder)
            assert caught.value.problem in ("config", "tensor_shape"), (place, huge)
        if isinstance(whole.get(place[0]), list):
            path.write_text(json.dumps(whole | {place[0]: [2] * 5000}))
            with pytest.raises(CheckpointError, match="config"):
                load(folder)
    assert (peak_memory_bytes(CPU) or 0) - before < 500e6


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")], ids=str)
@pytest.mark.parametrize(
    ("file", "name", "load"),
    [
        ("model.pth", "layers.1.feed_forward.w2.weight", lambda f: load_dual_ar(f, CPU)),
        ("model.pth", "embeddings.weight", lambda f: load_dual_ar(f, CPU, torch.float16)),
        ("model.pth", "layers.0.attention.wo.weight", lambda f: load_dual_ar(f, CPU, bits=8)),
        ("codec.pth", "decoder.model.0.conv.bias", lambda f: load_codec(f, CPU, lambda _: True)),
    ],
)
def test_weights_that_are_no_numbers_are_refused(
    folder: Path, file: str, name: str, load: Callable[[Path], object], value: float
) -> None:
    """Else all that is spoken is one value for ever, and the file is written with exit code 0."""
    path = folder / file
    tensors = {key: tensor.clone() for key, tensor in read_tensors(path).items()}
    tensors[name].view(-1)[tensors[name].numel() // 2] = value
    torch.save(tensors, path)
    with pytest.raises(CheckpointError) as caught:
        load(folder)
    assert (caught.value.problem, caught.value.name, caught.value.path) == ("not_finite", name, path)


def test_a_norm_of_nothing_is_refused(folder: Path) -> None:
    """Divided by, it makes weights that are no numbers of ones that are."""
    path = folder / "codec.pth"
    tensors = {key: tensor.clone() for key, tensor in read_tensors(path).items()}
    tensors["decoder.model.0.conv.parametrizations.weight.original1"].zero_()
    torch.save(tensors, path)
    with pytest.raises(CheckpointError, match="not_finite"):
        load_codec(folder, CPU, lambda _: True)


@pytest.mark.parametrize("kind", ["sparse", "meta"])
def test_tensors_without_plain_storage_are_refused(tmp_path: Path, kind: str) -> None:
    tensor = torch.eye(3).to_sparse() if kind == "sparse" else torch.empty(3, 3, device="meta")
    torch.save({"embeddings.weight": tensor}, tmp_path / "model.pth")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's, of sparse tensors
        with pytest.raises(CheckpointError, match="unreadable"):
            read_tensors(tmp_path / "model.pth")
