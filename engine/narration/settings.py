"""A person's choices for a narration: one frozen value, kept in its project as JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from engine.errors import OptionError
from engine.files.json_files import build_from_json
from engine.types import LANGUAGES, Pronunciation, SpeechOptions

FORMATS = ("m4b", "mp3", "opus", "flac", "wav")
SUBTITLES = ("srt", "vtt", "epub", "json")
"""What can be written beside the sound: "json" is a file of words (docs/words.md)."""
MAX_ENGINE_ATTEMPTS = 2
"""At once, at what the engine knows to be wrong; what still is comes again when the whole book is known."""
MAX_MENDINGS = 3
"""Times that a run speaks damaged sounds again; a disk that goes on damaging them is no place for a book."""
LOUDNESS_LUFS = (-35.0, -10.0)
"""The limits of a target loudness."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Set the silence after a sentence, a paragraph and a chapter, in milliseconds."""

    sentence_ms: int = 350
    paragraph_ms: int = 750
    chapter_ms: int = 2500

    def __post_init__(self) -> None:
        for field_ in fields(self):
            _check(f"pauses ({field_.name})", getattr(self, field_.name), 0, 60_000)


@dataclass(frozen=True, slots=True)
class NarrationSettings:
    """Hold what a person chooses for a narration.

    `seed` is drawn once, when the project is made, so that every run speaks the same. `loudness_lufs` None leaves the
    level as it is. Raises `OptionError` on a value outside its limits.
    """

    voice: str = ""
    language: str | None = None
    temperature: float = 0.8
    top_p: float = 0.8
    repetition_penalty: float = 1.1
    seed: int = 0
    pauses: Pauses = field(default_factory=Pauses)
    loudness_lufs: float | None = -18.0
    format: str = "m4b"
    per_chapter: bool = False
    subtitles: tuple[str, ...] = ()
    by_word: bool = False
    """Whether WebVTT and the EPUB say when each word is heard, and not only each sentence."""
    markers: bool = False
    """Whether emotion names in parentheses are acted out; in most books they are text."""
    pronunciations: tuple[Pronunciation, ...] = ()
    """The person's dictionary; a book's own, in its project's `BOOK_DICTIONARY`, comes before it."""

    @property
    def wants_words(self) -> bool:
        """Return whether something is written that says when each word is heard."""
        return "json" in self.subtitles or (self.by_word and bool({"vtt", "epub"}.intersection(self.subtitles)))

    def __post_init__(self) -> None:
        self.speech_options(self.language or "en", self.seed)  # checks them
        if self.language is not None and self.language not in LANGUAGES:
            raise OptionError("language", self.language, ", ".join(LANGUAGES))
        if self.loudness_lufs is not None:
            _check("loudness", self.loudness_lufs, *LOUDNESS_LUFS)
        if self.format not in FORMATS:
            raise OptionError("format", self.format, ", ".join(FORMATS))
        for name in self.subtitles:
            if name not in SUBTITLES:
                raise OptionError("subtitles", name, ", ".join(SUBTITLES))

    def speech_options(self, language: str, seed: int) -> SpeechOptions:
        """Make the options for one sentence, which is clean already."""
        return SpeechOptions(
            temperature=self.temperature,
            top_p=self.top_p,
            repetition_penalty=self.repetition_penalty,
            seed=seed,
            language=language,
            clean=False,
            max_attempts=MAX_ENGINE_ATTEMPTS,
            markers=self.markers,
            pronunciations=self.pronunciations,
        )


def settings_to_json(settings: NarrationSettings) -> dict[str, Any]:
    """Make the JSON values of `settings`."""
    return asdict(settings)


def settings_from_json(values: dict[str, Any]) -> NarrationSettings:
    """Read what `settings_to_json` made. Missing fields have their defaults; unknown ones are a later Lectern's, and
    ignored.

    Raises `OptionError`, `PronunciationError`, ValueError.
    """
    from engine.text import check_pronunciation  # the door imports this file, and needs no text cut

    settings = build_from_json(NarrationSettings, values)
    for entry in settings.pronunciations:
        check_pronunciation(entry, try_out=False)
    return settings


def _check(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise OptionError(name, value, f"{low:g} to {high:g}")
