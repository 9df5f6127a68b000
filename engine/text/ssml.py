"""From SSML to a text and the notes on it, whatever a client sends: nothing is refused, and no tag is ever read out.

Read by hand and not by a parser of XML: clients of screen readers send `<speak>` around text with bare "&" and "<" and
tags that are never closed, which such a parser refuses or repairs by leaving text out. There are no entities but the
named characters, nothing is fetched, and time and memory are linear in the length.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from engine.errors import TextError
from engine.notes import Bookmark, Emphasis, Manner, Pause, Phonemes, Saying, Stretch, TextNotes
from engine.text.ipa import canonical_ipa, foreign_sign
from engine.text.languages import all_records
from engine.text.other_languages import same_language
from engine.text.ssml_tokens import Tag, tokens_of
from engine.text.ssml_values import EMPHASES, pause_ms, pitch_factor, rate_factor, volume_factor
from engine.types import MAX_TEXT_CHARS

MAX_SSML_CHARS = 4 * MAX_TEXT_CHARS
_SPACE = re.compile(r"\s+")
_UNFIT = re.compile("[\0\ud800-\udfff]")
_SILENT = frozenset(("desc", "lexicon", "lookup", "meta", "metadata", "script", "style", "title"))
"""Elements whose content is not for the ear."""
_NAMES = {"paragraph": "p", "sentence": "s", "spell": "say-as"}


@dataclass(frozen=True, slots=True)
class MarkedText:
    """Holds a text without markup, and what the markup said of it."""

    text: str
    notes: TextNotes


def read_ssml(source: str) -> MarkedText:
    """Read `source`, SSML or what passes for it. Raises `TextError` "too_long" beyond `MAX_SSML_CHARS`.

    The text may be empty, or hold nothing that can be spoken.
    """
    if len(source) > MAX_SSML_CHARS:
        raise TextError("too_long", found=len(source), limit=MAX_SSML_CHARS)
    reader = _Reader()
    for token in tokens_of(_UNFIT.sub("", source)):
        if isinstance(token, str):
            reader.text(token)
        elif token.closes:
            reader.end(_local_name(token))
        else:
            reader.start(_local_name(token), token.attributes)
            if token.is_empty:
                reader.end(_local_name(token))
    return reader.finish()


def _local_name(tag: Tag) -> str:
    name = tag.name.lower().removeprefix("ssml:")
    return _NAMES.get(name, name)


@dataclass(frozen=True, slots=True)
class _State:
    """What holds for the content of the element `name`, and what is to be done at its end."""

    name: str
    manner: Manner
    is_silent: bool = False
    is_fixed: bool = False  # what is said for it is settled: its content is not marked any further
    at_end: Callable[[], object] = field(default=lambda: None)


class _Reader:
    """One walk over the tokens; its attributes are the walk's state."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._n = 0
        self._last = ""
        self._open = [_State("", Manner())]
        self._n_open: Counter[str] = Counter()  # of each name: an end tag of nothing costs nothing
        self._stretches: list[Stretch] = []
        self._sayings: list[Saying] = []
        self._phonemes: list[Phonemes] = []
        self._pauses: list[Pause] = []
        self._emphases: list[Emphasis] = []
        self._bookmarks: list[Bookmark] = []

    def text(self, written: str) -> None:
        state = self._open[-1]
        text = "" if state.is_silent else _SPACE.sub(" ", written)
        if self._last in ("", " ", "\n"):
            text = text.lstrip()
        self._append(text)
        if text and state.manner != Manner():
            last = self._stretches[-1] if self._stretches else None
            start = self._n - len(text)
            if last and last.end == start and last.manner == state.manner:
                self._stretches[-1] = replace(last, end=self._n)
            else:
                self._stretches.append(Stretch(start, self._n, state.manner))

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        state = replace(self._open[-1], name=name, at_end=lambda: None)
        if name in _SILENT:
            state = replace(state, is_silent=True)
        elif not state.is_silent:
            state = self._begun(state, attributes)
        self._open.append(state)
        self._n_open[name] += 1

    def end(self, name: str) -> None:
        """End the innermost element of that name, and those inside it that were not ended."""
        while self._n_open[name]:
            state = self._open.pop()
            self._n_open[state.name] -= 1
            state.at_end()
            if state.name == name:
                return

    def finish(self) -> MarkedText:
        while len(self._open) > 1:
            self._open.pop().at_end()
        notes = TextNotes(
            tuple(self._stretches),
            tuple(self._sayings),
            tuple(self._phonemes),
            tuple(self._pauses),
            tuple(sorted(self._emphases, key=lambda emphasis: emphasis.start)),
            tuple(self._bookmarks),
        )
        return MarkedText("".join(self._pieces), notes)

    # --- elements

    def _begun(self, state: _State, attributes: Mapping[str, str]) -> _State:
        language = same_language(_code(attributes.get("xml:lang") or attributes.get("lang", "")))
        if language:
            state = replace(state, manner=replace(state.manner, language=language))
        match state.name:
            case "p":
                self._end_paragraph()
                return replace(state, at_end=self._end_paragraph)
            case "s" | "speak":
                self._end_sentence()
                return replace(state, at_end=self._end_sentence)
            case "break":
                self._break(state, attributes)
            case "mark":
                self._bookmarks.append(Bookmark(self._n, attributes.get("name", "")))
            case "prosody":
                return replace(state, manner=_with_prosody(state.manner, attributes))
            case "voice":
                return replace(state, manner=_with_voice(state.manner, attributes))
            case "emphasis":
                gain = EMPHASES.get(attributes.get("level", "moderate").strip().lower(), 1.0)
                return replace(state, at_end=self._emphasising(gain)) if gain != 1.0 else state
            case "say-as" | "sub" | "phoneme" if not state.is_fixed:
                return self._said_otherwise(state, attributes)
            case _:
                pass
        return state

    def _said_otherwise(self, state: _State, attributes: Mapping[str, str]) -> _State:
        start = self._n
        state = replace(state, is_fixed=True)
        if state.name == "say-as":
            kind = (attributes.get("interpret-as") or attributes.get("type") or "").strip().lower()
            form = (attributes.get("format") or attributes.get("detail") or "").strip().lower()
            return replace(state, at_end=lambda: self._say(start, kind, form))
        if state.name == "sub":
            return replace(state, at_end=lambda: self._say(start, "alias", attributes.get("alias", "")))
        ipa = attributes.get("ph", "")
        is_ipa = attributes.get("alphabet", "ipa").strip().lower() in ("ipa", "")
        is_known = is_ipa and foreign_sign(ipa) is None
        return replace(state, at_end=(lambda: self._sound(start, ipa)) if is_known else lambda: None)

    def _say(self, start: int, kind: str, form: str) -> None:
        if start == self._n and kind == "alias":
            self.text(form)
        elif start < self._n and (form.strip() if kind == "alias" else kind):
            self._sayings.append(Saying(start, self._n, kind, form))

    def _sound(self, start: int, ipa: str) -> None:
        if start == self._n:
            self.text(ipa)
        if start < self._n:
            self._phonemes.append(Phonemes(start, self._n, canonical_ipa(ipa)))

    def _emphasising(self, gain: float) -> Callable[[], object]:
        start = self._n
        return lambda: self._emphases.append(Emphasis(start, self._n, gain)) if start < self._n else None

    def _break(self, state: _State, attributes: Mapping[str, str]) -> None:
        if state.is_fixed:
            return  # what is said there is one thing
        self._pauses.append(Pause(self._n, pause_ms(attributes)))
        if self._n:
            self._append(" ")  # tells a bookmark before it from one after it

    def _end_sentence(self) -> None:
        if self._n and not self._open[-1].is_fixed:
            self._pauses.append(Pause(self._n))
            self._append(" ")

    def _end_paragraph(self) -> None:
        if self._n and self._last != "\n":
            self._append("\n\n")

    def _append(self, text: str) -> None:
        if text:
            self._pieces.append(text)
            self._n += len(text)
            self._last = text[-1]


def _code(tag: str) -> str:
    """Return the first part of a tag of a language, in two letters where it has them: "fr" of "fr-CA" and "fra"."""
    code = re.split("[-_]", tag.strip().lower())[0]
    return next((record.code for record in all_records() if code in record.long_codes), code) if len(code) > 2 else code


def _with_prosody(manner: Manner, attributes: Mapping[str, str]) -> Manner:
    return replace(
        manner,
        rate=rate_factor(attributes.get("rate", ""), manner.rate),
        pitch=pitch_factor(attributes.get("pitch", ""), manner.pitch),
        gain=volume_factor(attributes.get("volume", ""), manner.gain),
    )


def _with_voice(manner: Manner, attributes: Mapping[str, str]) -> Manner:
    gender = attributes.get("gender", "").strip().lower()
    name = attributes.get("name", "").strip() or (gender if gender in ("male", "female") else "")
    languages = re.split(r"[\s,]+", (attributes.get("language") or attributes.get("languages", "")).strip())
    language = same_language(_code(languages[0].split(":")[0]))
    return replace(manner, voice=name or manner.voice, language=language or manner.language)
