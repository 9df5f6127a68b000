"""The pages for people who use Lectern, taken apart: their blocks of commands, and the words that stand in windows.

A block that cannot be run by a test has the reason above it, in a comment: `<!-- not run: needs a card -->`.
"""

from __future__ import annotations

import argparse
import ast
import functools
import io
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stderr
from dataclasses import dataclass
from pathlib import Path

from desktop.commands.arguments import build_parser, with_open

ROOT = Path(__file__).resolve().parent.parent
FOR_OTHERS = {"decisions.md"}
"""Of docs/, what is for people who change Lectern."""
PAGES = (
    ROOT / "README.md",
    *(path for path in sorted((ROOT / "docs").glob("*.md")) if path.name not in FOR_OTHERS),
    ROOT / "packaging" / "browser" / "README.md",
)
_REASON = re.compile(r"<!-- not run: (.+) -->")
_FENCE = re.compile(r"```(\w*)$")
_ENDS = {"|", "||", "&&", ";"}
_parser = functools.cache(build_parser)


@dataclass(frozen=True, slots=True)
class Block:
    """Names where a block of code stands and what it is written in; `reason` is why no test runs it."""

    page: Path
    line: int
    language: str
    text: str
    reason: str

    def __str__(self) -> str:
        return f"{self.page.name}:{self.line}"

    def commands(self) -> Iterator[list[str]]:
        """Take the words of each command, without comments, variables that are set for it, and redirections."""
        for line in self.text.replace("\\\n", " ").splitlines():
            lexer = shlex.shlex(line, posix=True, punctuation_chars="|&;<>")
            lexer.whitespace_split, lexer.commenters = True, "#"
            words: list[str] = []
            for word in (*lexer, ";"):
                if word not in _ENDS:
                    words.append(word)
                elif words := _bare(words):
                    yield words
                    words = []


def _bare(words: list[str]) -> list[str]:
    if ">" in words:
        words = words[: words.index(">")]
    while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
        words = words[1:]
    return words


def blocks(page: Path) -> list[Block]:
    """List the fenced blocks of `page`."""
    found: list[Block] = []
    reason, start, language = "", 0, ""
    lines = page.read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, 1):
        fence = _FENCE.match(line)
        if fence and not start:
            start, language = number, fence[1]
        elif fence:
            found.append(Block(page, start, language, "\n".join(lines[start : number - 1]) + "\n", reason))
            start, reason = 0, ""
        elif not start and line.strip():
            comment = _REASON.fullmatch(line.strip())
            reason = comment[1] if comment else ""
    return found


def prose(page: Path) -> str:
    """Return the page without its blocks."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def inline_commands(page: Path, program: str) -> list[list[str]]:
    """List what stands in backticks and begins with `program`, as words."""
    spans = re.findall(r"`([^`\n]+)`", prose(page))
    return [words for span in spans if (words := shlex.split(span.replace("\\", "/")))[:1] == [program]]


def window_words(page: Path) -> list[str]:
    """List what `page` sets in italics: words of the windows."""
    text = re.sub(r"`[^`\n]+`", "", prose(page))
    return re.findall(r"(?<![\w*])\*([^*\n]+)\*(?![\w*])", text)


def quoted_words(page: Path) -> list[str]:
    """List what stands in quotes at the beginning of the rows of tables: sentences that Lectern shows."""
    firsts = re.findall(r"^\| ([^|]+) \|", prose(page), re.MULTILINE)
    return [part.strip() for first in firsts for words in re.findall(r'"([^"]+)"', first) for part in words.split("…")]


@functools.cache
def shown_words() -> str:
    """Join all texts that stand in the sources, without the marks of keys: what can be shown."""
    texts: list[str] = []
    sources = (path for top in ("desktop", "engine") for path in (ROOT / top).rglob("*.py"))
    for path in sources:
        texts += _texts_in(ast.parse(path.read_text(encoding="utf-8")))
    for path in (ROOT / "packaging" / "browser").glob("*.html"):
        texts.append(path.read_text(encoding="utf-8"))
    return "\n".join(texts).replace("&", "")


def _texts_in(tree: ast.AST) -> Iterator[str]:
    """As `ast.walk` would find them, in half the time: half a million nodes are looked at."""
    left: list[object] = [tree]
    while left:
        node = left.pop()
        if isinstance(node, list):
            left += node
        elif isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                yield node.value
        elif isinstance(node, ast.AST):
            left += node.__dict__.values()


def misfit(words: list[str], *, is_whole: bool) -> str:
    """Say why `lectern` does not take these words; "" where they are a command's name, or all that it needs. Where it
    `is_whole` nothing is missing."""
    parser, rest = _parser(), list(words)
    while rest and (sub := subcommand(parser, rest[0])) is not None:
        parser, rest = sub, rest[1:]
    if not rest:
        return ""
    said = io.StringIO()
    try:
        with redirect_stderr(said):
            _parser().parse_args(with_open(words))
    except SystemExit as end:
        is_fine = end.code == 0 or (not is_whole and "arguments are required" in said.getvalue())
        return "" if is_fine else said.getvalue()
    return ""


def subcommand(parser: argparse.ArgumentParser, name: str) -> argparse.ArgumentParser | None:
    """Find the parser of a command of `parser`."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return action.choices.get(name)
    return None
