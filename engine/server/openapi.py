"""The OpenAPI description of the server's paths."""

from __future__ import annotations

import functools
from importlib.metadata import version
from typing import Any

from engine.registry import engines
from engine.server.fields import FALSE, NUMBER_TEXT, TRUE, WHOLE_TEXT
from engine.server.forms import (
    MAX_NEW_TOKENS,
    MEDIA_TYPES,
    MP3_BITRATES,
    OPENAI_FORMATS,
    RATE_LIMITS_HZ,
    SEEDS,
    TTS_FORMATS,
)
from engine.server.reading import ReadingAction
from engine.server.settings import ServerLimits

JSON, MSGPACK, FORM = "application/json", "application/msgpack", "multipart/form-data"
REFERENCE_ID = {"type": "string", "pattern": r"^[a-zA-Z0-9\-_ ]+$", "minLength": 1, "maxLength": 255}
Schema = dict[str, Any]


def describe(limits: ServerLimits, *, needs_key: bool, has_extensions: bool = False) -> Schema:
    """Describe the server's paths in OpenAPI 3.1."""
    document: Schema = {
        "openapi": "3.1.0",
        "info": {"title": "Lectern", "version": version("lectern"), "description": "Text becomes speech."},
        "paths": {**_paths(limits), **(_extension_paths() if has_extensions else {})},
        "components": {"schemas": {"Error": _error(), "OpenAIError": _openai_error(), "VoiceError": _voice_error()}},
    }
    if needs_key:
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
        document["security"] = [{"key": []}]
    return document


def _paths(limits: ServerLimits) -> Schema:
    health = {"type": "object", "properties": {"status": {"const": "ok"}}, "required": ["status"]}
    return {
        "/health": {
            "get": _operation("state", "What the server and its engine are doing.", _json(_state()), {}, body=None)
        },
        "/v1/health": {
            method: _operation(f"{method}Health", "Whether the server answers.", _json(health), {}, body=None)
            for method in ("get", "post")
        },
        "/v1/tts": {
            "post": _operation(
                "tts",
                "Speak a text. A form may bring the same fields.",
                _sound(TTS_FORMATS),
                _refusals(400, 404, 408, 413, 415, 429, 500, 503),
                body=_body(_tts(limits), JSON, MSGPACK),
            )
        },
        **_timed_paths(limits),
        **_codec_paths(),
        **_voice_paths(),
        **_openai_paths(limits),
    }


def _timed_paths(limits: ServerLimits) -> Schema:
    caption = _object(
        {"audio": _string(), "audio_format": _string(), "timestamps": {"type": "array"}}, "audio", "audio_format"
    )
    return {
        "/v1/tts/stream/with-timestamp": {
            "post": _operation(
                "ttsWithTimestamps",
                "Speak a text, and say when its words are heard, in server-sent events; mp3 where no format is asked "
                "for.",
                {"text/event-stream": {}},
                _refusals(400, 404, 408, 413, 415, 429, 500, 503),
                body=_body(_tts(limits), JSON, MSGPACK),
            )
        },
        "/dev/captioned_speech": {
            "post": _operation(
                "captionedSpeech",
                "Speak a text, and say when its words are heard, as Kokoro-FastAPI does: an object, or one a line.",
                {**_json(caption), "application/x-ndjson": {}},
                _refusals(400, 404, 408, 413, 415, 429, 500, 503, kind="OpenAIError"),
                body=_body(_captioned(limits), JSON, MSGPACK),
                kind="OpenAIError",
            )
        },
    }


def _state() -> Schema:
    whole, text = {"type": ["integer", "null"]}, {"type": "string"}
    engine = {"name": text, "device": text, "precision": text, "how": text}
    engine |= {"memory_bytes": whole, "peak_memory_bytes": whole}
    properties = {
        "status": {"const": "ok"},
        "version": text,
        "engine": _object(engine, *engine),
        "is_busy": {"type": "boolean", "description": "Whether something is being spoken."},
        "n_waiting": {"type": "integer", "description": "How many requests wait for the engine."},
        "is_full": {"type": "boolean", "description": "Whether another one would be refused."},
    }
    return _object(properties, *properties)


