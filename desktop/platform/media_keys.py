"""Answers media keys and the desktop's media controls, through MPRIS on the session bus (specification 2.2).

Without a session bus, as on Windows, nothing happens and nothing fails.
"""

from __future__ import annotations

import os

from PySide6.QtCore import ClassInfo, Property, QObject, Signal, Slot
from PySide6.QtDBus import QDBusAbstractAdaptor, QDBusConnection, QDBusMessage, QDBusObjectPath
from shiboken6 import delete, isValid

from desktop.common.paths import APP_ID
from desktop.common.state import SPEEDS, AppState, Phase

SERVICE = "org.mpris.MediaPlayer2.lectern"
PATH = "/org/mpris/MediaPlayer2"
PLAYER = "org.mpris.MediaPlayer2.Player"
NO_TRACK = "/org/mpris/MediaPlayer2/TrackList/NoTrack"
MAX_TITLE_CHARS = 300

_STATUS = {Phase.IDLE: "Stopped", Phase.PREPARING: "Playing", Phase.SPEAKING: "Playing", Phase.PAUSED: "Paused"}


class MediaKeys(QObject):
    """Offers Lectern as a media player while it lives. Used from the GUI thread; no method blocks."""

    play_pause_requested = Signal()
    pause_requested = Signal()
    resume_requested = Signal()
    stop_requested = Signal()
    next_requested = Signal()
    previous_requested = Signal()
    set_speed_requested = Signal(float)
    set_volume_requested = Signal(float)
    show_window_requested = Signal()
    quit_requested = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bus = QDBusConnection.sessionBus()
        self._object = QObject(self)  # what the bus sees: the adaptors, and none of our own signals
        _Application(self._object, self)
        self._player = _Player(self._object, self)
        self._service = ""
        if not self._bus.isConnected() or not self._bus.registerObject(PATH, self._object):
            return
        for service in (SERVICE, f"{SERVICE}.instance{os.getpid()}"):
            if self._bus.registerService(service):
                self._service = service
                break

    def show(self, state: AppState) -> None:
        """Tell the desktop what has changed since the last state."""
        before, self._player.shown = self._player.shown, _properties(state)
        changed = {name: value for name, value in self._player.shown.items() if before[name] != value}
        if changed and self._service:
            signal = QDBusMessage.createSignal(PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged")
            # WORKAROUND: PySide writes an empty list as "av", which GDBus's clients refuse; a name makes it "as"
            signal.setArguments([PLAYER, changed, ["Position"]])
            self._bus.send(signal)

    def close(self) -> None:
        """Leave the bus. Nothing can be shown any more."""
        if self._service:
            self._bus.unregisterService(self._service)
            self._bus.unregisterObject(PATH)
            self._service = ""
        if isValid(self._object):
            # Now, in this thread: QtDBus relays what the adaptors' parent emits, its end too. Python, which may collect
            # it in any thread, would have it end there.
            delete(self._object)


def _properties(state: AppState) -> dict[str, object]:
    """The properties that change, by their MPRIS names."""
    return {
        "PlaybackStatus": _STATUS[state.phase],
        "Metadata": _metadata(state),
        "Rate": state.speed,
        "Volume": state.volume,
        "CanGoNext": state.is_active,
        "CanGoPrevious": state.is_active,
        "CanPlay": state.is_active,
        "CanPause": state.is_active,
    }


def _metadata(state: AppState) -> dict[str, object]:
    """The sentence being heard as the track."""
    reading = state.reading
    if not state.is_active or reading.sentence is None:
        return {"mpris:trackid": QDBusObjectPath(NO_TRACK)}
    start, end = reading.sentence
    return {
        "mpris:trackid": QDBusObjectPath(f"/io/github/lectern/sentence/{start}"),
        "xesam:title": " ".join(reading.text[start:end].split())[:MAX_TITLE_CHARS],
        "xesam:artist": [reading.speaker or "Lectern"],
    }


# The names below are the specification's, and each property is read by Qt when another program asks for it.
# ruff: noqa: N802


@ClassInfo({"D-Bus Interface": "org.mpris.MediaPlayer2"})  # pyright: ignore[reportCallIssue]
class _Application(QDBusAbstractAdaptor):
    def __init__(self, seen: QObject, keys: MediaKeys) -> None:
        super().__init__(seen)
        self._keys = keys

    @Slot()
    def Raise(self) -> None:
        self._keys.show_window_requested.emit()

    @Slot()
    def Quit(self) -> None:
        self._keys.quit_requested.emit()

    Identity = Property(str, lambda _: "Lectern")
    DesktopEntry = Property(str, lambda _: APP_ID)
    CanRaise = Property(bool, lambda _: True)
    CanQuit = Property(bool, lambda _: True)
    HasTrackList = Property(bool, lambda _: False)
    SupportedUriSchemes = Property("QStringList", lambda _: [])  # pyright: ignore[reportArgumentType]
    SupportedMimeTypes = Property("QStringList", lambda _: [])  # pyright: ignore[reportArgumentType]


@ClassInfo({"D-Bus Interface": PLAYER})  # pyright: ignore[reportCallIssue]
class _Player(QDBusAbstractAdaptor):
    def __init__(self, seen: QObject, keys: MediaKeys) -> None:
        super().__init__(seen)
        self._keys = keys
        self.shown = _properties(AppState())

    @Slot()
    def PlayPause(self) -> None:
        self._keys.play_pause_requested.emit()

    @Slot()
    def Play(self) -> None:
        self._keys.resume_requested.emit()

    @Slot()
    def Pause(self) -> None:
        self._keys.pause_requested.emit()

    @Slot()
    def Stop(self) -> None:
        self._keys.stop_requested.emit()

    @Slot()
    def Next(self) -> None:
        self._keys.next_requested.emit()

    @Slot()
    def Previous(self) -> None:
        self._keys.previous_requested.emit()

    @Slot("qlonglong")
    def Seek(self, _offset_us: int) -> None:
        """CanSeek is false: the specification wants this to do nothing."""

    @Slot(QDBusObjectPath, "qlonglong")
    def SetPosition(self, _track: QDBusObjectPath, _position_us: int) -> None:
        """As `Seek`."""

    def _rate(self) -> object:
        return self.shown["Rate"]

    def _set_rate(self, rate: float) -> None:
        if rate == 0.0:  # the specification's other word for a pause
            self._keys.pause_requested.emit()
        elif SPEEDS[0] <= rate <= SPEEDS[1]:
            self._keys.set_speed_requested.emit(rate)

    def _volume(self) -> object:
        return self.shown["Volume"]

    def _set_volume(self, volume: float) -> None:
        """Below nothing is nothing, says the specification; above whole is as loud as we go."""
        self._keys.set_volume_requested.emit(min(max(volume, 0.0), 1.0))

    Rate = Property(float, _rate, _set_rate)
    Volume = Property(float, _volume, _set_volume)
    PlaybackStatus = Property(str, lambda self: self.shown["PlaybackStatus"])
    Metadata = Property("QVariantMap", lambda self: self.shown["Metadata"])  # pyright: ignore[reportArgumentType]
    MinimumRate = Property(float, lambda _: SPEEDS[0])
    MaximumRate = Property(float, lambda _: SPEEDS[1])
    Position = Property("qlonglong", lambda _: 0)  # pyright: ignore[reportArgumentType]
    CanGoNext = Property(bool, lambda self: self.shown["CanGoNext"])
    CanGoPrevious = Property(bool, lambda self: self.shown["CanGoPrevious"])
    CanPlay = Property(bool, lambda self: self.shown["CanPlay"])
    CanPause = Property(bool, lambda self: self.shown["CanPause"])
    CanSeek = Property(bool, lambda _: False)
    CanControl = Property(bool, lambda _: True)
