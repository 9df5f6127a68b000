"""Compile the Triton kernels for cards, at full sizes: `PYTHONPATH=tests python tests/bench/kernels.py [CC ...]`.

A line for each kernel, precision and card: registers of a thread, bytes that a program shares and a thread has spilt,
seconds of a CPU; and what all take when Triton's cache has them. Two minutes of a CPU for a card. Nothing is kept.
"""

# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import os
import sys
import tempfile


def main(cards: list[int]) -> None:
    from triton_targets import TARGETS, compile_for, distinct, full_size_launches

    for cc in cards or list(TARGETS):
        for bits in (None, 8, 4):
            for n_programs in (1, None):
                total = warm = 0.0
                for launch, source, n in distinct(full_size_launches(bits, n_programs)).values():
                    made = compile_for(cc, launch, source)
                    total += made.cpu_s
                    warm += compile_for(cc, launch, source).cpu_s
                    print(  # noqa: T201
                        f"sm_{cc} {bits or 16:2} bits {made.name:16} x {n:3}: {made.n_registers:3} registers, "
                        f"{made.n_shared_bytes:5} shared, {made.n_spilt_bytes} spilt, {made.cpu_s:.1f} s",
                        flush=True,
                    )
                print(f"sm_{cc} {bits or 16:2} bits: {total:.1f} s in all, {warm:.2f} s from the cache", flush=True)  # noqa: T201


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["TRITON_CACHE_DIR"] = folder
        main([int(cc) for cc in sys.argv[1:]])
