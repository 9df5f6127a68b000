"""The composition root: builds everything, connects everything, and shuts down in order. Nothing imports it but
`lectern` without a command."""

from __future__ import annotations

import argparse
import logging
from dataclasses import replace
from pathlib import Path
from queue import SimpleQueue

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QApplication, QWidget

import engine
import engine.registry
import engine.text
import engine.weights
from desktop.about.dialog import AboutDialog
from desktop.about.keys_dialog import KeysDialog, keys_of
from desktop.application.browsers import Browsers
from desktop.application.decimal_point import keep_decimal_point
from desktop.application.garbage import GarbageCollector
from desktop.application.last_reading import LastReading
from desktop.application.narrated_book import NarratedBook
from desktop.application.other_speakers import OtherSpeakers
from desktop.application.remote_commands import RemoteCommands
from desktop.application.settings_window import SettingsWindow
from desktop.application.storage import Storage
from desktop.application.welcome import Welcome
from desktop.common.download_state import REMEMBERED, DownloadState
from desktop.common.logs import close_log, open_log
from desktop.common.messages import Mend, Message, explain
from desktop.common.paths import (
    APP_ID,
    books_path,
    browsers_path,
    cache_folder,
    data_folder,
    dictionary_path,
    last_text_path,
    log_folder,
    settings_path,
    voices_folder,
)
from desktop.common.protocol import start_command
from desktop.common.settings import Settings, load_last_text, load_settings
from desktop.common.state import AppState, EnginePhase, Phase
from desktop.common.status_words import (
    problem,
    processor_words,
)
from desktop.dictionary.controller import DictionaryController
from desktop.doctor.desktop_checks import examine_desktop
from desktop.doctor.dialog import DoctorDialog
from desktop.narration.setup import NarrationSetup
from desktop.narration.values import Speaker
from desktop.platform.autostart import is_autostart_on, turn_autostart_off, turn_autostart_on
from desktop.platform.graphics import GraphicsProbe, what_it_can_do
from desktop.platform.hotkeys import Action, open_hotkeys
from desktop.platform.media_keys import MediaKeys
from desktop.platform.notifications import Notifier
from desktop.platform.quit_signals import signals_quit
from desktop.platform.remote import send
from desktop.platform.selection import open_selection_reader
from desktop.platform.single_instance import SingleInstance
from desktop.platform.taskbar import claim_taskbar
from desktop.playback.listening import Listener
from desktop.reader.covers import forget_covers
from desktop.reader.page import page_of, page_settings
from desktop.reader.shelf import Shelf, load_shelf
from desktop.reader.window import KEYS_BESIDES, ReaderWindow
from desktop.s1.checkpoint_choice import explain_passed_over, find_checkpoint
from desktop.s1.setup import S1Setup
from desktop.settings.dialog import ACTION_WORDS, SettingsDialog
from desktop.speech.clients import SharedEngine
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech.http_service import HttpService, HttpSettings, HttpView
from desktop.speech.slots import EngineSpec
from desktop.speech.turns import Turn
from desktop.speech.wyoming_service import WyomingService
from desktop.tray.icon import Tray
from desktop.tray.strip import Strip
from desktop.voices.setup import VoicesSetup
from desktop.voices.state import LibraryState
from desktop.widgets.browser_question import browser_words
from desktop.widgets.icons import app_icon
from desktop.worker import Worker, ignore

HELLO = "This is S1 Mini. From now on I read to you, on your own computer."

log = logging.getLogger(__name__)


def run(arguments: argparse.Namespace) -> int:
    """Be the running Lectern until it is quit, and return the exit code. Where another runs already, that one is
    shown."""
    claim_taskbar()
    application = QApplication(["lectern"])
    keep_decimal_point()
    application.setApplicationName("Lectern")
    application.setDesktopFileName(APP_ID)
    application.setWindowIcon(app_icon())
    application.setQuitOnLastWindowClosed(False)
    instance = SingleInstance()
    if not instance.claim():
        send(start_command(arguments.files, arguments.background))
        return 0
    open_log(log_folder())
    app = App(instance, is_background=arguments.background)
    if arguments.files:
        app.open_files(arguments.files)
    with signals_quit(application):
        code = application.exec()
    app.shut_down()
    close_log()
    return code


