"""The doctor in the window: this desktop first (tray, hotkeys, selection), then all that `lectern doctor` checks."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator, Mapping

from desktop.doctor import Finding, Health
from desktop.doctor_process import examine_apart
from desktop.hotkeys import Action, Binding
from desktop.paths import data_folder


def examine_desktop(stop: threading.Event, has_tray: bool, bindings: Mapping[Action, Binding]) -> Iterator[Finding]:
    """Findings as they come; ends soon after `stop` is set. Blocks: for a thread."""
    yield _examine_tray(has_tray)
    for action, binding in bindings.items():
        yield _examine_hotkey(action, binding)
    yield _examine_selection()
    yield from examine_apart(None, data_folder(), stop)


def _examine_tray(has_tray: bool) -> Finding:
    if has_tray:
        return Finding("tray", Health.OK, "this desktop has one")
    remedy = "Nothing has to be done: the window takes its place. On GNOME an AppIndicator extension brings one."
    return Finding("tray", Health.MISSING, "this desktop has none", remedy)


def _examine_selection() -> Finding:
    if os.environ.get("WAYLAND_DISPLAY") and shutil.which("wl-paste") is None:
        remedy = "Install it (sudo apt install wl-clipboard), or copy the text and use the clipboard's hotkey."
        return Finding("selection", Health.MISSING, "wl-paste is not installed", remedy)
    return Finding("selection", Health.OK, "can be asked for")


def _examine_hotkey(action: Action, binding: Binding) -> Finding:
    subject = f"hotkey {action.value.replace('_', ' ')}"
    if binding.problem:
        return Finding(subject, Health.MISSING, binding.keys or "none", binding.problem)
    return Finding(subject, Health.OK, binding.keys or "none wished for")
