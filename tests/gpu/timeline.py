"""What a card did during some frames: which kernels took the time, and how long it waited for the next."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

N_LARGEST = 15

Kernel = tuple[str, float, float]
"""Its name, when it began and how long it took, in µs."""


def summary_of(kernels: Sequence[Kernel], n_frames: int) -> dict[str, Any]:
    """Sum `kernels` up, of `n_frames` frames: `kernels_per_frame`, `busy_us` and `gap_us` per frame, the median gap
    between two kernels, and the `largest`, each with its name, number per frame, µs per frame and share."""
    in_order = sorted(kernels, key=lambda kernel: kernel[1])
    busy, gaps, free_at = 0.0, list[float](), None
    for _, begins, takes in in_order:
        if free_at is not None and begins >= free_at:
            gaps.append(begins - free_at)
        start = begins if free_at is None else max(begins, free_at)
        busy += max(0.0, begins + takes - start)
        free_at = begins + takes if free_at is None else max(free_at, begins + takes)
    by_name: dict[str, list[float]] = defaultdict(list)
    for name, _, takes in in_order:
        by_name[name].append(takes)
    largest = sorted(by_name.items(), key=lambda item: -sum(item[1]))[:N_LARGEST]
    total = sum(takes for _, _, takes in in_order) or 1.0
    return {
        "frames": n_frames,
        "kernels_per_frame": len(in_order) / n_frames,
        "busy_us": busy / n_frames,
        "gap_us": sum(gaps) / n_frames,
        "median_gap_us": sorted(gaps)[len(gaps) // 2] if gaps else 0.0,
        "largest": [
            {
                "name": name,
                "per_frame": len(takes) / n_frames,
                "us": sum(takes) / n_frames,
                "share": sum(takes) / total,
            }
            for name, takes in largest
        ],
    }
