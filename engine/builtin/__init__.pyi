from .catalogue import variants
from .espeak import EspeakManner
from .example import ExampleSound, example_of
from .natural_voice import NaturalVoice
from .plain import PlainSound, speak_plainly
from .voice import BuiltInVoice

__all__ = [
    "BuiltInVoice",
    "EspeakManner",
    "ExampleSound",
    "NaturalVoice",
    "PlainSound",
    "example_of",
    "speak_plainly",
    "variants",
]
