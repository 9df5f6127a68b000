"""The built-in voice: it speaks at once, in every language with a record, with no download and no GPU.

English is said by the natural voice (`neural`), all else by espeak-ng; `voice` puts them together.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
