"""Writes the log: what happened and when, in a few small files, and never what was read aloud.

Messages are fixed sentences with numbers and names of devices in them. An exception is logged as its kind and its
frames: what it says may quote the text it failed on.
"""

from __future__ import annotations

import logging
import os
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from desktop.common.plain_text import plain

NAMES = ("lectern", "desktop", "engine")
"""Of the loggers: each module logs under its own name, and what nobody takes Python prints."""
MAX_FILE_BYTES = 512 * 1024
N_OLD_FILES = 3

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class _Formatter(logging.Formatter):
    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging's name
        """One line for a message, so that no name in it makes up another."""
        record.message = plain(record.message).replace("\n", " ")
        return super().formatMessage(record)

    def formatException(self, ei: _ExcInfo) -> str:  # noqa: N802 - logging's name
        kind, error, trace = ei
        if kind is None or error is None:
            return ""
        problem = getattr(error, "problem", "")
        lines = [line.rstrip() for line in traceback.format_tb(trace)]
        cause = error.__cause__ or error.__context__
        earlier = f"{self.formatException((type(cause), cause, cause.__traceback__))}\nthen\n" if cause else ""
        return earlier + "\n".join([*lines, f"{kind.__module__}.{kind.__qualname__} {problem}".rstrip()])


class _PrivateFiles(RotatingFileHandler):
    """Files that only the user may read."""

    def _open(self):
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")


def log_path(folder: Path) -> Path:
    """Return the log's path in `folder`."""
    return folder / "lectern.log"


def open_log(folder: Path) -> logging.Logger:
    """Open Lectern's logger, which writes to `log_path(folder)`, at most 2 MB with the older files.

    Where the folder cannot be written there is no log: reading aloud matters more. Close it with `close_log`.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler: logging.Handler = _PrivateFiles(
            log_path(folder), maxBytes=MAX_FILE_BYTES, backupCount=N_OLD_FILES, delay=False
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(_Formatter("%(asctime)s %(levelname)s %(threadName)s %(message)s"))
    close_log()
    for name in NAMES:
        logger = logging.getLogger(name)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(handler)
    return logging.getLogger(NAMES[0])


def close_log() -> None:
    """End what `open_log` began."""
    for name in NAMES:
        logger = logging.getLogger(name)
        logger.propagate = True
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()
