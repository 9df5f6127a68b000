from .catalogue import variants
from .espeak import EspeakManner
from .natural_voice import NaturalVoice
from .plain import PlainSound, speak_plainly
from .voice import BuiltInVoice

__all__ = [
    "BuiltInVoice",
    "EspeakManner",
    "NaturalVoice",
    "PlainSound",
    "speak_plainly",
    "variants",
]
