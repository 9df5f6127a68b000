"""`/v1/tts`: the right text's sound in every format, whole and while it is made, and what is refused."""

from __future__ import annotations

import base64
import struct
from typing import Any

import numpy as np
import ormsgpack
import pytest
from served import Server, same_words, serving, settings_in, sound_of, spoken

from engine import Pronunciation, ServerLimits
from engine.server.forms import TTS_FORMATS

TEXT = "Testing one two three."


def pcm_of(data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.int16).astype(np.float32) / 32768


def test_the_plainest_request_gives_a_whole_wav(server: Server) -> None:
    reply = server.tts(TEXT)
    assert reply.status == 200
    assert reply.headers["content-type"] == "audio/wav"
    assert reply.headers["content-disposition"] == "attachment; filename=audio.wav"
    assert int(reply.headers["content-length"]) == len(reply.body)
    riff_size, data_size = struct.unpack_from("<I", reply.body, 4)[0], struct.unpack_from("<I", reply.body, 40)[0]
    assert (riff_size, data_size) == (len(reply.body) - 8, len(reply.body) - 44)
    assert np.abs(sound_of(reply.body) - spoken(TEXT)).max() < 1e-4


def test_a_streamed_wav_begins_with_44_bytes_that_state_no_length(server: Server) -> None:
    reply = server.tts(TEXT, streaming=True)
    assert "content-length" not in reply.headers
    assert reply.body[:4] + reply.body[8:16] == b"RIFFWAVEfmt "
    assert struct.unpack_from("<HHIIHH", reply.body, 20) == (1, 1, 44_100, 88_200, 2, 16)
    assert reply.body[36:44] == b"data\xff\xff\xff\xff"
    assert np.abs(pcm_of(reply.body[44:]) - spoken(TEXT)).max() < 1e-4


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("name", TTS_FORMATS)
def test_each_format_holds_the_text(server: Server, name: str, streaming: bool) -> None:
    reply = server.tts(TEXT, format=name, streaming=streaming)
    assert reply.status == 200
    assert reply.headers["content-disposition"] == f"attachment; filename=audio.{name}"
    sound = pcm_of(reply.body) if name == "pcm" else sound_of(reply.body)
    wanted = spoken(TEXT)
    assert abs(sound.size - wanted.size) < 0.1 * 44_100
    assert same_words(sound, wanted)


def test_rate_bitrate_speed_and_volume_are_honoured(server: Server) -> None:
    wanted = spoken(TEXT)
    slow = pcm_of(server.tts(TEXT, format="pcm", sample_rate=16_000, prosody={"speed": 0.5, "volume": -20}).body)
    assert abs(slow.size - wanted.size * 2 * 16_000 / 44_100) < 100
    assert np.sqrt((slow**2).mean()) == pytest.approx(np.sqrt((wanted**2).mean()) / 10, rel=0.2)
    small, large = (len(server.tts(TEXT, format="mp3", mp3_bitrate=rate).body) for rate in (64, 192))
    assert 2.5 < large / small < 3.5


def test_messagepack_and_the_hosted_services_fields_are_understood(server: Server) -> None:
    values: dict[str, Any] = {
        "text": TEXT,
        "format": "opus",
        "opus_bitrate": 24,
        "mp3_bitrate": 128,
        "sample_rate": None,
        "latency": "balanced",
        "top_p": 0.0,
        "temperature": 0.0,
        "references": [],
        "reference_id": None,
        "prosody": {"speed": 1.0, "volume": 0},
        "min_chunk_length": 50,
        "condition_on_previous_chunks": True,
        "early_stop_threshold": 1.0,
        "repetition_penalty": 1.2,
    }
    body = ormsgpack.packb(values)
    reply = server.ask("POST", "/v1/tts", body, Content_Type="application/msgpack", model="s2-pro")
    assert reply.status == 200
    assert "content-length" not in reply.headers, "such a client reads sound as it comes"
    assert same_words(sound_of(reply.body), spoken(TEXT))


def test_max_new_tokens_ends_a_sentence(server: Server) -> None:
    sound = pcm_of(server.tts(TEXT, format="pcm", max_new_tokens=10).body)
    assert sound.size == 10 * 2048
    assert np.abs(sound[-20:]).max() < 0.01, "it is faded out"


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "text"),
    ({"text": 7}, "text"),
    ({"text": ""}, "no text"),
    ({"text": "…"}, "signs"),
    ({"text": "a\0b"}, "NUL"),
    ({"text": "a\ud800b"}, "half of a sign"),
    ({"text": TEXT, "format": "wma"}, "format"),
    ({"text": TEXT, "format": ["wav"]}, "format"),
    ({"text": TEXT, "temperature": 1.01}, "temperature"),
    ({"text": TEXT, "temperature": True}, "temperature"),
    ({"text": TEXT, "top_p": -0.1}, "top_p"),
    ({"text": TEXT, "top_p": "0.8"}, "top_p"),
    ({"text": TEXT, "repetition_penalty": 2.1}, "repetition_penalty"),
    ({"text": TEXT, "chunk_length": 99}, "chunk_length"),
    ({"text": TEXT, "max_new_tokens": -1}, "max_new_tokens"),
    ({"text": TEXT, "seed": -1}, "seed"),
    ({"text": TEXT, "seed": 1.5}, "seed"),
    ({"text": TEXT, "seed": 2**63}, "seed"),
    ({"text": TEXT, "streaming": "yes"}, "streaming"),
    ({"text": TEXT, "use_memory_cache": "maybe"}, "use_memory_cache"),
    ({"text": TEXT, "sample_rate": 7}, "sample_rate"),
    ({"text": TEXT, "mp3_bitrate": 100}, "mp3_bitrate"),
    ({"text": TEXT, "prosody": 2}, "prosody"),
    ({"text": TEXT, "prosody": {"speed": 3}}, "speed"),
    ({"text": TEXT, "reference_id": "../etc"}, "reference_id"),
    ({"text": TEXT, "reference_id": "a" * 256}, "reference_id"),
    ({"text": TEXT, "references": "x"}, "references"),
    ({"text": TEXT, "references": [{}]}, "references.audio"),
    ({"text": TEXT, "references": [{"audio": "%%%", "text": "x"}]}, "references.audio"),
    ({"text": TEXT, "references": [{"audio": "AAAA", "text": ""}]}, "references.text"),
    ({"text": TEXT, "references": [{"audio": "AAAA", "text": "x"}]}, "number 1 of the references"),
    ({"text": TEXT, "references": [{"audio": "AAAA", "text": "x"}] * 9}, "references"),
]


