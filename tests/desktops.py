"""A desktop of the tests' own: an X server with a window manager, and a session bus on which nothing starts by itself.

A pytest plugin (named in tests/conftest.py), so that a whole run has one of each: a process can have only one
QApplication, and that stays with the first display it saw.
"""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytestqt.qtbot import QtBot
from waiting import LIMIT_MS, LIMIT_S, wait_until

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication, QWidget  # most runs of the tests need no Qt
    from Xlib.display import Display

START_LIMIT_S = LIMIT_S
STOP_LIMIT_S = 20
SCREEN = "1280x800x24"
NOBODY = 65534
SWAY_CONFIG = """xwayland disable
exec echo "$WAYLAND_DISPLAY" > "$XDG_RUNTIME_DIR/ready"
"""
BUS_CONFIG = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:dir={folder}</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


def require(program: str, package: str) -> str:
    """The path of `program`. A test that cannot run fails: it names the Debian package that is missing."""
    path = shutil.which(program)
    if path is None:
        pytest.fail(f"this test needs {program}: install the Debian package {package}", pytrace=False)
    return path


def stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_LIMIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def running(*command: str, **options: object) -> Iterator[subprocess.Popen[bytes]]:
    """A process that is ended with the block, or with pytest where that is killed."""
    guarded = ("setpriv", "--pdeathsig", "TERM", *command)
    process: subprocess.Popen[bytes] = subprocess.Popen(guarded, **options)  # type: ignore[call-overload]
    try:
        yield process
    finally:
        stop(process)
        for stream in (process.stdin, process.stdout, process.stderr):
            if stream is not None:
                stream.close()


def first_line(fd: int, what: str) -> str:
    """The line that `what` writes to the pipe `fd` when it is ready."""
    if not select.select([fd], [], [], START_LIMIT_S)[0]:
        pytest.fail(f"{what} was not ready after {START_LIMIT_S} s", pytrace=False)
    line = b""
    while not line.endswith(b"\n") and (sign := os.read(fd, 1)):  # and not a byte of the next
        line += sign
    if not line.strip():
        pytest.fail(f"{what} ended before it was ready", pytrace=False)
    return line.decode().strip()


@contextmanager
def run_x_server(folder: Path) -> Iterator[str]:
    """An Xvfb on a free display, with openbox; the display's name, like ":7"."""
    xvfb, openbox = require("Xvfb", "xvfb"), require("openbox", "openbox")
    ready_fifo = folder / "openbox-is-ready"
    os.mkfifo(ready_fifo)
    ready_fd = os.open(ready_fifo, os.O_RDWR | os.O_NONBLOCK)
    read_fd, write_fd = os.pipe()
    command = (xvfb, "-displayfd", str(write_fd), "-screen", "0", SCREEN, "-nolisten", "tcp", "-noreset")
    try:
        with (
            (folder / "log").open("ab") as log,
            running(*command, pass_fds=(write_fd,), stdout=log, stderr=log),
        ):
            display = ":" + first_line(read_fd, "Xvfb")
            # openbox runs its startup command once it manages the screen
            manager = (openbox, "--sm-disable", "--startup", f"sh -c 'echo ready > {ready_fifo}'")
            with running(*manager, env=os.environ | {"DISPLAY": display}, stdout=log, stderr=log):
                first_line(ready_fd, "openbox")
                yield display
    finally:
        for fd in (ready_fd, read_fd, write_fd):
            os.close(fd)


def own_by_xclip(selection: str, text: str, environment: Mapping[str, str] = os.environ) -> None:
    """`selection` ("primary", "clipboard") holds `text` from here on.

    xclip leaves a child behind and ends before that has asked for the selection: on a busy machine, long before.
    """
    from Xlib import X  # late: most runs of the tests need no X
    from Xlib.display import Display

    with closing(Display(environment["DISPLAY"])) as display:
        atom = display.intern_atom(selection.upper())
        owner_before = display.get_selection_owner(atom)  # alive until the new one is there, so never the same
        command = [require("xclip", "xclip"), "-selection", selection]
        subprocess.run(command, input=text.encode(), env=environment, check=True, timeout=START_LIMIT_S)
        others = (X.NONE, owner_before)
        wait_until(lambda: display.get_selection_owner(atom) not in others, f"xclip owns {selection}", START_LIMIT_S)


def text_by_xclip(selection: str) -> str:
    command = [require("xclip", "xclip"), "-selection", selection, "-o"]
    return subprocess.run(command, check=True, timeout=START_LIMIT_S, capture_output=True).stdout.decode()


