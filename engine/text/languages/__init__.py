"""How each language says what is written short: one file of words a language, read when it is first needed."""

from engine.text.languages.record import Words, words_of

__all__ = ["Words", "words_of"]
