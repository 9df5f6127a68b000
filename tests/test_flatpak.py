"""The Flatpak's manifest: every file is there, every wheel is the lock's, and nothing is permitted without a reason."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from packaging.markers import Marker
from packaging.utils import canonicalize_name, parse_wheel_filename

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "packaging" / "flatpak"
APP_ID = "io.github.lectern.Lectern"
MANIFEST = yaml.safe_load((FOLDER / f"{APP_ID}.yml").read_text(encoding="utf-8"))
MODULES = json.loads((FOLDER / "python-modules.json").read_text(encoding="utf-8"))
LOCK = (ROOT / "packaging" / "requirements.txt").read_text(encoding="utf-8")
AGAIN = "Run packaging/flatpak/sources.py."


def test_every_file_that_the_manifest_names_is_here() -> None:
    assert MANIFEST["id"] == APP_ID
    assert MANIFEST["command"] == "lectern"
    for module in MANIFEST["modules"]:
        if isinstance(module, str):
            assert (FOLDER / module).is_file()
            continue
        for source in module["sources"]:
            if source["type"] == "file":
                assert (FOLDER / source["path"]).is_file(), source
            elif source["type"] == "archive":
                assert re.fullmatch(r"[0-9a-f]{64}", source["sha256"])
                assert source["url"].startswith("https://")


def test_the_wheels_are_those_of_the_lock_for_both_processors() -> None:
    here: dict[str, set[str]] = {"x86_64": set(), "aarch64": set()}
    for source in MODULES["sources"]:
        assert f"sha256:{source['sha256']}" in LOCK, f"{source['url']}: {AGAIN}"
        name, version, _, tags = parse_wheel_filename(source["url"].rpartition("/")[2])
        assert re.search(rf"^{name}=={re.escape(str(version))}\b", LOCK, re.MULTILINE), AGAIN
        assert any(tag.interpreter in ("py3", "cp313") or tag.abi == "abi3" for tag in tags), source["url"]
        for machine in source.get("only-arches", here):
            here[machine].add(name)
    runtime = {"sys_platform": "linux", "python_version": "3.13", "python_full_version": "3.13.0"}
    wanted = {
        canonicalize_name(name)
        for name, marker in re.findall(r"^([\w.-]+)==[^;\\]*(?:; (.*?))?(?: \\)?$", LOCK, re.MULTILINE)
        if not marker or Marker(marker).evaluate(runtime | {"platform_machine": "x86_64"})
    }
    assert here["x86_64"] == here["aarch64"] == wanted - {"docopt"}, AGAIN


def test_permissions_are_few_and_each_group_has_its_reason() -> None:
    text = (FOLDER / f"{APP_ID}.yml").read_text(encoding="utf-8")
    block = text[text.index("finish-args:") : text.index("modules:")]
    assert len(MANIFEST["finish-args"]) == block.count("\n  - --")
    assert re.match(r"finish-args:\n  # ", block)
    wide = (
        "--filesystem=h",
        "--device=all",
        "--socket=session-bus",
        "--socket=system-bus",
        "--talk-name=org.freedesktop.Flatpak",
    )
    assert [given for given in MANIFEST["finish-args"] if given.startswith(wide)] == []
