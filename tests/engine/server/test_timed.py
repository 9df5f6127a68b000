"""When words are heard, over real sockets: the hosted service's events and socket, Kokoro-FastAPI's captions. What is
told is compared with the sound that came with it."""

from __future__ import annotations

import base64
import io
import json
import socket
from collections.abc import Iterator
from http.client import IncompleteRead
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import ormsgpack
import pytest
import requests
from live_client import hear, tell
from served import Server, serving, settings_in
from waiting import LIMIT_S, wait_until
from websockets.sync.client import connect
from word_tones import Says, WordTones, late_s

from engine.audio.decoding import decode_audio
from engine.errors import DeviceError
from engine.server import ServerLimits
from engine.types import CancelToken, SpeechEvent, SpeechRequest

TEXT = "One two three four. Five, six, and seven 𝄞 are more. And the last."
WORDS = ["One", "two", "three", "four", "Five", "six", "and", "seven", "are", "more", "And", "the", "last"]
STREAM, CAPTIONS = "/v1/tts/stream/with-timestamp", "/dev/captioned_speech"
NEAR_S = {1.0: 0.005, 1.5: 0.03}


@pytest.fixture(scope="module", params=[Says.AT_ONCE, Says.PLACED])
def tones(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("tones")
    with serving(settings_in(folder), lambda: WordTones(request.param, stumbles="seven")) as running:
        yield running


def decoded(name: str, data: bytes) -> np.ndarray:
    if name == "pcm":
        return np.frombuffer(data, np.int16).astype(np.float32) / 32768
    return decode_audio(io.BytesIO(data), Path(name), 44_100, 600)


def told(events: list[dict[str, Any]]) -> list[tuple[str, float, float]]:
    """The words of the hosted service's events, as its documentation says to read them: the last snapshot of each
    chunk, moved to where the chunk begins."""
    latest: dict[int, dict[str, Any]] = {}
    for event in events:
        if event["alignment"] is not None:
            latest[event["chunk_seq"]] = event
    return [
        (word["text"], event["chunk_audio_offset_sec"] + word["start"], event["chunk_audio_offset_sec"] + word["end"])
        for _, event in sorted(latest.items())
        for word in event["alignment"]["segments"]
    ]


def assert_heard(samples: np.ndarray, words: list[tuple[str, float, float]], near_s: float) -> None:
    """Each word's tone is where it is said to be, and no word begins before the last one ends."""
    off = [late_s(samples, word, start) for word, start, _ in words]
    assert max(map(abs, off)) < near_s, off
    times = [time for _, *both in words for time in both]
    assert times == sorted(times)


def stream(server: Server, **values: Any) -> list[dict[str, Any]]:
    """As the hosted service's documentation reads its events."""
    response = requests.post(
        server.url + STREAM,
        headers={"Authorization": "Bearer any", "model": "s1"},
        json={"text": TEXT, "latency": "balanced", **values},
        stream=True,
        timeout=LIMIT_S,
    )
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/event-stream")
    lines: Iterator[Any] = response.iter_lines(decode_unicode=True)
    return [json.loads(line.removeprefix("data: ")) for line in lines if line and line.startswith("data: ")]


@pytest.mark.parametrize(
    ("name", "speed"), [("mp3", 1.0), ("wav", 1.0), ("opus", 1.0), ("pcm", 1.0), ("flac", 1.5), (None, 1.5)]
)
def test_the_hosted_services_events_say_when_each_word_is_heard(tones: Server, name: str | None, speed: float) -> None:
    values = {} if name is None else {"format": name}
    events = stream(tones, prosody={"speed": speed}, **values)
    samples = decoded(name or "mp3", b"".join(base64.b64decode(event["audio_base64"]) for event in events))
    words = told(events)
    stumbled = [word for word, *_ in words if word == "Five"]
    assert len(stumbled) == 2, "what was sent and voided is heard, and told"
    kept = [word for word, *_ in words]
    again = kept.index("Five", kept.index("Five") + 1)
    assert kept[: kept.index("Five")] + kept[again:] == WORDS
    assert_heard(samples, words, NEAR_S[speed])
    contents = [event["content"] for i, event in enumerate(events) if event["chunk_seq"] != events[i - 1]["chunk_seq"]]
    assert contents == ["One two three four.", *["Five, six, and seven 𝄞 are more."] * 2, "And the last."]
    snapshots = [e["alignment"] for e in events if e["chunk_seq"] == 0 and e["alignment"] is not None]
    assert len(snapshots) > 2, "as it is made"
    assert [len(one["segments"]) for one in snapshots] == sorted(len(one["segments"]) for one in snapshots)
    for before, after in pairwise(events):
        if after["chunk_seq"] == before["chunk_seq"] + 1 and before["alignment"]:
            ends = before["chunk_audio_offset_sec"] + before["alignment"]["audio_duration"]
            assert after["chunk_audio_offset_sec"] == pytest.approx(ends, abs=0.03)


@pytest.mark.parametrize("is_stream", [True, False])
@pytest.mark.parametrize(("name", "speed"), [("mp3", 1.0), ("wav", 1.0), ("opus", 1.0), ("pcm", 1.0), ("mp3", 1.5)])
def test_kokoros_captions_say_when_each_word_is_heard(tones: Server, is_stream: bool, name: str, speed: float) -> None:
    """As Kokoro-FastAPI's README reads them."""
    values = {"model": "kokoro", "input": TEXT, "voice": "af_bella(2)+af_sky(1)", "speed": speed}
    response = requests.post(
        tones.url + CAPTIONS,
        json={**values, "response_format": name, "stream": is_stream},
        stream=is_stream,
        timeout=LIMIT_S,
    )
    assert response.status_code == 200, response.text
    lines = [line for line in response.iter_lines(decode_unicode=True) if line] if is_stream else [response.content]
    pieces = [json.loads(line) for line in lines]
    assert len(pieces) == (4 if is_stream else 1)
    data = b"".join(base64.b64decode(piece["audio"].encode("utf-8")) for piece in pieces)
    samples = decoded(name, data)
    words = [(w["word"], w["start_time"], w["end_time"]) for piece in pieces for w in piece["timestamps"]]
    assert [word for word, *_ in words] == WORDS, "what was voided was not sent"
    rate_hz = 24_000 if name == "pcm" else 44_100
    off = [late_s(samples, word, start, rate_hz) for word, start, _ in words]
    assert max(map(abs, off)) < NEAR_S[speed], off


def hear_words(server: Server, turns: list[list[str]], **start: Any) -> list[list[dict[str, Any]]]:
    """The events of each turn, on one socket."""
    heard: list[list[dict[str, Any]]] = []
    url = f"ws://127.0.0.1:{server.port}/v1/tts/live/with-timestamp"
    with connect(url, open_timeout=LIMIT_S, close_timeout=5) as live:
        for texts in turns:
            tell(live, "start", request={"text": "", **start})
            for text in texts:
                tell(live, "text", text=text)
            tell(live, "stop")
            events: list[dict[str, Any]] = []
            while (event := hear(live))["event"] == "audio":
                events.append(event)
            assert {key: event[key] for key in ("event", "reason")} == {"event": "finish", "reason": "stop"}
            times = [one["time"] for one in (*events, event)]
            assert times == sorted(times)
            heard.append(events)
    return heard


@pytest.mark.parametrize("name", ["pcm", "mp3", None])
def test_the_live_socket_says_when_each_word_is_heard(tones: Server, name: str | None) -> None:
    texts = ["One two three ", "four. And ", "the last. ", "…", " ", "More words", " to the end"]
    values = {} if name is None else {"format": name}
    for events in hear_words(tones, [texts, texts], **values):
        words = told(events)
        assert " ".join(word for word, *_ in words) == "One two three four And the last More words to the end"
        samples = decoded(name or "mp3", b"".join(event["audio"] for event in events))
        assert_heard(samples, words, NEAR_S[1.0])


def test_the_built_in_voice_tells_and_who_tells_nothing_is_heard_all_the_same(server: Server, tmp_path: Path) -> None:
    events = stream(server, text="It costs $5, dear reader.", format="wav")
    assert [word for word, *_ in told(events)] == ["It", "costs", "$5", "dear", "reader"]
    with serving(settings_in(tmp_path), lambda: WordTones(Says.NOTHING)) as silent:
        events = stream(silent, format="wav")
        assert {event["alignment"] is None for event in events} == {True}
        assert decoded("wav", b"".join(base64.b64decode(event["audio_base64"]) for event in events)).size > 100_000
        captions = silent.ask("POST", CAPTIONS, {"input": TEXT, "stream": False}).json
        assert (captions["timestamps"], captions["audio_format"]) == ([], "audio/mpeg")
        reply = silent.ask("POST", CAPTIONS, {"input": "…", "return_timestamps": False, "response_format": "wav"})
        lines = [json.loads(line) for line in reply.body.splitlines()]
        assert {line["timestamps"] is None for line in lines} == {True}
        assert len(decoded("wav", b"".join(base64.b64decode(line["audio"]) for line in lines))) == 8820


@pytest.mark.parametrize(
    ("path", "values", "status", "named"),
    [
        (STREAM, {"text": ""}, 400, "text"),
        (STREAM, {"text": "Hello.", "format": "aac"}, 400, "format must be one of"),
        (STREAM, {"text": "Hello.", "reference_id": "nobody"}, 404, "nobody"),
        (CAPTIONS, {"input": ""}, 400, "text"),
        (CAPTIONS, {"input": "Hello.", "speed": 9}, 400, "speed must be"),
        (CAPTIONS, {"input": "Hello.", "stream": "perhaps"}, 400, "stream must be"),
        (CAPTIONS, {"input": "Hello.", "normalization_options": 3}, 400, "normalization_options must be"),
        (CAPTIONS, {"input": "Hello.", "voice": "nobody", "stream": False}, 404, "nobody"),
        (CAPTIONS, {"input": "Hello.", "voice": "nobody"}, 404, "nobody"),
    ],
)
def test_what_is_wrong_is_told_in_json(
    server: Server, path: str, values: dict[str, Any], status: int, named: str
) -> None:
    reply = server.ask("POST", path, values)
    assert reply.status == status
    assert reply.headers["content-type"] == "application/json"
    message = reply.json["message"] if path == STREAM else reply.json["error"]["message"]
    assert named in message


class FailsLate(WordTones):
    """Runs out of memory in the second sentence."""

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        for n, event in enumerate(super().speak(request, cancel)):
            if n == 10:
                raise DeviceError("out_of_memory", "GPU X")
            yield event


def test_an_error_that_comes_late_is_told_and_leaves_no_whole_reply(tmp_path: Path) -> None:
    with serving(settings_in(tmp_path), FailsLate) as server:
        for path, values in ((STREAM, {"text": TEXT, "format": "wav"}), (CAPTIONS, {"input": TEXT})):
            connection = server.connect()
            response = server.begin(connection, "POST", path, values)
            assert response.status == 200
            with pytest.raises(IncompleteRead) as broken:
                response.read()
            last = broken.value.partial.decode().strip().splitlines()[-1].removeprefix("data: ")
            error = json.loads(last)
            message = error["message"] if path == STREAM else error["error"]["message"]
            assert "GPU X" in message
            connection.close()
        whole = server.ask("POST", CAPTIONS, {"input": TEXT, "stream": False})
        assert whole.status == 503
        assert "GPU X" in whole.json["error"]["message"]


def test_who_reads_slowly_holds_it_up_and_who_leaves_ends_it(tmp_path: Path) -> None:
    engine = WordTones()
    limits = ServerLimits(max_unread_bytes=200_000)
    long_text = "One two three four five six seven. " * 300
    with serving(settings_in(tmp_path, limits=limits), lambda: engine) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=LIMIT_S) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            body = json.dumps({"text": long_text, "format": "wav"}).encode()
            head = f"POST {STREAM} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
            client.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
            assert client.recv(1000).startswith(b"HTTP/1.1 200")
            waiting = server.service.worker
            wait_until(lambda: waiting.is_busy, "it speaks")
            assert server.ask("GET", "/v1/health").status == 200
        wait_until(lambda: not waiting.is_busy, "who left is spoken to no more")
        assert engine.n_segments < 290
        assert len(stream(server, format="wav")) > 3


def test_messagepack_and_forms_are_taken_too(tones: Server) -> None:
    body = ormsgpack.packb({"text": "One two.", "format": "wav"})
    reply = tones.ask("POST", STREAM, body, Content_Type="application/msgpack")
    assert reply.status == 200
    assert reply.body.startswith(b"data: {")
    assert reply.body.endswith(b"}\n\n")
    form = requests.post(tones.url + CAPTIONS, data={"input": "One two.", "stream": "false"}, timeout=LIMIT_S)
    assert [word["word"] for word in form.json()["timestamps"]] == ["One", "two"]
