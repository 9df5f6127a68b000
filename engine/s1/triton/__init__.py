"""Kernels for NVIDIA cards in Triton: a frame in three launches, or in one for each part of it, and what runs them."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
