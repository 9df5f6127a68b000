"""Checks what the doctor's window shows: this desktop first (tray, hotkeys, selection), then all that `lectern doctor`
checks."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from queue import Empty, SimpleQueue

import engine
from desktop.doctor.process import examine_apart
from desktop.doctor.report import Finding, Health
from desktop.platform.hotkeys import Action, Binding

SELECTION_LIMIT_S = 3.0

AskSelection = Callable[[SimpleQueue[str]], None]
"""Puts why nothing is read into the queue, or "" when a text is."""


def examine_desktop(
    cancel: engine.CancelToken, has_tray: bool, bindings: Mapping[Action, Binding], ask_selection: AskSelection
) -> Iterator[Finding]:
    """Yield findings as they come; end soon after `cancel` is set. Blocks: for a thread."""
    yield _examine_tray(has_tray)
    for action, binding in bindings.items():
        yield _examine_hotkey(action, binding)
    yield _examine_selection(ask_selection)
    yield from examine_apart(None, cancel)


def _examine_tray(has_tray: bool) -> Finding:
    if has_tray:
        return Finding("tray", Health.OK, "this desktop has one")
    remedy = "Nothing has to be done: the window takes its place. On GNOME an AppIndicator extension brings one."
    return Finding("tray", Health.MISSING, "this desktop has none", remedy)


def _examine_selection(ask: AskSelection) -> Finding:
    """It is asked for as the hotkey does; what it says is thrown away."""
    answers: SimpleQueue[str] = SimpleQueue()
    ask(answers)
    try:
        reason = answers.get(timeout=SELECTION_LIMIT_S)
    except Empty:
        reason = "The desktop does not answer."
    if reason:
        return Finding("selection", Health.MISSING, "nothing was read", reason)
    return Finding("selection", Health.OK, "was read")


def _examine_hotkey(action: Action, binding: Binding) -> Finding:
    subject = f"hotkey {action.value.replace('_', ' ')}"
    if binding.problem:
        return Finding(subject, Health.MISSING, binding.keys or "none", binding.problem)
    return Finding(subject, Health.OK, binding.keys or "none asked for")
