"""Who speaks: a name alone is always the same speaker, a default can be chosen, and an unknown name is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import ormsgpack
import pytest
from cloning import Cloning, Studio, add, brought
from live_client import hear_all, live, tell
from rigged_voice import PlainVoice
from served import Server, said, serving, settings_in, sound_of, spoken

from engine import CancelToken, SpeechEvent, SpeechRequest, VoiceError
from engine.builtin import BuiltInVoice
from engine.registry import always_there
from engine.server import ServerSettings, start_http_server
from engine.speech import open_codec
from engine.speech.opening import open_s1
from engine.voice_library import VoiceLibrary

CLIENTS_OWN_ID = "802e3bc2b27e49c2995d23ef70e6ac89"
TEXTS = ("The first sentence.", "And the second one.")


class Noting(PlainVoice):
    """The built-in voice, which notes the seeds it is given."""

    def __init__(self) -> None:
        super().__init__()
        self.seeds: list[int | None] = []

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        self.seeds.append(request.options.seed)
        return super().speak(request, cancel)


@pytest.fixture
def noting(tmp_path: Path) -> Iterator[tuple[Server, Callable[..., int | None]]]:
    """A server, and what seed the engine is given for the fields of a request to /v1/tts, or to OpenAI's path."""
    engine = Noting()
    with serving(settings_in(tmp_path), lambda: engine) as server:

        def seed_of(path: str = "/v1/tts", **values: Any) -> int | None:
            body = {"text": "Yes.", "input": "Yes.", **values}
            assert server.ask("POST", path, body).status == 200
            return engine.seeds.pop()

        yield server, seed_of


def test_a_name_alone_has_one_seed_everywhere_and_always(noting: tuple[Server, Callable[..., int | None]]) -> None:
    server, seed_of = noting
    usual = 9172803562442545617  # what it was yesterday: clients keep their speaker after an update
    assert seed_of() == seed_of(reference_id="default") == seed_of(streaming=True) == seed_of(seed=-1) == usual
    assert seed_of("/v1/audio/speech") == seed_of("/v1/audio/speech", voice="default") == usual
    named = {name: seed_of("/v1/audio/speech", voice=name) for name in ("alloy", "nova", "onyx")}
    assert len({usual, *named.values()}) == 4, "each name is somebody else"
    assert seed_of(reference_id="nova") == named["nova"]
    with live(server, {"reference_id": "nova"}) as socket:
        for text in TEXTS:
            tell(socket, "text", text=text)
            tell(socket, "flush")
        tell(socket, "stop")
        hear_all(socket)
    assert {seed_of() for _ in range(3)} == {usual}


def test_a_seed_that_is_asked_for_is_the_one(noting: tuple[Server, Callable[..., int | None]]) -> None:
    import openai  # late: each process that looks for the tests would wait for it

    server, seed_of = noting
    for path in ("/v1/tts", "/v1/audio/speech"):
        assert seed_of(path, seed=7) == seed_of(path, seed="7") == seed_of(path, seed=7.0) == 7
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        speech = client.audio.speech
        assert speech.create(model="tts-1", voice="alloy", input="Yes.", extra_body={"seed": 11}).content
        with pytest.raises(openai.BadRequestError, match="seed"):
            speech.create(model="tts-1", voice="alloy", input="Yes.", extra_body={"seed": "x"})


@pytest.mark.slow
def test_every_process_has_the_same_seeds() -> None:
    ask = "from engine.server.voice_book import seed_of; print(seed_of(''), seed_of('nova'))"
    said = {
        subprocess.run(
            [sys.executable, "-c", ask], env={"PYTHONHASHSEED": hashes}, capture_output=True, check=True
        ).stdout
        for hashes in ("1", "2")
    }
    assert len(said) == 1


@pytest.mark.slow
def test_s1_keeps_its_speaker_from_request_to_request(tiny_checkpoint: Path, tmp_path: Path) -> None:
    """As far as random weights can show it: what a seed decides is the same."""
    with serving(settings_in(tmp_path), lambda: open_s1(tiny_checkpoint, "cpu")) as server:

        def heard(**values: Any) -> np.ndarray:
            return sound_of(server.tts("Yes.", max_new_tokens=4, **values).body)

        assert np.array_equal(heard(), heard())
        assert not np.array_equal(heard(), heard(reference_id="nova"))
        assert np.array_equal(heard(reference_id="nova"), heard(reference_id="nova"))
        assert not np.array_equal(heard(), heard(seed=3))


# --- a default


def test_the_default_voice_speaks_where_nobody_is_named(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, voice="built-in/f2", engine_voices=always_there().voice_names())
    wanted = spoken("Hello.", "built-in/f2")
    with serving(settings) as server:
        for values in ({}, {"reference_id": ""}, {"reference_id": "default"}, {"reference_id": "nova"}):
            assert np.abs(sound_of(server.tts("Hello.", **values).body) - wanted).max() < 1e-4
        other = sound_of(server.tts("Hello.", reference_id="built-in").body)
        assert np.abs(other - spoken("Hello.")).max() < 1e-4
        speech = {"input": "Hello.", "voice": "alloy", "response_format": "wav"}
        assert np.abs(sound_of(server.ask("POST", "/v1/audio/speech", speech).body) - wanted).max() < 1e-4
        with live(server, {"text": "Hello.", "format": "wav"}) as socket:
            tell(socket, "stop")
            assert np.abs(sound_of(hear_all(socket)) - wanted).max() < 1e-4


