"""Write the manual page and what shells complete, from the one parser: packaging/man, packaging/completions.

`make command-pages` calls it. What it writes is kept in the repository: a wheel is built where none of Lectern's own
packages are, and without them there is no parser.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import shtab

from desktop.commands.arguments import build_parser

PACKAGING = Path(__file__).resolve().parent
SHELLS = ("bash", "zsh", "fish")
NAME = "lectern \\- reads texts, books and what is selected aloud"
ENVIRONMENT = {
    "LECTERN_CHECKPOINT": "The folder of S1 Mini's files.",
    "LECTERN_API_KEY": "The key that clients of the server must send.",
    "LECTERN_PYTORCH_INDEX": "A mirror of PyTorch's own packages.",
    "LECTERN_UV": "The uv that installs PyTorch.",
    "HF_TOKEN": "The access token for Hugging Face, instead of the one that is saved.",
}
EXIT_STATUS = {
    "0": "Done.",
    "1": "Something unexpected went wrong.",
    "2": "The input or the surroundings do not allow it. A sentence on standard error says why, and what helps.",
    "128+n": "Ended by signal n.",
}


def pages() -> dict[Path, str]:
    """Make every file, by its path."""
    made = {PACKAGING / "man" / "lectern.1": manual(build_parser())}
    for shell in SHELLS:
        made[PACKAGING / "completions" / f"lectern.{shell}"] = completions(shell)
    return made


def completions(shell: str) -> str:
    """Write what `shell` completes: files and folders where the parser takes a path."""
    parser = build_parser()
    for command in _all_parsers(parser):
        for action in command._actions:
            if action.type is Path and action.choices is None:
                kind = shtab.DIRECTORY if action.metavar in ("DIR", "FOLDER") else shtab.FILE
                action.complete = kind  # type: ignore[attr-defined]
    script = shtab.complete(parser, shell=shell)
    # `lectern FILE` opens it: where no command begins so, bash completes the names of files
    return script.replace("complete -o bashdefault -F", "complete -o bashdefault -o default -F").rstrip() + "\n"


def manual(parser: argparse.ArgumentParser) -> str:
    """Write the manual page, in the macros that every `man` knows."""
    lines = [
        ".\\\" Made by `make command-pages` from the program's own parser; not edited by hand.",
        '.TH LECTERN 1 "" Lectern "User Commands"',
        ".SH NAME",
        NAME,
        ".SH SYNOPSIS",
        *_synopsis(parser),
        ".SH DESCRIPTION",
        _roff(parser.description or ""),
        *_paragraphs(parser.epilog),
        ".SH OPTIONS",
        *_options(parser),
        ".SH COMMANDS",
    ]
    for command in _commands(parser):
        lines += _command(command)
    for heading, entries in (("EXIT STATUS", EXIT_STATUS), ("ENVIRONMENT", ENVIRONMENT)):
        lines.append(f".SH {heading}")
        for name, words in entries.items():
            lines += [".TP", f".B {_roff(name)}", _roff(words)]
    return "\n".join(lines) + "\n"


def _command(command: argparse.ArgumentParser) -> Iterator[str]:
    """A command's own part, and those of what it can do in turn."""
    yield f".SS {_roff(command.prog)}"
    yield from _synopsis(command)
    yield from _paragraphs(command.description)
    yield from _options(command)
    yield from _paragraphs(command.epilog)
    for action in _commands(command):
        yield from _command(action)


def _synopsis(parser: argparse.ArgumentParser) -> Iterator[str]:
    words = [f"[{_option(action)}]" if not action.required else _option(action) for action in _named(parser)]
    for action in _unnamed(parser):
        name = _metavar(action)
        words.append(
            {"*": f"[{name} ...]", "+": f"{name} ...", "?": f"[{name}]", argparse.PARSER: f"{name} ..."}.get(
                str(action.nargs), name
            )
        )
    yield f".B {_roff(parser.prog)}"
    if words:
        yield _roff(" ".join(words))


def _options(parser: argparse.ArgumentParser) -> Iterator[str]:
    for action in (*_unnamed(parser), *_named(parser)):
        if isinstance(action, argparse._SubParsersAction) or action.help == argparse.SUPPRESS:
            continue
        names = ", ".join(f"\\fB{_roff(name)}\\fR" for name in action.option_strings)
        value = f"\\fI{_roff(_metavar(action))}\\fR" if action.nargs != 0 else ""
        yield ".TP"
        yield " ".join(filter(None, (names, value)))
        yield _roff(action.help or "")


def _option(action: argparse.Action) -> str:
    name = " | ".join(action.option_strings)
    return name if action.nargs == 0 else f"{name} {_metavar(action)}"


def _metavar(action: argparse.Action) -> str:
    if isinstance(action.metavar, str):
        return action.metavar
    return "{" + ",".join(map(str, action.choices)) + "}" if action.choices else action.dest.upper()


def _named(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """The options, but for those that every command has: the help, and what the program itself lists."""
    common = {"help"} if " " not in parser.prog else {"help", "debug"}
    return [action for action in parser._actions if action.option_strings and action.dest not in common]


def _unnamed(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    return [action for action in parser._actions if not action.option_strings]


def _commands(parser: argparse.ArgumentParser) -> Iterable[argparse.ArgumentParser]:
    groups = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    return groups[0].choices.values() if groups else ()


def _all_parsers(parser: argparse.ArgumentParser) -> Iterator[argparse.ArgumentParser]:
    yield parser
    for command in _commands(parser):
        yield from _all_parsers(command)


def _paragraphs(text: str | None) -> Iterator[str]:
    """Paragraphs of `text`; a line that begins with spaces stays as it is."""
    for paragraph in re.split(r"\n\s*\n", (text or "").strip("\n")):
        if paragraph.strip():
            yield ".PP"
            if re.search(r"^ +", paragraph, re.MULTILINE):
                yield from (".nf", *map(_roff, paragraph.split("\n")), ".fi")
            else:
                yield from map(_roff, paragraph.split("\n"))


def _roff(text: str) -> str:
    """`text` as it is, with nothing in it that would be an order."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("%%", "%")
    return f"\\&{text}" if text[:1] in (".", "'") else text


def main() -> None:
    """Write the files that differ from what they should be."""
    for path, text in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
