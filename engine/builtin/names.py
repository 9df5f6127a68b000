"""What the built-in voice is called: the registry knows it before espeak-ng is loaded."""

BUILT_IN = "built-in"
DISPLAY_NAME = "built-in voice"
