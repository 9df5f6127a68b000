"""`make release`: what it refuses, that it is all or nothing, and the files that it makes."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from waiting import LIMIT_S

ROOT = Path(__file__).resolve().parent.parent
METAINFO = "packaging/io.github.lectern.Lectern.metainfo.xml"
FILES = ("CHANGELOG.md", "pyproject.toml", "packaging/browser/manifest.json", METAINFO)
NEXT = "99.0.0"


def load(name: str) -> ModuleType:
    """A file of packaging/, which is a folder of programs and no package."""
    spec = importlib.util.spec_from_file_location(f"packaging_{name}", ROOT / "packaging" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


release = load("release")
sbom = load("sbom")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", *words], cwd=folder, capture_output=True, encoding="utf-8", check=True, timeout=LIMIT_S
    )
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of its own, with the files that a release changes, on main and clean."""
    folder = tmp_path / "a checkout"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, folder / name)
    changelog = folder / "CHANGELOG.md"
    changelog.write_text(changelog.read_text().replace("## Unreleased\n", "## Unreleased\n\n- Something new.\n", 1))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):  # as git sets them for a hook that runs these tests
        monkeypatch.delenv(name, raising=False)
    git(tmp_path, "init", "--quiet", "--initial-branch", "main", str(folder))
    git(folder, "config", "user.name", "somebody")
    git(folder, "config", "user.email", "somebody@example.org")
    commit(folder)
    monkeypatch.setattr(release, "ROOT", folder)
    return folder


def commit(folder: Path) -> None:
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "Changes")


def refusal(version: str = NEXT) -> str:
    with pytest.raises(release.ReleaseError) as refused:
        release.check_checkout(version)
    return str(refused.value)


def test_what_is_in_order_may_be_released(checkout: Path) -> None:
    assert (checkout / "CHANGELOG.md").exists()
    release.check_checkout(NEXT)


@pytest.mark.parametrize("version", ["", "1", "1.2", "v1.2.3", "1.2.3rc1", "1.2.3 && ls"])
def test_what_is_no_version_is_refused(checkout: Path, version: str) -> None:
    assert checkout.exists()
    assert "is no version such as 1.2.3" in refusal(version)


def test_a_checkout_that_is_not_in_order_is_refused_with_what_to_do(checkout: Path) -> None:
    (checkout / "new.txt").touch()
    assert refusal().endswith("?? new.txt")
    (checkout / "new.txt").unlink()
    git(checkout, "switch", "--quiet", "--create", "other")
    assert refusal() == "this is other, and releases are made on main."
    git(checkout, "switch", "--quiet", "main")
    git(checkout, "tag", f"v{NEXT}")
    assert refusal() == f"v{NEXT} is tagged already."
    assert "does not come after" in refusal("0.0.1")
    changelog = checkout / "CHANGELOG.md"
    begin, _, rest = changelog.read_text().partition("## Unreleased\n")
    changelog.write_text(f"{begin}## Unreleased\n\n{rest[rest.index('## 0.') :]}")
    commit(checkout)
    assert refusal("98.0.0") == "CHANGELOG.md has no entry under Unreleased: there is nothing to release."


def test_the_version_is_written_wherever_it_stands(checkout: Path) -> None:
    release.write_version(checkout, NEXT, "2030-01-02")
    assert release.project_version(checkout) == NEXT
    sections = release.read_sections((checkout / "CHANGELOG.md").read_text())
    assert list(sections)[:2] == ["Unreleased", f"{NEXT} - 2030-01-02"]
    assert sections["Unreleased"].strip() == ""
    assert "- Something new." in sections[f"{NEXT} - 2030-01-02"]
    shown = re.findall(r'<release version="([^"]+)" date="([^"]+)"', (checkout / METAINFO).read_text())
    assert shown[0] == (NEXT, "2030-01-02")
    assert json.loads((checkout / "packaging/browser/manifest.json").read_text())["version"] == NEXT


def state(checkout: Path) -> tuple[str, str, str]:
    return git(checkout, "rev-parse", "main"), git(checkout, "tag", "--list"), git(checkout, "status", "--porcelain")


