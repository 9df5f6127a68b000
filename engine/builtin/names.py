"""What the built-in voices are called: the registry knows it before anything of them is loaded."""

BUILT_IN = "built-in"
DISPLAY_NAME = "built-in voice"
ESPEAK = "espeak"
"""The variant that speaks English with espeak-ng, too."""

NATURAL = "natural"
NATURAL_DISPLAY_NAME = "natural voice"
