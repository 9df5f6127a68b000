"""The doctor's view of this desktop, before the checks that need a process of their own."""

from __future__ import annotations

from itertools import islice

import pytest

import engine
from desktop.doctor import desktop_checks as desktop_doctor
from desktop.doctor.desktop_checks import examine_desktop
from desktop.doctor.report import Health
from desktop.platform.hotkeys import Action, Binding


def findings(has_tray: bool = True, reason: str | None = "", **bindings: Binding) -> dict[str, tuple[Health, str]]:
    """By subject; `reason` None: the desktop never answers."""
    bound = {Action(name): binding for name, binding in bindings.items()}

    def ask(answers) -> None:
        if reason is not None:
            answers.put(reason)

    found = examine_desktop(engine.CancelToken(), has_tray, bound, ask)
    return {f.subject: (f.health, f.remedy) for f in islice(found, 2 + len(bound))}


def test_all_is_well() -> None:
    found = findings(read_selection=Binding("Meta+R"))
    assert {health for health, _ in found.values()} == {Health.OK}
    assert list(found) == ["tray", "hotkey read selection", "selection"]


def test_each_thing_that_is_not_says_what_helps() -> None:
    taken = Binding("Meta+R", "Another program has it.")
    found = findings(has_tray=False, reason="Nothing is selected.", read_selection=taken)
    assert found["tray"][0] is Health.MISSING
    assert found["hotkey read selection"] == (Health.MISSING, "Another program has it.")
    assert found["selection"] == (Health.MISSING, "Nothing is selected.")


def test_a_desktop_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(desktop_doctor, "SELECTION_LIMIT_S", 0.05)
    assert findings(reason=None)["selection"] == (Health.MISSING, "The desktop does not answer.")
