"""Where each word is in a sound, without a model: the same text said by espeak-ng, whose words are known to the sample,
is laid beside it.

Cepstra of both are compared frame by frame, and the cheapest way through the example tells where each of its words is
heard (dynamic time warping). Engines that do not know their words are listened to in this way (`listening`).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
