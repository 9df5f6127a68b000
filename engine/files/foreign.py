"""Bytes that come from elsewhere, and what the libraries that open them raise when they are not what they say.

Every reader of a file that a person brings opens it in `foreign`, so that what is known about a library stands once.
"""

from __future__ import annotations

import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto

from engine.errors import EngineError


class Library(Enum):
    """Name the library that opens foreign bytes."""

    ZIP = auto()  # zipfile
    XML = auto()  # defusedxml, ElementTree
    HTML = auto()  # lxml
    NUMPY = auto()  # numpy.load
    SOUND = auto()  # PyAV
    ENCODING = auto()  # charset-normalizer, codecs
    PATTERN = auto()  # regex
    VOICE = auto()  # onnxruntime and hibari, which open the neural voice's files


_COMMON = (
    *(ArithmeticError, AssertionError, AttributeError, BufferError, EOFError, LookupError, MemoryError, OSError),
    *(RuntimeError, SyntaxError, TypeError, ValueError, struct.error),
)
"""Of Python's own, deep in a broken file, by accident; RecursionError and NotImplementedError are RuntimeErrors."""


def faults_of(library: Library) -> tuple[type[BaseException], ...]:
    """Name the exceptions that `library` raises for what is damaged, hostile or not supported."""
    match library:
        case Library.ZIP:
            from lzma import LZMAError
            from zipfile import BadZipFile, LargeZipFile

            return (*_COMMON, BadZipFile, LargeZipFile, zlib.error, LZMAError)
        case Library.XML:
            from xml.etree.ElementTree import ParseError

            from defusedxml.common import DefusedXmlException

            return (*_COMMON, ParseError, DefusedXmlException)
        case Library.HTML:
            from lxml.etree import LxmlError

            return (*_COMMON, LxmlError)
        case Library.NUMPY:
            from tokenize import TokenError

            return (*faults_of(Library.ZIP), TokenError)  # an `.npz` is a zip; a header is Python's syntax
        case Library.SOUND:
            from av.error import FFmpegError

            return (*_COMMON, FFmpegError)
        case Library.ENCODING:
            return _COMMON
        case Library.PATTERN:
            from regex import error

            return (*_COMMON, error)
        case Library.VOICE:
            return (*_COMMON, ImportError, zlib.error, *_onnxruntime_faults())


def _onnxruntime_faults() -> tuple[type[BaseException], ...]:
    """Name what onnxruntime raises, where it can be imported: each has its own class, under no common one."""
    state = sys.modules.get("onnxruntime.capi.onnxruntime_pybind11_state")
    faults = [value for value in vars(state).values() if isinstance(value, type)] if state else []
    return tuple(fault for fault in faults if issubclass(fault, Exception))


def words_of(error: BaseException) -> str:
    """Return what the system or FFmpeg says of `error`, without the path and the number."""
    return getattr(error, "strerror", None) or str(error)


def reason_of(error: BaseException) -> str:
    """Return what went wrong in the words of the system or the library, at most 200 characters; the kind of `error`
    where it has none."""
    words = error.strerror if isinstance(error, OSError) and error.strerror else str(error).strip("'\"")
    return words[:200] or type(error).__name__


@contextmanager
def foreign(library: Library, as_error: Callable[[BaseException], EngineError]) -> Iterator[None]:
    """Turn what `library` raises in the block into `as_error` of it.

    Only calls of the library belong in the block: a mistake of our own would look like a damaged file.
    """
    try:
        yield
    except faults_of(library) as error:
        raise as_error(error) from error
