"""Declares what can be typed on the command line. Imports nothing of what it does."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

import engine
import engine.narration
import engine.registry
from desktop.commands.dictionary_arguments import add_dictionary
from desktop.commands.voices_arguments import add_voices
from desktop.common.text_source import names_a_file
from desktop.s1.pytorch_build import BUILDS

# What the running Lectern is asked to do; `desktop/common/protocol.py` has the same names.
REMOTE_COMMANDS = {
    "read": "have the running Lectern read aloud",
    "pause": "pause the reading",
    "resume": "go on reading",
    "stop": "stop reading",
    "next": "skip to the next sentence",
    "previous": "go back one sentence",
    "show": "show the window",
    "status": "say what Lectern is doing",
    "quit": "end the running Lectern",
}

READ_DESCRIPTION = """\
Have the running Lectern read aloud, and start it where it is not running. A desktop's own shortcut settings can run
`lectern read --selection`.
"""

SAY_HELP = """\
Where the text comes from:
  TEXT            words; several are joined with spaces
  -               standard input, to its end (also when TEXT is left out and something is piped in)
  book.epub       a single TEXT that is the name of a file means the file, not the words; one without spaces that ends
                  as documents do (.txt .md .html .epub .pdf .docx .srt …) does so even when nothing is there
  --file FILE     a file of any name
A text may have any usual encoding; which one was guessed is told. After -- a TEXT may begin with a hyphen.
The words "notes.txt" themselves: echo notes.txt | lectern say

Where the sound goes: to the speakers, or with -o to a file that appears once it is complete
(with --play to both). -o - writes WAV to a pipe.

--words FILE.json says of each word where it stands in the text (text_start, text_end, in code points) and from when to
when it is heard (start, end, in seconds), with its segment and how sure that is (confidence); --words - writes that to
standard output.
"""

NARRATE_HELP = """\
All work is kept as it is done, sentence by sentence: stopped or killed at any moment, the same command goes on where it
was. What was chosen once for a book stays chosen. A sentence, a voice or a setting that is changed has only that spoken
anew which it touches. Sentences that do not sound as the others are spoken again; what stays doubtful is listed.
"""

BENCH_HELP = """\
Without S1 Mini's files its weights are random: speed does not depend on what they say, so anyone can tell what a
computer would do. It takes 1 to 3 minutes on a CPU, and up to 4 GB of memory.
"""

DOWNLOAD_DESCRIPTION = """\
Download S1 Mini, once its licence is accepted on its page and you are logged in. What was interrupted goes on where it
stopped, and what is here already is verified.
"""

LOGIN_DESCRIPTION = """\
Log in to Hugging Face with an access token, which is typed unseen, or with --browser through a page. The token is saved
where Hugging Face's own programs look for it, for you alone.
"""

INSTALL_PYTORCH_DESCRIPTION = """\
Install PyTorch, and what else only S1 Mini needs, into the environment that Lectern runs in: the build for the NVIDIA
driver, or without one the small one for the CPU. The built-in voice does without.
"""

SETUP_HELP = """\
Each step is a question, and what is there already is left as it is; done again, it does what is left:
  - Lectern's entry in the desktop's menu, its manual page, and what shells complete
  - PyTorch, in the build for the NVIDIA driver; without one it is not proposed
  - S1 Mini (3.6 GB), after a login at Hugging Face and its licence
  - a first sentence by S1 Mini, which compiles what is compiled for this computer
--yes takes what is proposed. It cannot log in and accept a licence for you: lectern login

PyTorch can be chosen with Lectern, too. The extras cpu, cu126, cu128 and cu130 name its build:
  uv tool install 'lectern[cu128]' --torch-backend cu128
  pipx install 'lectern[cu128]' --pip-args='--extra-index-url https://download.pytorch.org/whl/cu128'
  pip install 'lectern[cu128]' --extra-index-url https://download.pytorch.org/whl/cu128
