"""The composition root: builds everything, connects everything, and shuts down in order. Nothing imports it but
`lectern` without a command."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtWidgets import QApplication

import engine
import engine.registry
import engine.text
import engine.weights
from desktop.application.decimal_point import keep_decimal_point
from desktop.application.engine_choice import EngineChoice
from desktop.application.garbage import GarbageCollector
from desktop.application.help_dialogs import HelpDialogs
from desktop.application.last_reading import LastReading
from desktop.application.narrated_book import NarratedBook
from desktop.application.notices import Notices
from desktop.application.other_speakers import OtherSpeakers
from desktop.application.remote_commands import RemoteCommands
from desktop.application.servers import Servers
from desktop.application.settings_window import SettingsWindow
from desktop.application.storage import Storage
from desktop.application.voice_choice import VoiceChoice
from desktop.application.welcome import Welcome
from desktop.common.logs import close_log, open_log
from desktop.common.messages import Mend, Message, explain
from desktop.common.paths import (
    APP_ID,
    books_path,
    data_folder,
    dictionary_path,
    last_text_path,
    log_folder,
    settings_path,
    voices_folder,
)
from desktop.common.protocol import start_command
from desktop.common.settings import Settings, load_last_text, load_settings
from desktop.common.state import AppState, Phase
from desktop.dictionary.controller import DictionaryController
from desktop.narration.setup import NarrationSetup
from desktop.platform.autostart import is_autostart_on, turn_autostart_off, turn_autostart_on
from desktop.platform.graphics import GraphicsProbe, what_it_can_do
from desktop.platform.hotkeys import Action, open_hotkeys
from desktop.platform.media_keys import MediaKeys
from desktop.platform.quit_signals import signals_quit
from desktop.platform.remote import send
from desktop.platform.selection import open_selection_reader
from desktop.platform.single_instance import SingleInstance
from desktop.platform.taskbar import claim_taskbar
from desktop.playback.listening import Listener
from desktop.reader.covers import forget_covers
from desktop.reader.page import page_of, page_settings
from desktop.reader.shelf import Shelf, load_shelf
from desktop.reader.window import ReaderWindow
from desktop.s1.setup import S1Setup
from desktop.settings.dialog import SettingsDialog
from desktop.speech.clients import SharedEngine
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech.turns import Turn
from desktop.tray.icon import Tray
from desktop.tray.strip import Strip
from desktop.voices.setup import VoicesSetup
from desktop.widgets.forward import bring_forward
from desktop.widgets.icons import app_icon
from desktop.worker import Worker, ignore

HELLO = "This is S1 Mini. From now on I read to you, on your own computer."


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

    def __init__(self, instance: SingleInstance, is_background: bool) -> None:
        super().__init__()
        self._garbage = GarbageCollector(self)  # before the first thread of ours
        self._instance = instance
        is_first_start = not settings_path().exists()
        settings, settings_problem = load_settings(settings_path())
        self._settings = settings
        self._is_asked_twice = False  # to close the window, where that ends what is going on
        self._has_shelf = False  # what is remembered of books is read
        self._to_open: list[Path] = []
        self._disk = Worker("disk", self)  # one writer, so that the last write wins
        self.engine_thread = EngineThread()
        self.listener = Listener()
        self.listener.set_device(settings.output_device)
        self.controller = Controller(self.engine_thread, self.listener, settings, engine.registry.offered_voices())
        self.dictionary = DictionaryController(
            dictionary_path(), self._disk, lambda: self.controller.settings.language, self
        )
        self.selection, self.hotkeys = open_selection_reader(), open_hotkeys()
        self.media_keys = MediaKeys()
        self.tray, self.window = Tray(), ReaderWindow()
        self.strip = Strip(settings.strip_position)
        self.notices = Notices(self.window, lambda: self._settings)
        self.notices.notifier.not_shown.connect(self.tray.say, Qt.ConnectionType.QueuedConnection)
        self.storage = Storage(self._disk, lambda: self._settings, self.window.text, self.window.shelf, self)
        self.settings_window = SettingsWindow(self.hotkeys, self._make_settings_dialog, self)
        self._welcome = Welcome(self.controller, self.window, self._read_keys, self)
        self.graphics = GraphicsProbe(self)
        self.s1 = S1Setup(engine.weights.download_folder(data_folder()), settings.prefer_saved_token, self)
        self.voices = VoicesSetup(voices_folder(), self.engine_thread, self.controller.next_epoch, self)
        self.voices.player.device_name = settings.output_device
        self.servers = Servers(
            self.engine_thread,
            self.controller,
            lambda: self.dictionary.entries,
            self.settings_window,
            self._disk,
            self,
        )
        self.others = OtherSpeakers(
            self.engine_thread, self.controller, lambda: self._settings, lambda: self.dictionary.entries, self
        )
        self.narration = NarrationSetup(SharedEngine(self.engine_thread, Turn.NARRATION), self)
        self.narration.set_voices(engine.registry.offered_voices(), ())
        self.narration.set_device(settings.output_device)
        self.voice_choice = VoiceChoice(self.voices, self.controller, self.narration, self.window, self)
        self.engine_choice = EngineChoice(
            self.s1, self.engine_thread, self.controller, self.notices, lambda: self._settings, self._keep, self
        )
        self.narrated = NarratedBook(self.controller, self.window, self.narration, self)
        self.commands = RemoteCommands(
            self.controller,
            self.narrated,
            self.selection,
            lambda: self.settings_window.bindings,
            lambda: self.servers.http.view.url,
            self,
        )
        self.help = HelpDialogs(self.window, self.tray, self.settings_window, self)
        self.dictionary.changed.connect(self.controller.use_pronunciations)
        self.dictionary.changed.connect(self.narration.set_pronunciations)
        self.dictionary.problem.connect(self.controller.report)
        self.dictionary.hear_requested.connect(lambda text: self.controller.speak(text, from_window=False))
        self._last = LastReading(self.window, reads_on=settings.read_on_at_start and not is_background, parent=self)
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
            ((w.show_doctor_requested, t.show_doctor_requested), self.help.show_doctor),
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
        self.window.show_keys_requested.connect(self.help.show_keys)
        self.window.show_about_requested.connect(self.help.show_about)
        self.window.aids.page.changed.connect(lambda page: self._keep(**page_settings(page)))
        self.window.aids.sleep.loudness_changed.connect(lambda share: self.listener.set_volume(c.state.volume * share))
        self.window.text_changed.connect(self.storage.save_text_soon)
        self.window.shelf_changed.connect(self.storage.save_shelf_soon)
        self.window.narrate_requested.connect(self._narrate)
        self.window.show_dictionary_requested.connect(self.show_dictionary)
        self.window.visibility_changed.connect(self._allow_strip)
        self.window.closed.connect(self._window_closed)
        self.window.show_settings_page_requested.connect(self.show_settings)
        self.strip.moved.connect(lambda x, y: self._keep(strip_position=(x, y)))
        c.state_changed.connect(self._render)
        n.changed.connect(lambda: self._render(c.state))

    def _connect_the_rest(self) -> None:
        c = self.controller
        c.settings_changed.connect(lambda settings: self._use_settings(settings, self._settings))
        self.graphics.found.connect(lambda found: c.show_computer(what_it_can_do(found)))
        self.s1.dialog.opened.connect(self.graphics.ask)
        self.narration.message_arose.connect(self.notices.tell_outside)
        self.narration.playing_began.connect(self._make_way_for_book)
        self.narration.window.show_login_requested.connect(self.show_login)
        self.s1.problem_arose.connect(lambda message: self.notices.tell_outside(str(message)))
        self.engine_choice.offered.connect(self.graphics.ask)
        self.engine_choice.speaker_changed.connect(self.narration.use_speaker)
        self.engine_choice.checkpoint_taken.connect(self._serve)
        self.s1.dialog.dismiss_offer_requested.connect(c.dismiss_offer)
        self.s1.dialog.hear_requested.connect(lambda: c.speak(HELLO, from_window=False))
        self.s1.dialog.show_doctor_requested.connect(self.help.show_doctor)
        for page in (self.voices.dialog.gallery, self.voices.dialog.mine):
            page.show_login_requested.connect(self.show_login)
        self.voices.controller.refresh()
        c.file_finished.connect(lambda name: self.notices.tell_outside(f"{name} is saved."))
        self.storage.failed.connect(self.window.show_notice)
        self.hotkeys.pressed.connect(self._press)
        self.settings_window.bindings_changed.connect(self._use_bindings)
        self.settings_window.problems_arose.connect(self._show_hotkey_problems)
        self.servers.ask_in(self.window, self.notices)
        self._instance.command_received.connect(self.commands.obey)
        self.commands.show_window_requested.connect(self.show_window)
        self.commands.show_narration_requested.connect(self.show_narration)
        self.commands.open_requested.connect(self.open_files)
        self.commands.quit_requested.connect(self.quit)

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
        self.engine_choice.follow(state)
        if not state.is_active and not self.narration.is_busy:
            self._is_asked_twice = False
        self.notices.follow(state)

    # --- what is asked for

    def _press(self, action: Action) -> None:
        {
            Action.READ_SELECTION: self.commands.read_selection,
            Action.READ_CLIPBOARD: self.commands.read_clipboard,
            Action.PAUSE_RESUME: self.narrated.pause_or_resume,
            Action.STOP: self.narrated.stop,
        }[action]()

    # --- windows

    def _appear(self, is_background: bool, is_first_start: bool) -> None:
        self.tray.show()
        if not is_background:
            self.show_window()
        elif not self.tray.is_available():  # nobody is locked out where there is no tray
            self.window.showMinimized()
        if is_first_start and not is_background and not self.window.text():
            has_s1 = engine.registry.engine_named(self.engine_choice.name).needs.checkpoint
            self._welcome.begin(has_s1=has_s1, has_hotkeys=bool(self.settings_window.bindings))

    def _read_keys(self) -> str:
        return self.settings_window.keys_of(Action.READ_SELECTION)

    def show_window(self) -> None:
        """Bring the reader to the front."""
        self.window.setWindowState(self.window.windowState() & ~Qt.WindowState.WindowMinimized)
        bring_forward(self.window)

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
        self.notices.tell(Message("Lectern goes on with what it was doing.", "Close the window again to end it."))

    def _allow_strip(self, is_window_visible: bool) -> None:
        self.strip.set_allowed(self._settings.show_strip and not is_window_visible)

    def show_settings(self, page: str = "") -> None:
        """Open the settings on `page` of `desktop.settings.dialog.PAGES`, else where they were left."""
        bring_forward(self.settings_window.open(page))

    def _make_settings_dialog(self) -> SettingsDialog:
        dialog = SettingsDialog(self._settings, self.controller.state.voices, self.listener.devices(), self.window)
        dialog.settings_changed.connect(lambda settings: self._use_settings(settings, self._settings))
        dialog.show_login_requested.connect(self.show_login)
        dialog.show_dictionary_requested.connect(self.show_dictionary)
        self.servers.show_in(dialog)
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
                QTimer.singleShot(0, self, lambda: self.notices.tell(message))  # when the window is there to show it

    def show_login(self) -> None:
        """Open the way to S1 Mini; to another one where that which is here is no good."""
        self.controller.dismiss_offer()
        wrong = self.controller.state.engine.problem
        if wrong is not None and wrong.mend is Mend.GET_S1:
            self.s1.download.suspect_checkpoint()
        bring_forward(self.s1.dialog)

    def show_voices(self) -> None:
        bring_forward(self.voices.dialog)

    def show_dictionary(self) -> None:
        bring_forward(self.dictionary.show_dialog(self.window))

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
        bring_forward(self.narration.window)

    def _make_way_for_book(self) -> None:
        """A book is to be heard: one voice at a time."""
        if self.controller.state.phase is Phase.SPEAKING:
            self.controller.pause()

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
        self.engine_choice.use(settings, before)
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

    def _serve(self) -> None:
        self.servers.serve(self._settings, self.engine_choice.name)

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
        for part in (self.hotkeys, self.media_keys, self.notices, self.selection, self.listener):
            part.close()
        self._remember_window()
        self.storage.save_text()
        self.storage.save_shelf()
        self.storage.close()  # that was the last write
        self.help.end()
        self.window.aids.find_bar.end()
        self.graphics.close()
        self.narration.close()
        self.servers.close()
        self.others.close()
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
