"""Run as a program: the StatusNotifierWatcher of a desktop whose panel shows tray icons over D-Bus.

Prints the bus name of the item that registers. Each line on stdin is a method of that item to call: "Activate" is
what a click does. Prints "TITLE STATUS" of the item as the answer to "Show".
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

WATCHER, WATCHER_PATH = "org.kde.StatusNotifierWatcher", "/StatusNotifierWatcher"
ITEM, ITEM_PATH = "org.kde.StatusNotifierItem", "/StatusNotifierItem"
PROPERTIES = {
    "IsStatusNotifierHostRegistered": Variant("b", True),
    "ProtocolVersion": Variant("i", 0),
    "RegisteredStatusNotifierItems": Variant("as", []),
}
INTROSPECTION = f"""<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
<node><interface name="{WATCHER}">
<method name="RegisterStatusNotifierItem"><arg name="service" type="s" direction="in"/></method>
<method name="RegisterStatusNotifierHost"><arg name="service" type="s" direction="in"/></method>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
</interface></node>"""


def tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


class Watcher:
    def __init__(self) -> None:
        self.item = ""

    def answer(self, message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != WATCHER_PATH:
            return None
        match message.member, message.body:
            case "Introspect", _:
                return Message.new_method_return(message, "s", [INTROSPECTION])
            case "Get", [_, name]:
                return Message.new_method_return(message, "v", [PROPERTIES[name]])
            case "GetAll", _:
                return Message.new_method_return(message, "a{sv}", [PROPERTIES])
            case "RegisterStatusNotifierItem", [service]:
                self.item = message.sender if service.startswith("/") else service
                tell(self.item)
                return Message.new_method_return(message)
        return None


async def call(bus: MessageBus, item: str, interface: str, member: str, signature: str, body: list[Any]) -> list[Any]:
    request = Message(
        destination=item, path=ITEM_PATH, interface=interface, member=member, signature=signature, body=body
    )
    reply = await bus.call(request)
    assert reply is not None
    assert reply.message_type is MessageType.METHOD_RETURN, reply.body
    return reply.body


async def main() -> None:
    bus = await MessageBus().connect()
    watcher = Watcher()
    bus.add_message_handler(watcher.answer)
    await bus.request_name(WATCHER)
    tell("ready")
    while line := (await asyncio.to_thread(sys.stdin.readline)).strip():
        if line == "Show":
            title, status = [
                (await call(bus, watcher.item, "org.freedesktop.DBus.Properties", "Get", "ss", [ITEM, name]))[0].value
                for name in ("Title", "Status")
            ]
            tell(f"{title} {status}")
        else:
            await call(bus, watcher.item, ITEM, line, "ii", [0, 0])
            tell("called")


if __name__ == "__main__":
    asyncio.run(main())