def _codec_paths() -> Schema:
    return {
        "/v1/vqgan/encode": {
            "post": _operation(
                "encode",
                "Recordings to codes.",
                _both(_object({"tokens": {"type": "array"}}, "tokens")),
                _refusals(400, 408, 409, 413, 415, 429, 500, 503),
                body=_body(
                    _object(
                        {"audios": {"type": "array", "minItems": 1, "items": {"type": "string", "format": "binary"}}},
                        "audios",
                    ),
                    MSGPACK,
                ),
            )
        },
        "/v1/vqgan/decode": {
            "post": _operation(
                "decode",
                "Codes to float16 samples.",
                {MSGPACK: {"schema": _object({"audios": {"type": "array"}}, "audios")}},
                _refusals(400, 408, 409, 413, 415, 429, 500, 503),
                body=_body(_object({"tokens": {"type": "array", "minItems": 1}}, "tokens"), JSON, MSGPACK),
            )
        },
    }


def _voice_paths() -> Schema:
    new_voice = _object(
        {"id": REFERENCE_ID, "audio": {"type": "string", "format": "binary"}, "text": _string()}, "id", "audio", "text"
    )
    outcome = {"success": {"type": "boolean"}, "message": {"type": "string"}}
    names = {"type": "array", "items": {"type": "string"}}
    by_id = _object({"reference_id": REFERENCE_ID}, "reference_id")
    both = {"old_reference_id": REFERENCE_ID, "new_reference_id": REFERENCE_ID}
    refusals = functools.partial(_refusals, kind="VoiceError")
    return {
        "/v1/references/list": {
            "get": _operation(
                "listReferences",
                "The stored voices.",
                _both(_object({**outcome, "reference_ids": names}, "reference_ids")),
                {},
                body=None,
                kind="VoiceError",
            )
        },
        "/v1/references/add": {
            "post": _operation(
                "addReference",
                "Store a voice.",
                _both(_object({**outcome, "reference_id": _string()}, "success")),
                refusals(400, 408, 409, 413, 415, 429),
                body=_body(new_voice, FORM),
                kind="VoiceError",
            )
        },
        "/v1/references/delete": {
            "delete": _operation(
                "deleteReference",
                "Delete a voice.",
                _both(_object({**outcome, "reference_id": _string()}, "success")),
                refusals(400, 404, 408, 413, 415, 429),
                body=_body(by_id, JSON, MSGPACK),
                kind="VoiceError",
            )
        },
        "/v1/references/update": {
            "post": _operation(
                "updateReference",
                "Rename a voice.",
                _both(_object({**outcome, "new_reference_id": _string()}, "success")),
                refusals(400, 404, 408, 409, 413, 415, 429),
                body=_body(_object(both, *both), JSON, MSGPACK),
                kind="VoiceError",
            )
        },
    }


def _openai_paths(limits: ServerLimits) -> Schema:
    return {
        "/v1/audio/speech": {
            "post": _operation(
                "speech",
                "Speak a text, as OpenAI's interface has it.",
                {**_sound(OPENAI_FORMATS), "text/event-stream": {}},
                _refusals(400, 404, 408, 413, 415, 429, 500, 503, kind="OpenAIError"),
                body=_body(_speech(limits), JSON, MSGPACK),
            )
        },
        "/v1/audio/voices": {
            "get": _operation(
                "voices", "What voice can be.", _json(_object({"voices": {"type": "array"}}, "voices")), {}, body=None
            )
        },
        "/v1/models": {
            "get": _operation(
                "models", "What speaks.", _json(_object({"data": {"type": "array"}}, "data")), {}, body=None
            )
        },
    }


