"""onnxruntime, which computes the natural voice, has ways to report home: nothing of them is there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SPEAK = """
import os, sys
from engine.builtin import NaturalVoice
from engine.types import CancelToken, PcmChunk, SpeechRequest

def n_threads():
    return len(os.listdir("/proc/self/task"))

n_before = n_threads()  # NumPy may have some
assert "onnxruntime" not in sys.modules and "ORT_DISABLE_TELEMETRY" not in os.environ
events = NaturalVoice().speak(SpeechRequest("Hello."), CancelToken())
assert sum(len(event.samples) for event in events if isinstance(event, PcmChunk)) > 10_000
assert "onnxruntime" in sys.modules and os.environ["ORT_DISABLE_TELEMETRY"] == "1"
links = [os.readlink(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd") if number != "3"]
print([link for link in links if link.startswith("socket")], n_threads() - n_before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_no_file_no_socket_no_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "TMPDIR"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("ORT_DISABLE_TELEMETRY", raising=False)
    made = subprocess.run([sys.executable, "-c", SPEAK], capture_output=True, encoding="utf-8", check=False)
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    assert made.stdout == "[] 0\n"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert os.environ.get("ORT_DISABLE_TELEMETRY") is None
