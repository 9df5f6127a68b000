"""Reads what pip and uv print while they install, as lines that a person reads and a window counts by."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator

_SILENT = re.compile(r"\s*(Requirement already satisfied|Obtaining dependency|\[notice\]|Looking in indexes|$)")
_PIP_FILE = re.compile(r"\s*Downloading (\S+)\.(?:whl|tar\.gz) \(([^)]+)\)")
_PIP_BYTES = re.compile(r"Progress (\d+) of (\d+)\s*$")
_UV_BEGIN = re.compile(r"\s*Downloading (\S+) \(([\d.]+)\s*(KiB|MiB|GiB)\)")
_UV_END = re.compile(r"\s*Downloaded (\S+)\s*$")
_UNITS = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_ERRORS = re.compile(r"\s*(ERROR:|error:|×|Caused by:|OSError)")
_NETWORK = re.compile(
    r"(name resolution|resolve host|dns error|error sending request|connection (refused|reset|broken|error)|timed out"
    r"|[Nn]etwork is unreachable|Max retries exceeded|Failed to fetch|No matching distribution|ProxyError)",
    re.IGNORECASE,
)
_DISK = re.compile(r"(No space left|os error 28|disk is full|os error 112)", re.IGNORECASE)
_RIGHTS = re.compile(r"(externally.managed|Permission denied|os error 13)", re.IGNORECASE)
STEP_PERCENT = 2
N_KEPT = 40
MAX_WORDS = 300


class InstallProgress:
    """Reads an installer's output line by line."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=N_KEPT)
        self._file = ""
        self._percent = -STEP_PERCENT
        self._uv_bytes: dict[str, float] = {}
        self._uv_done: set[str] = set()

    def read(self, line: str) -> Iterator[str]:
        """Read one line, and yield what is worth a line of its own; a share that is done stands in it as "35 %"."""
        line = line.rstrip()
        if found := _PIP_BYTES.match(line):
            yield from self._share(self._file, int(found[1]), int(found[2]))
            return
        if _SILENT.match(line):
            return
        self._lines.append(line)
        if found := _PIP_FILE.match(line):
            self._file, self._percent = "-".join(found[1].split("-")[:2]), -STEP_PERCENT
        elif found := _UV_BEGIN.match(line):
            self._uv_bytes[found[1]] = float(found[2]) * _UNITS[found[3]]
        elif (found := _UV_END.match(line)) and found[1] in self._uv_bytes:
            self._uv_done.add(found[1])
            self._percent = -STEP_PERCENT
            done = sum(self._uv_bytes[name] for name in self._uv_done)
            yield from self._share(found[1], done, sum(self._uv_bytes.values()), "Downloaded")
            return
        yield line.strip()

    def _share(self, name: str, done: float, total: float, verb: str = "Downloading") -> Iterator[str]:
        percent = int(100 * done / total) if total else 0
        if percent >= self._percent + STEP_PERCENT or (percent == 100 and self._percent < 100):
            self._percent = percent
            yield f"{verb} {name}: {percent} %"

    def problem(self) -> str:
        """Decide which `PyTorchError` the output means, after the installer has failed."""
        text = "\n".join(self._lines)
        for pattern, problem in ((_DISK, "disk_full"), (_RIGHTS, "not_allowed"), (_NETWORK, "network")):
            if pattern.search(text):
                return problem
        return "failed"

    def last_words(self) -> str:
        """Find the line that says why it failed, as far as one does."""
        errors = [line for line in self._lines if _ERRORS.match(line)]
        words = (errors or list(self._lines) or [""])[-1].strip()
        return re.sub(r"^(ERROR|error|Caused by):\s*|^×\s*", "", words)[:MAX_WORDS]
