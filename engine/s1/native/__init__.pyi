from .build import NoKernelsError
from .codec import CodecKernels, NativeLinear
from .dual_ar import NativeDualAr
from .kernels import Kernels
from .memory import on_large_pages

__all__ = [
    "CodecKernels",
    "Kernels",
    "NativeDualAr",
    "NativeLinear",
    "NoKernelsError",
    "on_large_pages",
]
