"""An engine in a process of its own: what goes over the pipes, the child's loop, and the proxy that owns it.

Because then ending it returns every byte of GPU memory, a crash is a restart, and Cancel always works.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
