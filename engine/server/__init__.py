"""The HTTP interface: S1 Mini's own `/v1/tts`, and what OpenAI's clients ask."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
