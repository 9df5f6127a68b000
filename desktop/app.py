"""The composition root: builds everything, connects everything, and shuts down in order. Nothing imports it but
`lectern` without a command."""

from __future__ import annotations

import argparse
import logging
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

import engine
import engine.registry
import engine.text
import engine.weights
from desktop.common.download_state import REMEMBERED, DownloadState
from desktop.common.logs import close_log, open_log
from desktop.common.messages import Mend, Message, explain
from desktop.common.paths import (
    APP_ID,
    cache_folder,
    data_folder,
    dictionary_path,
    last_text_path,
    log_folder,
    settings_path,
    voices_folder,
)
from desktop.common.protocol import Command, CommandName, Reply
from desktop.common.settings import Settings, load_last_text, load_settings, save_last_text, save_settings
from desktop.common.state import AppState, EnginePhase, Phase
from desktop.common.status_words import (
    download_entry,
    engine_entry,
    problem,
    processor_words,
    reading_line,
    voice_words,
)
from desktop.dictionary.controller import DictionaryKeeper
from desktop.doctor.desktop_checks import examine_desktop
from desktop.doctor.dialog import DoctorDialog
from desktop.narration.setup import NarrationSetup
from desktop.narration.values import Speaker
from desktop.platform.autostart import is_autostart_on, turn_autostart_off, turn_autostart_on
from desktop.platform.graphics import GraphicsProbe, what_it_can_do
from desktop.platform.hotkeys import Action, Binding, open_hotkeys
from desktop.platform.media_keys import MediaKeys
from desktop.platform.notifications import Notifier
from desktop.platform.quit_signals import signals_quit
from desktop.platform.remote import send
from desktop.platform.selection import open_selection_reader
from desktop.platform.single_instance import SingleInstance
from desktop.playback.listening import Listener
from desktop.reader.window import ReaderWindow
from desktop.s1.checkpoint_choice import explain_passed_over, find_checkpoint
from desktop.s1.setup import S1Setup
from desktop.settings.dialog import SettingsDialog
from desktop.speech.clients import SharedEngine
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech.http_service import HttpService, HttpSettings, HttpView
from desktop.speech.slots import EngineSpec
from desktop.tray.icon import Tray
from desktop.tray.strip import Strip
from desktop.voices.setup import VoicesSetup
from desktop.voices.state import LibraryState
from desktop.widgets.icons import app_icon

SAVE_AFTER_MS = 500
WELCOME = "This is the built-in voice."
WELCOME_AFTER_MS = 1500
"""So long the first start waits for its hotkeys, to say which one to press."""
HELLO = "This is S1 Mini. From now on I read to you, on your own computer."

