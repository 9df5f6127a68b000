"""Sleep is inhibited while a book is narrated, and released however that ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desktop.platform.sleep_inhibitor import open_inhibitor
from desktop.platform.sleep_inhibitor.logind import LogindInhibitor
from desktop.platform.sleep_inhibitor.null import NullInhibitor

# As the real one does: takes options, then runs a command and lives as long as it.
FAKE = """#!/bin/sh
case "$FAKE_FAILS" in 1) echo "Failed to inhibit: Access denied." >&2; exit 1;; esac
echo "$*" >> "$FAKE_LOG"
while [ "${1#--}" != "$1" ]; do shift; done
"$@"
echo released >> "$FAKE_LOG"
"""

HOLDER = """
import sys
from desktop.platform.sleep_inhibitor.logind import LogindInhibitor
inhibitor = LogindInhibitor(sys.argv[1])
inhibitor.hold()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "systemd-inhibit"
    path.write_text(FAKE)
    path.chmod(0o755)
    log = tmp_path / "log"
    os.mkfifo(log)  # whoever reads it waits for what is written
    monkeypatch.setenv("FAKE_LOG", str(log))
    return path


def test_it_is_held_and_released(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = tmp_path / "plain log"
    monkeypatch.setenv("FAKE_LOG", str(log))
    inhibitor = LogindInhibitor(str(program))
    inhibitor.hold()
    inhibitor.hold()  # already
    inhibitor.release()
    inhibitor.release()
    held, released = log.read_text().splitlines()
    assert "--what=sleep:idle" in held
    assert held.endswith(" cat")
    assert released == "released"
    assert inhibitor.problem == ""


def test_a_program_that_is_killed_leaves_the_computer_free_to_sleep(program: Path, tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(program)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with (tmp_path / "log").open() as log:
        assert "--who=Lectern" in log.readline()
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    holder.send_signal(signal.SIGKILL)
    with (tmp_path / "log").open() as log:  # opens once somebody has something to write
        assert log.readline() == "released\n"
    holder.communicate()


def test_a_refusal_is_told_and_stops_nothing(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_FAILS", "1")
    inhibitor = LogindInhibitor(str(program))
    inhibitor.hold()
    assert inhibitor.problem.endswith("because the system refused to stay awake (Failed to inhibit: Access denied).")
    inhibitor.release()


def test_without_the_program_it_says_so() -> None:
    inhibitor = LogindInhibitor("no-such-program")
    inhibitor.hold()
    inhibitor.release()
    assert "no-such-program is not installed" in inhibitor.problem


def test_elsewhere_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    inhibitor = open_inhibitor()
    assert isinstance(inhibitor, NullInhibitor)
    assert "darwin" in inhibitor.problem
