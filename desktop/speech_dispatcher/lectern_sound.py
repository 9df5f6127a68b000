"""The sound of one message from the running Lectern, taken as soon as it comes and heard as fast as it is played."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator

from desktop.common.errors import RuntimeFolderError
from desktop.common.protocol import ProtocolError
from desktop.common.speech_protocol import (
    HEAD_BYTES,
    Frame,
    SoundRequest,
    decode_head,
    encode_request,
    speech_address,
)
from engine import SAMPLE_RATE_HZ

MAX_WAITING_BYTES = 8 * 2**20
"""A minute and a half of sound: with more unheard nothing is taken, and Lectern waits."""

PATIENCE_S = 2.0
"""For the next sound: a voice that takes longer is loading, or too slow to be listened to at a keyboard."""

CONNECT_LIMIT_S = 1.0

Item = bytes | str | int
"""Sound, a mark's name, or where in the text the sentence begins whose sound follows."""


class LecternSound:
    """Connects at once. `items` gives what is heard; then `is_whole` says whether that was all. Raises `OSError` where
    no Lectern listens."""

    RATE_HZ = SAMPLE_RATE_HZ

    def __init__(self, request: SoundRequest, patience_s: float = PATIENCE_S) -> None:
        self._is_done = self._was_too_slow = False
        self._patience_s = patience_s
        self._changed = threading.Condition()
        self._items: deque[Item] = deque()
        self._n_waiting_bytes = 0
        self._is_held = self._is_over = False
        self._socket = _connect(request)
        threading.Thread(target=self._take_all, name="lectern-sound", daemon=True).start()

    @property
    def is_whole(self) -> bool:
        return self._is_done and not self._was_too_slow

    def cancel(self) -> None:
        """Want no more: Lectern stops making it, and `items` ends."""
        with self._changed:
            self._is_over = True
            self._is_done = self._is_done and not self._items  # what is left nobody hears
            self._items.clear()
            self._changed.notify_all()
        with contextlib.suppress(OSError):  # the other side was faster
            self._socket.shutdown(socket.SHUT_RDWR)

    def items(self) -> Iterator[Item]:
        """Yield what is to be heard now, to the end, `cancel`, or where nothing comes for too long."""
        try:
            while (item := self._next()) is not None:
                yield item
        finally:
            self.cancel()

    def _next(self) -> Item | None:
        deadline = time.monotonic() + self._patience_s
        with self._changed:
            while self._is_held or not self._items:
                if (self._is_over or self._is_done) and not self._items:
                    return None
                if self._is_held:
                    deadline = time.monotonic() + self._patience_s
                left = deadline - time.monotonic()
                if left <= 0:
                    self._was_too_slow = True
                    return None
                self._changed.wait(left)
            item = self._items.popleft()
            if isinstance(item, bytes):
                self._n_waiting_bytes -= len(item)
                self._changed.notify_all()
            return item

    # --- in its own thread

    def _take_all(self) -> None:
        try:
            with self._socket, self._socket.makefile("rb") as stream:
                while self._take(*self._frame(stream.read)):
                    pass
        except (OSError, ProtocolError, ValueError):
            pass  # it is over, and not whole
        with self._changed:
            self._is_over = True
            self._is_held = False
            self._changed.notify_all()

    @staticmethod
    def _frame(read: Callable[[int], bytes]) -> tuple[Frame, bytes]:
        head = read(HEAD_BYTES)
        if len(head) < HEAD_BYTES:
            raise ProtocolError("Lectern is gone.")
        kind, length = decode_head(head)
        return kind, read(length)

    def _take(self, kind: Frame, content: bytes) -> bool:
        """Whether more is to come; after all was given, that it is to wait with it."""
        with self._changed:
            if self._is_over:  # this frame was on its way when nobody wanted more
                return False
            match kind:
                case Frame.SOUND:
                    self._n_waiting_bytes += len(content)
                    self._items.append(content)
                case Frame.MARK:
                    self._items.append(content.decode())
                case Frame.SEGMENT:
                    self._items.append(int(content))
                case Frame.RESTART:
                    self._forget_segment()
                case Frame.HOLD | Frame.GO_ON:
                    self._is_held = kind is Frame.HOLD
                case Frame.DONE:
                    self._is_done = True
                case Frame.FAILED:
                    pass
            self._changed.notify_all()
            while self._n_waiting_bytes > MAX_WAITING_BYTES and not self._is_over:
                self._changed.wait()
            return not self._is_over and kind is not Frame.FAILED

    def _forget_segment(self) -> None:
        """What of it was not heard yet; marks come again with it."""
        while self._items and not isinstance(self._items[-1], int):
            if isinstance(item := self._items.pop(), bytes):
                self._n_waiting_bytes -= len(item)


def _connect(request: SoundRequest) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(CONNECT_LIMIT_S)
        connection.connect(str(speech_address()))
        connection.sendall(encode_request(request))
        connection.settimeout(None)
    except RuntimeFolderError as error:
        connection.close()
        raise OSError(str(error)) from error
    except OSError:
        connection.close()
        raise
    return connection