def test_a_failure_at_any_step_leaves_everything_as_it_was(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise release.ReleaseError("something")

    before = state(checkout)
    monkeypatch.setattr(release, "build_into_dist", lambda *_: (checkout / "dist").mkdir(exist_ok=True))
    for step in ("write_version", "check_pages", "build_into_dist"):
        with monkeypatch.context() as patch:
            patch.setattr(release, step, fail)
            with pytest.raises(release.ReleaseError):
                release.release(NEXT, is_tagging=True)
        assert state(checkout) == before, step


def test_only_with_a_tag_is_something_committed(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (checkout / ".git" / "info" / "exclude").write_text("dist/\n")

    def build(tree: Path, version: str) -> None:
        assert release.project_version(tree) == version == NEXT
        (checkout / "dist").mkdir(exist_ok=True)

    monkeypatch.setattr(release, "build_into_dist", build)
    monkeypatch.setattr(release, "check_pages", lambda _: None)
    before = state(checkout)
    release.release(NEXT, is_tagging=False)
    assert state(checkout) == before
    assert f"make release VERSION={NEXT} TAG=yes" in capsys.readouterr().err
    release.release(NEXT, is_tagging=True)
    assert git(checkout, "rev-parse", "main~1") == before[0]
    assert git(checkout, "cat-file", "-t", f"v{NEXT}") == "tag"
    assert git(checkout, "rev-parse", f"v{NEXT}^{{commit}}") == git(checkout, "rev-parse", "main")
    assert "- Something new." in git(checkout, "tag", "--list", "--format=%(contents)", f"v{NEXT}")
    assert release.project_version(checkout) == NEXT
    with pytest.raises(release.ReleaseError, match="no entry under Unreleased"):
        release.check_checkout("99.0.1")


def test_what_a_tag_does_not_name_is_not_built(checkout: Path) -> None:
    with pytest.raises(release.ReleaseError, match=r"pyproject\.toml has version"):
        release.build_tagged("v98.7.6")
    assert not (checkout / "dist").exists()


@pytest.mark.slow
def test_archive_and_wheel_are_the_same_bytes_each_time_and_the_archive_is_small(tmp_path: Path) -> None:
    sums = []
    for folder in (tmp_path / "first", tmp_path / "second"):
        environment = os.environ | {"SOURCE_DATE_EPOCH": "1764500000"}
        command = [sys.executable, "-m", "hatchling", "build", "-d", str(folder)]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, timeout=LIMIT_S)
        sums.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()})
    assert len(sums[0]) == 2
    assert sums[0] == sums[1]
    (archive,) = (tmp_path / "first").glob("*.tar.gz")
    assert archive.stat().st_size < release.MAX_SOURCE_BYTES


def test_the_bill_of_materials_has_every_package_once_and_says_what_needs_what() -> None:
    packages = sbom.read_packages(sbom.HASHED.read_text())
    bill = sbom.bill("1.2.3", datetime(2030, 1, 2, tzinfo=UTC), packages, sbom.read_needs(sbom.SHARED.read_text()))
    again = sbom.bill("1.2.3", datetime(2030, 1, 2, tzinfo=UTC), packages, sbom.read_needs(sbom.SHARED.read_text()))
    assert bill == again
    assert bill["metadata"]["timestamp"] == "2030-01-02T00:00:00Z"
    refs = [part["bom-ref"] for part in bill["components"]]
    assert len(refs) == len(set(refs)) == len(re.findall(r"^\w.*==", sbom.HASHED.read_text(), re.MULTILINE))
    needs = {entry["ref"]: entry["dependsOn"] for entry in bill["dependencies"]}
    assert set(needs) == {*refs, "pkg:pypi/lectern@1.2.3"}
    assert {ref for wanted in needs.values() for ref in wanted} <= set(refs)
    (onnx,) = (ref for ref in refs if "/onnxruntime@" in ref)
    assert onnx in needs["pkg:pypi/lectern@1.2.3"]
    assert any("/flatbuffers@" in ref for ref in needs[onnx])
    for part in bill["components"]:
        assert all(re.fullmatch(r"[0-9a-f]{64}", found["content"]) for found in part["hashes"]), part["name"]
    licences = {part["name"]: part.get("licenses") for part in bill["components"]}
    assert licences["av"] == [{"expression": "BSD-3-Clause"}]
