"""`/v1/tts`: the right text's sound in every format, whole and while it is made, and what is refused."""

from __future__ import annotations

import base64
import json
import re
import struct
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import numpy as np
import ormsgpack
import pytest
from served import Server, said, same_words, serving, settings_in, sound_of, spoken

from engine import Pronunciation
from engine.server import ServerLimits
from engine.server.forms import OPENAI_FORMATS, TTS_FORMATS
from engine.speech.opening import open_s1

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
    assert np.abs(sound_of(reply.body) - said(TEXT)).max() < 1e-4


def test_a_streamed_wav_begins_with_44_bytes_that_state_no_length(server: Server) -> None:
    reply = server.tts(TEXT, streaming=True)
    assert "content-length" not in reply.headers
    assert reply.body[:4] + reply.body[8:16] == b"RIFFWAVEfmt "
    assert struct.unpack_from("<HHIIHH", reply.body, 20) == (1, 1, 44_100, 88_200, 2, 16)
    assert reply.body[36:44] == b"data\xff\xff\xff\xff"
    assert np.abs(pcm_of(reply.body[44:]) - said(TEXT)).max() < 1e-4


@pytest.mark.parametrize("streaming", [False, True])
@pytest.mark.parametrize("name", TTS_FORMATS)
def test_each_format_holds_the_text(server: Server, name: str, streaming: bool) -> None:
    reply = server.tts(TEXT, format=name, streaming=streaming)
    assert reply.status == 200
    assert reply.headers["content-disposition"] == f"attachment; filename=audio.{name}"
    sound = pcm_of(reply.body) if name == "pcm" else sound_of(reply.body)
    wanted = said(TEXT)
    assert abs(sound.size - wanted.size) < 0.1 * 44_100
    assert same_words(sound, wanted)


def test_rate_bitrate_speed_and_volume_are_honoured(server: Server) -> None:
    wanted = said(TEXT)
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
    assert same_words(sound_of(reply.body), said(TEXT))


def test_max_new_tokens_ends_a_sentence(server: Server) -> None:
    sound = pcm_of(server.tts(TEXT, format="pcm", max_new_tokens=10).body)
    assert sound.size == 10 * 2048
    assert np.abs(sound[-20:]).max() < 0.01, "it is faded out"
    for no_limit in (0, -1, "-1", None):
        assert pcm_of(server.tts(TEXT, format="pcm", max_new_tokens=no_limit).body).size == said(TEXT).size


@pytest.mark.slow
def test_max_new_tokens_ends_the_computing_too(tiny_checkpoint: Path, tmp_path: Path) -> None:
    text = "It would be a longer sentence than this. And another one."
    with serving(settings_in(tmp_path), lambda: open_s1(tiny_checkpoint, "cpu")) as server:
        sound = pcm_of(server.tts(text, format="pcm", max_new_tokens=6).body)
        counted = server.ask("GET", "/metrics").body.decode()
    assert sound.size == 2 * 6 * 2048
    (made,) = re.findall(r"^lectern_audio_seconds_total (.*)$", counted, re.M)
    assert float(made) == pytest.approx(2 * 6 * 2048 / 44_100, abs=0.001)
    assert "lectern_doubtful_segments_total 0" in counted, "it ends as it was wished to"


LENIENT: list[dict[str, Any]] = [
    {"chunk_length": 1},
    {"chunk_length": 1000},
    {"chunk_length": "200"},
    {"seed": -1},
    {"seed": "7"},
    {"seed": "-1"},
    {"seed": 7.0},
    {"max_new_tokens": "500"},
    {"streaming": "false"},
    {"streaming": "False"},
    {"streaming": 0},
    {"normalize": "true"},
    {"latency": "whatever"},
    {"latency": 3},
    {"temperature": "0.7"},
    {"top_p": "0.9"},
    {"repetition_penalty": "1.2"},
    {"sample_rate": "44100"},
    {"mp3_bitrate": "128"},
    {"opus_bitrate": "-1000"},
    {"prosody": {"speed": "1.0", "volume": "0"}},
    {"something": "else"},
]


