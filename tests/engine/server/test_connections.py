"""Clients that begin and do not end: they have a time, and keep nobody else out meanwhile."""

from __future__ import annotations

import logging
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from at_once import slow_but
from served import LIMIT_S, Server, serving, settings_in
from waiting import wait_until

from engine.server import ServerLimits
from engine.server.connections import SayOnce

HEAD = b"POST /v1/tts HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
MANY = 300


@contextmanager
def sockets_that_send(server: Server, data: bytes, n: int = 1) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = [stack.enter_context(socket.create_connection(("127.0.0.1", server.port))) for _ in range(n)]
        for client in clients:
            client.settimeout(LIMIT_S)
            _send(client, data)
        yield clients


def _send(client: socket.socket, data: bytes) -> bool:
    try:
        client.sendall(data)
    except OSError:  # it has been closed
        return False
    return True


def answer_of(client: socket.socket) -> bytes:
    """All that comes until the end; b"" where it was broken off."""
    answer = b""
    try:
        while data := client.recv(4096):
            answer += data
    except ConnectionResetError:
        pass
    return answer


def is_over(client: socket.socket) -> bool:
    """Whether the server has ended it: there is an end, or an answer before it."""
    return bool(select.select([client], [], [], 0)[0])


def serves(server: Server) -> bool:
    return server.tts("Hello.").status == 200


@pytest.mark.parametrize("begun", slow_but([b"", HEAD], [b"", b"P", HEAD, HEAD + b"X-Long: " + b"x" * 2000]), ids=len)
def test_hundreds_of_half_sent_requests_keep_nobody_out_and_end(tmp_path: Path, begun: bytes) -> None:
    limits = ServerLimits(max_connections=200, head_s=3.0)
    with serving(settings_in(tmp_path, limits=limits)) as server, sockets_that_send(server, begun, MANY) as clients:
        for _ in range(5):
            assert serves(server), "though there are more of them than there may be connections"
        wait_until(lambda: all(map(is_over, clients)), "all have ended", 60)
        answers = {answer_of(client)[:12] for client in clients}
        assert answers <= {b"", b"HTTP/1.1 408"}
        assert (b"HTTP/1.1 408" in answers) == bool(begun), "who has said something is told"
        assert serves(server)


def test_a_trickle_does_not_lengthen_its_time(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path, limits=ServerLimits(head_s=1.0))) as server:
        with sockets_that_send(server, HEAD) as (client,):
            begun_s = time.monotonic()
            while not is_over(client) and time.monotonic() - begun_s < LIMIT_S:
                _send(client, b"X: y\r\n")
                time.sleep(0.02)
            assert is_over(client)
        assert ServerLimits().head_s == 10


def test_the_second_request_of_a_connection_has_its_time_too(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path, limits=ServerLimits(head_s=1.0))) as server:
        whole = b"GET /v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
        with sockets_that_send(server, whole) as (client,):
            for more in (whole, whole[:-2]):
                answer = b""
                while not answer.endswith(b'"ok"}'):
                    answer += client.recv(4096)
                _send(client, more)
            assert answer_of(client).startswith(b"HTTP/1.1 408")


@pytest.mark.parametrize("path", [b"/v1/tts", b"/nothing", b"/v1/references/add"])
def test_slow_bodies_end_and_keep_nobody_out(tmp_path: Path, path: bytes) -> None:
    """Whether their request is read or has been refused before."""
    limits = ServerLimits(max_connections=200, head_s=1.0, body_s=1.0)
    head = HEAD.replace(b"/v1/tts", path) + b"Content-Length: 100000\r\n\r\n{"
    with serving(settings_in(tmp_path, limits=limits)) as server, sockets_that_send(server, head, 100) as clients:
        assert serves(server)
        open_ones = list(clients)
        deadline_s = time.monotonic() + LIMIT_S
        while open_ones and time.monotonic() < deadline_s:
            open_ones = [client for client in open_ones if _send(client, b" ")]
            time.sleep(0.02)
        assert not open_ones
        assert serves(server)


@pytest.mark.slow
def test_a_request_that_is_answered_takes_as_long_as_it_takes(tmp_path: Path) -> None:
    """The time is for requests to come, not for answers to be made or read."""
    limits = ServerLimits(head_s=0.3, body_s=0.3)
    with serving(settings_in(tmp_path, limits=limits)) as server:
        connection = server.connect()
        body = {"text": "One word after the other, and on and on it goes. " * 40, "streaming": True, "format": "pcm"}
        response = server.begin(connection, "POST", "/v1/tts", body)
        n_bytes = len(response.read(1000))
        time.sleep(1.0)
        n_bytes += len(response.read())
        connection.close()
        assert n_bytes > 88_200 * 30


def test_the_same_complaint_is_logged_once_a_minute() -> None:
    log, told = logging.Logger("test"), list[str]()
    handler = logging.Handler()
    handler.emit = lambda record: told.append(record.getMessage())  # type: ignore[method-assign]
    log.addHandler(handler)
    log.addFilter(SayOnce())
    for number in range(1000):
        log.warning("Number %d came.", number)
        log.warning("Another thing.")
    assert told == ["Number 0 came.", "Another thing."]
