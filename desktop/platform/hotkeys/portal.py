"""Binds hotkeys on Wayland by the desktop's GlobalShortcuts portal, over D-Bus.

The desktop decides which keys are bound and may ask the user, so a binding shows what it chose, which may be
something else.
dbus-fast talks to it from an asyncio loop in a thread: QtDBus cannot write the type `a(sa{sv})`.
"""

from __future__ import annotations

import asyncio
import itertools
import secrets
import threading
from collections.abc import Callable, Mapping
from typing import Any

from dbus_fast import BusType, DBusFastError, Message, MessageType, Variant
from dbus_fast.aio import MessageBus
from PySide6.QtCore import QObject, Qt, Signal

from desktop.common.paths import APP_ID
from desktop.platform.hotkeys.harm import parse_hotkey
from desktop.platform.hotkeys.keys import KeysError
from desktop.platform.hotkeys.protocol import Action, Binding, Hotkeys

PORTAL = "org.freedesktop.portal.Desktop"
PORTAL_PATH = "/org/freedesktop/portal/desktop"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
REGISTRY = "org.freedesktop.host.portal.Registry"
REQUEST = "org.freedesktop.portal.Request"
SESSION = "org.freedesktop.portal.Session"
BUS = "org.freedesktop.DBus"

REMEDY = "Give the command `lectern read --selection` a key in the desktop's own settings."
CLOSE_LIMIT_S = 2

_DESCRIPTIONS = {
    Action.READ_SELECTION: "Read the selected text aloud",
    Action.READ_CLIPBOARD: "Read the clipboard aloud",
    Action.PAUSE_RESUME: "Pause or resume reading aloud",
    Action.STOP: "Stop reading aloud",
}


class PortalError(Exception):
    """Reports that the desktop refused `call`; `name` is D-Bus's name of the error, or "" for an answer that says
    no."""

    def __init__(self, call: str, name: str, text: str) -> None:
        super().__init__(f"{call}: {name} {text}")
        self.call = call
        self.name = name
        self.text = text

    def __str__(self) -> str:
        if self.name.endswith((".ServiceUnknown", ".NameHasNoOwner")):
            return f"This desktop has no portal, which other programs' hotkeys come through on Wayland. {REMEDY}"
        if self.name.endswith((".UnknownInterface", ".UnknownMethod", ".InvalidArgs")) and self.call != "BindShortcuts":
            return f"This desktop's portal has no global shortcuts. {REMEDY}"
        return f"The desktop did not allow hotkeys ({self.text or self.name}). {REMEDY}"