@contextmanager
def run_sway() -> Iterator[str]:
    """A Wayland compositor without a screen; its WAYLAND_DISPLAY. It refuses to run as root, and is nobody's there."""
    sway = require("sway", "sway")
    folder = Path(tempfile.mkdtemp(prefix="sway-"))  # not below pytest's, which nobody else may enter
    ready_fd = -1
    try:
        os.mkfifo(folder / "ready")
        ready_fd = os.open(folder / "ready", os.O_RDWR | os.O_NONBLOCK)
        (folder / "config").write_text(SWAY_CONFIG, encoding="utf-8")
        command = [sway, "--config", str(folder / "config")]
        if os.geteuid() == 0:
            command[:0] = ["setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"]
            for path in (folder, *folder.iterdir()):
                os.chown(path, NOBODY, NOBODY)
        environment = {key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        environment |= {
            "HOME": str(folder),
            "XDG_RUNTIME_DIR": str(folder),
            "WLR_BACKENDS": "headless",
            "WLR_LIBINPUT_NO_DEVICES": "1",
            "WLR_RENDERER": "pixman",
        }
        with running(*command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
            yield str(folder / first_line(ready_fd, "sway"))
    finally:
        if ready_fd >= 0:
            os.close(ready_fd)
        shutil.rmtree(folder)


@contextmanager
def run_bus(folder: Path) -> Iterator[str]:
    """A session bus that activates nothing (no tray, portal or notifications but those a test starts); its address."""
    config = folder / "bus.conf"
    config.write_text(BUS_CONFIG.format(folder=folder), encoding="utf-8")
    read_fd, write_fd = os.pipe()
    command = (require("dbus-daemon", "dbus-daemon"), f"--config-file={config}", "--nofork")
    try:
        # its first word is often that it may not raise the limit on open files, which is no matter
        with running(*command, f"--print-address={write_fd}", pass_fds=(write_fd,), stderr=subprocess.DEVNULL):
            yield first_line(read_fd, "dbus-daemon")
    finally:
        os.close(read_fd)
        os.close(write_fd)


@pytest.fixture(scope="session")
def session_bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a private session bus, which is DBUS_SESSION_BUS_ADDRESS from here on."""
    with run_bus(tmp_path_factory.mktemp("bus")) as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        yield address


@pytest.fixture(scope="session")
def x_display(session_bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a private X display with a window manager: DISPLAY and Qt's platform from here on."""
    with run_x_server(tmp_path_factory.mktemp("x")) as display, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DISPLAY", display)
        patch.setenv("DBUS_SESSION_BUS_ADDRESS", session_bus)
        patch.setenv("QT_QPA_PLATFORM", "xcb")
        patch.setenv("XDG_SESSION_TYPE", "x11")
        for name in ("WAYLAND_DISPLAY", "XAUTHORITY", "QT_QPA_PLATFORMTHEME", "QT_STYLE_OVERRIDE"):
            patch.delenv(name, raising=False)
        yield display


@pytest.fixture(scope="session")
def qapp(x_display: str, qapp: QApplication) -> Iterator[QApplication]:  # noqa: ARG001
    """pytest-qt's QApplication (so `qtbot`'s too) lives on the tests' own display, and ends before it does."""
    from desktop.application.decimal_point import keep_decimal_point  # late: most runs of the tests need no Qt

    keep_decimal_point()
    yield qapp
    qapp.shutdown()


class PatientBot(QtBot):
    """pytest-qt's, which waits as long as other tests do: its own five seconds are short on a busy computer."""

    def waitSignal(self, signal: Any, *, timeout: int = LIMIT_MS, **options: Any) -> Any:  # noqa: N802
        return super().waitSignal(signal, timeout=timeout, **options)

    def waitUntil(self, callback: Callable[[], bool | None], *, timeout: int = LIMIT_MS) -> None:  # noqa: N802
        super().waitUntil(callback, timeout=timeout)

    def waitActive(self, widget: QWidget, *, timeout: int = LIMIT_MS) -> Any:  # noqa: N802
        return super().waitActive(widget, timeout=timeout)

    def waitExposed(self, widget: QWidget, *, timeout: int = LIMIT_MS) -> Any:  # noqa: N802
        return super().waitExposed(widget, timeout=timeout)


@pytest.fixture
def qtbot(qapp: QApplication, request: pytest.FixtureRequest) -> QtBot:  # noqa: ARG001
    return PatientBot(request)


@pytest.fixture(scope="session")
def keyboard(x_display: str) -> Iterator[Display]:
    """The private display, for those who ask which keys are pressed there: connecting takes longer than asking."""
    from Xlib.display import Display  # late: most runs of the tests need no X

    with closing(Display(x_display)) as display:
        yield display


@pytest.fixture(autouse=True)
def the_clipboard_is_let_go() -> Iterator[None]:
    """Else a program of a later test on this display asks these tests for what they copied, and waits for five seconds
    each time, while they wait for that program."""
    yield
    if "PySide6.QtGui" in sys.modules:
        from PySide6.QtGui import QClipboard, QGuiApplication

        if QGuiApplication.instance() is not None:
            clipboard = QGuiApplication.clipboard()
            if clipboard.ownsClipboard():
                clipboard.clear()
            if clipboard.ownsSelection():
                clipboard.clear(QClipboard.Mode.Selection)
            QGuiApplication.sync()


@pytest.fixture(autouse=True)
def no_key_stays_pressed(request: pytest.FixtureRequest) -> Iterator[None]:
    """Else all later tests on this display press it too, and what they press besides is another key."""
    if "x_display" not in request.fixturenames:
        yield
        return
    display: Display = request.getfixturevalue("keyboard")
    yield
    from Xlib import X  # late, too
    from Xlib.ext import xtest

    pressed = display.query_keymap()
    held = [code for code in range(8, 256) if pressed[code // 8] >> code % 8 & 1]
    for code in held:
        xtest.fake_input(display, X.KeyRelease, code)
    display.sync()
    assert not held, f"keys were still pressed when the test was over: {held}"
