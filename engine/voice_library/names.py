"""Names of voices: any that a person can read, and for each an id that is safe in a path and in an address."""

from __future__ import annotations

import re
import unicodedata

from engine.errors import VoiceError
from engine.registry import engine_of_voice

VOICE_ID = re.compile(r"[a-zA-Z0-9\-_ ]{1,255}")  # no dot and no slash: an id cannot leave its folder
MAX_NAME_CHARS = 200
_NO_SIGNS = frozenset({"Cc", "Cs", "Co", "Cn", "Zl", "Zp"})
_TURNS = frozenset(
    "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
)  # they hide what is there
_WINDOWS_DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)", re.I)


def checked_name(name: str) -> str:
    """Return `name` as it is kept: composed (NFC), without space around it. Raises `VoiceError` "name"."""
    kept = " ".join(unicodedata.normalize("NFC", name).split(" ")).strip()
    if not kept:
        raise VoiceError("name", name, detail="it is empty")
    if len(kept) > MAX_NAME_CHARS:
        raise VoiceError("name", f"{kept[:20]}…", detail=f"it has more than {MAX_NAME_CHARS} characters")
    if any(unicodedata.category(sign) in _NO_SIGNS or sign in _TURNS for sign in kept):
        shown = "".join(sign for sign in kept if sign.isprintable())
        raise VoiceError("name", shown, detail="it holds signs that cannot be seen")
    if "/" in kept or "\\" in kept:
        raise VoiceError("name", kept, detail="slashes are for paths")
    if (owner := engine_of_voice(kept.casefold())) is not None:
        raise VoiceError("name", kept, detail=f"that is {owner.spoken_name}")
    if kept.startswith("."):
        raise VoiceError("name", kept, detail="it begins with a full stop")
    return kept


def same_name(one: str, other: str) -> bool:
    """Return whether a person would take the two names for the same."""
    return _key(one) == _key(other)


def id_of(name: str) -> str:
    """Make the id of a voice called `name`: the name itself where it is plain, else the nearest there is."""
    plain = name if VOICE_ID.fullmatch(name) else _plain(name)
    plain = plain[:MAX_NAME_CHARS].strip()
    if not plain or _WINDOWS_DEVICES.fullmatch(plain):
        plain = f"voice {plain}".strip()
    return plain


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).replace("ß", "ss").replace("ł", "l").replace("Ł", "L")
    ascii_only = "".join(
        sign if VOICE_ID.fullmatch(sign) else " " for sign in letters if not unicodedata.combining(sign)
    )
    return " ".join(ascii_only.split())


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", name).strip().casefold()
