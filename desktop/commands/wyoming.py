"""`lectern wyoming`: Home Assistant's protocol, in the foreground until Ctrl-C."""

from __future__ import annotations

import argparse

import engine
import engine.registry
import engine.server
import engine.speech
from desktop.commands.dictionary import usual_dictionary
from desktop.commands.interrupts import wait_for_signal
from desktop.common.messages import explain_at_prompt, explain_choice, loading_words
from desktop.common.paths import cache_folder, voices_folder
from desktop.common.terminal import Terminal
from desktop.s1.checkpoint_choice import find_checkpoint_for_command


def wyoming(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Serve until a signal ends it; never return."""
    host, port = engine.server.parse_address(arguments.listen.removeprefix("tcp://"))
    choice = engine.registry.choose_engine(
        checkpoint=find_checkpoint_for_command(arguments.checkpoint, terminal),
        checkpoint_named=arguments.checkpoint is not None,
        device=arguments.device,
        voice=arguments.voice,
        has_cuda=engine.speech.has_cuda,
    )
    entries = usual_dictionary(terminal)
    settings = engine.server.ServerSettings(
        voices_folder(),
        host,
        port,
        is_insecure=True,  # the protocol has no key; it is told below
        voice=arguments.voice,
        engine_voices=choice.engine.voice_names(),
        dictionary=lambda: entries,
    )
    terminal.say(explain_choice(choice))
    if not engine.server.is_loopback(host):
        terminal.say(open_to_all_words(arguments.listen))

    def open_engine() -> engine.SpeechEngine:
        cache = cache_folder() if arguments.compile else None
        setup = engine.EngineSetup(choice.checkpoint, choice.device, arguments.precision, cache_folder=cache)
        return engine.open_engine(choice.engine.name, setup)

    if choice.checkpoint is not None:
        terminal.progress(loading_words(choice.engine))
    server = engine.server.start_wyoming_server(
        settings, open_engine, lambda error: str(explain_at_prompt(error)), warm_up=True
    )
    try:
        terminal.clear()
        terminal.say(f"{choice.engine.display_name} answers at {server.url} until Ctrl-C.")
        wait_for_signal()
    finally:
        server.close()
    return 0


def open_to_all_words(address: str) -> str:
    """Warn that whoever reaches the address may speak."""
    return (
        f"Anybody who reaches {address} can have texts spoken: the protocol knows no key. "
        "Listen on 127.0.0.1, or let a firewall keep others out."
    )