@pytest.mark.parametrize("values", LENIENT, ids=str)
def test_what_the_original_takes_is_taken(server: Server, values: dict[str, Any]) -> None:
    for body in (values, {**values, "prosody": {**values.get("prosody", {}), "volume": 0}}):
        reply = server.tts(TEXT, **body)
        assert reply.status == 200, reply.body
        assert int(reply.headers["content-length"]) == len(reply.body)
        assert np.abs(sound_of(reply.body) - said(TEXT)).max() < 1e-4
    packed = ormsgpack.packb({"text": TEXT, **values})
    assert server.ask("POST", "/v1/tts", packed, Content_Type="application/msgpack").status == 200


@pytest.mark.parametrize("values", [{"seed": "7"}, {"speed": "1.0"}, {"stream": "false"}, {"voice": {"id": "alloy"}}])
def test_numbers_and_flags_as_text_are_taken_of_openais_clients_too(server: Server, values: dict[str, Any]) -> None:
    reply = server.ask("POST", "/v1/audio/speech", {"input": TEXT, "response_format": "wav", **values})
    assert np.abs(sound_of(reply.body) - said(TEXT)).max() < 1e-4


def test_forms_are_taken_where_a_text_is_spoken(server: Server) -> None:
    recording = base64.b64encode(server.tts("This is how I sound.").body).decode()
    references = json.dumps([{"audio": recording, "text": "This is how I sound."}])
    fields = {"text": TEXT, "format": "wav", "streaming": "false", "seed": "7", "chunk_length": "200"}
    forms = [urlencode(fields), multipart(**fields, references=references, prosody='{"speed": 1}')]
    kinds = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=line"]
    for form, kind in zip(forms, kinds, strict=True):
        reply = server.ask("POST", "/v1/tts", form.encode(), Content_Type=kind)
        assert reply.status == 200, reply.body
        assert np.abs(sound_of(reply.body) - said(TEXT)).max() < 1e-4
    openai = server.ask(
        "POST", "/v1/audio/speech", multipart(input=TEXT, response_format="wav").encode(), Content_Type=kinds[1]
    )
    assert np.abs(sound_of(openai.body) - said(TEXT)).max() < 1e-4
    for wrong in ({"prosody": "[" * 100_000}, {"references": "{"}, {"prosody": "[]"}):
        reply = server.ask("POST", "/v1/tts", multipart(text=TEXT, **wrong).encode(), Content_Type=kinds[1])
        assert reply.status == 400


def multipart(**fields: str) -> str:
    head = '--line\r\nContent-Disposition: form-data; name="{}"\r\n\r\n{}\r\n'
    return "".join(head.format(name, value) for name, value in fields.items()) + "--line--\r\n"


def test_the_query_says_the_format_of_a_reply_in_any_letters(server: Server) -> None:
    for query in ("json", "JSON", "Json"):
        reply = server.ask("GET", f"/v1/references/list?format={query}", Accept="application/msgpack")
        assert reply.json["success"] is True
        assert server.ask("POST", f"/v1/tts?format={query}", {}, Accept="application/msgpack").json["statusCode"] == 400


SIGNS = ("🎉", "...", "…", "?!", " ", "\n")


@pytest.mark.parametrize("text", SIGNS)
@pytest.mark.parametrize("streaming", [False, True])
def test_signs_alone_are_a_short_silence(server: Server, text: str, streaming: bool) -> None:
    for name in TTS_FORMATS:
        reply = server.tts(text, format=name, streaming=streaming)
        assert reply.status == 200, reply.body
        assert_short_silence(name, reply.body)


def test_signs_alone_are_a_short_silence_for_openais_clients(server: Server) -> None:
    for name in OPENAI_FORMATS:
        for more in ({}, {"stream": False}, {"speed": 2.0}):
            reply = server.ask("POST", "/v1/audio/speech", {"input": "🎉", "response_format": name, **more})
            assert reply.status == 200
            assert_short_silence(name, reply.body)
    events = server.ask("POST", "/v1/audio/speech", {"input": "🎉", "stream_format": "sse"}).body
    assert events.count(b"speech.audio.delta") >= 1
    assert events.count(b"speech.audio.done") == 1


