"""Which releases of the voices are here: another one sounds otherwise."""

from __future__ import annotations

from contextlib import suppress
from importlib import metadata


def natural_version() -> str:
    """Return the release of hibari-tts; "" where it is not installed."""
    with suppress(metadata.PackageNotFoundError):
        return metadata.version("hibari-tts")
    return ""


def builtin_version() -> str:
    """Name the releases of espeak-ng's wheel, of pykakasi and of hibari-tts, which together make the sound."""
    natural = natural_version()
    espeak = f"{metadata.version('espeakng-loader')}+{metadata.version('pykakasi')}"
    return f"{espeak}+{natural}" if natural else espeak
