from .opening import has_cuda, measure_speed, open_codec
from .self_check import PartCheck, check_s1_parts

__all__ = [
    "PartCheck",
    "check_s1_parts",
    "has_cuda",
    "measure_speed",
    "open_codec",
]
