"""espeak-ng's public C API (its header `speak_lib.h`), bound as far as speaking needs it.

The library keeps everything in C globals: one voice, one callback, one state for the whole process,
and no thread may enter while another is inside. So there is one lock for the process, the only
module state here, and the library is loaded fresh each time the lock is taken and unloaded after.

Loading it fresh costs 1 ms (unloading included) and makes speech repeatable: the pitch flutter's
phase is a C function static that no call resets (espeak-ng 1.52, `AdvanceParameters` in wavegen.c;
its random seed and a second `espeak_Initialize` do not touch it), so in a library that stays loaded
the same sentence comes out different, and up to 1 % longer or shorter, depending on what was
spoken before it. Nothing is left behind by a voice that was changed or a synthesis that was aborted.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.builtin.windows_path import path_for_c
from engine.errors import BuiltInVoiceError
from engine.machine.cpp_runtime import missing_cpp_runtime

IS_WINDOWS = os.name == "nt"
_MAX_DATA_PATH_BYTES = 159

BUFFER_MS = 60
"""Sound per call of the synthesis callback: how soon the first arrives and how late an abort is seen."""

_ONE_AT_A_TIME = threading.Lock()  # module state, because the C library's state belongs to the process

_AUDIO_OUTPUT_SYNCHRONOUS = 2
_INITIALIZE_DONT_EXIT = 0x8000  # without it, missing data ends the process
_CHARS_UTF8 = 1  # and neither SSML (0x10) nor [[phonemes]]: what looks like them is text
_PHONEMES = 0x100  # but where it is asked for
_PHONEMES_IPA = 2  # of `espeak_TextToPhonemes`
_POS_CHARACTER = 1
_PARAMETERS = {"rate": 1, "volume": 2, "pitch": 3, "pitch_range": 4, "punctuation": 5, "capitals": 6}
_EVENT_LIST_TERMINATED = 0
_EVENT_WORD = 1


class _EventId(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # in code points, from 1
        ("length", ctypes.c_int),
        ("audio_position_ms", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _EventId),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),  # (priority byte, code, NUL) over and over, then a zero byte
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_SynthCallback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event))


@dataclass(frozen=True, slots=True)
class WordEvent:
    """espeak-ng begins a word: code point offset into the text, and the sample at which it begins.

    The API's word length is left out: it is wrong for numbers and joined words ("par-dessus", Korean).
    """

    position: int
    at_sample: int


@dataclass(frozen=True, slots=True)
class EspeakManner:
    """How espeak-ng speaks, in its own terms: `rate` in words a minute (80 to 450), `volume`, `pitch` and `pitch_range`
    from 0 to 100. `punctuation`: 0 names no signs, 1 all, 2 those of `signs`; `capitals`: 0 does not tell them, 1 by a
    click, 2 by a word."""

    rate: int = 175
    volume: int = 100
    pitch: int = 50
    pitch_range: int = 50
    punctuation: int = 0
    capitals: int = 0
    signs: str = ""


@dataclass(frozen=True, slots=True)
class ListedVoice:
    """`identifier` selects it (`gmw/en-US`, `!v/f2`); `languages` are its codes, best first."""

    identifier: str
    languages: tuple[str, ...]


class Espeak:
    """The loaded library. Made by `loaded_espeak`, used inside its `with` and by one thread."""

    def __init__(self, library: ctypes.CDLL, sample_rate_hz: int) -> None:
        self._library = library
        self.sample_rate_hz = sample_rate_hz

    def version(self) -> str:
        return self._library.espeak_Info(None).decode()

    def voices(self, kind: str | None = None) -> list[ListedVoice]:
        """The voices of all languages, or with "variant" the timbres that can be put on any of them."""
        code = ctypes.create_string_buffer((kind or "").encode())
        wanted = ctypes.byref(_Voice(languages=ctypes.addressof(code))) if kind else None
        entries = self._library.espeak_ListVoices(wanted)
        voices = []
        while entries[len(voices)]:
            entry = entries[len(voices)].contents
            identifier = os.fsdecode(entry.identifier).replace("\\", "/")
            voices.append(ListedVoice(identifier, tuple(_language_codes(entry.languages))))
        return voices

    def select(self, name: str) -> None:
        """Speak with a voice, or `VOICE+VARIANT`. An unknown variant goes unnoticed in C: check names before."""
        status = self._library.espeak_SetVoiceByName(name.encode())
        if status != 0:
            raise BuiltInVoiceError(f"espeak-ng has no voice {name!r} (status {status})")

    def use(self, manner: EspeakManner) -> None:
        """Speak in `manner` from now on."""
        for name, number in _PARAMETERS.items():
            self._library.espeak_SetParameter(number, getattr(manner, name), 0)
        self._library.espeak_SetPunctuationList(manner.signs)

    def name_sign(self, sign: str, on_sound: Callable[[np.ndarray, list[WordEvent]], bool]) -> None:
        """Say what one character is called, "comma" or "capital B"; `on_sound` as in `synthesize`."""
        c_callback = _callback(on_sound)
        self._library.espeak_SetSynthCallback(c_callback)
        self._check(self._library.espeak_Char(sign))

    def synthesize(
        self, text: str, on_sound: Callable[[np.ndarray, list[WordEvent]], bool], *, has_phonemes: bool = False
    ) -> None:
        """Speak `text`, passing int16 `(n_samples,)` and the words that begin in it, until `on_sound` says False.

        With `has_phonemes`, what stands in [[ ]] are the voice's own. The calls come on this thread, before the return,
        and must not raise.
        """
        assert "\0" not in text  # C would stop there

        c_callback = _callback(on_sound)
        self._library.espeak_SetSynthCallback(c_callback)
        encoded = text.encode()
        flags = _CHARS_UTF8 | (_PHONEMES if has_phonemes else 0)
        self._check(self._library.espeak_Synth(encoded, len(encoded) + 1, 0, _POS_CHARACTER, 0, flags, None, None))

    @staticmethod
    def _check(status: int) -> None:
        if status != 0:
            raise BuiltInVoiceError(f"espeak-ng could not speak (status {status})")

    def phonemes(self, text: str, *, has_phonemes: bool = False) -> str:
        """Return how the selected voice says `text`, in IPA as espeak-ng writes it: "həlˈoʊ".

        With `has_phonemes`, what stands in [[ ]] are the voice's own, up to the first that it does not have.
        """
        assert "\0" not in text
        if has_phonemes:  # it reads them as the last synthesis did, even if that was of nothing
            self._library.espeak_SetSynthCallback(_SynthCallback())
            self._library.espeak_Synth(b"", 1, 0, _POS_CHARACTER, 0, _CHARS_UTF8 | _PHONEMES, None, None)
        encoded = ctypes.create_string_buffer(text.encode())
        place = ctypes.c_void_p(ctypes.addressof(encoded))
        clauses = []
        while place.value:  # it takes a clause at a time, and sets this to the next
            clauses.append(self._library.espeak_TextToPhonemes(ctypes.byref(place), _CHARS_UTF8, _PHONEMES_IPA) or b"")
        return b" ".join(filter(None, clauses)).decode()


@contextmanager
def loaded_espeak() -> Iterator[Espeak]:
    """A fresh espeak-ng, this thread's alone until the `with` ends.

    Raises `BuiltInVoiceError` when the wheel, its library or its data cannot be used.
    """
    with _ONE_AT_A_TIME:
        library_path, data_path = _paths()
        if missing := missing_cpp_runtime():
            raise BuiltInVoiceError(", ".join(missing), "no_runtime")
        try:
            library = ctypes.CDLL(library_path)
        except OSError as error:
            raise BuiltInVoiceError(f"espeak-ng's library does not load: {error}") from error
        try:
            _declare(library)
            with _data_path(data_path) as path:
                rate_hz = library.espeak_Initialize(_AUDIO_OUTPUT_SYNCHRONOUS, BUFFER_MS, path, _INITIALIZE_DONT_EXIT)
                if rate_hz <= 0:
                    raise BuiltInVoiceError(f"espeak-ng cannot read its data in {data_path} (status {rate_hz})")
                _seed(library)
                yield Espeak(library, rate_hz)
        finally:
            library.espeak_Terminate()
            _unload(library)


@contextmanager
def _data_path(folder: str) -> Iterator[bytes]:
    """`folder` as espeak-ng's `fopen` finds it, in 159 bytes: it cuts a longer path, and finds nothing."""
    if IS_WINDOWS:
        path = path_for_c(folder, _MAX_DATA_PATH_BYTES)
        if path is None:
            raise BuiltInVoiceError(folder, "path")
        yield path
        return
    if len(os.fsencode(folder)) <= _MAX_DATA_PATH_BYTES:
        yield os.fsencode(folder)
        return
    with tempfile.TemporaryDirectory(prefix="lectern-") as short:  # WORKAROUND: a link is shorter
        link = Path(short, "data")
        link.symlink_to(folder, target_is_directory=True)
        yield os.fsencode(link)


