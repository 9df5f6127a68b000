"""Shows notifications through the desktop's own service (org.freedesktop.Notifications 1.2). Where there is none, as on
Windows, `not_shown` says so: the tray icon's message is for there."""

from __future__ import annotations

import asyncio
import html
import logging
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from desktop.common.paths import APP_ID

if TYPE_CHECKING:  # it is there on Linux only, and loaded with the first notification
    from dbus_fast.aio import MessageBus

LIMIT_S = 2.0
SERVICE = "org.freedesktop.Notifications"
PATH = "/org/freedesktop/Notifications"

_log = logging.getLogger(__name__)


class Notifier(QObject):
    """Shows one notification at a time: a new one takes the place of the one before. No method blocks.

    dbus-fast in a thread does the work, since QtDBus cannot write the unsigned number that the call needs.
    """

    not_shown = Signal(str, str)
    """Title and words that no service took. From the worker's thread."""

    def __init__(self, icon: str = APP_ID) -> None:
        super().__init__()
        self._icon = icon
        self._last_id = 0  # the worker's only
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="notifications")
        self._is_closed = False

    def notify(self, title: str, body: str) -> Future[bool]:
        """Show it; the future says whether the desktop took it, for whoever wants to know. What still happens while
        the application ends is shown nowhere."""
        if self._is_closed:
            shown = Future[bool]()
            shown.set_result(False)
            return shown
        return self._worker.submit(self._show, title, body)

    def close(self) -> None:
        self.blockSignals(True)
        self._is_closed = True
        self._worker.shutdown(wait=False, cancel_futures=True)

    def _show(self, title: str, body: str) -> bool:
        was_shown = asyncio.run(self._notify(title, body))
        if not was_shown:
            self.not_shown.emit(title, body)
        return was_shown

    async def _notify(self, title: str, body: str) -> bool:
        try:
            from dbus_fast import DBusFastError
            from dbus_fast.aio import MessageBus
        except ModuleNotFoundError:
            return False
        try:
            async with asyncio.timeout(LIMIT_S):
                bus = await MessageBus().connect()
                try:
                    return await self._send(bus, title, body)
                finally:
                    bus.disconnect()
        except (DBusFastError, OSError, EOFError, TimeoutError) as error:
            _log.info("no notification: %s", error)
            return False

    async def _send(self, bus: MessageBus, title: str, body: str) -> bool:
        from dbus_fast import Variant

        capabilities = await _call(bus, "GetCapabilities", "", [])
        if capabilities is None:
            return False
        text = html.escape(body, quote=False) if "body-markup" in capabilities[0] else body
        hints = {"desktop-entry": Variant("s", APP_ID), "urgency": Variant("y", 1)}
        arguments = ["Lectern", self._last_id, self._icon, title, text, [], hints, -1]
        reply = await _call(bus, "Notify", "susssasa{sv}i", arguments)
        if reply is None:
            return False
        self._last_id = reply[0]
        return True


async def _call(bus: MessageBus, member: str, signature: str, body: list[Any]) -> list[Any] | None:
    from dbus_fast import Message, MessageType

    message = Message(destination=SERVICE, path=PATH, interface=SERVICE, member=member, signature=signature, body=body)
    reply = await bus.call(message)
    if reply.message_type is MessageType.ERROR:
        _log.info("no notification: %s", reply.error_name)
        return None
    return reply.body
