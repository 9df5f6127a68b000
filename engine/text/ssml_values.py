"""The values of SSML's attributes: times, speeds, pitches, volumes. What is not understood changes nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping

MAX_PAUSE_MS = 10_000
"""Of one break: what others allow, too."""
_MEDIUM_MS = 400
_STRENGTHS_MS = {"none": 0, "x-weak": 100, "weak": 200, "medium": _MEDIUM_MS, "strong": 700, "x-strong": 1200}
EMPHASES = {"reduced": 0.6, "moderate": 1.4, "strong": 1.75}
"""How many times as loud: -4, 3 and 5 dB, for which there is room above any voice's peaks."""

_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.5, "x-fast": 2.0}
_PITCHES = {"x-low": 0.7, "low": 0.85, "medium": 1.0, "default": 1.0, "high": 1.2, "x-high": 1.45}
_VOLUMES = {"silent": 0.0, "x-soft": 0.25, "soft": 0.5, "medium": 1.0, "default": 1.0, "loud": 1.5, "x-loud": 2.0}
_RATE_LIMITS, _PITCH_LIMITS, _VOLUME_LIMITS = (0.34, 3.0), (0.5, 2.0), (0.0, 4.0)

_TIME = re.compile(r"\+?(\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})\s*(ms|s)", re.IGNORECASE)
_AMOUNT = re.compile(r"([+-]?)(\d{1,6}(?:\.\d{0,6})?|\.\d{1,6})\s*(%|st|db)?", re.IGNORECASE)


def pause_ms(attributes: Mapping[str, str]) -> int:
    """Return how long a `<break>` lasts, at most `MAX_PAUSE_MS`."""
    time = _TIME.fullmatch(attributes.get("time", "").strip())
    if time is None:
        return _STRENGTHS_MS.get(attributes.get("strength", "").strip().lower(), _MEDIUM_MS)
    return min(MAX_PAUSE_MS, round(float(time[1]) * (1000 if time[2].lower() == "s" else 1)))


def rate_factor(written: str, around: float) -> float:
    """Return how many times as fast: "fast", "150%", "+20%", "1.5"; `around` is what it is already."""
    return _within(_RATE_LIMITS, _factor(written, _RATES, around))


def pitch_factor(written: str, around: float) -> float:
    """Return how many times as high: "high", "+10%", "-2st". Hertz are left: nobody knows a voice's own."""
    return _within(_PITCH_LIMITS, _factor(written, _PITCHES, around))


def volume_factor(written: str, around: float) -> float:
    """Return how many times as loud: "soft", "+6dB", "50" of 100."""
    amount = _AMOUNT.fullmatch(written.strip())
    if amount and not amount[1] and not amount[3]:
        return _within(_VOLUME_LIMITS, float(amount[2]) / 100)
    return _within(_VOLUME_LIMITS, _factor(written, _VOLUMES, around))


def _factor(written: str, names: Mapping[str, float], around: float) -> float:
    name = written.strip().lower()
    if name in names:
        return names[name]
    amount = _AMOUNT.fullmatch(name)
    if amount is None:
        return around
    number, unit = float(amount[1] + amount[2]), amount[3]
    if unit == "%":
        return around * (1 + number / 100 if amount[1] else number / 100)
    if unit == "st":
        return around * 2 ** (min(number, 48.0) / 12)
    if unit == "db":
        return around * 10 ** (min(number, 48.0) / 20)
    return around * number if not amount[1] else around + number


def _within(limits: tuple[float, float], factor: float) -> float:
    return min(max(factor, limits[0]), limits[1])