def _paths() -> tuple[str, str]:
    """The wheel's shared library and its data folder."""
    try:
        import espeakng_loader  # here, so that its absence is an error with a remedy

        return espeakng_loader.get_library_path(), espeakng_loader.get_data_path()
    except (ImportError, RuntimeError) as error:
        raise BuiltInVoiceError(f"the espeakng-loader wheel cannot be used: {error}") from error


def _declare(library: ctypes.CDLL) -> None:
    library.espeak_Initialize.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
    library.espeak_Info.argtypes = (ctypes.c_void_p,)
    library.espeak_Info.restype = ctypes.c_char_p
    library.espeak_ListVoices.argtypes = (ctypes.c_void_p,)
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    library.espeak_SetVoiceByName.argtypes = (ctypes.c_char_p,)
    library.espeak_SetParameter.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int)
    library.espeak_SetPunctuationList.argtypes = (ctypes.c_wchar_p,)
    library.espeak_Char.argtypes = (ctypes.c_wchar,)
    library.espeak_ng_SetRandSeed.argtypes = (ctypes.c_long,)
    library.espeak_SetSynthCallback.argtypes = (_SynthCallback,)
    library.espeak_SetSynthCallback.restype = None
    library.espeak_TextToPhonemes.argtypes = (ctypes.POINTER(ctypes.c_void_p), ctypes.c_int, ctypes.c_int)
    library.espeak_TextToPhonemes.restype = ctypes.c_char_p
    library.espeak_Synth.argtypes = (
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    )


