"""What is said of a request's text besides its words, as SSML says it: how parts of it are spoken, where it pauses.

All offsets are code points of the request's text.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self, TypeVar


@dataclass(frozen=True, slots=True)
class LanguageSpan:
    """Says which language `[start, end)` of a text is declared to be in, in code points.

    `code` is the first part of a tag as files write it, in small letters: "fr" of "fr-CA"; it may be none of
    `LANGUAGES`. A declaration is a claim, which the text may contradict.
    """

    start: int
    end: int
    code: str


@dataclass(frozen=True, slots=True)
class Phonemes:
    """Says how the request's text `[start, end)` sounds: `ipa`, in the International Phonetic Alphabet and the spelling
    of `engine.text.ipa.canonical_ipa`."""

    start: int
    end: int
    ipa: str


@dataclass(frozen=True, slots=True)
class Manner:
    """Says how something is spoken: in the language of the code `language` ("" for the text's own), by the voice called
    `voice` ("" for the request's; "male" and "female" where any will do that is), so many times as fast, as high and
    as loud."""

    language: str = ""
    voice: str = ""
    rate: float = 1.0
    pitch: float = 1.0
    gain: float = 1.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """Says in which manner `[start, end)` is spoken."""

    start: int
    end: int
    manner: Manner


@dataclass(frozen=True, slots=True)
class Saying:
    """Says what is said for `[start, end)`: what it is read as (`kind`, the `interpret-as` of SSML, and its `form`), or
    with the kind "alias" the words `form`."""

    start: int
    end: int
    kind: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class Pause:
    """Says that the text is cut at `at`, with a silence of `ms` there; None leaves its length to the voice."""

    at: int
    ms: int | None = None


@dataclass(frozen=True, slots=True)
class Emphasis:
    """Says that `[start, end)` is spoken `gain` times as loud as the words around it."""

    start: int
    end: int
    gain: float


@dataclass(frozen=True, slots=True)
class Bookmark:
    """Names a place of the text, to be told when it is reached."""

    at: int
    name: str


@dataclass(frozen=True, slots=True)
class TextNotes:
    """Holds all notes of one text, each kind in the text's order; stretches, sayings and phonemes do not overlap."""

    stretches: tuple[Stretch, ...] = ()
    sayings: tuple[Saying, ...] = ()
    phonemes: tuple[Phonemes, ...] = ()
    pauses: tuple[Pause, ...] = ()
    emphases: tuple[Emphasis, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()

    def after(self, n_code_points: int) -> TextNotes:
        """Return the notes of the text without its first `n_code_points`."""
        return TextNotes(
            _spans_after(self.stretches, n_code_points),
            _spans_after(self.sayings, n_code_points),
            _spans_after(self.phonemes, n_code_points),
            tuple(Pause(p.at - n_code_points, p.ms) for p in self.pauses if p.at >= n_code_points),
            _spans_after(self.emphases, n_code_points),
            tuple(Bookmark(b.at - n_code_points, b.name) for b in self.bookmarks if b.at >= n_code_points),
        )


@dataclass(frozen=True, slots=True)
class Delivery:
    """Says how a segment is to sound, beside its words: what its request's notes ask for.

    `before_ms` of silence come before it, and after it `pause_ms` instead of the voice's own pause, where that is not
    None. Offsets are those of the request's text.
    """

    manner: Manner = Manner()
    before_ms: int = 0
    pause_ms: int | None = None
    emphases: tuple[Emphasis, ...] = ()
    bookmarks: tuple[Bookmark, ...] = ()

    def shifted(self, n_code_points: int) -> Self:
        """Return the same so many code points later."""
        return replace(
            self,
            emphases=tuple(replace(e, start=e.start + n_code_points, end=e.end + n_code_points) for e in self.emphases),
            bookmarks=tuple(replace(b, at=b.at + n_code_points) for b in self.bookmarks),
        )


PLAIN = Delivery()
"""As the engine speaks by itself."""

_AnySpan = TypeVar("_AnySpan", Stretch, Saying, Phonemes, Emphasis)


def _spans_after(spans: Iterable[_AnySpan], n: int) -> tuple[_AnySpan, ...]:
    return tuple(replace(span, start=max(0, span.start - n), end=span.end - n) for span in spans if span.end > n)
