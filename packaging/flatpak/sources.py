"""Writes python-modules.json beside it: the wheels that the Flatpak is built of, by address and hash.

    .venv/bin/python packaging/flatpak/sources.py

The runtime's Python and processors choose the wheel of each package; versions and hashes are the lock's. It is not kept
in the repository: addresses are those of the registry that is asked.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Iterator
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


def main() -> None:
    text = json.dumps(module_of(locked_packages()), indent=1)
    TARGET.write_text(f"{text}\n", encoding="utf-8")


def locked_packages() -> list[dict[str, Any]]:
    """Ask uv for the files of what is locked: entries of a `pylock.toml`."""
    with tempfile.TemporaryDirectory() as folder:
        lock = Path(folder) / "pylock.toml"
        words = [
            "pip",
            "compile",
            "--quiet",
            "--universal",
            "--no-deps",
            "--generate-hashes",
            "--format",
            "pylock.toml",
        ]
        version = ".".join(map(str, PYTHON))
        uv = Path(sys.executable).with_name("uv")
        subprocess.run([uv, *words, "--python-version", version, REQUIREMENTS, "-o", lock], check=True)
        return tomllib.loads(lock.read_text(encoding="utf-8"))["packages"]


def module_of(packages: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Make the module of the manifest that installs them."""
    return {
        "name": "python-modules",
        "buildsystem": "simple",
        "build-commands": ["pip3 install --no-index --no-deps --no-compile --prefix=/app --find-links=. *.whl"],
        "sources": [source for package in packages if package["name"] not in WITHOUT for source in choose(package)],
    }


def choose(package: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the sources of a package: one file for all processors, or one for each that needs it."""
    marker = package.get("marker")
    machines = [machine for machine in MACHINES if not marker or Marker(marker).evaluate(environment(machine))]
    found: dict[str, dict[str, Any]] = {}
    for machine in machines:
        order = list(dict.fromkeys(tags(machine)))
        suiting = [wheel for wheel in package["wheels"] if rank(wheel["url"], order) < len(order)]
        if not suiting:
            sys.exit(f"{package['name']} {package['version']} has no wheel for the runtime on {machine}.")
        found[machine] = min(suiting, key=lambda wheel: (rank(wheel["url"], order), wheel["url"]))
    for url in dict.fromkeys(wheel["url"] for wheel in found.values()):
        takers = [machine for machine in found if found[machine]["url"] == url]
        source = {"type": "file", "url": url, "sha256": found[takers[0]]["hashes"]["sha256"]}
        yield source if takers == list(MACHINES) else source | {"only-arches": takers}


def rank(url: str, order: list[Tag]) -> int:
    """Return how well a wheel suits, 0 best; `len(order)` where it does not."""
    found = parse_wheel_filename(url.rpartition("/")[2])[3]
    return min((order.index(tag) for tag in found if tag in order), default=len(order))


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


if __name__ == "__main__":
    main()
