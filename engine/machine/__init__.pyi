from .console import NO_CONSOLE
from .torch_check import TorchReport, is_torch_installed, require_torch

__all__ = [
    "NO_CONSOLE",
    "TorchReport",
    "is_torch_installed",
    "require_torch",
]
