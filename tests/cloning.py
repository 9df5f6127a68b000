"""Voices that clients bring, add and name, and an engine that tells which it was to speak with."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from served import Reply, Server

from engine import AudioCodec, CancelToken, EngineStatus, SpeechEvent, SpeechRequest, Voice
from engine.builtin import BuiltInVoice

BOUNDARY = "a-boundary"
WAV_SAYS = "This is how I sound."


def form(**values: str | bytes) -> bytes:
    parts = b""
    for name, value in values.items():
        file = '; filename="../../x.wav"' if isinstance(value, bytes) else ""
        data = value if isinstance(value, bytes) else value.encode()
        parts += (
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + data + b"\r\n"
        )
    return parts + f"--{BOUNDARY}--\r\n".encode()


def add(server: Server, name: str, audio: bytes, text: str = WAV_SAYS) -> Reply:
    body = form(id=name, audio=audio, text=text)
    return server.ask(
        "POST", "/v1/references/add?format=json", body, Content_Type=f"multipart/form-data; boundary={BOUNDARY}"
    )


class Cloning:
    """An engine with a codec, which notes the voices it is to speak with, and what is encoded for them."""

    def __init__(self, codec: AudioCodec) -> None:
        self.codec, self._encode, self._voice = codec, codec.encode, BuiltInVoice()
        self.n_encoded = 0
        self.voices: list[Voice] = []
        codec.encode = self.encode  # type: ignore[method-assign]

    def encode(self, samples: np.ndarray) -> np.ndarray:
        self.n_encoded += 1
        return self._encode(samples)

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        self.voices.append(request.voice)
        return self._voice.speak(replace(request, voice=Voice()), cancel)

    def status(self) -> EngineStatus:
        return self._voice.status()

    def close(self) -> None:
        self._voice.close()


@dataclass(frozen=True)
class Studio:
    server: Server
    engine: Cloning

    def voice_of(self, **values: Any) -> list[tuple[str, list[list[int]]]]:
        """The transcripts and codes that a request is spoken with."""
        reply = self.server.tts("Yes.", **values)
        assert reply.status == 200, reply.body
        return [(reference.text, reference.codes.tolist()) for reference in self.engine.voices[-1].references]


def brought(audio: bytes, text: str = WAV_SAYS) -> list[dict[str, str]]:
    return [{"audio": base64.b64encode(audio).decode(), "text": text}]