def assert_short_silence(name: str, body: bytes) -> None:
    sound = pcm_of(body) if name == "pcm" else sound_of(body)
    assert 0.05 * 44_100 < sound.size < 0.5 * 44_100
    assert np.abs(sound).max() < 1e-4


def test_a_streamed_wav_has_no_header_where_none_is_wished(server: Server, tmp_path: Path) -> None:
    wanted = said(TEXT)
    for values in ({"streaming": True, "header": False}, {"header": "false"}):
        reply = server.tts(TEXT, **values)
        assert reply.headers["content-type"] == "audio/wav"
        assert np.abs(pcm_of(reply.body) - wanted).max() < 1e-4
    assert server.tts(TEXT, format="mp3", header=False).headers["content-type"] == "audio/mpeg"
    with serving(settings_in(tmp_path, sends_wav_header=False)) as bare:
        assert np.abs(pcm_of(bare.tts(TEXT, streaming=True).body) - wanted).max() < 1e-4
        assert bare.tts(TEXT, streaming=True, header=True).body.startswith(b"RIFF")
        assert bare.tts(TEXT).body.startswith(b"RIFF"), "a whole file is one"
        hosted = ormsgpack.packb({"text": TEXT, "format": "wav"})
        reply = bare.ask("POST", "/v1/tts", hosted, Content_Type="application/msgpack", model="s1")
        assert reply.body.startswith(b"RIFF"), "the hosted service's clients expect one"


@pytest.mark.parametrize("name", ["wav", "mp3", "flac", "opus"])
def test_openais_clients_that_do_not_stream_get_a_whole_file(server: Server, name: str) -> None:
    values = {"input": TEXT, "response_format": name}
    whole = server.ask("POST", "/v1/audio/speech", {**values, "stream": False})
    assert int(whole.headers["content-length"]) == len(whole.body)
    assert same_words(sound_of(whole.body), said(TEXT))
    if name == "wav":
        riff_size, data_size = struct.unpack_from("<I", whole.body, 4)[0], struct.unpack_from("<I", whole.body, 40)[0]
        assert (riff_size, data_size) == (len(whole.body) - 8, len(whole.body) - 44)
    for more in ({}, {"stream": True}):
        streamed = server.ask("POST", "/v1/audio/speech", {**values, **more})
        assert "content-length" not in streamed.headers


WRONG: list[tuple[dict[str, Any], str]] = [
    ({}, "text"),
    ({"text": 7}, "text"),
    ({"text": ""}, "no text"),
    ({"text": "a\0b"}, "NUL"),
    ({"text": "a\ud800b"}, "half of a sign"),
    ({"text": TEXT, "format": "wma"}, "format"),
    ({"text": TEXT, "format": ["wav"]}, "format"),
    ({"text": TEXT, "temperature": 1.01}, "temperature"),
    ({"text": TEXT, "temperature": True}, "temperature"),
    ({"text": TEXT, "top_p": -0.1}, "top_p"),
    ({"text": TEXT, "top_p": "1.1"}, "top_p"),
    ({"text": TEXT, "top_p": "a lot"}, "top_p"),
    ({"text": TEXT, "top_p": "٠.٨"}, "top_p"),
    ({"text": TEXT, "repetition_penalty": 2.1}, "repetition_penalty"),
    ({"text": TEXT, "chunk_length": "long"}, "chunk_length"),
    ({"text": TEXT, "max_new_tokens": -2}, "max_new_tokens"),
    ({"text": TEXT, "max_new_tokens": "9" * 5000}, "max_new_tokens"),
    ({"text": TEXT, "seed": 1.5}, "seed"),
    ({"text": TEXT, "seed": "7.5"}, "seed"),
    ({"text": TEXT, "seed": True}, "seed"),
    ({"text": TEXT, "seed": 2**63}, "seed"),
    ({"text": TEXT, "streaming": "perhaps"}, "streaming"),
    ({"text": TEXT, "streaming": 2}, "streaming"),
    ({"text": TEXT, "header": "perhaps"}, "header"),
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
    ({"text": TEXT, "references": [{"audio": "AAAA", "text": "x"}] * 65}, "at most 64 references"),
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
