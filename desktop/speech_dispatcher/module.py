"""Answers the daemon: what it sets is kept, what it wants said goes to the mouth."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from desktop.speech_dispatcher.marked_text import MarkedText, read_message
from desktop.speech_dispatcher.mouth import Mouth
from desktop.speech_dispatcher.prosody import Parameters
from desktop.speech_dispatcher.voices import Kind, Message
from desktop.speech_dispatcher.wire import Wire

_KINDS = {"SPEAK": Kind.TEXT, "CHAR": Kind.CHAR, "KEY": Kind.KEY, "SOUND_ICON": Kind.ICON}

ListedVoice = tuple[str, str, str]
"""A name, a language's tag, a variant or "none"."""


class Module:
    """Talks with the daemon until that says QUIT or is gone. `voices` is asked when the daemon asks."""

    def __init__(self, wire: Wire, mouth: Mouth, voices: Callable[[], Sequence[ListedVoice]]) -> None:
        self._wire, self._mouth, self._voices = wire, mouth, voices
        self._lines = wire.lines()
        self._parameters = Parameters()

    def run(self) -> None:
        """Answer every line; garbage is answered, too."""
        for line in self._lines:
            words = line.split()
            command = words[0] if words else ""
            if command in _KINDS and len(words) == 1:
                self._speak(_KINDS[command])
            elif command == "STOP":
                self._mouth.stop()
            elif command == "PAUSE":
                self._mouth.pause()
            elif command == "QUIT":
                self._mouth.stop()
                self._wire.reply("210 OK QUIT")
                return
            else:
                self._answer(command, line)

    def _answer(self, command: str, line: str) -> None:
        match command:
            case "INIT":
                self._wire.reply("299-Lectern is ready.", "299 OK LOADED SUCCESSFULLY")
            case "SET":
                self._wire.reply("203 OK RECEIVING SETTINGS")
                n_bad = sum(not self._parameters.set(each) for each in self._body())
                self._wire.reply("302 ERROR BAD SYNTAX" if n_bad else "203 OK SETTINGS RECEIVED")
            case "AUDIO":
                self._open_audio()
            case "LOGLEVEL":
                self._wire.reply("207 OK RECEIVING LOGLEVEL SETTINGS")
                for _ in self._body():
                    pass
                self._wire.reply("203 OK LOG LEVEL SET")
            case "LIST" if line.split() == ["LIST", "VOICES"]:
                listed = ["200-" + "\t".join(voice) for voice in self._voices()]
                self._wire.reply(*listed, "200 OK VOICE LIST SENT")
            case "DEBUG":
                self._wire.reply("200 OK DEBUGGING " + ("ON" if "ON" in line else "OFF"))
            case _:
                self._wire.reply("300 ERR UNKNOWN COMMAND")

    def _open_audio(self) -> None:
        """The daemon plays; one that cannot (before 0.11) is told so, and uses its other modules."""
        self._wire.reply("207 OK RECEIVING AUDIO SETTINGS")
        methods = [line.partition("=")[2] for line in self._body() if line.startswith("audio_output_method=")]
        if methods in ([], ["server"]):
            self._wire.reply("203 OK AUDIO INITIALIZED")
        else:
            self._wire.reply("300-Lectern needs a speech-dispatcher that plays the sound itself.", "300 MODULE ERROR")

    def _speak(self, kind: Kind) -> None:
        self._wire.reply("202 OK SEND DATA")
        text = "\n".join(self._body())
        if self._mouth.is_busy or not text:
            self._wire.reply("301 ERROR CANT SPEAK")
            return
        if kind is not Kind.TEXT and "\n" in text:
            self._wire.reply("305 DATA MORE THAN ONE LINE")
            return
        if kind is Kind.CHAR and text == "space":
            text = " "
        said = read_message(text) if kind is Kind.TEXT else MarkedText(text)
        self._wire.reply("200 OK SPEAKING")
        self._mouth.say(Message(kind, said, self._parameters.prosody()))

    def _body(self) -> Iterator[str]:
        """The lines up to the one that is a dot; a dot before others is doubled."""
        for line in self._lines:
            if line == ".":
                return
            yield line.removeprefix(".") if line.startswith("..") else line
