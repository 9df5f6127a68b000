from .frame import Frame
from .weights import ModelWeights

__all__ = [
    "Frame",
    "ModelWeights",
]