log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Be the running Lectern until it is quit; the exit code. Where another runs already, that one is shown."""
    application = QApplication(["lectern"])
    application.setApplicationName("Lectern")
    application.setDesktopFileName(APP_ID)
    application.setWindowIcon(app_icon())
    application.setQuitOnLastWindowClosed(False)
    instance = SingleInstance()
    if not instance.claim():
        send(Command(CommandName.STATUS if arguments.background else CommandName.SHOW))
        return 0
    open_log(log_folder())
    app = App(instance, is_background=arguments.background)
    with signals_quit(application):
        code = application.exec()
    app.shut_down()
    close_log()
    return code


class App(QObject):
    """All parts and the wires between them."""

    _selection_asked = Signal(object)
    """From the doctor's thread: a queue for the answer."""
    _not_kept = Signal(object)
    """From the disk's thread: an `EngineError`."""

    def __init__(self, instance: SingleInstance, is_background: bool) -> None:
        super().__init__()
        self._instance = instance
        is_first_start = not settings_path().exists()
        settings, settings_problem = load_settings(settings_path())
        self._bindings: dict[Action, Binding] = {}
        self._answers: deque[Callable[[Reply], None]] = deque()
        self._settings_dialog: SettingsDialog | None = None
        self._is_asked_twice = False  # to close the window, where that ends what is going on
        self._tells_speed = False  # of S1 Mini, which has just come, once it is ready
        self._has_let_go = False  # of the hotkeys, for a field that records some
        self._engine_name = engine.registry.always_there().name  # as long as there is no better one here
        self._told: Message | None = None  # the last problem shown outside the window
        self._lost_voice = ""  # the voice that was in use when it was removed
        self._is_told_of_disk = False
        self._welcome = QTimer(self, singleShot=True, interval=WELCOME_AFTER_MS)
        self._welcome.timeout.connect(self._welcome_person)
        self._disk = ThreadPoolExecutor(1, "disk")  # one writer, so that the last write wins
        self.engine_thread = EngineThread()
        self.listener = Listener()
        self.listener.set_device(settings.output_device)
        self.controller = Controller(self.engine_thread, self.listener, settings, engine.registry.offered_voices())
        self.dictionary = DictionaryKeeper(
            dictionary_path(), self._disk, lambda: self.controller.settings.language, self
        )
        self.selection, self.hotkeys = open_selection_reader(), open_hotkeys()
        self.media_keys, self.notifier = MediaKeys(), Notifier()
        self.tray, self.window = Tray(), ReaderWindow()
        self.strip = Strip(settings.strip_position)
        self.graphics = GraphicsProbe(self)
        self.s1 = S1Setup(engine.weights.download_folder(data_folder()), settings.prefer_saved_token, self)
        self.voices = VoicesSetup(voices_folder(), self.engine_thread, self.controller.next_epoch, self)
        self.voices.player.device_name = settings.output_device
        self.http = HttpService(
            lambda: SharedEngine(self.engine_thread), voices_folder(), self, lambda: self.dictionary.entries
        )
        self.narration = NarrationSetup(SharedEngine(self.engine_thread), self)
        self.narration.set_voices(engine.registry.offered_voices(), ())
        self.narration.set_device(settings.output_device)
        self._selection_asked.connect(self._probe_selection)
        self._not_kept.connect(self._tell_of_disk)
        self.doctor = DoctorDialog(
            lambda stop: examine_desktop(
                stop, self.tray.is_available(), self._bindings, lambda answers: self._selection_asked.emit(answers)
            )
        )
        self._save_settings, self._save_text = self._delayed(self._write_settings), self._delayed(self._write_text)
        self.dictionary.changed.connect(self.controller.use_pronunciations)
        self.dictionary.changed.connect(self.narration.narrator.set_pronunciations)
        self.dictionary.problem.connect(self.controller.report)
        self._connect_views()
        self._connect_the_rest()
        self.dictionary.load()
        self.engine_thread.start()
        self._disk.submit(engine.text.sentence_start, "One. Two.", 5)  # imports what the first click would wait for
        self._use_settings(settings, None)
        self.s1.download.restore(settings.s1_download)
        self.window.restore_geometry_text(settings.window_geometry)
        self.window.set_text(load_last_text(last_text_path()), settings.last_text_position)
        self.controller.state_changed.emit(self.controller.state)
        if settings_problem is not None:
            self.controller.report(settings_problem)
        self._appear(is_background, is_first_start)

    # --- wires

    def _connect_views(self) -> None:
        """Each signal by its own name, so that a misspelt one ends the start; a test finds those that nobody hears."""
        c, w, t, s, m = self.controller, self.window, self.tray, self.strip, self.media_keys
        for wishes, answer in (
            ((w.pause_wished, t.pause_wished, s.pause_wished, m.pause_wished), c.pause),
            ((w.resume_wished, t.resume_wished, s.resume_wished, m.resume_wished), c.resume),
            ((m.play_pause_wished,), c.pause_or_resume),
            ((w.stop_wished, t.stop_wished, s.stop_wished, m.stop_wished), c.stop),
            ((w.next_wished, t.next_wished, s.next_wished, m.next_wished), c.next),
            ((w.previous_wished, t.previous_wished, m.previous_wished), c.previous),
            ((w.speed_wished, t.speed_wished, m.speed_wished), c.set_speed),
            ((w.volume_wished, m.volume_wished), c.set_volume),
            ((w.voice_wished, t.voice_wished), c.set_voice),
            ((w.voices_wished, t.voices_wished), self.show_voices),
            ((t.free_memory_wished,), c.free_memory),
            ((t.read_selection_wished,), self.read_selection),
            ((t.read_clipboard_wished,), self.read_clipboard),
            ((t.reader_wished, s.reader_wished, m.reader_wished), self.show_window),
            ((w.settings_wished, t.settings_wished), self.show_settings),
            ((w.doctor_wished, t.doctor_wished), self.show_doctor),
            ((w.narration_wished, t.narration_wished), self.show_narration),
            ((w.s1_wished, t.s1_wished), self.show_login),
            ((w.quit_wished, t.quit_wished, m.quit_wished), self.quit),
        ):
            for wish in wishes:
                wish.connect(answer)
        self.window.speak_wished.connect(c.speak)
        self.window.jump_wished.connect(c.jump)
        self.window.part_wished.connect(c.go_to_part)
        self.window.save_wished.connect(lambda text, path: c.save(text, Path(path)))
        self.window.s1_declined.connect(c.dismiss_offer)
        self.window.text_changed.connect(self._save_text.start)
        self.window.visibility_changed.connect(self._allow_strip)
        self.window.closed.connect(self._window_closed)
        self.window.settings_page_wished.connect(self.show_settings)
        self.window.keep_voice_wished.connect(lambda name: self.voices.keep_improvised(c.improvised, name))
        self.strip.moved.connect(lambda x, y: self._keep(strip_position=(x, y)))
        c.state_changed.connect(self._render)

    def _connect_the_rest(self) -> None:
        c = self.controller
        c.settings_changed.connect(lambda settings: self._use_settings(settings, self._settings))
        self.graphics.found.connect(lambda found: c.show_computer(what_it_can_do(found)))
        self.s1.dialog.opened.connect(self.graphics.ask)
        self.narration.told.connect(lambda words: self._tell_outside("Lectern", words))
        self.narration.playing_began.connect(self._make_way_for_book)
        self.narration.window.s1_wished.connect(self.show_login)
        self.s1.state_changed.connect(self._take_download)
        self.s1.problem_arose.connect(lambda message: self._tell_outside("Lectern", str(message)))
        self.s1.download.checkpoint_found.connect(self._use_checkpoint)
        self.s1.pytorch_came.connect(lambda: self._load_engine(self._settings, is_start=False))
        self.s1.download.saved_token_preferred.connect(lambda is_so: self._keep(prefer_saved_token=is_so))
        self.s1.dialog.later_wished.connect(c.dismiss_offer)
        self.s1.dialog.hear_wished.connect(lambda: c.speak(HELLO, from_window=False))
        self.s1.dialog.doctor_wished.connect(self.show_doctor)
        self._connect_voices()
        c.file_finished.connect(lambda name: self._tell_outside("Lectern", f"{name} is saved."))
        self.selection.text_read.connect(self._read_text)
        self.selection.nothing_read.connect(self._read_nothing)
        self.hotkeys.pressed.connect(self._press)
        self.hotkeys.bound.connect(self._show_bindings)
        self.http.changed.connect(self._show_http)
        self._instance.command_received.connect(self._obey)

    def _connect_voices(self) -> None:
        c, voices = self.controller, self.voices
        voices.keeper.names_changed.connect(self._use_voices)
        voices.keeper.renamed.connect(lambda old, new: c.set_voice(new) if c.state.voice == old else None)
        voices.keeper.state_changed.connect(self._tell_of_voices)
        voices.use_wished.connect(c.set_voice)
        voices.read_wished.connect(c.try_voice)
        voices.silence_wished.connect(c.pause)
        voices.gallery.engine_wanted.connect(c.stop)
        voices.dialog.gallery.s1_wished.connect(self.show_login)
        voices.dialog.mine.s1_wished.connect(self.show_login)
        c.engine_taken.connect(voices.gallery.stop)
        voices.keeper.refresh()

    def _use_voices(self, names: tuple[str, ...]) -> None:
        """Those there are to choose from. One that was in use and is no more gives way to the usual one, until it is
        back."""
        voice = self.controller.state.voice
        own = engine.registry.offered_voices()
        self.controller.set_voices((*own, *names))
        self.narration.set_voices(own, names)
        if voice and engine.registry.engine_of_voice(voice) is None and voice not in names:
            self._lost_voice = voice
            self.controller.set_voice("")
            self.window.show_notice(Message(f"The voice {voice} is not there any more.", "The usual one reads now."))
        elif self._lost_voice in names and not voice:
            self.controller.set_voice(self._lost_voice)
            self._lost_voice = ""

    def _tell_of_voices(self, state: LibraryState) -> None:
        """Where the voices' own window does not: a voice is kept from the reader, too."""
        if not self.voices.dialog.isVisible() and (state.problem is not None or state.note):
            self.window.show_notice(state.problem or Message(state.note))

    def _render(self, state: AppState) -> None:
        self.tray.render(state)
        self.window.render(state)
        self.s1.dialog.render(state)
        self.s1.show_engine_problem(state.engine.problem)
        self.voices.dialog.render(state)
        self.strip.render(state)
        self.media_keys.show(state)
        if self._settings_dialog is not None:
            self._settings_dialog.show_engine(state.engine)
        if self._tells_speed and state.engine.phase is EnginePhase.READY:
            self._tells_speed = False
            if words := processor_words(state.engine):
                self._tell_once(Message(words, "Choose what computes it in the settings.", Mend.SET_S1))
        if not state.is_active and not self.narration.is_busy:
            self._is_asked_twice = False
        if state.phase is Phase.SPEAKING:
            self.narration.stop_playing()
        if (wrong := problem(state)) is not None and wrong != self._told:
            self._tell_outside("Lectern", str(wrong))
        self._told = wrong

    # --- what is asked for

    def read_selection(self) -> None:
        self._ask(self.selection.read_selection, self._complain)

    def read_clipboard(self) -> None:
        self._ask(self.selection.read_clipboard, self._complain)

    def _ask(self, read: Callable[[], None], answer: Callable[[Reply], None]) -> None:
        """The selection reader answers in the order in which it was asked."""
        self._answers.append(answer)
        read()

    def _complain(self, reply: Reply) -> None:
        if not reply.ok:
            self.controller.report(Message(reply.message))

    def _read_text(self, text: str) -> None:
        self.controller.read(text)
        self._answers.popleft()(self._reply_to_text())

    def _read_nothing(self, reason: str) -> None:
        self._answers.popleft()(Reply(False, reason))

    def _press(self, action: Action) -> None:
        {
            Action.READ_SELECTION: self.read_selection,
            Action.READ_CLIPBOARD: self.read_clipboard,
            Action.PAUSE_RESUME: self.controller.pause_or_resume,
            Action.STOP: self.controller.stop,
        }[action]()

    def _obey(self, command: Command, answer: Callable[[Reply], None]) -> None:
        """What the command line asks for."""
        match command.name:
            case CommandName.READ_SELECTION:
                self._ask(self.selection.read_selection, answer)
                return
            case CommandName.READ_CLIPBOARD:
                self._ask(self.selection.read_clipboard, answer)
                return
            case CommandName.READ:
                self.controller.speak(command.text, from_window=False)
                answer(self._reply_to_text())
                return
            case CommandName.SHOW:
                self.show_window()
            case CommandName.QUIT:
                answer(self._reply())
                self.quit()
                return
            case CommandName.STATUS:
                pass
            case verb:
                getattr(self.controller, verb.value)()
        answer(self._reply())

    def _reply(self) -> Reply:
        state = self.controller.state
        status = {
            "phase": state.phase.value,
            "speaker": state.reading.speaker,
            "heard_s": state.reading.heard_s,
            "engine": state.engine.phase.value,
            "memory_bytes": state.engine.memory_bytes,
            "peak_memory_bytes": state.engine.peak_memory_bytes,
            "download": state.download.phase.value,
            "first_sound_ms": state.reading.first_sound_ms,
            "voice": state.voice,
            "speed": state.speed,
            "problem": str(problem(state) or ""),
            "hotkeys": {str(action): binding.keys for action, binding in self._bindings.items() if not binding.problem},
        }
        wrong = problem(state)
        keys = self._bindings.get(Action.READ_SELECTION)
        reads = f"{keys.keys} reads the selection" if keys is not None and keys.keys and not keys.problem else ""
        download = download_entry(state.download) if state.download.is_under_way else ""
        parts = (
            reading_line(state) or "Nothing is read",
            engine_entry(state.engine),
            f"voice: {voice_words(state.voice).lower() if not state.voice else state.voice}",
            *(() if state.is_active else (reads, download, state.file_note)),
            f"other programs: {self.http.view.url}" if self.http.view.url else "",
            wrong and wrong.sentence,
        )
        return Reply(True, " · ".join(filter(None, parts)), status)

    def _reply_to_text(self) -> Reply:
        """Whether the text is being read, or why not."""
        state = self.controller.state
        if state.problem is not None and not state.is_active:
            return Reply(False, str(state.problem))
        return Reply(True)

    def _probe_selection(self, answers: SimpleQueue[str]) -> None:
        """A reader of the doctor's own: what the person asked to be read is answered elsewhere."""
        probe = open_selection_reader(self)
        probe.text_read.connect(lambda _: answers.put(""))
        probe.nothing_read.connect(answers.put)
        for answered in (probe.text_read, probe.nothing_read):
            answered.connect(probe.close)
            answered.connect(probe.deleteLater)
        probe.read_selection()

    # --- windows

    def _appear(self, is_background: bool, is_first_start: bool) -> None:
        self.tray.show()
        if not is_background:
            self.show_window()
        elif not self.tray.is_available():  # nobody is locked out where there is no tray
            self.window.showMinimized()
        if is_first_start and not is_background and not self.window.text():
            self.window.welcome(WELCOME, "")
            self._welcome.start()
            self._welcome_if_bound()

    def _welcome_if_bound(self) -> None:
        if self._welcome.isActive() and self._bindings:
            self._welcome.stop()
            self._welcome_person()

    def _welcome_person(self) -> None:
        """Say aloud what the empty reader shows, with the key that is to be pressed here."""
        if self.controller.state.is_active or self.window.text():
            return
        keys = self._read_keys()
        by_key = f", or select some in any program and press {' '.join(keys.split('+'))}" if keys else ""
        spoken = f"{WELCOME} Paste a text and press play{by_key}."
        self.window.welcome(WELCOME, spoken)
        self.controller.speak(spoken)

    def _read_keys(self) -> str:
        """The hotkey that reads the selection, where it works."""
        binding = self._bindings.get(Action.READ_SELECTION)
        return binding.keys if binding is not None and not binding.problem else ""

    def show_window(self) -> None:
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        _bring_forward(self.window)

    def _window_closed(self) -> None:
        """Without a tray that ends Lectern, unless it would break off what is going on: then once more does."""
        self._remember_window()
        if self.tray.is_available():
            return
        is_busy = self.controller.state.is_active or self.controller.state.is_saving or self.narration.is_busy
        if not is_busy or self._is_asked_twice:
            self.quit()
            return
        self._is_asked_twice = True
        self.window.showMinimized()
        self._tell_once(Message("Lectern goes on with what it was doing.", "Close the window again to end it."))

    def _allow_strip(self, is_window_visible: bool) -> None:
        self.strip.set_allowed(self._settings.show_strip and not is_window_visible)

    def show_settings(self, page: str = "") -> None:
        """On `page` of `settings_dialog.PAGES`, else where they were left."""
        if self._settings_dialog is None:
            self._open_settings()
        assert self._settings_dialog is not None
        if page:
            self._settings_dialog.show_page(page)
        _bring_forward(self._settings_dialog)

    def _open_settings(self) -> None:
        dialog = SettingsDialog(self._settings, self.controller.state.voices, self.listener.devices(), self.window)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.settings_changed.connect(lambda settings: self._use_settings(settings, self._settings))
        dialog.s1_wished.connect(self.show_login)
        dialog.recording_changed.connect(self._record_keys)
        dialog.destroyed.connect(self._forget_settings_dialog)
        dialog.dictionary_wished.connect(lambda: _bring_forward(self.dictionary.show_dialog(self.window)))
        self._settings_dialog = dialog
        dialog.show_bindings(self._bindings)
        dialog.show_http(self.http.view.url, self.http.view.problem)
        dialog.show_engine(self.controller.state.engine)

    def _forget_settings_dialog(self) -> None:
        self._settings_dialog = None
        self._record_keys(False)

    def _record_keys(self, is_recording: bool) -> None:
        """While a field waits for keys, Lectern's own do not keep any from it."""
        if is_recording != self._has_let_go:
            if is_recording:
                self._has_let_go = self.hotkeys.let_go()
            else:
                self._has_let_go = False
                self._bind_hotkeys(self._settings)

    def _bind_hotkeys(self, settings: Settings) -> None:
        self.hotkeys.bind({Action(name): keys for name, keys in settings.hotkeys})

    def _show_bindings(self, bindings: dict[Action, Binding]) -> None:
        self._bindings = bindings
        self.window.set_hotkey(self._read_keys())
        self._welcome_if_bound()
        if self._settings_dialog is not None:
            self._settings_dialog.show_bindings(bindings)
            if self._settings_dialog is not None and self._settings_dialog.is_recording:
                self._has_let_go = self.hotkeys.let_go()  # the next press is for the field again
        else:
            self._tell_of_hotkeys(bindings)

    def _tell_of_hotkeys(self, bindings: dict[Action, Binding]) -> None:
        """Once, in the window or outside it: what was told already is remembered over restarts."""
        problems = list(dict.fromkeys(binding.problem for binding in bindings.values() if binding.problem))
        told = "\n".join(problems)
        if told != self._settings.told_of_hotkeys:
            self._keep(told_of_hotkeys=told)
            if problems:
                message = Message(" ".join(problems), mend=Mend.SET_HOTKEYS)
                QTimer.singleShot(0, self, lambda: self._tell_once(message))  # when the window is there to tell it

    def _tell_once(self, message: Message) -> None:
        self.window.show_notice(message)
        self._tell_outside("Lectern", str(message))

    def _show_http(self, view: HttpView) -> None:
        if self._settings_dialog is not None:
            self._settings_dialog.show_http(view.url, view.problem)
        elif view.problem is not None:
            self.controller.report(view.problem)

    def show_login(self) -> None:
        """The way to S1 Mini; to another one where that which is here is no good."""
        self.controller.dismiss_offer()
        wrong = self.controller.state.engine.problem
        if wrong is not None and wrong.mend is Mend.GET_S1:
            self.s1.download.doubt_checkpoint()
        _bring_forward(self.s1.dialog)

    def show_doctor(self) -> None:
        _bring_forward(self.doctor)

    def show_voices(self) -> None:
        _bring_forward(self.voices.dialog)

    def show_narration(self) -> None:
        _bring_forward(self.narration.window)

    def _make_way_for_book(self) -> None:
        """A book is to be heard: one voice at a time."""
        if self.controller.state.phase is Phase.SPEAKING:
            self.controller.pause()

    def _tell_outside(self, title: str, words: str) -> None:
        """Only when the window does not tell it."""
        if self._settings.notifications and not self.window.isVisible():
            self.notifier.notify(title, words)

    # --- S1 Mini's files

    def _take_download(self, download: DownloadState) -> None:
        """Show it, and keep what the next start must know."""
        self.controller.show_download(download)
        if (remembered := REMEMBERED.get(download.phase, "")) != self._settings.s1_download:
            self._keep(s1_download=remembered)

    def _use_checkpoint(self, folder: Path, is_chosen: bool) -> None:
        """It has just come, or was chosen: load it at once."""
        self._keep(checkpoint_folder=str(folder) if is_chosen else "")
        self.controller.dismiss_offer()
        self._tells_speed = True
        self._load_engine(self._settings, is_start=False)
        self._serve()
        if not self.s1.dialog.isVisible():
            self._tell_outside("Lectern", "S1 Mini is here, and is getting ready to read.")

    def _find_checkpoint(self, settings: Settings) -> Path | None:
        """A named one that is not whole is told."""
        try:
            found = find_checkpoint(None, settings.checkpoint_folder)
        except engine.CheckpointError as error:
            self.controller.report(explain(error))
            return None
        if found.problem is not None:
            self.controller.report(explain_passed_over(found.problem))
        return found.folder

    # --- settings

    def _keep(self, **changes: object) -> None:
        self._use_settings(replace(self._settings, **changes), self._settings)  # type: ignore[arg-type]

    def _use_settings(self, settings: Settings, before: Settings | None) -> None:
        """Apply what differs, and keep it."""
        self._settings = settings
        if before == settings:
            return
        if self.controller.settings != settings:
            self.controller.use_settings(settings)
        if before is None or before.hotkeys != settings.hotkeys:
            self._bind_hotkeys(settings)
        if before is None or _engine_wishes(before) != _engine_wishes(settings):
            self._load_engine(settings, is_start=before is None)
        if before is not None and before.output_device != settings.output_device:
            self.listener.set_device(settings.output_device)
            self.voices.player.device_name = settings.output_device
            self.narration.set_device(settings.output_device)
        if before is not None and before.start_at_login != settings.start_at_login:
            self._set_autostart(settings.start_at_login)
        self._serve()
        self._allow_strip(self.window.isVisible())
        if self._settings_dialog is not None and self._settings_dialog.settings != settings:
            self._settings_dialog.show_settings(settings)
        if before is not None:
            self._save_settings.start()

    def _load_engine(self, settings: Settings, is_start: bool) -> None:
        checkpoint = self._find_checkpoint(settings)
        self.s1.download.set_checkpoint(checkpoint)
        best = engine.registry.best_engine(lambda entry: checkpoint is not None or not entry.needs.checkpoint)
        self._engine_name = best.name
        if best != engine.registry.best_engine() and not settings.offered_s1:
            self.controller.offer_s1()
            self.graphics.ask()
        setup = engine.EngineSetup(
            checkpoint,
            settings.device,
            settings.precision,
            voices_folder(),
            cache_folder() if settings.compile else None,
        )
        spec = EngineSpec(best.name, setup, settings.idle_minutes, settings.built_in_meanwhile)
        # first: what it is speaking is void
        self.narration.use_speaker(Speaker(best.name, checkpoint, voices_folder()))
        self.engine_thread.load(spec, start=not is_start or settings.load_at_start)

    def _serve(self) -> None:
        settings = self._settings
        self.http.use(
            HttpSettings(
                settings.serve_http,
                settings.serve_address,
                settings.serve_key,
                self._engine_name,
                settings.serve_voice,
                settings.serve_origins,
            )
        )

    def _set_autostart(self, is_on: bool) -> None:
        try:
            if is_on != is_autostart_on():
                (turn_autostart_on if is_on else turn_autostart_off)()
        except (engine.OutputError, OSError) as error:
            words = explain(error) if isinstance(error, engine.OutputError) else Message(str(error))
            self.controller.report(words)

    # --- the disk, never in the GUI thread

    def _delayed(self, write: Callable[[], None]) -> QTimer:
        timer = QTimer(self, singleShot=True, interval=SAVE_AFTER_MS)
        timer.timeout.connect(write)
        return timer

    def _write_settings(self) -> None:
        self._disk.submit(self._attempt, save_settings, settings_path(), self._settings)

    def _write_text(self) -> None:
        self._disk.submit(self._attempt, save_last_text, last_text_path(), self.window.text())

    def _attempt(self, write: Callable[..., None], *arguments: object) -> None:
        """In the disk's thread."""
        try:
            write(*arguments)
        except engine.EngineError as error:
            log.warning("could not save: %s", error)
            with suppress(RuntimeError):  # nobody is left to be told: the program ends
                self._not_kept.emit(error)

    def _tell_of_disk(self, error: engine.EngineError) -> None:
        """Once: it goes wrong at each change from now on."""
        if not self._is_told_of_disk:
            self._is_told_of_disk = True
            why = explain(error)
            is_full = getattr(error, "problem", "") == "disk_full"
            remedy = "Free some space." if is_full else "Make its folder one that you may write to."
            self.window.show_notice(Message(f"Your text and settings are not kept. {why.sentence}", remedy))

    def _remember_window(self) -> None:
        self._settings = replace(
            self._settings, window_geometry=self.window.geometry_text(), last_text_position=self.window.position()
        )
        self.controller.settings = self._settings
        self._write_settings()

    # --- the end

    def quit(self) -> None:
        QApplication.quit()

    def shut_down(self) -> None:
        """Silence first, then whoever could ask for more, then the engines, and at last the disk."""
        self.listener.stop()
        self.controller.stop()
        if self._settings_dialog is not None:
            self._settings_dialog.close()
        for part in (self.hotkeys, self.media_keys, self.notifier, self.selection, self.listener):
            part.close()
        self._remember_window()
        self._write_text()
        for timer in (self._save_settings, self._save_text):  # that was the last write
            timer.stop()
        self.doctor.end()
        self.graphics.close()
        self.narration.close()
        self.http.close()
        self.s1.close()
        self.voices.close()
        for view in (self.strip, self.window):
            view.hide()
        self.tray.hide()
        self.engine_thread.shut_down()
        self.engine_thread.wait()
        self._disk.shutdown(wait=True)
        self._instance.release()


def _engine_wishes(settings: Settings) -> tuple[object, ...]:
    return (
        settings.device,
        settings.precision,
        settings.compile,
        settings.idle_minutes,
        settings.built_in_meanwhile,
    )


def _bring_forward(window: QWidget) -> None:
    window.show()
    window.raise_()
    window.activateWindow()
