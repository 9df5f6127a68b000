"""Each error has a sentence and a remedy, in words for people."""

import re
from pathlib import Path
from typing import Any

import pytest
from manual import ROOT, misfit

import desktop.common.errors
import engine
import engine.registry
import engine.weights
from desktop.common.errors import DesktopError
from desktop.common.messages import Message, explain, explain_at_prompt, explain_choice, explain_warning
from desktop.common.paths import data_folder

FIELDS: dict[str, Any] = {
    "position": 7,
    "found": 3,
    "address": "0.0.0.0:80",
    "limit": 2,
    "limit_s": 5.0,
    "log": Path("/a/log"),
    "n_tokens": 9000,
    "name": "a.name",
    "expected": "an expectation",
    "path": Path("/some/file.ext"),
    "folder": Path("some folder"),
    "detail": "a detail",
    "device": "Device X",
    "known": ("anna", "bob"),
    "source": "/a/source",
    "written": "a word",
    "package": "torch",
    "offset": 5,
    "needed_bytes": 3_600_000_000,
    "kept_bytes": 500_000_000,
    "free_bytes": 1_200_000_000,
    "retry_after_s": 90.0,
    "token_source": "environment",
}


def children(kind: type[Exception]) -> list[type[Exception]]:
    return [kind, *(grandchild for child in kind.__subclasses__() for grandchild in children(child))]


def documented_problems(kind: type[Exception]) -> list[str]:
    """The values of `problem` that the class's docstring names, in double quotes."""
    if "problem" not in kind.__dataclass_fields__:  # type: ignore[attr-defined]
        return [""]
    assert kind.__doc__ is not None
    return re.findall(r'"([a-z_]+)"', kind.__doc__)


def make(kind: type[Exception], problem: str) -> Any:
    names = getattr(kind, "__dataclass_fields__", {})
    return kind(**{name: problem if name == "problem" else FIELDS[name] for name in names})


KINDS = [kind for base in (engine.EngineError, DesktopError) for kind in children(base)[1:]]
CASES = [
    (kind, problem)
    for kind in KINDS
    for problem in (documented_problems(kind) if hasattr(kind, "__dataclass_fields__") else [""])
]


def test_all_kinds_are_known() -> None:
    names = {kind.__name__ for kind in KINDS}
    assert {"TextError", "OutputError", "DeviceError", "PlaybackError", "InputError"} <= names
    assert names >= {name for name in vars(desktop.common.errors) if name.endswith("Error") and name != "DesktopError"}
    assert len(CASES) > 45


@pytest.mark.parametrize(("kind", "problem"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_each_problem_has_a_sentence_and_a_remedy(kind: type[Exception], problem: str) -> None:
    message = explain(make(kind, problem))
    for text in (message.sentence, message.remedy):
        assert text
        assert text[0].isupper() or text[0] == "/"
        assert "!" not in text
        assert "{" not in text
        assert "Error" not in text
    assert message.sentence.endswith(".")


TYPED = re.compile(r"lectern \w|(^| )--?\w|sudo|\bpip\b|iconv|unset|`|\\$|&&|\brun:")
"""What is typed at a prompt, and not pressed in a window."""


@pytest.mark.parametrize(("kind", "problem"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_a_windows_remedy_is_nothing_to_type(kind: type[Exception], problem: str) -> None:
    remedy = explain(make(kind, problem)).remedy
    assert not TYPED.search(remedy), remedy


COMMAND = re.compile(r"(?:: |\(|`|&& |; )lectern ([a-z][\w-]*(?: (?:--)?[a-z][\w-]*)*)")
"""Where it ends nothing follows but options, which are looked at by themselves."""


@pytest.mark.parametrize(("kind", "problem"), CASES, ids=lambda value: getattr(value, "__name__", value))
def test_what_a_remedy_names_is_there(kind: type[Exception], problem: str) -> None:
    remedy = explain_at_prompt(make(kind, problem)).remedy
    for words in COMMAND.findall(remedy):
        name = [word for word in words.split() if word[0] != "-" or word == "--dry-run"]
        assert not misfit(name, is_whole=False), remedy
    options = (ROOT / "desktop" / "commands" / "arguments.py").read_text()
    for option in re.findall(r"(?<![\w-])--?[a-z][a-z-]*(?= |,|\.|\)|$)", remedy):
        assert f'"{option}"' in options or option == "-u", remedy  # of spd-conf
    extras = (ROOT / "pyproject.toml").read_text()
    assert all(re.search(rf"^{extra} = \[", extras, re.MULTILINE) for extra in re.findall(r"lectern\[(\w+)\]", remedy))
    packages = (ROOT / "packaging" / "debian-packages.txt").read_text()
    for names in re.findall(r"apt install ([^)]*)", remedy):
        assert all(re.search(rf"[ |]{re.escape(name)}\b", packages) for name in names.split()), remedy
    assert all((ROOT / path).exists() for path in re.findall(r"packaging/[\w.-]+\w", remedy)), remedy


def test_a_path_with_braces_is_a_path() -> None:
    message = explain(engine.OutputError("is_folder", Path("{e.path}{0}")))
    assert message.sentence == "{e.path}{0} is a folder."


def test_a_detail_is_told_when_there_is_one() -> None:
    path = Path("a.wav")
    assert "(bad header)" in explain(engine.AudioFileError("unreadable", path, "bad header.")).sentence
    assert "(" not in explain(engine.AudioFileError("unreadable", path)).sentence


def test_a_damaged_checkpoint_names_the_command_that_fetches_it_again() -> None:
    expected = "lectern download --to 'my models/s1'"
    for path in (Path("my models/s1"), Path("my models/s1/model.pth")):
        assert expected in explain_at_prompt(engine.CheckpointError("unreadable", path)).remedy
    own = engine.weights.download_folder(data_folder()) / "model.pth"  # where the command puts it by itself
    assert explain_at_prompt(engine.CheckpointError("unreadable", own)).remedy.endswith("again: lectern download")


def test_known_voices_are_listed_but_not_hundreds() -> None:
    assert explain_at_prompt(engine.VoiceError("unknown", "x", ("anna", "bob"))).remedy == "There are: anna, bob."
    many = explain_at_prompt(engine.VoiceError("unknown", "x", tuple("abcdefghijklmnop")))
    assert many.remedy.endswith("l and 4 more.")


@pytest.mark.parametrize("reason", engine.registry.ChoiceReason)
def test_each_choice_is_told(reason: engine.registry.ChoiceReason) -> None:
    choice = engine.registry.EngineChoice(engine.registry.always_there(), None, "cpu", reason)
    assert explain_choice(choice).sentence.startswith("Speaking with the built-in voice")


@pytest.mark.parametrize("problem", engine.SegmentProblem)
def test_each_doubt_names_the_beginning_of_its_text(problem: engine.SegmentProblem) -> None:
    message = explain_warning(problem, "This is a sentence that goes on and on and on.")
    assert "“This is a sentence that goes on and on…”" in message.sentence


def test_a_message_is_one_line() -> None:
    assert str(Message("It rained.", "Wait.")) == "It rained. Wait."
    assert str(Message("It rained.")) == "It rained."
