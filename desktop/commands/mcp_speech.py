"""Speaks for `lectern mcp`: through the running Lectern, else with an engine of its own, one text after the other."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import engine
import engine.registry
import engine.text
from desktop.commands.dictionary import usual_dictionary
from desktop.commands.say import Opened, open_engine
from desktop.common.errors import RemoteError
from desktop.common.protocol import Command, CommandName, Reply
from desktop.common.terminal import Terminal
from desktop.platform.remote import send
from desktop.playback.player import Player, find_output_device

POLL_S = 0.1
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Text:
    text: str
    voice: str
    options: engine.SpeechOptions


class Speech:
    """Speaks texts in the order they come. The engine, once one is needed, and the loudspeaker belong to one thread."""

    def __init__(self, terminal: Terminal) -> None:
        self._terminal = terminal
        self._thread = ThreadPoolExecutor(1, "speech")
        self._turn = asyncio.Lock()
        self._cancel = engine.CancelToken()
        self._opened: tuple[str, Opened] | None = None  # the thread's alone
        self._later: set[asyncio.Task[str]] = set()

    async def speak(self, text: str, voice: str, language: str, *, wait: bool) -> str:
        """Speak `text`, and return when it has been heard, or without `wait` when it is on its way. Cancelled, it is
        silent. Raises `EngineError` and `DesktopError`: without `wait`, only what is known at once."""
        engine.text.check_text(text)
        if language and language not in engine.LANGUAGES:
            raise engine.OptionError("language", language, ", ".join(engine.LANGUAGES))
        options = engine.SpeechOptions(language=language or None, live=True)
        speaking = asyncio.create_task(self._speak(_Text(text, voice, options)))
        if wait:
            return await speaking
        self._later.add(speaking)
        speaking.add_done_callback(self._forget)
        await asyncio.wait((speaking,), timeout=POLL_S)  # what is wrong at once is told
        return speaking.result() if speaking.done() else "It is being spoken."

    def close(self) -> None:
        """Be silent, and give the engine back."""
        self._cancel.cancel()
        self._thread.submit(self._close_engine)
        self._thread.shutdown(wait=True)

    def _forget(self, task: asyncio.Task[str]) -> None:
        self._later.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._terminal.say(f"A text was not spoken: {error!r}")

    async def _speak(self, said: _Text) -> str:
        async with self._turn:
            if await self._is_read_by_the_running_one(said):
                return "It was spoken by the running Lectern."
            cancel = engine.CancelToken()
            self._cancel = cancel
            try:
                await self._in_thread(lambda: self._say(said, cancel))
            finally:
                cancel.cancel()
            return "It was spoken."

    # --- by the running Lectern

    async def _is_read_by_the_running_one(self, said: _Text) -> bool:
        """Have it read; False where none runs. The person's own reading is not interrupted: `RemoteError` "busy"."""
        status = await self._ask(Command(CommandName.STATUS))
        if status is None:
            return False
        if _is_active(status):
            raise RemoteError("busy")
        command = Command(CommandName.READ, said.text, said.voice, said.options.language or "")
        reply = await self._ask(command)
        if reply is None:
            return False
        if not reply.ok:
            raise RemoteError("refused", detail=reply.message)
        try:
            while (status := await self._ask(Command(CommandName.STATUS))) is not None and _is_active(status):
                await asyncio.sleep(POLL_S)
        except asyncio.CancelledError:
            await asyncio.shield(self._ask(Command(CommandName.STOP)))
            raise
        if status is None:
            raise RemoteError("bad_answer")
        problem = str(status.status.get("problem", ""))
        if problem and not status.status.get("heard_s"):
            raise RemoteError("refused", detail=problem)
        return True

    async def _ask(self, command: Command) -> Reply | None:
        return await asyncio.to_thread(send, command)

    # --- by an engine of its own, in its thread

    async def _in_thread(self, work: Callable[[], T]) -> T:
        """What is cancelled sets its token, and is waited for: two texts are never heard at once."""
        future = asyncio.get_running_loop().run_in_executor(self._thread, work)
        try:
            return await asyncio.shield(future)
        except asyncio.CancelledError:
            self._cancel.cancel()
            await asyncio.wait((future,))
            raise

    def _say(self, said: _Text, cancel: engine.CancelToken) -> None:
        device = find_output_device()
        opened = self._open(said.voice, said.options.language)
        options = engine.SpeechOptions(
            language=said.options.language, live=True, pronunciations=usual_dictionary(self._terminal)
        )
        mark = 0
        with Player(device, cancel) as player:
            for event in opened.engine.speak(engine.SpeechRequest(said.text, opened.voice, options), cancel):
                match event:
                    case engine.SegmentStarted():
                        mark = player.mark()
                    case engine.SegmentRestarted():
                        player.rewind(mark)
                    case engine.PcmChunk(samples):
                        player.play(samples)
                    case _:
                        pass
            player.drain()

    def _open(self, voice: str, language: str | None) -> Opened:
        """Return the engine that speaks with `voice`: the one that is open, where it did the last time."""
        if self._opened is None or self._opened[0] != voice:
            self._close_engine()
            arguments = argparse.Namespace(
                voice=voice, checkpoint=None, device="auto", precision="auto", compile=True, language=language
            )
            self._opened = voice, open_engine(arguments, self._terminal)
        engine.registry.check_language(self._opened[1].entry, language)
        return self._opened[1]

    def _close_engine(self) -> None:
        if self._opened is not None:
            self._opened[1].engine.close()
            self._opened = None


def _is_active(status: Reply) -> bool:
    return status.status.get("phase", "idle") != "idle"
