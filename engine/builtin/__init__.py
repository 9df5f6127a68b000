"""The built-in voice: espeak-ng. It speaks at once, in every language with a record, with no download and no GPU."""

from engine.builtin.voice import BuiltInVoice, variants

__all__ = ["BuiltInVoice", "variants"]
