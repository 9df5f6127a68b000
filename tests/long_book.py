"""Books of any length, for the tests and the bench of narration."""

from __future__ import annotations

import random

WORDS = (
    *("river", "stone", "letter", "garden", "window", "morning", "stranger", "candle", "winter", "harbour"),
    *("quiet", "narrow", "golden", "distant", "broken", "patient", "silver", "hollow", "gentle", "crooked"),
    *("walked", "waited", "turned", "answered", "remembered", "followed", "opened", "carried", "watched", "forgot"),
    *("the", "a", "his", "her", "their", "every", "another", "no", "this", "that"),
    *("under", "behind", "beyond", "without", "through", "against", "beside", "toward", "after", "before"),
)
CHARS_OF_A_PAGE = 800  # a small paperback, set wide


def pages(n_pages: int, n_chapters: int) -> str:
    """A book of that length, the same each time, in which no two sentences are alike."""
    drawn = random.Random(7)
    chapters = []
    for number in range(1, n_chapters + 1):
        paragraphs, n_chars = [f"Chapter {number}"], 0
        while n_chars < n_pages * CHARS_OF_A_PAGE / n_chapters:
            sentences = []
            for _ in range(drawn.randint(2, 6)):
                words = [drawn.choice(WORDS) for _ in range(drawn.randint(8, 24))]
                sentences.append(" ".join(words).capitalize() + drawn.choice("...?!"))
            paragraphs.append(" ".join(sentences))
            n_chars += len(paragraphs[-1])
        chapters.append("\n\n".join(paragraphs))
    return "\n\n".join(chapters)
