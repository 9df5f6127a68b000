"""From a prompt to frames of codes: one loop for all rows, over the backends that compute a frame."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
