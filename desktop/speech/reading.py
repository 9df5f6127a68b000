"""A text on its way: what the engine has made of it, and where in the text that is. No Qt here."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field, replace

import engine
import engine.voice_library
from desktop.common.language_words import unvoiced_words
from desktop.common.messages import Message, explain_warning
from desktop.common.passage import Passage
from desktop.common.state import Span

USUAL_S_PER_CHAR = 0.07  # until the voice has shown its own pace


@dataclass(slots=True)
class Reading:
    """Follows one text. The request holds the text from `base` on, so spans of its events are moved by it.

    `voice` and `seed` are those that the engine reported: what is asked for later sounds the same. `language` "" is the
    one in use. `made_to` is how
    far the request's text is spoken to the end of a sentence, in `made_s` seconds. `before_s` is about what was
    heard, or skipped, of the text before `base`. `doubts` are of segments, by index, until they are shown.
    `improvised` is the voice that the engine has made up for it. `speakers` are the engines' names, by the segments
    from which on they speak. `chosen_voice` is what was asked for, `languages` what a file declares of the text.
    `has_failed`: the rest is not made.
    """

    epoch: int
    text: str
    base: int
    from_window: bool
    voice: engine.Voice
    seed: int | None = None
    language: str = ""
    before_s: float = 0.0
    s_per_char: float = USUAL_S_PER_CHAR
    segments: list[engine.Segment] = field(default_factory=list)
    doubts: dict[int, Message] = field(default_factory=dict)
    made_to: int = 0
    made_s: float = 0.0
    is_all_made: bool = False
    speakers: dict[int, str] = field(default_factory=dict)
    _unvoiced: set[str] = field(default_factory=set)  # the languages that a person was told of
    _each_s: list[float] = field(default_factory=list)  # of the segments that are done
    improvised: engine.voice_library.ImprovisedVoice = field(default_factory=engine.voice_library.ImprovisedVoice)
    chosen_voice: str = ""
    languages: tuple[engine.LanguageSpan, ...] = ()
    has_failed: bool = False

    def take(self, event: engine.SpeechEvent) -> None:
        self.improvised.take(event)
        if isinstance(event, engine.SegmentStarted):
            self._forget_from(event.segment.index)
            self.segments.append(event.segment)
            self.is_all_made = False
            self._note_language(event.segment)
        elif isinstance(event, engine.SegmentDone):
            self.made_to = event.segment.end
            self._each_s.append(event.n_samples / engine.SAMPLE_RATE_HZ)
            self.made_s += self._each_s[-1]
            self.s_per_char = self.made_s / self.made_to
            self.voice = event.voice or self.voice
            self.seed = self.seed if event.seed is None else event.seed
            if event.problem is not None:
                # Its remedy is the command line's.
                self.doubts[event.segment.index] = replace(
                    explain_warning(event.problem, event.segment.text), remedy=""
                )

    def _note_language(self, segment: engine.Segment) -> None:
        """Once for each language that no voice speaks, however many sentences are in it."""
        code = segment.unvoiced_language
        if code and code not in self._unvoiced:
            self._unvoiced.add(code)
            self.doubts[segment.index] = Message(unvoiced_words(segment))

    def speaker_of(self, index: int) -> str:
        """Name the engine that speaks the segment; "" where that is not known."""
        known = [begun for begun in self.speakers if begun <= index]
        return self.speakers[max(known)] if known else ""

    def _forget_from(self, index: int) -> None:
        """What was made from there on, maybe by another voice, is void."""
        del self.segments[index:]
        self.made_s -= sum(self._each_s[index:])
        del self._each_s[index:]
        self.made_to = self.segments[-1].end if self.segments else 0
        self.doubts = {at: doubt for at, doubt in self.doubts.items() if at < index}
        self.speakers = {at: speaker for at, speaker in self.speakers.items() if at < index}

    def moved(self, epoch: int, base: int) -> Reading:
        """Make another, to go on from code point `base` at the same pace and in the same voice."""
        before_s = max(0.0, self.before_s + (base - self.base) * self.s_per_char)
        return Reading(
            epoch,
            self.text,
            base,
            self.from_window,
            self.voice,
            self.seed,
            self.language,
            before_s=before_s,
            s_per_char=self.s_per_char,
            improvised=self.improvised,
            chosen_voice=self.chosen_voice,
            languages=self.languages,
        )

    def followed_by(self, epoch: int, passage: Passage) -> Reading:
        """Make the reading of what comes next in a book, in the same voice."""
        return Reading(
            epoch,
            passage.text,
            passage.place,
            self.from_window,
            self.voice,
            self.seed,
            self.language,
            s_per_char=self.s_per_char,
            improvised=self.improvised,
            chosen_voice=self.chosen_voice,
            languages=passage.languages,
        )

    def span(self, start: int, end: int) -> Span:
        """Convert a span of the request's text into one of the whole text."""
        return self.base + start, self.base + end

    def segment_at(self, position: int) -> int | None:
        """Find the index of the segment that holds code point `position` of the text, or of the next after it; None
        where that is not known."""
        index = bisect_right(self.segments, position - self.base, key=lambda segment: segment.end)
        return index if position >= self.base and index < len(self.segments) else None

    def left_s(self, generated_s: float, heard_s: float) -> float:
        """Estimate how many seconds are still to be heard, when so much of the request is generated and heard."""
        ahead_s = generated_s - heard_s
        if self.is_all_made:
            return max(0.0, ahead_s)
        rest_s = (len(self.text) - self.base - self.made_to) * self.s_per_char
        open_s = generated_s - self.made_s  # of the sentence that is not done
        return max(0.0, ahead_s + max(0.0, rest_s - open_s))


def has_words(text: str) -> bool:
    """Tell whether there is a letter or a digit to speak."""
    return any(map(str.isalnum, text))


def last_word(text: str) -> int | None:
    """Find where the last letter or digit of `text` is; None where there is none."""
    return next((at for at in reversed(range(len(text))) if text[at].isalnum()), None)
