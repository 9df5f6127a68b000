"""Run as a program: one side of a desktop portal for global shortcuts.

`backend` is what a desktop such as KDE puts behind the real xdg-desktop-portal; `portal` is a fake in that portal's
place, with the registry that only newer ones have. Words after the role change what it does: `decline` (the user says
no), `listed` (the desktop remembers all shortcuts).

Each call it gets is a JSON line on stdout: [member, arguments]. Each line on stdin is a JSON array of what to signal:
["Activated", action], ["ShortcutsChanged", {action: keys}] or ["Closed"].
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import Any

from dbus_fast import Message, MessageType, Variant, unpack_variants
from dbus_fast.aio import MessageBus

IMPL = "org.freedesktop.impl.portal.GlobalShortcuts"
SHORTCUTS = "org.freedesktop.portal.GlobalShortcuts"
NAMES = {"backend": "org.freedesktop.impl.portal.desktop.mock", "portal": "org.freedesktop.portal.Desktop"}
PATH = "/org/freedesktop/portal/desktop"
ACTIONS = ("read_selection", "read_clipboard", "pause_resume", "stop")


def tell(member: str, arguments: Any) -> None:
    sys.stdout.write(json.dumps([member, arguments]) + "\n")
    sys.stdout.flush()


def described(shortcuts: list[Any]) -> Variant:
    """As a desktop does: the requested trigger in its own words; a key it does not know stays without one."""
    answer = []
    for name, properties in shortcuts:
        requested = properties["preferred_trigger"].value if "preferred_trigger" in properties else ""
        answer.append([name, {"trigger_description": Variant("s", f"press {requested}" if requested else "")}])
    return Variant("a(sa{sv})", answer)


class Side:
    """What both roles have in common: `answer` gives (signature, body) to a call, or None to one it does not know."""

    def __init__(self, bus: MessageBus, ways: set[str]) -> None:
        self.bus = bus
        self.ways = ways
        self.session = ""
        self.client: str | None = None  # the connection that signals go to; None for all
        self.interface = IMPL

    def handle(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path in (None, "/"):
            return None
        if message.member == "GetAll":
            return Message.new_method_return(message, "a{sv}", [{"version": Variant("u", 1)}])
        answer = self.answer(message, message.member or "", message.body)
        if answer is None:
            error = "org.freedesktop.DBus.Error.UnknownMethod"
            return Message.new_error(message, error, f"No method {message.member}")
        tell(message.member or "", unpack_variants(message.body))
        return Message.new_method_return(message, *answer)

    def answer(self, message: Message, member: str, body: list[Any]) -> tuple[str, list[Any]] | None:
        raise NotImplementedError

    def results(self, member: str, shortcuts: list[Any]) -> list[Any]:
        """[response code, results] of a request."""
        if member == "BindShortcuts":
            code = 1 if "decline" in self.ways else 0
            return [code, {} if code else {"shortcuts": described(shortcuts)}]
        if member == "ListShortcuts":
            trigger = {"trigger_description": Variant("s", "as remembered")}
            known = [[name, trigger] for name in ACTIONS] if "listed" in self.ways else []
            return [0, {"shortcuts": Variant("a(sa{sv})", known)}]
        return [0, {}]

    def signal(self, interface: str, path: str, member: str, signature: str, body: list[Any]) -> None:
        message = Message.new_signal(path, interface, member, signature, body)
        message.destination = self.client
        self.bus.send(message)

    def command(self, line: str) -> None:
        kind, *arguments = json.loads(line)
        if kind == "Activated":
            self.signal(self.interface, PATH, kind, "osta{sv}", [self.session, arguments[0], 1, {}])
        elif kind == "ShortcutsChanged":
            shortcuts = [[name, {"trigger_description": Variant("s", keys)}] for name, keys in arguments[0].items()]
            self.signal(self.interface, PATH, kind, "oa(sa{sv})", [self.session, shortcuts])
        elif self.interface == IMPL:
            self.signal("org.freedesktop.impl.portal.Session", self.session, "Closed", "", [])
        else:
            self.signal("org.freedesktop.portal.Session", self.session, "Closed", "a{sv}", [{}])


class Backend(Side):
    def answer(self, message: Message, member: str, body: list[Any]) -> tuple[str, list[Any]] | None:
        if message.interface == IMPL:
            self.session = body[1]
            return "ua{sv}", self.results(member, body[2] if member == "BindShortcuts" else [])
        if message.interface == "org.freedesktop.impl.portal.Session":
            return "", []
        return None


class Portal(Side):
    def __init__(self, bus: MessageBus, ways: set[str]) -> None:
        super().__init__(bus, ways)
        self.interface = SHORTCUTS

    def answer(self, message: Message, member: str, body: list[Any]) -> tuple[str, list[Any]] | None:
        self.client = message.sender
        if member in ("Register", "Close"):
            return "", []
        if message.interface != SHORTCUTS:
            return None
        options = body[-1]
        caller = (message.sender or "").lstrip(":").replace(".", "_")
        request = f"{PATH}/request/{caller}/{options['handle_token'].value}"
        code, results = self.results(member, body[1] if member == "BindShortcuts" else [])
        if member == "CreateSession":
            self.session = f"{PATH}/session/{caller}/{options['session_handle_token'].value}"
            results = {"session_handle": Variant("s", self.session)}
        # before the reply, as the specification allows
        self.signal("org.freedesktop.portal.Request", request, "Response", "ua{sv}", [code, results])
        return "o", [request]


async def main(role: str, *ways: str) -> None:
    bus = await MessageBus().connect()
    side = (Backend if role == "backend" else Portal)(bus, set(ways))
    bus.add_message_handler(side.handle)
    await bus.request_name(NAMES[role])
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    tell("ready", [])
    while line := await lines.readline():
        side.command(line.decode())
    bus.disconnect()
    await bus.wait_for_disconnect()


asyncio.run(main(*sys.argv[1:]))
