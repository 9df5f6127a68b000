"""The answers to each path: the requests' fields in, work to the engine's thread, and replies out."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.websockets import WebSocket

from engine.registry import cloning_engine, engine_displayed
from engine.server.codec_work import decoding, encoding, read_audios, read_tokens
from engine.server.docs_page import docs_reply
from engine.server.extensions import Extensions
from engine.server.fields import Fields, wrong
from engine.server.forms import (
    Recording,
    SpeechForm,
    checked_characters,
    read_captioned,
    read_openai,
    read_tts,
    with_hosted_defaults,
    with_pronunciations,
)
from engine.server.guard import refuse
from engine.server.live import LiveParts, LiveSession
from engine.server.metrics import CONTENT_TYPE, Metrics
from engine.server.openapi import describe
from engine.server.pairing import Pairings
from engine.server.reading import PersonReader
from engine.server.replies import (
    Intake,
    RequestError,
    json_reply,
    note_voices,
    reply,
    wants_json,
)
from engine.server.settings import ServerSettings
from engine.server.speaking import SoundChain, Speaking
from engine.server.spoken import Explain, SpokenReply, ValueReply
from engine.server.timed_replies import CaptionedReply, CaptionLinesReply, TimedReply
from engine.server.timing import TimedPiece, Timing
from engine.server.voice_book import VoiceBook
from engine.server.worker import Channel, EngineWorker, Work
from engine.text import MARKERS


class Service:
    """Answer the paths. Everything here runs in the event loop, and nothing of it takes long.

    `for_extensions` are who is allowed and who reads, where browser extensions may have pages read to the person.
    """

    def __init__(
        self,
        worker: EngineWorker,
        settings: ServerSettings,
        explain: Explain,
        for_extensions: tuple[Pairings, PersonReader] | None = None,
    ) -> None:
        self.worker, self.settings, self.limits, self.explain = worker, settings, settings.limits, explain
        self.metrics, self.intake = Metrics(), Intake(settings.limits)
        self.extensions = Extensions(*for_extensions, self.intake) if for_extensions is not None else None
        self.voices = VoiceBook(settings)
        self._live: set[LiveSession] = set()
        self._page = Page()

    # --- speech

    async def tts(self, request: Request) -> Response:
        """Answer `/v1/tts`: sound, as the model's own server sends it."""
        self.worker.check_room()
        values = await self.intake.read_form(request, as_json=("references", "prosody"))
        return self._spoken(read_tts(values, self.settings, streams="model" in request.headers))

    async def openai_speech(self, request: Request) -> Response:
        """Answer `/v1/audio/speech`: sound, as OpenAI's interface has it."""
        self.worker.check_room()
        values = await self.intake.read_form(request, as_json=("references",))
        return self._spoken(read_openai(values, self.limits))

    async def timed_tts(self, request: Request) -> Response:
        """Answer `/v1/tts/stream/with-timestamp`: sound and when its words are heard, as the hosted service sends
        them."""
        self.worker.check_room()
        values = await self.intake.read_form(request, as_json=("references", "prosody"))
        form = read_tts(with_hosted_defaults(values), self.settings, streams=True)
        return TimedReply(self._timed(form), self.worker.status.name, self.explain)

    async def captioned_speech(self, request: Request) -> Response:
        """Answer `/dev/captioned_speech`: sound and when its words are heard, as Kokoro-FastAPI sends them."""
        self.worker.check_room()
        form = read_captioned(
            await self.intake.read_form(request, as_json=("normalization_options", "references")), self.limits
        )
        kind = CaptionLinesReply if form.is_stream else CaptionedReply
        return kind(self._timed(form.speech, by_segment=True), form, self.worker.status.name, self.explain)

    def _spoken(self, form: SpeechForm) -> Response:
        form = with_pronunciations(form, self.settings.dictionary())
        work = Speaking(form, SoundChain(form.sound), self.voices, self.metrics)
        channel: Channel[bytes] = Channel(self.limits.max_unread_bytes, self.limits.stall_s)
        self.worker.submit(work, channel)
        return SpokenReply(channel, form, self.worker.status.name, self.explain)

    def _timed(self, form: SpeechForm, *, by_segment: bool = False) -> Channel[TimedPiece]:
        form = with_pronunciations(form, self.settings.dictionary())
        chain = SoundChain(form.sound)
        work = Speaking(form, chain, self.voices, self.metrics, Timing(chain.seconds_at, by_segment=by_segment))
        channel: Channel[TimedPiece] = Channel(self.limits.max_unread_bytes, self.limits.stall_s)
        self.worker.submit(work, channel)
        return channel

    async def timed_live(self, socket: WebSocket) -> None:
        """Serve a conversation at `/v1/tts/live/with-timestamp`, as `live` does."""
        await self.live(socket, tells_words=True)

    async def live(self, socket: WebSocket, *, tells_words: bool = False) -> None:
        """Serve a conversation at `/v1/tts/live`, if there is room for one more; with `tells_words` it says when each
        word is heard."""
        if not self._has_room_for_live():
            busy = RequestError(429, "Too many are speaking live. Try again.", headers={"Retry-After": "5"})
            await refuse(socket.scope, socket.receive, socket.send, busy)
            return
        parts = LiveParts(self.worker, self.voices, self.metrics, self.settings, self.explain)
        session = LiveSession(socket, parts, tells_words=tells_words)
        self._live.add(session)
        try:
            await socket.accept()
            await session.run()
        finally:
            self._live.discard(session)

    def _has_room_for_live(self) -> bool:
        """Return whether there is room. Of those for whom nothing is left to do, whoever was silent for longest makes
        room."""
        if len(self._live) < self.limits.max_live:
            return True
        now_s = time.monotonic()
        idle = {one: since for one in self._live if (since := one.idle_since_s) is not None and since <= now_s}
        if not idle:
            return False
        longest = min(idle, key=lambda session: idle[session])
        longest.leave()
        self._live.discard(longest)
        return True

    # --- codec

    async def encode(self, request: Request) -> Response:
        """Answer `/v1/vqgan/encode`: codes of recordings."""
        audios = read_audios(await self.intake.read_values(request), self.limits)

        def answer(codes: Any) -> Response:
            return reply(request, {"tokens": [matrix.tolist() for matrix in codes]})

        return self._worked(encoding(audios, self.limits), answer)

    async def decode(self, request: Request) -> Response:
        """Answer `/v1/vqgan/decode`: sound of codes."""
        tokens = read_tokens(await self.intake.read_values(request))

        def answer(audios: Any) -> Response:
            if wants_json(request):
                raise RequestError(400, "Sound cannot be written in JSON. Ask for MessagePack.")
            return reply(request, {"audios": audios})

        return self._worked(decoding(tokens), answer)

    def _worked(self, work: Work, answer: Callable[[Any], Response]) -> Response:
        def checked(value: Any) -> Response:
            if isinstance(value, RequestError):
                raise value
            return answer(value)

        channel: Channel[Any] = Channel(1, self.limits.stall_s)
        self.worker.submit(work, channel)
        return ValueReply(channel, checked, self.explain)

    # --- voices

    async def list_references(self, request: Request) -> Response:
        """Answer `/v1/references/list`: the stored voices' ids."""
        names = await asyncio.to_thread(self.voices.names)
        return reply(request, {"success": True, "reference_ids": list(names), "message": f"{len(names)} voices."})

    async def add_reference(self, request: Request) -> Response:
        """Store a voice: `/v1/references/add`."""
        values = await self.intake.read_form(request)
        fields = Fields(values)
        name, audio = fields.text("id"), values.get("audio")
        note_voices(request, reference_id=name)
        text = fields.text("text").strip()
        if not isinstance(audio, bytes) or not audio:
            raise wrong("audio", "a file")
        if not text:
            raise wrong("text", "what is said in the recording")
        await asyncio.to_thread(self.voices.add, name, Recording(audio, checked_characters(text, "text")))
        return reply(request, {"success": True, "message": f"Added {name}.", "reference_id": name})

    async def delete_reference(self, request: Request) -> Response:
        """Delete a voice: `/v1/references/delete`."""
        name = Fields(await self.intake.read_form(request)).text("reference_id")
        note_voices(request, reference_id=name)
        await asyncio.to_thread(self.voices.remove, name)
        return reply(request, {"success": True, "message": f"Deleted {name}.", "reference_id": name})

    async def update_reference(self, request: Request) -> Response:
        """Rename a voice: `/v1/references/update`."""
        fields = Fields(await self.intake.read_form(request))
        old, new = fields.text("old_reference_id"), fields.text("new_reference_id")
        note_voices(request, old_reference_id=old, new_reference_id=new)
        await asyncio.to_thread(self.voices.rename, old, new)
        values = {"success": True, "message": f"Renamed {old}.", "old_reference_id": old, "new_reference_id": new}
        return reply(request, values)

    # --- about this server

    async def health(self, _request: Request) -> Response:
        """Answer that the server runs."""
        return json_reply({"status": "ok"})

    async def state(self, _request: Request) -> Response:
        """Answer that the server runs, and what its engine is and does: for whoever watches over it."""
        status, worker = self.worker.status, self.worker
        speaking = {"name": status.name, "device": status.device, "precision": status.precision, "how": status.how}
        memory = {"memory_bytes": status.memory_bytes, "peak_memory_bytes": status.peak_memory_bytes}
        state = {"is_busy": worker.is_busy, "n_waiting": worker.n_waiting, "is_full": not worker.has_room}
        return json_reply({"status": "ok", "version": version("lectern"), "engine": {**speaking, **memory}, **state})

    async def models(self, _request: Request) -> Response:
        """List the one model, as OpenAI's interface has it."""
        return json_reply({"object": "list", "data": [self._model()]})

    async def model(self, request: Request) -> Response:
        """Describe the one model. Raises `RequestError` 404 for another name."""
        if request.path_params["name"] != self._model()["id"]:
            raise RequestError(404, f"There is no such model. There is: {self._model()['id']}.", param="model")
        return json_reply(self._model())

    def _model(self) -> dict[str, Any]:
        entry = engine_displayed(self.worker.status.name) or cloning_engine()
        return {"id": entry.model_id or entry.name, "object": "model", "created": 0, "owned_by": "lectern"}

    async def list_voices(self, _request: Request) -> Response:
        """List the names that `voice` may have, and but for "default" `reference_id` too; and what markers there
        are."""
        infos = await asyncio.to_thread(self.voices.infos)
        names = (voice.partition("/") for voice in self.settings.engine_voices)
        own = [{"id": "".join(parts), "name": parts[2] or parts[0], "kind": parts[0]} for parts in names]
        stored = [{"id": info.id, "name": info.name, "kind": "stored"} for info in infos]
        voices = [{"id": "default", "name": "Default", "kind": "default"}, *stored, *own]
        markers = {group: list(names) for group, names in MARKERS.items()}
        speaker = self.worker.status.name
        return json_reply({"voices": voices, "markers": markers, "speaker": speaker, "note": _note(speaker)})

    async def page(self, _request: Request) -> Response:
        """Send the page at `/`."""
        return self._page.reply()

    async def docs(self, _request: Request) -> Response:
        """Send the page that shows the description of all paths."""
        return docs_reply(self._described())

    async def openapi(self, _request: Request) -> Response:
        """Send the description of all paths."""
        return json_reply(self._described())

    def _described(self) -> dict[str, Any]:
        has_extensions = self.extensions is not None
        return describe(self.limits, needs_key=bool(self.settings.api_key), has_extensions=has_extensions)

    async def show_metrics(self, _request: Request) -> Response:
        """Send the metrics."""
        text = self.metrics.text(self.worker.status, self.worker.n_waiting, self.worker.is_busy)
        return Response(text, media_type=CONTENT_TYPE)


