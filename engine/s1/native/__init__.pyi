from .build import NoKernelsError
from .codec import NativeCodecModel, NativeLinear
from .codec_kernels import CodecKernels
from .dual_ar import NativeDualAr
from .kernels import Kernels
from .memory import on_large_pages
from .processor import find_processor

__all__ = [
    "CodecKernels",
    "Kernels",
    "NativeCodecModel",
    "NativeDualAr",
    "NativeLinear",
    "NoKernelsError",
    "find_processor",
    "on_large_pages",
]
