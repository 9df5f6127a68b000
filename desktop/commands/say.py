"""`lectern say`: a text becomes sound, in a file or in the air."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import numpy as np

import engine
import engine.audio
import engine.files
import engine.registry
import engine.speech
import engine.text
import engine.voice_library
from desktop.commands.dictionary import usual_dictionary
from desktop.commands.interrupts import signals_cancel
from desktop.commands.pipe import Pipe
from desktop.common.errors import PlaybackError, TerminalError
from desktop.common.language_words import unvoiced_words
from desktop.common.messages import (
    Message,
    counted,
    explain_at_prompt,
    explain_choice,
    explain_warning,
    loading_words,
    size,
)
from desktop.common.paths import cache_folder, voices_folder
from desktop.common.terminal import Terminal
from desktop.common.text_source import find_text
from desktop.playback.player import Player, find_output_device
from desktop.s1.checkpoint_choice import find_checkpoint_for_command

PIPE = Path("-")
STANDARD_OUTPUT = "standard output"


def say(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Speak the text that `arguments` lead to. What is quickly found wrong is found before anything is loaded."""
    if arguments.file is not None and arguments.text:
        arguments.usage_error("give either TEXT or --file")
    if arguments.file is None and not arguments.text and (sys.stdin is None or sys.stdin.isatty()):
        arguments.usage_error("TEXT is missing")
    _check_words(arguments)
    text = find_text(arguments.text, arguments.file, terminal.say)
    options = replace(_options(arguments), pronunciations=usual_dictionary(terminal))
    notes = None
    if arguments.ssml:
        marked = engine.text.read_ssml(text)
        text, notes = marked.text, marked.notes
    engine.text.check_text(text)
    library = engine.voice_library.VoiceLibrary(voices_folder())
    if arguments.keep_voice is not None:
        if arguments.voice:
            arguments.usage_error("--keep-voice keeps an improvised voice, and --voice chooses another")
        library.check_new(arguments.keep_voice)
    cancel = engine.CancelToken()
    with ExitStack() as stack:
        player = _find_player(arguments, cancel, terminal)
        if player is not None:
            stack.enter_context(player)
        with _open_output(arguments.output, cancel) as writer:
            opened = open_engine(arguments, terminal)
            speaker = opened.engine
            stack.callback(speaker.close)
            if arguments.keep_voice is not None and not opened.entry.capabilities.improvises:
                raise engine.VoiceError("not_improvised", arguments.keep_voice)
            outlets = Outlets(writer, player, terminal)
            with signals_cancel(cancel):  # inside the file's block: a cancelled file is no file
                request = engine.SpeechRequest(text, opened.voice, options, notes)
                tally = _speak(speaker, request, cancel, outlets, terminal)
        _report(tally, speaker.status(), arguments.output, terminal)
        if arguments.keep_voice is not None:
            notes = f"Improvised by {opened.entry.display_name}, seed {tally.seed}"
            info = library.add(tally.improvised.stored(arguments.keep_voice, notes))
            terminal.say(f"Kept the voice as {info.name}.")
        if arguments.words is not None:
            _write_words(arguments.words, arguments.output, text, tally, terminal)
        with signals_cancel(cancel):
            outlets.drain()
        if player is not None and player.n_underruns:
            terminal.say(f"The sound ran dry {counted(player.n_underruns, 'time')}, because it was made too slowly.")
    return 0


def _check_words(arguments: argparse.Namespace) -> None:
    """Check that the words can be written where `arguments` want them. Raises `OutputError`."""
    words, output = arguments.words, arguments.output
    if words is None:
        return
    if output is not None and (words == output or words.resolve() == output.resolve()):
        arguments.usage_error("-o and --words cannot both go to the same place")
    if words != PIPE:
        engine.audio.check_output(words)


def _write_words(path: Path, output: Path | None, text: str, tally: Tally, terminal: Terminal) -> None:
    """Write when each word is heard, after the sound that it is about. Raises `OutputError`."""
    if not tally.words:
        terminal.say("This voice does not tell when it says a word, so the file lists none.")
    sound = None if output is None or output == PIPE else _sound_from(path, output)
    data = engine.words_json(text, tally.words, tally.heard.n_samples, sound)
    if path == PIPE:
        if sys.stdout is not None and sys.stdout.isatty():
            sys.stdout.write(data.decode())  # which lets nothing through that a terminal obeys
        elif sys.stdout is not None:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        return
    engine.files.write_whole(path, data, mode=0o644)
    terminal.say(f"Wrote {path}")


