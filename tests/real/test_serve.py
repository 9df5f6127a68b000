"""`lectern serve` as a process: the original server's options, where it listens, how it ends."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ready import Command, Ready
from served import sound_of, spoken
from waiting import LIMIT_S, wait_until

TINY = Path(__file__).parents[1] / "golden" / "tiny_s1" / "checkpoint"
TEXT = "Testing one two three."
FREE = ("--listen", "127.0.0.1:0")


@contextmanager
def serving(lectern: Any, *arguments: str | Path, **environment: str) -> Iterator[tuple[Command, str]]:
    """The process, and its address once it answers."""
    lectern.environment = {**lectern.environment, **environment}
    with lectern.start(*arguments) as process:
        yield process, address_of(process)


def address_of(process: Any) -> str:
    """Where it answers, once it does."""
    lines = [""]
    while " answers at " not in lines[-1]:
        lines.append(process.stderr.readline().decode())
        assert lines[-1], f"it ended: {lines}"
    return lines[-1].split(" answers at ")[1].split()[0]


def ask(url: str, values: Any = None, **headers: str) -> bytes:
    body = None if values is None else json.dumps(values).encode()
    request = urllib.request.Request(url, body, {"Content-Type": "application/json", **headers})
    with urllib.request.urlopen(request, timeout=LIMIT_S) as reply:
        return reply.read()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_on_a_fresh_machine_it_speaks_and_a_signal_ends_it(lectern: Any, number: signal.Signals) -> None:
    with serving(lectern, "serve", *FREE) as (process, address):
        sound = sound_of(ask(f"{address}/v1/tts", {"text": TEXT}))
        assert np.abs(sound - spoken(TEXT)).max() < 1e-4
        process.send_signal(number)
        assert process.wait(20) == 128 + number
        assert process.stderr.read() == b""


@pytest.mark.slow
def test_the_original_servers_command_line_works(lectern: Any, ready_for_s1: Ready) -> None:
    lectern.ready = ready_for_s1
    arguments = ["--llama-checkpoint-path", TINY, "--decoder-checkpoint-path", TINY / "codec.pth"]
    arguments += ["--decoder-config-name", "modded_dac_vq", "--device", "cpu", "--workers", "1"]
    with serving(lectern, "serve", *FREE, *arguments) as (_, address):
        assert json.loads(ask(f"{address}/v1/models"))["data"][0]["id"] == "openaudio-s1-mini"


def test_a_key_from_the_environment_is_asked_for_and_not_in_the_process_list(lectern: Any) -> None:
    lectern.environment["LECTERN_API_KEY"] = "a-secret"
    with lectern.start_anew("serve", "--listen", "0.0.0.0:0") as process:
        address = address_of(process).replace("0.0.0.0", "127.0.0.1")
        with pytest.raises(urllib.error.HTTPError) as refused:
            ask(f"{address}/v1/health")
        refused.value.close()
        assert refused.value.code == 401
        assert ask(f"{address}/v1/health", Authorization="Bearer a-secret")
        assert b"a-secret" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()


def test_a_page_is_let_in_and_the_default_voice_speaks_for_clients_that_know_none(lectern: Any) -> None:
    options = ["--voice", "built-in/f2", "--default-for-unknown-voices", "--no-wav-header"]
    origins = ["--allow-origin", "http://one.example", "HTTP://Two.example/", "--allow-origin", "null"]
    with serving(lectern, "serve", *FREE, *options, *origins) as (_, address):
        wanted = spoken(TEXT, "built-in/f2")
        for values in ({}, {"reference_id": "802e3bc2b27e49c2995d23ef70e6ac89"}):
            assert np.abs(sound_of(ask(f"{address}/v1/tts", {"text": TEXT, **values})) - wanted).max() < 1e-4
        streamed = ask(f"{address}/v1/tts", {"text": TEXT, "streaming": True})
        assert len(streamed) == 2 * wanted.size, "samples alone"
        for origin in ("http://one.example", "http://two.example", "null"):
            assert ask(f"{address}/v1/health", Origin=origin)


def test_with_few_files_it_serves_says_so_once_and_stays(lectern: Any) -> None:
    """`ulimit -n 48`: asyncio alone would write 256 tracebacks a second."""
    command = f'ulimit -n 48; exec "{sys.executable}" -m desktop serve --listen 127.0.0.1:0'
    environment = lectern.environment
    log = lectern.folder / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(["sh", "-c", command], env=environment, stdout=file, stderr=file)
    try:
        wait_until(lambda: " answers at " in log.read_text(), "it serves", 60)
        address = log.read_text().split(" answers at ")[1].split()[0]
        host, port = address.removeprefix("http://").split(":")
        with ExitStack() as stack:
            clients = [stack.enter_context(socket.create_connection((host, int(port)))) for _ in range(200)]
            for client in clients:
                client.sendall(b"GET /v1/health HTTP/1.1\r\nHost: loc")
            for _ in range(3):
                assert np.abs(sound_of(ask(f"{address}/v1/tts", {"text": TEXT})) - spoken(TEXT)).max() < 1e-4
        assert ask(f"{address}/v1/health")
        assert process.poll() is None
        lines = log.read_text().splitlines()
        assert len(lines) < 10, "\n".join(lines[:40])
    finally:
        process.terminate()
        process.wait(20)


def test_webui_opens_the_page_in_the_browser(lectern: Any) -> None:
    seen = lectern.folder / "seen"
    browser = lectern.folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {seen}.part && mv {seen}.part {seen}\n')
    browser.chmod(0o755)
    with serving(lectern, "webui", *FREE, BROWSER=str(browser)) as (process, address):
        page = ask(f"{address}/").decode()
        assert "<title>Lectern</title>" in page
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert seen.read_text().strip() == address


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--listen", "0.0.0.0:0"], "can be reached from other computers"),
        (["--listen", "nowhere"], "The option --listen cannot be nowhere."),
        (["--decoder-config-name", "firefly_gan_vq"], "modded_dac_vq only, which S1 Mini needs"),
        (["--checkpoint", "here", "--decoder-checkpoint-path", "there/codec.pth"], "read from one folder"),
        (["--checkpoint", "nowhere"], "There is no checkpoint folder"),
        (["--max-text-length", "-1"], "0 (no limit) or more"),
        (["--max-text-length", "many"], "invalid int value: 'many'"),
        (["--listen", "127.0.0.1:" + "8" * 5000], "The option --listen cannot be"),
        (["--listen", "127.0.0.1:65536"], "The option --listen cannot be 127.0.0.1:65536."),
        (["--voice", "nobody"], "There is no voice nobody. There are: default, "),
        (["--allow-origin", "my-page.example"], "The option --allow-origin cannot be my-page.example."),
    ],
)
def test_what_cannot_be_served_is_said_before_anything_listens(lectern: Any, arguments: list[str], said: str) -> None:
    done = lectern("serve", *FREE, *arguments)
    assert done.returncode == 2
    assert said in done.stderr.decode().splitlines()[-1]


def test_without_its_packages_it_names_the_command_that_installs_them(lectern: Any, tmp_path: Path) -> None:
    (tmp_path / "blocker" / "uvicorn").mkdir(parents=True)
    (tmp_path / "blocker" / "uvicorn" / "__init__.py").write_text("raise ModuleNotFoundError(name='uvicorn')\n")
    path = os.pathsep.join([str(tmp_path / "blocker"), lectern.environment.get("PYTHONPATH", "")])
    lectern.environment = {**lectern.environment, "PYTHONPATH": path}
    done = lectern.anew("serve", *FREE)
    assert done.returncode == 2
    assert (
        done.stderr.decode()
        .splitlines()[-1]
        .endswith("not installed (uvicorn). Install them: pip install 'lectern[server]'")
    )
