"""Which releases of the voices are here: another one sounds otherwise."""

from __future__ import annotations

from contextlib import suppress


def natural_version() -> str:
    """Return the release of hibari-tts; "" where it is not installed."""
    from importlib import metadata  # late: with what reads mails it takes 20 ms, and each command knows the entries

    with suppress(metadata.PackageNotFoundError):
        return metadata.version("hibari-tts")
    return ""


def builtin_version() -> str:
    """Name the releases of espeak-ng's wheel, of pykakasi and of hibari-tts, which together make the sound."""
    from importlib import metadata  # late, as above

    natural = natural_version()
    espeak = f"{metadata.version('espeakng-loader')}+{metadata.version('pykakasi')}"
    return f"{espeak}+{natural}" if natural else espeak