def _sound_from(words: Path, sound: Path) -> str:
    """The sound file as it is found from the file of words, so that both can be moved together."""
    folder = Path() if words == PIPE else words.parent
    try:
        return Path(os.path.relpath(sound, folder)).as_posix()
    except ValueError:  # another drive of Windows
        return sound.as_posix()


def _options(arguments: argparse.Namespace) -> engine.SpeechOptions:
    names = ("temperature", "top_p", "repetition_penalty", "seed", "language")
    given = {name: value for name in names if (value := getattr(arguments, name)) is not None}
    return engine.SpeechOptions(**given, live=arguments.output is None or arguments.play)


@dataclass(frozen=True, slots=True)
class Opened:
    """The engine that speaks, the voice it is asked to speak with, and its checkpoint if it has one."""

    engine: engine.SpeechEngine
    entry: engine.registry.EngineEntry
    voice: engine.Voice
    checkpoint: Path | None


def open_engine(arguments: argparse.Namespace, terminal: Terminal) -> Opened:
    """Open the engine for the voice and device that `arguments` name. Raises `EngineError`."""
    name = arguments.voice
    own = engine.registry.engine_of_voice(name)
    checkpoint = None
    if own is None or own.needs.checkpoint:
        checkpoint = find_checkpoint_for_command(arguments.checkpoint, terminal)
    choice = engine.registry.choose_engine(
        checkpoint=checkpoint,
        checkpoint_named=arguments.checkpoint is not None,
        device=arguments.device,
        voice=name,
        has_cuda=engine.speech.has_cuda,
    )
    terminal.say(explain_choice(choice))
    engine.registry.check_language(choice.engine, arguments.language)
    if choice.checkpoint is not None:
        terminal.progress(loading_words(choice.engine))
    cache = cache_folder() if arguments.compile else None
    setup = engine.EngineSetup(choice.checkpoint, choice.device, arguments.precision, cache_folder=cache)
    speaker = engine.open_engine(choice.engine.name, setup)
    return Opened(speaker, choice.engine, _find_voice(name, speaker, own), choice.checkpoint)


def _find_voice(name: str, speaker: engine.SpeechEngine, own: engine.registry.EngineEntry | None) -> engine.Voice:
    """Find the voice `name`: of the engine's own, else one that is kept, where the engine takes those."""
    codec = engine.codec_of(speaker)
    if not name or own is not None or codec is None:
        return engine.Voice(name)
    return engine.voice_library.load_voice(name, voices_folder(), codec.encode, codec.n_codebooks)


@contextmanager
def _open_output(path: Path | None, cancel: engine.CancelToken) -> Iterator[Writer | None]:
    """A writer for `path`, which appears when the block ends well. Raises `OutputError`, `TerminalError`."""
    if path is None:
        yield None
    elif path == PIPE:
        if sys.stdout is None or sys.stdout.isatty():
            raise TerminalError
        with engine.audio.WavStream(Pipe(sys.stdout.buffer, cancel), STANDARD_OUTPUT) as stream:
            yield stream
    else:
        with engine.audio.AudioWriter(path) as writer:
            yield writer


def _find_player(arguments: argparse.Namespace, cancel: engine.CancelToken, terminal: Terminal) -> Player | None:
    """A player where sound is to be heard. Without a device that is an error, unless there is a file too."""
    if arguments.output is not None and not arguments.play:
        return None
    try:
        return Player(find_output_device(), cancel)
    except PlaybackError as error:
        if arguments.output is None:
            raise
        terminal.say(f"Not played: {explain_at_prompt(error).sentence}")
        return None


class Writer(Protocol):
    def write(self, samples: np.ndarray) -> None: ...


