"""What the statistics of letters say of a text's language, among all the languages that are known to them."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from engine.text.other_languages import same_language

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

_NO_LANGUAGE = "zxx"
MIN_PROBABILITY = 1e-4
"""What the statistics think less likely than this may be so all the same."""


def probabilities(text: str) -> dict[str, float]:
    """Return how likely `text` is in each of 120 languages, variants under the code of their language.

    The sum is about 1, and each is `MIN_PROBABILITY` at least; a text that tells nothing has all languages alike. The
    first call takes half a second, later ones a millisecond for a thousand letters.
    """
    likely: dict[str, float] = {}
    for code, probability in _classifier().rank(text):
        if code != _NO_LANGUAGE:
            code = same_language(code)
            likely[code] = likely.get(code, 0.0) + max(float(probability), MIN_PROBABILITY)
    return likely


@cache  # an immutable model of 5 MB that takes half a second to load: loaded once, and only when it must decide
def _classifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
