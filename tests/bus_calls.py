"""A method call on a session bus, from outside."""

from __future__ import annotations

import asyncio
from typing import Any

from dbus_fast import Message, MessageType, unpack_variants
from dbus_fast.aio import MessageBus


class BusError(Exception):
    """The other side said no, or is not there."""


def call(address: str, service: str, path: str, method: str, signature: str = "", *arguments: Any) -> list[Any]:
    """What `method`, its interface before it, answers. Raises `BusError`."""

    async def ask() -> list[Any]:
        bus = await MessageBus(bus_address=address).connect()
        interface, _, member = method.rpartition(".")
        try:
            reply = await bus.call(
                Message(
                    destination=service,
                    path=path,
                    interface=interface,
                    member=member,
                    signature=signature,
                    body=list(arguments),
                )
            )
        finally:
            bus.disconnect()
            await bus.wait_for_disconnect()
        assert reply is not None
        if reply.message_type is not MessageType.METHOD_RETURN:
            raise BusError(*reply.body)
        return unpack_variants(reply.body)

    return asyncio.run(ask())


def get_property(address: str, service: str, path: str, interface: str, name: str) -> Any:
    """Raises `BusError`."""
    return call(address, service, path, "org.freedesktop.DBus.Properties.Get", "ss", interface, name)[0]
