"""What must be so for Windows and macOS, as far as Linux can tell: nothing needs packages or modules that only Linux
has before it is known that this is Linux."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from desktop.platform import remote
from desktop.platform.notifications import Notifier

ROOT = Path(__file__).parents[3]

LINUX_PACKAGES = ("dbus_fast", "Xlib")
"""As pyproject.toml has them: `sys_platform == 'linux'`."""

FOR_LINUX = {
    "desktop.platform.hotkeys.portal",
    "desktop.platform.hotkeys.x11",
    "desktop.platform.selection.x11",
}
"""Are imported once it is known what desktop this is."""

UNIX_MODULES = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}

IMPORT_ALL = f"""
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {LINUX_PACKAGES!r}:
            raise ModuleNotFoundError(f"No module named {{name!r}}", name=name)

sys.meta_path.insert(0, Absent())
import desktop
failed = []
for found in pkgutil.walk_packages(desktop.__path__, "desktop."):
    if found.name.endswith("__main__"):
        continue
    try:
        importlib.import_module(found.name)
    except Exception as error:  # of an extra that is not installed, too
        if isinstance(error, ModuleNotFoundError) and error.name.partition(".")[0] in {LINUX_PACKAGES!r}:
            failed.append(found.name)
        elif not isinstance(error.__cause__, ModuleNotFoundError):
            raise
print("\\n".join(failed))
"""


@pytest.mark.slow
def test_every_module_is_imported_without_linuxs_packages() -> None:
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-c", IMPORT_ALL],
        capture_output=True,
        encoding="utf-8",
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == FOR_LINUX


def test_no_module_imports_what_only_unix_has_before_it_asks() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for folder in ("desktop", "engine")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(rf"\b({'|'.join(UNIX_MODULES)})\b", source := path.read_text(encoding="utf-8"))
        for node in ast.parse(source).body  # the top level: what stands in a branch asked
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names])
        if name.partition(".")[0] in UNIX_MODULES
    ]
    assert found == []


SEEN = {
    "desktop/commands/install_pytorch.py: subprocess.Popen(command, **options)",  # in a terminal, which shows it
    "desktop/commands/install_desktop.py: subprocess.run",  # Linux
    "desktop/platform/sleep_inhibitor/logind.py: subprocess.Popen",  # Linux
}
STARTS = {"subprocess.run", "subprocess.Popen", "subprocess.call", "subprocess.check_output", "subprocess.check_call"}
STARTS |= {"asyncio.create_subprocess_exec", "asyncio.create_subprocess_shell", "os.system", "os.popen"}


def test_no_program_that_is_run_unseen_gets_a_console() -> None:
    found = [
        f"{path.relative_to(ROOT).as_posix()}: {ast.unparse(call)}"
        for folder in ("desktop", "engine")
        for path in (ROOT / folder).rglob("*.py")
        if re.search(r"\b(subprocess|asyncio|os)\b", source := path.read_text(encoding="utf-8"))
        for call in ast.walk(ast.parse(source))
        if isinstance(call, ast.Call) and ast.unparse(call.func) in STARTS
        if not any(word.arg == "creationflags" for word in call.keywords)
    ]
    assert [start for start in found if not any(start.startswith(seen) for seen in SEEN)] == []
    assert len(found) == len(SEEN)


def test_the_tray_has_a_hidden_console_of_its_own_for_its_children(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one, as DETACHED_PROCESS has it, each child of it is given a visible one."""
    started: list[dict[str, object]] = []
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0x200, raising=False)
    monkeypatch.setattr("engine.machine.NO_CONSOLE", 0x0800_0000)
    monkeypatch.setattr(subprocess, "Popen", lambda _command, **options: started.append(options))
    remote._start_detached(2)
    assert started[0]["creationflags"] == 0x0800_0200


def test_without_a_service_the_words_are_for_the_tray(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dbus_fast", None)  # as on Windows
    notifier = Notifier()
    with qtbot.waitSignal(notifier.not_shown, timeout=120_000) as shown:
        assert notifier.notify("Read", "It is done.").result(120) is False
    assert shown.args == ["Read", "It is done."]
    notifier.close()
