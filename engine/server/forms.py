"""Requests as clients write them, checked and made into values."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.errors import TextError
from engine.notes import TextNotes
from engine.registry import engine_of_voice
from engine.server.fields import Fields, wrong
from engine.server.replies import RequestError
from engine.server.settings import ServerLimits, ServerSettings
from engine.text import check_text, read_ssml
from engine.types import Pronunciation, SpeechOptions

REFERENCE_ID = re.compile(r"[a-zA-Z0-9\-_ ]{1,255}")
VARIANT = re.compile(r"[a-zA-Z0-9\-_ ]{1,80}")
"""What may follow an engine's name and a slash."""
SHOWN_NAME = re.compile(r"[^/\\\x00-\x1f\x7f\ud800-\udfff]{1,255}")
"""What a person may call a voice, as far as clients may write it: nothing of it can be taken for a path."""
TTS_FORMATS = ("wav", "pcm", "flac", "mp3", "opus")
OPENAI_FORMATS = (*TTS_FORMATS, "aac")
MEDIA_TYPES = {
    "wav": "audio/wav",
    "pcm": "application/octet-stream",
    "flac": "audio/flac",
    "mp3": "audio/mpeg",
    "opus": "audio/ogg",
    "aac": "audio/aac",
}
MP3_BITRATES = (64, 128, 192)
SEEDS = (-(2**63), 2**63 - 1)
MAX_NEW_TOKENS = (-1, 1_000_000)
RATE_LIMITS_HZ = (8_000, 96_000)
OPENAI_PCM_HZ = 24_000
OPENAI_VOICES = frozenset(
    {"alloy", "ash", "ballad", "cedar", "coral", "default", "echo"}
    | {"fable", "marin", "nova", "onyx", "sage", "shimmer", "verse"}
)
"""Names that clients of that interface send when nobody chose a voice: here, the usual one."""

KOKORO_VOICE = re.compile(r"[abefhijpz][fm]_[a-z0-9_]+(\([0-9.]+\))?([+-][abefhijpz][fm]_[a-z0-9_]+(\([0-9.]+\))?)*")
"""A voice of Kokoro's, or several mixed, which its clients ask for: here, the usual one, where nobody has that name."""
KOKORO_LANGUAGES = {"a": "en", "b": "en", "e": "es", "f": "fr", "i": "it", "j": "ja", "p": "pt", "z": "zh"}


@dataclass(frozen=True, slots=True)
class SoundForm:
    """Say how sound is sent. `is_whole`: all at once, with a header that states its length. Without `has_header` a WAV
    is its samples alone."""

    format: str = "wav"
    rate_hz: int | None = None
    bits_per_s: int | None = None
    speed: float = 1.0
    volume_db: float = 0.0
    is_whole: bool = False
    has_header: bool = True


@dataclass(frozen=True, slots=True)
class Recording:
    """Hold a recording that a client brings, the bytes of an audio file, and what is said in it."""

    audio: bytes = field(repr=False)
    text: str


@dataclass(frozen=True, slots=True)
class VoiceChoice:
    """Choose a voice by `name` ("": the usual one), or by recordings, whose codes are kept when `is_cached`."""

    name: str = ""
    recordings: tuple[Recording, ...] = ()
    is_cached: bool = True


@dataclass(frozen=True, slots=True)
class SpeechForm:
    """Hold a request for speech, checked. `is_sse`: the sound is sent as server-sent events. `notes` are what SSML says
    of the text."""

    text: str
    voice: VoiceChoice
    options: SpeechOptions
    sound: SoundForm
    is_sse: bool = False
    notes: TextNotes | None = None


@dataclass(frozen=True, slots=True)
class CaptionedForm:
    """Hold a request for speech and captions, checked. `is_stream`: a line for each segment, and no single object."""

    speech: SpeechForm
    is_stream: bool
    has_timestamps: bool


def read_tts(values: Mapping[str, Any], settings: ServerSettings, *, streams: bool) -> SpeechForm:
    """Read a request to `/v1/tts`. `streams`: its client reads sound as it comes, and does not say so.

    Raises `RequestError` 400, and `TextError` for a text that cannot be spoken.
    """
    fields = Fields(values)
    text, notes = _read_text(fields, "text", settings.limits)
    return replace(read_tts_settings(values, settings, streams=streams), text=text, notes=notes)


