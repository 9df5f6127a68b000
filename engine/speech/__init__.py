"""S1 Mini as an engine: from a request to sound in chunks, its codec alone, its speed, its parts checked."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
