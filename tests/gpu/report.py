"""The section for tests/bench/RESULTS.md that a run of tests/gpu/card.py makes of its document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Document = dict[str, Any]


def as_markdown(document: Document) -> str:
    """Write the document as a section."""
    return "\n".join(_lines(document)) + "\n"


def _lines(document: Document) -> Iterator[str]:
    parts = document["parts"]
    machine = _found(document, "machine")
    name = machine["hardware"]["device"] if machine else "an unknown card"
    dry = " (DRY: a pretended card, the figures mean nothing)" if document["is_dry"] else ""
    yield f"## On {name}, {document['date']}{dry}"
    yield ""
    yield f"`python tests/gpu/card.py`, {document['took_s']:.0f} s of {document['budget_s']:.0f}."
    if machine:
        hardware = machine["hardware"]
        yield (
            f"PyTorch {hardware['torch']}, CUDA {hardware['cuda']}, compute capability {machine['capability']}, "
            f"{machine['memory_bytes'] / 2**30:.1f} GiB; copying {machine['copy_gb_per_s']:.0f} GB/s, reading "
            f"{machine['read_gb_per_s']:.0f}."
        )
    yield ""
    yield "| part | became | s | of |"
    yield "|---|---|---|---|"
    for part, what in parts.items():
        yield f"| {part} | {what['state']} | {what['seconds']:.1f} | {what['limit_s']:.0f} |"
    yield from _bench(document)
    yield from _proofs(document)
    yield from _others(document)
    for part, what in parts.items():
        if what["error"]:
            yield from ("", f"**{part}** ended with:", "", "```", what["error"].strip()[-800:], "```")


def _found(document: Document, part: str) -> Document:
    return document["parts"].get(part, {}).get("found") or {}


def _bench(document: Document) -> Iterator[str]:
    found = {part: what["found"] for part, what in document["parts"].items() if part.startswith("bench")}
    if not any(found.values()):
        return
    machine = _found(document, "machine")
    reading = machine["read_gb_per_s"] if machine else float("nan")
    yield ""
    yield (
        "| precision | how | frames/s | ms | GB/s, of reading | 8 rows | 32 rows | first sound, ms | codec, s per s "
        "| peak GB | load, s |"
    )
    yield "|" + 11 * "---|"
    for part, of_it in found.items():
        if not of_it:
            continue
        frames, batches, codec = of_it["frames"], of_it["batches"], of_it["codec"]
        yield (
            f"| {part.removeprefix('bench ')} | {of_it['how']} | {frames['per_s']:.1f} | {frames['ms']:.2f} | "
            f"{frames['gb_per_s']:.0f}, {100 * frames['gb_per_s'] / reading:.0f} % | {_or_none(batches.get('8'))} | "
            f"{_or_none(batches.get('32'))} | {of_it['first_sound_ms']:.0f} | {codec['chunked_s_per_s']:.4f} | "
            f"{of_it['peak_memory_bytes'] / 1e9:.2f} | {of_it['load_s']:.1f} |"
        )


def _or_none(value: float | None) -> str:
    return "no room" if value is None else f"{value:.0f}"


def _proofs(document: Document) -> Iterator[str]:
    if not (found := _found(document, "proofs")):
        return
    missed = found["golden"]["missed"]
    yield ""
    yield f"Golden vectors: {found['golden']['passed']} reproduced, {len(missed)} missed. {missed or ''}"
    for precision, of_it in found["backends"].items():
        yield (
            f"{precision} ({of_it['how']}): {100 * of_it['same_codes']:.1f} % of the greedy codes are the plain "
            f"operators'; in a batch {100 * found['batches'][precision]:.1f} %."
        )


def _others(document: Document) -> Iterator[str]:
    if found := _found(document, "memory"):
        yield ""
        yield (
            f"Loaded {found['loaded_bytes'] / 1e9:.2f} GB, left after unloading {found['left_bytes'] / 1e9:.3f} GB; "
            f"too little memory when loading: {found['loading']}; when speaking: {found['speaking']}."
        )
    if found := _found(document, "start"):
        yield from ("", f"Start: {found}.")
    if found := _found(document, "marked tests"):
        counts = {word: n for word, n in found.items() if isinstance(n, int)}
        yield from ("", f"Tests marked `cuda`: {counts}.")
    if found := _found(document, "timeline"):
        yield ""
        yield (
            f"A frame is {found['kernels_per_frame']:.0f} kernels, {found['busy_us']:.0f} µs of work and "
            f"{found['gap_us']:.0f} µs between them (median gap {found['median_gap_us']:.2f} µs)."
        )
        yield ""
        yield "| kernel | per frame | µs | share |"
        yield "|---|---|---|---|"
        for one in found["largest"]:
            yield f"| `{one['name'][:80]}` | {one['per_frame']:.1f} | {one['us']:.1f} | {100 * one['share']:.1f} % |"
