"""Runs the doctor's checks in a process of their own: PyTorch would stop the window while it loads, and stay in it."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import engine
from desktop.doctor.report import Finding, Health, examine

POLL_S = 0.05


def examine_apart(checkpoint: Path | None, cancel: engine.CancelToken) -> Iterator[Finding]:
    """Yield the findings as they come; once `cancel` is set the process is ended. Blocks: for a thread."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_send_findings, args=(checkpoint, theirs), daemon=True)
    child.start()
    theirs.close()
    try:
        while not cancel.cancelled:
            if not ours.poll(POLL_S):
                continue
            finding = ours.recv()
            if finding is None:
                return
            yield finding
    except EOFError:
        child.join()
        yield Finding("doctor", Health.BROKEN, f"the checks ended early, with code {child.exitcode}", "Check again")
    finally:
        child.kill()
        child.join()
        child.close()
        ours.close()


def _send_findings(checkpoint: Path | None, pipe: Connection) -> None:
    for finding in examine(checkpoint):
        pipe.send(finding)
    pipe.send(None)
