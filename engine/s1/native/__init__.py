"""The transformer's stacks and the codec's decoder in C++ for the CPU, compiled on the machine that runs them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
