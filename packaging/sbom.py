"""Writes a release's bill of materials, in CycloneDX 1.6: what Lectern is installed with, and what needs what.

    sbom.py VERSION FILE    SOURCE_DATE_EPOCH is the time that it bears

Names, versions and hashes are the lock's (packaging/requirements.txt); what needs what stands in
packaging/constraints.txt; licences
are what the packages that are installed here say. PyTorch is not part of it: who wants S1 Mini adds it.
"""

from __future__ import annotations

import json
import os
import re
import sys
import uuid
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any, NamedTuple

from desktop.about.parts import installed_parts

ROOT = Path(__file__).resolve().parent.parent
HASHED = ROOT / "packaging" / "requirements.txt"
SHARED = ROOT / "packaging" / "constraints.txt"
OWN = "lectern"


class Package(NamedTuple):
    """A package that the lock names, and the files that it may be."""

    name: str
    version: str
    marker: str
    sha256: tuple[str, ...]

    @property
    def purl(self) -> str:
        """Return what other programs know it by; it is its name within the document too."""
        return f"pkg:pypi/{self.name}@{self.version}"


def main() -> None:
    version, target = sys.argv[1:]
    when = datetime.fromtimestamp(int(os.environ["SOURCE_DATE_EPOCH"]), UTC)
    document = bill(version, when, read_packages(HASHED.read_text()), read_needs(SHARED.read_text()))
    Path(target).write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def read_packages(text: str) -> list[Package]:
    """Read a file of requirements whose files are named by their hashes."""
    packages = []
    for entry in re.split(r"\n(?=\w)", re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)):
        line, *hashes = entry.split("--hash=sha256:")
        words, _, marker = line.replace("\\", " ").partition(";")
        name, version = words.strip().split("==")
        packages.append(Package(name, version, marker.strip(), tuple(found.strip(" \\\n") for found in hashes)))
    return packages


def read_needs(text: str) -> dict[str, set[str]]:
    """Read the lock's "via". Returns for each package those that it needs; for Lectern, what pyproject.toml names."""
    needs: dict[str, set[str]] = {}
    for line in text.splitlines():
        words, _, via = line.partition("  # via ")
        for other in via.split(", ") if via else ():
            if other != f"{OWN} (pyproject.toml:dev)" and other != f"{OWN} (pyproject.toml:setup)":
                needs.setdefault(other.partition(" ")[0], set()).add(words.partition("==")[0])
    return needs


def bill(version: str, when: datetime, packages: list[Package], needs: dict[str, set[str]]) -> dict[str, Any]:
    """Compose the document."""
    licences = {re.sub(r"[-_.]+", "-", part.name).lower(): part.licence for part in installed_parts()}
    own = Package(OWN, version, "", ())
    by_name: dict[str, list[str]] = {}
    for package in packages:
        by_name.setdefault(package.name, []).append(package.purl)
    root = component(own, "application", licences)
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, ' '.join([own.purl, *map(repr, packages)]))}",
        "version": 1,
        "metadata": {"timestamp": when.isoformat().replace("+00:00", "Z"), "component": root},
        "components": [component(package, "library", licences) for package in packages],
        "dependencies": [
            {
                "ref": package.purl,
                "dependsOn": sorted(purl for name in needs.get(package.name, ()) for purl in by_name.get(name, ())),
            }
            for package in [own, *packages]
        ],
    }


def component(package: Package, kind: str, licences: dict[str, str]) -> dict[str, Any]:
    """Compose what is said of one package."""
    entry: dict[str, Any] = {
        "type": kind,
        "bom-ref": package.purl,
        "name": package.name,
        "version": package.version,
        "purl": package.purl,
    }
    if said := licence(package.name, licences):
        entry["licenses"] = said
    if package.marker:
        entry["properties"] = [{"name": "python:marker", "value": package.marker}]
    if package.sha256:
        entry["hashes"] = [{"alg": "SHA-256", "content": found} for found in package.sha256]
    return entry


def licence(name: str, licences: dict[str, str]) -> list[dict[str, Any]]:
    """Return an SPDX expression where the installed package has one, else the licence by its name."""
    try:
        if expression := metadata(name).get("License-Expression"):
            return [{"expression": expression}]
    except PackageNotFoundError:
        pass
    said = licences.get(name, "")
    return [{"license": {"name": said}}] if said else []


if __name__ == "__main__":
    main()
