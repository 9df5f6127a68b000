"""A pretended NVIDIA card: what runs on "cuda" is followed operator by operator, and nothing is computed.

Tensors on the card are PyTorch's fake ones: they have shape, type and device and no values, so that the full model
costs nothing, and two devices in one operator raise. Tensors on the CPU are real. What the card forbids raises here:
asking for a value while a graph is captured, memory beyond its own, reading on one stream what another has not been
waited for (`fake_streams.py`). What a host may ask for at other times is answered by `Card.answer` and counted.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from types import SimpleNamespace
from typing import Any, ClassVar, TypeGuard
from unittest.mock import patch

import torch
import torch.utils._triton
from fake_streams import CaptureError, Event, Graph, Storage, Stream, Streams
from torch import Tensor
from torch._C import DispatchKey
from torch._ops import OpOverload
from torch._subclasses import fake_tensor
from torch._subclasses.fake_tensor import FakeTensor, FakeTensorMode

aten = torch.ops.aten
GIB = 2**30
CONTEXT_BYTES = GIB // 2
"""Of a card's memory, taken by the driver and the libraries."""


@dataclass(frozen=True, slots=True)
class Model:
    """A model of card."""

    name: str
    capability: tuple[int, int]
    memory_bytes: int


GTX_1660 = Model("NVIDIA GeForce GTX 1660", (7, 5), 6 * GIB)
RTX_3060 = Model("NVIDIA GeForce RTX 3060", (8, 6), 12 * GIB)
RTX_4060_TI = Model("NVIDIA GeForce RTX 4060 Ti", (8, 9), 8 * GIB)
H200 = Model("NVIDIA H200", (9, 0), 141 * GIB)