@pytest.mark.parametrize(("values", "named"), WRONG, ids=lambda value: str(value)[:40])
def test_what_is_wrong_is_named_in_the_error_form(server: Server, values: dict[str, Any], named: str) -> None:
    reply = server.ask("POST", "/v1/tts", values)
    assert reply.status == 400
    assert reply.json["statusCode"] == 400
    assert reply.json["error"] == "Bad Request"
    assert named in reply.json["message"]


def test_bodies_that_are_none(server: Server) -> None:
    for body in (b"", b"{", b"[1]", b"\xff", b'{"text": NaN}', b"[" * 100_000):
        assert server.ask("POST", "/v1/tts", body, Content_Type="application/json").status == 400, body[:10]
    for body in (b"", b"\xc1", b"\x93", b"\x01"):
        assert server.ask("POST", "/v1/tts", body, Content_Type="application/msgpack").status == 400, body
    assert server.ask("POST", "/v1/tts", b"text=x", Content_Type="text/plain").status == 415
    assert server.ask("GET", "/v1/tts").status == 405
    assert server.ask("GET", "/v1/nothing").json["statusCode"] == 404


def test_an_error_is_messagepack_for_who_asks_for_it(server: Server) -> None:
    reply = server.ask("POST", "/v1/tts", {}, Accept="application/msgpack")
    assert ormsgpack.unpackb(reply.body)["statusCode"] == 400


def test_an_unknown_voice_is_404_and_the_built_in_ones_are_known(server: Server) -> None:
    assert server.tts(TEXT, reference_id="nobody").status == 404
    assert server.tts(TEXT, reference_id="built-in/nobody").status == 404
    reply = server.tts(TEXT, reference_id="built-in/f2")
    assert np.abs(sound_of(reply.body) - spoken(TEXT, "built-in/f2")).max() < 1e-4


def test_a_reference_is_accepted_where_no_voice_can_be_imitated(server: Server) -> None:
    recording = base64.b64encode(server.tts("This is how I sound.").body).decode()
    reply = server.tts(TEXT, references=[{"audio": recording, "text": "This is how I sound."}])
    assert reply.status == 200
    assert reply.headers["x-lectern-speaker"] == "built-in voice"


def test_limits_on_text_and_body(tmp_path: Any) -> None:
    limits = ServerLimits(max_text_chars=20, max_body_bytes=2000, max_reference_s=1.0)
    with serving(settings_in(tmp_path, limits=limits)) as server:
        assert server.tts("x" * 20).status == 200
        assert "at most 20" in server.tts("x" * 21).json["message"]
        assert server.tts("Hello.", junk="x" * 2000).status == 413
        chunks = iter([b"x" * 1500, b"x" * 1500])  # no length is stated
        connection = server.connect()
        headers = {"Content-Type": "application/json"}
        connection.request("POST", "/v1/tts", chunks, headers, encode_chunked=True)
        assert connection.getresponse().status == 413
        connection.close()


def test_a_recording_that_is_too_long_is_not_read_to_its_end(tmp_path: Any) -> None:
    with serving(settings_in(tmp_path, limits=ServerLimits(max_reference_s=1.0))) as server:
        recording = base64.b64encode(server.tts("This takes longer than one second.").body).decode()
        reply = server.tts("Hello.", references=[{"audio": recording, "text": "x"}])
        assert reply.status == 400
        assert "at most 1 second" in reply.json["message"]


def test_the_dictionary_of_who_runs_it_is_spoken_with(tmp_path: Any) -> None:
    entries: list[Pronunciation] = []
    with serving(settings_in(tmp_path, dictionary=lambda: tuple(entries))) as server:
        plain = sound_of(server.tts("The GIF.").body)
        entries.append(Pronunciation("GIF", "graphics interchange format"))
        assert sound_of(server.tts("The GIF.").body).size > 1.5 * plain.size
        openai = server.ask("POST", "/v1/audio/speech", {"input": "The GIF.", "response_format": "wav"})
        assert sound_of(openai.body).size > 1.5 * plain.size
