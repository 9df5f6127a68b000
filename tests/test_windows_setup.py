"""Inno Setup's recipe and winget's manifests, as far as they can be held to their rules without Windows."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml
from waiting import LIMIT_S

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "packaging" / "windows"
RECIPE = (FOLDER / "lectern.iss").read_text(encoding="ascii")
SECTIONS = dict(zip(*[iter(re.split(r"^\[(\w+)\]\n", RECIPE, flags=re.MULTILINE)[1:])] * 2, strict=True))
FLAGS = {"unchecked", "waituntilterminated", "nowait", "postinstall", "skipifsilent", "skipifdoesntexist", "runhidden"}
KEYS = {
    "Languages": {"Name", "MessagesFile"},
    "Tasks": {"Name", "Description", "Flags"},
    "Files": {"Source", "DestDir"},
    "Run": {"Filename", "Parameters", "Description", "StatusMsg", "Flags", "Tasks"},
    "UninstallRun": {"Filename", "Parameters", "Flags", "RunOnceId"},
}

# Of winget's schema 1.10, what concerns these files.
URL = {"type": "string", "pattern": r"^https://\S+$", "maxLength": 2048}
VERSION = {"type": "string", "pattern": r"^[^\\/:*?\"<>|\x01-\x1f]+$", "maxLength": 128}
COMMON = {
    "PackageIdentifier": {"type": "string", "pattern": r"^[^.\s\\/:*?\"<>|]{1,32}(\.[^.\s\\/:*?\"<>|]{1,32}){1,7}$"},
    "PackageVersion": VERSION,
    "ManifestVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
}
LOCALE = {"type": "string", "pattern": r"^[a-z]{2}-[A-Z]{2}$"}
INSTALLER = {
    "type": "object",
    "properties": {
        "Architecture": {"enum": ["x86", "x64", "arm", "arm64", "neutral"]},
        "InstallerUrl": URL,
        "InstallerSha256": {"type": "string", "pattern": r"^[A-F0-9]{64}$"},
    },
    "required": ["Architecture", "InstallerUrl", "InstallerSha256"],
    "additionalProperties": False,
}
RULES = {
    "version": {"DefaultLocale": LOCALE},
    "installer": {
        "InstallerType": {"enum": ["msix", "msi", "appx", "exe", "zip", "inno", "nullsoft", "wix", "burn", "portable"]},
        "Scope": {"enum": ["user", "machine"]},
        "InstallModes": {"type": "array", "items": {"enum": ["interactive", "silent", "silentWithProgress"]}},
        "UpgradeBehavior": {"enum": ["install", "uninstallPrevious", "deny"]},
        "MinimumOSVersion": {"type": "string", "pattern": r"^\d{1,5}(\.\d{1,5}){0,3}$"},
        "Commands": {"type": "array", "maxItems": 16, "items": {"type": "string", "maxLength": 40}},
        "Installers": {"type": "array", "minItems": 1, "items": INSTALLER},
    },
    "defaultLocale": {
        "PackageLocale": LOCALE,
        "Publisher": {"type": "string", "minLength": 2, "maxLength": 256},
        "PublisherUrl": URL,
        "PublisherSupportUrl": URL,
        "PackageName": {"type": "string", "minLength": 2, "maxLength": 256},
        "PackageUrl": URL,
        "License": {"type": "string", "minLength": 3, "maxLength": 512},
        "LicenseUrl": URL,
        "ShortDescription": {"type": "string", "minLength": 3, "maxLength": 256},
        "Description": {"type": "string", "minLength": 3, "maxLength": 10000},
        "Moniker": {"type": "string", "minLength": 1, "maxLength": 40},
        "Tags": {"type": "array", "maxItems": 16, "uniqueItems": True, "items": {"type": "string", "maxLength": 40}},
        "ReleaseNotesUrl": URL,
    },
}


def lines_of(section: str) -> list[str]:
    return [line for line in SECTIONS[section].splitlines() if line and not line.startswith(";")]


def parameters_of(line: str) -> dict[str, str]:
    """Read `Key: "a value"; Other: word` as Inno Setup does; two quotes in a value are one."""
    found = re.findall(r'(\w+): ("(?:[^"]|"")*"|[^;"]*)(?:; |$)', line)
    assert "; ".join(f"{key}: {value}" for key, value in found) == line, line
    return {key: value[1:-1].replace('""', '"') if value.startswith('"') else value for key, value in found}


def test_the_recipe_has_sections_and_keys_that_inno_setup_knows() -> None:
    assert set(SECTIONS) == {"Setup", *KEYS}
    for section, keys in KEYS.items():
        for line in lines_of(section):
            parameters = parameters_of(line)
            assert set(parameters) <= keys, line
            assert set(parameters.get("Flags", "").split()) <= FLAGS, line
    values = dict(line.split("=", 1) for line in lines_of("Setup"))
    assert values["PrivilegesRequired"] == "lowest"
    assert values["AppId"].startswith("{{"), "one brace alone would be a constant"
    tasks = {parameters_of(line)["Name"] for line in lines_of("Tasks")}
    asked = {word for line in lines_of("Run") for word in parameters_of(line).get("Tasks", "").split()}
    assert asked - {"not"} <= tasks


def test_every_file_of_the_recipe_is_here_and_what_it_calls_is_brought() -> None:
    values = dict(line.split("=", 1) for line in lines_of("Setup"))
    sources = [parameters_of(line)["Source"] for line in lines_of("Files")]
    for name in (*sources, values["LicenseFile"], values["SetupIconFile"]):
        if "dist" not in name:
            assert (FOLDER / name.replace("\\", "/")).is_file(), name
    brought = {name.rpartition("\\")[2] for name in sources}
    called = set(re.findall(r"\{app\}\\([^\"]+)", "\n".join(lines_of("Run") + lines_of("UninstallRun"))))
    assert called <= brought
    script = (ROOT / "packaging" / "install.ps1").read_text(encoding="ascii")
    switches = set(re.findall(r" -(\w+)", " ".join(lines_of("Run") + lines_of("UninstallRun"))))
    for switch in switches - {"NoProfile", "ExecutionPolicy", "File"}:
        assert re.search(rf"\] \${switch}\b", script), switch
    assert "'Lectern-program'" in script, "the folder in which the recipe looks for lectern.exe"


@pytest.fixture(scope="module")
def manifests(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("winget")
    installer = folder / "lectern-1.2.3-setup.exe"
    installer.write_bytes(b"MZ")
    command = [sys.executable, str(FOLDER / "winget.py"), "1.2.3", str(installer), str(folder / "out")]
    subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_S)
    return {path.name: path for path in (folder / "out").iterdir()}


def test_the_manifests_keep_to_the_rules_of_winget(manifests: dict[str, Path]) -> None:
    assert set(manifests) == {f"Lectern.Lectern{end}.yaml" for end in ("", ".installer", ".locale.en-US")}
    seen = {}
    for name, path in manifests.items():
        text = path.read_text(encoding="utf-8")
        entries = yaml.safe_load(text)
        kind = entries["ManifestType"]
        assert text.startswith(f"# yaml-language-server: $schema=https://aka.ms/winget-manifest.{kind}."), name
        rules = {**COMMON, **RULES[kind], "ManifestType": {"const": kind}}
        schema = {"type": "object", "properties": rules, "required": list(rules), "additionalProperties": False}
        jsonschema.validate(entries, schema)
        assert entries["PackageVersion"] == "1.2.3"
        seen[kind] = entries
    assert seen["version"]["DefaultLocale"] == seen["defaultLocale"]["PackageLocale"]
    (installer,) = seen["installer"]["Installers"]
    assert installer["InstallerSha256"] == hashlib.sha256(b"MZ").hexdigest().upper()
    assert installer["InstallerUrl"].endswith("/v1.2.3/lectern-1.2.3-setup.exe")


def test_what_is_no_version_gets_no_manifest(tmp_path: Path) -> None:
    command = [sys.executable, str(FOLDER / "winget.py"), "1.2", "setup.exe", str(tmp_path / "out")]
    done = subprocess.run(command, check=False, capture_output=True, encoding="utf-8", timeout=LIMIT_S)
    assert done.returncode == 1
    assert done.stderr == "1.2 is no version such as 1.2.3.\n"
    assert not (tmp_path / "out").exists()
