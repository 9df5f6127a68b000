"""The description of the paths is true, as far as Schemathesis can find out; what is counted is counted."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from served import Server, serving, settings_in
from waiting import LIMIT_S, wait_until

from engine.server import ServerLimits

TESTS = Path(__file__).parents[2]


@pytest.mark.slow
def test_schemathesis_finds_nothing(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path, limits=ServerLimits(max_text_chars=30))) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json", "--checks=all"]
        # A description cannot say that a text needs a word in it, or that bytes are a recording.
        command += ["--exclude-checks=positive_data_acceptance", "--warnings=off", "--continue-on-failure"]
        command += [
            "--phases=fuzzing",
            "--max-examples=10",
            "--generation-deterministic",
            "--no-color",
            "--request-timeout=60",
        ]
        environment = {**os.environ, "SCHEMATHESIS_HOOKS": "schemathesis_hooks", "HOME": str(tmp_path)}
        environment["PYTHONPATH"] = os.pathsep.join([str(TESTS), environment.get("PYTHONPATH", "")])
        done = subprocess.run(
            command,
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            encoding="utf-8",
            timeout=5 * LIMIT_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
        assert "Tested: 15" in done.stdout
        assert server.tts("Hello.").status == 200


def test_every_path_is_described(server: Server) -> None:
    described = set(server.ask("GET", "/openapi.json").json["paths"])
    assert described == {
        "/health",
        "/v1/health",
        "/v1/tts",
        "/v1/tts/stream/with-timestamp",
        "/dev/captioned_speech",
        "/v1/vqgan/encode",
        "/v1/vqgan/decode",
        "/v1/references/list",
        "/v1/references/add",
        "/v1/references/delete",
        "/v1/references/update",
        "/v1/audio/speech",
        "/v1/audio/voices",
        "/v1/models",
    }


def test_what_happens_is_counted(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path)) as server:
        assert server.tts("Hello.").status == 200
        assert server.tts("").status == 400
        server.ask("GET", "/no/such/path")
        server.ask("GET", "/v1/models", Host="example.org")
        idle = b"\nlectern_engine_busy 0\n"  # the engine may end a little after its last sound is out
        wait_until(lambda: idle in server.ask("GET", "/metrics").body, "the engine is idle")
        reply = server.ask("GET", "/metrics")
    assert reply.headers["content-type"].startswith("text/plain; version=0.0.4")
    lines = reply.body.decode().splitlines()
    values = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    assert values['lectern_requests_total{method="POST",path="/v1/tts",status="200"}'] == "1"
    assert values['lectern_requests_total{method="POST",path="/v1/tts",status="400"}'] == "1"
    assert values['lectern_requests_total{method="GET",path="other",status="404"}'] == "1"
    assert values['lectern_requests_total{method="GET",path="/v1/models",status="403"}'] == "1"
    assert values["lectern_first_audio_seconds_count"] == values['lectern_rtf_bucket{le="+Inf"}'] == "1"
    assert float(values["lectern_audio_seconds_total"]) > 0.3
    assert int(values["lectern_resident_memory_bytes"]) > 2**20
    assert values["lectern_queue_waiting"] == values["lectern_engine_busy"] == "0"
    helped = {line.split()[2] for line in lines if line.startswith("# HELP")}
    assert {
        name.split("{")[0].removesuffix("_bucket").removesuffix("_sum").removesuffix("_count") for name in values
    } == helped
