"""`config.json` and `codec.json`, read strictly: typed fields within limits (specification sections 3 and 4)."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import CheckpointError
from engine.files.json_files import read_json
from engine.s1.model.config import CodecConfig, ModelConfig, StackConfig, WindowConfig

T = TypeVar("T")
log = logging.getLogger(__name__)

MAX_SIZES = {
    "vocab_size": 2**20,
    "max_seq_len": 2**16,
    "n_layer": 256,
    "n_fast_layer": 256,
    "n_head": 256,
    "n_local_heads": 256,
    "fast_n_head": 256,
    "fast_n_local_heads": 256,
    "head_dim": 1024,
    "fast_head_dim": 1024,
    "num_codebooks": 64,
    "n_residual_codebooks": 63,
    "max_positions": 2**20,
}
"""At least four times what any published model of the family has. A size is believed before the weights are seen, and
tables, caches and layers are made by it; what the weights themselves show is held against them."""
MAX_SIZE = 2**16
"""Of every other size: widths, codebooks, windows."""
MAX_RATES = 16
MAX_RATE = 64
MAX_FRAME_LENGTH = 2**16
"""Samples per frame; S1 Mini has 2048."""
MAX_ROPE_BASE = 1e12
MAX_NORM_EPS = 0.1
MAX_SHOWN = 60
"""Characters of a value that stands where another was expected."""

_FAST_TWINS = {
    "fast_dim": "dim",
    "fast_n_head": "n_head",
    "fast_n_local_heads": "n_local_heads",
    "fast_head_dim": "head_dim",
    "fast_intermediate_size": "intermediate_size",
    "fast_attention_qkv_bias": "attention_qkv_bias",
    "fast_attention_o_bias": "attention_o_bias",
    "fast_attention_qk_norm": "attention_qk_norm",
}
_TRAINING_ONLY = {"dropout", "initializer_range", "is_reward_model", "use_gradient_checkpointing"}


def read_model_config(folder: Path) -> ModelConfig:
    """Read `config.json`. Raises `CheckpointError` naming the field that is absent or impossible."""
    reader = _Fields(read_json_object(folder / "config.json"), folder / "config.json")
    if (kind := reader.get("model_type", str)) != "dual_ar":
        raise reader.error("model_type", kind, "dual_ar")
    n_layer, n_fast_layer = reader.size("n_layer"), reader.size("n_fast_layer")
    config = ModelConfig(
        vocab_size=reader.size("vocab_size"),
        codebook_size=reader.size("codebook_size"),
        n_codebooks=reader.size("num_codebooks", least=2),
        max_seq_len=reader.size("max_seq_len", least=2),
        tie_word_embeddings=reader.get("tie_word_embeddings", bool),
        scale_codebook_embeddings=reader.get("scale_codebook_embeddings", bool),
        slow=_stack(reader, n_layer, fast=False),
        fast=_stack(reader, n_fast_layer, fast=True),
    )
    reader.note_unknown(_TRAINING_ONLY)
    return config


def _stack(reader: _Fields, n_layer: int, *, fast: bool) -> StackConfig:
    def name(slow_name: str) -> str:
        own = "fast_" + slow_name
        return own if fast and reader.values.get(own) is not None else slow_name

    reader.known.update(_FAST_TWINS)
    n_head = reader.size(name("n_head"))
    if reader.values.get(name("n_local_heads")) == -1:
        reader.known.add(name("n_local_heads"))
        n_local_heads = n_head
    else:
        n_local_heads = reader.size(name("n_local_heads"))
    head_dim = reader.size(name("head_dim"), least=2)
    if n_head % n_local_heads:
        raise reader.error(name("n_local_heads"), n_local_heads, f"a divisor of {n_head} heads")
    if head_dim % 2:
        raise reader.error(name("head_dim"), head_dim, "an even number")
    return StackConfig(
        n_layer=n_layer,
        dim=reader.size(name("dim")),
        n_head=n_head,
        n_local_heads=n_local_heads,
        head_dim=head_dim,
        intermediate_size=reader.size(name("intermediate_size")),
        qkv_bias=reader.get(name("attention_qkv_bias"), bool),
        o_bias=reader.get(name("attention_o_bias"), bool),
        qk_norm=reader.get(name("attention_qk_norm"), bool),
        rope_base=reader.positive("rope_base", MAX_ROPE_BASE),
        norm_eps=reader.positive("norm_eps", MAX_NORM_EPS),
    )


def read_codec_config(folder: Path) -> CodecConfig:
    """Read `codec.json` where there is one; S1 Mini's folder has none. Raises `CheckpointError`."""
    path = folder / "codec.json"
    if not path.exists():
        return CodecConfig()
    reader = _Fields(read_json_object(path), path)
    values: dict[str, Any] = {}
    for f in fields(CodecConfig):
        if f.name not in reader.values:
            continue
        if f.name.endswith(("_rates", "_factors")):
            values[f.name] = reader.sizes(f.name)
        elif f.name in ("encoder_transformer", "pre_module", "post_module"):
            values[f.name] = _window(reader, f.name)
        else:
            values[f.name] = reader.size(f.name)
    reader.note_unknown(set())
    config = CodecConfig(**values)
    if config.sample_rate != CodecConfig().sample_rate:
        raise reader.error("sample_rate", config.sample_rate, str(CodecConfig().sample_rate))
    decoded = math.prod(config.decoder_rates) * math.prod(config.downsample_factors)
    if config.frame_length > MAX_FRAME_LENGTH:
        raise reader.error("encoder_rates", config.frame_length, f"at most {MAX_FRAME_LENGTH} samples per frame")
    if decoded != config.frame_length:
        raise reader.error("decoder_rates", decoded, f"{config.frame_length} samples per frame, as in encoder_rates")
    if config.decoder_dim % 2 ** len(config.decoder_rates):
        raise reader.error("decoder_dim", config.decoder_dim, f"a multiple of {2 ** len(config.decoder_rates)}")
    return config


