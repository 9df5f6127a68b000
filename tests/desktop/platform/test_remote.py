"""The running instance and the command line that talks to it: real sockets, real processes."""

from __future__ import annotations

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from disturbance import undisturbed
from PySide6.QtCore import QCoreApplication
from pytestqt.qtbot import QtBot
from waiting import LIMIT_MS, LIMIT_S

from desktop.common.errors import RemoteError, RuntimeFolderError, StartError
from desktop.common.paths import runtime_folder
from desktop.common.protocol import MAX_LINE_BYTES, MAX_TEXT_BYTES, Command, CommandName, Reply, socket_address
from desktop.platform import remote, single_instance
from desktop.platform.remote import send, start_tray
from desktop.platform.single_instance import MAX_CLIENTS, SingleInstance

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Unix sockets")

STATUS = Command(CommandName.STATUS)

# A running instance without a window: says on standard output whether it is the one, and answers everything.
STAND_IN = """
import sys
from PySide6.QtCore import QCoreApplication
from desktop.common.protocol import CommandName, Reply
from desktop.platform.single_instance import SingleInstance
app = QCoreApplication([])
instance = SingleInstance()
def obey(command, reply):
    reply(Reply(True, f"did {command.name} {command.text}".rstrip(), {"phase": "idle"}))
    if command.name is CommandName.QUIT:
        app.quit()
instance.command_received.connect(obey)
is_the_one = instance.claim()
print(is_the_one, flush=True)
if not is_the_one:
    sys.exit(0)
app.exec()
instance.release()
"""


