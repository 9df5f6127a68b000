"""How the dictionary's sounds are shown, and which voices can say them."""

from __future__ import annotations

import engine
import engine.registry

_SLASHES = " /[]"


def bare_ipa(entry: engine.Pronunciation) -> str:
    """Return the sound of `entry` without the slashes or brackets that it may have been copied with."""
    return entry.ipa.strip(_SLASHES)


def spoken_with_ipa(segment: engine.Segment) -> str:
    """Return what is said for `segment`, with the sounds that are known behind their words: Mr Nguyen /nʊˈjɛn/ came."""
    text, done, parts = segment.text, 0, []
    for part in segment.phonemes:
        _, end = segment.source.within(part.start, part.end)
        parts.append(f"{text[done:end]} /{part.ipa}/")
        done = end
    return "".join(parts) + text[done:]


def who_takes_phonemes() -> str:
    """Say in one sentence which engines say the dictionary's sounds, and what the others do."""
    names = [entry.spoken_name for entry in engine.registry.engines() if entry.capabilities.phonemes]
    listed = " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "no voice here"
    return f"Sounds in the phonetic alphabet are for {listed}; others say the usual letters, or what is written."
