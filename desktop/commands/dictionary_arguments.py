"""Declares what can be typed after `lectern dictionary`."""

from __future__ import annotations

import argparse
from pathlib import Path

import engine

HELP = """\
A word is found wherever it stands whole, in any case. A pattern is a regular expression, and what is said may name its
groups: lectern dictionary add --pattern '\\bv(\\d+)' 'version \\1'. What is said may be empty (''), to leave it unsaid.
With --ipa, voices that can say it so do: lectern dictionary add Nguyen win --ipa nʊˈjɛn. Others say SPOKEN, or without
one the word as it is written.
"""


def add_dictionary(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], common: argparse.ArgumentParser
) -> None:
    """Add the command to `commands`."""
    text = "say what is written another way"
    dictionary = commands.add_parser("dictionary", help=text, description=f"S{text[1:]}.", epilog=HELP)
    actions = dictionary.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in (
        ("list", "print the entries"),
        ("add", "add an entry, or change it"),
        ("remove", "take an entry away"),
        ("try", "print what would be said for a text"),
    ):
        action = actions.add_parser(
            name, parents=[common], help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=HELP
        )
        where = action.add_mutually_exclusive_group()
        where.add_argument("--book", type=Path, metavar="BOOK", help="the dictionary of a book that is being narrated")
        where.add_argument("--file", type=Path, metavar="FILE", help="another dictionary than your own")
        if name != "list":
            languages = " ".join(engine.LANGUAGES)
            action.add_argument("--lang", dest="language", metavar="XX", help=f"in this language alone: {languages}")
        if name in ("add", "remove"):
            action.add_argument("written", metavar="WRITTEN", help="a word or words, or the pattern")
        if name == "add":
            action.add_argument(
                "spoken", nargs="?", metavar="SPOKEN", help="what is said instead; may be left out with --ipa"
            )
            action.add_argument("--ipa", metavar="IPA", help="how it sounds, in the International Phonetic Alphabet")
            action.set_defaults(usage_error=action.error)
            action.add_argument("--pattern", action="store_true", help="WRITTEN is a regular expression")
            action.add_argument("--match-case", action="store_true", help="capitals matter")
        if name == "try":
            action.add_argument("text", nargs="+", metavar="TEXT", help="words to try it on")
