"""SSML over both interfaces, and what a server says of itself."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from served import Server, serving, settings_in, sound_of

from engine import SAMPLE_RATE_HZ

SSML = '<speak>One.<break time="3s"/>Two & <nobody>three</nobody>.'


@pytest.mark.parametrize("how", [{"ssml": True}, {"input_type": "ssml"}, {"ssml": "yes", "streaming": True}])
@pytest.mark.parametrize(("path", "field"), [("/v1/tts", "text"), ("/v1/audio/speech", "input")])
def test_ssml_is_spoken(server: Server, path: str, field: str, how: dict[str, object]) -> None:
    reply = server.ask("POST", path, {field: SSML, "format": "wav", "response_format": "wav", **how})
    assert reply.status == 200
    sound = sound_of(reply.body)
    quiet = np.abs(sound) < 0.001
    longest = max((len(run) for run in re.findall("1+", "".join("1" if q else "0" for q in quiet[::441]))), default=0)
    assert 290 <= longest <= 340  # hundredths of a second
    assert len(sound) < 7 * SAMPLE_RATE_HZ  # no tag is read


def test_without_a_word_it_is_text_and_nothing_in_it_is_a_short_silence(server: Server) -> None:
    as_text = sound_of(server.ask("POST", "/v1/tts", {"text": SSML}).body)
    as_ssml = sound_of(server.ask("POST", "/v1/tts", {"text": SSML, "ssml": True}).body)
    assert not np.array_equal(as_text, as_ssml)
    silence = sound_of(server.ask("POST", "/v1/tts", {"text": "<speak><break/></speak>", "ssml": True}).body)
    assert 0 < len(silence) < SAMPLE_RATE_HZ
    assert server.ask("POST", "/v1/tts", {"text": "x", "input_type": "html"}).status == 400
    assert server.ask("POST", "/v1/tts", {"text": "x", "ssml": "perhaps"}).status == 400


def test_whoever_watches_over_a_server_sees_its_engine(server: Server, tmp_path: Path) -> None:
    state = server.ask("GET", "/health").json
    assert state["status"] == "ok"
    assert state["engine"]["name"] == "built-in voice"
    assert (state["n_waiting"], state["is_full"]) == (0, False)
    with serving(settings_in(tmp_path, api_key="secret")) as locked:
        assert locked.ask("GET", "/health").status == locked.ask("GET", "/docs").status == 200
        assert locked.ask("GET", "/health", Host="evil.example").status == 403
        assert "Authorization" in locked.ask("GET", "/docs").body.decode()


def test_the_page_for_people_shows_every_path_and_loads_nothing(server: Server) -> None:
    reply = server.ask("GET", "/docs")
    page = reply.body.decode()
    description = server.ask("GET", "/openapi.json").json
    assert reply.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in reply.headers["content-security-policy"]
    assert not re.findall(r"""(?:src|href)=["'](?![#.]|openapi\.json)""", page)
    for path, methods in description["paths"].items():
        for operation in methods.values():
            assert f'id="{operation["operationId"]}"' in page
            assert path in page
    assert "<code>input_type</code>" in page
    assert "else <code>0.8</code>" in page
