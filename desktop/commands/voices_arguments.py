"""Declares what can be typed after `lectern voices`. Imports nothing of what it does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import engine
import engine.registry
import engine.voice_library

_Add = Callable[[argparse.ArgumentParser], None]

DESCRIPTION = """\
Voices for S1 Mini: of recordings, or improvised by it. One is a file in Lectern's data folder; `--voice NAME` speaks
with it, in every command and window.
"""
ADD_HELP = """\
What is said in a recording must be known word for word: with --text, with --text-file, or in a file of the same name
beside it that ends in .lab or .txt. 10 to 30 seconds of one person are best. With several recordings, --text comes as
often as they do.
"""
GALLERY_HELP = """\
Each seed gives one voice, the same each time. Without -o they are played, and on a terminal you are asked which to
keep. With -o FOLDER each comes as a sound file and as a voice's file, which `lectern voices import` takes.
"""


def add_voices(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],
    common: argparse.ArgumentParser,
    add_checkpoint: _Add,
    add_device: _Add,
) -> None:
    """Add the command to `commands`."""
    text = "list, add, try and look after voices"
    voices = commands.add_parser("voices", help=text, description=DESCRIPTION)
    actions = voices.add_subparsers(dest="action", metavar="ACTION", required=True)

    def action(name: str, text: str, epilog: str = "") -> argparse.ArgumentParser:
        parser = actions.add_parser(
            name, parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog
        )
        parser.set_defaults(usage_error=parser.error)
        return parser

    listed = action("list", "list the voices there are")
    listed.add_argument("--json", action="store_true", help="for programs: a JSON array")
    _add_add(action("add", "make a voice of recordings", ADD_HELP), add_checkpoint, add_device)
    remove = action("remove", "delete voices")
    remove.add_argument("names", nargs="+", metavar="NAME")
    remove.add_argument("--yes", action="store_true", help="do not ask")
    rename = action("rename", "give a voice another name")
    rename.add_argument("old", metavar="OLD")
    rename.add_argument("new", metavar="NEW")
    describe = action("describe", "change a voice's language or notes")
    describe.add_argument("name", metavar="NAME")
    _add_language(describe)
    describe.add_argument("--notes", metavar="TEXT", help="anything worth knowing; empty takes them away")
    export = action("export", "write a voice into one file, for another computer")
    export.add_argument("name", metavar="NAME")
    export.add_argument("target", nargs="?", type=Path, metavar="FILE", help="NAME.voice in this folder")
    export.add_argument("--without-sound", action="store_true", help="its codes alone: 20 kB, and nobody's own voice")
    imported = action("import", "take over voices' files, or folders of the original server")
    imported.add_argument(
        "paths", nargs="+", type=Path, metavar="PATH", help="a .voice file, a voice's folder, or a folder of those"
    )
    imported.add_argument("--name", default="", help="another name than its own, for a single voice")
    preview = action("preview", "hear a voice's recording")
    preview.add_argument("name", metavar="NAME")
    preview.add_argument("-o", "--output", type=Path, metavar="FILE", help="write .wav, .flac, .mp3 or .opus instead")
    add_checkpoint(preview)
    add_device(preview)
    check = action("check", "say what may be wrong with a recording or with a voice's")
    check.add_argument("what", metavar="NAME|FILE", help="a voice, a voice's file or folder, or any recording")
    check.add_argument("--text", metavar="TEXT", help="what is said in the recording")
    _add_language(check)
    check.add_argument("--json", action="store_true", help="for programs: a JSON array")
    _add_gallery(action("gallery", "improvise voices to choose from", GALLERY_HELP), add_checkpoint, add_device)


def _add_add(add: argparse.ArgumentParser, add_checkpoint: _Add, add_device: _Add) -> None:
    add.add_argument("name", metavar="NAME")
    add.add_argument("recordings", nargs="*", type=Path, metavar="RECORDING", help="of any audio format")
    add.add_argument("--record", action="store_true", help="record from the microphone now")
    add.add_argument("--text", action="append", default=[], metavar="TEXT", help="what is said, word for word")
    add.add_argument("--text-file", type=Path, metavar="FILE", help="what is said in the only recording")
    _add_language(add)
    add.add_argument("--notes", default="", metavar="TEXT", help="anything worth knowing")
    add.add_argument("--no-encode", action="store_true", help="leave that to the first use")
    add_checkpoint(add)
    add_device(add)


def _add_gallery(gallery: argparse.ArgumentParser, add_checkpoint: _Add, add_device: _Add) -> None:
    gallery.add_argument(
        "--n", type=int, default=6, metavar="N", help=f"how many, 1 to {engine.voice_library.MAX_VOICES} (6)"
    )
    gallery.add_argument("--seed", type=int, metavar="N", help="the first voice's; the next have the next numbers")
    _add_language(gallery)
    gallery.add_argument("--text", default="", metavar="TEXT", help="what they all say, instead of the usual lines")
    gallery.add_argument("-o", "--output", type=Path, metavar="FOLDER", help="write them there, and play nothing")
    gallery.add_argument(
        "--keep", action="append", default=[], metavar="NUMBER=NAME", help="keep the voice of that number, unasked"
    )
    gallery.add_argument("--precision", choices=engine.registry.PRECISIONS, default="auto", help="as for say (auto)")
    add_checkpoint(gallery)
    add_device(gallery)


def _add_language(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--lang", dest="language", choices=engine.LANGUAGES, metavar="XX", help=f"{' '.join(engine.LANGUAGES)}"
    )
