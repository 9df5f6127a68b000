"""Writes the manifests with which `winget install Lectern.Lectern` finds a release: three files for winget-pkgs.

    winget.py VERSION dist/lectern-VERSION-setup.exe [FOLDER]    into build/winget, if no folder is named

The installer is Inno Setup's (packaging/windows/lectern.iss), published with the release. Not tried with winget, whose
`winget validate` needs Windows; tests/test_windows_setup.py holds the files to the rules of its schema.
"""

from __future__ import annotations

import hashlib
import re
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
PAGE = "https://github.com/lectern/lectern"
IDENTIFIER = "Lectern.Lectern"
SCHEMA = "1.10.0"
LOCALE = "en-US"


def main() -> None:
    version, installer, *folder = sys.argv[1:]
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        sys.exit(f"{version} is no version such as 1.2.3.")
    target = Path(*folder) if folder else ROOT / "build" / "winget"
    target.mkdir(parents=True, exist_ok=True)
    for name, text in manifests(version, Path(installer)).items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
        sys.stdout.write(f"Wrote {target / name}\n")


def manifests(version: str, installer: Path) -> dict[str, str]:
    """Compose the three files, by name."""
    return {
        f"{IDENTIFIER}.yaml": manifest("version", version, {"DefaultLocale": LOCALE}),
        f"{IDENTIFIER}.installer.yaml": manifest("installer", version, installing(version, installer)),
        f"{IDENTIFIER}.locale.{LOCALE}.yaml": manifest("defaultLocale", version, describing(version)),
    }


def installing(version: str, installer: Path) -> dict[str, Any]:
    return {
        "InstallerType": "inno",
        "Scope": "user",
        "InstallModes": ["interactive", "silent", "silentWithProgress"],
        "UpgradeBehavior": "install",
        "MinimumOSVersion": "10.0.17763.0",
        "Commands": ["lectern"],
        "Installers": [
            {
                "Architecture": "x64",
                "InstallerUrl": f"{PAGE}/releases/download/v{version}/{installer.name}",
                "InstallerSha256": hashlib.sha256(installer.read_bytes()).hexdigest().upper(),
            }
        ],
    }


def describing(version: str) -> dict[str, Any]:
    return {
        "PackageLocale": LOCALE,
        "Publisher": "The Lectern developers",
        "PublisherUrl": PAGE,
        "PublisherSupportUrl": f"{PAGE}/issues",
        "PackageName": "Lectern",
        "PackageUrl": PAGE,
        "License": "GPL-3.0-or-later",
        "LicenseUrl": f"{PAGE}/blob/v{version}/LICENSE",
        "ShortDescription": "Reads the selected text aloud, on your own computer and offline.",
        "Description": "Select text in any program, press a key, and hear it. Lectern reads with OpenAudio S1 Mini on "
        "your own NVIDIA GPU, or with built-in voices that need neither a GPU nor a download. "
        "Nothing leaves your computer.",
        "Moniker": "lectern",
        "Tags": ["accessibility", "audiobook", "read-aloud", "speech", "text-to-speech", "tts"],
        "ReleaseNotesUrl": f"{PAGE}/releases/tag/v{version}",
    }


def manifest(kind: str, version: str, values: dict[str, Any]) -> str:
    """Write one file, with what all of them have around `values`."""
    head = f"# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}.{SCHEMA}.schema.json\n\n"
    entries = {"PackageIdentifier": IDENTIFIER, "PackageVersion": version, **values}
    entries |= {"ManifestType": kind, "ManifestVersion": SCHEMA}
    return head + yaml.safe_dump(entries, sort_keys=False, allow_unicode=True, width=1000)


if __name__ == "__main__":
    main()
