"""Runs the doctor's checks in a process of their own: PyTorch would stop the window while it loads, and stay in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import engine
from desktop.common.apart import EndedEarlyError, found_apart
from desktop.doctor.report import Finding, Health, examine


def examine_apart(checkpoint: Path | None, cancel: engine.CancelToken) -> Iterator[Finding]:
    """Yield the findings as they come; once `cancel` is set the process is ended. Blocks: for a thread."""
    try:
        yield from found_apart(examine, checkpoint, cancel=cancel)
    except EndedEarlyError as error:
        problem = f"the checks ended early, with code {error.exit_code}"
        yield Finding("doctor", Health.BROKEN, problem, "Check again")