class Outlets:
    """Sends the sound where it goes: to a file, to the air, or both.

    A segment that is restarted begins again. The file gets a segment when it is done, because what is
    written cannot be unwritten; the player gets it at once, and forgets what was not heard yet. A file goes
    on when the sound device goes away.
    """

    def __init__(self, writer: Writer | None, player: Player | None, terminal: Terminal) -> None:
        self._writer = writer
        self._player = player
        self._terminal = terminal
        self._held: list[np.ndarray] = []
        self._mark = 0

    def begin_segment(self) -> None:
        self._held.clear()
        with self._player_may_fail() as player:
            self._mark = player.mark() if player else 0

    def restart_segment(self) -> None:
        with self._player_may_fail() as player:
            if player:
                player.rewind(self._mark)
        self.begin_segment()

    def take(self, samples: np.ndarray) -> None:
        """Take samples of the current segment, float32 `(n,)`."""
        if self._writer:
            self._held.append(samples)
        with self._player_may_fail() as player:
            if player:
                player.play(samples)

    def end_segment(self) -> None:
        if self._writer:
            for samples in self._held:
                self._writer.write(samples)
        self._held.clear()

    def drain(self) -> None:
        """Wait until all has been heard."""
        with self._player_may_fail() as player:
            if player:
                player.drain()

    @contextmanager
    def _player_may_fail(self) -> Iterator[Player | None]:
        try:
            yield self._player
        except PlaybackError as error:
            if self._writer is None:
                raise
            self._player = None
            self._terminal.say(f"No longer played: {explain_at_prompt(error).sentence}")


@dataclass(slots=True)
class Tally:
    """Counts what was spoken, and collects warnings about it."""

    n_segments: int = 0
    audio_s: float = 0.0
    compute_s: float = 0.0
    first_audio_s: float | None = None
    seed: int | None = None
    heard: engine.TimedWords = field(default_factory=engine.TimedWords)
    words: list[engine.TimedWord] = field(default_factory=list)
    doubts: list[Message] = field(default_factory=list)
    unvoiced: set[str] = field(default_factory=set)
    improvised: engine.voice_library.ImprovisedVoice = field(default_factory=engine.voice_library.ImprovisedVoice)

    def note_language(self, segment: engine.Segment, terminal: Terminal) -> None:
        """Say of each language that no voice speaks, before its first sentence is heard, that it is none of them."""
        if segment.unvoiced_language and segment.unvoiced_language not in self.unvoiced:
            self.unvoiced.add(segment.unvoiced_language)
            terminal.say(unvoiced_words(segment))

    def add(self, done: engine.SegmentDone) -> None:
        self.n_segments += 1
        self.seed = done.seed
        self.audio_s += done.timing.audio_s
        self.compute_s += done.timing.compute_s
        if done.problem is not None:
            self.doubts.append(explain_warning(done.problem, done.segment.text))


def _speak(
    speaker: engine.SpeechEngine,
    request: engine.SpeechRequest,
    cancel: engine.CancelToken,
    outlets: Outlets,
    terminal: Terminal,
) -> Tally:
    tally = Tally()
    started_at = time.perf_counter()
    for event in speaker.speak(request, cancel):
        tally.improvised.take(event)
        tally.words += tally.heard.take(event)
        match event:
            case engine.SegmentStarted(segment):
                tally.note_language(segment, terminal)
                terminal.progress(f"Segment {segment.index + 1} · {tally.audio_s:.1f} s of audio")
                outlets.begin_segment()
            case engine.PcmChunk(samples, sample_rate):
                assert sample_rate == engine.SAMPLE_RATE_HZ
                if tally.first_audio_s is None:
                    tally.first_audio_s = time.perf_counter() - started_at
                outlets.take(samples)
            case engine.SegmentRestarted(index, problem, attempt):
                terminal.progress(f"Segment {index + 1} went wrong ({problem.value}): attempt {attempt}")
                outlets.restart_segment()
            case engine.SegmentDone():
                outlets.end_segment()
                tally.add(event)
    terminal.clear()
    return tally


def _report(tally: Tally, status: engine.EngineStatus, output: Path | None, terminal: Terminal) -> None:
    for doubt in tally.doubts:
        terminal.say(doubt)
    if output is not None and output != PIPE:
        terminal.say(f"Wrote {output}")
    how = f"{status.precision}, {status.how}" if status.how else status.precision
    rtf = tally.compute_s / tally.audio_s if tally.audio_s else 0.0
    peak = f", {size(status.peak_memory_bytes)} of memory at most" if status.peak_memory_bytes else ""
    terminal.say(
        f"{tally.audio_s:.1f} s of audio made in {tally.compute_s:.1f} s (RTF {rtf:.3f}), "
        f"first audio after {1000 * (tally.first_audio_s or 0.0):.0f} ms, "
        f"{status.name} on {status.device} ({how}){peak}"
    )
