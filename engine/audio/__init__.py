"""Sound: files of it, its rate, tempo, fades and loudness, and files of codes."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
