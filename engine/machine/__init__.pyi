from .torch_check import TorchReport, is_torch_installed, require_torch

__all__ = [
    "TorchReport",
    "is_torch_installed",
    "require_torch",
]
