from .voice import BuiltInVoice, variants

__all__ = [
    "BuiltInVoice",
    "variants",
]
