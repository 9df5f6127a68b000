"""Everything that affects a sentence's sound, as one name: what has the same name need not be spoken again."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from engine.narration.sentences import Sentence
from engine.narration.settings import NarrationSettings
from engine.registry import EngineEntry, engines
from engine.text.mapped_text import MappedText
from engine.text.markers import MARKER, find_markers
from engine.text.pronunciation import Pronouncer
from engine.types import EngineStatus, Voice
from engine.weights.find import CHECKPOINT_FILES, OPTIONAL_FILES

SOUND_VERSION = 1
"""Of what happens to a sentence's sound between engine and file; another number speaks every book anew."""

_SAMPLE_BYTES = 2**20


def engine_identity(entry: EngineEntry, status: EngineStatus, checkpoint: Path | None) -> str:
    """Name the engine of `entry`, its weights in `checkpoint` and the class of its precision; where it needs no
    weights, its release. Where it computes does not matter: a book begun on a GPU goes on without one, in the same
    precision."""
    if not entry.needs.checkpoint:
        return f"{entry.name}/{entry.version()}"
    assert checkpoint is not None
    return f"{status.name}/{status.precision}/{checkpoint_digest(checkpoint)}"


def engine_identified(identity: str) -> EngineEntry | None:
    """Find the engine that `identity` names; None for one that is not among the engines."""
    name = identity.split("/")[0]
    return next((entry for entry in engines() if name in (entry.name, entry.display_name)), None)


def checkpoint_digest(folder: Path) -> str:
    """Make a name for a checkpoint's content of sizes, and of a megabyte from both ends of each file (3 ms; whole files
    of 3.6 GB would take seconds)."""
    digest = hashlib.blake2b(digest_size=12)
    for name in (*CHECKPOINT_FILES, *OPTIONAL_FILES):
        path = folder / name
        if not path.is_file():
            continue
        size = path.stat().st_size
        digest.update(f"{name}:{size};".encode())
        with path.open("rb") as file:
            digest.update(file.read(_SAMPLE_BYTES))
            file.seek(max(0, size - _SAMPLE_BYTES))
            digest.update(file.read(_SAMPLE_BYTES))
    return digest.hexdigest()


def voice_digest(voice: Voice) -> str:
    """Make a name for what a voice sounds like: of its references, whatever it is called; of its name where it has
    none."""
    digest = hashlib.blake2b(digest_size=12)
    if not voice.references:
        digest.update(voice.name.encode())
    for reference in voice.references:
        digest.update(reference.text.encode() + b"\0")
        digest.update(reference.codes.astype("<i8").tobytes())
    return digest.hexdigest()


class Recipe:
    """Hold all that affects a sentence's sound but the sentence. Made once for a run."""

    def __init__(self, identity: str, voice: Voice, settings: NarrationSettings) -> None:
        sampling = (settings.temperature, settings.top_p, settings.repetition_penalty, settings.seed)
        entry = engine_identified(identity)
        draws = sampling if entry is None or entry.capabilities.samples else ()
        self._takes_phonemes = entry is not None and entry.capabilities.phonemes
        self._pronouncer, self._acts_markers = Pronouncer(settings.pronunciations), settings.markers
        self._head = json.dumps([SOUND_VERSION, identity, voice_digest(voice), draws])

    def key(self, sentence: Sentence) -> str:
        """Make the name of a sentence's sound, 32 hexadecimal digits. A sentence that comes twice is spoken once."""
        content = json.dumps(
            [self._head, self._said(sentence), sentence.language, sentence.take, *self._read(sentence)]
        )
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()

    def _read(self, sentence: Sentence) -> list[str]:
        """The names in parentheses that are read and not acted out, which no text says of itself."""
        names = MARKER.findall(sentence.text)
        acted = [marker.name for marker in find_markers(sentence.text)] if self._acts_markers else []
        return names if len(names) > len(acted) else []

    def _said(self, sentence: Sentence) -> str | list[str]:
        """The sentence; where the dictionary changes it, what it makes of it: a change elsewhere in it is none here."""
        text = MappedText.of_span(sentence.text, 0, len(sentence.text))
        parts = self._pronouncer.parts(text, sentence.language)
        words = [part.text.text for part in parts]
        is_changed = any(part.is_given for part in parts) or "".join(words) != sentence.text  # unsaid: no part of it
        sounds = [part.ipa for part in parts if part.ipa] if self._takes_phonemes else []
        return [*words, *sounds] if is_changed else sentence.text


def seed_of(key: str, attempt: int) -> int:
    """Choose the seed for one attempt at the sentence `key`: the same in every run, whatever came before."""
    digest = hashlib.blake2b(f"{key}/{attempt}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1