def _note(speaker: str) -> str:
    """Say what people who choose a voice should know of the engine; "" where there is nothing to say."""
    entry = engine_displayed(speaker)
    if entry is None or (entry.capabilities.clones and entry.capabilities.acts_markers):
        return ""
    lacks = [] if entry.capabilities.clones else ["imitate recordings"]
    lacks += [] if entry.capabilities.acts_markers else ["act out markers"]
    name = entry.spoken_name
    return f"{name[:1].upper()}{name[1:]} speaks here. It does not {', nor '.join(lacks)}."


class Page:
    """Hold the page at `/`: one file, which loads nothing from anywhere.

    Its policy lets the page's own script and style run, by their digests, and speak with this server alone.
    """

    def __init__(self) -> None:
        text = Path(__file__).with_name("page.html").read_text(encoding="utf-8")
        self._body = text.encode()
        script, style = (_digest(text, tag) for tag in ("script", "style"))
        policy = (
            f"default-src 'none'; script-src {script}; style-src {style}; connect-src 'self'; media-src 'self' blob:; "
            "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
        self._headers = {
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-cache",
        }

    def reply(self) -> Response:
        """Make the reply that holds the page."""
        return Response(self._body, headers=self._headers, media_type="text/html; charset=utf-8")


def _digest(text: str, tag: str) -> str:
    (inner,) = re.findall(rf"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
    return f"'sha256-{base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()}'"
