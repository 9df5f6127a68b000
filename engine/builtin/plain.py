"""espeak-ng alone and at once, for what must be heard before a key is up again: letters, keys, entries of menus.

No cutting into sentences, no detection of languages, nothing said in other words: the text as it is. The first sound
is there after about 5 ms, since espeak-ng is all that is loaded.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from engine.builtin.espeak import Espeak, EspeakManner, WordEvent, loaded_espeak
from engine.builtin.kana import in_kana
from engine.builtin.synthesis import PICTURES
from engine.errors import BuiltInVoiceError
from engine.text.languages import DEFAULT_LANGUAGE, record_of
from engine.text.mapped_text import MappedText
from engine.types import LANGUAGES


@dataclass(frozen=True, slots=True)
class PlainSound:
    """int16 `(n_samples,)` mono at `rate_hz`; `words` are the places in the text, in code points, and the samples of
    this sound at which words begin."""

    samples: np.ndarray
    rate_hz: int
    words: tuple[tuple[int, int], ...] = ()


def speak_plainly(
    text: str,
    language: str,
    timbre: str,
    manner: EspeakManner,
    is_cancelled: Callable[[], bool],
    *,
    by_signs: bool = False,
) -> PlainSound:
    """Speak `text` with espeak-ng's voice for `language`, a tag in small letters ("de", "en-gb") or ""; English where
    it has none. `timbre` is "f2" and the like, "" for the voice's own. `by_signs` says what each character is called.

    All of it is made before any is returned (a second of sound in about 2 ms): give a long text in parts.
    `is_cancelled` is polled every 60 ms of sound. Raises `BuiltInVoiceError`.
    """
    pieces: list[np.ndarray] = []
    words: list[tuple[int, int]] = []
    said, place_of = _readable(text, language)

    def on_sound(samples: np.ndarray, events: list[WordEvent]) -> bool:
        pieces.append(samples)
        words.extend((place_of(event.position), event.at_sample) for event in events)
        return not is_cancelled()

    with loaded_espeak() as espeak:
        _select(espeak, language, timbre)
        espeak.use(manner)
        if by_signs:
            for place, sign in enumerate(text):
                words.append((place, sum(map(len, pieces))))
                espeak.name_sign(sign, lambda samples, _events: on_sound(samples, []))
        else:
            espeak.synthesize(said, on_sound)
        rate_hz = espeak.sample_rate_hz
    return PlainSound(np.concatenate(pieces) if pieces else np.zeros(0, np.int16), rate_hz, tuple(words))


def _readable(text: str, language: str) -> tuple[str, Callable[[int], int]]:
    """What espeak-ng is given, of the same length but for Japanese, and where in `text` each place of it was."""
    text = PICTURES.sub(" ", text.replace("\0", " "))
    base = language.split("-")[0]
    if base in LANGUAGES and record_of(base).espeak_needs_kana:
        mapped = MappedText.of_span(text, 0, len(text))
        said, source = in_kana(mapped.text, mapped.source)
        return said, lambda place: source.span(place, place + 1)[0] if place < len(said) else len(text)
    return text, lambda place: place


def _select(espeak: Espeak, language: str, timbre: str) -> None:
    """The accent that is asked for ("en-gb"), the language's own voice, or English."""
    base = language.split("-")[0]
    own = record_of(base).espeak_voice if base in LANGUAGES else base
    suffix = f"+{timbre}" if timbre else ""
    for name in (language, own) if language != base else (own,):
        try:
            espeak.select(name + suffix)
        except BuiltInVoiceError:
            continue
        return
    espeak.select(record_of(DEFAULT_LANGUAGE).espeak_voice + suffix)
