from .catalogue import variants
from .natural_voice import NaturalVoice
from .voice import BuiltInVoice

__all__ = [
    "BuiltInVoice",
    "NaturalVoice",
    "variants",
]
