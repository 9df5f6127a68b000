"""Answers the command line, and reads the selected and the copied text for it and for hotkeys and menus."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, Signal

from desktop.application.narrated_book import NarratedBook
from desktop.common.messages import Message
from desktop.common.protocol import Command, CommandName, Reply, files_of
from desktop.common.status_words import download_entry, engine_entry, problem, reading_line, voice_words
from desktop.platform.hotkeys import Action, Binding
from desktop.platform.selection import SelectionReader
from desktop.speech.controller import Controller


class RemoteCommands(QObject):
    """Lives in the GUI thread. Each command is answered once; those that read a text when that was read."""

    show_window_requested = Signal()
    show_narration_requested = Signal()
    open_requested = Signal(object)
    """A list of `Path`."""
    quit_requested = Signal()

    def __init__(
        self,
        controller: Controller,
        narrated: NarratedBook,
        selection: SelectionReader,
        bindings: Callable[[], Mapping[Action, Binding]],
        http_url: Callable[[], str],
        parent: QObject | None = None,
    ) -> None:
        """`narrated` takes what is asked of a book with a sound of its own. `bindings` and `http_url` give what a
        status says of hotkeys and the HTTP interface, "" where it is off."""
        super().__init__(parent)
        self._controller, self._selection, self._bindings, self._http_url = controller, selection, bindings, http_url
        self._narrated = narrated
        self._answers: deque[Callable[[Reply], None]] = deque()
        selection.text_read.connect(self._read_text)
        selection.nothing_read.connect(self._read_nothing)

    def read_selection(self) -> None:
        """Read the selected text aloud; what goes wrong is shown."""
        self._ask(self._selection.read_selection, self._complain)

    def read_clipboard(self) -> None:
        """Read the copied text aloud; what goes wrong is shown."""
        self._ask(self._selection.read_clipboard, self._complain)

    def obey(self, command: Command, answer: Callable[[Reply], None]) -> None:
        """Do what the command line asks for, and call `answer` with the reply, at once or later."""
        match command.name:
            case CommandName.READ_SELECTION:
                self._ask(self._selection.read_selection, answer)
                return
            case CommandName.READ_CLIPBOARD:
                self._ask(self._selection.read_clipboard, answer)
                return
            case CommandName.READ:
                self._controller.speak(command.text, 0, False, voice=command.voice, language=command.language)
                answer(self._reply_to_text())
                return
            case CommandName.QUIT:
                answer(self._reply())
                self.quit_requested.emit()
                return
            case CommandName.OPEN:
                self.open_requested.emit(files_of(command))
            case CommandName.SHOW:
                self.show_window_requested.emit()
            case CommandName.SHOW_NARRATION:
                self.show_narration_requested.emit()
            case CommandName.PAUSE:
                self._narrated.pause()
            case CommandName.RESUME:
                self._narrated.resume()
            case CommandName.STOP:
                self._narrated.stop()
            case CommandName.NEXT:
                self._narrated.next()
            case CommandName.PREVIOUS:
                self._narrated.previous()
            case CommandName.STATUS:
                pass
        answer(self._reply())

    def _ask(self, read: Callable[[], None], answer: Callable[[Reply], None]) -> None:
        """The selection reader answers in the order in which it was asked."""
        self._answers.append(answer)
        read()

    def _complain(self, reply: Reply) -> None:
        if not reply.ok:
            self._controller.report(Message(reply.message))

    def _read_text(self, text: str) -> None:
        self._controller.read(text)
        self._answers.popleft()(self._reply_to_text())

    def _read_nothing(self, reason: str) -> None:
        self._answers.popleft()(Reply(False, reason))

    def _reply(self) -> Reply:
        state = self._narrated.over(self._controller.state)
        bindings, url = self._bindings(), self._http_url()
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
            "hotkeys": {str(action): binding.keys for action, binding in bindings.items() if not binding.problem},
        }
        wrong = problem(state)
        keys = bindings.get(Action.READ_SELECTION)
        reads = f"{keys.keys} reads the selection" if keys is not None and keys.keys and not keys.problem else ""
        download = download_entry(state.download) if state.download.is_under_way else ""
        parts = (
            reading_line(state) or "Nothing is read",
            engine_entry(state.engine),
            f"voice: {voice_words(state.voice).lower() if not state.voice else state.voice}",
            *(() if state.is_active else (reads, download, state.file_note)),
            f"other programs: {url}" if url else "",
            wrong and wrong.sentence,
        )
        return Reply(True, " · ".join(filter(None, parts)), status)

    def _reply_to_text(self) -> Reply:
        """Whether the text is being read, or why not."""
        state = self._controller.state
        if state.problem is not None and not state.is_active:
            return Reply(False, str(state.problem))
        return Reply(True)
