"""The model itself: layers, transformer and codec as the specification states them. It knows no files."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