def _seed(library: ctypes.CDLL) -> None:
    """The same breath each time. Some voices take it from a generator that begins with the clock's second, some from
    the C library's, which goes on from wherever it was."""
    library.espeak_ng_SetRandSeed(1)
    c_library = ctypes.cdll.ucrtbase if sys.platform == "win32" else ctypes.CDLL(None)
    c_library.srand(1)


def _unload(library: ctypes.CDLL) -> None:
    """ctypes opens libraries and never closes them; `_ctypes` has the call on every platform."""
    if sys.platform == "win32":
        _ctypes.FreeLibrary(library._handle)
    else:
        _ctypes.dlclose(library._handle)


def _callback(on_sound: Callable[[np.ndarray, list[WordEvent]], bool]) -> Callable[..., int]:
    """What the library calls: keep it until the synthesis is over."""

    def callback(samples: ctypes._Pointer, n_samples: int, events: ctypes._Pointer) -> int:
        pcm = np.frombuffer(ctypes.string_at(samples, 2 * n_samples) if n_samples else b"", np.int16)
        return 0 if on_sound(pcm, list(_word_events(events))) else 1

    return _SynthCallback(callback)


def _word_events(events: ctypes._Pointer) -> Iterator[WordEvent]:
    index = 0
    while (event := events[index]).type != _EVENT_LIST_TERMINATED:
        if event.type == _EVENT_WORD:
            yield WordEvent(event.text_position - 1, event.sample)
        index += 1


def _language_codes(address: int | None) -> Iterator[str]:
    while address and ctypes.string_at(address, 1) != b"\0":
        code = ctypes.string_at(address + 1)
        yield code.decode()
        address += 1 + len(code) + 1
