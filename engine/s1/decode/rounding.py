"""The fast stack's weights in 4 bits, rounded for what the model itself says (`engine.s1.model.compensation`).

That takes half a minute, so it is done once for a checkpoint and kept on disk, by a name that is made from the weights
and in a file that knows whether it is whole.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from engine.errors import OutputError
from engine.files.disk import write_whole
from engine.s1.checkpoint.load import blank
from engine.s1.decode.native_backend import NativeBackend
from engine.s1.decode.rows import Rows, generate
from engine.s1.model.compensation import Rounded, matrices_to_round, round_stack, set_rounded
from engine.s1.model.dual_ar import DualAr
from engine.s1.model.low_bit import GROUP
from engine.s1.model.prompt import build_prompt
from engine.s1.model.sampling import Sampler
from engine.s1.model.tokenizer import Tokenizer
from engine.s1.native.dual_ar import NativeDualAr
from engine.s1.native.kernels import Kernels

log = logging.getLogger(__name__)

VERSION = 1
"""Of the rounding and its file; another number rounds anew."""
N_FRAMES = 48
"""Spoken of each text: ten inputs each, so that there are more than the widest matrix has columns."""
TEXTS = (
    "The kettle had begun to sing before anybody in the house was awake.",
    "Is that really what you wanted to tell me, after all these years?",
    "(excited) We won! I can't believe it, we actually won the whole thing!",
    "On the third of May, twelve hundred people came to see the old harbour again.",
    "今天下午天气很好，我们去公园散步，然后在湖边喝了一杯茶。",
    "昨日の夜から雨が降り続いて、川の水がだいぶ増えています。",
    "Der Zug nach Hamburg fährt heute leider erst um neun Uhr ab.",
    "Elle ouvrit la fenêtre, et le bruit de la rue entra dans la chambre.",
)
_DIGEST_BYTES = 32
_REPORTED_SPEAKING = 0.6
"""Share of the time that speaking takes."""


@dataclass(frozen=True, slots=True)
class FastRounding:
    """Rounds a model's fast stack; `report` is told the share that is done, where it was not done before, which is when
    `read_tokenizer` is asked for the tokenizer."""

    read_tokenizer: Callable[[], Tokenizer]
    kernels: Kernels
    report: Callable[[float], object] = lambda _: None

    def __call__(self, model: DualAr) -> None:
        """Put the rounded matrices in their places in `model`, whose stacks are as in the checkpoint, on a CPU."""
        path = self.kernels.folder / f"rounding-{fingerprint(model)}.bin"
        rounded = read_rounding(path, model)
        if rounded is None:
            rounded = self._make(model)
            if not rounded:
                return
            try:
                write_whole(path, _as_bytes(rounded), make_folders=True)
            except OutputError as error:
                log.warning("the rounded weights cannot be kept, and will be made again: %s", error)
        set_rounded(model.fast_layers, rounded)

    def _make(self, model: DualAr) -> Rounded:
        """Nothing where there is nothing to round, or the model says nothing."""
        self.report(0.0)
        x = self._inputs(model) if matrices_to_round(model.fast_layers) else None
        if x is None:
            return {}
        share = _REPORTED_SPEAKING
        return round_stack(
            model.fast_layers, model.config.fast, x, lambda done: self.report(share + (1 - share) * done)
        )

    def _inputs(self, model: DualAr) -> Tensor | None:
        """What the fast stack is given while the model speaks: (n, N, F)."""
        speaker = _twin(model, self.kernels)
        tokenizer = self.read_tokenizer()
        made = (build_prompt(tokenizer, model.config.n_codebooks, (), text) for text in TEXTS)
        prompts = [torch.from_numpy(prompt) for prompt in made if prompt.shape[1] <= model.config.max_prompt_len]
        inputs: list[Tensor] = []
        for prompt, codes in zip(prompts, self._spoken(speaker, prompts), strict=True):
            if codes.shape[1]:
                inputs.append(_fast_inputs(speaker, prompt, codes))
        return torch.cat(inputs) if inputs else None

    def _spoken(self, model: NativeDualAr, prompts: list[Tensor]) -> list[Tensor]:
        """Frames (N, n) after each prompt, made side by side."""
        rows = Rows.of(NativeBackend(model), len(prompts))
        begun = [
            generate(rows, prompt, Sampler(0.8, 0.8, 1.1, torch.Generator().manual_seed(seed)), N_FRAMES)
            for seed, prompt in enumerate(prompts)
        ]
        spoken: list[list[Tensor]] = [[] for _ in begun]
        for i in range(N_FRAMES):
            for frames, of_text in zip(begun, spoken, strict=True):
                if (frame := next(frames, None)) is not None:
                    of_text.append(frame)
            self.report(_REPORTED_SPEAKING * (i + 1) / N_FRAMES)
        for frames in begun:
            frames.close()  # type: ignore[attr-defined]
        empty = torch.zeros(model.config.n_codebooks, 0, dtype=torch.int64)
        return [torch.stack(of_text, dim=1) if of_text else empty for of_text in spoken]


def _twin(model: DualAr, kernels: Kernels) -> NativeDualAr:
    """The same weights once more, for the library, which takes them out of its modules."""
    with blank():
        other = DualAr(model.config, model.semantic_begin_id, model.n_semantic, model.im_end_id)
    other.load_state_dict(model.state_dict(), assign=True)
    return NativeDualAr(other.requires_grad_(False).eval(), kernels, torch.float32)


@torch.inference_mode()
def _fast_inputs(model: DualAr, prompt: Tensor, codes: Tensor) -> Tensor:
    """Of each frame of codes (N, n) after `prompt` (1 + N, T): (n, N, F)."""
    n_frames = codes.shape[1]
    columns = torch.cat((prompt, torch.cat((codes[:1] + model.semantic_begin_id, codes))[:, :-1]), dim=1)
    hidden = model.slow(columns[None], model.slow_cache(columns.shape[1]))[0, -n_frames:]  # (n, D)
    return torch.cat((model.fast_input(hidden)[:, None].float(), model.fast_embeddings(codes[:-1].T).float()), dim=1)


def fingerprint(model: DualAr) -> str:
    """Make a name of the weights that are to be rounded."""
    digest = hashlib.blake2b(f"{VERSION} {GROUP}".encode(), digest_size=12)
    for name, module in matrices_to_round(model.fast_layers).items():
        digest.update(f"{name} {tuple(module.weight.shape)} {module.weight.dtype}".encode())
        digest.update(module.weight.detach().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def _as_bytes(rounded: Rounded) -> bytes:
    """The matrices one after the other, each its codes and then its scales; before them a digest of all."""
    tensors = (tensor for pair in rounded.values() for tensor in pair)
    content = b"".join(tensor.contiguous().view(torch.uint8).numpy().tobytes() for tensor in tensors)
    return hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest() + content


def read_rounding(path: Path, model: DualAr) -> Rounded | None:
    """Read what `FastRounding` kept for `model`; None where there is none that is whole."""
    try:
        data = bytearray(path.read_bytes())
    except OSError:
        return None
    digest, content = data[:_DIGEST_BYTES], memoryview(data)[_DIGEST_BYTES:]
    wanted = matrices_to_round(model.fast_layers)
    sizes = [(m.out_features, m.in_features // 2, m.in_features // GROUP) for m in wanted.values()]
    if len(content) != sum(rows * (bytes_ + 4 * groups) for rows, bytes_, groups in sizes):
        return None
    if hashlib.blake2b(content, digest_size=_DIGEST_BYTES).digest() != digest:
        return None
    rounded, first = Rounded(), 0
    everything = torch.frombuffer(content, dtype=torch.uint8)
    for name, (rows, n_bytes, groups) in zip(wanted, sizes, strict=True):
        second, last = first + rows * n_bytes, first + rows * (n_bytes + 4 * groups)
        scales = everything[second:last].clone().view(torch.bfloat16).view(rows, groups, 2)
        rounded[name] = everything[first:second].view(rows, n_bytes), scales
        first = last
    return rounded
