"""`/v1/tts/live`: text word by word, spoken sentence by sentence, as one voice and one stream."""

from __future__ import annotations

import json
import socket
import time
from contextlib import ExitStack, closing
from pathlib import Path

import numpy as np
import ormsgpack
import pytest
from live_client import hear, hear_all, live, pcm_of, tell
from served import LIMIT_S, Server, said, same_words, serving, settings_in, sound_of, spoken
from waiting import wait_until
from websockets.exceptions import ConnectionClosed, ConnectionClosedOK, InvalidStatus
from websockets.sync.client import connect

from engine.server import ServerLimits
from engine.server.live import Sentences

FIRST, SECOND, THIRD = "The first sentence is here. ", "And here comes a second one. ", "Dr. Lee has 3.5 apples."


def test_words_become_sentences_in_their_order(server: Server) -> None:
    text = FIRST + SECOND + THIRD
    with live(server, {}) as socket:
        for word in text.split(" "):
            tell(socket, "text", text=word + " ")
        tell(socket, "stop")
        sound = pcm_of(hear_all(socket))
    wanted = np.concatenate([said(FIRST), said(SECOND), said(THIRD)])
    assert sound.size == wanted.size
    assert np.abs(sound - wanted).max() < 1e-4


def test_a_sentence_is_spoken_once_the_next_begins_or_when_it_is_asked_for(server: Server) -> None:
    with live(server, {"text": "Said at the start. "}) as socket:
        tell(socket, "text", text="And")
        first = hear(socket)
        assert first["event"] == "audio"
        tell(socket, "text", text=" then")
        tell(socket, "flush")
        n_samples = len(first["audio"]) // 2
        wanted = np.concatenate([said("Said at the start. "), said("And then")])
        while n_samples < wanted.size:  # all of it comes, though nobody said "stop"
            n_samples += len(hear(socket)["audio"]) // 2
        assert n_samples == wanted.size
        tell(socket, "stop")
        assert hear_all(socket) == b""


@pytest.mark.parametrize("name", ["mp3", "opus", "wav", "flac"])
def test_all_sentences_are_one_file(server: Server, name: str) -> None:
    with live(server, {"format": name}) as socket:
        tell(socket, "text", text=FIRST + SECOND)
        tell(socket, "stop")
        sound = sound_of(hear_all(socket))
    assert same_words(sound, np.concatenate([said(FIRST), said(SECOND)]))


def test_nothing_to_say_is_no_mistake(server: Server) -> None:
    with live(server, {}) as socket:
        for text in ("", " ", "\n"):
            tell(socket, "text", text=text)
            tell(socket, "flush")
        tell(socket, "stop")
        assert hear_all(socket) == b""


@pytest.mark.parametrize("name", ["pcm", "wav", "mp3", "opus", "flac"])
def test_signs_alone_are_a_short_silence(server: Server, name: str) -> None:
    with live(server, {"format": name}) as socket:
        for text in ("🎉", "..."):
            tell(socket, "text", text=text)
            tell(socket, "stop")
            heard = hear_all(socket)
            sound = pcm_of(heard) if name == "pcm" else sound_of(heard)
            assert 0.05 * 44_100 < sound.size < 0.5 * 44_100
            assert np.abs(sound).max() < 1e-4
            tell(socket, "start", request={"text": "", "format": name})


def test_the_socket_stays_open_for_another_turn_and_another(server: Server) -> None:
    with live(server) as socket:
        for text, voice in ((FIRST, ""), (SECOND, "built-in/f2"), (FIRST, "")):
            tell(socket, "start", request={"text": "", "format": "pcm", "reference_id": voice})
            for word in text.split(" "):
                tell(socket, "text", text=word + " ")
            tell(socket, "stop")
            assert np.abs(pcm_of(hear_all(socket)) - spoken(text, voice or "built-in/espeak")).max() < 1e-4


