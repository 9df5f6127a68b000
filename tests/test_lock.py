"""The lock: packaging/constraints*.txt holds what pyproject.toml asks for, and what is installed is what it holds."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).resolve().parent.parent
SHARED = "constraints.txt"
BY_CUDA = ("constraints-cuda12.txt", "constraints-cuda13.txt")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
BUILDS = ("cpu", "cu126", "cu128", "cu130")  # extras that exclude each other; what they ask for stands in s1, too
EXTRAS = PROJECT["project"]["optional-dependencies"]
GROUPS = {
    "": PROJECT["project"]["dependencies"],
    **{extra: wanted for extra, wanted in EXTRAS.items() if extra not in BUILDS},
    **PROJECT["dependency-groups"],
}
RAISE = "Run `make lock`; CONTRIBUTING.md says when."
INSTALL = "Run `make test`, which installs what is locked."


class Locked(NamedTuple):
    """A line of the lock."""

    requirement: Requirement
    version: Version
    wanted_by: frozenset[str]  # packages; "lectern" for pyproject.toml itself


def read_lock(*names: str) -> list[Locked]:
    lines = [line for name in names for line in (ROOT / "packaging" / name).read_text().splitlines()]
    return [read_line(line) for line in lines if not line.startswith("#")]


def read_line(line: str) -> Locked:
    words, _, via = line.partition("  # via ")
    requirement = Requirement(words)
    (specifier,) = requirement.specifier
    assert specifier.operator == "==", f"{line!r} locks no version"
    return Locked(requirement, Version(specifier.version), frozenset(re.sub(r" \([^)]*\)", "", via).split(", ")))


ALL = read_lock(SHARED, *BY_CUDA)
NAMES = {canonicalize_name(locked.requirement.name) for locked in ALL}


def applies(requirement: Requirement, extra: str = "") -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": extra})


def test_pyproject_asks_for_nothing_that_is_not_locked_at_a_version_it_admits() -> None:
    wrong = []
    for words in (words for group in GROUPS.values() for words in group):
        wanted = Requirement(words)
        versions = [line.version for line in ALL if _same(line.requirement, wanted)]
        if not versions or not all(wanted.specifier.contains(version) for version in versions):
            wrong.append(f"{words!r}, locked: {', '.join(map(str, versions)) or 'not'}")
    build = [Requirement(words) for words in PROJECT["build-system"]["requires"]]
    wrong += [str(wanted) for wanted in build if canonicalize_name(wanted.name) not in NAMES]
    assert not wrong, f"pyproject.toml and the lock disagree. {RAISE}"


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("system", [("linux", "x86_64"), ("linux", "aarch64"), ("win32", "AMD64"), ("darwin", "arm64")])
def test_an_extra_for_a_build_asks_for_the_same_release_in_that_build(build: str, system: tuple[str, str]) -> None:
    here = {"sys_platform": system[0], "platform_machine": system[1]}
    every = map(Requirement, EXTRAS[build])
    asked = [wanted for wanted in every if wanted.marker is None or wanted.marker.evaluate(here)]
    as_s1 = [re.sub(r"\+\w+", "", f"{wanted.name}{wanted.specifier}") for wanted in asked]
    assert as_s1 == [f"{wanted.name}{wanted.specifier}" for wanted in map(Requirement, EXTRAS["s1"])]
    (torch,) = (str(wanted.specifier) for wanted in asked if wanted.name == "torch")
    usual = {("linux", "x86_64"): "cu130", ("win32", "AMD64"): "cpu", ("darwin", "arm64"): "cpu"}.get(system)
    assert torch.endswith(f"+{build}") == (build != usual)


def test_nothing_is_locked_that_nothing_needs() -> None:
    asked = {canonicalize_name(Requirement(words).name) for group in GROUPS.values() for words in group}
    unneeded = []
    for line in read_lock(SHARED, "constraints-cuda13.txt"):
        name = canonicalize_name(line.requirement.name)
        others = {canonicalize_name(other) for other in line.wanted_by} - {"lectern"}
        if not (others & NAMES or ("lectern" in line.wanted_by and name in asked)):
            unneeded.append(str(line.requirement))
        elif ("lectern" in line.wanted_by) != (name in asked):
            unneeded.append(f"{line.requirement}: what it says of pyproject.toml is no longer so")
    assert not unneeded, f"pyproject.toml and the lock disagree. {RAISE}"


def test_what_differs_between_pytorchs_builds_is_locked_apart() -> None:
    assert not [line for line in read_lock(SHARED) if line.requirement.name.startswith(("nvidia-", "cuda-"))]
    for name in BY_CUDA:
        (bindings,) = (line for line in read_lock(name) if line.requirement.name == "cuda-bindings")
        assert f"cuda{bindings.version.major}" in name


@pytest.mark.parametrize("name", [SHARED, *BY_CUDA])
def test_the_lock_names_no_registry(name: str) -> None:
    text = (ROOT / "packaging" / name).read_text()
    assert "://" not in text
    assert "--" not in text
    assert not re.search(r"@\s", text)


def test_what_is_installed_is_what_is_locked() -> None:
    """All that Lectern needs here, and what those need. PyTorch's builds (2.11.0+cpu) count as their release."""
    wrong, seen = [], set()
    waiting = [Requirement(words) for name, group in GROUPS.items() if name != "setup" for words in group]
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        for extra in wanted.extras | {""}:
            if (name, extra) in seen or not applies(wanted):
                continue
            seen.add((name, extra))
            try:
                needs = distribution(name).requires or []
            except PackageNotFoundError:
                wrong.append(f"{name} is not installed")
                continue
            waiting += [need for need in map(Requirement, needs) if applies(need, extra)]
            versions = [line.version for line in ALL if _same(line.requirement, wanted) and applies(line.requirement)]
            here = Version(Version(version(name)).public)
            if here not in versions:
                wrong.append(f"{name} {here} is installed, {' or '.join(map(str, versions)) or 'none'} is locked")
    assert not wrong, f"{INSTALL}\n" + "\n".join(sorted(set(wrong)))


def _same(one: Requirement, other: Requirement) -> bool:
    return canonicalize_name(one.name) == canonicalize_name(other.name)


def test_what_packages_install_is_what_is_locked() -> None:
    """requirements.txt: with its hashes, every extra but PyTorch's and all that those need."""
    lines = re.findall(r"^([\w.-]+)==(\S+)", (ROOT / "packaging" / "requirements.txt").read_text(), re.MULTILINE)
    hashed = {(canonicalize_name(name), Version(version)) for name, version in lines}
    locked = {(canonicalize_name(line.requirement.name), line.version) for line in ALL}
    assert hashed <= locked, RAISE
    names = {name for name, _ in hashed}
    wanted = [words for extra, group in GROUPS.items() if extra in ("", "server", "wyoming", "mcp") for words in group]
    missing = {canonicalize_name(Requirement(words).name) for words in wanted} - names
    for name in names:  # and what each of them needs
        for line in ALL:
            if name in map(canonicalize_name, line.wanted_by) and applies(line.requirement):
                missing |= {canonicalize_name(line.requirement.name)} - names
    assert missing - {"torch"} == set(), RAISE