def nothing_special(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """Answer what a host asks of the card: true, or zeros."""
    return torch.full(tuple(shape), dtype == torch.bool, dtype=dtype)


def talking(shape: Sequence[int], dtype: torch.dtype) -> Tensor:
    """Answer as a model that speaks on and on would: noise for samples, codes, yes to all questions, 0 for a number."""
    if dtype == torch.bool or not shape:
        return nothing_special(shape, dtype)
    generator = torch.Generator().manual_seed(sum(shape))
    if dtype.is_floating_point:
        return 0.1 * torch.randn(tuple(shape), generator=generator).to(dtype)
    codes = torch.randint(0, 50, tuple(shape), generator=generator)
    if len(shape) == 2:
        codes[:, -1] = 0  # of what a row has said, whether its speech is over
    return codes.to(dtype)


@dataclass
class Card:
    """What was done with the card so far. `answer(shape, dtype)` makes the values that a host reads from it."""

    model: Model
    answer: Callable[[Sequence[int], torch.dtype], Tensor] = nothing_special
    streams: Streams = field(default_factory=Streams)
    n_questions: int = 0
    """How often the host waited for a value: by `.item()`, `.cpu()`, `bool()`, or a copy to it that waits."""
    n_launches: int = 0
    """Operators that start at least one kernel; those of a replayed graph are not among them."""
    used_bytes: int = 0
    peak_bytes: int = 0
    held_bytes: int = 0
    """As PyTorch's allocator does, until its cache is emptied."""
    storages: dict[int, Storage] = field(default_factory=dict)
    pinned: dict[int, Any] = field(default_factory=dict)

    @property
    def free_bytes(self) -> int:
        return self.model.memory_bytes - CONTEXT_BYTES - self.held_bytes

    def allocate(self, n_bytes: int) -> None:
        free = self.model.memory_bytes - CONTEXT_BYTES - self.used_bytes
        if n_bytes > free:
            raise torch.OutOfMemoryError(
                f"CUDA out of memory. Tried to allocate {n_bytes / 2**20:.2f} MiB. {free / 2**20:.2f} MiB is free."
            )
        self.used_bytes += n_bytes
        self.peak_bytes, self.held_bytes = max(self.peak_bytes, self.used_bytes), max(self.held_bytes, self.used_bytes)

    def empty_cache(self) -> None:
        self.streams.expect_no_capture("emptying the cache")
        self.held_bytes = self.used_bytes

    def ask(self, what: str, shape: Sequence[int], dtype: torch.dtype) -> Tensor:
        """Let the host wait for values. Raises `CaptureError` inside a captured region."""
        self.streams.expect_no_capture(what)
        self.n_questions += 1
        self.streams.host_waits_for(self.streams.current)
        return self.answer(shape, dtype)

    def is_pinned(self, tensor: Tensor) -> bool:
        return tensor.untyped_storage().data_ptr() in self.pinned

    def pin(self, tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        self.pinned[storage.data_ptr()] = storage  # held, so that nothing else gets its address
        return tensor


@contextmanager
def fake_card(model: Model = RTX_4060_TI) -> Iterator[Card]:
    """Pretend that PyTorch has this card, in this thread; afterwards all is as it was."""
    card = Card(model)
    mode = _CardMode(card)
    with ExitStack() as stack:
        for owner, name, value in _pretences(card):
            stack.enter_context(patch.object(owner, name, value))
        stack.enter_context(mode)
        yield card


def _pretences(card: Card) -> list[tuple[Any, str, Any]]:
    """What PyTorch is made to answer: where, the name, and the answer."""
    model, streams = card.model, card.streams
    properties = SimpleNamespace(
        name=model.name,
        major=model.capability[0],
        minor=model.capability[1],
        total_memory=model.memory_bytes,
        multi_processor_count=34,
        warp_size=32,
    )

    def synchronize(_: object = None) -> None:
        streams.expect_no_capture("waiting for the device")
        streams.host_waits_for(*streams.all)

    def reset_peak(_: object = None) -> None:
        card.peak_bytes = card.used_bytes

    on_cuda: dict[str, Any] = {
        "is_available": lambda: True,
        "is_initialized": lambda: True,
        "device_count": lambda: 1,
        "current_device": lambda: 0,
        "get_device_name": lambda _=None: model.name,
        "get_device_capability": lambda _=None: model.capability,
        "get_device_properties": lambda _=None: properties,
        "get_arch_list": lambda: ["sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120"],
        "is_bf16_supported": lambda including_emulation=True: including_emulation or model.capability >= (8, 0),
        "mem_get_info": lambda _=None: (card.free_bytes, model.memory_bytes),
        "memory_allocated": lambda _=None: card.used_bytes,
        "memory_reserved": lambda _=None: card.held_bytes,
        "max_memory_allocated": lambda _=None: card.peak_bytes,
        "max_memory_reserved": lambda _=None: card.peak_bytes,
        "reset_peak_memory_stats": reset_peak,
        "empty_cache": card.empty_cache,
        "synchronize": synchronize,
        "Stream": lambda device=None, priority=0: Stream(streams),  # noqa: ARG005 (its own names)
        "Event": lambda enable_timing=False, **_: Event(streams, has_timing=enable_timing),
        "CUDAGraph": lambda keep_graph=False: Graph(streams),  # noqa: ARG005
        "stream": streams.entered,
        "current_stream": lambda _=None: streams.current,
        "default_stream": lambda _=None: streams.default,
        "graph_pool_handle": lambda: (0, 1),
        "is_current_stream_capturing": lambda: streams.capture is not None,
    }
    pretences = [(torch.cuda, name, value) for name, value in on_cuda.items()]
    pretences += [(torch.cuda.graph, "default_capture_stream", None), (torch, "Generator", _Generator)]
    pretences += [(torch._C, "_host_emptyCache", lambda: None), (torch.utils._triton, "has_triton", lambda: False)]
    pretences += [(torch, "load", _load_for_real)]
    pretences += [(fake_tensor, "init_gpu_context", lambda _: None)]  # else each tensor would ask for the driver
    return pretences


_load = torch.load


def _load_for_real(*arguments: Any, **named: Any) -> Any:
    """`torch.load`, which gives fake tensors of the CPU otherwise."""
    with fake_tensor.unset_fake_temporarily():
        return _load(*arguments, **named)


class _Generator(torch.Generator):
    """PyTorch's, on any device. An operator is handed another object over the same one in C++, hence `known`."""

    known: ClassVar[weakref.WeakValueDictionary[int, _Generator]] = weakref.WeakValueDictionary()
    _device: torch.device

    def __new__(cls, device: torch.device | str = "cpu") -> _Generator:
        made = super().__new__(cls)
        made._device = torch.device(device)
        cls.known[made._cdata] = made  # pyright: ignore[reportAttributeAccessIssue] (not in PyTorch's stubs)
        return made

    @property
    def device(self) -> torch.device:  # pyright: ignore[reportIncompatibleVariableOverride] (an attribute in C++)
        return self._device


class _CardMode(FakeTensorMode):
    """Sends operators on tensors of the CPU to PyTorch, and all others to the card."""

    avoid_device_init = True  # type: ignore[assignment]  # a property there, that asks whether there is CUDA

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Dynamo is not there to be kept off, which would be done anew for each of ten thousand operators."""
        return False

    def __init__(self, card: Card) -> None:
        super().__init__()
        self.card = card

    def __torch_dispatch__(
        self,
        func: OpOverload,
        types: Sequence[type],
        args: Sequence[object] = (),
        kwargs: Mapping[str, object] | None = None,
    ) -> object:
        if func is torch.ops.prim.device.default and isinstance(args[0], FakeTensor):
            return args[0].fake_device  # asked for more often than anything else
        named = dict(kwargs or {})
        leaves = _leaves((*args, *named.values()))
        is_on_card = any(
            isinstance(leaf, FakeTensor) or (isinstance(leaf, torch.device) and leaf.type == "cuda") for leaf in leaves
        )
        if not is_on_card:
            return self._on_the_host(func, args, named)
        if _is_composite(func):
            with self:  # as PyTorch itself does it, not as a compiler would: in Python, and slowly
                return func._op_dk(DispatchKey.CompositeImplicitAutograd, *args, **named)
        return self._on_the_card(func, types, args, named, leaves)

    def _on_the_host(self, func: OpOverload, args: Sequence[Any], named: dict[str, Any]) -> object:
        if func is aten.lift_fresh.default:
            return args[0]
        if func is aten._pin_memory.default:
            return self.card.pin(args[0].clone())
        is_pinned = named.pop("pin_memory", False)
        made = func(*args, **named)
        return self.card.pin(made) if is_pinned else made

    def _on_the_card(
        self,
        func: OpOverload,
        types: Sequence[type],
        args: Sequence[Any],
        named: dict[str, Any],
        leaves: list[object],
    ) -> object:
        card = self.card
        if func is aten._local_scalar_dense.default:
            return card.ask("asking for a value", (), args[0].dtype).item()
        if func is aten.equal.default:
            return bool(card.ask("comparing two tensors", (), torch.bool))
        if func is aten._to_copy.default and torch.device(named.get("device") or args[0].device).type == "cpu":
            card.streams.run([self._storage(args[0])], [])
            return card.ask("copying to the host", args[0].shape, named.get("dtype") or args[0].dtype)
        if func is aten.copy_.default and not isinstance(args[0], FakeTensor):
            return self._copied_to_host(args[0], args[1], is_late=bool((*args[2:3], named.get("non_blocking"))[0]))
        self._check_host_tensors(func, leaves)
        self._check_generator(func, named, leaves)
        is_copy = func in (aten._to_copy.default, aten.copy_.default) and any(map(_is_of_the_host, leaves))
        is_late = is_copy and bool((*args[2:3], named.get("non_blocking"))[0])
        args, named = (self._all_fake(value) for value in (args, named))
        made = self._followed(func, args, named, self._made(func, types, args, named))
        if is_copy and not is_late:  # of memory of the host, which is waited for
            card.streams.host_waits_for(card.streams.current)
        return made

    def _made(self, func: OpOverload, types: Sequence[type], args: Sequence[Any], named: dict[str, Any]) -> Any:
        """What the operator makes of its arguments. PyTorch finds it out the first time, which takes milliseconds."""
        leaves = _leaves((*args, *named.values()))
        kind = _kind_of(func)
        tensors = [leaf for leaf in leaves if isinstance(leaf, FakeTensor)]
        if (kind.is_view or func is aten._unsafe_view.default) and len(tensors) == 1:
            with fake_tensor.in_kernel_invocation_manager(self):
                made = func(*args, **named)
            return self._over(made, tensors[0].fake_device)
        modes = torch.get_default_dtype(), torch.is_inference_mode_enabled()
        key = (func, modes, *named, *map(_looks_of, args), *map(_looks_of, named.values()))
        looks = _KNOWN.get(key)
        if looks is not None:
            return self._like(looks, leaves)
        made = self.dispatch(func, types, args, named)
        is_reshaped = torch.Tag.inplace_view in func.tags
        looks = None if kind.is_view or is_reshaped else _looks_of_made(made, leaves)
        if looks is not None:
            _KNOWN[key] = looks
        return made

    def _over(self, made: Any, device: torch.device) -> Any:
        if isinstance(made, Tensor):
            return FakeTensor(self, made, device)
        return [self._over(one, device) for one in made]

    def _like(self, looks: _Looks | int | list[Any], leaves: list[Any]) -> Any:
        """Make again what once looked so."""
        if isinstance(looks, int):
            return leaves[looks]
        if isinstance(looks, list):
            return [self._like(one, leaves) for one in looks]
        like = torch.empty_strided(looks.shape, looks.stride, dtype=looks.dtype, device="meta")
        return FakeTensor(self, like, looks.device)

    def _copied_to_host(self, target: Tensor, source: Tensor, *, is_late: bool) -> Tensor:
        card = self.card
        card.streams.run([self._storage(source)], [])
        if is_late and card.is_pinned(target):
            return target.copy_(card.answer(target.shape, target.dtype))
        return target.copy_(card.ask("copying to the host", target.shape, target.dtype))

    def _check_host_tensors(self, func: OpOverload, leaves: list[object]) -> None:
        for leaf in leaves:
            if (
                isinstance(leaf, Tensor)
                and not isinstance(leaf, FakeTensor)
                and leaf.device.type == "cpu"
                and leaf.ndim
            ):
                self.card.streams.expect_no_capture(f"{func} with a tensor of the CPU")

    def _check_generator(self, func: OpOverload, named: dict[str, Any], leaves: list[object]) -> None:
        """Its device is not looked at by fake tensors."""
        for leaf in leaves:
            if not isinstance(leaf, torch._C.Generator):
                continue
            generator = _Generator.known.get(leaf._cdata, leaf)  # pyright: ignore[reportAttributeAccessIssue]
            if generator.device.type != "cuda":
                raise RuntimeError(f"{func}: expected a 'cuda' device type for generator but found 'cpu'")
            capture = self.card.streams.capture
            if capture is not None and generator not in capture.generators:
                raise CaptureError(f"{func}: this generator is not registered with the graph")
        if "generator" in named:
            named["generator"] = None

    def _all_fake(self, value: Any) -> Any:
        """As the card takes it: tensors of the CPU stay there, and are fake."""
        match value:
            case dict():
                return {key: self._all_fake(one) for key, one in value.items()}
            case list() | tuple():
                return type(value)([self._all_fake(one) for one in value])
            case FakeTensor():
                return value
            case Tensor():
                return self.from_tensor(value)
            case torch._C.Generator():
                return None
        return value

    def _followed(self, func: OpOverload, args: Sequence[Any], named: dict[str, Any], made: Any) -> Any:
        """`made`, with its memory counted, and what it was made of held against what streams have waited for."""
        kind = _kind_of(func)
        new = [self._storage(output) for output in _leaves((made,)) if _is_of_the_card(output)]
        if kind.is_view or kind.is_empty:
            return made
        written = list(new)
        read = []
        for place, value in (*enumerate(args), *named.items()):
            of_it = [self._storage(t) for t in _leaves((value,)) if _is_of_the_card(t)]
            (written if place in kind.writes else read).extend(of_it)
        self.card.n_launches += 1
        self.card.streams.run(read, written)
        return made

    def _storage(self, tensor: Tensor) -> Storage:
        """What is known of the tensor's memory; it is the card's until the last tensor over it is gone."""
        card = self.card
        address = tensor.untyped_storage()._cdata
        storage = card.storages.get(address)
        if storage is None:
            n_bytes = tensor.untyped_storage().nbytes()
            card.allocate(n_bytes)
            storage = card.storages[address] = Storage(n_bytes, captured_in=card.streams.capture)
        if id(tensor) not in storage.tensors:

            def gone(_: object, key: int = id(tensor), held: Storage = storage) -> None:
                del held.tensors[key]
                if not held.tensors:
                    held.is_free = True
                    card.used_bytes -= held.n_bytes
                    del card.storages[address]

            storage.tensors[id(tensor)] = weakref.ref(tensor, gone)
        return storage


def _is_of_the_card(value: object) -> TypeGuard[FakeTensor]:
    return isinstance(value, FakeTensor) and value.fake_device.type == "cuda"


def _is_of_the_host(value: object) -> TypeGuard[Tensor]:
    return isinstance(value, Tensor) and not isinstance(value, FakeTensor) and value.device.type == "cpu"


@dataclass(frozen=True)
class _Kind:
    """What an operator does with its arguments, named as they are given: by place or by name."""

    is_view: bool
    is_empty: bool
    writes: frozenset[int | str]


@cache
def _kind_of(func: OpOverload) -> _Kind:
    schema = func._schema
    writes = [
        key
        for place, argument in enumerate(schema.arguments)
        if argument.alias_info is not None and argument.alias_info.is_write
        for key in (place, argument.name)
    ]
    shares = [one.alias_info is not None and not one.alias_info.is_write for one in schema.returns]
    is_empty = "empty" in str(func) or func in (aten.detach.default, aten.lift_fresh.default)
    return _Kind(is_view=any(shares), is_empty=is_empty, writes=frozenset(writes))


@cache
def _is_composite(func: OpOverload) -> bool:
    if func.namespace != "aten":
        return False
    return torch._C._dispatch_has_kernel_for_dispatch_key(func.name(), "CompositeImplicitAutograd")


@dataclass(frozen=True, slots=True)
class _Looks:
    """How a tensor in memory of its own looks."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device


_KNOWN: dict[tuple[object, ...], _Looks | int | list[Any]] = {}
"""What operators made, by the operator and how its arguments looked: of all cards, a few thousand."""


def _looks_of(argument: object) -> object:
    """All of an argument that decides how what is made of it will look."""
    if isinstance(argument, FakeTensor):
        return argument.shape, argument.stride(), argument.dtype, argument.fake_device, argument.is_inference()
    if isinstance(argument, (list, tuple)):
        return tuple(map(_looks_of, argument))
    return type(argument), argument  # 1 and 1.0 are equal


def _looks_of_made(made: Any, leaves: list[Any]) -> _Looks | int | list[Any] | None:
    """How it looks, or which of the arguments it is, by place; None where another time may be unlike this one."""
    if isinstance(made, (list, tuple)):
        found = [_looks_of_made(one, leaves) for one in made]
        return None if None in found else found
    if not isinstance(made, FakeTensor) or made.constant is not None:
        return None
    memory = made.untyped_storage()._cdata
    for place, leaf in enumerate(leaves):
        if leaf is made:
            return place
        if isinstance(leaf, FakeTensor) and leaf.untyped_storage()._cdata == memory:
            return None
    return None if made.storage_offset() else _Looks(tuple(made.shape), made.stride(), made.dtype, made.fake_device)


def _leaves(values: Sequence[object]) -> list[object]:
    found: list[object] = []
    for value in values:
        if isinstance(value, (list, tuple)):
            found += _leaves(value)
        else:
            found.append(value)
    return found
