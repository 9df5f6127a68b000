"""Voices over HTTP: added, listed, renamed, deleted, used; recordings brought along; the codec alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import ormsgpack
import pytest
from cloning import WAV_SAYS, Cloning, Studio, add, brought
from served import Reply, Server, serving, settings_in, sound_of
from waiting import wait_until

from engine.speech import open_codec
from engine.speech.opening import open_s1
from engine.voice_library import VoiceLibrary, make_voice, sound_of_samples


def change(server: Server, method: str, path: str, **values: str) -> Reply:
    return server.ask(method, path, values, Accept="application/json")


def names(server: Server) -> list[str]:
    return server.ask("GET", "/v1/references/list?format=json").json["reference_ids"]


@pytest.fixture(scope="module")
def recording(server: Server) -> bytes:
    return server.tts(WAV_SAYS, format="mp3").body


def test_a_voice_from_its_beginning_to_its_end(server: Server, recording: bytes) -> None:
    folder = server.service.settings.voices_folder
    added = add(server, "Anna 1_b-c", recording)
    assert added.status == 200
    assert added.json == {"success": True, "message": "Added Anna 1_b-c.", "reference_id": "Anna 1_b-c"}
    assert (folder / "Anna 1_b-c" / "sample.lab").read_text() == WAV_SAYS
    assert names(server) == ["Anna 1_b-c"]
    assert add(server, "Anna 1_b-c", recording).status == 409
    assert server.tts("Hello.", reference_id="Anna 1_b-c").status == 200

    renamed = change(server, "POST", "/v1/references/update", old_reference_id="Anna 1_b-c", new_reference_id="Berta")
    assert renamed.json["new_reference_id"] == "Berta"
    assert names(server) == ["Berta"]
    add(server, "Clara", recording)
    update = "/v1/references/update"
    assert change(server, "POST", update, old_reference_id="Berta", new_reference_id="Clara").status == 409
    assert change(server, "POST", update, old_reference_id="nobody", new_reference_id="x").status == 404
    assert change(server, "POST", update, old_reference_id="Berta", new_reference_id="a/b").status == 400

    assert change(server, "DELETE", "/v1/references/delete", reference_id="Berta").json["success"] is True
    assert change(server, "DELETE", "/v1/references/delete", reference_id="Berta").status == 404
    assert change(server, "DELETE", "/v1/references/delete", reference_id="Clara").status == 200
    assert names(server) == []
    assert list(folder.iterdir()) == [], "nothing is left behind"


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", "a\\b", "a.b", "é", "x" * 256, "built-in", " a", "a\n"])
def test_no_name_becomes_a_path(server: Server, recording: bytes, name: str) -> None:
    before = sorted(server.service.settings.voices_folder.parent.rglob("*"))
    assert add(server, name, recording).status == 400
    assert change(server, "DELETE", "/v1/references/delete", reference_id=name).status == 400
    after = sorted(server.service.settings.voices_folder.parent.rglob("*"))
    assert [path for path in after if path not in before and path.name != "voices"] == []


def test_what_is_no_recording_is_not_kept(server: Server, recording: bytes) -> None:
    assert add(server, "x", b"no sound at all").status == 400
    assert add(server, "x", b"").status == 400
    assert add(server, "x", recording, text=" ").status == 400
    assert server.ask("POST", "/v1/references/add", {"id": "x", "audio": "text", "text": "x"}).status == 400
    broken = server.ask("POST", "/v1/references/add", b"no form", Content_Type="multipart/form-data; boundary=x")
    assert broken.status == 400
    assert server.ask("POST", "/v1/references/add", b"x", Content_Type="multipart/form-data").status == 400
    assert names(server) == []


def test_replies_are_messagepack_unless_json_is_asked_for(server: Server) -> None:
    plain = server.ask("GET", "/v1/references/list")
    assert plain.headers["content-type"] == "application/msgpack"
    assert ormsgpack.unpackb(plain.body)["success"] is True
    both = server.ask("GET", "/v1/references/list", Accept="application/json, application/msgpack")
    assert both.headers["content-type"] == "application/msgpack"
    assert server.ask("GET", "/v1/health").json == server.ask("POST", "/v1/health").json == {"status": "ok"}


def test_errors_about_voices_are_in_the_originals_form(server: Server, recording: bytes) -> None:
    assert add(server, "taken", recording).status == 200
    update = {"old_reference_id": "taken", "new_reference_id": "taken"}
    cases: list[tuple[int, str, str, Any, dict[str, str]]] = [
        (404, "DELETE", "delete", {"reference_id": "nobody"}, {"reference_id": "nobody"}),
        (400, "DELETE", "delete", {"reference_id": "../x"}, {"reference_id": "../x"}),
        (400, "DELETE", "delete", {}, {"reference_id": ""}),
        (400, "DELETE", "delete", b"{", {"reference_id": ""}),
        (400, "POST", "update", update, update),  # a voice renamed to itself
        (404, "POST", "update", {**update, "old_reference_id": "x"}, {**update, "old_reference_id": "x"}),
        (400, "POST", "add", {"id": "x", "audio": "no", "text": "x"}, {"reference_id": "x"}),
        (405, "GET", "add", None, {"reference_id": ""}),
    ]
    for status, method, action, body, named in cases:
        path = f"/v1/references/{action}"
        plain = server.ask(method, path, body, Content_Type="application/json")
        assert (plain.status, plain.headers["content-type"]) == (status, "application/msgpack"), action
        told = ormsgpack.unpackb(plain.body)
        assert told.pop("message")
        assert told == {"success": False, **named}
        for more in ({"path": f"{path}?format=JSON"}, {"Accept": "application/json"}):
            where = more.pop("path", path)
            as_json = server.ask(method, where, body, Content_Type="application/json", **more)
            assert (as_json.status, as_json.json["success"]) == (status, False)
    assert add(server, "taken", recording).json["reference_id"] == "taken"
    assert add(server, "taken", recording).status == 409
    not_sound = ormsgpack.packb({"id": "x", "audio": b"no sound", "text": "x"})
    refused = server.ask("POST", "/v1/references/add", not_sound, Content_Type="application/msgpack")
    assert ormsgpack.unpackb(refused.body)["reference_id"] == "x"
    assert server.ask("POST", "/v1/references/add", b"x", Content_Type="text/plain").status == 415
    assert change(server, "DELETE", "/v1/references/delete", reference_id="taken").status == 200


def test_without_a_codec_there_are_no_codes(server: Server, recording: bytes) -> None:
    assert codec(server, "encode", audios=[recording]).status == 409
    assert codec(server, "decode", tokens=[[[1]] * 10]).status == 409


def codec(server: Server, action: str, **values: Any) -> Reply:
    return server.ask("POST", f"/v1/vqgan/{action}", ormsgpack.packb(values), Content_Type="application/msgpack")


# --- with a model: its real codec, tiny and of random weights


@pytest.fixture(scope="module")
def studio(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    engine = Cloning(open_codec(tiny_checkpoint, "cpu"))
    with serving(settings_in(tmp_path_factory.mktemp("cloning")), lambda: engine) as server:
        yield Studio(server, engine)


@pytest.fixture(scope="module")
def short(server: Server) -> bytes:
    return server.tts("Yes.", format="flac").body


def test_a_recording_that_is_brought_along_is_the_voice_and_encoded_once(studio: Studio) -> None:
    assert studio.voice_of() == []
    short = studio.server.tts("No.", format="flac").body  # which no other test brings along
    before = studio.engine.n_encoded
    voice = studio.voice_of(references=brought(short))
    assert voice == [(WAV_SAYS, studio.engine._encode(sound_of(short)).tolist())]
    assert studio.voice_of(references=brought(short, "Other words.")) == [("Other words.", voice[0][1])]
    assert studio.engine.n_encoded == before + 1
    studio.voice_of(references=brought(short), use_memory_cache="off")
    assert studio.engine.n_encoded == before + 2


def test_openais_interface_takes_recordings_too(studio: Studio, short: bytes) -> None:
    def voice_of(**values: Any) -> list[str]:
        body = {"input": "Yes.", "response_format": "wav", **values}
        reply = studio.server.ask("POST", "/v1/audio/speech", body)
        assert reply.status == 200, reply.body
        return [reference.text for reference in studio.engine.voices[-1].references]

    assert voice_of(references=brought(short)) == voice_of(references=brought(short), voice="alloy") == [WAV_SAYS]
    assert voice_of(voice="alloy") == []
    wrong = {"input": "Yes.", "references": [{"audio": "?", "text": "a"}]}
    reply = studio.server.ask("POST", "/v1/audio/speech", wrong)
    assert reply.status == 400
    assert "references.audio" in reply.json["error"]["message"]
    body = {"input": "Yes.", "references": brought(short), "voice": "Nobody"}
    assert studio.server.ask("POST", "/v1/audio/speech", body).status == 404  # who names a voice wants that


def test_a_voice_can_have_many_recordings(studio: Studio, short: bytes) -> None:
    references = [brought(short, f"Number {number}.")[0] for number in range(20)]
    assert [text for text, _ in studio.voice_of(references=references)] == [f"Number {n}." for n in range(20)]


def test_a_stored_voice_is_its_recording_and_a_name_is_never_an_old_one(studio: Studio, short: bytes) -> None:
    server = studio.server
    brought_along = studio.voice_of(references=brought(short))
    assert add(server, "anna", short).status == 200
    before = studio.engine.n_encoded
    assert studio.voice_of(reference_id="anna") == studio.voice_of(reference_id="anna") == brought_along
    assert studio.engine.n_encoded == before + 1
    assert studio.voice_of(reference_id="anna", references=brought(short, "Not these.")) == brought_along
    assert add(server, "berta", short, "Somebody else.").status == 200
    change(server, "DELETE", "/v1/references/delete", reference_id="anna")
    change(server, "POST", "/v1/references/update", old_reference_id="berta", new_reference_id="anna")
    assert studio.voice_of(reference_id="anna")[0][0] == "Somebody else."


def test_voices_in_one_file_are_used_listed_renamed_and_deleted(studio: Studio, short: bytes) -> None:
    """What `lectern voices` and the window keep; clients know them by id, and people by name."""
    server = studio.server
    library = VoiceLibrary(server.service.settings.voices_folder)
    library.add(make_voice("Zoë", [(sound_of_samples(sound_of(short), 44_100), WAV_SAYS)], "en"))
    assert "Zoe" in names(server)
    voices = server.ask("GET", "/v1/audio/voices").json["voices"]
    assert {"id": "Zoe", "name": "Zoë", "kind": "stored"} in voices
    before = studio.engine.n_encoded
    voice = studio.voice_of(reference_id="Zoe")
    assert voice == studio.voice_of(reference_id="Zoe")
    assert studio.engine.n_encoded == before + 1
    assert library.find("Zoe").is_encoded, "and never again"
    by_openai = server.ask("POST", "/v1/audio/speech", {"model": "s1", "input": "Yes.", "voice": "Zoe"})
    assert by_openai.status == 200
    assert [r.text for r in studio.engine.voices[-1].references] == [WAV_SAYS]
    (library.folder / "broken.voice").write_bytes(b"x")
    assert "broken" not in names(server)
    assert (
        change(server, "POST", "/v1/references/update", old_reference_id="Zoe", new_reference_id="Zoe 2").status == 200
    )
    assert "Zoe 2" in library.names()
    assert add(server, "zoe 2", short).status == 409
    assert change(server, "DELETE", "/v1/references/delete", reference_id="Zoe 2").status == 200
    assert change(server, "DELETE", "/v1/references/delete", reference_id="broken").status == 200
    assert not {"Zoe", "Zoe 2", "broken"} & {info.id for info in library.infos()}


def test_recordings_to_codes_and_back(studio: Studio, short: bytes) -> None:
    tokens = ormsgpack.unpackb(codec(studio.server, "encode", audios=[short, short]).body)["tokens"]
    assert len(tokens) == 2
    assert np.array_equal(tokens[0], studio.engine._encode(sound_of(short)))
    audios = ormsgpack.unpackb(codec(studio.server, "decode", tokens=tokens).body)["audios"]
    wanted = np.concatenate(list(studio.engine.codec.decode(np.array(tokens[0]))))
    assert np.array_equal(np.frombuffer(audios[0], np.float16), wanted.astype(np.float16))
    assert audios[0] == audios[1]


def test_s1_itself_is_heard_while_it_speaks_and_ends_when_nobody_listens(tiny_checkpoint: Path, tmp_path: Path) -> None:
    with serving(settings_in(tmp_path), lambda: open_s1(tiny_checkpoint, "cpu")) as server:
        connection = server.connect()
        response = server.begin(connection, "POST", "/v1/tts", {"text": "Yes. " * 50, "streaming": True})
        assert response.headers["x-lectern-speaker"] == "S1 Mini"
        assert len(response.read(44 + 2 * 2048)) == 44 + 2 * 2048
        response.close()
        connection.close()
        wait_until(lambda: not server.service.worker.is_busy, "it is quiet")


@pytest.mark.parametrize(
    "tokens",
    [None, [], [[]], [[[]]], [[1]], [[[1, 2], [1]]], [[[-1]] * 10], [[[4096]] * 10], [[[1.5]] * 10], [[[1]] * 3]],
)
def test_what_are_no_codes(studio: Studio, tokens: Any) -> None:
    assert codec(studio.server, "decode", tokens=tokens).status == 400


def test_what_are_no_recordings(studio: Studio) -> None:
    for audios in (None, [], ["text"], [b""], [b"noise"], [b"x"] * 9):
        assert codec(studio.server, "encode", audios=audios).status == 400
