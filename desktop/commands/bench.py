"""`lectern bench`: what this computer does with S1 Mini, in a table and a JSON document."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import Any

import engine
import engine.audio
import engine.files
import engine.speech
from desktop.common.messages import size
from desktop.common.paths import cache_folder
from desktop.common.terminal import Terminal
from desktop.s1.checkpoint_choice import find_checkpoint_for_command


def bench(arguments: argparse.Namespace, terminal: Terminal) -> int:
    """Measure, and print a table and last of all one line of JSON, which --json keeps in a file too."""
    if arguments.json is not None:
        engine.audio.check_output(arguments.json)
    checkpoint = None
    if not arguments.random_weights:
        checkpoint = find_checkpoint_for_command(arguments.checkpoint, terminal)
    options = {"device": arguments.device, "precision": arguments.precision, "n_batch": arguments.batch}
    if arguments.frames is not None:
        options["n_frames"] = arguments.frames
    cache = cache_folder() if arguments.compile else None
    document = engine.speech.measure_speed(
        checkpoint, cache, report=lambda what: terminal.progress(f"{what} …"), **options
    )
    terminal.clear()
    text = json.dumps(document)
    for name, value in rows(document):
        sys.stdout.write(f"{name:<26}{value}\n")
    sys.stdout.write(f"{text}\n")
    if arguments.json is not None:
        engine.files.write_whole(arguments.json, (text + "\n").encode(), mode=0o644)  # to be passed on
        terminal.say(f"Wrote {arguments.json}")
    return 0


VERBS = {"read": "reading", "copy": "copying"}


def rows(document: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Write the document `report` as a person reads it."""
    hardware, settings, decode = document["hardware"], document["settings"], document["decode"]
    codec, first, peak = document["codec"], document["first_sound"], document["peak_memory_bytes"]
    on_cpu = hardware["device"] == "CPU"
    where = f"{hardware['cpu']}, {hardware['threads']} threads" if on_cpu else hardware["device"]
    yield "Device", f"{where}; PyTorch {hardware['torch']}"
    yield "Weights", f"{settings['weights']}, {settings['precision']}; {settings['how']}"
    yield "Loading, warming up", f"{document['load_s']:.1f} s, {document['warm_up_s']:.1f} s"
    yield "Frames", f"{decode['frames_per_s']:.1f} a second, {decode['ms_per_frame']:.1f} ms each (median)"
    yield "Weights read", f"{decode['gb_per_frame']:.2f} GB a frame, {decode['gb_per_s']:.1f} GB/s"
    # peers on GPUs are compared by copying; a CPU that only reads is much faster than one that copies
    usual, other = ("read", "copy") if on_cpu else ("copy", "read")
    yield (
        "Memory bandwidth",
        f"{decode[f'{usual}_gb_per_s']:.1f} GB/s {VERBS[usual]}, of which decoding reaches "
        f"{decode[f'fraction_of_{usual}']:.0%}; {decode[f'{other}_gb_per_s']:.1f} GB/s {VERBS[other]}",
    )
    yield (
        "Codec",
        f"{codec['whole_s_per_s']:.3f} s per second of sound ({codec['path']}, {codec['dtype']}), "
        f"in chunks {codec['chunked_s_per_s']:.3f} s",
    )
    yield "All together", f"RTF {document['rtf']:.2f}: {_verdict(document['rtf'])}"
    yield (
        "First sound",
        f"after {document['ttfa_ms']:.0f} ms; with all of {first['utterance_s']:.1f} s of sound first, "
        f"after {first['whole_first_ms']:.0f} ms",
    )
    if (batch := document["batch"]) is not None:
        yield f"{batch['texts']} texts at once", f"{batch['frames_per_s']:.1f} frames a second, RTF {batch['rtf']:.2f}"
    if peak is not None:
        yield ("Memory at most", f"{size(peak)}{' of this process' if on_cpu else ''}")


def _verdict(rtf: float) -> str:
    if rtf < 1:
        return f"{1 / rtf:.1f} times as fast as it is heard"
    return "slower than it is heard, so that there are pauses"
