"""The reader as a screen reader meets it: through AT-SPI, from another process, on a bus of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from accessible_reader import TEXT
from bus_calls import BusError, call, get_property
from dbus_fast import Variant
from desktops import running
from waiting import wait_until

LAUNCHERS = ("/usr/libexec/at-spi-bus-launcher", "/usr/lib/at-spi2-core/at-spi-bus-launcher")
TESTS = Path(__file__).parents[1]
FOCUSABLE, SHOWING = 11, 25
ATSPI = "org.a11y.atspi"


class Node(NamedTuple):
    """One thing in the tree of a program."""

    bus: str
    service: str
    path: str

    def call(self, method: str, signature: str = "", *arguments: Any) -> Any:
        answer = call(self.bus, self.service, self.path, f"{ATSPI}.{method}", signature, *arguments)
        return answer[0] if answer else None

    def get(self, interface: str, name: str) -> Any:
        return get_property(self.bus, self.service, self.path, f"{ATSPI}.{interface}", name)

    @property
    def name(self) -> str:
        return self.get("Accessible", "Name")

    @property
    def role(self) -> str:
        return self.call("Accessible.GetRoleName")

    def has(self, state: int) -> bool:
        low, high = self.call("Accessible.GetState")
        return bool((low | high << 32) >> state & 1)

    def children(self) -> list[Node]:
        return [Node(self.bus, *child) for child in self.call("Accessible.GetChildren")]

    def all(self) -> Iterator[Node]:
        yield self
        for child in self.children():
            yield from child.all()


class Program(NamedTuple):
    root: Node
    hear: Callable[[], None]
    read_line: Callable[[], str]


@pytest.fixture
def program(x_display: str, session_bus: str, tmp_path: Path) -> Iterator[Program]:
    launcher = next(filter(os.path.exists, LAUNCHERS), None)
    if launcher is None:
        pytest.fail("this test needs AT-SPI: install the Debian package at-spi2-core", pytrace=False)
    folder = tmp_path / "run"
    folder.mkdir(mode=0o700)
    env = os.environ | {"XDG_RUNTIME_DIR": str(folder), "DISPLAY": x_display, "PYTHONPATH": f"{TESTS.parent}:{TESTS}"}
    command = (sys.executable, str(TESTS / "accessible_reader.py"))
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with running(launcher, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        bus = _a11y_bus(session_bus)
        with running(*command, env=env, **pipes) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            lines = process.stdout

            def read_line() -> str:
                return lines.readline().decode().strip()

            def hear() -> None:
                assert process.stdin is not None
                process.stdin.write(b"\n")
                process.stdin.flush()
                assert read_line() == "heard"

            assert read_line() == "ready"
            registry = Node(bus, f"{ATSPI}.Registry", "/org/a11y/atspi/accessible/root")
            wait_until(lambda: bool(registry.children()), "the program is in the tree")
            yield Program(registry.children()[0], hear, read_line)


def _a11y_bus(session_bus: str) -> str:
    """The address of the bus of accessibility, switched on as a screen reader does it."""
    where = (session_bus, "org.a11y.Bus", "/org/a11y/bus")
    found: list[str] = []

    def ask() -> bool:
        try:
            found[:] = call(*where, "org.a11y.Bus.GetAddress")
        except BusError:
            return False
        return True

    wait_until(ask, "there is a bus for accessibility")
    call(
        *(*where, "org.freedesktop.DBus.Properties.Set", "ssv", "org.a11y.Status", "IsEnabled"),
        Variant("b", True),
    )
    return found[0]


def test_a_screen_reader_finds_everything_and_reads_the_text(program: Program) -> None:
    shown = [node for node in program.root.all() if node.has(SHOWING)]
    nameless = [node.role for node in shown if node.has(FOCUSABLE) and not node.name]
    assert not nameless
    names = {node.name: node for node in shown}
    wanted = {"Text to read aloud", "Text size, typeface and colours", "More", "Speak", "Stop", "Next sentence"}
    assert wanted <= set(names)
    text = names["Text to read aloud"]
    assert text.call("Text.GetText", "ii", 0, -1) == TEXT
    assert text.get("Text", "CharacterCount") == len(TEXT)
    sentence = text.call("Text.GetStringAtOffset", "iu", 16, 2)
    assert sentence.strip() == "Two is second."
    assert text.call("Text.SetCaretOffset", "i", 16)
    wait_until(lambda: text.get("Text", "CaretOffset") == 16, "the cursor is there")
    assert names["Speak"].call("Action.DoAction", "i", 0)
    assert program.read_line() == f"speak {TEXT[16:]!r}"
    # What Lectern says, the screen reader does not say again: its cursor stays, and nothing is announced.
    for _ in range(2):
        program.hear()
        assert text.get("Text", "CaretOffset") == 16
    assert text.call("Text.AddSelection", "ii", 0, 3)
    wait_until(lambda: text.call("Text.GetNSelections") == 1, "the word is selected")