def _extension_paths() -> Schema:
    """Describe what only browser extensions may call, which state their origin and bring the token they were given."""
    state = _object(
        {
            "version": {"type": "integer"},
            "reading": {"type": "integer", "description": "0: nothing of this extension's was read."},
            "is_yours": {"type": "boolean"},
            "phase": {"enum": ["idle", "preparing", "speaking", "paused"]},
            "sentence": {"type": "array", "description": "Its half-open place, in code points of the text."},
            "word": {"type": "array"},
            "speaker": _string(),
            "speed": {"type": "number"},
            "problem": _string(),
        },
        "version",
    )
    asked = _object({"state": {"enum": ["asked", "allowed", "refused", "expired"]}, "token": _string()}, "state")
    question = _object({"name": _string(), "secret": _string()})
    start = _object({"text": _string(), "position": {"type": "integer", "minimum": 0}}, "text")
    act = _object(
        {
            "reading": {"type": "integer", "minimum": 1},
            "action": {"enum": [str(action) for action in ReadingAction]},
            "position": {"type": "integer", "minimum": 0},
            "speed": {"type": "number", "minimum": 0.5, "maximum": 3},
        },
        "reading",
        "action",
    )
    begun = _object({"reading": {"type": "integer"}}, "reading")
    told = (
        (
            "/v1/pair",
            "pair",
            "Ask whether this extension may have pages read, and wait for the answer.",
            asked,
            question,
        ),
        ("/v1/reading/start", "startReading", "Read a text aloud to the person.", begun, start),
        (
            "/v1/reading/watch",
            "watchReading",
            "What is heard, once it is another than version `after`.",
            state,
            _object({"after": {"type": "integer"}}),
        ),
        ("/v1/reading/act", "actOnReading", "Pause, resume, stop, go elsewhere, change the speed.", state, act),
    )
    return {
        path: {
            "post": _operation(
                name,
                words,
                _json(answer),
                _refusals(400, 408, 409, 413, 415, 429, 503),
                body=_body(asks, JSON, MSGPACK),
            )
        }
        for path, name, words, answer, asks in told
    }


def _tts(limits: ServerLimits) -> Schema:
    return _object(
        {
            "text": {**_string(), "maxLength": limits.max_text_chars},
            **_ssml(),
            "format": _one_of(*TTS_FORMATS, usual="wav"),
            "streaming": _flag(False),
            "header": {**_flag(True), "description": "Whether a WAV begins with its header, or is samples alone."},
            "references": _references(limits),
            "reference_id": _voice_name(),
            "seed": _seed(),
            "use_memory_cache": _one_of("on", "off", usual="on"),
            "normalize": _flag(True),
            "chunk_length": {**_or_text({"type": "number"}, NUMBER_TEXT), "description": "Taken, and not needed."},
            "max_new_tokens": _number("integer", *MAX_NEW_TOKENS, 1024),
            "temperature": _number("number", 0, 1, 0.8),
            "top_p": _number("number", 0, 1, 0.8),
            "repetition_penalty": _number("number", 0.9, 2, 1.1),
            "sample_rate": _or_text(
                {"type": "integer", "minimum": RATE_LIMITS_HZ[0], "maximum": RATE_LIMITS_HZ[1]}, WHOLE_TEXT
            ),
            "mp3_bitrate": {**_or_text({"enum": list(MP3_BITRATES)}, WHOLE_TEXT), "default": 128},
            "opus_bitrate": _number("integer", -1000, 256_000, -1000),
            "latency": {"description": "Taken, and not needed."},
            "prosody": _object({"speed": _number("number", 0.5, 2, 1), "volume": _number("number", -20, 20, 0)}),
        },
        "text",
    )


def _references(limits: ServerLimits) -> Schema:
    recording = _object(
        {"audio": {"type": "string", "contentEncoding": "base64", "minLength": 4}, "text": _string()}, "audio", "text"
    )
    return {"type": "array", "maxItems": limits.max_references, "items": recording, "default": []}


def _ssml() -> Schema:
    flag = {**_flag(False), "description": "Whether the text is SSML. Tags that are not understood are passed over."}
    return {"ssml": flag, "input_type": _one_of("text", "ssml", usual="text")}


def _voice_name() -> Schema:
    own = "".join(rf"{entry.name}/[a-zA-Z0-9\-_ ]{{1,80}}|" for entry in engines() if entry.capabilities.has_voices)
    return {"type": "string", "pattern": rf"^({own}[^/\\\x00-\x1f\x7f]{{0,255}})$", "maxLength": 255}


