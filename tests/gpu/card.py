"""Everything that has to be seen on an NVIDIA GPU, in one command: `python tests/gpu/card.py [--out FOLDER]`.

It ends within six minutes by itself. Each part runs in a process of its own, is killed at its limit, and the report
says what was not reached. `card.json` and `card.md`, a section for tests/bench/RESULTS.md, are left in FOLDER; the
Markdown is printed, too. Without `--checkpoint` weights are random, in S1 Mini's sizes. `--dry` goes through all of it
on a pretended card and tiny sizes, where figures mean nothing. Exits with 1 when a part failed or was not reached.

What `card.json` holds: `date`, `is_dry`, `budget_s`, `took_s`, and `parts`: by name, each with `state` ("done",
"failed", "killed", "not reached"), `seconds`, `limit_s`, `error` (its last lines) and `found`, whose fields are
described where they are made, in tests/gpu/parts.py.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
BUDGET_S = 345.0
"""Of six minutes; what is left is for ending and writing."""
LIMITS_S = {
    "machine": 30.0,
    "proofs": 60.0,
    "bench bfloat16": 50.0,
    "bench int8": 50.0,
    "bench int4": 50.0,
    "memory": 40.0,
    "timeline": 40.0,
    "start": 120.0,
    "marked tests": 120.0,
}
"""The parts in their order, what matters most first. A part gets less where less of the budget is left."""


@dataclass(slots=True)
class Part:
    """What became of one part."""

    limit_s: float
    state: str = "not reached"
    seconds: float = 0.0
    error: str = ""
    found: dict[str, Any] = field(default_factory=dict)


def run_parts(groups: Sequence[Sequence[str]], options: list[str], out: Path, budget_s: float) -> dict[str, Part]:
    """Run each group of parts in a process of its own, until the budget is spent."""
    parts = {name: Part(LIMITS_S[name]) for group in groups for name in group}
    ends_at = time.monotonic() + budget_s
    for group in groups:
        left_s = ends_at - time.monotonic()
        if left_s <= 0:
            break
        limit_s = min(left_s, sum(LIMITS_S[name] for name in group))
        for name, part in _run_group(group, options, out, limit_s):
            parts[name] = part
            print(f"{name}: {part.state}, {part.seconds:.1f} s", file=sys.stderr)  # noqa: T201
    return parts


def _run_group(group: Sequence[str], options: list[str], out: Path, limit_s: float) -> Iterator[tuple[str, Part]]:
    """What came of the parts that were begun. A process writes a line of JSON for each that is done."""
    result, errors = out / "part.jsonl", out / "part.err"
    result.unlink(missing_ok=True)
    command = [sys.executable, str(HERE / "card.py"), "--child", *group, *options, "--out", str(out)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join((str(ROOT), str(HERE.parent)))}
    began = time.monotonic()
    with errors.open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=file, env=environment, cwd=ROOT, start_new_session=os.name != "nt"
        )
        try:
            code: int | None = process.wait(limit_s)
        except subprocess.TimeoutExpired:
            code = None
        finally:
            _kill(process)
    seconds = time.monotonic() - began
    lines = result.read_text(encoding="utf-8").splitlines() if result.exists() else []
    done = [json.loads(line) for line in lines]
    for entry in done:
        yield entry["part"], Part(limit_s, "done", entry["seconds"], "", entry["found"])
    if len(done) < len(group):
        last_words = errors.read_text(encoding="utf-8", errors="replace")[-2000:]
        state = "killed" if code is None else "failed"
        spent_s = seconds - sum(entry["seconds"] for entry in done)
        yield group[len(done)], Part(limit_s, state, spent_s, last_words)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """With all that it started."""
    if os.name != "nt":
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()
    process.wait()


def run_child(names: Sequence[str], arguments: argparse.Namespace) -> None:
    """In the process of its own: do the parts, and write down each as it is done."""
    from gpu.parts import PARTS, Setting, pretended

    setting = Setting(arguments.checkpoint, arguments.out, is_dry=arguments.dry)
    with pretended(is_dry=arguments.dry):
        for name in names:
            began = time.perf_counter()
            found = PARTS[name](setting)
            entry = {"part": name, "seconds": time.perf_counter() - began, "found": found}
            with (arguments.out / "part.jsonl").open("a", encoding="utf-8") as file:
                file.write(json.dumps(entry) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description="See on a GPU all that has to be seen there, in six minutes.")
    parser.add_argument("--checkpoint", type=Path, help="S1 Mini's folder; without it weights are random")
    parser.add_argument("--out", type=Path, default=Path("build/card"), help="where the report goes")
    parser.add_argument("--dry", action="store_true", help="a pretended card and tiny sizes")
    parser.add_argument("--only", nargs="+", choices=tuple(LIMITS_S), default=list(LIMITS_S), help="some parts alone")
    parser.add_argument("--budget", type=float, default=BUDGET_S, metavar="SECONDS")
    parser.add_argument("--child", nargs="+", choices=tuple(LIMITS_S), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    arguments.out = arguments.out.resolve()
    if arguments.child:
        run_child(arguments.child, arguments)
        return 0
    arguments.out.mkdir(parents=True, exist_ok=True)
    options = ["--dry"] if arguments.dry else []
    options += ["--checkpoint", str(arguments.checkpoint.resolve())] if arguments.checkpoint else []
    groups = [arguments.only] if arguments.dry else [[name] for name in arguments.only]
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is ended, too
    parts = run_parts(groups, options, arguments.out, arguments.budget)
    document = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "is_dry": arguments.dry,
        "budget_s": arguments.budget,
        "took_s": time.monotonic() - began,
        "parts": {name: asdict(part) for name, part in parts.items()},
    }
    sys.path.insert(0, str(HERE.parent))
    from gpu.report import as_markdown

    (arguments.out / "card.json").write_text(json.dumps(document, indent=1), encoding="utf-8")
    (arguments.out / "card.md").write_text(as_markdown(document), encoding="utf-8")
    print(as_markdown(document))  # noqa: T201
    return 0 if all(part.state == "done" for part in parts.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
