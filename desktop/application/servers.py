"""Serves other programs: the HTTP interface, with the browsers that may use it, and Home Assistant's protocol."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

import engine
from desktop.application.browsers import Browsers
from desktop.application.notices import Notices
from desktop.application.settings_window import SettingsWindow
from desktop.common.paths import browsers_path, voices_folder
from desktop.common.settings import Settings
from desktop.reader.window import ReaderWindow
from desktop.settings.dialog import SettingsDialog
from desktop.speech.clients import SharedEngine
from desktop.speech.controller import Controller
from desktop.speech.engine_thread import EngineThread
from desktop.speech.http_service import HttpService, HttpSettings, HttpView
from desktop.speech.wyoming_service import WyomingService
from desktop.widgets.browser_question import browser_words
from desktop.worker import Worker


class Servers(QObject):
    """Owns the services. What is wrong with them is shown in the settings where these are open, else in the reader,
    which also asks about browsers."""

    def __init__(
        self,
        engine_thread: EngineThread,
        controller: Controller,
        pronunciations: Callable[[], tuple[engine.Pronunciation, ...]],
        settings_window: SettingsWindow,
        disk: Worker,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._controller, self._settings_window = controller, settings_window
        self.browsers = Browsers(browsers_path(), controller, disk, self)
        self.http = HttpService(
            lambda: SharedEngine(engine_thread),
            voices_folder(),
            self,
            pronunciations,
            (self.browsers.pairings, self.browsers.reader),
        )
        self.wyoming = WyomingService(lambda: SharedEngine(engine_thread), voices_folder(), self, pronunciations)
        self.http.changed.connect(self._show_http)
        self.wyoming.changed.connect(self._show_wyoming)

    def ask_in(self, window: ReaderWindow, notices: Notices) -> None:
        """Ask about browsers in `window`, and tell outside it that it asks."""
        browsers, question = self.browsers, window.browser_question
        browsers.view_changed.connect(lambda view: question.ask(view.asking))
        browsers.asked.connect(
            lambda request: notices.tell_outside(f"{browser_words(request.name)}. Open Lectern to answer.")
        )
        browsers.failed.connect(window.show_notice)
        question.allow_requested.connect(browsers.allow)
        question.refuse_requested.connect(browsers.refuse)

    def show_in(self, dialog: SettingsDialog) -> None:
        """Show in `dialog` how the services do and which browsers there are, and take its answers."""
        dialog.show_http(self.http.view.url, self.http.view.problem)
        dialog.show_wyoming(self.wyoming.view.url, self.wyoming.view.problem)
        browsers, shown = self.browsers, dialog.browsers
        shown.render_view(browsers.view)
        browsers.view_changed.connect(shown.render_view)
        shown.question.allow_requested.connect(browsers.allow)
        shown.question.refuse_requested.connect(browsers.refuse)
        shown.remove_requested.connect(browsers.remove)

    def serve(self, settings: Settings, engine_name: str) -> None:
        """Serve as `settings` say, with the engine `engine_name`."""
        self.http.use(
            HttpSettings(
                settings.serve_http,
                settings.serve_address,
                settings.serve_key,
                engine_name,
                settings.serve_voice,
                settings.serve_origins,
            )
        )
        self.wyoming.use(
            HttpSettings(
                settings.serve_wyoming,
                settings.wyoming_address,
                engine=engine_name,
                voice=settings.serve_voice,
            )
        )

    def close(self) -> None:
        self.http.close()
        self.wyoming.close()

    def _show_http(self, view: HttpView) -> None:
        if self._settings_window.dialog is not None:
            self._settings_window.dialog.show_http(view.url, view.problem)
        elif view.problem is not None:
            self._controller.report(view.problem)

    def _show_wyoming(self, view: HttpView) -> None:
        if self._settings_window.dialog is not None:
            self._settings_window.dialog.show_wyoming(view.url, view.problem)
        elif view.problem is not None:
            self._controller.report(view.problem)