def _speech(limits: ServerLimits) -> Schema:
    return _object(
        {
            "model": {"type": "string"},
            "input": {**_string(), "maxLength": limits.max_text_chars},
            **_ssml(),
            "voice": {"anyOf": [_voice_name(), _object({"id": _voice_name()}, "id")]},
            "references": _references(limits),
            "response_format": _one_of(*OPENAI_FORMATS, usual="mp3"),
            "speed": _number("number", 0.25, 4, 1),
            "stream": {**_flag(True), "description": "false: a whole file, which states its length."},
            "stream_format": _one_of("audio", "sse", usual="audio"),
            "seed": _seed(),
            "instructions": {"type": "string"},
        },
        "input",
    )


def _captioned(limits: ServerLimits) -> Schema:
    speech = _speech(limits)
    properties = {name: value for name, value in speech["properties"].items() if name != "stream_format"}
    more = _object(
        {
            "stream": {**_flag(True), "description": "A line for each sentence; false: one object."},
            "return_timestamps": _flag(True),
            "lang_code": {"type": "string", "description": "Kokoro's letter for a language; else it is detected."},
            "normalization_options": _object({"normalize": _flag(True)}),
        }
    )
    return {**speech, "properties": {**properties, **more["properties"]}}


def _operation(
    name: str, text: str, content: Schema, refusals: Schema, *, body: Schema | None, kind: str = "Error"
) -> Schema:
    responses = {"200": {"description": "Done.", "content": content}, **refusals, **_refusals(401, 403, kind=kind)}
    operation: Schema = {"operationId": name, "summary": text, "responses": responses}
    if body is not None:
        operation["requestBody"] = body
    return operation


def _refusals(*statuses: int, kind: str = "Error") -> Schema:
    schema = {"schema": {"$ref": f"#/components/schemas/{kind}"}}
    return {str(status): {"description": "Refused.", "content": {JSON: schema, MSGPACK: schema}} for status in statuses}


def _body(schema: Schema, *kinds: str) -> Schema:
    return {"required": True, "content": {kind: {"schema": schema} for kind in kinds}}


def _json(schema: Schema) -> Schema:
    return {JSON: {"schema": schema}}


def _both(schema: Schema) -> Schema:
    return {JSON: {"schema": schema}, MSGPACK: {"schema": schema}}


def _sound(formats: tuple[str, ...]) -> Schema:
    return {MEDIA_TYPES[name]: {"schema": {"type": "string", "format": "binary"}} for name in formats}


def _object(properties: Schema, *required: str) -> Schema:
    """Describe an object. What is not required may be null, which is as good as absent."""
    nullable = {
        name: schema if name in required else {"anyOf": [schema, {"type": "null"}]}
        for name, schema in properties.items()
    }
    return {"type": "object", "properties": nullable, "required": list(required)}


def _string() -> Schema:
    return {"type": "string", "minLength": 1}


def _number(kind: str, low: float, high: float, usual: float) -> Schema:
    pattern = WHOLE_TEXT if kind == "integer" else NUMBER_TEXT
    return {**_or_text({"type": kind, "minimum": low, "maximum": high}, pattern), "default": usual}


def _seed() -> Schema:
    schema = _or_text({"type": "integer", "minimum": SEEDS[0], "maximum": SEEDS[1]}, WHOLE_TEXT)
    return {**schema, "description": "Below 0: none. A voice without recordings has one of its own then."}


def _flag(usual: bool) -> Schema:
    words = "|".join("".join(f"[{sign.upper()}{sign}]" for sign in word) for word in (*TRUE, *FALSE))
    return {**_or_text({"enum": [True, False, 0, 1]}, f"^({words})$"), "default": usual}


def _or_text(schema: Schema, pattern: str) -> Schema:
    """Numbers and flags may be text, as forms have them."""
    return {"anyOf": [schema, {"type": "string", "pattern": pattern}]}


def _one_of(*values: str, usual: str) -> Schema:
    return {"type": "string", "enum": list(values), "default": usual}


def _error() -> Schema:
    properties = {"statusCode": {"type": "integer"}, "message": _string(), "error": _string()}
    return _object(properties, *properties)


def _voice_error() -> Schema:
    return _object({"success": {"const": False}, "message": _string(), "reference_id": {"type": "string"}}, "success")


def _openai_error() -> Schema:
    return _object({"error": _object({"message": _string(), "type": _string()}, "message", "type")}, "error")