def with_hosted_defaults(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the values of a request to one of the paths that only the hosted service has, with its usual format."""
    return values if values.get("format") is not None else {**values, "format": "mp3"}


def with_pronunciations(form: SpeechForm, entries: tuple[Pronunciation, ...]) -> SpeechForm:
    """Return `form` to be spoken with the dictionary of whoever runs the server."""
    return replace(form, options=replace(form.options, pronunciations=entries)) if entries else form


def read_tts_settings(values: Mapping[str, Any], settings: ServerSettings, *, streams: bool) -> SpeechForm:
    """Read all of a request to `/v1/tts` but its text. Raises `RequestError` 400."""
    fields = Fields(values)
    fields.any_number("chunk_length")  # what it was for does not exist here: sentences are not joined
    streaming = fields.flag("streaming", False)
    is_whole = not (streaming or streams)
    options = SpeechOptions(
        # down to 0, which clients of the hosted service may send; the model's own limits begin at 0.1
        temperature=max(0.1, fields.number("temperature", 0, 1, 0.8)),
        top_p=max(0.1, fields.number("top_p", 0, 1, 0.8)),
        repetition_penalty=fields.number("repetition_penalty", 0.9, 2, 1.1),
        seed=_read_seed(fields),
        clean=fields.flag("normalize", True),
        live=not is_whole,
        normalise=fields.flag("normalize", True),
        max_frames=max(0, fields.whole("max_new_tokens", *MAX_NEW_TOKENS, 1024)),
    )
    has_header = fields.flag("header", settings.sends_wav_header or not streaming)
    sound = replace(_read_sound(fields, is_whole=is_whole), has_header=has_header)
    return SpeechForm("", _read_voice(fields, settings.limits), options, sound)


def _read_seed(fields: Fields) -> int | None:
    """Below 0, as for clients that know no other way to say it, is none."""
    seed = fields.whole("seed", *SEEDS, -1)
    return None if seed < 0 else seed


def _read_sound(fields: Fields, *, is_whole: bool) -> SoundForm:
    sound_format = fields.choice("format", TTS_FORMATS, "wav")
    rate_hz = fields.whole("sample_rate", *RATE_LIMITS_HZ, 0) or None
    mp3 = fields.choice("mp3_bitrate", MP3_BITRATES, 128) * 1000
    opus = fields.whole("opus_bitrate", -1000, 256_000, 0)
    opus = opus * 1000 if 0 < opus < 1000 else opus  # in kbit/s or in bit/s; none: the encoder chooses
    bits_per_s = mp3 if sound_format == "mp3" else max(6_000, opus) if opus > 0 else None
    prosody = fields.object("prosody", "an object with speed and volume")
    speed, volume = prosody.number("speed", 0.5, 2, 1.0), prosody.number("volume", -20, 20, 0.0)
    return SoundForm(sound_format, rate_hz, bits_per_s, speed, volume, is_whole)


def _read_voice(fields: Fields, limits: ServerLimits) -> VoiceChoice:
    name = fields.text("reference_id", "")
    recorded = _read_recordings(fields, limits) if not name else VoiceChoice()
    is_cached = fields.choice("use_memory_cache", ("on", "off"), "on") == "on"
    chosen = VoiceChoice(checked_voice_name(name, "reference_id")) if name else recorded
    return replace(chosen, is_cached=is_cached)


def _read_recordings(fields: Fields, limits: ServerLimits) -> VoiceChoice:
    references = fields.get("references")
    if references is None:
        references = []
    if not isinstance(references, list):
        raise wrong("references", "a list of objects with audio and text")
    if len(references) > limits.max_references:
        raise RequestError(400, f"There are at most {limits.max_references} references.", param="references")
    return VoiceChoice("", tuple(_read_recording(value) for value in references))


def _read_recording(value: object) -> Recording:
    if not isinstance(value, dict):
        raise wrong("references", "a list of objects with audio and text")
    audio = value.get("audio")
    if isinstance(audio, str):
        try:
            audio = base64.b64decode(audio, validate=True)
        except (binascii.Error, ValueError):
            raise wrong("references.audio", "bytes, in base64 where the request is JSON") from None
    if not isinstance(audio, bytes) or not audio:
        raise wrong("references.audio", "bytes, in base64 where the request is JSON")
    text = value.get("text")
    if not isinstance(text, str) or not text.strip():
        raise wrong("references.text", "what is said in the recording")
    return Recording(audio, checked_characters(text.strip(), "references.text"))


def read_openai(values: Mapping[str, Any], limits: ServerLimits) -> SpeechForm:
    """Read a request to `/v1/audio/speech`. Raises `RequestError` 400, and `TextError`."""
    fields = Fields(values)
    fields.text("model", "")
    fields.text("instructions", "")
    text, notes = _read_text(fields, "input", limits)
    voice = fields.get("voice")
    if voice is not None:
        voice = voice.get("id") if isinstance(voice, dict) else voice
        if not isinstance(voice, str):
            raise wrong("voice", "a name")
    choice = _read_recordings(fields, limits)
    if voice and not (choice.recordings and voice in OPENAI_VOICES):  # its clients must name one of their own
        choice = VoiceChoice(checked_voice_name(voice, "voice"))
    sound_format = fields.choice("response_format", OPENAI_FORMATS, "mp3")
    sound = SoundForm(
        sound_format,
        rate_hz=OPENAI_PCM_HZ if sound_format == "pcm" else None,  # its clients play PCM at that rate unasked
        speed=fields.number("speed", 0.25, 4, 1.0),
    )
    is_sse = fields.choice("stream_format", ("audio", "sse"), "audio") == "sse"
    is_whole = not fields.flag("stream", True) and not is_sse
    options = SpeechOptions(seed=_read_seed(fields), live=not is_whole)
    return SpeechForm(text, choice, options, replace(sound, is_whole=is_whole), is_sse=is_sse, notes=notes)


def _read_text(fields: Fields, name: str, limits: ServerLimits) -> tuple[str, TextNotes | None]:
    """Read the text in the field `name`, and what it says of itself where it is SSML."""
    text = checked_text(fields.text(name), limits)
    is_ssml = fields.choice("input_type", ("text", "ssml"), "text") == "ssml"
    if not fields.flag("ssml", is_ssml):
        return text, None
    marked = read_ssml(text)
    return marked.text, marked.notes


def read_captioned(values: Mapping[str, Any], limits: ServerLimits) -> CaptionedForm:
    """Read a request to `/dev/captioned_speech`: OpenAI's fields, and Kokoro-FastAPI's own. Raises `RequestError` 400,
    and `TextError`."""
    fields = Fields(values)
    is_stream, has_timestamps = fields.flag("stream", True), fields.flag("return_timestamps", True)
    form = read_openai({**values, "stream": is_stream, "stream_format": None}, limits)
    is_plain = fields.object("normalization_options", "an object with normalize").flag("normalize", True)
    language = KOKORO_LANGUAGES.get(fields.text("lang_code", "").lower()[:1])
    options = replace(form.options, live=False, language=language, normalise=is_plain)  # a segment comes whole
    return CaptionedForm(replace(form, options=options), is_stream, has_timestamps)


def checked_text(text: str, limits: ServerLimits) -> str:
    """Return `text`, where it can be spoken. Spaces alone are a text: a short silence, as signs alone are. Raises
    `TextError`."""
    if len(text) > limits.max_text_chars:
        raise TextError("too_long", found=len(text), limit=limits.max_text_chars)
    if not text.isspace():
        check_text(text)
    return text


def checked_characters(text: str, name: str) -> str:
    """Return `text`, where all of its characters can be in one. Raises `RequestError` 400 about the field `name`."""
    try:
        check_text(text)
    except TextError as error:
        raise wrong(name, "text") from error
    return text


def checked_voice_name(name: str, param: str) -> str:
    """Return a stored voice's id or name, or that of an engine's own voice: nothing that could be a path.

    Raises `RequestError` 400 about the field `param`.
    """
    owner = engine_of_voice(name)
    is_own = owner is not None and VARIANT.fullmatch(name.removeprefix(f"{owner.name}/")) is not None
    if not is_own and not SHOWN_NAME.fullmatch(name):
        raise wrong(param, "1 to 255 characters, without slashes")
    return name
