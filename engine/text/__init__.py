"""From a text to what is said: cleaned, cut into sentences, each with its language and its place in the source."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
