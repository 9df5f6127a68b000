from .catalogue import variants
from .espeak import Manner
from .natural_voice import NaturalVoice
from .plain import PlainSound, speak_plainly
from .voice import BuiltInVoice

__all__ = [
    "BuiltInVoice",
    "Manner",
    "NaturalVoice",
    "PlainSound",
    "speak_plainly",
    "variants",
]