def test_a_turn_may_be_asked_for_while_the_last_is_still_spoken(server: Server) -> None:
    with live(server) as socket:
        for text in (FIRST, SECOND):
            tell(socket, "start", request={"text": text, "format": "pcm"})
            tell(socket, "stop")
        for text in (FIRST, SECOND):
            assert pcm_of(hear_all(socket)).size == said(text).size


def test_a_turn_is_as_its_own_request_says(server: Server) -> None:
    with live(server, {"format": "mp3", "prosody": {"speed": 2.0}}) as socket:
        tell(socket, "text", text=FIRST)
        tell(socket, "stop")
        assert sound_of(hear_all(socket)).size == pytest.approx(said(FIRST).size / 2, rel=0.05)
        tell(socket, "start", request={"text": FIRST, "format": "wav"})
        tell(socket, "stop")
        assert np.abs(sound_of(hear_all(socket)) - said(FIRST)).max() < 1e-4


def test_who_hangs_up_between_two_turns_leaves_nothing_behind(server: Server) -> None:
    with live(server, {"text": FIRST}) as socket:
        tell(socket, "stop")
        hear_all(socket)
        assert len(server.service._live) == 1
    wait_until(lambda: not server.service._live, "nobody is left")


def test_a_socket_that_never_says_start_is_told_and_ended(tmp_path: Path) -> None:
    limits = ServerLimits(live_start_s=0.3)
    with serving(settings_in(tmp_path, limits=limits)) as server, live(server) as socket:
        event = hear(socket)
        assert (event["event"], event["reason"]) == ("finish", "error")
        with pytest.raises(ConnectionClosed):
            socket.recv(LIMIT_S)
    assert ServerLimits().live_start_s == 10


def test_between_two_turns_it_is_patient_and_ends_without_a_complaint(tmp_path: Path) -> None:
    limits = ServerLimits(live_start_s=0.2, live_idle_s=1.0)
    with serving(settings_in(tmp_path, limits=limits)) as server, live(server, {"text": FIRST}) as socket:
        tell(socket, "stop")
        hear_all(socket)
        begun_s = time.monotonic()
        with pytest.raises(ConnectionClosedOK):
            socket.recv(LIMIT_S)
        assert time.monotonic() - begun_s > 0.7, "not the first start's patience"


def test_who_has_been_spoken_to_makes_room_for_who_comes(tmp_path: Path) -> None:
    """Clients that neither hang up nor say more keep nobody out."""
    with ExitStack() as stack:
        server = stack.enter_context(serving(settings_in(tmp_path, limits=ServerLimits(max_live=3))))
        sockets = []
        for _ in range(8):
            sockets.append(stack.enter_context(live(server, {"text": FIRST})))
            tell(sockets[-1], "stop")
            assert pcm_of(hear_all(sockets[-1])).size == said(FIRST).size
        for socket in sockets[:5]:
            with pytest.raises(ConnectionClosedOK):
                socket.recv(LIMIT_S)
        tell(sockets[-1], "start", request={"text": FIRST, "format": "pcm"})
        tell(sockets[-1], "stop")
        assert pcm_of(hear_all(sockets[-1])).size == said(FIRST).size


def test_a_reader_that_takes_nothing_gives_its_place_back(tmp_path: Path) -> None:
    limits = ServerLimits(max_unread_bytes=10_000, stall_s=0.3)
    with serving(settings_in(tmp_path, limits=limits)) as server:
        with closing(_handshake(server)) as lazy:
            start = {"event": "start", "request": {"text": "On and on it goes. " * 900, "format": "pcm"}}
            _send_masked(lazy, ormsgpack.packb(start))
            _send_masked(lazy, ormsgpack.packb({"event": "flush"}))
            wait_until(lambda: server.service.worker.is_busy, "it speaks")
            wait_until(lambda: not server.service._live, "it has given up", 60)
        assert server.tts("Hello.").status == 200


