"""The QThread that owns the engines: the only thing the window talks to about speech."""

from __future__ import annotations

import logging
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, QThread, Signal, SignalInstance

import engine
import engine.registry
from desktop.common.state import EngineView
from desktop.speech.clients import Client
from desktop.speech.slot import computer_slept_s
from desktop.speech.slots import EngineSpec
from desktop.speech.supervisor import EngineSupervisor
from desktop.speech.turns import Turn
from engine import EngineSetup, EngineStatus, SpeechRequest
from engine.host import HostLimits
from engine.opening import Opener

_Order = Callable[[EngineSupervisor], None]


class EngineThread(QThread):
    """Owns the engines. Its methods are called from the GUI thread and never wait. Connect its signals to methods of
    QObjects, so that they arrive on the GUI thread.

    Only one reading is made at a time, that of the last `speak`. From the moment it is cancelled or replaced
    no signal with its epoch is emitted; what is already on its way to the GUI thread bears its epoch.
    """

    event_made = Signal(int, object)
    """(epoch, SpeechEvent)"""
    reading_began = Signal(int, str)
    """(epoch, the name of the engine that speaks); once more when another engine takes over, or the same again."""
    reading_ended = Signal(int)
    """(epoch): all is generated, though not all is heard."""
    reading_failed = Signal(int, object)
    """(epoch, EngineError)"""
    engine_changed = Signal(object)
    """EngineView of the engine that is to speak"""
    waiting_changed = Signal(object)
    """The turns (`desktop/speech/turns.py`) of those clients that wait"""

    def __init__(
        self,
        parent: QObject | None = None,
        *,
        limits: HostLimits | None = None,
        opener_of: Callable[[str, EngineSetup], Opener] = engine.registry.opener_of,
        clock_s: Callable[[], float] = time.monotonic,
        slept_s: Callable[[], float] = computer_slept_s,
    ) -> None:
        super().__init__(parent)
        self._news = threading.Event()
        self._make_supervisor = partial(
            EngineSupervisor,
            self,
            self._news,
            limits=limits,
            opener_of=opener_of,
            clock_s=clock_s,
            slept_s=slept_s,
        )
        self._orders: deque[_Order] = deque()
        self._is_stopping = False
        self._lock = threading.RLock()  # an emission holds it, and a slot connected directly may cancel
        self._epoch: int | None = None
        self._status = EngineStatus("", "", "")
        self._has_codec = False

    # --- from the GUI thread

    def load(self, spec: EngineSpec, start: bool = True) -> None:
        """Start `spec`'s engine and warm it up, or without `start` do so when it is first needed."""
        self._has_codec = engine.registry.engine_named(spec.engine).capabilities.clones
        self._order(lambda supervisor: supervisor.load(spec, start))

    def speak(self, epoch: int, request: SpeechRequest, first_segment: int = 0) -> None:
        """Speak `request` from its segment `first_segment` on, instead of what was asked for before."""
        with self._lock:
            self._epoch = epoch
        self._order(lambda supervisor: supervisor.speak(epoch, request, first_segment))

    def cancel(self, epoch: int) -> None:
        with self._lock:
            if self._epoch == epoch:
                self._epoch = None
        self._order(lambda supervisor: supervisor.cancel(epoch))

    def set_backlog_s(self, epoch: int, ahead_s: float, heard_segment: int | None = None) -> None:
        """Note that so many seconds of the reading are generated and unheard, while this segment is heard: more than 60
        hold the generation."""
        self._order(lambda supervisor: supervisor.set_backlog_s(epoch, ahead_s, heard_segment))

    def unload(self) -> None:
        """Give the engines' memory back, once what they are speaking is all generated."""
        self._order(EngineSupervisor.unload)

    # --- for clients, from any thread

    def add_client(self, client: Client) -> None:
        """Let `client` have its turn; see `desktop/speech/clients.py`. Clients are gone before the thread is shut
        down."""
        self._order(lambda supervisor: supervisor.add_client(client))

    def remove_client(self, client: Client) -> None:
        self._order(lambda supervisor: supervisor.remove_client(client))

    def note_room(self) -> None:
        self._news.set()

    def engine_status(self) -> EngineStatus:
        """Return that of the engine that is to speak, as it was when the thread last had something to do."""
        return self._status

    def has_codec(self) -> bool:
        return self._has_codec

    def shut_down(self) -> None:
        """End the engines and the thread; `wait()` for it."""
        with self._lock:
            self._epoch = None
        self._is_stopping = True
        self._news.set()

    def _order(self, order: _Order) -> None:
        self._orders.append(order)
        self._news.set()

    # --- on the thread

    def run(self) -> None:
        while not self._is_stopping:
            supervisor, error = self._make_supervisor(), None
            try:
                self._work(supervisor)
            except Exception:  # noqa: BLE001  the top of the engine thread: speech fails, the application does not
                error = engine.HostError("raised", traceback.format_exc())
                self._give_up(error)
            finally:
                supervisor.close(error)

    def _work(self, supervisor: EngineSupervisor) -> None:
        while not self._is_stopping:
            self._news.clear()
            while self._orders:
                self._orders.popleft()(supervisor)
            patience_s = supervisor.step()
            self._status = supervisor.status()
            if patience_s != 0.0:
                self._news.wait(patience_s)

    def _give_up(self, error: engine.HostError) -> None:
        logging.getLogger(__name__).error("the engine thread begins anew: %s", error.detail)
        with self._lock:
            epoch = self._epoch
        if epoch is not None:
            self.on_failure(epoch, error)

    # --- what the supervisor says of the person's reading

    def on_event(self, epoch: int, event: object) -> None:
        self._emit(epoch, self.event_made, event)

    def on_begin(self, epoch: int, speaker: str) -> None:
        self._emit(epoch, self.reading_began, speaker)

    def on_end(self, epoch: int) -> None:
        self._emit(epoch, self.reading_ended)

    def on_failure(self, epoch: int, error: engine.EngineError) -> None:
        self._emit(epoch, self.reading_failed, error)

    def on_engine(self, view: EngineView) -> None:
        self.engine_changed.emit(view)

    def on_waiting(self, turns: tuple[Turn, ...]) -> None:
        self.waiting_changed.emit(turns)

    def _emit(self, epoch: int, signal: SignalInstance, *values: object) -> None:
        """Emit `signal`, unless nobody wants to hear of `epoch` any more."""
        with self._lock:
            if epoch == self._epoch:
                signal.emit(epoch, *values)
