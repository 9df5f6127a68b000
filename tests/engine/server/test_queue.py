"""One at a time, in the order they came; who goes away frees the engine; who is too many is told when to come again."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import IncompleteRead
from pathlib import Path

import numpy as np
import pytest
from rigged_voice import Fault, PlainVoice, Rig, RiggedVoice
from served import LIMIT_S, Server, serving, settings_in, sound_of, spoken
from waiting import wait_until

from engine import CancelToken, EngineStatus, PcmChunk, SpeechEngine, SpeechEvent, SpeechRequest, TextError
from engine.server import ServerLimits
from engine.server.worker import Channel, EngineWorker, ReaderGone


class Watched:
    """The built-in voice, which notes what it is asked for, and waits in the middle of a text that says so."""

    def __init__(self, folder: Path) -> None:
        self._voice = RiggedVoice((Rig("wait", Fault.WAIT, folder, times=100),), "watched")
        self.begun: list[str] = []
        self.ended: list[str] = []

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        self.begun.append(request.text)
        try:
            yield from self._voice.speak(request, cancel)
        finally:
            self.ended.append(request.text)

    def status(self) -> EngineStatus:
        return self._voice.status()

    def close(self) -> None:
        self._voice.close()


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path)


def test_a_client_that_hangs_up_while_it_is_spoken_to_frees_the_engine(tmp_path: Path, watched: Watched) -> None:
    with serving(settings_in(tmp_path), lambda: watched) as server:
        connection = server.connect()
        response = server.begin(connection, "POST", "/v1/tts", {"text": "Please wait here.", "streaming": True})
        assert response.read1(100).startswith(b"RIFF"), "sound is sent while it is made"
        assert not watched.ended
        response.close()
        connection.close()
        assert server.tts("Hello.").status == 200
        assert watched.ended == ["Please wait here.", "Hello."]


def test_a_client_that_hangs_up_before_its_turn_takes_no_turn(tmp_path: Path, watched: Watched) -> None:
    with serving(settings_in(tmp_path), lambda: watched) as server, ThreadPoolExecutor() as pool:
        first = server.connect()
        response = server.begin(first, "POST", "/v1/tts", {"text": "Please wait here.", "streaming": True})
        response.read1(100)
        leaving = _send_only(server, "I am leaving.")
        wait_until(lambda: server.service.worker.n_waiting == 1, "one waits")
        last = pool.submit(server.tts, "Hello.")
        wait_until(lambda: server.service.worker.n_waiting == 2, "two wait")
        leaving.close()
        wait_until(lambda: server.service.worker.n_waiting == 1, "one has left")
        response.close()
        first.close()
        assert last.result(LIMIT_S).status == 200
    assert watched.begun == ["Please wait here.", "Hello."]


def test_requests_are_served_in_the_order_they_came_and_never_mixed_up(tmp_path: Path, watched: Watched) -> None:
    texts = [f"This is number {number}." for number in range(8)]
    with serving(settings_in(tmp_path), lambda: watched) as server, ThreadPoolExecutor(8) as pool:
        first = server.connect()
        response = server.begin(first, "POST", "/v1/tts", {"text": "Please wait here.", "streaming": True})
        response.read1(100)
        replies = []
        for number, text in enumerate(texts):
            replies.append(pool.submit(server.tts, text))
            wait_until(lambda n=number: server.service.worker.n_waiting == n + 1, f"{number + 1} wait")
        response.close()
        first.close()
        for text, reply in zip(texts, replies, strict=True):
            assert np.abs(sound_of(reply.result(LIMIT_S).body) - spoken(text, "built-in/espeak")).max() < 1e-4
    assert watched.begun[1:] == texts


def test_who_is_too_many_is_told_when_to_come_again(tmp_path: Path, watched: Watched) -> None:
    limits = ServerLimits(max_waiting=1)
    with serving(settings_in(tmp_path, limits=limits), lambda: watched) as server:
        first = server.connect()
        server.begin(first, "POST", "/v1/tts", {"text": "Please wait here.", "streaming": True}).read1(100)
        waiting = _send_only(server, "My turn is next.")
        wait_until(lambda: server.service.worker.n_waiting == 1, "one waits")
        refused = server.tts("Too many.")
        assert refused.status == 429
        assert int(refused.headers["retry-after"]) >= 1
        assert refused.json["statusCode"] == 429
        assert server.ask("GET", "/v1/health").status == 200
        waiting.close()
        wait_until(lambda: server.service.worker.n_waiting == 0, "it has left")
        first.close()
        assert server.tts("Hello.").status == 200


def test_a_failure_is_told_and_the_next_request_fares_well(tmp_path: Path) -> None:
    rigs = (Rig("memory", Fault.OUT_OF_MEMORY, tmp_path), Rig("trouble", Fault.RAISE, tmp_path))
    with serving(settings_in(tmp_path), lambda: RiggedVoice(rigs, "rigged")) as server:
        full = server.tts("My memory is full.")
        assert (full.status, full.headers["retry-after"]) == (503, "5")
        assert "GPU X" in full.json["message"]
        broken = server.tts("There is trouble.")
        assert broken.status == 500
        assert "rigged failure" not in broken.json["message"], "a traceback is for the log"
        assert server.tts("Hello.").status == 200


def test_a_failure_in_the_middle_breaks_the_connection_off(tmp_path: Path) -> None:
    rig = Rig("trouble", Fault.RAISE, tmp_path)
    with serving(settings_in(tmp_path), lambda: RiggedVoice((rig,), "rigged")) as server:
        with pytest.raises((IncompleteRead, ConnectionError)):
            server.tts("There is trouble.", streaming=True)
        assert server.tts("Hello.").status == 200


def test_a_reader_that_takes_nothing_holds_the_engine_no_longer_than_it_may(tmp_path: Path) -> None:
    limits = ServerLimits(max_unread_bytes=10_000, stall_s=0.2)
    long_text = "One word after the other, and on and on it goes. " * 200
    with serving(settings_in(tmp_path, limits=limits)) as server:
        lazy = _send_only(server, long_text, receive_bytes=4096)
        wait_until(lambda: server.service.worker.is_busy, "the engine speaks")
        assert server.tts("Hello.").status == 200
        lazy.close()


def test_the_end_of_the_server_ends_what_it_was_doing(tmp_path: Path, watched: Watched) -> None:
    with serving(settings_in(tmp_path), lambda: watched) as server:
        connection = server.connect()
        server.begin(connection, "POST", "/v1/tts", {"text": "Please wait here.", "streaming": True}).read1(100)
    connection.close()
    assert watched.ended == ["Please wait here."]


def test_an_engine_that_cannot_be_opened_says_so() -> None:
    def fail() -> SpeechEngine:
        raise TextError("empty")

    worker = EngineWorker(fail, 1)
    with pytest.raises(TextError):
        worker.start()
    worker.close()


def test_a_channel_gives_what_was_put_then_its_error() -> None:
    async def read() -> list[int]:
        channel: Channel[int] = Channel(2, 5.0)

        def put() -> None:
            for number in range(100):  # far more than may be unread
                channel.put(number)
            channel.end(TextError("empty"))

        thread = threading.Thread(target=put)
        thread.start()
        read: list[int] = []
        read.extend([await channel.get() or 0 for _ in range(100)])
        with pytest.raises(TextError):
            await channel.get()
        thread.join()
        return read

    assert asyncio.run(read()) == list(range(100))


def test_a_channel_whose_reader_is_gone_takes_no_more() -> None:
    async def close() -> None:
        channel: Channel[bytes] = Channel(10, 5.0)
        channel.put(b"0123456789", 10)
        channel.close()
        with pytest.raises(ReaderGone):
            channel.put(b"more", 4)

    asyncio.run(close())


def test_the_first_byte_leaves_with_the_engines_first_chunk(tmp_path: Path) -> None:
    """Not a measure of time: the engine makes its second chunk only when the client has the first."""
    has_first = threading.Event()

    class Patient(PlainVoice):
        def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
            for n, event in enumerate(super().speak(request, cancel)):
                yield event
                if isinstance(event, PcmChunk) and n == 1:
                    assert has_first.wait(LIMIT_S)

    with serving(settings_in(tmp_path), Patient) as server:
        for name in ("wav", "pcm", "flac", "mp3", "opus"):
            has_first.clear()
            connection = server.connect()
            text = "The first words of a sentence that is not short."
            response = server.begin(connection, "POST", "/v1/tts", {"text": text, "format": name, "streaming": True})
            assert response.read1(10_000)
            has_first.set()
            assert response.read()
            connection.close()


def _send_only(server: Server, text: str, receive_bytes: int | None = None) -> socket.socket:
    """A client that reads nothing."""
    client = socket.socket()
    if receive_bytes is not None:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
    client.connect(("127.0.0.1", server.port))
    body = f'{{"text": "{text}", "streaming": true}}'.encode()
    client.sendall(
        b"POST /v1/tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: "
        + f"{len(body)}\r\n\r\n".encode()
        + body
    )
    return client
