"""Home Assistant's protocol, asked by its own client over real sockets; and by clients that behave badly."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rigged_voice import PlainVoice
from served import said, same_words, settings_in, spoken
from waiting import LIMIT_S, wait_until
from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.client import AsyncTcpClient
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Describe, Info
from wyoming.ping import Ping, Pong
from wyoming.tts import (
    Synthesize,
    SynthesizeChunk,
    SynthesizeStart,
    SynthesizeStop,
    SynthesizeStopped,
    SynthesizeVoice,
)

from desktop.common.messages import explain_at_prompt
from engine import SAMPLE_RATE_HZ, CancelToken, ServerError, SpeechEvent, SpeechRequest, VoiceError
from engine.registry import always_there
from engine.server import ServerLimits, ServerSettings, WyomingServer, start_wyoming_server

TEXT = "Testing one two three."


class Watched:
    """The built-in voice, and what it was asked and cancelled."""

    def __init__(self) -> None:
        self._voice = PlainVoice()
        self.status = self._voice.status
        self.requests: list[SpeechRequest] = []
        self.cancels: list[CancelToken] = []

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        self.requests.append(request)
        self.cancels.append(cancel)
        return self._voice.speak(request, cancel)

    def close(self) -> None:
        self._voice.close()


def start(settings: ServerSettings, voice: Watched) -> WyomingServer:
    return start_wyoming_server(settings, lambda: voice, lambda error: str(explain_at_prompt(error)))


LIMITS = ServerLimits(stall_s=2.0, max_unread_bytes=100_000)


@pytest.fixture(scope="module")
def voice() -> Watched:
    return Watched()


@pytest.fixture(scope="module")
def server(voice: Watched, tmp_path_factory: pytest.TempPathFactory) -> Iterator[WyomingServer]:
    folder = tmp_path_factory.mktemp("wyoming")
    server = start(settings_in(folder, limits=LIMITS, engine_voices=always_there().voice_names()), voice)
    yield server
    server.close()


def port_of(server: WyomingServer) -> int:
    return int(server.url.rpartition(":")[2])


@asynccontextmanager
async def client_of(server: WyomingServer) -> AsyncIterator[AsyncTcpClient]:
    async with asyncio.timeout(LIMIT_S), AsyncTcpClient("127.0.0.1", port_of(server)) as client:
        yield client


async def sound_from(client: AsyncTcpClient, until: Any = AudioStop) -> np.ndarray:
    """float32 `(n,)` of what comes, once it has ended as the protocol says."""
    pieces: list[bytes] = []
    n_starts = n_stops = 0
    while (event := await client.read_event()) is not None:
        if AudioStart.is_type(event.type):
            begun = AudioStart.from_event(event)
            assert (begun.rate, begun.width, begun.channels, n_starts) == (SAMPLE_RATE_HZ, 2, 1, 0)
            n_starts += 1
        elif AudioChunk.is_type(event.type):
            assert n_starts == 1
            pieces.append(AudioChunk.from_event(event).audio)
        else:
            assert AudioStop.is_type(event.type) or SynthesizeStopped.is_type(event.type), event
            n_stops += AudioStop.is_type(event.type)
        if until.is_type(event.type):
            assert n_starts == n_stops == 1
            return np.frombuffer(b"".join(pieces), "<i2").astype(np.float32) / 32768
    raise AssertionError("it hung up")


async def ask(server: WyomingServer, event: Event) -> np.ndarray:
    async with client_of(server) as client:
        await client.write_event(event)
        return await sound_from(client)


def test_it_says_which_voices_there_are(server: WyomingServer) -> None:
    async def run() -> tuple[Event | None, Event | None]:
        async with client_of(server) as client:
            await client.write_event(Ping("hello").event())
            await client.write_event(Event("no-such-thing", {"a": 1}, b"payload"))
            await client.write_event(Describe().event())
            return await client.read_event(), await client.read_event()

    pong, told = asyncio.run(run())
    assert pong is not None
    assert Pong.from_event(pong).text == "hello"
    assert told is not None
    (program,) = Info.from_event(told).tts
    assert program.supports_synthesize_streaming
    assert program.installed
    voices = {voice.name: voice.languages for voice in program.voices}
    assert {"default", "built-in"} <= voices.keys()
    assert {"en", "de", "zh"} <= set(voices["default"])
    assert all(voice.installed and voice.description for voice in program.voices)


def test_a_text_is_spoken_by_the_voice_and_in_the_language_asked_for(server: WyomingServer, voice: Watched) -> None:
    sound = asyncio.run(ask(server, Synthesize(TEXT).event()))
    assert same_words(sound, said(TEXT))
    other = asyncio.run(ask(server, Synthesize(TEXT, SynthesizeVoice("built-in/f2")).event()))
    assert same_words(other, spoken(TEXT, "built-in/f2"))
    assert not np.array_equal(sound, other)
    asyncio.run(ask(server, Synthesize("Die 3.", SynthesizeVoice(language="de-DE")).event()))
    assert voice.requests[-1].options.language == "de"
    ssml = asyncio.run(ask(server, Synthesize('<speak>A<break time="2s"/>b & c', None, "ssml").event()))
    assert voice.requests[-1].text.split() == ["A", "b", "&", "c"]
    assert len(ssml) > 2 * SAMPLE_RATE_HZ
    silence = asyncio.run(ask(server, Synthesize("…").event()))
    assert 0 < len(silence) < SAMPLE_RATE_HZ


def test_a_text_that_is_still_coming_is_spoken_sentence_by_sentence(server: WyomingServer, voice: Watched) -> None:
    first, second = "The first sentence is here.", " And here is another one. "

    async def run() -> np.ndarray:
        async with client_of(server) as client:
            await client.write_event(SynthesizeStart(SynthesizeVoice("built-in")).event())
            before = len(voice.requests)
            for i in range(0, len(first + second), 7):
                await client.write_event(SynthesizeChunk((first + second)[i : i + 7]).event())
            begun = await client.read_event()  # before its end is known
            assert begun is not None
            assert AudioStart.is_type(begun.type)
            assert voice.requests[before].text.strip() == first
            await client.write_event(Synthesize(first + second).event())  # for servers that cannot do this
            await client.write_event(SynthesizeStop().event())
            client_events = _Replayed(client, [begun])
            return await sound_from(client_events, SynthesizeStopped)  # type: ignore[arg-type]

    sound = asyncio.run(run())
    assert [request.text.strip() for request in voice.requests[-2:]] == [first, second.strip()]
    assert len(sound) > len(said(first))

    async def of_nothing() -> np.ndarray:
        async with client_of(server) as client:
            for event in (SynthesizeStart(), SynthesizeChunk("  "), SynthesizeStop()):
                await client.write_event(event.event())
            return await sound_from(client, SynthesizeStopped)

    assert len(asyncio.run(of_nothing())) < SAMPLE_RATE_HZ

    async def in_ssml() -> np.ndarray:
        async with client_of(server) as client:
            pieces = ("<speak>One <bre", 'ak time="1s"/> two.</speak>')
            for event in (SynthesizeStart(text_format="ssml"), *map(SynthesizeChunk, pieces), SynthesizeStop()):
                await client.write_event(event.event())
            return await sound_from(client, SynthesizeStopped)

    asyncio.run(in_ssml())
    assert voice.requests[-1].text.split() == ["One", "two."]


class _Replayed:
    """A client whose first events were read already."""

    def __init__(self, client: AsyncTcpClient, events: list[Event]) -> None:
        self._client, self._events = client, events

    async def read_event(self) -> Event | None:
        return self._events.pop(0) if self._events else await self._client.read_event()


def test_several_clients_take_turns(server: WyomingServer) -> None:
    async def run() -> list[np.ndarray]:
        asked = (ask(server, Synthesize(f"This is number {number}.").event()) for number in range(5))
        return await asyncio.gather(*asked)

    sounds = asyncio.run(run())
    assert all(same_words(sound, said(f"This is number {i}.")) for i, sound in enumerate(sounds))


MISTAKES = (
    (Synthesize(TEXT, SynthesizeVoice("nobody")), "nobody"),
    (Synthesize(TEXT, SynthesizeVoice("../../etc/passwd")), "voice"),
    (Synthesize("x" * 30_000), "20,000"),
    (Event("synthesize", {}), "An event lacks something"),
    (Event("synthesize", {"text": 5}), "An event lacks something"),
    (Event("synthesize", {"text": TEXT, "voice": 5}), "An event lacks something"),
    (Event("synthesize-start", {"voice": {"name": ["a"]}}), "An event lacks something"),
)


@pytest.mark.parametrize(("mistake", "words"), MISTAKES, ids=[str(i) for i in range(len(MISTAKES))])
def test_a_mistake_is_told_and_ends_the_connection(server: WyomingServer, mistake: Any, words: str) -> None:
    async def run() -> tuple[Event | None, Event | None]:
        async with client_of(server) as client:
            await client.write_event(mistake if isinstance(mistake, Event) else mistake.event())
            return await client.read_event(), await client.read_event()

    told, end = asyncio.run(run())
    assert told is not None
    assert words in Error.from_event(told).text
    assert end is None
    assert len(asyncio.run(ask(server, Synthesize(TEXT).event())))


GARBAGE = (
    b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    b"\x00\xff\xfe\n" * 100,
    b"[1, 2]\n",
    b'{"data": {}}\n',
    b'{"type": 5}\n',
    b'{"type": "synthesize", "data": [1]}\n',
    b'{"type": "synthesize", "data_length": 99999999999}\n',
    b'{"type": "synthesize", "data_length": "x"}\n',
    b'{"type": "audio-chunk", "payload_length": 99999999}\n',
    b"[" * 100_000 + b"\n",
    b"x" * 1_000_000,
)


@pytest.mark.parametrize("garbage", GARBAGE, ids=[repr(garbage[:30]) for garbage in GARBAGE])
def test_garbage_ends_its_connection_and_nothing_else(server: WyomingServer, garbage: bytes) -> None:
    with closing(socket.create_connection(("127.0.0.1", port_of(server)), LIMIT_S)) as connection:
        try:
            connection.sendall(garbage)
            while connection.recv(4096):
                pass
        except ConnectionError:  # it hung up in the middle
            pass
    assert len(asyncio.run(ask(server, Synthesize("Yes.").event())))


def test_whoever_leaves_or_never_reads_holds_nobody_up(server: WyomingServer, voice: Watched) -> None:
    long = Synthesize(200 * "This goes on and on. ").event()

    async def leave() -> None:
        async with client_of(server) as client:
            await client.write_event(long)
            await client.read_event()

    asyncio.run(leave())
    wait_until(lambda: voice.cancels[-1].cancelled, "nobody speaks for who is gone")
    line = json.dumps({"type": "synthesize", "data": long.data}).encode() + b"\n"
    with closing(socket.socket()) as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", port_of(server)))
        before = len(voice.cancels)  # it may be spoken for at once
        deaf.sendall(line)
        wait_until(lambda: len(voice.cancels) > before, "it is spoken for")
        assert len(asyncio.run(ask(server, Synthesize("Yes.").event())))  # once the deaf one is given up
        assert voice.cancels[before].cancelled


def test_an_idle_client_is_let_go_and_the_end_ends_all(tmp_path: Path) -> None:
    voice = Watched()
    server = start(settings_in(tmp_path, limits=replace(LIMITS, live_idle_s=0.2)), voice)
    with closing(socket.create_connection(("127.0.0.1", port_of(server)), LIMIT_S)) as idle:
        assert idle.recv(1) == b""
    with pytest.raises(ServerError) as taken:
        start(replace(settings_in(tmp_path), port=port_of(server)), voice)
    assert taken.value.problem == "address"
    with closing(socket.create_connection(("127.0.0.1", port_of(server)), LIMIT_S)) as busy:
        line = {"type": "synthesize", "data": {"text": 500 * "This goes on and on. "}}
        busy.sendall(json.dumps(line).encode() + b"\n")
        assert busy.recv(10)
        server.close()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", port_of(server)), LIMIT_S)
    assert voice.cancels[-1].cancelled
    server.close()  # twice is once
    with pytest.raises(VoiceError):
        start(settings_in(tmp_path, voice="nobody"), voice)