A wheel that is a file or a download is named with its address: 'lectern[cu128] @ https://…/lectern-….whl'
"""

SPEECHD_DESCRIPTION = """\
Let all programs that speak through speech-dispatcher do so with Lectern: Orca, Firefox, Okular, Foliate, spd-say. Only
your own configuration is changed; the system's other voices stay, and speak where Lectern cannot.
"""

FOLDER_HELP = {"verify": "the folder (the one that is used)", "remove": "the folder (Lectern's own)"}

ALLOW_ORIGIN_HELP = "pages of these web sites may use it, such as http://localhost:3000 (none); * for all"

SERVE_HELP = """\
A key in the environment's LECTERN_API_KEY stands in no list of processes, as --api-key does. Without a key only this
computer is listened to, unless --insecure says otherwise.
"""


WYOMING_HELP = """\
In Home Assistant: Settings, Devices & services, Add integration, Wyoming Protocol, with this address. The protocol has
no key, so only this computer is listened to unless another address is given. It needs: pip install 'lectern[wyoming]'
"""

MCP_HELP = """\
It speaks the Model Context Protocol on standard input and output, for a program that starts it. Its tools speak through
the running Lectern, or by themselves where none runs. It needs: pip install 'lectern[mcp]'
"""


class _Version(argparse.Action):
    """Prints all that a report of a fault needs; what finds that is imported when it is asked for."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        from desktop.common.system_report import system_report

        sys.stdout.write(system_report())
        parser.exit()


def build_parser() -> argparse.ArgumentParser:
    """Make the parser for all commands, without importing what they do."""
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--debug", action="store_true", default=argparse.SUPPRESS, help="on failure, show where")
    parser = argparse.ArgumentParser(
        prog="lectern",
        description="Reads aloud with OpenAudio S1 Mini, or with a built-in voice. Offline.",
        epilog="Without a command, Lectern starts, or the running one shows its window; with the name of a text or a "
        "book, it opens that.",
        parents=[common],
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="say which Lectern this is, and what it runs on")
    parser.add_argument("--background", action="store_true", help="start without a window, as at login")
    parser.set_defaults(files=[])
    commands = parser.add_subparsers(dest="command", title="commands", metavar="COMMAND")
    _add_open(commands, common)
    _add_read(commands, common)
    for name, text in REMOTE_COMMANDS.items():
        if name != "read":
            commands.add_parser(name, parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}.")
    show = commands.choices["show"]
    show.add_argument("--narration", action="store_true", help="that of audiobooks, instead of the reader's")
    status = commands.choices["status"]
    status.add_argument("--json", action="store_true", help="for programs: one JSON object")
    _add_say(commands, common)
    _add_narrate(commands, common)
    add_voices(commands, common, _add_checkpoint, _add_device)
    add_dictionary(commands, common)
    _add_codec(commands, common)
    _add_bench(commands, common)
    _add_download(commands, common)
    _add_login(commands, common)
    _add_checkpoint_command(commands, common)
    _add_serve(commands, common)
    _add_wyoming(commands, common)
    _add_mcp(commands, common)
    _add_setup(commands, common)
    _add_install_desktop(commands, common)
    _add_install_browser_extension(commands, common)
    _add_install_pytorch(commands, common)
    _add_speechd(commands, common)
    doctor = commands.add_parser(
        "doctor", parents=[common], help="check what is there and what is missing", description="Check this computer."
    )
    _add_checkpoint(doctor)
    return parser


def with_open(arguments: Sequence[str]) -> list[str]:
    """Put the command `open` before the name of a file that stands where a command would."""
    first = next((i for i, word in enumerate(arguments) if not word.startswith("-")), None)
    if first is None or not names_a_file(arguments[first]):
        return list(arguments)
    return [*arguments[:first], "open", *arguments[first:]]


def _add_open(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    text = "open a text or a book in the window, to read along"
    read = commands.add_parser("open", parents=[common], help=text, description=f"O{text[1:]}.")
    read.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="a text or a document; `lectern FILE` will do"
    )


