"""Triton's interpreter with the same numbers and checks for a third of the work.

It makes types, shapes and its own language anew for each number that it adds up. Here what is equal is made once.
"""

# pyright: reportArgumentType=false, reportAttributeAccessIssue=false
# pyright: reportMissingImports=false
# PyTorch for the CPU comes without Triton.

from __future__ import annotations

from typing import Any

import numpy as np
import triton.language as tl
from triton.language.semantic import TritonSemantic
from triton.runtime import interpreter

OPERATIONS = {"add": np.add, "sub": np.subtract, "mul": np.multiply}


def let_new_numpy_count() -> None:
    """Triton 3.6 makes an `int` of arrays with one element, which NumPy 2.4 no longer does."""
    plain = interpreter._LangPatchScope.set_attr

    def set_attr(self: Any, obj: object, name: str, value: object) -> None:
        plain(self, obj, name, (lambda one: int(one.handle.data.item())) if name == "__index__" else value)

    interpreter._LangPatchScope.set_attr = set_attr  # type: ignore[method-assign]


def let_calls_be_cheap() -> None:
    """The interpreter puts its own functions into Triton's language at each launch, and again wherever one function
    calls another, which changes nothing."""
    plain = interpreter._patch_lang

    def patch(function: Any) -> interpreter._LangPatchScope:
        languages = [one for one in (tl, tl.core) if any(one is value for value in function.__globals__.values())]
        if any(tl.core.is_builtin(one.load) for one in languages):
            return plain(function)
        return interpreter._LangPatchScope()

    interpreter._patch_lang = patch


def let_types_be_cheap() -> None:
    """Types of equal name are equal."""
    plain_type, plain_tensor, plain_dtype = tl.block_type.__init__, tl.tensor.__init__, interpreter._get_np_dtype
    types: dict[Any, dict[str, Any]] = {}
    shapes: dict[str, tuple[Any, Any]] = {}
    dtypes: dict[str, Any] = {}

    def make_type(self: Any, element_ty: Any, shape: Any) -> None:
        key = (element_ty.name, *bare(shape))
        if key in types:
            self.__dict__.update(types[key])
        else:
            plain_type(self, element_ty, shape)
            types[key] = dict(self.__dict__)

    def make_tensor(self: Any, handle: object, type: Any) -> None:
        if type.name in shapes:
            self.handle, self.type, self.dtype = handle, type, type.scalar
            self.shape, self.numel = shapes[type.name]
        else:
            plain_tensor(self, handle, type)
            shapes[type.name] = self.shape, self.numel

    def find_dtype(type: Any) -> Any:
        if type.name not in dtypes:
            dtypes[type.name] = plain_dtype(type)
        return dtypes[type.name]

    def equal(self: Any, other: Any) -> tl.constexpr:
        return tl.constexpr(bare(self) == bare(other))

    tl.block_type.__init__ = make_type
    tl.tensor.__init__ = make_tensor
    tl.tuple.__eq__ = equal
    interpreter._get_np_dtype = find_dtype


def bare(shape: Any) -> list[Any]:
    """Numbers, which Triton puts into objects of its own, and those into another."""
    return [getattr(n, "value", n) for n in getattr(shape, "values", shape)]


def let_overflow_be_found_cheaply() -> None:
    """As Triton would where it is told to, with a wider sum beside each, but by NumPy alone."""

    def check(_: TritonSemantic, lhs: Any, rhs: Any, binary_op: Any) -> None:
        kind = lhs.type.scalar
        if kind.int_bitwidth < 64:
            assert kind == rhs.type.scalar
            wide = OPERATIONS[binary_op.__name__](*(one.handle.data.astype(np.int64) for one in (lhs, rhs)))
            is_in = kind.get_int_min_value() <= wide.min() and wide.max() <= kind.get_int_max_value()
            assert is_in, f"int{kind.int_bitwidth} overflow detected for operation {binary_op.__name__}"

    TritonSemantic.binary_op_sanitize_overflow_impl = check


def make_quick() -> None:
    let_new_numpy_count()
    let_calls_be_cheap()
    let_types_be_cheap()
    let_overflow_be_found_cheaply()
