"""`lectern mcp`, asked by the protocol's own client, and heard: by itself and by the running Lectern."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from desktops import running
from waiting import LIMIT_S

from desktop.common.protocol import Command, CommandName
from desktop.platform.remote import send

if TYPE_CHECKING:  # and where they are used: each process that looks for the tests would wait a second
    from mcp.client.client import Client
    from mcp_types import CallToolResult

TEXT = "This sentence is spoken, and heard."
LONG = 40 * "One word after the other, and on and on. "


@asynccontextmanager
async def client_of(environment: dict[str, str], folder: Path) -> AsyncIterator[Client]:
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters

    command = ["-P", "-m", "desktop", "mcp"]
    server = StdioServerParameters(command=sys.executable, args=command, env=environment, cwd=folder)
    async with asyncio.timeout(3 * LIMIT_S), Client(server) as client:
        yield client


def said(result: CallToolResult) -> str:
    from mcp_types import TextContent

    return " ".join(content.text for content in result.content if isinstance(content, TextContent))


def seconds_of_sound(samples: np.ndarray) -> float:
    loud = np.flatnonzero(np.abs(samples) > 0.01)
    return float(loud[-1] - loud[0]) / 48_000 if loud.size else 0.0


def test_a_text_is_spoken_who_cancels_hears_no_more_and_a_book_is_narrated(
    loud_lectern: Any, sound_server: Any
) -> None:
    """All of one process; when its input ends it is speaking, and ends."""
    book = loud_lectern.folder / "book.txt"
    book.write_text("The first sentence. The second one.\n")

    async def run() -> None:
        async with client_of(loud_lectern.environment, loud_lectern.folder) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            assert tools.keys() == {"speak", "narrate"}
            assert tools["speak"].input_schema["required"] == ["text"]
            assert "voice" in tools["speak"].input_schema["properties"]
            with sound_server.monitor.recording() as stop:
                result = await client.call_tool("speak", {"text": TEXT, "voice": "built-in/espeak", "language": "en"})
                heard = await asyncio.to_thread(stop)
            assert (result.is_error, said(result)) == (False, "It was spoken.")
            assert 1.0 < seconds_of_sound(heard) < 5.0
            await check_cancelling(client, sound_server.monitor)
            begun = time.monotonic()
            result = await client.call_tool("speak", {"text": LONG, "voice": "built-in/espeak", "wait": False})
            assert "being spoken" in said(result)
            assert time.monotonic() - begun < LIMIT_S / 2
            await asyncio.to_thread(sound_server.monitor.wait_for_sound)
            await check_errors(client)
            await check_narration(client, book)

    asyncio.run(run())


async def check_cancelling(client: Client, monitor: Any) -> None:
    speaking = asyncio.create_task(client.call_tool("speak", {"text": LONG, "voice": "built-in/espeak"}))
    await asyncio.to_thread(monitor.wait_for_sound)
    speaking.cancel()
    await asyncio.gather(speaking, return_exceptions=True)
    result = await client.call_tool("speak", {"text": "Yes.", "voice": "built-in/espeak"})  # once it is silent
    assert not result.is_error
    with monitor.recording() as stop:
        assert seconds_of_sound(await asyncio.to_thread(stop)) < 0.5
    unknown = await client.call_tool("speak", {"text": "Yes.", "voice": "built-in/nobody"})
    assert unknown.is_error
    assert "There is no voice built-in/nobody" in said(unknown)


async def check_errors(client: Client) -> None:
    for arguments, words in (
        ({"text": ""}, "There is no text to speak"),
        ({"text": "Hi.", "language": "xx"}, "language"),
        ({}, "text"),
    ):
        result = await client.call_tool("speak", arguments)
        assert result.is_error, arguments
        assert words.lower() in said(result).lower()
        assert "Traceback" not in said(result)
    result = await client.call_tool("narrate", {"file": "/no/such/book.epub"})
    assert result.is_error
    assert "/no/such/book.epub" in said(result)


async def check_narration(client: Client, book: Path) -> None:
    target = book.with_name("out.mp3")
    shares: list[float] = []

    async def on_progress(progress: float, total: float | None, message: str | None) -> None:
        assert message
        shares.append(progress / (total or 1))

    given = {"file": str(book), "output": str(target), "voice": "built-in/espeak"}
    result = await client.call_tool("narrate", given, progress_callback=on_progress)
    assert not result.is_error, said(result)
    assert f"Wrote {target}" in said(result)
    assert target.stat().st_size > 1000
    assert shares
    assert max(shares) == 1.0


def test_nothing_but_the_protocol_is_on_standard_output(lectern: Any) -> None:
    """On a computer without sound, and asked with garbage in between."""
    lines = [
        {
            "jsonrpc": "2.0",
            "id": 1,
            "method": "initialize",
            "params": {
                "protocolVersion": "2025-06-18",
                "capabilities": {},
                "clientInfo": {"name": "test", "version": "1"},
            },
        },
        {"jsonrpc": "2.0", "method": "notifications/initialized"},
        {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "speak", "arguments": {"text": TEXT}}},
    ]
    with lectern.start("mcp") as process:
        process.stdin.write(b"".join(json.dumps(line).encode() + b"\n" for line in lines[:2]) + b"no json\n\xff\n")
        process.stdin.write(json.dumps(lines[2]).encode() + b"\n")
        process.stdin.flush()
        replies = {}
        while 2 not in replies:
            reply = json.loads(process.stdout.readline())
            replies[reply.get("id")] = reply
        process.stdin.close()
        assert process.stdout.read() == b""
        assert process.wait(LIMIT_S) == 0
    assert replies[1]["result"]["serverInfo"]["name"] == "lectern"
    result = replies[2]["result"]
    assert result["isError"]
    assert "sound" in result["content"][0]["text"].lower()


def test_the_running_lectern_speaks(
    sound_server: Any, x_display: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {**sound_server.environment, "DISPLAY": x_display}
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = str(tmp_path / name.lower())
    environment.pop("LECTERN_CHECKPOINT", None)
    monkeypatch.setenv("XDG_RUNTIME_DIR", environment["XDG_RUNTIME_DIR"])
    settings = tmp_path / "config" / "lectern" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"version": 1, "offered_s1": True, "voice": "built-in/espeak"}))

    async def run() -> None:
        async with client_of(environment, tmp_path) as client:
            with sound_server.monitor.recording() as stop:
                given = {"text": TEXT, "voice": "built-in/f2", "language": "en"}
                result = await client.call_tool("speak", given)
                heard = await asyncio.to_thread(stop)
            assert said(result) == "It was spoken by the running Lectern."
            assert 1.0 < seconds_of_sound(heard) < 5.0
            unknown = await client.call_tool("speak", {"text": TEXT, "voice": "built-in/nobody"})
            assert unknown.is_error
            assert "built-in/nobody" in said(unknown)
            speaking = asyncio.create_task(client.call_tool("speak", {"text": LONG}))
            await asyncio.to_thread(sound_server.monitor.wait_for_sound)
            speaking.cancel()
            await asyncio.gather(speaking, return_exceptions=True)
            while phase() != "idle":
                await asyncio.sleep(0.05)
            send(Command(CommandName.READ, LONG))  # the person's own
            busy = await client.call_tool("speak", {"text": TEXT})
            assert busy.is_error
            assert "reading something else" in said(busy)
            assert phase() != "idle"

    def phase() -> str:
        reply = send(Command(CommandName.STATUS), LIMIT_S)
        return "" if reply is None else str(reply.status["phase"])

    command = [sys.executable, "-m", "desktop", "--background"]
    with (
        (tmp_path / "app.log").open("wb") as log,
        running(*command, env=environment, cwd=tmp_path, stdout=log, stderr=log) as process,
    ):
        deadline = time.monotonic() + LIMIT_S
        while phase() != "idle":
            assert time.monotonic() < deadline
            signal.sigtimedwait([], 0.05)
        asyncio.run(run())
        send(Command(CommandName.QUIT), LIMIT_S)
        assert process.wait(LIMIT_S) == 0
    assert b"Traceback" not in (tmp_path / "app.log").read_bytes()


@pytest.mark.parametrize(("command", "package"), [("wyoming", "wyoming"), ("mcp", "mcp")])
def test_where_a_part_is_not_installed_the_command_says_how_to_install_it(
    lectern: Any, command: str, package: str
) -> None:
    code = f"import sys; sys.modules['{package}'] = None; from desktop.cli import run; sys.exit(run(['{command}']))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=lectern.environment, capture_output=True, encoding="utf-8", check=False
    )
    assert done.returncode == 2, done.stderr
    assert f"pip install 'lectern[{package}]'" in done.stderr
    assert done.stdout == ""


def test_home_assistants_protocol_is_served_until_a_signal(lectern: Any) -> None:
    with lectern.start("wyoming", "--listen", "tcp://127.0.0.1:0", "--voice", "built-in/espeak") as process:
        lines = []
        while not lines or "answers at tcp://127.0.0.1:" not in lines[-1]:
            lines.append(process.stderr.readline().decode())
            assert lines[-1], lines
        port = lines[-1].rpartition("127.0.0.1:")[2].split()[0]
        with socket.create_connection(("127.0.0.1", int(port)), LIMIT_S) as client:
            client.sendall(b'{"type": "synthesize", "data": {"text": "Yes."}}\n')
            assert json.loads(client.makefile("rb").readline())["type"] == "audio-start"
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT_S) == 128 + signal.SIGINT
    warned = lectern("wyoming", "--listen", "tcp://192.0.2.1:0", "--voice", "built-in/espeak")
    assert warned.returncode == 2
    assert b"the protocol knows no key" in warned.stderr
    assert b"cannot be listened on" in warned.stderr
    wrong = lectern("wyoming", "--listen", "nowhere")
    assert wrong.returncode == 2
    assert b"HOST:PORT" in wrong.stderr
