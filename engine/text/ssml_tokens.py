"""The tags and texts of something that ought to be XML, in order; what is none of it is text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import unescape
from html.entities import html5

_NAME = r"[A-Za-z_][\w.-]{0,60}(?::[\w.-]{1,60})?"
_VALUE = r"(?:\"[^\"<]*+\"|'[^'<]*+'|[^\s\"'<>=/]++)"
_TAG = re.compile(
    rf"<(?P<closes>/?)(?P<name>{_NAME})(?P<attributes>(?:\s++{_NAME}\s*+=\s*+{_VALUE})*+)\s*+(?P<is_empty>/?)>"
)
_ATTRIBUTE = re.compile(rf"({_NAME})\s*=\s*({_VALUE})")
_NO_TEXT = re.compile(r"<!--(?:.*?-->|.*)|<\?(?:.*?\?>|.*)|<!DOCTYPE[^\[>]*+(?:\[.*?\]\s*>|>|.*)", re.DOTALL | re.I)
_CDATA = re.compile(r"<!\[CDATA\[(?P<text>.*?)(?:\]\]>|\Z)", re.DOTALL)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_BROKEN = re.compile(
    r"</?(?:ssml:)?(?:audio|break|desc|emphasis|lang|lexicon|mark|meta|metadata|p|paragraph|phoneme|prosody|s|say-as|"
    r"sentence|speak|sub|voice)(?=[\s/>]|\Z)[^<>]*+>?"
)
"""A tag of SSML with something wrong in it: it is none the less no text."""


@dataclass(frozen=True, slots=True)
class Tag:
    """Holds a tag: `closes` ends its element, `is_empty` begins and ends it."""

    name: str
    attributes: Mapping[str, str]
    closes: bool = False
    is_empty: bool = False


def tokens_of(source: str) -> Iterator[Tag | str]:
    """Yield the tags of `source` and the texts between them; comments, instructions and document types are left out."""
    place = 0
    while place < len(source):
        sign = source.find("<", place)
        if sign < 0:
            sign = len(source)
        if sign > place:
            yield _characters(source[place:sign])
        if sign == len(source):
            return
        if tag := _TAG.match(source, sign):
            yield Tag(tag["name"], _attributes(tag["attributes"]), bool(tag["closes"]), bool(tag["is_empty"]))
            place = tag.end()
        elif text := _CDATA.match(source, sign):
            yield text["text"]
            place = text.end()
        elif nothing := _NO_TEXT.match(source, sign) or _BROKEN.match(source, sign):
            place = nothing.end()
        else:
            yield "<"
            place = sign + 1


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in _ATTRIBUTE.findall(written):
        found[name.lower()] = _characters(value[1:-1] if value[0] in "\"'" else value)
    return found


def _characters(written: str) -> str:
    """Put characters in the place of their names; what names none stays as it is written."""
    return _ENTITY.sub(_character, written) if "&" in written else written


def _character(match: re.Match[str]) -> str:
    entity = match[0]
    character = unescape(entity) if entity[1] == "#" or entity[1:] in html5 else entity
    return "" if character == "\0" or "\ud800" <= character <= "\udfff" else character