class App(QObject):
    """Builds all parts and connects them."""

    _selection_asked = Signal(object)
    """From the doctor's thread: a queue for the answer."""

    def __init__(self, instance: SingleInstance, is_background: bool) -> None:
        super().__init__()
        self._garbage = GarbageCollector(self)  # before the first thread of ours
        self._instance = instance
        is_first_start = not settings_path().exists()
        settings, settings_problem = load_settings(settings_path())
        self._settings = settings
        self._is_asked_twice = False  # to close the window, where that ends what is going on
        self._shows_speed = False  # of S1 Mini, which has just come, once it is ready
        self._engine_name = engine.registry.always_there().name  # as long as there is no better one here
        self._shown_problem: Message | None = None  # the last problem shown outside the window
        self._has_shelf = False  # what is remembered of books is read
        self._to_open: list[Path] = []
        self._lost_voice = ""  # the voice that was in use when it was removed
        self._disk = Worker("disk", self)  # one writer, so that the last write wins
        self.engine_thread = EngineThread()
        self.listener = Listener()
        self.listener.set_device(settings.output_device)
        self.controller = Controller(self.engine_thread, self.listener, settings, engine.registry.offered_voices())
        self.dictionary = DictionaryController(
            dictionary_path(), self._disk, lambda: self.controller.settings.language, self
        )
        self.selection, self.hotkeys = open_selection_reader(), open_hotkeys()
        self.media_keys, self.notifier = MediaKeys(), Notifier()
        self.tray, self.window = Tray(), ReaderWindow()
        self.notifier.not_shown.connect(self.tray.say, Qt.ConnectionType.QueuedConnection)
        self.strip = Strip(settings.strip_position)
        self.storage = Storage(self._disk, lambda: self._settings, self.window.text, self.window.shelf, self)
        self.settings_window = SettingsWindow(self.hotkeys, self._make_settings_dialog, self)
        self._welcome = Welcome(self.controller, self.window, self._read_keys, self)
        self.graphics = GraphicsProbe(self)
        self.s1 = S1Setup(engine.weights.download_folder(data_folder()), settings.prefer_saved_token, self)
        self.voices = VoicesSetup(voices_folder(), self.engine_thread, self.controller.next_epoch, self)
        self.voices.player.device_name = settings.output_device
        self.browsers = Browsers(browsers_path(), self.controller, self._disk, self)
        self.http = HttpService(
            lambda: SharedEngine(self.engine_thread),
            voices_folder(),
            self,
            lambda: self.dictionary.entries,
            (self.browsers.pairings, self.browsers.reader),
        )
        self.wyoming = WyomingService(
            lambda: SharedEngine(self.engine_thread), voices_folder(), self, lambda: self.dictionary.entries
        )
        self.others = OtherSpeakers(
            self.engine_thread, self.controller, lambda: self._settings, lambda: self.dictionary.entries, self
        )
        self.narration = NarrationSetup(SharedEngine(self.engine_thread, Turn.NARRATION), self)
        self.narration.set_voices(engine.registry.offered_voices(), ())
        self.narration.set_device(settings.output_device)
        self.narrated = NarratedBook(self.controller, self.window, self.narration, self)
        self.commands = RemoteCommands(
            self.controller,
            self.narrated,
            self.selection,
            lambda: self.settings_window.bindings,
            lambda: self.http.view.url,
            self,
        )
        self._selection_asked.connect(self._probe_selection)
        self.doctor = DoctorDialog(
            lambda cancel: examine_desktop(
                cancel,
                self.tray.is_available(),
                self.settings_window.bindings,
                lambda answers: self._selection_asked.emit(answers),
            )
        )
        self.dictionary.changed.connect(self.controller.use_pronunciations)
        self.dictionary.changed.connect(self.narration.set_pronunciations)
        self.dictionary.problem.connect(self.controller.report)
        self.dictionary.hear_requested.connect(lambda text: self.controller.speak(text, from_window=False))
        self._last = LastReading(self.window, reads_on=settings.read_on_at_start and not is_background, parent=self)
        self.keys, self.about = KeysDialog(self._keys, self.window), AboutDialog(self.window)
        self._connect_views()
        self._connect_the_rest()
        self.dictionary.load()
        self._disk.do(lambda: load_shelf(books_path()), self._take_shelf)
        self.engine_thread.start()
        self.others.start()
        self._disk.do(lambda: engine.text.sentence_start("One. Two.", 5), ignore)  # imports for the first click
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
        c, n, w, t, s, m = self.controller, self.narrated, self.window, self.tray, self.strip, self.media_keys
        for requests, method in (
            ((w.pause_requested, t.pause_requested, s.pause_requested, m.pause_requested), n.pause),
            ((w.resume_requested, t.resume_requested, s.resume_requested, m.resume_requested), n.resume),
            ((m.play_pause_requested,), n.pause_or_resume),
            ((w.stop_requested, t.stop_requested, s.stop_requested, m.stop_requested), n.stop),
            ((w.next_requested, t.next_requested, s.next_requested, m.next_requested), n.next),
            ((w.previous_requested, t.previous_requested, m.previous_requested), n.previous),
            ((w.set_speed_requested, t.set_speed_requested, m.set_speed_requested), c.set_speed),
            ((w.set_volume_requested, m.set_volume_requested), c.set_volume),
            ((w.set_voice_requested, t.set_voice_requested), c.set_voice),
            ((w.show_voices_requested, t.show_voices_requested), self.show_voices),
            ((t.free_memory_requested,), c.free_memory),
            ((t.read_selection_requested,), self.commands.read_selection),
            ((t.read_clipboard_requested,), self.commands.read_clipboard),
            ((t.show_window_requested, s.show_window_requested, m.show_window_requested), self.show_window),
            ((w.show_settings_requested, t.show_settings_requested), self.show_settings),
            ((w.show_doctor_requested, t.show_doctor_requested), self.show_doctor),
            ((w.show_narration_requested, t.show_narration_requested), self.show_narration),
            ((w.show_login_requested, t.show_login_requested), self.show_login),
            ((w.quit_requested, t.quit_requested, m.quit_requested), self.quit),
        ):
            for request in requests:
                request.connect(method)
        self.window.speak_requested.connect(c.speak)
        self.window.read_requested.connect(n.read)
        c.heard_out.connect(self.window.go_on)
        self.window.jump_requested.connect(n.jump)
        self.window.go_to_part_requested.connect(n.go_to_part)
        self.window.save_requested.connect(lambda text, path: c.save(text, Path(path)))
        self.window.dismiss_offer_requested.connect(c.dismiss_offer)
        self.window.show_keys_requested.connect(lambda: _bring_forward(self.keys))
        self.window.show_about_requested.connect(lambda: _bring_forward(self.about))
        self.window.aids.page.changed.connect(lambda page: self._keep(**page_settings(page)))
        self.window.aids.sleep.loudness_changed.connect(lambda share: self.listener.set_volume(c.state.volume * share))
        self.window.text_changed.connect(self.storage.save_text_soon)
        self.window.shelf_changed.connect(self.storage.save_shelf_soon)
        self.window.narrate_requested.connect(self._narrate)
        self.window.show_dictionary_requested.connect(self.show_dictionary)
        self.window.visibility_changed.connect(self._allow_strip)
        self.window.closed.connect(self._window_closed)
        self.window.show_settings_page_requested.connect(self.show_settings)
        self.window.keep_voice_requested.connect(lambda name: self.voices.keep_voice(c.improvised, name))
        self.strip.moved.connect(lambda x, y: self._keep(strip_position=(x, y)))
        c.state_changed.connect(self._render)
        n.changed.connect(lambda: self._render(c.state))

    def _connect_the_rest(self) -> None:
        c = self.controller
        c.settings_changed.connect(lambda settings: self._use_settings(settings, self._settings))
        self.graphics.found.connect(lambda found: c.show_computer(what_it_can_do(found)))
        self.s1.dialog.opened.connect(self.graphics.ask)
        self.narration.message_arose.connect(lambda words: self._notify_outside("Lectern", words))
        self.narration.playing_began.connect(self._make_way_for_book)
        self.narration.window.show_login_requested.connect(self.show_login)
        self.s1.state_changed.connect(self._take_download)
        self.s1.problem_arose.connect(lambda message: self._notify_outside("Lectern", str(message)))
        self.s1.download.checkpoint_found.connect(self._use_checkpoint)
        self.s1.pytorch_came.connect(lambda: self._load_engine(self._settings, is_start=False))
        self.s1.download.saved_token_preferred.connect(lambda is_so: self._keep(prefer_saved_token=is_so))
        self.s1.dialog.dismiss_offer_requested.connect(c.dismiss_offer)
        self.s1.dialog.hear_requested.connect(lambda: c.speak(HELLO, from_window=False))
        self.s1.dialog.show_doctor_requested.connect(self.show_doctor)
        self._connect_voices()
        c.file_finished.connect(lambda name: self._notify_outside("Lectern", f"{name} is saved."))
        self.storage.failed.connect(self.window.show_notice)
        self.hotkeys.pressed.connect(self._press)
        self.settings_window.bindings_changed.connect(self._use_bindings)
        self.settings_window.problems_arose.connect(self._show_hotkey_problems)
        self.http.changed.connect(self._show_http)
        self.wyoming.changed.connect(self._show_wyoming)
        self._connect_browsers()
        self._instance.command_received.connect(self.commands.obey)
        self.commands.show_window_requested.connect(self.show_window)
        self.commands.open_requested.connect(self.open_files)
        self.commands.quit_requested.connect(self.quit)

    def _connect_browsers(self) -> None:
        browsers, question = self.browsers, self.window.browser_question
        browsers.view_changed.connect(lambda view: question.ask(view.asking))
        browsers.asked.connect(
            lambda request: self._notify_outside("Lectern", f"{browser_words(request.name)}. Open Lectern to answer.")
        )
        browsers.failed.connect(self.window.show_notice)
        question.allow_requested.connect(browsers.allow)
        question.refuse_requested.connect(browsers.refuse)

    def _connect_voices(self) -> None:
        c, voices = self.controller, self.voices
        voices.controller.names_changed.connect(self._use_voices)
        voices.controller.renamed.connect(lambda old, new: c.set_voice(new) if c.state.voice == old else None)
        voices.controller.state_changed.connect(self._show_voices_notice)
        voices.set_voice_requested.connect(c.set_voice)
        voices.try_voice_requested.connect(c.try_voice)
        voices.pause_requested.connect(c.pause)
        voices.gallery.engine_wanted.connect(c.stop)
        voices.dialog.gallery.show_login_requested.connect(self.show_login)
        voices.dialog.mine.show_login_requested.connect(self.show_login)
        c.engine_taken.connect(voices.gallery.stop)
        voices.controller.refresh()

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

    def _show_voices_notice(self, state: LibraryState) -> None:
        """Where the voices' own window does not: a voice is kept from the reader, too."""
        if not self.voices.dialog.isVisible() and (state.problem is not None or state.note):
            self.window.show_notice(state.problem or Message(state.note))

    def _render(self, state: AppState) -> None:
        if state.phase is Phase.SPEAKING:
            self.narration.stop_playing()
        state = self.narrated.over(state)
        self.tray.render(state)
        self.window.render(state)
        self.s1.dialog.render(state)
        self.s1.show_engine_problem(state.engine.problem)
        self.voices.dialog.render(state)
        self.strip.render(state)
        self.media_keys.show(state)
        if self.settings_window.dialog is not None:
            self.settings_window.dialog.show_engine(state.engine)
        if self._shows_speed and state.engine.phase is EnginePhase.READY:
            self._shows_speed = False
            if words := processor_words(state.engine):
                self._notify_once(Message(words, "Choose what computes it in the settings.", Mend.SET_S1))
        if not state.is_active and not self.narration.is_busy:
            self._is_asked_twice = False
        if (wrong := problem(state)) is not None and wrong != self._shown_problem:
            self._notify_outside("Lectern", str(wrong))
        self._shown_problem = wrong

    # --- what is asked for

    def _press(self, action: Action) -> None:
        {
            Action.READ_SELECTION: self.commands.read_selection,
            Action.READ_CLIPBOARD: self.commands.read_clipboard,
            Action.PAUSE_RESUME: self.narrated.pause_or_resume,
            Action.STOP: self.narrated.stop,
        }[action]()

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
            self._welcome.begin(has_hotkeys=bool(self.settings_window.bindings))

    def _read_keys(self) -> str:
        return self.settings_window.keys_of(Action.READ_SELECTION)

    def show_window(self) -> None:
        """Bring the reader to the front."""
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
        self._notify_once(Message("Lectern goes on with what it was doing.", "Close the window again to end it."))

    def _allow_strip(self, is_window_visible: bool) -> None:
        self.strip.set_allowed(self._settings.show_strip and not is_window_visible)

    def show_settings(self, page: str = "") -> None:
        """Open the settings on `page` of `desktop.settings.dialog.PAGES`, else where they were left."""
        _bring_forward(self.settings_window.open(page))

    def _make_settings_dialog(self) -> SettingsDialog:
        dialog = SettingsDialog(self._settings, self.controller.state.voices, self.listener.devices(), self.window)
        dialog.settings_changed.connect(lambda settings: self._use_settings(settings, self._settings))
        dialog.show_login_requested.connect(self.show_login)
        dialog.show_dictionary_requested.connect(self.show_dictionary)
        dialog.show_http(self.http.view.url, self.http.view.problem)
        dialog.show_wyoming(self.wyoming.view.url, self.wyoming.view.problem)
        browsers, shown = self.browsers, dialog.browsers
        shown.render_view(browsers.view)
        browsers.view_changed.connect(shown.render_view)
        shown.question.allow_requested.connect(browsers.allow)
        shown.question.refuse_requested.connect(browsers.refuse)
        shown.remove_requested.connect(browsers.remove)
        dialog.show_engine(self.controller.state.engine)
        return dialog

    def _use_bindings(self) -> None:
        self.window.set_hotkey(self._read_keys())
        if self.settings_window.bindings:
            self._welcome.go_on()

    def _show_hotkey_problems(self, problems: list[str]) -> None:
        """Once, in the window or outside it: what was shown already is remembered over restarts."""
        words = "\n".join(problems)
        if words != self._settings.told_of_hotkeys:
            self._keep(told_of_hotkeys=words)
            if problems:
                message = Message(" ".join(problems), mend=Mend.SET_HOTKEYS)
                QTimer.singleShot(0, self, lambda: self._notify_once(message))  # when the window is there to show it

    def _notify_once(self, message: Message) -> None:
        self.window.show_notice(message)
        self._notify_outside("Lectern", str(message))

    def _show_http(self, view: HttpView) -> None:
        if self.settings_window.dialog is not None:
            self.settings_window.dialog.show_http(view.url, view.problem)
        elif view.problem is not None:
            self.controller.report(view.problem)

    def _show_wyoming(self, view: HttpView) -> None:
        if self.settings_window.dialog is not None:
            self.settings_window.dialog.show_wyoming(view.url, view.problem)
        elif view.problem is not None:
            self.controller.report(view.problem)

    def show_login(self) -> None:
        """Open the way to S1 Mini; to another one where that which is here is no good."""
        self.controller.dismiss_offer()
        wrong = self.controller.state.engine.problem
        if wrong is not None and wrong.mend is Mend.GET_S1:
            self.s1.download.suspect_checkpoint()
        _bring_forward(self.s1.dialog)

    def show_doctor(self) -> None:
        _bring_forward(self.doctor)

    def _keys(self) -> list[tuple[str, list[tuple[str, str]]]]:
        hotkeys = [(words, keys) for name, words in ACTION_WORDS.items() if (keys := self._hotkey(name))]
        in_reader = [*keys_of(self.window.actions()), *KEYS_BESIDES]
        return [("In the reader", in_reader), ("In any program", hotkeys)]

    def _hotkey(self, name: str) -> str:
        return self.settings_window.keys_of(Action(name))

    def show_voices(self) -> None:
        _bring_forward(self.voices.dialog)

    def show_dictionary(self) -> None:
        _bring_forward(self.dictionary.show_dialog(self.window))

    def _narrate(self, book: Path) -> None:
        """Hand a book over to the window of narration."""
        self.narration.add(book)
        self.show_narration()

    def open_files(self, paths: list[Path]) -> None:
        """Open a text or a book in the reader, once it is known where one was in it."""
        self.show_window()
        if self._has_shelf:
            self.window.open_files(paths)
        else:
            self._to_open = paths

    def _take_shelf(self, loaded: tuple[Shelf, Message | None]) -> None:
        shelf, problem = loaded
        self._has_shelf = True
        self.window.set_shelf(shelf)
        self._disk.do(lambda: forget_covers({book.key for book in shelf.books}), ignore)
        if problem is not None:
            self.window.show_notice(problem)
        if self._to_open:
            self.window.open_files(self._to_open)
        else:
            self._last.take_up(shelf, self._settings.open_book)

    def show_narration(self) -> None:
        _bring_forward(self.narration.window)

    def _make_way_for_book(self) -> None:
        """A book is to be heard: one voice at a time."""
        if self.controller.state.phase is Phase.SPEAKING:
            self.controller.pause()

    def _notify_outside(self, title: str, words: str) -> None:
        """Only when the window does not show it."""
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
        self._shows_speed = True
        self._load_engine(self._settings, is_start=False)
        self._serve()
        if not self.s1.dialog.isVisible():
            self._notify_outside("Lectern", "S1 Mini is here, and is getting ready to read.")

    def _find_checkpoint(self, settings: Settings) -> Path | None:
        """A named one that is not whole is reported."""
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
            self.settings_window.bind(settings)
        if before is None or _engine_settings(before) != _engine_settings(settings):
            self._load_engine(settings, is_start=before is None)
        if before is not None and before.output_device != settings.output_device:
            self.listener.set_device(settings.output_device)
            self.voices.player.device_name = settings.output_device
            self.narration.set_device(settings.output_device)
        if before is not None and before.start_at_login != settings.start_at_login:
            self._set_autostart(settings.start_at_login)
        self.window.aids.page.use(page_of(settings))
        self._serve()
        self._allow_strip(self.window.isVisible())
        if self.settings_window.dialog is not None and self.settings_window.dialog.settings != settings:
            self.settings_window.dialog.show_settings(settings)
        if before is not None:
            self.storage.save_settings_soon()

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
        self.wyoming.use(
            HttpSettings(
                settings.serve_wyoming,
                settings.wyoming_address,
                engine=self._engine_name,
                voice=settings.serve_voice,
            )
        )

    def _set_autostart(self, is_on: bool) -> None:
        try:
            if is_on != is_autostart_on():
                (turn_autostart_on if is_on else turn_autostart_off)()
        except (engine.OutputError, OSError) as error:
            words = explain(error) if isinstance(error, engine.OutputError) else Message(str(error))
            self.controller.report(words)

    def _remember_window(self) -> None:
        book = self.window.books.book
        self._settings = replace(
            self._settings,
            window_geometry=self.window.geometry_text(),
            last_text_position=self.window.position(),
            open_book="" if book is None else book.key,
        )
        self.controller.settings = self._settings
        self.storage.save_settings()

    # --- the end

    def quit(self) -> None:
        QApplication.quit()

    def shut_down(self) -> None:
        """End everything: silence first, then whoever could ask for more, then the engines, and at last the disk."""
        self.listener.stop()
        self.controller.stop()
        if self.settings_window.dialog is not None:
            self.settings_window.dialog.close()
        for part in (self.hotkeys, self.media_keys, self.notifier, self.selection, self.listener):
            part.close()
        self._remember_window()
        self.storage.save_text()
        self.storage.save_shelf()
        self.storage.close()  # that was the last write
        self.doctor.end()
        self.about.end()
        self.window.aids.find_bar.end()
        self.graphics.close()
        self.narration.close()
        self.http.close()
        self.others.close()
        self.wyoming.close()
        self.s1.close()
        self.voices.close()
        for view in (self.strip, self.window):
            view.hide()
        self.tray.hide()
        self.engine_thread.shut_down()
        self.engine_thread.wait()
        self._disk.close()
        self._garbage.stop()
        self._instance.release()


def _engine_settings(settings: Settings) -> tuple[object, ...]:
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
