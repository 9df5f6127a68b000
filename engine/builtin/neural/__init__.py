"""The natural voice: English by a small neural network that comes, with its lexicon, in the wheel of hibari-tts.

From a text: `reading` finds the phonemes of each word, `model` predicts how long each of them is and what it sounds
like, `waveform` makes samples of that, and `synthesis` puts words and samples together.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)  # the names are in __init__.pyi