def _handshake(server: Server) -> socket.socket:
    """A live socket whose owner reads nothing, not even pings."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    client.connect(("127.0.0.1", server.port))
    head = "GET /v1/tts/live HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    client.sendall(f"{head}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n".encode())
    assert b"101 Switching" in client.recv(1000)
    return client


def _send_masked(client: socket.socket, data: bytes) -> None:
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    client.sendall(b"\x82" + length + bytes(4) + data)


def test_what_is_no_live_socket_is_told_in_the_error_form(server: Server) -> None:
    for path, status in (("/v1/tts", 404), ("/nothing", 404)):
        with pytest.raises(InvalidStatus) as refused, connect(f"ws://127.0.0.1:{server.port}{path}"):
            pass
        reply = refused.value.response
        assert reply.status_code == status
        told = json.loads(reply.body or b"")
        assert (told["statusCode"], told["error"]) == (status, "Not Found")
        assert "/v1/tts/live" in told["message"]


@pytest.mark.parametrize(
    "message",
    [
        b"\xc1",
        ormsgpack.packb([1]),
        ormsgpack.packb({"event": "text", "text": "too early"}),
        ormsgpack.packb({"event": "start"}),
        ormsgpack.packb({"event": "start", "request": {"format": "wma"}}),
        "text",
    ],
)
def test_a_beginning_that_is_wrong(server: Server, message: bytes | str) -> None:
    with live(server) as socket:
        socket.send(message)
        event = hear(socket)
        assert (event["event"], event["reason"]) == ("finish", "error")
        assert event["message"].endswith(".") or ":" in event["message"]


def test_what_is_wrong_later(server: Server) -> None:
    for values in ({"event": "sing"}, {"event": "text", "text": 7}, {"event": "text", "text": "a\0b"}):
        with live(server, {}) as socket:
            socket.send(ormsgpack.packb(values))
            assert hear(socket)["reason"] == "error"
    with live(server, {"reference_id": "nobody"}) as socket:
        tell(socket, "text", text="Hello.")
        tell(socket, "stop")
        assert hear(socket)["reason"] == "error"


def test_who_hangs_up_is_not_spoken_to_any_more(server: Server) -> None:
    with live(server, {}) as socket:
        tell(socket, "text", text="On and on it goes. " * 300)
        tell(socket, "flush")
        assert hear(socket)["event"] == "audio"
    wait_until(lambda: not server.service.worker.is_busy and not server.service.worker.n_waiting, "it is quiet")
    assert server.tts("Hello.").status == 200


def test_limits(tmp_path: Path) -> None:
    limits = ServerLimits(max_live=1, max_text_chars=50, live_idle_s=0.3)
    with serving(settings_in(tmp_path, limits=limits, api_key="k")) as server:
        with pytest.raises(InvalidStatus) as refused, live(server):
            pass
        assert refused.value.response.status_code == 401
        with pytest.raises(InvalidStatus) as refused, live(server, Authorization="Bearer k", Origin="http://x.example"):
            pass
        assert refused.value.response.status_code == 403
        with live(server, {}, Authorization="Bearer k") as socket:
            with pytest.raises(InvalidStatus) as refused, live(server, Authorization="Bearer k"):
                pass
            assert refused.value.response.status_code == 429
            assert json.loads(refused.value.response.body or b"")["statusCode"] == 429
            tell(socket, "text", text="x" * 60)
            tell(socket, "flush")
            assert hear(socket)["reason"] == "error"
        with live(server, {}, Authorization="Bearer k") as socket:
            event = hear(socket)
            assert event["reason"] == "error"
            assert "too long" in event["message"]


def test_sentences_are_cut_where_the_next_begins() -> None:
    sentences = Sentences(clean=True)
    text = "It costs 3.50 today. (whispering) Come here! 你好。再见。 End"
    spoken = [whole for sign in text if (whole := sentences.push(sign))]
    rest = sentences.flush()
    assert "".join([*spoken, rest]) == text
    assert [part.strip() for part in (*spoken, rest)] == [
        "It costs 3.50 today.",
        "(whispering) Come here!",
        "你好。",
        "再见。",
        "End",
    ]
    assert sentences.flush() == ""
