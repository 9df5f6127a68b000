"""Files of Lectern's own: written whole or not at all, JSON read strictly; and what foreign libraries raise."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
