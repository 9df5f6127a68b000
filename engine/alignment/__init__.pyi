from .finding import WordFinder, align
from .listening import ListenedEngine, ListenedOpener, listened
from .proofreading import FLAW_LIMITS, Flaw, Proof
from .speaker import Speaker

__all__ = [
    "FLAW_LIMITS",
    "Flaw",
    "ListenedEngine",
    "ListenedOpener",
    "Proof",
    "Speaker",
    "WordFinder",
    "align",
    "listened",
]
