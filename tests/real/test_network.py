"""Nothing but logging in and downloading reaches beyond this machine: neither Python nor what lies below it.

Every test of the suite is watched by tests/offline/sitecustomize.py; here tests/offline/watch.c watches native code as
well, and everything that could lead outside is laid out: a token, proxies, the Hub's own address.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from desktops import require
from waiting import LIMIT_S

import engine
import engine.audio
import engine.weights

TINY = Path(__file__).parents[1] / "golden" / "tiny_s1" / "checkpoint"
ELSEWHERE = "192.0.2.1"  # for documentation (RFC 5737): nobody is there
TOKEN = "hf_NobodyShouldAskAboutIt"


@pytest.fixture
def watched(lectern: Any, network_watch: Path, tmp_path: Path) -> Any:
    """`lectern` with a checkpoint of its own, a token and proxies, watched to the last library."""
    own = engine.weights.download_folder(tmp_path / "data" / "lectern")
    shutil.copytree(TINY, own)
    lectern.environment |= {
        "LD_PRELOAD": str(network_watch),
        "XDG_DATA_HOME": str(tmp_path / "data"),
        "HF_TOKEN": TOKEN,
        "HF_HOME": str(tmp_path / "hub"),
        "http_proxy": f"http://{ELSEWHERE}:3128",
        "https_proxy": f"http://{ELSEWHERE}:3128",
        "no_proxy": "localhost,127.0.0.1",
    }
    lectern.environment.pop("HF_ENDPOINT", None)
    return lectern


def take_attempts(network_log: Path) -> str:
    """Out of the log, so that the guard does not fail the test that made them on purpose."""
    attempts = network_log.read_text(encoding="utf-8")
    network_log.unlink()
    return attempts


# --- the watch sees what it should


QT_TRIAL = f"""
from PySide6.QtCore import QCoreApplication
from PySide6.QtNetwork import QHostInfo, QTcpSocket
application = QCoreApplication([])
line = QTcpSocket()
line.connectToHost("{ELSEWHERE}", 80)
print(line.waitForConnected(5000))
print(QHostInfo.fromName("qt.example.org").addresses())
"""


def test_native_code_is_watched(watched: Any, network_log: Path) -> None:
    curl = [require("curl", "curl"), "--noproxy", "*", "--max-time", "5", f"http://{ELSEWHERE}/"]
    assert subprocess.run(curl, env=watched.environment, capture_output=True, check=False).returncode == 7
    assert f"native connect {ELSEWHERE} by " in take_attempts(network_log)
    done = subprocess.run(
        [sys.executable, "-c", QT_TRIAL], env=watched.environment, capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout.split() == ["False", "[]"]
    attempts = take_attempts(network_log)
    assert f"native connect {ELSEWHERE} by " in attempts
    assert "native getaddrinfo qt.example.org by " in attempts


@pytest.mark.parametrize("arguments", [("download", "--to", "x"), ("login", "--token-stdin")], ids=lambda a: a[0])
def test_logging_in_and_downloading_are_what_reaches_out(
    watched: Any, network_log: Path, arguments: tuple[str, ...]
) -> None:
    """And, refused, they say so in a sentence."""
    done = watched(*arguments, stdin=TOKEN.encode())
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert b"The proxy lets nothing through to Hugging Face (192.0.2.1:3128)." in done.stderr
    assert "socket.getaddrinfo '192.0.2.1'" in take_attempts(network_log)
    for name in ("http_proxy", "https_proxy"):
        del watched.environment[name]
    assert b"Hugging Face cannot be reached" in watched(*arguments, stdin=TOKEN.encode()).stderr
    assert "socket.getaddrinfo 'huggingface.co'" in take_attempts(network_log)


# --- everything else stays here: the guard in tests/conftest.py fails the test that does not


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("say", "Hello.", "--voice", "built-in", "-o", "a.mp3"),
        ("doctor",),
        ("codec", "encode", "in.wav", "codes.npy"),
        ("narrate", "book.md", "--voice", "built-in", "-o", "book.mp3"),
        ("voices", "list"),
        ("checkpoint", "path"),
        ("checkpoint", "verify"),
        ("checkpoint", "remove"),
        ("logout",),
        ("download",),  # of what is here already
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_a_command_stays_on_this_machine(watched: Any, network_log: Path, arguments: tuple[str, ...]) -> None:
    if arguments[0] == "download":
        mark_as_downloaded(watched)
    (watched.folder / "book.md").write_text(
        "# One\n\nSee [here](https://example.org) and ![it](https://example.org/a.png).\n"
    )
    if arguments[0] == "codec":
        with engine.audio.AudioWriter(watched.folder / "in.wav") as writer:
            writer.write(np.full(44_100, 0.1, np.float32))
    done = watched(*arguments)
    assert done.returncode == 0, done.stderr.decode()
    assert not network_log.exists()


def mark_as_downloaded(watched: Any) -> None:
    """A folder as a download would have left it."""
    own = engine.weights.download_folder(Path(watched.environment["XDG_DATA_HOME"]) / "lectern")
    files = [
        {"name": name, "size_bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        for name in engine.weights.CHECKPOINT_FILES
        for data in [(own / name).read_bytes()]
    ]
    mark = {"repo": "fishaudio/openaudio-s1-mini", "revision": "0" * 40, "files": files}
    (own / ".lectern-checkpoint.json").write_text(json.dumps(mark))


@pytest.mark.parametrize(
    "arguments", [("--device", "auto"), pytest.param(("--device", "cpu"), marks=pytest.mark.slow)], ids=lambda a: a[1]
)
def test_serving_answers_and_asks_nobody(watched: Any, network_log: Path, arguments: tuple[str, ...]) -> None:
    with watched.start("serve", "--listen", "127.0.0.1:0", *arguments) as process:
        lines = [b""]
        while b" answers at " not in lines[-1]:
            lines.append(process.stderr.readline())
            assert lines[-1], lines
        address = lines[-1].split(b" answers at ")[1].split()[0].decode()
        body = json.dumps({"text": "Hi."}).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        request = urllib.request.Request(f"{address}/v1/tts", body, {"Content-Type": "application/json"})
        with opener.open(request, timeout=LIMIT_S) as reply:
            assert reply.read(4) == b"RIFF"
        with opener.open(f"{address}/", timeout=LIMIT_S) as page:
            assert b"</html>" in page.read()
    assert not network_log.exists()
