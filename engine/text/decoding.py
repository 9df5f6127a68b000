"""Bytes to text, whatever the encoding."""

from __future__ import annotations

import codecs
import re
from functools import cache
from pathlib import Path

from engine.errors import DocumentError
from engine.files.foreign import Library, foreign
from engine.text.detection import guess_language
from engine.text.languages import all_records, record_of
from engine.text.languages.record import LATIN

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_SAMPLE_BYTES = 100_000
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_MAX_DAMAGE = 0.1  # of the characters; what has more is no text


def decode_text(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of `data`, which is `path`'s, and doubts about it: by its mark, as UTF-8, or by a guess.

    Raises `DocumentError`.
    """
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            return _decoded(path, data[len(bom) :], encoding)
    if (encoding := _unmarked_utf16(data)) is not None:
        return _decoded(path, data, encoding)
    if data.count(0) > len(data) // 1000:  # a few are damage, and are left out as what nobody sees
        raise DocumentError("binary", path)
    try:
        return data.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _guessed(path, data)


def _decoded(path: Path, data: bytes, encoding: str) -> tuple[str, tuple[str, ...]]:
    text = data.decode(encoding, errors="replace")
    n_damaged = text.count("\ufffd")
    if n_damaged > _MAX_DAMAGE * len(text):
        raise DocumentError("binary", path)
    return text, (f"{n_damaged} characters are damaged ({encoding}).",) if n_damaged else ()


def _unmarked_utf16(data: bytes) -> str | None:
    """UTF-16 without a mark has a zero in nearly every other byte of Western text, and in line ends of any."""
    sample = data[:_SAMPLE_BYTES]
    if b"\0" not in sample or len(data) % 2:
        return None
    texts = {encoding: data.decode(encoding, errors="ignore") for encoding in ("utf-16-le", "utf-16-be")}
    n_common = {encoding: text.count(" ") + text.count("\n") for encoding, text in texts.items()}
    best = max(n_common, key=n_common.__getitem__)  # the other way round they are U+2000 and U+0A00
    return best if n_common[best] and "\0" not in texts[best] else None


def _guessed(path: Path, data: bytes) -> tuple[str, tuple[str, ...]]:
    from charset_normalizer import from_bytes

    # Near the bytes that are not ASCII lies what can tell.
    first = re.search(rb"[\x80-\xff]", data)
    start = max(0, first.start() - 1000) if first else 0
    sample = data[start : start + _SAMPLE_BYTES]
    with foreign(Library.ENCODING, lambda _: DocumentError("binary", path)):
        encodings = [match.encoding for match in from_bytes(sample, cp_isolation=list(_old_encodings()))]
    if not encodings:
        raise DocumentError("binary", path)
    encodings += [encoding for encoding in _old_encodings() if encoding not in encodings]
    best = max(
        encodings, key=lambda encoding: _at_home(sample.decode(encoding, errors="replace"))
    )  # the first of equals
    text, doubts = _decoded(path, data, best)
    return text, (f"The file does not say its encoding; it was read as {best}.", *doubts)


_SIGNS = frozenset("“”„‘’«»–—…·°§、。，！？「」『』：；（）《》ё№،؟؛")


@cache
def _old_encodings() -> tuple[str, ...]:
    """What texts in any language were written in before UTF-8; those with a byte a sign first, which fit less by chance
    than those with two."""
    encodings = dict.fromkeys(encoding for record in all_records() for encoding in record.encodings)
    return tuple(sorted(encodings, key=_is_multi_byte))


def _is_multi_byte(encoding: str) -> bool:
    return len(bytes(range(256)).decode(encoding, errors="replace")) != 256


@cache
def _letters_of(language: str) -> re.Pattern[str]:
    letters = record_of(language).letters
    return re.compile(f"[{letters}]" if letters else "(?!)")


def _at_home(sample: str) -> float:
    """The share of the signs beyond ASCII that belong to the language that `sample` seems to be in."""
    language = guess_language(sample)
    letters = _letters_of(language)
    foreign = _BEYOND_ASCII.findall(sample.lower())
    # In Latin texts, letters tell more than quotes and dashes.
    for_signs = 0.9 if record_of(language).script.name == LATIN.name else 1.0
    points = (1.0 if letters.match(sign) else for_signs * (sign in _SIGNS) for sign in foreign)
    return sum(points) / max(1, len(foreign))
