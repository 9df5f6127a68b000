"""The built-in voice: espeak-ng. It speaks at once, in 13 languages, with no download and no GPU."""

from engine.builtin.voice import BuiltInVoice, variants

__all__ = ["BuiltInVoice", "variants"]
