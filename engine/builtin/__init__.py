"""The built-in voice: espeak-ng. It speaks at once, in every language with a record, with no download and no GPU."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
