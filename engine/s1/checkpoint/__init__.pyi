from .codec_file import is_encoding_only
from .config_files import read_model_config
from .load import load_codec, load_codec_weights, load_dual_ar, memory_errors
from .random_weights import random_codec, random_dual_ar, write_random_checkpoint, write_sizes

__all__ = [
    "is_encoding_only",
    "load_codec",
    "load_codec_weights",
    "load_dual_ar",
    "memory_errors",
    "random_codec",
    "random_dual_ar",
    "read_model_config",
    "write_random_checkpoint",
    "write_sizes",
]
