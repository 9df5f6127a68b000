"""Home Assistant's protocol, Wyoming, beside HTTP: the same voices and the same queue for the engine."""

import warnings

with warnings.catch_warnings():
    # WORKAROUND: wyoming 1.10 imports a module of the standard library that Python 3.13 has no more.
    warnings.filterwarnings("ignore", "'audioop' is deprecated", DeprecationWarning)
    import wyoming.audio  # noqa: F401
