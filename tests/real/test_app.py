"""The application as a person runs it: a real display, window manager, session bus and sound server."""

from __future__ import annotations

import json
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, BinaryIO

import forked_engines
import numpy as np
import pytest
from addresses import free_address
from bus_calls import BusError, call, get_property
from dbus_fast import Variant
from desktops import own_by_xclip, require, run_sway, running
from mock_hub import TOKEN, Hold, MockHub
from ready import Command as Forked
from ready import Ready
from served import spoken
from waiting import LIMIT_S

from desktop.common.protocol import Command, CommandName, Reply
from desktop.platform.remote import send
from engine.voice_library import VoiceLibrary, make_voice, sound_of_samples

RATE_HZ = 48_000  # the monitor's
LOG = logging.getLogger(__name__)  # the numbers: pytest --log-cli-level=info
LONG = "Here is a sentence that goes on for quite a while, so that there is time. " * 3
TINY = Path(__file__).parents[1] / "golden" / "tiny_s1" / "checkpoint"
Process = Forked | subprocess.Popen[bytes]

pytestmark = pytest.mark.xdist_group("the application")  # one Python loads it, from which most are forked


class App:
    """A Lectern that is started and told what to do from outside."""

    def __init__(self, environment: dict[str, str], sound: Any, ready: Ready) -> None:
        """It is forked from a Python that is `ready`."""
        self.environment, self.sound, self.ready = environment, sound, ready
        self.home = Path(environment["HOME"])

    @contextmanager
    def run(self, *arguments: str) -> Iterator[Forked]:
        """The running application, forked from a Python that has loaded it."""
        with Path(os.devnull).open("rb") as nothing, self._log() as log:
            streams = (nothing.fileno(), log.fileno(), log.fileno())
            with self.ready.start(arguments, self.home, self.environment, streams) as process:
                self._wait_until_it_answers()
                yield process

    @contextmanager
    def run_anew(self, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
        """The running application, whose Python started with nothing."""
        command = [sys.executable, "-m", "desktop", *arguments]
        with (
            self._log() as log,
            running(*command, env=self.environment, cwd=self.home, stdout=log, stderr=log) as process,
        ):
            self._wait_until_it_answers()
            yield process

    @contextmanager
    def _log(self) -> Iterator[BinaryIO]:
        path = self.home / "app.log"
        with path.open("ab") as log:
            yield log
        assert b"Traceback" not in path.read_bytes()

    def _wait_until_it_answers(self) -> None:
        self.until(lambda: self.tell(CommandName.STATUS) is not None)

    def tell(self, name: CommandName, text: str = "") -> Reply | None:
        return send(Command(name, text), LIMIT_S)

    def status(self) -> dict[str, Any]:
        reply = self.tell(CommandName.STATUS)
        assert reply is not None
        return dict(reply.status)

    def until(self, is_so: Callable[[], bool], limit_s: float = LIMIT_S) -> None:
        """Ask until it is so, less often when it takes long: there is no signal between processes to wait for, and each
        answer costs both of them."""
        began = time.monotonic()
        while not is_so():
            waited_s = time.monotonic() - began
            assert waited_s < limit_s, (self.home / "app.log").read_text()
            signal.sigtimedwait([], min(max(0.05, 0.1 * waited_s), 0.25))

    def until_phase(self, phase: str) -> None:
        """For a phase that lasts: a short one may be over before it is asked for."""
        self.until(lambda: self.status()["phase"] == phase)

    def read_to_the_end(self, text: str) -> None:
        with self.sound.monitor.hearing():
            self.tell(CommandName.READ, text)
        self.until_phase("idle")

    def keep_settings(self, **values: Any) -> None:
        folder = Path(self.environment["XDG_CONFIG_HOME"]) / "lectern"
        folder.mkdir(parents=True)
        defaults = {"version": 1, "offered_s1": True, "language": "en"}  # telling it takes half a second of a processor
        (folder / "settings.json").write_text(json.dumps(defaults | values))

    def kept_settings(self) -> dict[str, Any]:
        return json.loads((Path(self.environment["XDG_CONFIG_HOME"]) / "lectern" / "settings.json").read_text())

    def quit(self, process: Process) -> int:
        reply = self.tell(CommandName.QUIT)
        assert reply is not None
        assert reply.ok
        return process.wait(LIMIT_S)


@pytest.fixture
def app(
    x_display: str, sound_server: Any, ready_application: Ready, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> App:
    environment = {**sound_server.environment, "DISPLAY": x_display}
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        environment[f"XDG_{name}_HOME"] = str(tmp_path / name.lower())
    environment.pop("LECTERN_CHECKPOINT", None)
    monkeypatch.setenv("XDG_RUNTIME_DIR", environment["XDG_RUNTIME_DIR"])  # where this process finds the socket
    return App(environment, sound_server, ready_application)


def children(process: Process) -> list[int]:
    """The processes that speak for it."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            is_voice = b"spawn_main" in (folder / "cmdline").read_bytes()
        except OSError:
            continue  # it has ended
        if parent == process.pid and is_voice:
            found.append(int(folder.name))
    return found + forked_engines.children(process.pid)


def is_loud(samples: np.ndarray) -> bool:
    return bool(np.abs(samples).max(initial=0) > 0.02)


def window_is_seen(app: App) -> bool:
    search = (require("xdotool", "xdotool"), "search", "--onlyvisible", "--name", "^Lectern$")
    return subprocess.run(search, env=app.environment, capture_output=True, check=False).stdout != b""


def test_the_first_start_speaks_and_offers_itself(app: App) -> None:
    started = time.monotonic()
    with app.run_anew() as process:
        app.sound.monitor.wait_for_sound()
        LOG.info("start to first sound: %.2f s", time.monotonic() - started)
        assert app.status()["speaker"] == "built-in voice"
        assert window_is_seen(app)
        assert subprocess.run([sys.executable, "-m", "desktop"], env=app.environment, check=False).returncode == 0
        pids = children(process)
        assert pids
        assert app.quit(process) == 0
        assert not any(Path(f"/proc/{pid}").exists() for pid in pids)
    kept = Path(app.environment["XDG_STATE_HOME"]) / "lectern" / "last-text.txt"
    assert kept.read_text() == ""  # the welcome is no text of the person's


def test_without_a_tray_closing_the_window_ends_no_reading_at_once(app: App) -> None:
    """It is told and minimised; closed once more it ends. Idle, closing it ends Lectern."""
    app.keep_settings(load_at_start=False)
    xdotool = require("xdotool", "xdotool")

    def close() -> None:
        """By the window manager's key. A press of its own: sent to the window, its second half would find it gone."""
        for words in (
            ("search", "--onlyvisible", "--name", "^Lectern$", "windowactivate", "--sync"),
            ("key", "alt+F4"),
        ):
            press = partial(subprocess.run, [xdotool, *words], env=app.environment, capture_output=True, check=False)
            app.until(lambda do=press: do().returncode == 0)  # a window that ends while it searches is an error

    for is_reading in (True, False):
        with app.run() as process:
            app.until(lambda: window_is_seen(app))
            if is_reading:
                app.tell(CommandName.READ, LONG)
                app.until_phase("speaking")
                before_s = app.status()["heard_s"]
                close()
                app.until(lambda: not window_is_seen(app))
                app.until(lambda at=before_s: app.status()["heard_s"] > at + 0.5)
                app.tell(CommandName.SHOW)
                app.until(lambda: window_is_seen(app))
            close()
            assert process.wait(LIMIT_S) == 0


def test_a_read_that_is_refused_leaves_no_lectern_running(app: App) -> None:
    for text in ("", "  \n"):
        command = [sys.executable, "-m", "desktop", "read", text]
        done = subprocess.run(command, env=app.environment, stdin=subprocess.DEVNULL, capture_output=True, check=False)
        assert done.returncode == 2, done
        assert done.stderr
        assert app.tell(CommandName.STATUS) is None


def test_one_that_runs_obeys_commands_and_keys_and_outlives_its_engine(app: App) -> None:
    """And ends in order when it is told to by a signal."""
    app.keep_settings()
    with app.run("--background") as process:
        says_what_there_is(app)
        obeys_the_command_line(app)
        shows_the_window_of_books(app)
        reads_the_selection_and_stops_at_its_key(app)
        goes_on_with_another_engine(app, process)
        ends_in_order(app, process, signal.SIGTERM)
    assert app.kept_settings()["window_geometry"]


def says_what_there_is(app: App) -> None:
    reply = app.tell(CommandName.STATUS)
    assert reply is not None
    for words in ("Nothing is read", "built-in voice", "voice: usual voice", "Meta+Ctrl+R reads the selection"):
        assert words in reply.message


def obeys_the_command_line(app: App) -> None:
    app.tell(CommandName.READ, LONG)
    app.sound.monitor.wait_for_sound()
    app.until_phase("speaking")
    LOG.info("command to first sound: %.0f ms", app.status()["first_sound_ms"])
    app.tell(CommandName.PAUSE)
    assert app.status()["phase"] == "paused"
    with app.sound.monitor.recording() as stop:
        heard = app.status()["heard_s"]
        silence = stop()
    assert not is_loud(silence[RATE_HZ // 4 :])
    assert app.status()["heard_s"] <= heard + 0.2  # the last poll
    app.tell(CommandName.RESUME)
    app.sound.monitor.wait_for_sound()
    before = app.status()["heard_s"]
    app.tell(CommandName.NEXT)
    app.until(lambda: app.status()["heard_s"] > before + 1)
    app.read_to_the_end("Short.")
    app.tell(CommandName.READ, LONG)
    app.until_phase("speaking")
    app.tell(CommandName.STOP)
    assert app.status()["phase"] == "idle"
    refused = app.tell(CommandName.READ, "   ")
    assert refused is not None
    assert not refused.ok
    assert refused.message


def shows_the_window_of_books(app: App) -> None:
    """As the entry *Narrate a Document* of the desktop's menu has it."""
    search = (require("xdotool", "xdotool"), "search", "--onlyvisible", "--name", "^Narrate .* Lectern$")
    subprocess.run([sys.executable, "-m", "desktop", "show", "--narration"], env=app.environment, check=True)
    app.until(lambda: subprocess.run(search, env=app.environment, capture_output=True, check=False).returncode == 0)


def reads_the_selection_and_stops_at_its_key(app: App) -> None:
    xdotool = require("xdotool", "xdotool")

    def press() -> float:
        pressed = time.monotonic()
        subprocess.run([xdotool, "key", "super+ctrl+r"], env=app.environment, check=True)
        return pressed

    own_by_xclip("primary", LONG, app.environment)
    subprocess.run([xdotool, "key", "Num_Lock"], env=app.environment, check=True)
    try:
        pressed = press()
        app.sound.monitor.wait_for_sound()
        LOG.info("key to first sound: %.0f ms", 1000 * (time.monotonic() - pressed))
        press()
        app.until_phase("idle")
        press()
        app.until_phase("speaking")
        own_by_xclip("primary", "Another one.", app.environment)
        press()
        app.until_phase("idle")  # the other text was read to its end
    finally:
        subprocess.run([xdotool, "key", "Num_Lock"], env=app.environment, check=True)


def goes_on_with_another_engine(app: App, process: Process) -> None:
    """What is read when the engine is killed is read to its end, and so is what comes then."""
    app.tell(CommandName.READ, LONG)
    app.until_phase("speaking")
    pids = children(process)
    assert pids
    for pid in pids:
        os.kill(pid, signal.SIGKILL)
    app.until_phase("idle")
    reply = app.tell(CommandName.STATUS)
    assert reply is not None
    assert reply.ok, reply.message
    app.tell(CommandName.READ, "Still here.")
    app.sound.monitor.wait_for_sound()


def ends_in_order(app: App, process: Process, number: int) -> None:
    """At the signal, while it reads."""
    app.tell(CommandName.READ, LONG)
    app.until_phase("speaking")
    pids = children(process)
    process.send_signal(number)
    assert process.wait(LIMIT_S) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_the_tray_icon_opens_the_reader(app: App) -> None:
    app.keep_settings(load_at_start=False)
    xdotool, trayer = require("xdotool", "xdotool"), require("trayer", "trayer")

    def panels() -> list[str]:
        command = [xdotool, "search", "--onlyvisible", "--class", "trayer"]
        found = subprocess.run(command, env=app.environment, capture_output=True, encoding="utf-8", check=False)
        return found.stdout.split()

    def panel_width(window: str) -> int:
        command = [xdotool, "getwindowgeometry", "--shell", window]
        shell = subprocess.run(command, env=app.environment, capture_output=True, encoding="utf-8", check=True).stdout
        return int(dict(line.split("=") for line in shell.split())["WIDTH"])

    panel = (trayer, "--edge", "top", "--align", "left", "--widthtype", "request", "--height", "24")
    with running(*panel, env=app.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        app.until(lambda: bool(panels()))
        window = panels()[0]
        with app.run("--background") as process:
            app.until(lambda: panel_width(window) >= 20)  # the icon is in it
            assert not window_is_seen(app)
            subprocess.run(
                [xdotool, "mousemove", "--window", window, "12", "12", "click", "1"], env=app.environment, check=True
            )
            app.until(lambda: window_is_seen(app))
            assert app.quit(process) == 0


class BusPanel:
    """Xfce's panel, which shows StatusNotifierItems and fetches their menus with com.canonical.dbusmenu."""

    ITEM, MENU, WATCHER = "org.kde.StatusNotifierItem", "com.canonical.dbusmenu", "org.kde.StatusNotifierWatcher"

    def __init__(self, app: App) -> None:
        self._app, self._address = app, app.environment["DBUS_SESSION_BUS_ADDRESS"]

    @contextmanager
    def run(self) -> Iterator[None]:
        (xfconfd,) = Path("/usr/lib").glob("*/xfce4/xfconf/xfconfd")  # Debian's panel depends on it
        quiet = {"env": self._app.environment, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        panel = (require("xfce4-panel", "xfce4-panel"), "--disable-wm-check")
        bus = "org.freedesktop.DBus"
        has_settings = (self._address, bus, "/org/freedesktop/DBus", f"{bus}.NameHasOwner", "s", "org.xfce.Xfconf")
        with running(str(xfconfd), **quiet):
            self._app.until(lambda: call(*has_settings) == [True])  # or the panel would not start
            with running(*panel, **quiet):
                self._app.until(lambda: bool(self._ask("IsStatusNotifierHostRegistered")))
                yield

    def wait_for_item(self) -> None:
        self._app.until(lambda: bool(self._ask("RegisteredStatusNotifierItems")))
        self._service, path = self._ask("RegisteredStatusNotifierItems")[0].split("/", 1)
        self._path = f"/{path}"
        self._menu = self.item("Menu")

    def item(self, name: str) -> Any:
        return get_property(self._address, self._service, self._path, self.ITEM, name)

    def click(self) -> None:
        call(self._address, self._service, self._path, f"{self.ITEM}.Activate", "ii", 0, 0)

    def entries(self) -> dict[str, int]:
        """The menu's words and what to choose them by."""
        layout = call(self._address, self._service, self._menu, f"{self.MENU}.GetLayout", "iias", 0, 1, ["label"])[1]
        return {entry[1].get("label", "").replace("_", ""): entry[0] for entry in layout[2]}

    def choose(self, words: str) -> None:
        event = (self.entries()[words], "clicked", Variant("i", 0), 0)
        call(self._address, self._service, self._menu, f"{self.MENU}.Event", "isvu", *event)

    def _ask(self, name: str) -> Any:
        try:
            return get_property(self._address, self.WATCHER, "/StatusNotifierWatcher", self.WATCHER, name)
        except BusError:  # it is starting
            return None


def test_a_panel_that_shows_icons_over_the_bus_has_icon_and_menu(app: App) -> None:
    app.keep_settings(load_at_start=False)
    panel = BusPanel(app)
    with panel.run(), app.run("--background") as process:
        panel.wait_for_item()
        assert (panel.item("Title"), panel.item("Status")) == ("Lectern", "Active")
        assert not window_is_seen(app)
        panel.click()
        app.until(lambda: window_is_seen(app))
        wanted = {"Read selection", "Read clipboard", "Open reader", "Voice", "Speed", "Doctor…", "Quit"}
        assert wanted <= set(panel.entries())
        panel.choose("Quit")
        assert process.wait(LIMIT_S) == 0


@pytest.mark.may_warn("QDBusTrayIcon encountered a D-Bus error")  # no panel yet: what is tried here
def test_on_wayland_it_reads_the_selection_and_gets_an_icon_from_a_panel_that_comes_later(app: App) -> None:
    """As at login. The panel is on the X display; it is the bus that both share."""
    app.keep_settings()
    panel = BusPanel(app)
    with ExitStack() as stack:
        wayland = {"WAYLAND_DISPLAY": stack.enter_context(run_sway()), "XDG_SESSION_TYPE": "wayland"}
        here = {key: value for key, value in app.environment.items() if key not in ("DISPLAY", "QT_QPA_PLATFORM")}
        on_wayland = App(here | wayland, app.sound, app.ready)
        process = stack.enter_context(on_wayland.run("--background"))
        copy = ("wl-copy", "--foreground", "--primary", "Selected on Wayland. " + LONG)
        stack.enter_context(running(*copy, env=on_wayland.environment))

        def reads() -> bool:  # wl-copy does not say when the text is its own
            app.tell(CommandName.READ_SELECTION)
            return app.status()["phase"] in ("preparing", "speaking")

        app.until(reads)
        app.sound.monitor.wait_for_sound()
        stack.enter_context(panel.run())
        panel.wait_for_item()
        assert panel.item("Title") == "Lectern"
        panel.choose("Quit")
        assert process.wait(LIMIT_S) == 0


def paused_for(pid: int, seconds: float) -> None:
    """The process stands still for so long."""
    os.kill(pid, signal.SIGSTOP)
    try:
        signal.sigtimedwait([], seconds)
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.slow
def test_s1_whose_first_sound_takes_long_is_heard(app: App) -> None:
    """At a cold start without another voice meanwhile, from a process that stood still for 8 s, and after kill -9."""
    app.keep_settings(device="auto", built_in_meanwhile=False, load_at_start=False, compile=False)
    app.environment["LECTERN_CHECKPOINT"] = str(TINY)
    with app.run("--background") as process:
        app.tell(CommandName.READ, "Yes.")  # it is not loaded yet
        app.sound.monitor.wait_for_sound(5 * LIMIT_S)
        app.until(lambda: app.status()["speaker"] == "S1 Mini")
        app.until_phase("idle")
        (pid,) = children(process)
        paused = threading.Thread(target=paused_for, args=(pid, 8.0))
        paused.start()
        app.tell(CommandName.READ, LONG)
        with app.sound.monitor.recording() as stop:
            before_s = cpu_s(process.pid)
            paused.join()
            used_s = cpu_s(process.pid) - before_s
            silence = stop()
        assert not is_loud(silence[: 7 * RATE_HZ])
        LOG.info("CPU in 8 s of waiting: %.2f s", used_s)
        assert used_s < 0.8
        app.sound.monitor.wait_for_sound()
        app.until_phase("speaking")
        heard_s = app.status()["heard_s"]
        os.kill(pid, signal.SIGKILL)
        app.until(lambda: children(process) not in ([], [pid]), 3 * LIMIT_S)
        app.until(lambda: app.status()["heard_s"] > heard_s + 1, 3 * LIMIT_S)  # it goes on where it was
        app.sound.monitor.wait_for_sound(3 * LIMIT_S)
        assert app.quit(process) == 0


def cpu_s(pid: int) -> float:
    """That the process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@pytest.mark.slow
def test_s1_mini_takes_over_when_it_is_ready_and_nothing_reaches_anybody_outside(
    app: App, network_watch: Path, network_log: Path
) -> None:
    """Native code is watched, too, with a token and an unfinished download there; see tests/real/test_network.py. And
    Ctrl+C ends them all."""
    app.keep_settings(device="cpu", s1_download="paused", serve_http=True, serve_address="127.0.0.1:0")
    app.environment |= {"LD_PRELOAD": str(network_watch), "HF_TOKEN": TOKEN, "LECTERN_CHECKPOINT": str(TINY)}
    app.environment |= dict.fromkeys(("http_proxy", "https_proxy"), "http://192.0.2.1:3128")
    with app.run_anew() as process:
        goes_on_with_what_the_built_in_voice_began(app)
        with app.sound.monitor.hearing():
            app.tell(CommandName.READ, "Yes.")
            app.until(lambda: app.status()["speaker"] == "S1 Mini")
        assert app.status()["peak_memory_bytes"] > 2**27  # PyTorch alone is more
        memory = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        LOG.info("memory of the window's process: %s", memory.split("VmRSS:")[1].split("\n")[0].strip())
        loaded = Path(f"/proc/{process.pid}/maps").read_text(encoding="utf-8")
        assert "libtorch" not in loaded
        assert network_watch.name in loaded
        ends_in_order(app, process, signal.SIGINT)
    assert app.kept_settings()["window_geometry"]
    assert not network_log.exists()


def goes_on_with_what_the_built_in_voice_began(app: App) -> None:
    paragraph = "Here is a sentence that goes on for a while. And here is another one."
    with app.sound.monitor.hearing():
        app.tell(CommandName.READ, "\n\n".join([paragraph] * 60))
        app.until_phase("speaking")
    assert app.status()["speaker"] == "built-in voice"
    heard = [0.0]

    def is_taken_over() -> bool:
        status = app.status()
        heard.append(status["heard_s"])
        return status["speaker"] == "S1 Mini"

    app.until(is_taken_over, 3 * LIMIT_S)
    assert heard == sorted(heard)
    at_s = heard[-1]
    app.until(lambda: app.status()["heard_s"] > at_s + 0.2)


@pytest.fixture
def hub(app: App) -> Iterator[MockHub]:
    """A hub for `app`, whose person has logged in."""
    with MockHub(TINY) as hub:
        home = app.home / "hub"
        home.mkdir()
        (home / "token").write_text(TOKEN)
        app.environment |= {"HF_ENDPOINT": hub.url, "HF_HOME": str(home)}
        yield hub


@pytest.mark.slow
def test_a_download_goes_on_after_a_crash_and_what_it_brought_speaks(app: App, hub: MockHub) -> None:
    """With the chosen voice, which was recorded without S1 Mini: its file has sound alone until the engine's process
    speaks with it."""
    library = VoiceLibrary(Path(app.environment["XDG_DATA_HOME"]) / "lectern" / "voices")
    sound = sound_of_samples(spoken("Yes, this is it."), 44_100)
    library.add(make_voice("Zoë", [(sound, "Yes, this is it.")], "en"))
    app.keep_settings(device="cpu", s1_download="running", voice="Zoë")
    size = len(hub.files["codec.pth"])
    hub.fail("codec.pth", Hold(size // 2))
    with app.run("--background") as process:
        data = Path(app.environment["XDG_DATA_HOME"])
        app.until(lambda: any(path.stat().st_size >= size // 4 for path in data.rglob("codec.pth*")))
        assert app.status()["download"] == "downloading"
        process.kill()
        process.wait()
    hub.release()
    with app.run("--background") as process:
        app.until(lambda: app.status()["engine"] == "ready", 3 * LIMIT_S)
        assert app.status()["download"] == "ready"
        with app.sound.monitor.hearing():
            app.tell(CommandName.READ, "Yes.")
            app.until(lambda: app.status()["speaker"] == "S1 Mini")
            app.until(lambda: library.find("Zoë").is_encoded)
        assert app.quit(process) == 0
    assert library.names() == ("Zoë",)
    went_on_at = hub.asked("codec.pth", "storage")[-1].first_byte
    assert went_on_at is not None
    assert went_on_at >= size // 4
    assert app.kept_settings()["s1_download"] == ""


def answers_at(address: str) -> bool:
    host, _, port = address.rpartition(":")
    with socket.socket() as client:
        return client.connect_ex((host, int(port))) == 0


def test_other_programs_speak_through_the_running_application(app: App) -> None:
    address, wyoming = free_address(), free_address()
    app.keep_settings(
        serve_http=True,
        serve_address=address,
        serve_key="open sesame",
        serve_wyoming=True,
        wyoming_address=wyoming,
        checkpoint_folder=str(TINY),
        device="cpu",
    )
    with app.run("--background") as process:
        app.until(lambda: answers_at(address))
        answers: list[tuple[int, bytes]] = []

        def ask(key: str = "open sesame") -> tuple[int, bytes]:
            request = json.dumps({"text": "Yes.", "seed": 3})
            headers = {"Content-Type": "application/json", "Authorization": f"Bearer {key}"}
            with closing(HTTPConnection(address, timeout=LIMIT_S)) as client:
                client.request("POST", "/v1/tts", request, headers)
                reply = client.getresponse()
                return reply.status, reply.read()

        assert ask("wrong")[0] == 401
        status, alone = ask()
        assert status == 200
        assert alone[:4] == b"RIFF"
        assert len(children(process)) == 1  # one copy of the model, and no other voice was started
        thread = threading.Thread(target=lambda: answers.append(ask()))
        thread.start()
        app.read_to_the_end("No.")  # the person comes first
        thread.join(LIMIT_S)
        assert answers == [(200, alone)]  # interrupted or not
        host, _, port = wyoming.rpartition(":")
        with socket.create_connection((host, int(port)), LIMIT_S) as client:
            client.sendall(b'{"type": "synthesize", "data": {"text": "Yes."}}\n')
            stream = client.makefile("rb")
            assert json.loads(stream.readline())["type"] == "audio-start"
        assert len(children(process)) == 1
        assert app.quit(process) == 0
    assert not answers_at(address)
    assert not answers_at(wyoming)


def test_the_reader_reads_on_as_it_was_left(app: App) -> None:
    """The page, the place and, by choice, the voice."""
    said = "This was heard the day before. "
    state = Path(app.environment["XDG_STATE_HOME"]) / "lectern"
    state.mkdir(parents=True)
    (state / "last-text.txt").write_text(said + LONG)
    app.keep_settings(
        read_on_at_start=True,
        last_text_position=len(said),
        page_theme="dark",
        page_zoom=150,
        volume=0.1,
        load_at_start=False,
    )
    xdotool = require("xdotool", "xdotool")
    press = (
        *("search", "--sync", "--onlyvisible", "--name", "^Lectern$"),
        *("windowactivate", "--sync", "key", "--clearmodifiers", "ctrl+plus"),
    )

    with app.run() as process:
        app.until(lambda: app.status()["phase"] == "speaking")
        subprocess.run([xdotool, *press], env=app.environment, check=True, timeout=LIMIT_S)
        app.until(lambda: app.kept_settings()["page_zoom"] == 175)
        app.tell(CommandName.STOP)
        app.until_phase("idle")
        assert app.quit(process) == 0
    kept = app.kept_settings()
    assert kept["last_text_position"] >= len(said)
    assert kept["open_book"] == ""
    assert (kept["page_theme"], kept["read_on_at_start"]) == ("dark", True)
    book = app.home / "book.html"
    book.write_text(f"<html><body><h1>One</h1><p>{LONG}</p></body></html>")
    with app.run(str(book)) as process:
        app.until(lambda: str(book) in (Path(app.environment["XDG_CONFIG_HOME"]) / "lectern/books.json").read_text())
        assert app.quit(process) == 0
    assert app.kept_settings()["open_book"]
    with app.run() as process:
        app.until(lambda: app.status()["phase"] == "speaking")
        assert app.quit(process) == 0
    assert app.kept_settings()["open_book"]
