"""Writes packaging/flatpak/python-modules.json: the wheels that the Flatpak is built of, by address and hash.

    .venv/bin/python packaging/flatpak/sources.py

The runtime's Python and processors choose the wheel of each package. Hashes are the lock's: what the registry says of a
file only tells which file has which. Run it after `make lock`.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import parse_wheel_filename

HERE = Path(__file__).resolve().parent
REQUIREMENTS = HERE.parent / "requirements.txt"
TARGET = HERE / "python-modules.json"
PYTHON = (3, 13)
"""That of org.freedesktop.Platform 25.08."""
MACHINES = ("x86_64", "aarch64")
NEWEST_GLIBC = 40
WITHOUT = {"docopt"}  # comes without a wheel, and is for a program of num2words' own
LIMIT_S = 60


def main() -> None:
    sources = [source for name, version, marker, hashes in wanted() for source in choose(name, version, marker, hashes)]
    module = {
        "name": "python-modules",
        "buildsystem": "simple",
        "build-commands": ["pip3 install --no-index --no-deps --no-compile --prefix=/app --find-links=. *.whl"],
        "sources": sources,
    }
    TARGET.write_text(json.dumps(module, indent=1) + "\n", encoding="utf-8")


def wanted() -> Iterator[tuple[str, str, str, set[str]]]:
    """Yield name, version, marker and hashes of each package in the lock."""
    text = re.sub(r"^#.*\n", "", REQUIREMENTS.read_text(), flags=re.MULTILINE)
    for entry in re.split(r"\n(?=\w)", text):
        line, *hashes = entry.split("--hash=sha256:")
        words, _, marker = line.replace("\\", " ").partition(";")
        name, version = words.strip().split("==")
        if name not in WITHOUT:
            yield name, version, marker.strip(), {found.strip(" \\\n") for found in hashes}


def choose(name: str, version: str, marker: str, hashes: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the source of a package: one file for all processors, or one for each."""
    machines = [machine for machine in MACHINES if not marker or Marker(marker).evaluate(environment(machine))]
    files = [
        file for file in listed(name) if file["hashes"].get("sha256") in hashes and file["filename"].endswith(".whl")
    ]
    found: dict[str, dict[str, Any]] = {}
    for machine in machines:
        order = {tag: place for place, tag in enumerate(tags(machine))}
        best = min((place, file["filename"]) for file in files if (place := rank(file["filename"], order)) is not None)
        found[machine] = next(file for file in files if file["filename"] == best[1])
    for filename in dict.fromkeys(file["filename"] for file in found.values()):
        file = next(file for file in found.values() if file["filename"] == filename)
        source = {"type": "file", "url": file["url"], "sha256": file["hashes"]["sha256"]}
        takers = [machine for machine in found if found[machine]["filename"] == filename]
        yield source if takers == list(MACHINES) else source | {"only-arches": takers}
    if machines and not found:
        sys.exit(f"{name} {version} has no wheel for the runtime.")


def rank(filename: str, order: dict[Tag, int]) -> int | None:
    """Return how well a wheel suits, 0 best; None where it does not."""
    places = [order[tag] for tag in parse_wheel_filename(filename)[3] if tag in order]
    return min(places) if places else None


def tags(machine: str) -> list[Tag]:
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(NEWEST_GLIBC, 4, -1)]
    platforms += [f"manylinux2014_{machine}", f"linux_{machine}"]
    return [*cpython_tags(PYTHON, platforms=platforms), *compatible_tags(PYTHON, "cp313", platforms)]


def environment(machine: str) -> dict[str, str]:
    version = ".".join(map(str, PYTHON))
    return {
        "sys_platform": "linux",
        "platform_system": "Linux",
        "platform_machine": machine,
        "python_version": version,
        "python_full_version": f"{version}.0",
        "implementation_name": "cpython",
        "os_name": "posix",
    }


def listed(name: str) -> list[dict[str, Any]]:
    """Ask the registry which files a package has."""
    kind = {"Accept": "application/vnd.pypi.simple.v1+json"}
    request = urllib.request.Request(f"https://index.example/simple/{name}/", headers=kind)
    with urllib.request.urlopen(request, timeout=LIMIT_S) as answer:
        return json.load(answer)["files"]


if __name__ == "__main__":
    main()