def _add_read(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    text = REMOTE_COMMANDS["read"]
    read = commands.add_parser("read", parents=[common], help=text, description=READ_DESCRIPTION)
    read.set_defaults(usage_error=read.error)
    read.add_argument("text", nargs="*", metavar="TEXT", help="words, a document, or - for standard input, as for say")
    source = read.add_mutually_exclusive_group()
    source.add_argument("--selection", action="store_true", help="what is selected, in any program")
    source.add_argument("--clipboard", action="store_true", help="what was copied")
    source.add_argument("--file", type=Path, metavar="FILE", help="read the text from a file")


def _add_setup(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    text = "look at this computer, and bring what Lectern can use on it"
    setup = commands.add_parser(
        "setup",
        parents=[common],
        help=text,
        description=f"L{text[1:]}.",
        epilog=SETUP_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    setup.add_argument("--yes", action="store_true", help="take what is proposed, without a question")
    setup.add_argument(
        "--build", choices=("auto", *BUILDS), default="auto", help="PyTorch's, instead of the one that suits the driver"
    )


def _add_install_desktop(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    text = "put Lectern into the desktop's menu, with its manual page and what shells complete"
    install = commands.add_parser("install-desktop", parents=[common], help=text, description=f"P{text[1:]}.")
    install.add_argument("--autostart", action="store_true", help="and start it at login")
    install.add_argument("--remove", action="store_true", help="take all of it away again")


def _add_install_browser_extension(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    text = "put the browser extension into a folder, and say how it is loaded"
    install = commands.add_parser("install-browser-extension", parents=[common], help=text, description=f"P{text[1:]}.")
    install.add_argument("--to", type=Path, metavar="DIR", help="which folder (one in your documents)")
    install.add_argument("--remove", action="store_true", help="take it away again")


def _add_install_pytorch(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    text = "install PyTorch, which S1 Mini needs"
    install = commands.add_parser(
        "install-pytorch", parents=[common], help=text, description=INSTALL_PYTORCH_DESCRIPTION
    )
    install.add_argument(
        "--build", choices=("auto", *BUILDS), default="auto", help="instead of the one that suits the NVIDIA driver"
    )
    install.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")


def _add_speechd(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    text = "let screen readers and other programs speak with Lectern"
    speechd = commands.add_parser("speechd", help=text, description=SPEECHD_DESCRIPTION)
    actions = speechd.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in (
        ("install", "put Lectern into your own configuration of speech-dispatcher"),
        ("remove", "have that configuration as it was"),
        ("status", "say whether programs speak with Lectern"),
    ):
        actions.add_parser(name, parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}.")


def _own_voices() -> str:
    """Name the engines' own voices as they are typed: "built-in[/VARIANT]"."""
    own = (entry.name for entry in engine.registry.engines() if entry.capabilities.has_voices)
    return " or ".join(f"{name}[/VARIANT]" for name in own)


def _add_say(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    say = commands.add_parser(
        "say",
        parents=[common],
        help="speak a text",
        description="Speak a text.",
        epilog=SAY_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    say.set_defaults(usage_error=say.error)
    say.add_argument("text", nargs="*", metavar="TEXT", help="words, a document, or - for standard input")
    say.add_argument("--file", type=Path, metavar="FILE", help="read the text from a file")
    say.add_argument("--ssml", action="store_true", help="the text is SSML: <break>, <say-as>, <lang>, <prosody> …")
    say.add_argument("-o", "--output", type=Path, metavar="FILE", help="write .wav, .flac, .mp3 or .opus")
    say.add_argument("--words", type=Path, metavar="FILE", help="write JSON that says when each word is heard; or -")
    say.add_argument("--play", action="store_true", help="with -o, play it as well if there is a sound device")
    say.add_argument(
        "--voice",
        default="",
        metavar="NAME",
        help=f"a voice's name, the path of one, or {_own_voices()}",
    )
    say.add_argument("--keep-voice", metavar="NAME", help="keep the voice that S1 Mini improvises for this text")
    _add_checkpoint(say)
    _add_device(say)
    _add_speaking(say)


def _add_narrate(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    narrate = commands.add_parser(
        "narrate",
        parents=[common],
        help="make an audiobook of a book",
        description="Make an audiobook of a book.",
        epilog=NARRATE_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    narrate.set_defaults(keep_voice=None)  # an option of `say` alone; both open their engine in one way
    narrate.add_argument("book", type=Path, metavar="BOOK", help="a document, or the folder of a narration")
    narrate.add_argument("-o", "--output", type=Path, metavar="OUT", help="the audiobook (beside the book)")
    narrate.add_argument("--project", type=Path, metavar="DIR", help="where the work is kept (Lectern's own folder)")
    narrate.add_argument("--resume", action="store_true", help="go on without reading the book anew")
    narrate.add_argument("--dry-run", action="store_true", help="say what would be spoken and left out, and how long")
    narrate.add_argument("--format", choices=engine.narration.FORMATS, help="by the ending of OUT, else m4b")
    narrate.add_argument("--chapters", metavar="LIST", help="such as 1-3,5 (all)")
    narrate.add_argument(
        "--per-chapter", action=argparse.BooleanOptionalAction, help="a file for each chapter, in the folder OUT"
    )
    narrate.add_argument(
        "--markers",
        action=argparse.BooleanOptionalAction,
        help="act out emotion names in parentheses, such as (whispering), and do not read them",
    )
    narrate.add_argument(
        "--subtitles",
        metavar="LIST",
        help="srt, vtt, epub, json, with commas between; epub reads along, json says when each word is heard",
    )
    narrate.add_argument(
        "--by-word", action=argparse.BooleanOptionalAction, help="vtt and epub say when each word is heard, too"
    )
    narrate.add_argument("--loudness", metavar="LUFS", help="-35 to -10, or off (-18)")
    narrate.add_argument("--pauses", metavar="S,P,C", help="seconds after sentences, paragraphs, chapters")
    narrate.add_argument("--voice", metavar="NAME", help="as for say")
    narrate.add_argument("--tidy", action="store_true", help="then delete sounds that the book uses no more")
    _add_checkpoint(narrate)
    _add_device(narrate)
    _add_speaking(narrate)


def _add_speaking(parser: argparse.ArgumentParser) -> None:
    """How S1 Mini computes, and how it speaks."""
    _add_precision(parser)
    parser.add_argument("--seed", type=int, metavar="N", help="the same seed speaks the same way")
    parser.add_argument("--temperature", type=float, metavar="X", help="0.1 to 1.0: how lively (0.8)")
    parser.add_argument("--top-p", type=float, metavar="X", help="0.1 to 1.0: how much choice (0.8)")
    parser.add_argument("--repetition-penalty", type=float, metavar="X", help="0.9 to 2.0 (1.1)")
    parser.add_argument("--lang", dest="language", metavar="XX", help=f"{' '.join(engine.LANGUAGES)}; else detected")


def _add_precision(parser: argparse.ArgumentParser) -> None:
    precision = parser.add_mutually_exclusive_group()
    precision.add_argument(
        "--precision",
        choices=engine.registry.PRECISIONS,
        default="auto",
        help="how S1 Mini's weights are kept: int8 and int4 are smaller and faster, and a little less exact; mixed has "
        "8 bits for what says the words and 4 for the timbre (auto: what this computer keeps up with)",
    )
    precision.add_argument(
        "--half", dest="precision", action="store_const", const="float16", help="--precision float16: for older GPUs"
    )
    _add_no_compile(parser)


def _add_no_compile(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--no-compile", dest="compile", action="store_false", help="PyTorch alone: nothing compiled; slower"
    )


def _add_codec(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    codec = commands.add_parser(
        "codec", help="turn recordings into codes and back", description="S1 Mini's codec: recordings, codes."
    )
    actions = codec.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, source, target, text in (
        ("encode", "IN", "OUT.npy", "a recording to codes"),
        ("decode", "IN.npy", "OUT.wav", "codes to a recording (.wav, .flac, .mp3, .opus)"),
    ):
        action = actions.add_parser(name, parents=[common], help=text, description=f"Turn {text}.")
        action.add_argument("source", type=Path, metavar=source)
        action.add_argument("target", type=Path, metavar=target)
        _add_checkpoint(action)
        _add_device(action)
        if name == "decode":  # what is compiled only decodes
            _add_no_compile(action)


def _add_bench(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    bench = commands.add_parser(
        "bench",
        parents=[common],
        help="measure how fast S1 Mini is here",
        description="Measure how fast S1 Mini is on this computer: a table, and last one line of JSON.",
        epilog=BENCH_HELP,
    )
    _add_checkpoint(bench)
    bench.add_argument("--random-weights", action="store_true", help="as large as S1 Mini's, even where those are here")
    _add_device(bench)
    bench.add_argument(
        "--precision", "--dtype", choices=engine.registry.PRECISIONS, default="auto", help="how weights are kept (auto)"
    )
    _add_no_compile(bench)
    bench.add_argument("--frames", type=int, metavar="N", help="how many to generate (215: 10 s of sound)")
    bench.add_argument("--batch", type=int, default=1, metavar="N", help="how many texts at once (1)")
    bench.add_argument("--json", type=Path, metavar="FILE", help="keep the JSON in a file, which names the hardware")


def _add_download(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    download = commands.add_parser(
        "download", parents=[common], help="download S1 Mini (3.6 GB)", description=DOWNLOAD_DESCRIPTION
    )
    download.set_defaults(action="download")
    download.add_argument("--revision", metavar="NAME", help="a branch, tag or commit (what is here, else the newest)")
    download.add_argument("--to", type=Path, metavar="DIR", help="another folder than Lectern's own")
    download.add_argument("--token-stdin", action="store_true", help="read the access token from standard input")


def _add_login(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    text = "log in to Hugging Face, where S1 Mini is"
    login = commands.add_parser("login", parents=[common], help=text, description=LOGIN_DESCRIPTION)
    login.set_defaults(usage_error=login.error)
    way = login.add_mutually_exclusive_group()
    way.add_argument("--token-stdin", action="store_true", help="read the access token from standard input")
    way.add_argument("--browser", action="store_true", help="log in on a page, with a code, instead of with a token")
    text = "forget the access token that is saved on this computer"
    commands.add_parser("logout", parents=[common], help=text, description=f"F{text[1:]}.")


def _add_checkpoint_command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    text = "verify, find or remove S1 Mini's files"
    checkpoint = commands.add_parser("checkpoint", help=text, description=f"V{text[1:]}.")
    actions = checkpoint.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in (
        ("verify", "read every byte, and compare it with what was downloaded"),
        ("path", "print the folder that is used"),
        ("remove", "delete the files, to have their space back"),
    ):
        action = actions.add_parser(name, parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name != "path":
            action.add_argument("folder", nargs="?", type=Path, metavar="DIR", help=FOLDER_HELP[name])


def _add_serve(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    for name, port, text in (
        ("serve", 8080, "answer other programs over HTTP"),
        ("webui", 7860, "open a page in the browser to speak with"),
    ):
        serve = commands.add_parser(
            name, parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=SERVE_HELP
        )
        address = f"127.0.0.1:{port}"
        serve.set_defaults(browser=name == "webui")
        serve.add_argument("--listen", default=address, metavar="HOST:PORT", help=f"[::1]:PORT for IPv6 ({address})")
        serve.add_argument(
            "--checkpoint", "--llama-checkpoint-path", type=Path, metavar="DIR", help="the folder of S1 Mini's files"
        )
        serve.add_argument("--decoder-checkpoint-path", type=Path, metavar="FILE", help="codec.pth in that folder")
        serve.add_argument("--decoder-config-name", metavar="NAME", help="modded_dac_vq, as S1 Mini needs")
        _add_device(serve)
        serve.add_argument("--half", action="store_true", help="float16 instead of the precision that suits the device")
        serve.add_argument("--compile", action=argparse.BooleanOptionalAction, help="compile what pays (yes)")
        serve.add_argument("--workers", type=int, default=1, metavar="N", help="for compatibility")
        serve.add_argument("--api-key", default="", metavar="KEY", help="clients must send it (LECTERN_API_KEY)")
        serve.add_argument("--insecure", action="store_true", help="no key, though other computers can come in")
        serve.add_argument(
            "--allow-host", action="append", default=[], metavar="NAME", help="a name clients may call this server by"
        )
        serve.add_argument(
            "--allow-origin", action="extend", nargs="+", default=[], metavar="ORIGIN", help=ALLOW_ORIGIN_HELP
        )
        serve.add_argument("--voice", default="", metavar="NAME", help="who speaks where a request names nobody")
        serve.add_argument(
            "--default-for-unknown-voices",
            action="store_true",
            help="and where it names a voice that is not here, as clients with a voice of their own service do",
        )
        serve.add_argument(
            "--wav-header",
            action=argparse.BooleanOptionalAction,
            default=True,
            help="WAV that /v1/tts streams begins with a header (yes); the model's own server sends none",
        )
        serve.add_argument("--max-text-length", type=int, metavar="N", help="characters of a request; 0: no limit")


def _add_wyoming(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    text = "speak for Home Assistant, over the Wyoming protocol"
    wyoming = commands.add_parser(
        "wyoming", parents=[common], help=text, description=f"S{text[1:]}.", epilog=WYOMING_HELP
    )
    address = "tcp://127.0.0.1:10200"
    wyoming.add_argument("--listen", default=address, metavar="tcp://HOST:PORT", help=f"where ({address})")
    wyoming.add_argument("--voice", default="", metavar="NAME", help="who speaks where a request names nobody")
    _add_checkpoint(wyoming)
    _add_device(wyoming)
    _add_precision(wyoming)


def _add_mcp(commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser) -> None:
    text = "give programs with a language model tools that speak and narrate"
    commands.add_parser("mcp", parents=[common], help=text, description=f"G{text[1:]}.", epilog=MCP_HELP)


def _add_checkpoint(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--checkpoint", type=Path, metavar="DIR", help="the folder of S1 Mini's files")


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--device", choices=engine.registry.DEVICES, default="auto", help="where S1 Mini runs (auto)")
