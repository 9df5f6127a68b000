"""How programs wait for each other: all of a launch for all, or the last one for those before it."""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false, reportGeneralTypeIssues=false, reportOperatorIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

import triton
import triton.language as tl


@triton.jit
def share_of(program, n):
    """Tell what a program adds: all `n` of them together the highest bit."""
    return tl.where(program == 0, 2147483647 - n + 2, 1)


@triton.jit
def wait_for_all(arrivals, IS_ONE_LAUNCH: tl.constexpr):
    """Go on when every program of the launch has come here, and what they wrote before can be read.

    Only where all of them run at once: a cooperative launch sees to that. `arrivals` int32 (1,): its highest bit turns
    when the last one comes, so that nobody has to reset it. Where each phase has a launch of its own, this is nothing.
    """
    if IS_ONE_LAUNCH:
        n = tl.num_programs(0)
        if n > 1:
            tl.debug_barrier()  # all threads have written
            before = tl.atomic_add(arrivals, share_of(tl.program_id(0), n), sem="acq_rel", scope="gpu")
            now = before
            while (now ^ before) >= 0:
                now = tl.atomic_add(arrivals, 0, sem="acquire", scope="gpu")  # of nothing: Triton makes it a load
            tl.debug_barrier()  # no thread reads before the first one has acquired


@triton.jit
def is_last(arrivals, n):
    """Tell whether this is the last of `n` programs to come here, which then may read what all of them wrote.

    Nobody waits. `arrivals` int32 (1,) is 0 again afterwards, for the next launch or phase.
    """
    tl.debug_barrier()
    before = tl.atomic_add(arrivals, 1, sem="acq_rel", scope="gpu")
    is_it = before == n - 1
    if is_it:
        tl.store(arrivals, 0)
    tl.debug_barrier()
    return is_it
