"""What is generated of a reading and how far the ear is: where another voice can take it over. No Qt here."""

from __future__ import annotations

from engine import PcmChunk, Segment

LEAD_S = 2.0
"""Before its first sound is needed another voice is asked for it. Doubled each time that this was too late."""
LATE_S = 0.5
"""With less time left than this it is given up."""


class MadeSegments:
    """Keeps the segments begun so far, by index. `heard_segment` is the one being heard."""

    def __init__(self) -> None:
        self.heard_segment = -1
        self.lead_s_needed = LEAD_S
        self._made_s: dict[int, float] = {}
        self._ends_paragraph: dict[int, bool] = {}

    def begin(self, segment: Segment) -> None:
        """Begin `segment`: what was made from there on is void."""
        for index in [index for index in self._made_s if index >= segment.index]:
            del self._made_s[index]
        self._made_s[segment.index] = 0.0
        self._ends_paragraph[segment.index] = segment.ends_paragraph

    def add(self, chunk: PcmChunk) -> None:
        self._made_s[chunk.segment] = self._made_s.get(chunk.segment, 0.0) + len(chunk.samples) / chunk.sample_rate

    def clear(self, segment: int) -> float:
        """Forget the sound of `segment`, which begins anew, and return how many seconds that was."""
        made_s, self._made_s[segment] = self._made_s.get(segment, 0.0), 0.0
        return made_s

    def lead_s(self, segment: int, ahead_s: float) -> float:
        """Tell how many seconds are to be heard before `segment`, of `ahead_s` in all."""
        return ahead_s - sum(made_s for index, made_s in self._made_s.items() if index >= segment)

    def has_sound_of(self, segment: int) -> bool:
        return self._made_s.get(segment, 0.0) > 0

    def next_paragraph(self, ahead_s: float, *, can_follow: bool, is_held: bool) -> int | None:
        """Find the first segment of a paragraph that another voice has time for. It `can_follow` all that is made
        unless that ends in the middle of a sentence, or with the text. Where generation `is_held`, far ahead, and no
        paragraph has begun, any sentence is one."""
        last = max(self._made_s, default=-1)
        begun = [*sorted(self._made_s), *((last + 1,) if can_follow else ())]
        later = [
            index
            for index in begun
            if index > max(0, self.heard_segment) and self.lead_s(index, ahead_s) >= self.lead_s_needed
        ]
        paragraphs = (index for index in later if self._ends_paragraph.get(index - 1))
        return next(paragraphs, later[0] if later and is_held else None)
