"""Lists the parts that Lectern is made of, with their licences, from what is installed: so it is true wherever it runs.
No Qt here."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution, PackageNotFoundError, distribution

OWN = "lectern"
LICENCE = "GPL-3.0-or-later"
MAX_LICENCE_CHARS = 80
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")

_WITHIN = {  # libraries that packages bring along, and what they say of them
    "av": (("FFmpeg", "LGPL-2.1-or-later"),),
    "espeakng-loader": (("espeak-ng", "GPL-3.0-or-later"),),
    "lxml": (("libxml2 and libxslt", "MIT"),),
    "pypdfium2": (("PDFium", "BSD-3-Clause AND Apache-2.0"),),
    "pyside6-essentials": (("Qt", "LGPL-3.0-only"),),
    "sounddevice": (("PortAudio", "MIT"),),
}
_UNSAID = {"espeakng-loader": "MIT"}  # of packages whose own data do not name it


@dataclass(frozen=True, slots=True)
class Part:
    """Names a part. `version` is "" for a library within the part before it."""

    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class VoiceNote:
    """Says whose work a voice is."""

    name: str
    words: str


VOICES = (
    VoiceNote(
        "The built-in voice in English",
        "hibari, by the package hibari-tts (Apache-2.0, code and weights). As its maker states, it was distilled from "
        "a voice of Kokoro-82M (Apache-2.0); its lexicon is misaki’s (Apache-2.0).",
    ),
    VoiceNote("The built-in voice in other languages", "espeak-ng (GPL-3.0-or-later)."),
    VoiceNote(
        "S1 Mini",
        "OpenAudio S1 Mini, a model by Fish Audio. It is not part of Lectern: it is downloaded when you ask for it, "
        "and has a licence of its own, which is non-commercial.",
    ),
    VoiceNote("Your own voices", "Made of recordings that you have chosen. Whose voice it is has a say in them."),
)


def installed_parts() -> list[Part]:
    """List Lectern, what it needs, and what that needs, as far as it is installed, by name. Reads many small files: not
    for the GUI thread."""
    found: dict[str, Distribution] = {}
    wanted = [OWN]
    while wanted:
        name = _key(wanted.pop())
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # of an extra, or of another system
            continue
        wanted += _names(found[name].requires or (), has_extras=name == OWN)
    parts: list[Part] = []
    for name in sorted(found, key=lambda name: (name != OWN, name)):
        own = found[name]
        parts.append(Part(own.metadata["Name"] or name, own.version, LICENCE if name == OWN else _licence(name, own)))
        parts += [Part(within, "", licence) for within, licence in _WITHIN.get(name, ())]
    return parts


def _names(requirements: Iterable[str], *, has_extras: bool) -> list[str]:
    """The packages that one asks for; what it would need for more than it is used for does not count."""
    asked = (requirement for requirement in requirements if has_extras or "extra ==" not in requirement)
    return [match[0] for requirement in asked if (match := _NAME.match(requirement))]


def _key(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _licence(name: str, package: Distribution) -> str:
    said = _field(package, "License-Expression")
    if not said:
        named = [
            line.rpartition(" :: ")[2]
            for line in package.metadata.get_all("Classifier") or ()
            if line.startswith("License ::")
        ]
        said = ", ".join(part for part in named if part != "OSI Approved")
    if not said:
        said = _field(package, "License").partition("\n")[0]
    said = said or _UNSAID.get(name, "")
    return said if len(said) <= MAX_LICENCE_CHARS else f"{said[: MAX_LICENCE_CHARS - 1]}…"


def _field(package: Distribution, name: str) -> str:
    return package.metadata[name].strip() if name in package.metadata else ""
