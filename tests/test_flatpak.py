"""The Flatpak's manifest: every file is there, every wheel is the lock's, and nothing is permitted without a reason."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "packaging" / "flatpak"
APP_ID = "io.github.lectern.Lectern"
MANIFEST = yaml.safe_load((FOLDER / f"{APP_ID}.yml").read_text(encoding="utf-8"))
LOCK = (ROOT / "packaging" / "requirements.txt").read_text(encoding="utf-8")


def load_sources() -> Any:
    spec = importlib.util.spec_from_file_location("flatpak_sources", FOLDER / "sources.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sources = load_sources()


def test_every_file_that_the_manifest_names_is_here() -> None:
    assert MANIFEST["id"] == APP_ID
    assert MANIFEST["command"] == "lectern"
    for module in MANIFEST["modules"]:
        if isinstance(module, str):
            assert module == sources.TARGET.name, "made from the lock when it is needed"
            continue
        for source in module["sources"]:
            if source["type"] == "file":
                assert (FOLDER / source["path"]).is_file(), source
            elif source["type"] == "archive":
                assert re.fullmatch(r"[0-9a-f]{64}", source["sha256"])
                assert source["url"].startswith("https://")


def wheel(name: str, digest: str) -> dict[str, Any]:
    return {"url": f"https://files.example/{name}.whl", "hashes": {"sha256": digest * 64}}


def test_each_processor_gets_the_wheel_that_suits_it_best() -> None:
    plain = {"name": "plain", "version": "1.0", "wheels": [wheel("plain-1.0-py3-none-any", "a")]}
    compiled = {
        "name": "fast",
        "version": "2.0",
        "wheels": [
            wheel("fast-2.0-cp313-cp313-win_amd64", "b"),
            wheel("fast-2.0-cp312-cp312-manylinux_2_28_x86_64", "c"),
            wheel("fast-2.0-cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64", "d"),
            wheel("fast-2.0-cp313-cp313-manylinux_2_28_x86_64", "e"),
            wheel("fast-2.0-cp311-abi3-manylinux_2_28_aarch64", "f"),
        ],
    }
    elsewhere = plain | {"name": "elsewhere", "marker": "sys_platform == 'win32'"}
    left_out = {"name": "docopt", "version": "0.6"}
    made = sources.module_of([plain, compiled, elsewhere, left_out])
    assert [(source["sha256"][0], source.get("only-arches")) for source in made["sources"]] == [
        ("a", None),
        ("e", ["x86_64"]),
        ("f", ["aarch64"]),
    ]
    assert {source["type"] for source in made["sources"]} == {"file"}
    with pytest.raises(SystemExit, match=r"fast 2.0 has no wheel for the runtime on aarch64"):
        sources.module_of([compiled | {"wheels": compiled["wheels"][:-1]}])


def test_what_is_locked_has_a_hash_for_each_file() -> None:
    entries = re.split(r"\n(?=\w)", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE))
    assert len(entries) > 40
    assert [entry.split("\n")[0] for entry in entries if "--hash=sha256:" not in entry] == []


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
