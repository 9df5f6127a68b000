"""Other people's programs, unchanged: curl, OpenAI's package, the hosted service's package."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import lazy_loader
import numpy as np
import ormsgpack
import pytest
from served import Server, said, same_words, sound_of, spoken
from waiting import LIMIT_S, wait_until

if TYPE_CHECKING:
    import fishaudio
    import httpx
    import openai
else:  # when they are used: each process that looks for the tests would wait a second
    fishaudio, httpx, openai = map(lazy_loader.load, ("fishaudio", "httpx", "openai"))

TEXT = "Testing one two three."
WORDS = ["The first ", "sentence. ", "And the ", "second ", "one."]


def live_sound() -> np.ndarray:
    return np.concatenate([said("The first sentence."), said("And the second one.")])


def test_curl(server: Server, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.fail("no curl: sudo apt install curl")
    out = tmp_path / "out.wav"
    command = ["curl", "-sS", "-X", "POST", f"{server.url}/v1/tts", "-H", "Content-Type: application/json"]
    done = subprocess.run(
        [*command, "-d", f'{{"text": "{TEXT}"}}', "--output", out], capture_output=True, timeout=LIMIT_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert np.abs(sound_of(out.read_bytes()) - said(TEXT)).max() < 1e-4


# --- OpenAI


@pytest.fixture
def openai_client(server: Server) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        yield client


@pytest.mark.parametrize("name", ["mp3", "opus", "aac", "flac", "wav"])
def test_openai_speech_in_each_format(openai_client: openai.OpenAI, name: str) -> None:
    reply = openai_client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format=name)  # type: ignore[arg-type]
    assert same_words(sound_of(reply.content), said(TEXT))


def test_openai_pcm_is_at_its_rate(openai_client: openai.OpenAI) -> None:
    reply = openai_client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format="pcm")
    sound = np.frombuffer(reply.content, np.int16).astype(np.float32)
    assert sound.size / 24_000 == pytest.approx(said(TEXT).size / 44_100, abs=0.01)


def test_openai_streams_to_a_file_in_a_voice_of_ours(openai_client: openai.OpenAI, tmp_path: Path) -> None:
    with openai_client.audio.speech.with_streaming_response.create(
        model="gpt-4o-mini-tts", voice="built-in/f2", input=TEXT, response_format="wav", instructions="Gently."
    ) as reply:
        reply.stream_to_file(tmp_path / "a.wav")
    wanted = spoken(TEXT, "built-in/f2")
    assert np.abs(sound_of((tmp_path / "a.wav").read_bytes()) - wanted).max() < 1e-4


@pytest.mark.parametrize("speed", [0.25, 0.5, 2.0, 4.0])
def test_openai_speed_changes_the_length_and_not_the_pitch(openai_client: openai.OpenAI, speed: float) -> None:
    text = "Many men in many towns are humming many long and even songs."
    plain, changed = (
        sound_of(
            openai_client.audio.speech.create(
                model="tts-1", voice="built-in/espeak", input=text, response_format="wav", speed=factor
            ).content
        )
        for factor in (1.0, speed)
    )
    assert changed.size == pytest.approx(plain.size / speed, rel=0.01)
    assert pitch_hz(changed) == pytest.approx(pitch_hz(plain), rel=0.06)


def pitch_hz(sound: np.ndarray) -> float:
    """The usual pitch of a voice between 70 and 250 Hz: the median over its voiced windows."""
    n = 4096
    windows = sound[: sound.size // n * n].reshape(-1, n)
    spectra = np.abs(np.fft.rfft(windows * np.hanning(n), 2 * n)) ** 2
    likeness = np.fft.irfft(spectra)
    short, long = 44_100 // 250, 44_100 // 70
    lags = likeness[:, short:long].argmax(axis=1) + short
    is_voiced = likeness[np.arange(len(lags)), lags] > 0.4 * np.maximum(likeness[:, 0], 1e-3)
    assert is_voiced.sum() >= 3
    return 44_100 / float(np.median(lags[is_voiced]))


def test_openai_events(openai_client: openai.OpenAI) -> None:
    with openai_client.audio.speech.with_streaming_response.create(
        model="tts-1", voice="alloy", input=TEXT, response_format="wav", stream_format="sse"
    ) as reply:
        lines = [line for line in reply.iter_lines() if line]
    assert len(lines) > 2
    assert all(line.startswith('data: {"type": "speech.audio.delta"') for line in lines[:-1])
    assert lines[-1].startswith('data: {"type": "speech.audio.done"')


def test_openai_models_and_errors(openai_client: openai.OpenAI) -> None:
    (model,) = openai_client.models.list().data
    assert openai_client.models.retrieve(model.id).id == model.id == "built-in"
    with pytest.raises(openai.NotFoundError):
        openai_client.models.retrieve("gpt-4")
    with pytest.raises(openai.NotFoundError, match="nobody"):
        openai_client.audio.speech.create(model="tts-1", voice="nobody", input=TEXT)
    with pytest.raises(openai.BadRequestError, match="speed must be a number") as refused:
        openai_client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, speed=4.1)
    assert refused.value.param == "speed"


def test_our_voices_are_listed(server: Server) -> None:
    voices = [voice["id"] for voice in server.ask("GET", "/v1/audio/voices").json["voices"]]
    assert voices[0] == "default"
    assert "built-in/f2" in voices


# --- the hosted service


@pytest.fixture
def hosted(server: Server) -> Iterator[fishaudio.FishAudio]:
    client = fishaudio.FishAudio(api_key="none", base_url=server.url)
    yield client
    client.close()


@pytest.mark.parametrize("name", ["wav", "mp3", "opus"])
def test_hosted_clients_get_each_format(hosted: fishaudio.FishAudio, name: str) -> None:
    sound = hosted.tts.convert(text=TEXT, format=name)  # type: ignore[arg-type]
    assert same_words(sound_of(sound), said(TEXT))


def test_hosted_clients_have_speed_references_and_errors(hosted: fishaudio.FishAudio) -> None:
    recording = hosted.tts.convert(text="This is how I sound.", format="mp3")
    references = [fishaudio.ReferenceAudio(audio=recording, text="This is how I sound.")]
    fast = b"".join(hosted.tts.stream(text=TEXT, format="wav", speed=2.0, references=references))
    assert sound_of(fast).size == pytest.approx(said(TEXT).size / 2, rel=0.01)
    with pytest.raises(fishaudio.NotFoundError):
        hosted.tts.convert(text=TEXT, reference_id="802e3bc2b27e49c2995d23ef70e6ac89")


def test_hosted_clients_speak_live_and_see_their_end(server: Server, hosted: fishaudio.FishAudio) -> None:
    for _ in range(3):
        sound = b"".join(hosted.tts.stream_websocket(iter(WORDS), format="mp3"))
        assert same_words(sound_of(sound), live_sound())
    wait_until(lambda: not server.service._live, "each has hung up by itself")


def test_the_older_hosted_client_speaks_live_too(server: Server) -> None:
    from fish_audio_sdk import TTSRequest, WebSocketSession

    with WebSocketSession("none", base_url=server.url) as session:
        for _ in range(3):
            sound = b"".join(session.tts(TTSRequest(text="", format="wav"), iter(WORDS)))
            assert np.abs(sound_of(sound) - live_sound()).max() < 1e-4
    wait_until(lambda: not server.service._live, "each has hung up by itself")


def test_hosted_clients_that_use_a_socket_again_have_every_turn(server: Server) -> None:
    """With that service's own events and package for WebSockets, as LiveKit's and others' pools do."""
    from fishaudio.resources.realtime import iter_websocket_audio
    from fishaudio.types import CloseEvent, StartEvent, TextEvent
    from httpx_ws import connect_ws

    request = fishaudio.types.TTSRequest(text="", format="wav", latency="balanced")
    with httpx.Client(base_url=server.url) as client, connect_ws("/v1/tts/live", client=client) as socket:
        for _ in range(4):
            socket.send_bytes(ormsgpack.packb(StartEvent(request=request).model_dump()))
            for word in WORDS:
                socket.send_bytes(ormsgpack.packb(TextEvent(text=word).model_dump()))
            socket.send_bytes(ormsgpack.packb(CloseEvent().model_dump()))
            sound = b"".join(iter_websocket_audio(socket))
            assert np.abs(sound_of(sound) - live_sound()).max() < 1e-4


def test_hosted_clients_see_an_error_as_theirs(hosted: fishaudio.FishAudio) -> None:
    with pytest.raises(fishaudio.WebSocketError):
        list(hosted.tts.stream_websocket(iter(WORDS), reference_id="nobody"))


def test_clients_that_send_a_sentence_at_a_time_get_each(hosted: fishaudio.FishAudio, server: Server) -> None:
    """Signs alone too, which splitting a text leaves behind."""
    for text, wanted in (("Hello there!", said("Hello there!")), ("🎉", None), ("...", None)):
        sound = sound_of(hosted.tts.convert(text=text, format="wav"))
        if wanted is None:
            assert 0 < sound.size < 0.5 * 44_100
        else:
            assert np.abs(sound - wanted).max() < 1e-4
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        reply = client.audio.speech.create(model="tts-1", voice="alloy", input="🎉", response_format="mp3")
        assert 0 < sound_of(reply.content).size < 0.5 * 44_100
