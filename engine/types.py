"""The values that cross the engine's door: all frozen, none of them a tensor.

Offsets into text are Unicode code points (Python's own indices); audio is float32 mono in [-1, 1].
"""

from __future__ import annotations

import threading
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Protocol, cast

from engine.errors import OptionError
from engine.notes import PLAIN, Delivery, Phonemes, TextNotes
from engine.notes import LanguageSpan as LanguageSpan

if TYPE_CHECKING:
    import numpy as np  # named, never used: a command that makes no sound is there without it

SAMPLE_RATE_HZ = 44_100
"""Every engine speaks at this rate, that of S1 Mini's codec; what others make is resampled."""

FRAME_SAMPLES = 2048
"""A frame of S1 Mini's: 46.44 ms."""
MIN_RATE_HZ, MAX_RATE_HZ = 8_000, 384_000
"""Of a recording or a device. What claims to be beyond is damaged, or no speech."""

MAX_TEXT_CHARS = 2_000_000
"""Of a request's text; what is longer is spoken in parts."""

# In the order of S1 Mini's authors; any other language comes after these.
_FIRST_LISTED = ("en", "zh", "ja", "de", "fr", "es", "ko", "ar", "ru", "nl", "it", "pl", "pt")


def _languages() -> tuple[str, ...]:
    folder = Path(__file__).with_name("text") / "languages"
    found = {module.name for module in iter_modules([str(folder)]) if len(module.name) == 2}
    return (*(code for code in _FIRST_LISTED if code in found), *sorted(found.difference(_FIRST_LISTED)))


LANGUAGES = _languages()
"""Those with a record in `engine/text/languages`, which is a file XX.py."""


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """Says how something that is written is spoken.

    `written` is a word or several, found whole; with `is_pattern` a regular expression, whose groups `spoken` may name
    (`\\1`). An empty `spoken` leaves it unsaid. `language` None is for all of them. Capitals matter with `match_case`.
    `ipa` is how it sounds, in the International Phonetic Alphabet, for engines that take phonemes; others say `spoken`,
    or where that is empty the word as it is written. `engine.text.pronunciation.check_pronunciation` says what cannot
    be.
    """

    written: str
    spoken: str
    language: str | None = None
    is_pattern: bool = False
    match_case: bool = False
    ipa: str = ""

    @property
    def leaves_unsaid(self) -> bool:
        """Whether nothing is said for what is written; groups of a pattern may turn out empty as well."""
        return not self.spoken.strip() and not self.ipa


@dataclass(frozen=True, slots=True)
class SpeechOptions:
    """Says how to speak. Sampling defaults and limits are the model's (specification section 3).

    `seed` None draws a fresh one; the seed used is reported in each `SegmentDone`. `language` None detects it.
    `clean` leaves out markup, addresses and emoji; `normalise` says dates, units, abbreviations and the like as a
    reader would. `markers`: emotion names in parentheses are acted out where a sentence or clause begins, or after its
    end; else they are text. `pronunciations`: the first that fits is taken. `live`: somebody listens while it is made,
    so that chunks are cut by how fast this computer is; else always the same way, and one seed gives the same samples
    to the bit, not only to rounding. `max_frames`: no segment is longer than so many of `FRAME_SAMPLES`, and nothing
    is computed beyond; 0 leaves it to the text. Raises `OptionError` on a value outside its limits.
    """

    temperature: float = 0.8
    top_p: float = 0.8
    repetition_penalty: float = 1.1
    seed: int | None = None
    language: str | None = None
    clean: bool = True
    max_attempts: int = 3
    normalise: bool = True
    markers: bool = True
    pronunciations: tuple[Pronunciation, ...] = ()
    live: bool = False
    max_frames: int = 0

    def __post_init__(self) -> None:
        _check_range("temperature", self.temperature, 0.1, 1.0)
        _check_range("top_p", self.top_p, 0.1, 1.0)
        _check_range("repetition_penalty", self.repetition_penalty, 0.9, 2.0)
        _check_range("max_attempts", self.max_attempts, 1, 10)
        _check_range("max_frames", self.max_frames, 0, 2**31)
        if self.seed is not None:
            _check_range("seed", self.seed, 0, 2**63 - 1)
        if self.language is not None and self.language not in LANGUAGES:
            raise OptionError(name="language", found=self.language, expected=", ".join(LANGUAGES))


