"""The slots of all engines, by name: the one that is to speak, the bridge until it does, and others whose voices are
asked for. No Qt here."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from threading import Event

from desktop.common.messages import explain
from desktop.common.state import EnginePhase, EngineView
from desktop.speech.slot import EngineSlot, SlotPhase
from engine import EngineSetup, EngineStatus, SpeechRequest, Voice
from engine.host import EngineProcess, HostLimits, Work
from engine.opening import Opener
from engine.registry import always_there, engine_named, engine_of_voice


@dataclass(frozen=True, slots=True)
class EngineSpec:
    """Says which engine is to speak, opened with `setup`. An engine is unloaded `idle_minutes` after its last sound
    (`inf`: never), unless it is the one that is always there. With `bridges` that one reads while another is loading
    or has failed."""

    engine: str = field(default_factory=lambda: always_there().name)
    setup: EngineSetup = field(default_factory=EngineSetup)
    idle_minutes: float = 10.0
    bridges: bool = True


class EngineSlots:
    """Keeps a slot for each engine that was asked for, and opens engines as `spec` says."""

    def __init__(
        self,
        news: Event,
        limits: HostLimits,
        opener_of: Callable[[str, EngineSetup], Opener],
        clock_s: Callable[[], float],
        slept_s: Callable[[], float],
    ) -> None:
        self.spec = EngineSpec()
        self._news, self._limits, self._opener_of = news, limits, opener_of
        self._clock_s, self._slept_s = clock_s, slept_s
        self._by_name: dict[str, EngineSlot] = {}

    def take_spec(self, spec: EngineSpec) -> tuple[EngineSlot, ...]:
        """Go by `spec` from now on; return the slots whose engines it makes void."""
        before, self.spec = self.spec, spec
        return tuple(
            slot for slot in self.others() if before.setup != spec.setup or (slot.name == before.engine != spec.engine)
        )

    @property
    def main(self) -> EngineSlot:
        """That of the engine that is to speak."""
        return self.named(self.spec.engine)

    @property
    def bridge(self) -> EngineSlot:
        """That of the engine that is always there."""
        return self.named(always_there().name)

    def named(self, name: str) -> EngineSlot:
        """Return the slot of the engine `name`, which may be empty."""
        if name not in self._by_name:
            self._by_name[name] = EngineSlot(
                name, lambda opener: EngineProcess(opener, self._limits, self._news), self._clock_s, self._slept_s
            )
        return self._by_name[name]

    def all(self) -> tuple[EngineSlot, ...]:
        """List the slots that were asked for so far."""
        return tuple(self._by_name.values())

    def others(self) -> tuple[EngineSlot, ...]:
        """List those but the bridge."""
        bridge = self.bridge
        return tuple(slot for slot in self.all() if slot is not bridge)

    def wanted_for(self, request: SpeechRequest | Work) -> EngineSlot:
        """Return that of the engine whose voice is asked for, else of the one that is to speak."""
        own = engine_of_voice(request.voice.name) if isinstance(request, SpeechRequest) else None
        return self.main if own is None else self.named(own.name)

    def open(self, slot: EngineSlot) -> None:
        slot.open(self._opener_of(slot.name, self.spec.setup))

    def are_starting(self) -> bool:
        """Tell whether an engine is about to become ready."""
        return any(slot.phase in (SlotPhase.STARTING, SlotPhase.CHECKING) for slot in self.all())

    def idle_left_s(self, slot: EngineSlot) -> float:
        """Tell after how many seconds the engine of `slot` is to be unloaded; infinite where none is ready."""
        if slot.phase is not SlotPhase.READY:
            return math.inf
        return slot.used_s + 60 * self.spec.idle_minutes - self._clock_s()

    def status(self) -> EngineStatus:
        """Return that of the engine that is to speak, whether it is open or not."""
        if self.main.is_usable:
            return self.main.status
        setup = self.spec.setup
        return EngineStatus(engine_named(self.spec.engine).display_name, setup.device, setup.precision)

    def view(self) -> EngineView:
        """Make what windows show of the engine that is to speak."""
        entry = engine_named(self.spec.engine)
        if entry.name == always_there().name:
            return EngineView(EnginePhase.ABSENT, lacks=self.bridge.status.how if self.bridge.is_usable else "")
        slot, name = self.main, entry.display_name
        match slot.phase:
            case SlotPhase.EMPTY:
                return EngineView(EnginePhase.UNLOADED, name=name)
            case SlotPhase.STARTING:
                progress, now_s = slot.progress, time.monotonic()
                done, left_s = progress.fraction_at(now_s), progress.left_at(now_s)
                return EngineView(EnginePhase.STARTING, done, left_s=left_s, name=name)
            case SlotPhase.CHECKING | SlotPhase.READY:
                status = slot.status
                return EngineView(
                    EnginePhase.READY,
                    device=status.device,
                    memory_bytes=status.memory_bytes,
                    peak_memory_bytes=status.peak_memory_bytes,
                    speed=None if slot.speed is None else round(slot.speed, 1),
                    name=name,
                )
            case SlotPhase.FAILED:
                assert slot.problem is not None
                return EngineView(EnginePhase.FAILED, problem=explain(slot.problem), name=name)


def request_for(slot: EngineSlot, request: SpeechRequest) -> SpeechRequest:
    """Return `request` without a voice that the engine of `slot` does not know: of another engine's, or of a person's
    where it clones none."""
    entry, own = engine_named(slot.name), engine_of_voice(request.voice.name)
    is_known = entry.capabilities.clones if own is None else own == entry
    return request if is_known else replace(request, voice=Voice())
