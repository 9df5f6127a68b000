from .phonemes import from_ipa, unknown_signs
from .reading import GivenPhonemes

__all__ = [
    "GivenPhonemes",
    "from_ipa",
    "unknown_signs",
]
