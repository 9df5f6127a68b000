"""Qt's and Python's warnings in each Python that a test starts, written to the file LECTERN_TEST_MESSAGES_LOG names.

`sitecustomize.py` runs `watch` at the start of each; tests/qt_messages.py fails the test in which the file appears.
What is printed is printed all the same.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from typing import Any

QT = "PySide6.QtCore"


def watch() -> None:
    """Note each warning from here on, those of Qt as soon as it is imported."""
    if "LECTERN_TEST_MESSAGES_LOG" not in os.environ:
        return
    if not sys.warnoptions:
        warnings.simplefilter("default")
        # what PySide still holds when the interpreter ends, counted by that
        warnings.filterwarnings("ignore", "gc: .* at shutdown", ResourceWarning)
    printed = warnings._showwarnmsg_impl  # type: ignore[attr-defined]  (what is called for each, whoever shows it)

    def note_and_print(message: Any) -> None:
        note(f"{message.category.__name__}: {message.message} ({message.filename}:{message.lineno})")
        printed(message)

    warnings._showwarnmsg_impl = note_and_print  # type: ignore[attr-defined]
    sys.meta_path.insert(0, _QtFinder())


def note(words: str) -> None:
    with open(os.environ["LECTERN_TEST_MESSAGES_LOG"], "a", encoding="utf-8") as file:  # noqa: PTH123  (as sitecustomize)
        file.write(f"{words}\n    by {sys.orig_argv[:6]}\n")


class _QtFinder(MetaPathFinder):
    """Finds nothing itself: puts a handler into Qt once it is loaded."""

    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:
        if name != QT:
            return None
        sys.meta_path.remove(self)
        for finder in sys.meta_path:
            spec = finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                spec.loader.exec_module = _then_listen(spec.loader.exec_module)  # type: ignore[method-assign]
                return spec
        return None


def _then_listen(load: Any) -> Any:
    def exec_module(module: Any) -> None:
        load(module)
        _listen_to_qt(module)

    return exec_module


def _listen_to_qt(qt: Any) -> None:
    import atexit

    harmless = (qt.QtMsgType.QtDebugMsg, qt.QtMsgType.QtInfoMsg)

    def handle(kind: Any, context: Any, words: str) -> None:
        sys.stderr.write(f"{words}\n")
        if kind not in harmless:
            note(f"Qt {kind.name}: {words} [{context.category}]")

    qt.qInstallMessageHandler(handle)
    atexit.register(qt.qInstallMessageHandler, None)  # the interpreter ends before Qt does
