"""`lectern serve` and `lectern webui`: the HTTP interface, in the foreground until Ctrl-C."""

from __future__ import annotations

import argparse
import os
import webbrowser
from dataclasses import replace
from pathlib import Path

import engine
import engine.registry
import engine.server
import engine.speech
from desktop.commands.dictionary import usual_dictionary
from desktop.common.messages import explain_at_prompt, explain_choice, loading_words
from desktop.common.paths import cache_folder, voices_folder
from desktop.common.terminal import Terminal
from desktop.s1.checkpoint_choice import find_checkpoint_for_command

KEY_VARIABLE = "LECTERN_API_KEY"
CODEC_NAME = "modded_dac_vq"


def serve(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Serve until a signal ends it; never return."""
    choice = _choose(arguments, terminal)
    entries = usual_dictionary(terminal)
    settings = replace(_settings(arguments, choice.engine), dictionary=lambda: entries)
    terminal.say(explain_choice(choice))
    is_kept = bool(settings.voice) and engine.registry.engine_of_voice(settings.voice) is None
    if is_kept and not choice.engine.capabilities.clones:
        needed = engine.registry.cloning_engine().display_name
        speaking = choice.engine.spoken_name
        terminal.say(f"The voice {settings.voice} needs {needed}: without it {speaking} speaks as itself.")
    if arguments.workers > 1:
        terminal.say("There is one copy of the model, so --workers changes nothing: requests take turns.")

    def open_engine() -> engine.SpeechEngine:
        precision = "float16" if arguments.half else "auto"
        cache = None if arguments.compile is False else cache_folder()
        setup = engine.EngineSetup(choice.checkpoint, choice.device, precision, cache_folder=cache)
        return engine.open_engine(choice.engine.name, setup)

    def on_ready(address: str, status: engine.EngineStatus) -> None:
        terminal.clear()
        terminal.say(f"{status.name} ({status.device}) answers at {address} until Ctrl-C.")
        if status.how and choice.engine.is_always_there:
            terminal.say(f"The {status.name} speaks {status.how}.")
        if arguments.browser:
            webbrowser.open(address)

    if choice.checkpoint is not None:
        terminal.progress(loading_words(choice.engine))
    engine.server.serve_http(settings, open_engine, lambda error: str(explain_at_prompt(error)), on_ready)
    return 0


def _settings(arguments: argparse.Namespace, entry: engine.registry.EngineEntry) -> engine.server.ServerSettings:
    host, port = engine.server.parse_address(arguments.listen)
    limits = engine.server.ServerLimits()
    if arguments.max_text_length is not None:
        if arguments.max_text_length < 0:
            raise engine.OptionError("--max-text-length", arguments.max_text_length, "0 (no limit) or more")
        n_chars = arguments.max_text_length or engine.MAX_TEXT_CHARS
        limits = engine.server.ServerLimits(max_text_chars=n_chars)
    return engine.server.ServerSettings(
        voices_folder(),
        host,
        port,
        api_key=arguments.api_key or os.environ.get(KEY_VARIABLE, ""),
        is_insecure=arguments.insecure,
        allowed_hosts=tuple(arguments.allow_host),
        allowed_origins=tuple(origin.lower().rstrip("/") for origin in arguments.allow_origin),
        voice=arguments.voice,
        unknown_is_default=arguments.default_for_unknown_voices,
        sends_wav_header=arguments.wav_header,
        engine_voices=entry.voice_names(),
        limits=limits,
    )


def _choose(arguments: argparse.Namespace, terminal: Terminal) -> engine.registry.EngineChoice:
    """Raises `OptionError`, `CheckpointError`, `DeviceError`."""
    if arguments.decoder_config_name not in (None, CODEC_NAME):
        raise engine.OptionError(
            "--decoder-config-name", arguments.decoder_config_name, f"{CODEC_NAME} only, which S1 Mini needs"
        )
    checkpoint: Path | None = arguments.checkpoint
    codec: Path | None = arguments.decoder_checkpoint_path
    if codec is not None:
        checkpoint = checkpoint or codec.parent
        if codec.resolve() != (checkpoint / "codec.pth").resolve():
            raise engine.OptionError(
                "--decoder-checkpoint-path", codec, f"{checkpoint / 'codec.pth'} only: both are read from one folder"
            )
    return engine.registry.choose_engine(
        checkpoint=find_checkpoint_for_command(checkpoint, terminal),
        checkpoint_named=checkpoint is not None,
        device=arguments.device,
        voice=arguments.voice,
        has_cuda=engine.speech.has_cuda,
    )
