from .model import Network, open_network
from .phonemes import from_ipa, unknown_signs
from .synthesis import Row, Unsaid, rows_of

__all__ = [
    "Network",
    "Row",
    "Unsaid",
    "from_ipa",
    "open_network",
    "rows_of",
    "unknown_signs",
]