@pytest.fixture
def anna(tiny_checkpoint: Path, tmp_path: Path) -> Callable[..., Any]:
    """Opens a server that imitates, and knows Anna."""
    with serving(settings_in(tmp_path)) as plain:
        assert add(plain, "anna", plain.tts("Yes.", format="flac").body).status == 200

    def studio(**values: Any) -> Any:
        engine = Cloning(open_codec(tiny_checkpoint, "cpu"))
        return engine, serving(settings_in(tmp_path, **values), lambda: engine)

    return studio


@pytest.mark.slow
def test_a_stored_voice_can_be_the_default_and_a_request_may_bring_another(anna: Any) -> None:
    engine, server_of = anna(voice="Anna")
    with server_of as server:
        studio = Studio(server, engine)
        by_name = studio.voice_of(reference_id="anna")
        assert by_name
        assert studio.voice_of() == studio.voice_of(reference_id="alloy") == by_name
        recording = server.tts("No.", format="flac").body
        assert studio.voice_of(references=brought(recording, "No.")) != by_name


def test_a_default_that_is_not_there_is_told_before_anything_listens(tmp_path: Path) -> None:
    for voice in ("nobody", "built-in/nobody", "../x"):
        settings = ServerSettings(tmp_path, port=0, voice=voice, engine_voices=always_there().voice_names())
        with pytest.raises(VoiceError) as refused:
            start_http_server(settings, BuiltInVoice(), str)
        assert refused.value.problem == "unknown"


# --- an unknown one


def test_an_unknown_voice_is_404_with_the_list(anna: Any) -> None:
    _, server_of = anna()
    with server_of as server:
        for reply in (
            server.tts("Hello.", reference_id=CLIENTS_OWN_ID),
            server.tts("Hello.", reference_id=CLIENTS_OWN_ID, streaming=True),
            server.ask("POST", "/v1/audio/speech", {"input": "Hello.", "voice": CLIENTS_OWN_ID}),
        ):
            assert reply.status == 404
            message = reply.json["message"] if "message" in reply.json else reply.json["error"]["message"]
            assert CLIENTS_OWN_ID in message
            assert "There are: default, anna" in message


@pytest.mark.slow
def test_unknown_voices_can_be_the_default_one(anna: Any, tmp_path: Path) -> None:
    engine, server_of = anna(voice="anna", unknown_is_default=True)
    with server_of as server:
        studio = Studio(server, engine)
        wanted = studio.voice_of()
        assert wanted == studio.voice_of(reference_id=CLIENTS_OWN_ID) == studio.voice_of(reference_id="built-in/f2")
        assert server.tts("Hello.", reference_id="a/b").status == 400
        speech = server.ask("POST", "/v1/audio/speech", {"input": "Hello.", "voice": CLIENTS_OWN_ID})
        assert speech.status == 200
        body = ormsgpack.packb({"text": "Hello.", "reference_id": CLIENTS_OWN_ID})
        assert server.ask("POST", "/v1/tts", body, Content_Type="application/msgpack", model="s1").status == 200
        with live(server, {"text": "Hello.", "reference_id": CLIENTS_OWN_ID}) as socket:
            tell(socket, "stop")
            assert hear_all(socket)
    with serving(settings_in(tmp_path, unknown_is_default=True, engine_voices=always_there().voice_names())) as server:
        reply = server.tts("Hello.", reference_id="built-in/nobody")
        assert np.abs(sound_of(reply.body) - said("Hello.")).max() < 1e-4


# --- by the name that people read


def test_a_voice_is_found_by_its_name_and_in_a_folder_nobody_imported(anna: Any) -> None:
    engine, server_of = anna()
    with server_of as server:
        studio = Studio(server, engine)
        folder = server.service.settings.voices_folder
        (folder / "anna").rename(folder / "女声")
        assert (folder / "女声" / "sample.lab").exists()
        by_folder = studio.voice_of(reference_id="女声")
        assert [text for text, _ in by_folder] == ["This is how I sound."]
        assert "女声" in server.ask("GET", "/v1/references/list?format=json").json["reference_ids"]
        speech = server.ask("POST", "/v1/audio/speech", {"input": "Yes.", "voice": "女声"})
        assert speech.status == 200
        library = VoiceLibrary(folder)
        library.describe("女声", notes="Quiet.")  # which makes one file of it, with an id of its own
        assert library.find("女声").path.name == "voice.voice"
        assert studio.voice_of(reference_id="女声") == studio.voice_of(reference_id="voice") == by_folder
        for old, new in (("女声", "berta"), ("berta", "clara")):
            body = {"old_reference_id": old, "new_reference_id": new}
            assert server.ask("POST", "/v1/references/update", body).status == 200
        assert studio.voice_of(reference_id="CLARA") == by_folder
        assert server.ask("DELETE", "/v1/references/delete", {"reference_id": "clara"}).status == 200
        (folder / "no voice…").mkdir()
        assert server.tts("Yes.", reference_id="no voice…").status == 404
