"""The HTTP interface. It speaks through the `SpeechEngine` protocol, as any client of the engine does."""