def _window(parent: _Fields, name: str) -> WindowConfig:
    reader = _Fields(parent.get(name, dict), parent.path)
    config = WindowConfig(**{f.name: reader.size(f.name) for f in fields(WindowConfig) if f.name in reader.values})
    if config.head_dim % 2:
        raise reader.error("head_dim", config.head_dim, "an even number")
    reader.note_unknown(set())
    return config


def read_json_object(path: Path) -> dict[str, Any]:
    """Read a JSON object from a file of the checkpoint folder. Raises `CheckpointError`."""
    try:
        found = read_json(path)
    except FileNotFoundError as error:
        raise CheckpointError("file_missing", path) from error
    except (OSError, ValueError) as error:
        raise CheckpointError("unreadable", path, found=str(error)) from error
    if not isinstance(found, dict):
        raise CheckpointError("unreadable", path, found=type(found).__name__, expected="a JSON object")
    return found


class _Fields:
    """Typed access to a JSON object that remembers which names were asked for."""

    def __init__(self, values: Mapping[str, Any], path: Path) -> None:
        self.values, self.path, self.known = values, path, set[str]()

    def get(self, name: str, kind: type[T]) -> T:
        self.known.add(name)
        if name not in self.values:
            raise self.error(name, "nothing", f"a {kind.__name__}")
        value = self.values[name]
        if not isinstance(value, kind):
            raise self.error(name, value, f"a {kind.__name__}")
        return value

    def size(self, name: str, least: int = 1) -> int:
        value, most = self.get(name, int), MAX_SIZES.get(name, MAX_SIZE)
        if isinstance(value, bool) or not least <= value <= most:
            raise self.error(name, value, f"an integer from {least} to {most}")
        return value

    def sizes(self, name: str) -> tuple[int, ...]:
        value = self.get(name, list)
        if not 1 <= len(value) <= MAX_RATES or not all(type(v) is int and 1 <= v <= MAX_RATE for v in value):
            raise self.error(name, value, f"a list of at most {MAX_RATES} integers from 1 to {MAX_RATE}")
        return tuple(value)

    def positive(self, name: str, most: float) -> float:
        self.known.add(name)
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= most:
            raise self.error(name, value, f"a positive number up to {most:g}")
        return float(value)

    def error(self, name: str, found: object, expected: str) -> CheckpointError:
        return CheckpointError("config", self.path, name=name, found=str(found)[:MAX_SHOWN], expected=expected)

    def note_unknown(self, ignored: set[str]) -> None:
        if unknown := sorted(set(self.values) - self.known - ignored):
            log.debug("%s: ignored unknown fields: %s", self.path.name, ", ".join(unknown))