class PortalHotkeys(Hotkeys):
    _pressed_in_loop = Signal(object)
    _bound_in_loop = Signal(int, object)

    def __init__(self, parent: QObject | None = None, app_id: str = APP_ID) -> None:
        super().__init__(parent)
        self._keys: dict[Action, str] = {}
        self._round = 0  # which `bind` an answer belongs to
        self._is_closed = False
        self._pressed_in_loop.connect(self._emit_pressed, Qt.ConnectionType.QueuedConnection)
        self._bound_in_loop.connect(self._emit_bound, Qt.ConnectionType.QueuedConnection)
        self._loop = asyncio.new_event_loop()
        self._client = _Client(app_id, self._pressed_in_loop.emit, self._bound_in_loop.emit)
        self._thread = threading.Thread(target=self._run_loop, name="portal hotkeys", daemon=True)
        self._thread.start()

    def bind(self, keys: Mapping[Action, str]) -> None:
        self._round += 1
        self._keys = dict(keys)
        wanted = {action: text for action, text in keys.items() if text}
        self._loop.call_soon_threadsafe(self._client.start_round, self._round, wanted)

    def close(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(CLOSE_LIMIT_S)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()
        self._loop.run_until_complete(self._client.close())
        self._loop.close()

    def _emit_pressed(self, action: Action) -> None:
        if not self._is_closed:
            self.pressed.emit(action)

    def _emit_bound(self, round_number: int, answer: dict[Action, str] | str) -> None:
        """`answer`: the keys of each action that got some, or why there are none."""
        if self._is_closed or round_number != self._round:
            return
        bindings = {}
        for action, text in self._keys.items():
            if not text:
                bindings[action] = Binding("")
            elif isinstance(answer, str):
                bindings[action] = Binding(text, answer)
            elif answer.get(action):
                bindings[action] = Binding(answer[action])
            else:
                bindings[action] = Binding("", "The desktop gave this no key. Choose one in the desktop's settings.")
        self.bound.emit(bindings)


class _Client:
    """The portal's side: one connection, one session at a time. Lives in the loop's thread."""

    def __init__(
        self, app_id: str, pressed: Callable[[Action], None], bound: Callable[[int, dict[Action, str] | str], None]
    ) -> None:
        self._app_id = app_id
        self._on_pressed = pressed
        self._on_bound = bound
        self._bus: MessageBus | None = None
        self._session = ""
        self._round: tuple[int, dict[Action, str]] = (0, {})
        self._task: asyncio.Task[None] | None = None
        self._responses: dict[str, asyncio.Future[list[Any]]] = {}  # by the request's path
        self._tokens = (f"lectern{secrets.token_hex(4)}_{n}" for n in itertools.count())

    def start_round(self, number: int, wanted: dict[Action, str]) -> None:
        """Bind `wanted` in a session of its own, in the place of what went before."""
        self._round = (number, wanted)
        before, self._task = self._task, asyncio.ensure_future(self._bind_round(self._task))
        if before is not None:
            before.cancel()

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._bus is not None:
            self._bus.disconnect()  # the portal ends the sessions of a client that leaves
            await self._bus.wait_for_disconnect()

    async def _bind_round(self, before: asyncio.Task[None] | None) -> None:
        if before is not None:
            await asyncio.gather(before, return_exceptions=True)
        number, wanted = self._round
        try:
            if self._bus is None:
                self._bus = await self._connect()
            await self._end_session()
            if wanted:
                self._on_bound(number, await self._bind(self._bus, wanted))
            else:
                self._on_bound(number, {})
        except PortalError as error:
            self._on_bound(number, str(error))
        except (DBusFastError, OSError, EOFError) as error:
            self._bus = None
            self._on_bound(number, f"The session bus cannot be reached ({error}). {REMEDY}")

    async def _connect(self) -> MessageBus:
        """A connection that hears the portal's signals and is registered with it, or none that is left open."""
        bus = MessageBus(bus_type=BusType.SESSION)
        # WORKAROUND: dbus-fast forgets its socket when connecting is cancelled, so it is let finish
        connecting = asyncio.ensure_future(bus.connect())
        try:
            await asyncio.shield(connecting)
            await self._introduce(bus)
        except BaseException:
            await asyncio.wait([connecting])
            if connecting.exception() is None:
                bus.disconnect()
                await bus.wait_for_disconnect()
            raise
        return bus

    async def _introduce(self, bus: MessageBus) -> None:
        bus.add_message_handler(self._signal_received)
        rules = (
            f"type='signal',sender='{PORTAL}'",
            f"type='signal',sender='{BUS}',member='NameOwnerChanged',arg0='{PORTAL}'",
        )
        for rule in rules:
            await _call(bus, BUS, "/org/freedesktop/DBus", BUS, "AddMatch", "s", [rule])
        try:  # portals before 1.20 have no registry, and know an application that is not sandboxed by its systemd unit
            await _call(bus, PORTAL, PORTAL_PATH, REGISTRY, "Register", "sa{sv}", [self._app_id, {}])
        except PortalError as error:
            if error.name.endswith((".ServiceUnknown", ".NameHasNoOwner")):
                raise

    async def _bind(self, bus: MessageBus, wanted: dict[Action, str]) -> dict[Action, str]:
        """The keys that the desktop gave each action, in its own words."""
        options = {"session_handle_token": Variant("s", next(self._tokens))}
        results = await self._request(bus, "CreateSession", "a{sv}", [options])
        self._session = str(results["session_handle"].value)
        listed = await self._request(bus, "ListShortcuts", "oa{sv}", [self._session, {}])
        keys = _keys_given(listed)
        if not wanted.keys() <= keys.keys():
            shortcuts = [[str(action), _properties(action, text)] for action, text in wanted.items()]
            body = [self._session, shortcuts, "", {}]
            keys = _keys_given(await self._request(bus, "BindShortcuts", "oa(sa{sv})sa{sv}", body))
        return keys

    async def _request(self, bus: MessageBus, member: str, signature: str, body: list[Any]) -> dict[str, Any]:
        """Call a method that answers by a Response signal, which may come before the call's own reply."""
        token = next(self._tokens)
        sender = (bus.unique_name or "").lstrip(":").replace(".", "_")
        path = f"{PORTAL_PATH}/request/{sender}/{token}"
        response: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        self._responses[path] = response
        body[-1] = {**body[-1], "handle_token": Variant("s", token)}
        try:
            reply = await _call(bus, PORTAL, PORTAL_PATH, SHORTCUTS, member, signature, body)
            self._responses[reply[0]] = response  # portals before 0.9 choose the path themselves
            code, results = await response
        finally:
            self._responses = {path: other for path, other in self._responses.items() if other is not response}
        if code != 0:
            raise PortalError(member, "", "it was declined" if code == 1 else f"{member} failed")
        return results

    async def _end_session(self) -> None:
        session, self._session = self._session, ""
        if session and self._bus is not None:
            try:
                await _call(self._bus, PORTAL, session, SESSION, "Close", "", [])
            except PortalError:
                return  # it ended by itself, or with its portal

    def _signal_received(self, message: Message) -> None:
        if message.message_type is not MessageType.SIGNAL:
            return
        kind = (message.interface, message.member)
        body = message.body
        if kind == (REQUEST, "Response"):
            response = self._responses.get(message.path or "")
            if response is not None and not response.done():
                response.set_result(body)
        elif kind == (SHORTCUTS, "Activated") and body[0] == self._session:
            action = next((action for action in self._round[1] if action == body[1]), None)
            if action is not None:
                self._on_pressed(action)
        elif kind == (SHORTCUTS, "ShortcutsChanged") and body[0] == self._session:
            self._on_bound(self._round[0], _keys_given({"shortcuts": Variant("a(sa{sv})", body[1])}))
        elif kind == (SESSION, "Closed") and message.path == self._session:
            self._session = ""
            self._on_bound(self._round[0], f"The desktop ended Lectern's hotkeys. {REMEDY}")
        elif kind == (BUS, "NameOwnerChanged") and body[0] == PORTAL:
            self._owner_changed(old=body[1], new=body[2])

    def _owner_changed(self, old: str, new: str) -> None:
        """The portal restarted, as it does with an update: it knows nothing of us any more."""
        if old:
            self._session = ""
            for response in self._responses.values():
                if not response.done():
                    response.set_exception(PortalError("", f"{BUS}.Error.NameHasNoOwner", ""))
        if new and self._round[0] and (old or self._task is None or self._task.done()):
            if self._bus is not None:
                self._bus.disconnect()  # a name is registered once for a connection
                self._bus = None
            self.start_round(*self._round)


async def _call(
    bus: MessageBus, destination: str, path: str, interface: str, member: str, signature: str, body: list[Any]
) -> list[Any]:
    """A method's reply. Raises `PortalError`."""
    message = Message(
        destination=destination, path=path, interface=interface, member=member, signature=signature, body=body
    )
    reply = await bus.call(message)
    if reply.message_type is MessageType.ERROR:
        raise PortalError(member, reply.error_name or "", str(reply.body[0]) if reply.body else "")
    return reply.body


def _properties(action: Action, text: str) -> dict[str, Variant]:
    properties = {"description": Variant("s", _DESCRIPTIONS[action])}
    try:
        properties["preferred_trigger"] = Variant("s", parse_hotkey(text).portal_trigger)
    except KeysError:
        return properties  # only a preference: the desktop asks the user
    return properties


def _keys_given(results: Mapping[str, Any]) -> dict[Action, str]:
    """From the `a(sa{sv})` of a Response; an action without a key has ""."""
    shortcuts = results["shortcuts"].value if "shortcuts" in results else []
    known = {str(action): action for action in Action}
    return {
        known[name]: str(properties["trigger_description"].value) if "trigger_description" in properties else ""
        for name, properties in shortcuts
        if name in known
    }