@pytest.fixture(autouse=True)
def run_folder(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An XDG_RUNTIME_DIR of the test's own; pytest's folders have names too long for a socket."""
    folder = Path(tempfile.mkdtemp(prefix="lectern-run-"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def instance(qapp: QCoreApplication) -> Iterator[SingleInstance]:
    """The one, in this process."""
    one = SingleInstance(qapp)
    assert one.claim()
    yield one
    one.release()
    one.deleteLater()


@pytest.fixture
def obedient(instance: SingleInstance) -> list[Command]:
    """The commands that came; each is answered with how many there were."""
    came: list[Command] = []

    def obey(command: Command, reply: Callable[[Reply], None]) -> None:
        came.append(command)
        reply(Reply(True, f"number {len(came)}", {"phase": "idle", "speed": 1.5}))

    instance.command_received.connect(obey)
    return came


def aside(qtbot: QtBot, function: Callable[..., Any], *arguments: Any) -> Any:
    """What `function` gives in another thread, while this one runs Qt."""
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(function, *arguments)
        qtbot.waitUntil(future.done)
        return future.result()


def connect() -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(LIMIT_MS / 1000)
    client.connect(socket_address())
    return client


def exchange(data: bytes) -> bytes:
    """What the instance says to `data`, up to its hanging up."""
    with connect() as client:
        return exchange_on(client, data)


def exchange_on(client: socket.socket, data: bytes) -> bytes:
    with suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it has read all
        client.sendall(data)
    answer = bytearray()
    with suppress(ConnectionResetError):
        while part := client.recv(65_536):
            answer += part
    return bytes(answer)


def start_stand_in() -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", STAND_IN], stdout=PIPE, encoding="utf-8")


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.wait()
    assert process.stdout is not None
    process.stdout.close()


# --- what is said arrives


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Hello.",
        "Zeile\r\nzwei\n",
        "😀 \x00 \u2028 \udc80",
        '"}\\',
        "x" * MAX_TEXT_BYTES,
        "字" * (MAX_TEXT_BYTES // 3),
    ],
    ids=["none", "plain", "lines", "odd", "quotes", "long", "long-chinese"],
)
def test_a_text_arrives_whole(qtbot: QtBot, obedient: list[Command], text: str) -> None:
    reply = aside(qtbot, send, Command(CommandName.READ, text))
    assert obedient == [Command(CommandName.READ, text)]
    assert (reply.ok, reply.message, dict(reply.status)) == (True, "number 1", {"phase": "idle", "speed": 1.5})


def test_nobody_is_running() -> None:
    assert send(STATUS) is None


def test_a_reply_may_come_later_and_only_once(qtbot: QtBot, instance: SingleInstance) -> None:
    waiting: list[Callable[[Reply], None]] = []
    instance.command_received.connect(lambda _command, reply: waiting.append(reply))
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(send, STATUS, 15)
        qtbot.waitUntil(lambda: len(waiting) == 1)
        assert not future.done()
        waiting[0](Reply(False, "first"))
        waiting[0](Reply(True, "second"))
        qtbot.waitUntil(future.done)
        assert future.result() == Reply(False, "first")
    waiting[0](Reply(True, "to one who has left"))


@pytest.mark.usefixtures("instance")
@undisturbed
def test_a_busy_instance_is_given_up_in_time() -> None:
    started_at = time.monotonic()
    with pytest.raises(RemoteError) as raised:  # this thread should run Qt, and waits instead
        send(Command(CommandName.READ, "x" * MAX_TEXT_BYTES), 0.3)
    assert raised.value.problem == "no_answer"
    assert 0.3 <= time.monotonic() - started_at < 1.0


def test_a_text_that_is_too_long_is_not_sent() -> None:
    with pytest.raises(RemoteError) as raised:
        send(Command(CommandName.READ, "ä" * (MAX_TEXT_BYTES // 2) + "x"))
    assert (raised.value.problem, raised.value.found) == ("too_long", MAX_TEXT_BYTES + 1)


def test_one_who_hangs_up_is_no_answer() -> None:
    runtime_folder()
    with socket.socket(socket.AF_UNIX) as server, ThreadPoolExecutor(1) as pool:
        server.bind(socket_address())
        server.listen()
        for answer in (b"", b"hello\n", b'{"ok": 1}\n', b'{"ok": true'):
            future = pool.submit(send, STATUS)
            client, _ = server.accept()
            client.recv(1000)
            client.sendall(answer)
            client.close()
            with pytest.raises(RemoteError, match="bad_answer"):
                future.result()


# --- what should not be said does no harm

BAD_LINES = {
    "empty": b"\n",
    "no-json": b"{\n",
    "no-object": b"[]\n",
    "no-name": b"{}\n",
    "name-no-text": b'{"name": 3}\n',
    "text-no-text": b'{"name": "read", "text": ["a"]}\n',
    "unknown": b'{"name": "fly"}\n',
    "no-utf8": b'{"name": "\xff"}\n',
    "deep": b"[" * 200_000 + b"\n",
    "big-number": b'{"name": ' + b"9" * 5000 + b"}\n",
    "too-long-text": b'{"name": "read", "text": "' + b"x" * (MAX_TEXT_BYTES + 1) + b'"}\n',
    "endless": b"x" * (MAX_LINE_BYTES + 200_000),
}


@pytest.mark.parametrize("line", BAD_LINES.values(), ids=BAD_LINES.keys())
def test_a_bad_line_is_refused_with_a_sentence(qtbot: QtBot, obedient: list[Command], line: bytes) -> None:
    reply = json.loads(aside(qtbot, exchange, line))
    assert reply["ok"] is False
    assert reply["message"].endswith(".")
    assert aside(qtbot, send, STATUS).message == "number 1"
    assert obedient == [STATUS]


def test_only_the_first_line_counts(qtbot: QtBot, obedient: list[Command]) -> None:
    answer = aside(qtbot, exchange, b'{"name": "stop"}\n{"name": "quit"}\n')
    assert answer.count(b"\n") == 1
    assert obedient == [Command(CommandName.STOP)]


@pytest.mark.usefixtures("obedient")
def test_slow_clients_hold_nobody_up_and_are_dropped(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_instance, "REQUEST_LIMIT_MS", 300)
    with ExitStack() as stack:
        slow = [stack.enter_context(connect()) for _ in range(MAX_CLIENTS - 1)]
        for client in slow:
            client.sendall(b'{"name"')
        assert aside(qtbot, send, STATUS).ok
        assert [aside(qtbot, client.recv, 1) for client in slow] == [b""] * len(slow)
        assert aside(qtbot, send, STATUS).ok


@pytest.mark.usefixtures("obedient")
def test_a_silent_crowd_makes_room(qtbot: QtBot) -> None:
    with ExitStack() as stack:
        crowd = [stack.enter_context(connect()) for _ in range(MAX_CLIENTS)]
        for _ in range(3):
            assert aside(qtbot, send, STATUS).ok
        assert aside(qtbot, crowd[0].recv, 1) == b"", "the oldest was dropped"
        assert aside(qtbot, exchange_on, crowd[-1], b'{"name": "status"}\n'), "the newest was not"


def test_clients_that_leave_early_leave_nothing_behind(qtbot: QtBot, instance: SingleInstance) -> None:
    replies: list[Callable[[Reply], None]] = []
    instance.command_received.connect(lambda _command, reply: replies.append(reply))
    for _ in range(20):
        with connect() as client:
            client.sendall(b'{"name": "status"}\n')
    qtbot.waitUntil(lambda: len(replies) == 20 and not instance._clients)
    for reply in replies:
        reply(Reply(True))


# --- one for each user


def test_the_second_is_told_that_there_is_one(instance: SingleInstance) -> None:
    second = SingleInstance()
    assert not second.claim()
    assert instance.claim()
    instance.release()
    assert second.claim()
    second.release()
    assert send(STATUS) is None


@pytest.mark.usefixtures("qapp")
def test_a_killed_instance_is_taken_over() -> None:
    killed = start_stand_in()
    assert first_line(killed) == "True"
    assert send(STATUS) == Reply(True, "did status", {"phase": "idle"})
    end(killed)
    assert Path(socket_address()).is_socket()
    assert send(STATUS) is None
    heir = SingleInstance()
    assert heir.claim()
    heir.release()


@pytest.mark.slow
def test_of_many_at_once_one_wins() -> None:
    for _ in range(2):  # the second time over the socket of a killed one
        racers = [start_stand_in() for _ in range(4)]
        claims = [first_line(racer) for racer in racers]
        assert sorted(claims) == ["False"] * 3 + ["True"]
        assert send(STATUS) is not None
        for racer in racers:
            end(racer)


@pytest.mark.usefixtures("instance")
def test_only_the_user_can_open_it(run_folder: Path) -> None:
    path = Path(socket_address())
    assert path.parent == run_folder / "lectern"
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("named", ["", "/no/such/folder", "/etc/hostname", "/tmp/" + "x" * 100])
def test_without_a_runtime_folder_the_temporary_one_serves(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", named)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    assert runtime_folder() == tmp_path / f"lectern-{os.getuid()}"
    assert stat.S_IMODE(runtime_folder().stat().st_mode) == 0o700


def test_a_folder_that_is_not_private_is_refused(run_folder: Path, tmp_path: Path) -> None:
    folder = run_folder / "lectern"
    for spoil in (
        lambda: (folder.mkdir(), folder.chmod(0o755)),
        lambda: folder.symlink_to(tmp_path),
        lambda: folder.write_text("a file"),
        lambda: (folder.mkdir(), folder.chmod(0o750)),
        *([lambda: (folder.mkdir(mode=0o700), os.chown(folder, 1000, 1000))] if os.getuid() == 0 else []),
    ):
        spoil()
        for function in (lambda: send(STATUS), lambda: SingleInstance().claim()):
            with pytest.raises(RuntimeFolderError):
                function()
        if folder.is_symlink() or folder.is_file():
            folder.unlink()
        else:
            folder.rmdir()


# --- starting it


def test_it_is_started_apart_and_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(remote, "tray_command", lambda: [sys.executable, "-c", STAND_IN])
    reply = start_tray()
    assert reply == Reply(True, "did status", {"phase": "idle"})
    assert send(Command(CommandName.QUIT)) == Reply(True, "did quit", {"phase": "idle"})


def test_one_that_ends_at_once_is_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(remote, "tray_command", lambda: [sys.executable, "-c", "import sys; sys.exit('no display\\n')"])
    with pytest.raises(StartError) as raised:
        start_tray()
    assert (raised.value.problem, raised.value.detail) == ("ended", "no display")


def test_one_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    monkeypatch.setattr(remote, "tray_command", lambda: [sys.executable, "-c", "pass"])
    with pytest.raises(StartError) as raised:
        start_tray(0.5)
    assert raised.value.problem == "no_answer"


# --- as a person types it


@pytest.mark.parametrize("arguments", [[], ["read", "Hello."], ["show"]])
def test_without_the_library_of_the_windows_it_says_how_to_install_it(arguments: list[str]) -> None:
    """As after `make say`, which leaves it out."""
    code = "import sys; sys.modules['PySide6'] = None; from desktop.__main__ import main; sys.exit(main())"
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(
        command,
        env=os.environ | {"QT_QPA_PLATFORM": "offscreen"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        "lectern: The windows need PySide6, which is not installed. "
        "In a checkout, make run installs it; elsewhere, install Lectern again.\n"
    )


def lectern(*arguments: str, stdin: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "desktop", *arguments]
    hidden = {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"} - environment.keys()
    env = {name: value for name, value in os.environ.items() if name not in hidden} | environment
    return subprocess.run(
        command, input=stdin, capture_output=True, encoding="utf-8", env=env, timeout=LIMIT_S, check=False
    )


@pytest.mark.parametrize("name", ["pause", "resume", "next", "previous", "status"])
def test_without_a_running_one_that_is_said(name: str) -> None:
    ended = lectern(name)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == "lectern: Lectern is not running. Start it with: lectern\n"


@pytest.mark.parametrize("name", ["stop", "quit"])
def test_what_is_done_already_is_done(name: str) -> None:
    ended = lectern(name)
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "Lectern is not running.\n")


def test_status_for_programs_without_a_running_one() -> None:
    ended = lectern("status", "--json")
    assert (ended.returncode, json.loads(ended.stdout)) == (2, {"running": False})


@pytest.mark.skipif(sys.platform != "linux", reason="X and Wayland")
@pytest.mark.parametrize(
    "arguments",
    [(), ("--background",), ("show",), ("show", "--narration"), ("read", "Hello."), ("read", "--selection")],
)
def test_without_a_desktop_that_is_said(arguments: tuple[str, ...]) -> None:
    ended = lectern(*arguments)
    assert ended.returncode == 2
    assert "neither DISPLAY nor WAYLAND_DISPLAY is set" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "stdin", "command"),
    [
        (("read", "Hello", "there."), "", Command(CommandName.READ, "Hello there.")),
        (("read", "-"), "From a pipe.", Command(CommandName.READ, "From a pipe.")),
        (("read",), "From a pipe.", Command(CommandName.READ, "From a pipe.")),
        (("read", "--selection"), "", Command(CommandName.READ_SELECTION)),
        (("read", "--clipboard"), "", Command(CommandName.READ_CLIPBOARD)),
        (("pause",), "", Command(CommandName.PAUSE)),
        (("quit",), "", Command(CommandName.QUIT)),
        ((), "", Command(CommandName.SHOW)),
        (("show", "--narration"), "", Command(CommandName.SHOW_NARRATION)),
        (("--background",), "", STATUS),
    ],
)
def test_commands_reach_the_running_one(
    qtbot: QtBot, obedient: list[Command], arguments: tuple[str, ...], stdin: str, command: Command
) -> None:
    with ThreadPoolExecutor(1) as pool:
        future = pool.submit(lectern, *arguments, stdin=stdin)
        qtbot.waitUntil(future.done)
    ended = future.result()
    assert obedient == [command]
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.usefixtures("obedient")
def test_status_in_a_line_and_for_programs(qtbot: QtBot) -> None:
    assert aside(qtbot, lectern, "status").stdout == "number 1\n"
    status = json.loads(aside(qtbot, lectern, "status", "--json").stdout)
    assert status == {"running": True, "phase": "idle", "speed": 1.5}


def test_a_refusal_is_said_and_ends_with_2(qtbot: QtBot, instance: SingleInstance) -> None:
    instance.command_received.connect(lambda _command, reply: reply(Reply(False, "Nothing is selected.")))
    ended = aside(qtbot, lectern, "read", "--selection")
    assert (ended.returncode, ended.stderr) == (2, "lectern: Nothing is selected.\n")


@pytest.mark.parametrize("arguments", [("read", "--selection", "Hello."), ("read", "--selection", "--clipboard")])
def test_two_sources_are_wrong_usage(arguments: tuple[str, ...]) -> None:
    assert lectern(*arguments).returncode == 2


def test_the_command_line_loads_no_qt_no_pytorch_and_no_numpy() -> None:
    code = (
        "import sys; from desktop.cli import run; run(['status']); "
        "print([name for name in ('PySide6', 'torch', 'av', 'numpy') if name in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=LIMIT_S, check=True
    )
    assert ended.stdout == "[]\n"
