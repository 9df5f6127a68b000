from .codec import CodecModel
from .codec_layers import CausalConv, Stream
from .codec_rows import RowCodecModel
from .dual_ar import DualAr
from .low_bit import LowBitLinear
from .prompt import build_prompt, common_boundaries, n_reference_positions
from .sampling import Sampler
from .tokenizer import Tokenizer

__all__ = [
    "CausalConv",
    "CodecModel",
    "DualAr",
    "LowBitLinear",
    "RowCodecModel",
    "Sampler",
    "Stream",
    "Tokenizer",
    "build_prompt",
    "common_boundaries",
    "n_reference_positions",
]
