"""`lectern doctor`: a line for each thing that speaking needs."""

from __future__ import annotations

import argparse
import sys

from desktop.doctor.report import Health, examine


def doctor(arguments: argparse.Namespace) -> int:
    """Print the findings; 0 when Lectern can speak, else 2."""
    healths = set()
    for finding in examine(arguments.checkpoint):
        healths.add(finding.health)
        sys.stdout.write(f"{finding.health.value}  {finding.subject}: {finding.fact}\n")
        if finding.remedy:
            sys.stdout.write(f"      {finding.remedy}\n")
        sys.stdout.flush()  # PyTorch takes seconds: what is known by then is seen
    return 2 if Health.BROKEN in healths else 0
