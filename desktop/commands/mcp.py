"""`lectern mcp`: tools that speak and narrate, for programs with a language model, over standard input and output."""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import sys
from contextlib import suppress
from importlib.metadata import version
from typing import Annotated

import engine
import engine.machine
from desktop.commands.mcp_speech import Speech
from desktop.common.errors import DesktopError
from desktop.common.messages import explain_at_prompt
from desktop.common.terminal import Terminal

try:
    from mcp.server.mcpserver import Context, MCPServer
    from mcp.server.mcpserver.exceptions import ToolError
    from pydantic import Field
except ModuleNotFoundError as error:
    raise engine.ServerError("no_mcp", detail=error.name or "") from error

INSTRUCTIONS = """\
Lectern speaks aloud on the user's own computer, offline. Use speak for what the user should hear, and narrate to make
an audiobook of a document. Write texts as they are to be read: whole sentences, no Markdown tables.
"""
END_LIMIT_S = 20.0
_PERCENT = re.compile(r"(\d{1,3}) %")
_LINE_LIMIT_BYTES = 1 << 20

Text = Annotated[str, Field(description="What is said, in plain text.")]
Voice = Annotated[str, Field(description="A voice's name in Lectern, such as built-in/f2; empty for the usual one.")]
Language = Annotated[str, Field(description=f"One of {', '.join(engine.LANGUAGES)}; empty to detect it.")]
Wait = Annotated[bool, Field(description="Whether to answer when all has been heard, and not at once.")]
Document = Annotated[str, Field(description="The absolute path of a document: epub, pdf, docx, md, txt, html …")]
Output = Annotated[str, Field(description="The audiobook's path (.m4b, .mp3, .opus …); empty for beside the document.")]


def mcp(_arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Serve until standard input ends."""
    speech = Speech(terminal)
    try:
        build_server(speech).run("stdio")
    finally:
        speech.close()
    return 0


def build_server(speech: Speech) -> MCPServer:
    """Make the server with its tools. Errors that a person can mend are told with their remedy."""
    server: MCPServer = MCPServer(
        "lectern", title="Lectern", instructions=INSTRUCTIONS, version=version("lectern"), log_level="ERROR"
    )

    @server.tool(title="Speak aloud")
    async def speak(text: Text, voice: Voice = "", language: Language = "", wait: Wait = True) -> str:
        """Speak a text aloud on the user's computer."""
        try:
            return await speech.speak(text, voice, language, wait=wait)
        except (engine.EngineError, DesktopError) as error:
            raise ToolError(str(explain_at_prompt(error))) from error

    @server.tool(title="Make an audiobook")
    async def narrate(
        file: Document, ctx: Context, output: Output = "", voice: Voice = "", language: Language = ""
    ) -> str:
        """Make an audiobook of a document. It may take hours; what is done is kept, and the same call goes on."""
        options = {"--output": output, "--voice": voice, "--lang": language}
        given = [f"{name}={value}" for name, value in options.items() if value]
        return await _narrate([*given, "--", file], ctx)

    return server


async def _narrate(arguments: list[str], ctx: Context) -> str:
    """Run `lectern narrate` in a process of its own, which ends in good order when the call is cancelled."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-P", "-m", "desktop", "narrate", *arguments),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        limit=_LINE_LIMIT_BYTES,
        creationflags=engine.machine.NO_CONSOLE,
    )
    assert process.stderr is not None
    lines: list[str] = []
    try:
        async for line in process.stderr:
            words = line.decode("utf-8", "replace").strip()
            if percent := _PERCENT.search(words):
                await ctx.report_progress(int(percent[1]), 100, words)
            elif words:
                lines.append(words)
        code = await process.wait()
    finally:
        await _end(process)
    if code:
        reason = next((line for line in reversed(lines) if line), "It ended without a word.")
        raise ToolError(reason.removeprefix("lectern narrate: error: ").removeprefix("lectern: "))
    return "\n".join(lines)


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        process.send_signal(signal.SIGTERM)
    try:
        async with asyncio.timeout(END_LIMIT_S):
            await asyncio.shield(process.wait())
    except (TimeoutError, asyncio.CancelledError):
        with suppress(ProcessLookupError):
            process.kill()