def _check_range(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:  # written so that NaN fails too
        raise OptionError(name=name, found=value, expected=f"{low} to {high}")


@dataclass(frozen=True, slots=True)
class Reference:
    """Holds one recording of a voice: its exact transcript and its codes, int64 `(n_codebooks, n_frames)`."""

    text: str
    codes: np.ndarray


@dataclass(frozen=True, slots=True)
class Voice:
    """Names a voice. Its references give a cloning engine the timbre; without any, such an engine improvises one.

    For an engine that has voices of its own `name` picks one, and there are no references.
    """

    name: str = ""
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """Asks for speech. With `notes`, which `engine.text.read_ssml` makes, `text` has paragraphs and no other markup.
    `languages` are what its file declares, an inner span after those around it."""

    text: str
    voice: Voice = field(default_factory=Voice)
    options: SpeechOptions = field(default_factory=SpeechOptions)
    notes: TextNotes | None = None
    languages: tuple[LanguageSpan, ...] = ()

    def after(self, start: int) -> SpeechRequest:
        """Return the request for the text from code point `start` on."""
        moved = (LanguageSpan(max(0, s.start - start), s.end - start, s.code) for s in self.languages if s.end > start)
        notes = self.notes.after(start) if self.notes else None
        return replace(self, text=self.text[start:], notes=notes, languages=tuple(moved))


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Maps each code point of a cleaned text to where it came from: half-open spans of the request's text."""

    starts: array[int]
    ends: array[int]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Find the source span of the cleaned text's non-empty `[start, end)`."""
        return self.starts[start], self.ends[end - 1]

    def slice(self, start: int, end: int) -> SourceMap:
        return SourceMap(self.starts[start:end], self.ends[start:end])

    def within(self, start: int, end: int) -> tuple[int, int]:
        """Find the code points of the cleaned text that stand for nothing outside the source's `[start, end)`; an empty
        range where there are none."""
        first, last = bisect_left(self.starts, start), bisect_right(self.ends, end)
        return first, max(first, last)


@dataclass(frozen=True, slots=True)
class Segment:
    """Holds one piece of text that is spoken in one go: a sentence, or a part of a very long one.

    `text` is what is spoken (cleaned, emotion markers included); `start` and `end` are offsets
    into the request's text; `source` maps `text` to it code point by code point. `language` is what it is read in;
    `unvoiced_language` is the code of what it is in where no voice speaks that, else "". `markers` are the spans of
    `text` that are acted out and not read. `phonemes`, in order, say how parts of it sound, for engines that can take
    them (`source.within` finds those in `text`). `delivery` is what the request's notes ask for, which
    `engine.audio.delivery` sees to.
    """

    index: int
    text: str
    start: int
    end: int
    language: str
    source: SourceMap = field(compare=False, repr=False)
    ends_paragraph: bool = False
    markers: tuple[tuple[int, int], ...] = ()
    unvoiced_language: str = ""
    phonemes: tuple[Phonemes, ...] = ()
    delivery: Delivery = PLAIN


@dataclass(frozen=True, slots=True)
class Word:
    """Places a spoken word: offsets into the request's text, and the sample of its segment at which it begins.

    `confidence` is 1 where the engine itself knows; a place that was found by listening has less, down to 0 for one
    that is guessed from the lengths of the words.
    """

    start: int
    end: int
    at_sample: int
    confidence: float = 1.0


class SegmentProblem(StrEnum):
    """Says why a segment's sound is doubtful (specification section 6)."""

    FRAME_CAP = "frame_cap"  # the end of speech never came
    STUCK = "stuck"  # one semantic token, over and over
    SILENT = "silent"  # nothing audible in it
    INTERRUPTED = "interrupted"  # its engine ended, or ran out of memory, in the middle; only a restart has this


@dataclass(frozen=True, slots=True)
class SegmentStarted:
    segment: Segment


@dataclass(frozen=True, slots=True)
class PcmChunk:
    """Holds sound, float32 `(n_samples,)` mono; chunks of a segment are contiguous. `words` begin in this chunk."""

    samples: np.ndarray
    sample_rate: int
    segment: int
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class SegmentRestarted:
    """Voids this segment's chunks and bookmarks so far: it went wrong, and comes again from its beginning."""

    segment: int
    problem: SegmentProblem
    attempt: int


@dataclass(frozen=True, slots=True)
class WordsPlaced:
    """Places all words of a segment that begin in its sound so far, instead of those that were said before.

    Comes from engines whose words are found by listening: after chunks, and a last time before `SegmentDone`.
    """

    segment: int
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class BookmarkReached:
    """Places the bookmark called `name` at a sample of a segment's sound. Comes before the segment's end, and may come
    before or after the sound of its place."""

    segment: int
    name: str
    at_sample: int


@dataclass(frozen=True, slots=True)
class SegmentTiming:
    """Says how long a segment took. `ttfa_ms`: from the start of work on the segment to its first PCM; `rtf` = compute
    / audio."""

    compute_s: float
    audio_s: float
    ttfa_ms: float

    @property
    def rtf(self) -> float:
        return self.compute_s / self.audio_s if self.audio_s else 0.0


@dataclass(frozen=True, slots=True)
class SegmentDone:
    """Ends a segment. `problem` is None when all is well; else the last attempt's sound was kept and is doubtful.

    `voice`: to speak what follows with, in a request of its own, so that an improvised voice stays the
    same. None where the engine has nothing to add to the request's voice.
    """

    segment: Segment
    n_samples: int
    timing: SegmentTiming
    attempts: int = 1
    seed: int | None = None
    problem: SegmentProblem | None = None
    voice: Voice | None = None


SpeechEvent = SegmentStarted | PcmChunk | WordsPlaced | BookmarkReached | SegmentRestarted | SegmentDone


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """Says what an engine is and holds: `memory_bytes` is the device memory held, None when not on a GPU; `how` names
    what computes, and after a colon why it is not something faster. `peak_memory_bytes` is the most that was held so
    far: of the device's memory, on a CPU of the computer's; None where nobody knows. `max_batch`: how many requests are
    worth giving at a time, see `BatchingEngine`. `is_batch_exact`: what is spoken beside others is, to the bit, what it
    would be alone."""

    name: str
    device: str
    precision: str
    memory_bytes: int | None = None
    how: str = ""
    peak_memory_bytes: int | None = None
    max_batch: int = 1
    is_batch_exact: bool = False


class CancelToken:
    """Cancels work: set once, from any thread; whoever does long work polls it at least once a frame."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        self._event.set()

    @property
    def cancelled(self) -> bool:
        return self._event.is_set()


class SpeechEngine(Protocol):
    """Speaks for desktop, command line and server, wherever the engine runs."""

    def speak(self, request: SpeechRequest, cancel: CancelToken) -> Iterator[SpeechEvent]:
        """Speak `request` segment by segment.

        Per segment: `SegmentStarted`, `PcmChunk`s (a `SegmentRestarted` voids those before it), with `WordsPlaced`
        among them where words are found by listening, `SegmentDone`. A cancelled run ends within a frame, without
        `SegmentDone`. Closing the iterator is as good as cancelling. Raises an `EngineError`.
        """
        ...

    def status(self) -> EngineStatus: ...

    def close(self) -> None:
        """Give back memory and handles; the engine is not used afterwards."""
        ...


class AudioCodec(Protocol):
    """Turns recordings into codes and back: samples float32 `(n_samples,)` mono at `sample_rate`, codes int64
    `(n_codebooks, n_frames)`."""

    @property
    def n_codebooks(self) -> int: ...

    @property
    def sample_rate(self) -> int: ...

    def encode(self, samples: np.ndarray) -> np.ndarray: ...

    def encode_in_pieces(self, samples: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the codes, in pieces as they come."""
        ...

    def decode(self, codes: np.ndarray) -> Iterator[np.ndarray]:
        """Yield the samples, in pieces as they come."""
        ...


class CloningEngine(SpeechEngine, Protocol):
    """Takes voices from recordings, through its codec. `codec_of` tells whether one does."""

    @property
    def codec(self) -> AudioCodec: ...


class BatchingEngine(SpeechEngine, Protocol):
    """Speaks several short texts of one voice at once, in less time than one after the other.
    `as_batching` tells whether one does."""

    @property
    def max_batch(self) -> int:
        """How many texts are worth giving at a time; more are taken in turn. 1 gains nothing."""
        ...

    def speak_batch(self, requests: Sequence[SpeechRequest], cancel: CancelToken) -> Iterator[tuple[int, SpeechEvent]]:
        """Speak `requests`; each event comes with its request's number, 0 the first.

        A request's own events come in the order of `speak`, and sound as they would alone (same seed, same codes, but
        for rounding); those of different requests are mixed. Cancelled and closed as `speak` is. Raises an
        `EngineError`, after which nothing more comes of any.
        """
        ...


# Asked by these two and never by isinstance: what an engine is able to do can change while it lives, and Python decides
# from 3.12 on by the class alone, before that by trying.


def codec_of(engine: SpeechEngine) -> AudioCodec | None:
    """Return the engine's codec; None where it takes no recordings, or takes none now."""
    return cast("AudioCodec | None", getattr(engine, "codec", None))


def as_batching(engine: SpeechEngine) -> BatchingEngine | None:
    """Return `engine` where it speaks several texts at once, else None."""
    return cast(BatchingEngine, engine) if hasattr(engine, "speak_batch") else None


class WholeSegments:
    """Hears the events of one request, and gives a segment's sound once it is done.

    What was heard of a segment that begins anew is forgotten; of one that never ends nothing is given. For whoever
    writes or sends what cannot be taken back.
    """

    def __init__(self) -> None:
        self._held: list[np.ndarray] = []

    def take(self, event: SpeechEvent) -> list[np.ndarray]:
        """Return the chunks, float32 `(n_samples,)` each, of the segment that `event` ends; empty with any other
        event."""
        match event:
            case PcmChunk(samples):
                self._held.append(samples)
            case SegmentStarted() | SegmentRestarted():
                self._held = []
            case SegmentDone():
                whole, self._held = self._held, []
                return whole
        return []
